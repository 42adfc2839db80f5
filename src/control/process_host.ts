/** A process of its own as the place of a worker. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { PostedLogger } from "../worker/posted_logger.ts";
import type { FromProcess, FromWorker, ToProcess, ToWorker } from "../worker/messages.ts";
import type { RunFlags } from "../worker/run_signal.ts";
import { denoArguments } from "./deno_arguments.ts";
import { withoutEscapes } from "./text_format.ts";
import type { HostListener, WorkerHost } from "./worker_host.ts";

/** Module that the process of a worker begins with. */
const PROCESS_ENTRY = new URL("../worker/process_entry.ts", import.meta.url).href;

/** Lines of standard error output that are kept for the report of its death. */
const LINES_KEPT = 20;

/** A process that was told to leave and is still there after this time is killed. */
const LEAVE_MS = 2000;

/** For how long output of a process that has ended is awaited; what it started itself may keep its pipes open. */
const LAST_OUTPUT_MS = 300;

/**
 * Starts a worker's process with this program's permissions and configuration, in a session of its own: it gets no signals
 * from the terminal, and can be killed with all that it has started. Messages go over a socket that only the two have; what
 * is written to standard output and error goes into the log.
 */
export class ProcessHost implements WorkerHost {
  readonly #child: ChildProcess;
  readonly #listener: HostListener;
  readonly #output: PostedLogger;
  readonly #lastWords: string[] = [];
  #flags: RunFlags;
  #vanished = "";
  #isGone = false;
  #leaving: ReturnType<typeof setTimeout> | undefined;

  /** @param flags The run's flags now. @param listener Is told what comes from it. */
  constructor(flags: RunFlags, listener: HostListener) {
    this.#flags = flags;
    this.#listener = listener;
    this.#output = new PostedLogger((level, text) => listener.log(level, text));
    this.#child = spawn(Deno.execPath(), denoArguments(PROCESS_ENTRY), {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
      detached: true,
    });
    const { stdout, stderr } = this.#child;
    this.#child.on("message", (message: FromProcess) => this.#take(message));
    this.#child.on("error", (error) => this.#leave({ message: error.message, signal: null, exitCode: null }));
    const ends = [
      takeLines(stdout!, (line) => this.#output.info(line)),
      takeLines(stderr!, (line) => this.#takeError(line)),
      new Promise<void>((resolve) => this.#child.on("disconnect", resolve)),
    ];
    this.#child.on("exit", async (code, signal) => {
      clearTimeout(this.#leaving);
      // What it said last may still be on its way.
      let timer: ReturnType<typeof setTimeout> | undefined;
      const patience = new Promise((resolve) => timer = setTimeout(resolve, LAST_OUTPUT_MS));
      await Promise.race([Promise.all(ends), patience]);
      clearTimeout(timer);
      stdout!.destroy();
      stderr!.destroy();
      this.#leave({ message: this.#vanished, signal: signal ?? null, exitCode: code ?? null });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  post(message: ToWorker): void {
    if (message.type !== "load") return this.#send(message);
    const { signal: _, ...task } = message.task;
    this.#send({ type: "load", task, flags: this.#flags });
  }

  passOn(flags: RunFlags): void {
    this.#flags = flags;
    this.#send({ type: "flags", flags });
  }

  dismiss(): void {
    if (this.#isGone || !this.#child.connected) return;
    this.#child.disconnect();
    this.#leaving = setTimeout(() => this.kill(), LEAVE_MS);
  }

  kill(): boolean {
    try {
      Deno.kill(-this.pid, "SIGKILL");
    } catch {
      // It has ended already, which is reported.
    }
    return true;
  }

  #send(message: ToProcess): void {
    // A process that has died gets nothing more; that it has is reported.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #take(message: FromProcess): void {
    if (this.#isGone) return;
    if (message.type !== "vanished") return this.#listener.message(message satisfies FromWorker);
    // The thread in it is gone; the process goes, too.
    this.#vanished = message.message;
    this.kill();
  }

  #takeError(line: string): void {
    this.#output.warn(line);
    if (line.trim() === "") return;
    this.#lastWords.push(line);
    if (this.#lastWords.length > LINES_KEPT) this.#lastWords.shift();
  }

  #leave(end: { readonly message: string; readonly signal: string | null; readonly exitCode: number | null }): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#output.flush();
    this.#listener.gone({ ...end, lastWords: this.#lastWords });
  }
}

/** Gives each line of a stream to a function. Resolves at its end. */
function takeLines(stream: Readable, take: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  stream.on("data", (bytes: Uint8Array) => {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) take(withoutEscapes(line));
  });
  return new Promise((resolve) => {
    const end = () => {
      if (rest !== "") take(withoutEscapes(rest));
      rest = "";
      resolve();
    };
    stream.on("end", end);
    stream.on("close", end);
    stream.on("error", end);
  });
}

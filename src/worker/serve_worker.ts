/** The life of a worker: load, ready, start, ended. */
import type { DaqFunction } from "./context.ts";
import { EventBooks } from "./event_books.ts";
import { findExport } from "./find_export.ts";
import { misspeltKeys } from "./function_settings.ts";
import type { FailurePhase, ToWorker, WorkerTask } from "./messages.ts";
import { claimedFiles, listenForFiles } from "./run_file.ts";
import type { WorkerChannel } from "./worker_channel.ts";
import { WorkerContext, workerFailure } from "./worker_context.ts";

/**
 * Serves one task: loads its function and answers `ready`, runs it on `start`, and says `ended`. Whatever is thrown is
 * reported with its phase; the rings are released and signed off in every case.
 *
 * @param channel Line to the control. Web Workers and processes differ in nothing else.
 */
export function serveWorker(channel: WorkerChannel): void {
  let loading: Promise<LoadedTask | null> | undefined;
  channel.listen((message: ToWorker) => {
    switch (message.type) {
      case "load":
        loading = load(channel, message.task);
        break;
      case "start":
        loading?.then((loaded) => loaded?.run());
        break;
      case "leave":
        loading?.then((loaded) => loaded?.leave());
    }
  });
}

async function load(channel: WorkerChannel, task: WorkerTask): Promise<LoadedTask | null> {
  let context: WorkerContext | null = null;
  try {
    const exports = await importModule(task.module);
    const run = findExport(exports, [task.exportName, task.functionName], task.module);
    context = new WorkerContext(task, (message) => channel.post(message));
    redirectConsole(context);
    forbidExit();
    await run.check?.(context);
    if (task.workerNumber === 0) misspeltKeys(context).forEach((text) => context?.log.warn(text));
    channel.post({ type: "ready", files: claimedFiles(context), threadId: threadId() });
    listenForFiles(context, (file) => channel.post({ type: "writes", file }));
    return new LoadedTask(channel, { context, run, isRestartable: task.isRestartable });
  } catch (error) {
    channel.post({ type: "failed", failure: workerFailure(error, "load", null) });
    context?.close();
    const counts = (context?.books ?? new EventBooks(0)).counts();
    channel.post({ type: "ended", ok: false, hasReturned: false, counts });
    return null;
  }
}

async function importModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(url) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot load module ${url}: expected a module without errors, found "${text}"`, { cause: error });
  }
}

class LoadedTask {
  readonly #channel: WorkerChannel;
  readonly #context: WorkerContext;
  readonly #run: DaqFunction<unknown>;
  readonly #isRestartable: boolean;
  #ok = true;
  #leave: () => void = () => {};

  constructor(
    channel: WorkerChannel,
    task: {
      readonly context: WorkerContext;
      readonly run: DaqFunction<unknown>;
      readonly isRestartable: boolean;
    },
  ) {
    this.#channel = channel;
    this.#context = task.context;
    this.#run = task.run;
    this.#isRestartable = task.isRestartable;
  }

  async run(): Promise<void> {
    const context = this.#context;
    const run = this.#run;
    let hasReturned = false;
    globalThis.addEventListener("unhandledrejection", this.#takeStray);
    globalThis.addEventListener("error", this.#takeLast);
    try {
      const result: unknown = await run(context);
      if (result !== undefined && this.#phase() === "start") throw notWrapped(context.functionName, result);
      hasReturned = true;
    } catch (error) {
      this.#report(error, this.#phase());
      context.markFailed();
    }
    try {
      context.release();
      if (!hasReturned && this.#isRestartable) await this.#untilLeave();
      context.close();
    } catch (error) {
      this.#report(error, "end");
    }
    globalThis.removeEventListener("unhandledrejection", this.#takeStray);
    const ok = this.#ok && !context.hasFailed;
    this.#channel.post({ type: "ended", ok, hasReturned, counts: context.books.counts() });
  }

  /** The control has made room for another worker in this one's place. */
  leave(): void {
    this.#leave();
  }

  #untilLeave(): Promise<void> {
    const left = new Promise<void>((resolve) => this.#leave = resolve);
    this.#channel.post({ type: "leaving" });
    return left;
  }

  /** A promise that nobody awaits has failed: the function goes on, but the run must not count as a success. */
  readonly #takeStray = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    this.#report(event.reason, this.#phase());
  };

  /** Something was thrown where nobody can catch it, in a timer for example: the engine ends the thread after this call. */
  readonly #takeLast = ({ error, message }: ErrorEvent): void => {
    this.#context.sendAll();
    const { eventCounter } = this.#context;
    const failure = workerFailure(error ?? new Error(message), this.#phase(), eventCounter);
    this.#channel.post({ type: "failed", failure, isLast: true });
  };

  #report(error: unknown, phase: FailurePhase): void {
    this.#ok = false;
    const { eventCounter } = this.#context;
    this.#channel.post({ type: "failed", failure: workerFailure(error, phase, eventCounter) });
  }

  #phase(): FailurePhase {
    const { sources, observes, books } = this.#context;
    if (sources.some((source) => source.held !== null)) return "event";
    if (sources.length === 0 && observes.length > 0 && books.current !== null) return "event";
    if (sources.length > 0 && sources.every((source) => source.ending)) return "end";
    const hasBegun = books.taken > 0 || books.discarded > 0 || books.published.some((count) => count > 0);
    return hasBegun ? "event" : "start";
  }
}

/** What works on single events was named in the setup as if it were a whole function. */
function notWrapped(name: string, result: unknown): TypeError {
  const found = typeof result === "function" ? "a function" : Deno.inspect(result, { depth: 0 }).slice(0, 80);
  return new TypeError(
    `Cannot run "${name}": expected a function that works until its rings end, found one that returned ${found} at once; ` +
      `perhaps filter(), processor(), importer() or exporter() is missing around it`,
  );
}

/** The system's number of this thread; null where it does not tell, or must not be asked. */
function threadId(): number | null {
  try {
    // A call that returns at once is made in this thread, and the system answers for the thread that asks.
    const id = /\/task\/(\d+)$/.exec(Deno.readLinkSync("/proc/thread-self"))?.[1];
    return id === undefined ? null : Number(id);
  } catch {
    return null;
  }
}

/** Lines that a function prints belong into the log of the run, not between the lines of its display. */
function redirectConsole(context: WorkerContext): void {
  const text = (values: unknown[]) =>
    values.map((value) => typeof value === "string" ? value : Deno.inspect(value)).join(" ");
  console.log = (...values: unknown[]) => context.log.info(text(values));
  console.info = console.log;
  console.debug = (...values: unknown[]) => context.log.debug(text(values));
  console.warn = (...values: unknown[]) => context.log.warn(text(values));
  console.error = (...values: unknown[]) => context.log.error(text(values));
}

/** Both would end the thread without a word, while its events and rings wait for it for ever. */
function forbidExit(): void {
  const refuse = (name: string) => () => {
    throw new Error(`Cannot call ${name}: expected the function to return when it is done, or to throw if it failed`);
  };
  Object.defineProperty(Deno, "exit", { value: refuse("Deno.exit()") });
  Object.defineProperty(globalThis, "close", { value: refuse("close()") });
}

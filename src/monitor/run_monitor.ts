/** The run's side of its page: starts the thread that serves it, tells it the news, and carries out its commands. */
import type { RingStatus } from "../ring/ring_status.ts";
import type { PanelSource } from "../control/panel_parts.ts";
import type { LogEntry } from "../control/run_log.ts";
import type { RunSnapshot } from "../control/run_snapshot.ts";
import type { RunWatcher, WatchedEnd, WatchedRun } from "../control/run_watcher.ts";
import { SetupRefused } from "../control/setup_refused.ts";
import type { WorkerLife } from "../control/worker_life.ts";
import { reserveFile } from "../functions/result_file.ts";
import type { FunctionConfig, FunctionContext } from "../worker/context.ts";
import { LOG_LEVELS } from "../worker/logger.ts";
import type { Plan } from "../setup/plan.ts";
import type { Panel } from "../worker/panel.ts";
import { PanelLine } from "../worker/panel_line.ts";
import { runFile } from "../worker/run_file.ts";
import { isLoopback, newToken } from "./access_guard.ts";
import { adoptDisplays, type DisplayOfPlan } from "./adopted_displays.ts";
import { CommandLine } from "./command_line.ts";
import { helloMessage } from "./hello_message.ts";
import type { AdoptedDisplay, FromMonitor, MonitorSetup, RawState, RawWorker, ToMonitor } from "./messages.ts";
import { COMMAND_WORDS, type CommandReply, RunCommands, workerNames } from "./run_commands.ts";
import { USUAL_ADDRESS, type WebAddress } from "./web_address.ts";

const STATE_INTERVAL_MS = 90;
/** How long the thread may take to begin, to draw the last events, and to say goodbye. */
const BEGIN_TIMEOUT_MS = 20_000;
const FINISH_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 500;

/** Displays of all workers in all their lives. */
const MOST_PANELS = 10_000;

const KEY_HELP = "Keys: p pause  r resume  s stop  e end  : command";

/** Commands that change nothing. */
const QUESTIONS: readonly string[] = ["", "rings", "workers", "stats", "help"];

/** Options of {@linkcode RunMonitor}. */
export interface RunMonitorOptions {
  /** Where to serve the page; null: nowhere; undefined: at the usual address unless the setup says no. */
  readonly address?: WebAddress | null | undefined;
  /** Keeps the page up after the run until somebody ends it. @default {false} */
  readonly keepsOpen?: boolean;
  /** Shown once the page is there. @default the run's own display */
  readonly onAddress?: (address: string) => void;
}

/** Follows a run, serves its page, and takes commands at the terminal. */
export class RunMonitor implements RunWatcher {
  readonly #options: RunMonitorOptions;
  readonly #line: CommandLine;
  #address: WebAddress | null = null;
  #displays: readonly DisplayOfPlan[] = [];
  #thread: Worker | null = null;
  #run: WatchedRun | null = null;
  #commands: RunCommands | null = null;
  #snapshot: RunSnapshot | null = null;
  #statuses: ReadonlyMap<string, RingStatus> = new Map();
  #postedAtMs = -Infinity;
  #postedState = "";
  #url: string | null = null;
  /** Messages of the log from before the thread was set up. */
  #early: ToMonitor[] = [];
  #isSetUp = false;
  #isLingering = false;
  /** No worker is at work any more. */
  #isOver = false;
  #panelsTaken = 0;
  readonly #panelSources = new Map<string, PanelSource>();
  /** A thread that is slow, or waits for its visitors, must not let them pile up. */
  readonly #panels = new PanelLine({
    send: (key, panel) => this.#post({ type: "panel", source: this.#panelSources.get(key)!, panel }),
    taken: () => this.#panelsTaken,
    onError: (text) => this.#run?.log.add("warn", "page", text),
    most: MOST_PANELS,
  });
  #answer: (message: FromMonitor) => void = () => {};
  #leave: () => void = () => {};

  /** @param options Where, and how long. */
  constructor(options: RunMonitorOptions = {}) {
    this.#options = options;
    this.#line = new CommandLine({
      onLine: (line) => this.#takeLine(line),
      words: (before) => this.#words(before),
    });
  }

  /** Address of the page, with its token; null if there is none. */
  get url(): string | null {
    return this.#url;
  }

  async adopt(plan: Plan): Promise<Plan> {
    const { address } = this.#options;
    this.#address = address === undefined ? (plan.page ? USUAL_ADDRESS : null) : address;
    if (this.#address === null) return plan;
    this.#thread = new Worker(new URL("./monitor_worker.ts", import.meta.url).href, { type: "module", name: "page" });
    this.#thread.onmessage = (event: MessageEvent<FromMonitor>) => this.#takeMessage(event.data);
    this.#thread.onerror = (event) => {
      event.preventDefault();
      this.#lose(event.message);
    };
    const adopted = await adoptDisplays(plan);
    this.#displays = adopted.displays;
    return adopted.plan;
  }

  async open(run: WatchedRun): Promise<void> {
    this.#run = run;
    this.#commands = new RunCommands(run, () => this.#snapshot);
    if (this.#thread === null || this.#address === null) return;
    const token = isLoopback(this.#address.hostname) ? null : newToken();
    const setup: MonitorSetup = {
      hello: helloMessage(run, this.#displays),
      observers: [...run.control.rings.values()].map((ring) => ring.newObserver()),
      displays: this.#displays.map((display) => this.#adoptedDisplay(run, display)),
      address: this.#address,
      token,
    };
    const answer = this.#next(BEGIN_TIMEOUT_MS);
    this.#thread.postMessage({ type: "setup", setup } satisfies ToMonitor);
    this.#isSetUp = true;
    for (const message of this.#early) this.#post(message);
    this.#early = [];
    const message = await answer;
    if (message?.type === "listening") this.#tellAddress(message, token);
    else this.#takeNoPage(message?.type === "failed" ? message.message : "the page's thread does not answer");
  }

  status(snapshot: RunSnapshot, statuses: ReadonlyMap<string, RingStatus>): void {
    this.#snapshot = snapshot;
    this.#statuses = statuses;
    const nowMs = performance.now();
    this.#panels.look(nowMs);
    if (nowMs - this.#postedAtMs < STATE_INTERVAL_MS && snapshot.state === this.#postedState) return;
    this.#postedAtMs = nowMs;
    this.#postedState = snapshot.state;
    this.#postState(false);
  }

  message({ time, level, source, text }: LogEntry): void {
    this.#post({ type: "log", entry: { timeMs: time.getTime(), level, source, text } });
  }

  panel(source: PanelSource, panel: Panel): void {
    if (!this.#isSetUp) return;
    const { entry, worker, life, name } = source;
    const key = JSON.stringify([entry, worker, life, name]);
    this.#panelSources.set(key, source);
    this.#panels.put(key, panel);
  }

  key(key: string): boolean {
    if (this.#line.key(key)) return true;
    if (!this.#isLingering) return false;
    if (key === "e" || key === "E") this.#leave();
    return true;
  }

  ordered(): void {
    this.#leave();
  }

  prompt(): string | null {
    return this.#line.line === null ? KEY_HELP : `:${this.#line.line}_`;
  }

  async finish(): Promise<void> {
    this.#isOver = true;
    if (!this.#isSetUp) return;
    this.#postState(false);
    this.#panels.flush();
    const answer = this.#next(FINISH_TIMEOUT_MS);
    this.#post({ type: "finish" });
    await answer;
  }

  async linger({ text }: WatchedEnd): Promise<void> {
    if (!this.#isSetUp) return;
    this.#snapshot = this.#snapshot === null ? null : atRest(this.#snapshot);
    const timeMs = Date.now();
    this.#post({ type: "log", entry: { timeMs, level: "info", source: "run", text: text.trimEnd() } });
    this.#postState(true);
    if (this.#options.keepsOpen === true && this.#url !== null) await this.#wait();
    const answer = this.#next(CLOSE_TIMEOUT_MS);
    this.#post({ type: "close" });
    await answer;
  }

  close(): void {
    this.#isSetUp = false;
    this.#thread?.terminate();
    this.#thread = null;
    this.#answer({ type: "closed" });
  }

  /** Words that may come next on a command line. */
  #words(before: string): readonly string[] {
    const { workers = [], rings = new Map<string, unknown>() } = this.#run?.control ?? {};
    switch (before.trim().split(/\s+/)[0].toLowerCase()) {
      case "":
        return COMMAND_WORDS;
      case "stop":
        return /^\s*stop\s+workers?\s/i.test(before) ? workerNames(workers) : ["worker"];
      case "log":
        return LOG_LEVELS;
      case "pause":
      case "resume":
      case "shutdown":
        return ["roots", "all", ...rings.keys()];
      default:
        return [];
    }
  }

  #wait(): Promise<void> {
    this.#run!.print(`The page stays at ${this.#url}; e or Ctrl-C ends it\n`);
    this.#isLingering = true;
    return new Promise((resolve) => {
      // A run without a listener for anything would end the program here: nothing else is pending.
      const keepAlive = setInterval(() => {}, 1000);
      this.#leave = () => {
        clearInterval(keepAlive);
        resolve();
      };
    });
  }

  #post(message: ToMonitor): void {
    if (this.#isSetUp) this.#thread?.postMessage(message);
    else if (message.type === "log") this.#early.push(message);
  }

  #postState(isOver: boolean): void {
    if (!this.#isSetUp || this.#snapshot === null || this.#run === null) return;
    const { control } = this.#run;
    const state: RawState = {
      timeMs: Date.now(),
      snapshot: this.#snapshot,
      stopReason: control.stopReason?.text ?? null,
      statuses: this.#statuses,
      workers: control.workers.map(({ plan, workerNumber, state, ok, retiredAt, life, sourceRows, sinkRows }) => ({
        name: plan.name,
        worker: workerNumber,
        state,
        ok,
        isStopped: retiredAt !== null,
        host: hostOf(life),
        sourceRows,
        sinkRows,
      })),
      isOver,
    };
    this.#post({ type: "state", state });
  }

  /** The thread's next answer; null if it takes too long. */
  #next(timeoutMs: number): Promise<FromMonitor | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), timeoutMs);
      this.#answer = (message) => {
        clearTimeout(timer);
        this.#answer = () => {};
        resolve(message);
      };
    });
  }

  #takeMessage(message: FromMonitor): void {
    switch (message.type) {
      case "command":
        return this.#takeCommand(message.id, message.command);
      case "taken":
        this.#panelsTaken++;
        return;
      case "warning":
        this.#run?.log.add("warn", "page", message.text);
        return;
      default:
        return this.#answer(message);
    }
  }

  #takeCommand(id: number, command: string): void {
    this.#post({ type: "reply", id, ...this.#execute(command) });
  }

  #execute(line: string): CommandReply {
    if (this.#commands === null) return { ok: false, text: "The run is not set up yet" };
    if (!this.#isOver) return this.#commands.execute(line);
    const word = line.trim().toLowerCase();
    if (QUESTIONS.includes(word)) return this.#commands.execute(line);
    if (!this.#isLingering || (word !== "end" && word !== "stop")) {
      const can = [...(this.#isLingering ? ["end closes the page"] : []), `you can ask for ${QUESTIONS.join(", ")}`];
      return { ok: false, text: `The run is over: ${can.join("; ")}` };
    }
    // The answer goes first.
    setTimeout(() => this.#leave(), 100);
    return { ok: true, text: "The run is over; closing the page" };
  }

  /** Carries out a line of the terminal. */
  #takeLine(line: string): void {
    const reply = this.#execute(line);
    this.#run?.print(`:${line}\n${reply.text === "" ? "" : `${reply.text}\n`}`);
  }

  #tellAddress({ hostname, port }: { readonly hostname: string; readonly port: number }, token: string | null): void {
    const any = hostname === "0.0.0.0" || hostname === "::";
    const name = any ? Deno.hostname() : hostname.includes(":") ? `[${hostname}]` : hostname;
    this.#url = `http://${name}:${port}/${token === null ? "" : `?token=${token}`}`;
    const tell = this.#options.onAddress ?? ((url) => this.#run!.print(`Page: ${url}\n`));
    tell(this.#url);
  }

  /** Without a page the run goes on, unless somebody asked for just this address. */
  #takeNoPage(reason: string): void {
    const { hostname, port, isExact } = this.#address!;
    const text = `Cannot serve the page at ${hostname}:${port}: ${reason}`;
    if (isExact) throw new SetupRefused([text]);
    this.#run!.log.add("warn", "page", text);
  }

  #lose(reason: string): void {
    this.#run?.log.add("error", "page", `the page is gone: ${reason}`);
    this.close();
  }

  #adoptedDisplay(run: WatchedRun, { fn, ring, display, warnings }: DisplayOfPlan): AdoptedDisplay {
    for (const text of warnings) run.log.add("warn", fn.name, text);
    const owner = { runDirectory: run.runDirectory, workerNumber: 0, functionName: fn.functionName };
    const path = runFile(owner as FunctionContext<FunctionConfig>, `waveform_${ring}`, ".svg");
    return { name: fn.name, ring, display, path: reserveFile(path, fn.name) };
  }
}

/** The last state of a run that is over: nothing flows any more. */
function atRest(snapshot: RunSnapshot): RunSnapshot {
  return { ...snapshot, rings: snapshot.rings.map((ring) => ({ ...ring, rateHz: 0 })) };
}

/** What the system calls the thread or the process that a worker lives in; null as long as it is not known. */
function hostOf({ pid, threadId }: WorkerLife): RawWorker["host"] {
  if (pid !== null) return { pid, tid: null };
  return threadId === null ? null : { pid: Deno.pid, tid: threadId };
}

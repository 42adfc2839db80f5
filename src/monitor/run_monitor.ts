/** The run's side of its page: starts the thread that serves it, tells it the news, and carries out its commands. */
import type { RingStatus } from "../ring/ring_status.ts";
import type { LogEntry } from "../control/run_log.ts";
import type { RunSnapshot } from "../control/run_snapshot.ts";
import type { RunWatcher, WatchedEnd, WatchedRun } from "../control/run_watcher.ts";
import { SetupRefused } from "../control/setup_refused.ts";
import { reserveFile } from "../functions/result_file.ts";
import type { FunctionConfig, FunctionContext } from "../worker/context.ts";
import type { Plan } from "../setup/plan.ts";
import type { Panel } from "../worker/panel.ts";
import { runFile } from "../worker/run_file.ts";
import { isLoopback, newToken } from "./access_guard.ts";
import { adoptDisplays, type DisplayOfPlan } from "./adopted_displays.ts";
import { CommandLine } from "./command_line.ts";
import { helloMessage } from "./hello_message.ts";
import type { AdoptedDisplay, FromMonitor, MonitorSetup, RawState, ToMonitor } from "./messages.ts";
import { COMMAND_WORDS, RunCommands } from "./run_commands.ts";
import { USUAL_ADDRESS, type WebAddress } from "./web_address.ts";

const STATE_INTERVAL_MS = 90;
/** How long the thread may take to begin, to draw the last events, and to say goodbye. */
const BEGIN_TIMEOUT_MS = 20_000;
const FINISH_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 500;

const KEY_HELP = "Keys: p pause  r resume  s stop  e end  : command";

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
  #answer: (message: FromMonitor) => void = () => {};
  #leave: () => void = () => {};

  /** @param options Where, and how long. */
  constructor(options: RunMonitorOptions = {}) {
    this.#options = options;
    this.#line = new CommandLine({
      onLine: (line) => this.#takeLine(line),
      words: () => ["roots", "all", ...COMMAND_WORDS, ...(this.#run?.control.rings.keys() ?? [])],
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
    if (nowMs - this.#postedAtMs < STATE_INTERVAL_MS && snapshot.state === this.#postedState) return;
    this.#postedAtMs = nowMs;
    this.#postedState = snapshot.state;
    this.#postState(false);
  }

  message({ time, level, source, text }: LogEntry): void {
    this.#post({ type: "log", entry: { timeMs: time.getTime(), level, source, text } });
  }

  panel(entry: string, workerNumber: number, name: string, panel: Panel): void {
    this.#post({ type: "panel", entry, worker: workerNumber, name, panel });
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
    if (!this.#isSetUp) return;
    this.#postState(false);
    const answer = this.#next(FINISH_TIMEOUT_MS);
    this.#post({ type: "finish" });
    await answer;
  }

  async linger({ text }: WatchedEnd): Promise<void> {
    if (!this.#isSetUp) return;
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
      workers: control.workers.map(({ plan, workerNumber, state, ok, sourceRows, sinkRows }) => ({
        name: plan.name,
        worker: workerNumber,
        state,
        ok,
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
      case "warning":
        this.#run?.log.add("warn", "page", message.text);
        return;
      default:
        return this.#answer(message);
    }
  }

  #takeCommand(id: number, command: string): void {
    const word = command.trim().toLowerCase();
    if (this.#isLingering && (word === "end" || word === "stop")) setTimeout(() => this.#leave(), 100);
    const reply = this.#commands?.execute(command) ?? { ok: false, text: "The run is not set up yet" };
    this.#post({ type: "reply", id, ...reply });
  }

  /** Carries out a line of the terminal. */
  #takeLine(line: string): void {
    const reply = this.#commands?.execute(line) ?? { ok: false, text: "The run is not set up yet" };
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

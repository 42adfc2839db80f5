/** A data-taking run as a whole: from a setup file to a run directory. */
import { join } from "node:path";
import { fileError } from "../files/file_error.ts";
import type { Plan } from "../setup/plan.ts";
import { formatProblem } from "../setup/problem.ts";
import { describeAbandonedRuns } from "./abandoned_runs.ts";
import { BufferControl } from "./buffer_control.ts";
import { dataFlowSvg } from "./data_flow.ts";
import { describePlan, describePlanInDetail } from "./describe_plan.ts";
import { FileResolver } from "./file_resolver.ts";
import { Keyboard } from "./keyboard.ts";
import { openDisplay, reportWidth } from "./open_display.ts";
import { createRunDirectory, namesOfCopies, runDirectoryName } from "./run_directory.ts";
import type { RunDisplay, Verbosity } from "./run_display.ts";
import { RunLog } from "./run_log.ts";
import type { RunOptions, RunResult } from "./run_options.ts";
import { RunReporter } from "./run_reporter.ts";
import { resolvedSetup } from "./resolved_setup.ts";
import { listenForSignals } from "./run_signals.ts";
import type { WatchedRun } from "./run_watcher.ts";
import { SetupRefused } from "./setup_refused.ts";

/** How often the run is looked after if no worker reports anything. */
const TICK_MS = 100;

/** A tick that took longer means that the program was suspended; no write of ours to a disk should take so long. */
const SUSPENDED_MS = 2000;

const KEY_HELP = "Keys: p pause  r resume  s stop  e end";

export type { RunOptions, RunResult } from "./run_options.ts";

/**
 * Sets up and runs data acquisition as a setup file says.
 *
 * Without options it only shows itself on standard output; it takes no signals and no keys, and never exits the program.
 *
 * @example Take 20 simulated events
 * ```ts
 * import { RunMimoDAQ } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const setup = `
 * RingBuffer:
 *   - RB_1: { number_of_slots: 16, channel_per_slot: 500, data_type: { 1: [chA, float32], 2: [chB, float32] } }
 * Functions:
 *   - Fkt_main: { runevents: 20 }
 *   - Fkt_1: { file_name: simul_source, fkt_name: simulation_source, RB_assign: { RB_1: write } }
 *   - Fkt_2: { file_name: exporters, fkt_name: save_parquet, RB_assign: { RB_1: read } }
 * FunctionConfigs:
 *   simulation_source:
 *     { number_of_samples: 500, sample_time_ns: 4, analogue_offset: 0, pre_trigger_samples: 50, sleeptime: 0 }
 *   save_parquet: { filename: muons }
 * `;
 * await Deno.writeTextFile(`${folder}/muon_setup.yaml`, setup);
 * const daq = new RunMimoDAQ(`${folder}/muon_setup.yaml`, { verbose: 0, outputDirectory: `${folder}/target` });
 * await daq.setup();
 * const { exitCode, runDirectory, record } = await daq.run();
 * assertEquals([exitCode, record.status], [0, "complete"]);
 * assertEquals((await Deno.stat(`${runDirectory}/muons.tar`)).isFile, true);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class RunMimoDAQ {
  readonly #setupFile: string;
  readonly #options: RunOptions;
  readonly #verbose: Verbosity;
  readonly #display: RunDisplay;
  readonly #log: RunLog;
  readonly #resolver = new FileResolver();
  readonly #abort = new AbortController();
  #plan: Plan | null = null;
  #control: BufferControl | null = null;
  #reporter: RunReporter | null = null;
  #keyboard: Keyboard | null = null;
  #stopListening: () => void = () => {};
  #hasStarted = false;
  /** What somebody wanted between `setup()` and the start. */
  #earlyOrder: () => void = () => {};

  /**
   * Only remembers what to run; `setup()` reads the setup.
   *
   * @param setupFile Path of the setup.
   * @param options What the command line would say.
   */
  constructor(setupFile: string, options: RunOptions = {}) {
    this.#setupFile = setupFile;
    this.#options = options;
    this.#verbose = options.verbose ?? 2;
    const debug = options.debug ?? false;
    this.#display = options.display ??
      openDisplay({ verbose: this.#verbose, debug, keyHelp: () => this.#keyHelp() });
    this.#log = new RunLog((entry) => {
      this.#display.message(entry);
      options.watcher?.message(entry);
    }, debug ? "debug" : "info");
  }

  /** What will be run; null before `setup()`. */
  get plan(): Plan | null {
    return this.#plan;
  }

  /** Rings and workers; null before `setup()`. */
  get control(): BufferControl | null {
    return this.#control;
  }

  /**
   * Reads the setup, makes the run directory and the rings, and has the workers load their functions.
   *
   * @throws {SetupRefused} If the setup cannot be run; nothing is left behind then.
   */
  async setup(): Promise<void> {
    if (this.#plan !== null) {
      throw new TypeError("Cannot set up the run: expected one call of setup(), found a second one");
    }
    this.#listen();
    try {
      const plan = await this.#makePlan();
      const began = new Date();
      const runDirectory = await createRunDirectory(plan.targetDirectory, plan.runName, began);
      try {
        this.#log.openFile(join(runDirectory, "log.txt"));
        await this.#load(plan, runDirectory);
        const copies = await this.#copySettings(plan, runDirectory);
        await Deno.writeTextFile(join(runDirectory, "data_flow.svg"), dataFlowSvg(plan));
        const commandLine = this.#options.commandLine ?? Deno.args;
        const segments = new Map([...this.#control!.rings].map(([name, ring]) => [name, ring.segment]));
        const files = this.#control!.files;
        const begin = { plan, runDirectory, began, commandLine, copies, segments, files };
        this.#reporter = new RunReporter(this.#control!, this.#log, begin);
        await this.#options.watcher?.open(this.#watchedRun(runDirectory, began));
      } catch (error) {
        this.#log.close();
        await Deno.remove(runDirectory, { recursive: true }).catch(() => {});
        throw refusalOf(error, runDirectory);
      }
      this.#display.print(describeAbandonedRuns());
      this.#display.print(describePlan(plan));
    } catch (error) {
      this.#cleanUp();
      throw error;
    }
  }

  /**
   * Does everything that `setup()` does except for making the run directory, and undoes it.
   *
   * @returns The plan as text.
   * @throws {SetupRefused} If the setup cannot be run.
   */
  async check(): Promise<string> {
    this.#listen();
    try {
      const plan = await this.#makePlan();
      await this.#load(plan, join(plan.targetDirectory, runDirectoryName(plan.runName, new Date())));
      return describePlanInDetail(plan);
    } finally {
      this.#cleanUp();
    }
  }

  /** Takes data until a goal is reached, the input ends, or somebody stops or ends the run; then closes everything. */
  async run(): Promise<RunResult> {
    const control = this.#control;
    const reporter = this.#reporter;
    if (control === null || reporter === null || control.state !== "WorkersSet") {
      throw new TypeError("Cannot run: expected setup() before and no run() yet, found something else");
    }
    if (control.plan.keyboard) this.#keyboard = Keyboard.open((key) => this.#takeKey(key));
    try {
      await reporter.begin();
      control.startWorkers();
      this.#hasStarted = true;
      this.#earlyOrder();
      for (;;) {
        const statuses = control.supervise();
        const snapshot = reporter.report(statuses);
        this.#display.status(snapshot);
        this.#options.watcher?.status(snapshot, statuses);
        if (control.isFinished) break;
        const { runtimeS } = control.plan;
        if (runtimeS > 0 && snapshot.activeS >= runtimeS) {
          control.stop({ cause: "runtime", text: `runtime of ${runtimeS} s reached` });
        }
        await this.#tick(control);
      }
      const { watcher } = this.#options;
      await watcher?.finish();
      this.#display.close();
      const { result, text } = await reporter.end(reportWidth());
      this.#display.print(text);
      await watcher?.linger({ text, exitCode: result.exitCode });
      return result;
    } finally {
      this.#cleanUp();
    }
  }

  async #tick(control: BufferControl): Promise<void> {
    const { state } = control;
    const beganMs = performance.now();
    await control.waitForChange(TICK_MS);
    const tookMs = performance.now() - beganMs;
    if (tookMs > SUSPENDED_MS) control.noteSuspension(tookMs, state);
  }

  /** Keeps importers from bringing in events until `resume()`. Does nothing unless the run is running. */
  pause(): void {
    this.#control?.pause();
  }

  /** Ends a pause. Does nothing unless the run is paused. */
  resume(): void {
    this.#control?.resume();
  }

  /** Stops the importers; what they have brought in is processed, then `run()` returns. Before `run()` it ends `setup()`. */
  stop(): void {
    this.#order("stop", "the user");
  }

  /** Ends everything at once; what is left is counted as unfinished, then `run()` returns. */
  end(): void {
    this.#order("end", "the user");
  }

  #order(order: "stop" | "end", by: string): void {
    this.#options.watcher?.ordered(order);
    const control = this.#control;
    if (!this.#hasStarted || control === null) {
      this.#earlyOrder = () => this.#order(order, by);
      this.#abort.abort(new Error(`Cannot start the run: interrupted by ${by}`));
    } else if (order === "stop") {
      control.stop({ cause: "user", text: `stopped by ${by}` });
    } else {
      control.end({ cause: "user", text: `ended by ${by}` });
    }
  }

  #listen(): void {
    if (this.#options.signals !== true && this.#options.keyboard !== true) return;
    this.#stopListening = listenForSignals((order, signal) => this.#order(order, signal));
  }

  #watchedRun(runDirectory: string, began: Date): WatchedRun {
    return {
      control: this.#control!,
      runDirectory,
      began,
      log: this.#log,
      print: (text) => this.#display.print(text),
      pause: () => this.pause(),
      resume: () => this.resume(),
      stop: () => this.stop(),
      end: () => this.end(),
    };
  }

  #keyHelp(): string {
    return this.#keyboard === null ? "" : this.#options.watcher?.prompt() ?? KEY_HELP;
  }

  #takeKey(key: string): void {
    if (this.#options.watcher?.key(key) === true) return;
    switch (key.toLowerCase()) {
      case "p":
        return this.pause();
      case "r":
        return this.resume();
      case "s":
        return this.stop();
      case "e":
        return this.end();
    }
  }

  async #makePlan(): Promise<Plan> {
    // Only now: the module of every user function loads this one, and no worker reads setups.
    const { planSetup } = await import("../setup/plan_setup.ts");
    const { runEvents, runtimeS, outputDirectory, keyboard, isolation } = this.#options;
    const outcome = planSetup(this.#setupFile, {
      resolver: this.#resolver,
      commandLine: { runEvents, runtimeS, outputDirectory, isolation, keyboard: keyboard === true ? undefined : false },
    });
    if (!outcome.ok) throw new SetupRefused(outcome.problems.map(formatProblem));
    for (const notice of outcome.notices) {
      this.#log.add("info", "setup", formatProblem(notice));
      this.#display.print(`${formatProblem(notice)}\n`);
    }
    this.#plan = await this.#options.watcher?.adopt(outcome.plan) ?? outcome.plan;
    return this.#plan;
  }

  async #load(plan: Plan, runDirectory: string): Promise<void> {
    const deadlineMs = this.#options.deadlineS === undefined ? undefined : 1000 * this.#options.deadlineS;
    const control = new BufferControl(plan, {
      runDirectory,
      logLevel: this.#options.debug === true ? "debug" : "info",
      loadTimeoutMs: 1000 * (this.#options.loadTimeoutS ?? 60),
      ...(deadlineMs === undefined ? {} : {
        drainTimeoutMs: deadlineMs,
        stallTimeoutMs: deadlineMs,
        endTimeoutMs: Math.min(deadlineMs, 2000),
      }),
      onLog: (level, source, text, brief) => this.#log.add(level, source, text, brief),
      onPanel: (entry, workerNumber, name, panel, life) => {
        this.#options.onPanel?.(entry, workerNumber, name, panel, life);
        this.#reporter?.panels.put({ entry, worker: workerNumber, life, name }, panel);
        this.#options.watcher?.panel({ entry, worker: workerNumber, life, name }, panel);
      },
    });
    this.#control = control;
    await control.setupBuffers();
    await control.setupWorkers({ signal: this.#abort.signal });
  }

  /** Keeps the setup and the configuration files as they were read, whatever becomes of the originals. */
  async #copySettings(plan: Plan, runDirectory: string): Promise<Map<string, string>> {
    const copies = namesOfCopies([plan.setupFile, ...plan.configFiles]);
    for (const [path, name] of copies) {
      await Deno.writeTextFile(join(runDirectory, name), this.#resolver.readText(path) ?? "", { createNew: true });
    }
    for (const [name, text] of resolvedSetup(plan)) await Deno.writeTextFile(join(runDirectory, name), text);
    return copies;
  }

  #closeTerminal(): void {
    this.#keyboard?.close();
    this.#keyboard = null;
    this.#display.close();
  }

  #cleanUp(): void {
    this.#closeTerminal();
    this.#stopListening();
    this.#options.watcher?.close();
    this.#reporter?.close();
    this.#log.close();
    this.#control?.close();
  }
}

/** A run directory that cannot be written, on a full disk for example, refuses the run before it begins. */
function refusalOf(error: unknown, runDirectory: string): unknown {
  const isOfFiles = error instanceof Error && !(error instanceof SetupRefused) &&
    /\(os error \d+\)/.test(error.message);
  return isOfFiles ? new SetupRefused([fileError("write", runDirectory, error).message]) : error;
}

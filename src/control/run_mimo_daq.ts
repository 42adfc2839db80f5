/** A data-taking run as a whole: from a setup file to a run directory. */
import { join } from "node:path";
import type { Plan } from "../setup/plan.ts";
import { formatProblem } from "../setup/problem.ts";
import type { Panel } from "../worker/panel.ts";
import { BufferControl } from "./buffer_control.ts";
import { dataFlowSvg } from "./data_flow.ts";
import { describePlan, describePlanInDetail } from "./describe_plan.ts";
import { FileResolver } from "./file_resolver.ts";
import { Keyboard } from "./keyboard.ts";
import { openDisplay, reportWidth } from "./open_display.ts";
import { createRunDirectory, namesOfCopies, runDirectoryName } from "./run_directory.ts";
import type { RunDisplay, Verbosity } from "./run_display.ts";
import { RunLog } from "./run_log.ts";
import { RunReporter } from "./run_reporter.ts";
import type { RunRecord } from "./run_record_format.ts";
import { listenForSignals } from "./run_signals.ts";
import { SetupRefused } from "./setup_refused.ts";

/** How often the run is looked after if no worker reports anything. */
const TICK_MS = 100;

/** A tick that took longer means that the program was suspended; no write of ours to a disk should take so long. */
const SUSPENDED_MS = 2000;

const KEY_HELP = "Keys: p pause  r resume  s stop  e end";

/** Options of {@linkcode RunMimoDAQ}. */
export interface RunOptions {
  /** 0 errors only, 1 layout, warnings and end report, 2 the live state too. @default {2} */
  readonly verbose?: Verbosity;
  /** Shows and logs messages of all levels. @default {false} */
  readonly debug?: boolean;
  /** Events in the first ring that end the run; 0 = no limit. @default the setup's value */
  readonly runEvents?: number | undefined;
  /** Active seconds that end the run; 0 = no limit. @default the setup's value */
  readonly runtimeS?: number | undefined;
  /** Parent of run directories. @default the setup's value */
  readonly outputDirectory?: string | undefined;
  /**
   * Listens for the keys p, r, s, e if the program has a terminal and the setup does not switch them off. Then Ctrl-C is
   * taken, too, as with `signals`.
   * @default {false}
   */
  readonly keyboard?: boolean;
  /**
   * Takes SIGINT and SIGTERM as stop, a second one as end, and SIGHUP as stop. What the program was started to ignore
   * (SIGHUP under `nohup`, SIGINT in the background of a script) stays ignored.
   * @default {false}
   */
  readonly signals?: boolean;
  /**
   * Seconds without any event moving after which workers count as hung.
   * @default 30 when the run is being drained, 60 while it is running and importers wait for space, 2 after end
   */
  readonly deadlineS?: number | undefined;
  /** Seconds that loading all modules may take. @default {60} */
  readonly loadTimeoutS?: number;
  /** Where the run shows itself. @default the terminal, or plain lines on standard output */
  readonly display?: RunDisplay;
  /** Takes what functions put on display. @default nobody */
  readonly onPanel?: (entry: string, workerNumber: number, name: string, panel: Panel) => void;
  /** Command line for the run's record. @default the program's arguments */
  readonly commandLine?: readonly string[];
}

/** What came of a run. */
export interface RunResult {
  /** 0 if all that was accepted was processed and no worker failed, otherwise 1. */
  readonly exitCode: 0 | 1;
  /** Path of the run directory. */
  readonly runDirectory: string;
  /** As in `run.yaml`. */
  readonly record: RunRecord;
  /** True if threads are left that do not end. They go on until the program exits: call `Deno.exit`. */
  readonly isHung: boolean;
}

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
      openDisplay({ verbose: this.#verbose, debug, keyHelp: () => this.#keyboard === null ? "" : KEY_HELP });
    this.#log = new RunLog((entry) => this.#display.message(entry), debug ? "debug" : "info");
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
        this.#reporter = new RunReporter(this.#control!, this.#log, { plan, runDirectory, began, commandLine, copies });
      } catch (error) {
        this.#log.close();
        await Deno.remove(runDirectory, { recursive: true });
        throw error;
      }
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
        const snapshot = reporter.report(control.supervise());
        this.#display.status(snapshot);
        if (control.isFinished) break;
        const { runtimeS } = control.plan;
        if (runtimeS > 0 && snapshot.activeS >= runtimeS) {
          control.stop({ cause: "runtime", text: `runtime of ${runtimeS} s reached` });
        }
        await this.#tick(control);
      }
      this.#closeTerminal();
      const { result, text } = await reporter.end(reportWidth());
      this.#display.print(text);
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

  #takeKey(key: string): void {
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
    const { runEvents, runtimeS, outputDirectory, keyboard } = this.#options;
    const outcome = planSetup(this.#setupFile, {
      resolver: this.#resolver,
      commandLine: { runEvents, runtimeS, outputDirectory, keyboard: keyboard === true ? undefined : false },
    });
    if (!outcome.ok) throw new SetupRefused(outcome.problems.map(formatProblem));
    for (const notice of outcome.notices) {
      this.#log.add("info", "setup", formatProblem(notice));
      this.#display.print(`${formatProblem(notice)}\n`);
    }
    refuseUnavailable(outcome.plan);
    this.#plan = outcome.plan;
    return outcome.plan;
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
      onLog: (level, source, text) => this.#log.add(level, source, text),
      onPanel: this.#options.onPanel ?? (() => {}),
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
    this.#reporter?.close();
    this.#log.close();
    this.#control?.close();
  }
}

/** Refuses what a setup may ask for and this version cannot do. */
function refuseUnavailable(plan: Plan): void {
  const problems = plan.functions.flatMap((fn) => [
    ...(fn.isolation === "thread" ? [] : [
      `${fn.name}: Cannot run in a process of its own: expected isolation "thread", found "${fn.isolation}"`,
    ]),
    ...(fn.onFailure !== "restart" ? [] : [
      `${fn.name}: Cannot restart failed workers: expected on_failure "stop" or "continue", found "restart"`,
    ]),
  ]);
  if (problems.length > 0) throw new SetupRefused(problems);
}

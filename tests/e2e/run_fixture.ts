/** Runs the real program on setups of the tests' own functions. */
import { basename, join } from "node:path";
import { parse } from "yaml";
import { assertEquals } from "../../src/std/assert.js";
import { stringify } from "../../src/std/yaml.js";

const REPOSITORY = `${import.meta.dirname}/../../`;
/** Path of the program. */
export const PROGRAM = join(REPOSITORY, "run_daq.ts");
const MODULES = join(REPOSITORY, "tests/data/modules");

/** A program that has not ended after this time is killed, and its test fails. */
const WATCHDOG_MS = 60_000;

/** One function of a test's setup. */
export interface TestFunction {
  /** Name of the exported function. */
  readonly name: string;
  /** Module in tests/data/modules. @default {"run_functions"} */
  readonly module?: string;
  /** @default {1} */
  readonly workers?: number;
  /** Rings by number, from 1. */
  readonly read?: readonly number[];
  readonly write?: readonly number[];
  readonly observe?: readonly number[];
  readonly config?: Record<string, unknown>;
  /** More keys of the function's entry. */
  readonly keys?: Record<string, unknown>;
}

/** A folder of its own for one test, with a setup in it. */
export class TestRun implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /**
   * Writes a setup in the v1 dialect: rings of one float64 per slot, and functions in their order.
   *
   * @param functions What shall run.
   * @param options Slots of each ring, and more keys for the top of the setup and for `Fkt_main`.
   */
  static async create(
    functions: readonly TestFunction[],
    options: { readonly slots?: readonly number[]; readonly top?: object; readonly main?: object } = {},
  ): Promise<TestRun> {
    const { slots = [16, 16], top = {}, main = {} } = options;
    const directory = await Deno.makeTempDir({ prefix: "mimocorb_test_" });
    const entries = await Promise.all(functions.map(async (fn, i) => {
      const config = `config_${i + 1}.yaml`;
      await Deno.writeTextFile(join(directory, config), stringify(fn.config ?? { nothing: 0 }));
      const uses = (rings: readonly number[] | undefined, use: string) => (rings ?? []).map((n) => [`RB_${n}`, use]);
      return {
        [`Fkt_${i + 1}`]: {
          file_name: join(MODULES, fn.module ?? "run_functions"),
          fkt_name: fn.name,
          num_process: fn.workers ?? 1,
          config_file: config,
          RB_assign: Object.fromEntries([
            ...uses(fn.read, "read"),
            ...uses(fn.write, "write"),
            ...uses(fn.observe, "observe"),
          ]),
          ...fn.keys,
        },
      };
    }));
    const rings = slots.map((n, i) => ({
      [`RB_${i + 1}`]: { number_of_slots: n, channel_per_slot: 1, data_type: "float64" },
    }));
    const setup = { RingBuffer: rings, Functions: [{ Fkt_main: main }, ...entries], ...top };
    await Deno.writeTextFile(join(directory, "test_setup.yaml"), stringify(setup));
    return new TestRun(directory);
  }

  /** Starts the program on the setup; it has no terminal. */
  start(...args: string[]): RunningProgram {
    return new RunningProgram(["test_setup.yaml", ...args], this.directory);
  }

  /** The same with flags for Deno itself. */
  startWith(flags: readonly string[], ...args: string[]): RunningProgram {
    return new RunningProgram(["test_setup.yaml", ...args], this.directory, { flags });
  }

  /** Runs the program to its end. It must leave no process and no shared memory. */
  run(...args: string[]): Promise<ProgramOutput> {
    return this.finish(this.start(...args));
  }

  /** Waits for the end of the program, which must leave no process and no shared memory. */
  async finish(program: RunningProgram): Promise<ProgramOutput> {
    const output = await program.output();
    await this.untilNoProcesses();
    assertEquals(program.segments(), [], "segments were left");
    return output;
  }

  /** Waits until no process works in the test's folder any more: the program's workers do. */
  untilNoProcesses(): Promise<void> {
    return until(`no process in ${this.directory}`, () => processesIn(this.directory).length === 0);
  }

  /** Waits until the log of the only run says something. */
  untilLogged(text: RegExp): Promise<void> {
    return until(`${text} in the log`, () => text.test(this.read("log.txt")));
  }

  /** Waits until a file of the only run has more than so many bytes. */
  untilFile(name: string, bytes: number): Promise<void> {
    return until(`a file ${name}`, () => {
      try {
        return Deno.statSync(join(this.runDirectories[0], name)).size > bytes;
      } catch {
        return false;
      }
    });
  }

  /** Paths of all run directories, in order of their names. */
  get runDirectories(): string[] {
    const target = join(this.directory, "target");
    return [...Deno.readDirSync(target)].map((entry) => join(target, entry.name)).sort();
  }

  /** Text of a file in the only run directory. */
  read(name: string): string {
    const directories = this.runDirectories;
    assertEquals(directories.length, 1, directories.join("\n"));
    return Deno.readTextFileSync(join(directories[0], name));
  }

  /** The run's record, read back with another reader of YAML than it was written with. */
  record(): TestRecord {
    return parse(this.read("run.yaml")) as TestRecord;
  }

  /** Numbers that `collect` has written, of all workers, in order. */
  collected(name: string): number[] {
    const [directory] = this.runDirectories;
    const files = [...Deno.readDirSync(directory)].filter((entry) => entry.name.startsWith(`${name}_`));
    const lines = files.flatMap((file) => Deno.readTextFileSync(join(directory, basename(file.name))).split("\n"));
    return lines.filter((line) => line !== "").map(Number).sort((a, b) => a - b);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** The parts of a record that tests look at. */
export interface TestRecord {
  readonly status: string;
  readonly end: {
    readonly active_s: number;
    readonly paused_s: number;
    readonly stop_cause: string;
    readonly exit_code: number;
  };
  readonly ledger: readonly {
    readonly ring: string;
    readonly produced: number;
    readonly published: number;
    readonly discarded: number;
    readonly late: number;
    readonly invalid: number;
    readonly residual: number;
    readonly groups: readonly (
      & { readonly name: string }
      & Record<"processed" | "rejected" | "failed" | "doubles" | "unfinished", number>
    )[];
  }[];
  readonly failures: readonly Record<
    "function" | "name" | "worker" | "phase" | "event" | "message" | "stack",
    unknown
  >[];
  readonly hung: readonly Record<"function" | "name" | "worker" | "ring" | "event", unknown>[];
  readonly deaths: readonly Record<
    "time_utc" | "name" | "worker" | "cause" | "signal" | "exit_code" | "ring" | "event" | "message" | "restarted",
    unknown
  >[];
  readonly restarts: number;
  readonly function_counts: Readonly<
    Record<
      string,
      readonly {
        readonly ended: string;
        readonly stopped_by_command_utc: string | null;
        readonly restarts: number;
        readonly own_counts: unknown;
      }[]
    >
  >;
}

/** What a program left behind. */
export interface ProgramOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program under a watchdog. */
export class RunningProgram {
  readonly #child: Deno.ChildProcess;
  readonly #output: Promise<ProgramOutput>;

  /** @param args Arguments of the program. @param cwd Working directory. @param options What to run, flags for Deno. */
  constructor(
    args: readonly string[],
    cwd: string,
    options: { readonly program?: string | undefined; readonly flags?: readonly string[] } = {},
  ) {
    const { program = PROGRAM, flags = [] } = options;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", ...flags, program, ...args],
      cwd,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const watchdog = setTimeout(() => this.kill("SIGKILL"), WATCHDOG_MS);
    this.#output = this.#child.output().then(({ code, signal, stdout, stderr }) => {
      clearTimeout(watchdog);
      const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      const output = { code: signal === null ? code : -1, stdout: decode(stdout), stderr: decode(stderr) };
      return output;
    });
  }

  /** Number of the process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Paths of the shared memory that the program has made and not removed. */
  segments(): string[] {
    const folder = "/dev/shm";
    const prefix = `mimocorb-${this.pid}-`;
    return [...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith(prefix)).map(({ name }) =>
      join(folder, name)
    );
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for the end; code -1 if it was killed by a signal. */
  output(): Promise<ProgramOutput> {
    return this.#output;
  }
}

/** Waits until something is true; throws after the watchdog's time. */
export async function until(what: string, isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + WATCHDOG_MS;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`Cannot go on: expected ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Runs the program, or another one, in some folder. */
export function runProgram(
  args: readonly string[],
  cwd: string,
  options: { readonly program?: string } = {},
): Promise<ProgramOutput> {
  return new RunningProgram(args, cwd, options).output();
}

/** Numbers of the processes that work in a folder. */
export function processesIn(folder: string): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    try {
      return Number.isInteger(pid) && Deno.readLinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false; // ended meanwhile, or somebody else's
    }
  });
}

/** Checks that the books of a record close on every ring. */
export function assertBooksClose(record: TestRecord): void {
  for (const ring of record.ledger) {
    const { produced, published, discarded, late, invalid } = ring;
    assertEquals(ring.residual, 0, JSON.stringify(ring));
    assertEquals(published + discarded + late + invalid, produced, JSON.stringify(ring));
    for (const { name, processed, rejected, failed, doubles, unfinished } of ring.groups) {
      assertEquals(processed + rejected + failed + doubles + unfinished, ring.published, `${ring.ring} ${name}`);
    }
  }
}

/** Events that were left unfinished, over all rings. */
export function unfinishedEvents(record: TestRecord): number {
  return record.ledger.flatMap((ring) => ring.groups).reduce((sum, group) => sum + group.unfinished, 0);
}

/** Runs with a page, for tests that look at it. */
import { join } from "node:path";
import { parse } from "yaml";
import { stringify } from "../../src/std/yaml.js";
import { PROGRAM } from "./run_fixture.ts";

const REPOSITORY = `${import.meta.dirname}/../../`;
const PAGE_FUNCTIONS = join(REPOSITORY, "tests/data/modules/page_functions");

/** A program that has not ended after this time is killed, and its test fails. */
const WATCHDOG_MS = 120_000;

/** The parts of a record that tests of the page look at. */
export interface PageRecord {
  readonly status: string;
  readonly end: {
    readonly stop_cause: string;
    readonly exit_code: number;
    readonly active_s: number;
    readonly paused_s: number;
  };
  readonly dead_time: {
    readonly live_s: number;
    readonly dead_s: number;
    readonly importers: readonly { readonly dead_s: number; readonly paused_s: number }[];
  };
  readonly ledger: readonly {
    readonly ring: string;
    readonly published: number;
    readonly discarded: number;
    readonly residual: number;
    readonly groups: readonly {
      readonly name: string;
      readonly processed: number;
      readonly rejected: number;
      readonly unfinished: number;
    }[];
  }[];
  readonly function_counts: Readonly<
    Record<
      string,
      readonly {
        readonly sources: readonly Readonly<Record<"processed" | "rejected" | "failed" | "doubles", number>>[];
        readonly sinks: readonly { readonly published: number }[];
      }[]
    >
  >;
}

/** How the program is started. */
interface ProgramOptions {
  readonly args: readonly string[];
  /** File descriptors that it may have open. @default as many as the test's own process */
  readonly openFiles?: number;
}

/** The program with its page, in a folder of its own. */
export class PageRun implements AsyncDisposable {
  readonly directory: string;
  readonly #child: Deno.ChildProcess;
  readonly #watchdog: ReturnType<typeof setTimeout>;
  readonly #reading: Promise<unknown>;
  output = "";
  #hasEnded = false;

  private constructor(directory: string, setup: string, options: ProgramOptions) {
    const { args, openFiles } = options;
    this.directory = directory;
    const limit = openFiles === undefined ? "" : `ulimit -n ${openFiles};`;
    this.#child = new Deno.Command("/bin/sh", {
      args: [
        "-c",
        `${limit} exec "$0" "$@"`,
        Deno.execPath(),
        "run",
        "-A",
        "--quiet",
        "--no-check",
        PROGRAM,
        setup,
        "--output",
        "target",
        "-v",
        "1",
        ...args,
      ],
      cwd: directory,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#watchdog = setTimeout(() => !this.#hasEnded && this.kill("SIGKILL"), WATCHDOG_MS);
    this.#child.status.then(() => this.#hasEnded = true);
    const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) this.output += text;
    };
    this.#reading = Promise.all([read(this.#child.stdout), read(this.#child.stderr)]);
  }

  /** Starts a setup that is there already; its folder is removed in the end. */
  static start(directory: string, setup: string, options: ProgramOptions): PageRun {
    return new PageRun(directory, setup, options);
  }

  /**
   * Starts the lifetime example with a calm source.
   *
   * @param options Seconds between events, and arguments of the program.
   */
  static async lifetime(
    options: { readonly sleepS: number; readonly args: readonly string[] },
  ): Promise<PageRun> {
    const directory = await Deno.makeTempDir({ prefix: "mimocorb_page_" });
    const examples = join(REPOSITORY, "examples");
    await Deno.mkdir(join(directory, "config"));
    for (const { name } of Deno.readDirSync(join(examples, "config"))) {
      const text = await Deno.readTextFile(join(examples, "config", name));
      const calm = text.replace(/sleeptime: .*/, `sleeptime: ${options.sleepS}\n  seed: 1`);
      await Deno.writeTextFile(join(directory, "config", name), calm);
    }
    await Deno.copyFile(join(examples, "lifetime_setup.yaml"), join(directory, "lifetime_setup.yaml"));
    return new PageRun(directory, "lifetime_setup.yaml", options);
  }

  /**
   * Starts a source of pulses, with a display and panels of all kinds.
   *
   * @param options Configuration of the source, samples of a waveform, more keys of the setup, how to start the program.
   */
  static async pulses(
    options: {
      readonly source: object;
      readonly samples?: number;
      readonly top?: object;
    } & ProgramOptions,
  ): Promise<PageRun> {
    const directory = await Deno.makeTempDir({ prefix: "mimocorb_page_" });
    const { source, samples = 500, top = {} } = options;
    const fields = { 1: ["chA", "float32"], 2: ["chB", "float32"] };
    const user = (fkt_name: string, use: string) => ({
      file_name: PAGE_FUNCTIONS,
      fkt_name,
      num_process: 1,
      RB_assign: { RB_1: use },
    });
    const setup = {
      RingBuffer: [{ RB_1: { number_of_slots: 32, channel_per_slot: samples, data_type: fields } }],
      Functions: [
        { Fkt_main: {} },
        { Fkt_1: user("pulseSource", "write") },
        { Fkt_2: user("allPanels", "read") },
        { Fkt_3: user("talker", "read") },
        { Fkt_4: { ...user("plot_waveform", "observe"), file_name: "modules/plot_waveform" } },
      ],
      FunctionConfigs: {
        pulseSource: source,
        allPanels: { nothing: 0 },
        talker: { nothing: 0 },
        plot_waveform: { sample_time_ns: 4, title: "Pulses", trigger_level: 50, trigger_channel: "A" },
      },
      ...top,
    };
    await Deno.writeTextFile(join(directory, "pulses_setup.yaml"), stringify(setup));
    return new PageRun(directory, "pulses_setup.yaml", options);
  }

  /** Address of the page, once it is printed. */
  async url(): Promise<string> {
    return await this.says(/Page: (\S+)/);
  }

  /** Waits until the program has printed something; returns the first group of the expression. */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match[1] ?? match[0];
      if (this.#hasEnded) throw new Error(`Cannot go on: expected ${pattern}, found ${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** JSON of the interface for programs. */
  async api<T>(path: string): Promise<T> {
    const url = new URL(await this.url());
    return await (await fetch(new URL(path + url.search, url))).json() as T;
  }

  /** Sends a command. */
  async command(command: string): Promise<{ ok: boolean; text: string }> {
    const url = new URL(await this.url());
    const response = await fetch(new URL(`/api/command${url.search}`, url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ command }),
    });
    return await response.json() as { ok: boolean; text: string };
  }

  /** Waits for the end of the program. */
  async end(): Promise<number> {
    const { code } = await this.#child.status;
    clearTimeout(this.#watchdog);
    await this.#reading;
    return code;
  }

  /** Path of the only run directory. */
  get runDirectory(): string {
    const target = join(this.directory, "target");
    return join(target, [...Deno.readDirSync(target)][0].name);
  }

  /** The run's record. */
  record(): PageRecord {
    return parse(Deno.readTextFileSync(join(this.runDirectory, "run.yaml"))) as PageRecord;
  }

  /** File descriptors that the program has open. */
  openFiles(): number {
    return [...Deno.readDirSync(`/proc/${this.#child.pid}/fd`)].length;
  }

  /** Memory that the program has in use, in MB; 0 once it has gone. */
  residentMb(): number {
    try {
      const text = Deno.readTextFileSync(`/proc/${this.#child.pid}/status`);
      return Number(/^VmRSS:\s*(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1000;
    } catch {
      return 0;
    }
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (!this.#hasEnded) this.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.end();
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** Waits until something is true; throws after the watchdog's time. */
export async function eventually(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + WATCHDOG_MS / 2;
  while (!await isTrue()) {
    if (performance.now() > deadlineMs) throw new Error(`Cannot go on: expected ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

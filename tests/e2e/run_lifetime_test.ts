import { join } from "node:path";
import { parse } from "yaml";
import { TarReader } from "../../src/files/tar_reader.ts";
import { readTextTable } from "../../src/files/text_table_reader.ts";
import { fitExponential } from "../../src/pulses/exponential_fit.ts";
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "../../src/std/assert.js";
import { assertBooksClose, RunningProgram, type TestRecord, until } from "./run_fixture.ts";

const EXAMPLES = `${import.meta.dirname}/../../examples`;

/** The lifetime example, changed, in a folder of its own; modules and configurations are those of the examples. */
class LifetimeRun implements AsyncDisposable {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async create(
    changes: { readonly workers?: number; readonly slots?: number; readonly seed?: number },
  ): Promise<LifetimeRun> {
    const { workers = 2, slots, seed } = changes;
    const directory = await Deno.makeTempDir({ prefix: "mimocorb_test_" });
    let setup = await Deno.readTextFile(join(EXAMPLES, "lifetime_setup.yaml"));
    setup = setup.replaceAll("num_process: 2", `num_process: ${workers}`);
    if (slots !== undefined) setup = setup.replaceAll(/number_of_slots: \d+/g, `number_of_slots: ${slots}`);
    if (seed !== undefined) {
      const config = await Deno.readTextFile(join(EXAMPLES, "config/simulation_config.yaml"));
      const path = join(directory, "seeded_config.yaml");
      await Deno.writeTextFile(path, config.replace("sleeptime: 0.0001", `sleeptime: 0\n  seed: ${seed}`));
      setup = setup.replace("config/simulation_config.yaml", path);
    }
    await Deno.writeTextFile(join(directory, "lifetime_setup.yaml"), setup);
    return new LifetimeRun(directory);
  }

  start(...args: string[]): RunningProgram {
    return new RunningProgram(
      [join(this.#directory, "lifetime_setup.yaml"), "--output", this.#directory, ...args],
      EXAMPLES,
    );
  }

  path(name: string): string {
    const directory = [...Deno.readDirSync(this.#directory)].find((entry) => entry.isDirectory)?.name ?? "none";
    return join(this.#directory, directory, name);
  }

  record(): TestRecord {
    return parse(Deno.readTextFileSync(this.path("run.yaml"))) as TestRecord;
  }

  /** Counters of the events in the text file and in the archive. */
  saved(): { text: number[]; archive: number[] } {
    const lines = Deno.readTextFileSync(this.path("muon_lifetime.txt")).trimEnd().split("\n").slice(1);
    using archive = new TarReader(this.path("simulated_data.tar"));
    const names = [...archive].map((member) => member.name);
    const inOrder = (counters: number[]) => counters.sort((a, b) => a - b);
    return {
      text: inOrder(lines.map((line) => Number(line.split("\t")[0]))),
      archive: inOrder(names.map((name) => Number(/_(\d+)\.parquet$/.exec(name)?.[1]))),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#directory, { recursive: true });
  }
}

/** Every accepted event is once in the text file and once in the archive. */
function assertAllSaved(run: LifetimeRun): TestRecord {
  const record = run.record();
  assertBooksClose(record);
  const { text, archive } = run.saved();
  assertEquals(text, archive);
  assertEquals(new Set(text).size, text.length);
  assertEquals(record.ledger.slice(1).map((ring) => ring.published), [text.length, text.length]);
  assertGreater(text.length, 0);
  return record;
}

Deno.test("the lifetime example saves every accepted event once, with 1, 2 and 4 filters and with rings of 2 slots", async (t) => {
  for (const changes of [{ workers: 1 }, { workers: 2 }, { workers: 4 }, { workers: 2, slots: 2 }]) {
    await t.step(JSON.stringify(changes), async () => {
      await using run = await LifetimeRun.create(changes);
      const { code, stdout, stderr } = await run.start("--runevents", "1500").output();
      assertEquals(code, 0, stdout + stderr);
      assertEquals(assertAllSaved(run).ledger[0].published, 1500);
    });
  }
});

Deno.test("the lifetime example saves every accepted event once when it is interrupted", async () => {
  await using run = await LifetimeRun.create({});
  const program = run.start();
  await until("accepted events", () => {
    try {
      return Deno.statSync(run.path("simulated_data.tar")).size > 0;
    } catch {
      return false;
    }
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  program.kill("SIGINT");
  const { code, stdout, stderr } = await program.output();
  assertEquals(code, 0, stdout + stderr);
  assertEquals(assertAllSaved(run).end.stop_cause, "user");
});

Deno.test("the lifetime example gives the muon's lifetime from 20,000 events, of which it accepts 8.2 %", async () => {
  await using run = await LifetimeRun.create({ seed: 2197 });
  const { code, stdout, stderr } = await run.start("--runevents", "20000").output();
  assertEquals(code, 0, stdout + stderr);
  assertEquals(assertAllSaved(run).ledger[0].published, 20_000);
  const table = readTextTable(run.path("muon_lifetime.txt"));
  assertAlmostEquals(table.rows / 20_000, 0.082, 0.006);
  const fit = fitExponential(table.columns.get("decay time (ns)")!, { tMin: 200, tMax: 12_000 });
  assert(fit.state === "ok");
  assertAlmostEquals(fit.lifetime, 2197, 3 * fit.standardError);
  assertGreater(fit.standardError, 40);
  assertLess(fit.standardError, 80);
});

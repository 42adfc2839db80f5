/** A run that stores its events in a journal, and one that takes them from there. */
import { join } from "node:path";
import { parse } from "yaml";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { assert, assertEquals, assertGreater, assertMatch } from "../../src/std/assert.js";
import { stringify } from "../../src/std/yaml.js";
import { kept, type KeptEvent } from "../unit/event_file_fixture.ts";
import { assertBooksClose, runProgram, type TestRecord } from "./run_fixture.ts";

const EVENTS = 1500;

const WAVEFORMS = {
  number_of_slots: 16,
  channel_per_slot: 300,
  data_type: { 1: ["chA", "float32"], 2: ["chB", "float32"] },
};

const SIMULATION = {
  number_of_samples: 300,
  pre_trigger_samples: 50,
  sample_time_ns: 4,
  analogue_offset: -0.48,
  trigger_level: -440,
  sleeptime: 0,
  seed: 11,
};

interface SetupFunction {
  readonly module: string;
  readonly name: string;
  readonly use: "read" | "write";
  readonly config: object;
  readonly workers?: number;
}

/** Runs a setup of one ring; returns its run directory and record. */
async function run(
  folder: string,
  name: string,
  functions: readonly SetupFunction[],
): Promise<{ path: string; record: TestRecord }> {
  const entries = functions.map(({ module, name: fkt_name, use, config, workers = 1 }, i) => {
    const config_file = `${name}_${i}.yaml`;
    Deno.writeTextFileSync(join(folder, config_file), stringify(config));
    const entry = { file_name: module, fkt_name, config_file, num_process: workers, RB_assign: { RB_1: use } };
    return { [`Fkt_${i + 1}`]: entry };
  });
  const main = { Fkt_main: { runevents: EVENTS, GUI_control: false } };
  const setup = { RingBuffer: [{ RB_1: WAVEFORMS }], Functions: [main, ...entries] };
  Deno.writeTextFileSync(join(folder, `${name}_setup.yaml`), stringify(setup));
  const { code, stdout, stderr } = await runProgram([`${name}_setup.yaml`, "--output", "target"], folder);
  assertEquals(code, 0, stdout + stderr);
  const [directory] = [...Deno.readDirSync(join(folder, "target"))].filter((entry) => entry.name.startsWith(name));
  const path = join(folder, "target", directory.name);
  const record = parse(Deno.readTextFileSync(join(path, "run.yaml"))) as TestRecord;
  assertBooksClose(record);
  return { path, record };
}

function read(path: string): KeptEvent[] {
  using journal = new JournalReader(path);
  const events = Array.from(journal, kept);
  assertEquals(journal.faults, []);
  return events;
}

const byCounter = (events: readonly KeptEvent[]) => events.toSorted((a, b) => a.counter - b.counter);

Deno.test("a run from a journal has the events of the run that wrote it, bit by bit", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "mimocorb_replay_" });
  try {
    const source = {
      module: "simulation_source",
      name: "simulation_source",
      use: "write",
      config: SIMULATION,
    } as const;
    const save = (filename: string, more = {}) =>
      ({ module: "exporters", name: "save_journal", use: "read", config: { filename, ...more } }) as const;
    const first = await run(folder, "first", [source, save("raw", { rotate_events: 400 }), {
      ...save("two"),
      workers: 2,
    }]);
    const events = read(join(first.path, "raw"));
    assertEquals(events.map(({ counter }) => counter), [...Array(EVENTS).keys()]);
    assert(events.some(({ columns }) => columns.chA !== events[0].columns.chA));
    using journal = new JournalReader(join(first.path, "raw"));
    assertEquals(journal.paths.length, 4);
    assertMatch(journal.origin.directory ?? "", /^first_/);
    assertEquals([journal.origin.run, journal.origin.ring, journal.origin.function], ["first", "RB_1", "Fkt_2"]);
    assertGreater(journal.origin.began ?? 0, Date.now() / 1000 - 600);

    // Two workers of one function have written a journal each.
    const both = ["two.mjournal", "two_1.mjournal"].flatMap((name) => read(join(first.path, name)));
    assertEquals(byCounter(both), events);

    const replay = (config: object) =>
      ({ module: "file_source", name: "journal_source", use: "write", config }) as const;
    const second = await run(folder, "second", [replay({ filename: join(first.path, "raw") }), save("copy")]);
    assertEquals(read(join(second.path, "copy")), events);

    const shared = { ...replay({ filename: join(first.path, "raw"), pacing: "poisson", rate: 20_000 }), workers: 3 };
    const third = await run(folder, "third", [shared, save("copy")]);
    assertEquals(byCounter(read(join(third.path, "copy"))), events);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

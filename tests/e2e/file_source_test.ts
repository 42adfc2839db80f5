/** A run that stores its events in files of all formats, and one that takes them from there. */
import { join } from "node:path";
import { parse } from "yaml";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { assert, assertEquals } from "../../src/std/assert.js";
import { stringify } from "../../src/std/yaml.js";
import { kept, type KeptEvent } from "../unit/event_file_fixture.ts";
import { assertBooksClose, runProgram, type TestRecord } from "./run_fixture.ts";

const EVENTS = 400;

const WAVEFORMS = {
  number_of_slots: 16,
  channel_per_slot: 300,
  data_type: { 1: ["chA", "float32"], 2: ["chB", "float32"] },
};

const PARAMETERS = {
  number_of_slots: 16,
  channel_per_slot: 1,
  data_type: { 1: ["chA_height", "float32"], 2: ["chA_position", "int32"], 3: ["chB_integral", "float32"] },
};

const SHAPE = { sample_time_ns: 4, analogue_offset: -0.48, pre_trigger_samples: 50 };

const SIMULATION = { ...SHAPE, number_of_samples: 300, trigger_level: -440, sleeptime: 0, seed: 11 };

const PEAKS = {
  ...SHAPE,
  peak_minimal_prominence: 50,
  peak_minimal_distance: 10,
  peak_minimal_width: 7,
  trigger_channel: "A",
  trigger_position_tolerance: 7,
};

interface SetupFunction {
  readonly module: string;
  readonly name: string;
  readonly rings: Readonly<Record<string, "read" | "write">>;
  readonly config: object;
}

/** Runs a setup and returns its run directory. */
async function run(
  folder: string,
  name: string,
  { rings, functions, runevents }: {
    rings: readonly object[];
    functions: readonly SetupFunction[];
    runevents: number;
  },
): Promise<string> {
  const entries = functions.map(({ module, name: fkt_name, rings: RB_assign, config }, i) => {
    const config_file = `${name}_${i}.yaml`;
    Deno.writeTextFileSync(join(folder, config_file), stringify(config));
    return { [`Fkt_${i + 1}`]: { file_name: module, fkt_name, config_file, num_process: 1, RB_assign } };
  });
  const setup = {
    RingBuffer: rings.map((ring, i) => ({ [`RB_${i + 1}`]: ring })),
    Functions: [{ Fkt_main: { runevents } }, ...entries],
    GUI_control: false,
  };
  Deno.writeTextFileSync(join(folder, `${name}_setup.yaml`), stringify(setup));
  const { code, stdout, stderr } = await runProgram([`${name}_setup.yaml`, "--output", "target"], folder);
  assertEquals(code, 0, stdout + stderr);
  const [directory] = [...Deno.readDirSync(join(folder, "target"))].filter((entry) => entry.name.startsWith(name));
  const path = join(folder, "target", directory.name);
  assertBooksClose(parse(Deno.readTextFileSync(join(path, "run.yaml"))) as TestRecord);
  return path;
}

function save(fkt: string, ring: string, filename: string): SetupFunction {
  return { module: "exporters", name: fkt, rings: { [ring]: "read" }, config: { filename } };
}

function read(path: string): KeptEvent[] {
  using journal = new JournalReader(path);
  return Array.from(journal, kept);
}

Deno.test("a run from an archive, a table and text tables has the events of the run that wrote them, bit by bit", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "mimocorb_files_" });
  try {
    const first = await run(folder, "first", {
      rings: [WAVEFORMS, PARAMETERS],
      runevents: EVENTS,
      functions: [
        { module: "simulation_source", name: "simulation_source", rings: { RB_1: "write" }, config: SIMULATION },
        { module: "spectrum_filter", name: "find_peaks", rings: { RB_1: "read", RB_2: "write" }, config: PEAKS },
        save("save_parquet", "RB_1", "waves"),
        save("save_parquet_table", "RB_1", "table"),
        save("save_journal", "RB_1", "raw"),
        save("save_to_txt", "RB_2", "pulses"),
        save("csv", "RB_2", "pulses"),
        save("save_journal", "RB_2", "parameters"),
      ],
    });
    const [waveforms, parameters] = [read(join(first, "raw")), read(join(first, "parameters"))];
    assertEquals(waveforms.length, EVENTS);
    assert(parameters.length > EVENTS / 2);

    const source = (ring: string, file: string): SetupFunction => ({
      module: "file_source",
      name: "file_source",
      rings: { [ring]: "write" },
      config: { filename: join(first, file) },
    });
    const files = ["waves.tar", "table", "pulses.txt", "pulses.csv"];
    const second = await run(folder, "second", {
      rings: [WAVEFORMS, WAVEFORMS, PARAMETERS, PARAMETERS],
      runevents: 0,
      functions: files.flatMap((
        file,
        i,
      ) => [source(`RB_${i + 1}`, file), save("save_journal", `RB_${i + 1}`, `copy${i}`)]),
    });
    files.forEach((file, i) => assertEquals(read(join(second, `copy${i}`)), i < 2 ? waveforms : parameters, file));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

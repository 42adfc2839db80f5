/** The examples in the dialect of mimoCoRB2, as a user runs them. */
import { join } from "node:path";
import { parse } from "yaml";
import type { EventRecord } from "../../src/files/event_record.ts";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { readTextTable } from "../../src/files/text_table_reader.ts";
import { MuonSimulator } from "../../src/pulses/muon_simulator.ts";
import { assert, assertAlmostEquals, assertEquals, assertMatch } from "../../src/std/assert.js";
import { stringify } from "../../src/std/yaml.js";
import { writeMimoFile } from "./mimo_file_fixture.ts";
import { assertBooksClose, type ProgramOutput, runProgram, type TestRecord } from "./run_fixture.ts";

const EXAMPLES = join(import.meta.dirname!, "../../examples/v2");
const SAMPLES = 4250;

/** A folder of a test's own, in which an example was run. */
class ExampleRun implements Disposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "mimocorb_v2_" });

  /** Runs a setup without a page; returns what the program said. */
  start(setup: string, ...args: string[]): Promise<ProgramOutput> {
    return runProgram([setup, "--output", "target", "--web", "off", ...args], this.folder);
  }

  /** Runs a setup that must end well; returns events by ring, whose books close. */
  async run(setup: string, ...args: string[]): Promise<Readonly<Record<string, number>>> {
    const { code, stdout, stderr } = await this.start(setup, ...args);
    assertEquals(code, 0, stdout + stderr);
    const record = parse(Deno.readTextFileSync(this.path("run.yaml"))) as TestRecord;
    assertEquals([record.status, record.failures, record.deaths], ["complete", [], []]);
    assertBooksClose(record);
    return Object.fromEntries(record.ledger.map(({ ring, published }) => [ring, published]));
  }

  /** Path of a file in the run directory. */
  path(name: string): string {
    const target = join(this.folder, "target");
    const runs = [...Deno.readDirSync(target)];
    assertEquals(runs.length, 1);
    return join(target, runs[0].name, name);
  }

  column(table: string, name: string): number[] {
    return Array.from(readTextTable(this.path(table)).columns.get(name)!);
  }

  /** Counts in the bins of an exported histogram. */
  histogram(name: string): number[] {
    const bytes = Deno.readFileSync(this.path(name));
    const begin = 10 + new DataView(bytes.buffer).getUint16(8, true);
    return Array.from(new BigInt64Array(bytes.buffer.slice(begin)), Number);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** All events of a journal: their counters, and the bits of their channels. */
function journalBits(path: string): [number, Record<string, number[]>][] {
  using reader = new JournalReader(path);
  return Array.from(reader, (event) => [event.counter, bitsOf(event)]);
}

function bitsOf({ data }: Pick<EventRecord, "data">): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(data).map(([name, column]) => [name, Array.from(new Uint32Array(new Float32Array(column).buffer))]),
  );
}

/** Simulated events as mimoCoRB2 would have recorded them, 1 ms apart. */
function recordedEvents(count: number): EventRecord[] {
  const config = {
    number_of_samples: SAMPLES,
    analogue_offset: -0.48,
    trigger_level: -440,
    sample_time_ns: 4,
    pre_trigger_samples: 500,
  };
  const simulator = new MuonSimulator(config, { channels: 4, seed: "recorded" });
  return Array.from({ length: count }, (_, counter) => {
    const channels = Array.from({ length: 4 }, () => new Float32Array(SAMPLES));
    simulator.fill(channels);
    const [chA, chB, chC, chD] = channels;
    return { counter, timestamp: 1_700_000_000 + counter / 1000, deadtime: 0.125, data: { chA, chB, chC, chD } };
  });
}

/** Copies an example into a folder, as users do who change it. */
function copyExample(name: string, folder: string): void {
  for (const { name: entry, isDirectory } of Deno.readDirSync(join(EXAMPLES, name))) {
    const path = join(name, entry);
    if (isDirectory) copyExample(path, folder);
    else {
      Deno.mkdirSync(join(folder, name), { recursive: true });
      Deno.copyFileSync(join(EXAMPLES, path), join(folder, path));
    }
  }
}

Deno.test("examples/v2/simple/setup.yaml selects high sine waves and tells their heights", async () => {
  using example = new ExampleRun();
  const events = await example.run(join(EXAMPLES, "simple/setup.yaml"), "--runevents", "600");
  assertEquals(events.raw_osc, 600);
  // Heights are normal, 0.8 ± 0.3, and 75 % of them are above 0.6.
  assert(events.filtered_osc > 400 && events.filtered_osc < 500, `${events.filtered_osc}`);
  assertEquals([events.pulse_heights, events.saved_heights], [events.filtered_osc, events.filtered_osc]);
  const heights = example.column("pulse_heights.csv", "pulse_height");
  assertEquals(heights.length, events.filtered_osc);
  assert(heights.every((height) => height > 0.6));
  assertAlmostEquals(meanOf(heights), 0.92, 0.05);
  assertMatch(Deno.readTextFileSync(example.path("log.txt")), new RegExp(`${heights.length} heights, mean 0\\.`));
});

Deno.test("examples/v2/simple/functions.ts serves early setups of mimoCoRB2, which name functions.py and source_list", async () => {
  using example = new ExampleRun();
  copyExample("simple", example.folder);
  const waveform = { slot_count: 16, data_length: 100, data_dtype: { ch1: "f4" }, overwrite: true };
  const worker = (name: string, rest: object) => ({ file: "functions.py", function: name, ...rest });
  const setup = {
    Buffers: {
      raw: waveform,
      high: waveform,
      heights: { slot_count: 16, data_length: 1, data_dtype: { pulse_height: "f4" } },
    },
    Workers: {
      source: worker("simulate_osc", { sink_list: ["raw"] }),
      filter: worker("filter_data", { source_list: ["raw"], sink_list: ["high"], config: "config.yaml" }),
      heights: worker("calculate_pulse_heights", { source_list: ["high"], sink_list: ["heights"] }),
      print: worker("print_pulse_heights", { source_list: ["heights"] }),
    },
    Options: { output_directory: "target" },
  };
  Deno.writeTextFileSync(join(example.folder, "simple/early.yaml"), stringify(setup));
  Deno.writeTextFileSync(join(example.folder, "simple/functions.py"), "");
  const events = await example.run("simple/early.yaml", "--runevents", "100");
  assertEquals(events.raw, 100);
  assert(events.heights === events.high && events.high > 60, `${events.high}`);
});

Deno.test("examples/v2/muon/spin_setup.yaml finds decaying muons, and writes waveforms, tables and histograms", async () => {
  using example = new ExampleRun();
  const events = await example.run(join(EXAMPLES, "muon/spin_setup.yaml"), "--runevents", "3000");
  const { AcceptedPulses, PulseParametersUp, PulseParametersDown } = events;
  assertEquals(PulseParametersUp + PulseParametersDown, AcceptedPulses);
  // 10 % of the muons stop; some decay too early or late, or miss a layer.
  assert(AcceptedPulses > 0.05 * 3000 && AcceptedPulses < 0.1 * 3000, `${AcceptedPulses}`);
  assertEquals(journalBits(example.path("AcceptedPulses.mjournal")).length, AcceptedPulses);
  const times: number[] = [];
  for (const ring of ["PulseParametersUp", "PulseParametersDown"]) {
    const decayTimes = example.column(`${ring}_Export.csv`, "decay_time");
    assertEquals(decayTimes.length, events[ring]);
    const inRange = decayTimes.filter((time) => time >= 0 && time < 15_000);
    const counts = example.histogram(`Histograms_${ring}/decay_time.npy`);
    assertEquals([counts.length, counts.reduce((sum, count) => sum + count, 0)], [75, inRange.length]);
    assert(Deno.statSync(example.path(`Histograms_${ring}/histograms.svg`)).size > 0);
    times.push(...decayTimes);
  }
  // 2197 ns, more by the pulses that are too close to be told apart; ± 3 standard errors of 200 decays.
  assertAlmostEquals(meanOf(times), 2340, 500);
});

Deno.test("examples/v2/gamma/setup.yaml gives a spectrum with the lines of Co-60", async () => {
  using example = new ExampleRun();
  const count = 4000;
  const events = await example.run(join(EXAMPLES, "gamma/setup.yaml"), "--runevents", String(count));
  assertEquals(events, { oscilloscope: count, pulse_parameters: count, pulse_parameters_export: count });
  const counts = example.histogram("Histograms_pulse_parameters/peak_heights.npy");
  assertEquals([counts.length, counts.reduce((sum, n) => sum + n, 0)], [1000, count]);
  // 5 counts per bin, 3 counts per keV; the lines are 480 counts apart, three standard deviations from their middle.
  const middle = Math.round(3 * (1173.2 + 1332.5) / 2 / 5);
  for (const [from, to, energyKev] of [[0, middle, 1173.2], [middle, 1000, 1332.5]]) {
    const bins = counts.map((n, i) => i >= from && i < to ? n : 0);
    const inLine = bins.reduce((sum, n) => sum + n, 0);
    const mean = bins.reduce((sum, n, i) => sum + n * 5 * (i + 0.5), 0) / inLine;
    const sigma = Math.sqrt(bins.reduce((sum, n, i) => sum + n * (5 * (i + 0.5) - mean) ** 2, 0) / inLine);
    // The highest sample of a pulse lies some 12 counts above it by the noise.
    assertAlmostEquals(mean, 3 * energyKev, 20);
    // 7 % at 661.7 keV, 2.355 standard deviations wide, growing with the root of the energy.
    assertAlmostEquals(sigma, 3 * 0.07 * Math.sqrt(661.7 * energyKev) / 2.355, 6);
    assertAlmostEquals(inLine / count, 0.5, 0.03);
  }
  assertMatch(Deno.readTextFileSync(example.path("log.txt")), /no file "spectra\/Co-60\.html": the lines of Co-60/);
});

Deno.test("examples/v2/mimo_files/write_setup.yaml records waveforms that read_setup.yaml analyses", async () => {
  using written = new ExampleRun();
  using read = new ExampleRun();
  const { waveform_buffer: recorded } = await written.run(
    join(EXAMPLES, "mimo_files/write_setup.yaml"),
    "--runevents",
    "300",
  );
  assertEquals(recorded, 300);
  for (const name of ["mimo_files", "muon"]) copyExample(name, read.folder);
  Deno.copyFileSync(written.path("waveform_buffer.mjournal"), join(read.folder, "mimo_files/waveforms.mjournal"));
  const setup = join(read.folder, "mimo_files/read_setup.yaml");
  const text = Deno.readTextFileSync(setup);
  Deno.writeTextFileSync(setup, text.replace("filename: waveform_buffer.mimo", "filename: waveforms.mjournal"));
  const { InputBuffer, AcceptedPulses } = await read.run(setup);
  assertEquals(InputBuffer, 300);
  assert(AcceptedPulses > 10, `${AcceptedPulses}`);
  const all = new Map(journalBits(written.path("waveform_buffer.mjournal")));
  for (const [counter, bits] of journalBits(read.path("AcceptedPulses.mjournal"))) assertEquals(bits, all.get(counter));
});

Deno.test("examples/v2/mimo_files/read_setup.yaml is refused without its file, and gives back the events of a .mimo file", async () => {
  using example = new ExampleRun();
  for (const name of ["mimo_files", "muon"]) copyExample(name, example.folder);
  const refused = await example.start("mimo_files/read_setup.yaml");
  assertEquals(refused.code, 2, refused.stdout);
  assertMatch(refused.stderr, /^mimo_files\/read_setup\.yaml:\d+: input .*: Cannot read ".*\/waveform_buffer\.mimo"/m);
  const recorded = recordedEvents(400);
  writeMimoFile(join(example.folder, "mimo_files/waveform_buffer.mimo"), recorded);
  const { InputBuffer, AcceptedPulses } = await example.run("mimo_files/read_setup.yaml");
  assertEquals(InputBuffer, 400);
  const accepted = journalBits(example.path("AcceptedPulses.mjournal"));
  assert(accepted.length === AcceptedPulses && AcceptedPulses > 15, `${AcceptedPulses}`);
  for (const [counter, bits] of accepted) assertEquals(bits, bitsOf(recorded[counter]));
});

Deno.test("data.simulate_importer and data.export hand the events of a .mimo file on, bit by bit and all of them", async () => {
  using example = new ExampleRun();
  const recorded = recordedEvents(60);
  writeMimoFile(join(example.folder, "run.mimo"), recorded);
  const fields = { chA: "f4", chB: "f4", chC: "f4", chD: "f4" };
  const setup = {
    Buffers: { waveforms: { slot_count: 8, data_length: SAMPLES, data_dtype: fields } },
    Workers: {
      from_file: { function: "data.simulate_importer", sinks: ["waveforms"], config: { filename: "run.mimo" } },
      osc: { function: "observers.oscilloscope", observes: ["waveforms"] },
      write: { function: "data.export", sources: ["waveforms"] },
    },
    Options: { debug_workers: true },
  };
  Deno.writeTextFileSync(join(example.folder, "setup.yaml"), stringify(setup));
  assertEquals(await example.run("setup.yaml"), { waveforms: 60 });
  assertEquals(
    journalBits(example.path("waveforms.mjournal")),
    recorded.map((event) => [event.counter, bitsOf(event)]),
  );
});

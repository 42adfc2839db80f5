/**
 * Speed of the file formats in one thread, with events of 4 channels of 4250 float32 samples and with pulse parameters of
 * 25 fields. Files go to the folder for temporary files, so the disk's cache plays its part.
 *
 *     64 events in memory -> RecordingWriter -> a.tar -> RecordingReader
 *                  64 pulses -> TextTableWriter -> a.txt
 *       64 events or pulses -> ParquetTableWriter -> table/ -> ParquetTableReader
 *                    v1's archive (Snappy) -> RecordingReader
 */
import { ParquetEncoder } from "../../src/files/parquet_writer.ts";
import { ParquetTableReader } from "../../src/files/parquet_table_reader.ts";
import { ParquetTableWriter } from "../../src/files/parquet_table_writer.ts";
import { RecordingReader } from "../../src/files/recording_reader.ts";
import { RecordingWriter } from "../../src/files/recording_writer.ts";
import { TextTableWriter } from "../../src/files/text_table.ts";
import { readTextTable } from "../../src/files/text_table_reader.ts";
import { waveformPlot } from "../../src/files/waveform_plot.ts";
import { allocateColumns, type Columns, type RecordLayout, recordLayout } from "../../src/record/record_layout.ts";
import { type Figure, figure } from "./figure.ts";

const CHANNELS = ["chA", "chB", "chC", "chD"];
const WAVEFORM = recordLayout(Object.fromEntries(CHANNELS.map((name) => [name, "float32"])), 4250);
const PULSE = recordLayout(
  {
    decay_time: "int32",
    ...Object.fromEntries(
      ["1st", "2nd"].flatMap((pulse) =>
        CHANNELS.flatMap((channel) => [
          [`${pulse}_${channel}_h`, "float32"],
          [`${pulse}_${channel}_p`, "int32"],
          [`${pulse}_${channel}_int`, "float32"],
        ])
      ),
    ),
  },
  1,
);

const SLOTS = 64;
const ENCODINGS = 10_000;
const STORED_EVENTS = 3000;
const ROWS = 50_000;
const PLOTS = 50;
const V1_ARCHIVE = `${import.meta.dirname}/../data/files/v1_recording.tar`;

interface BenchEvent {
  readonly data: Columns;
  counter: number;
  timestamp: number;
  deadtime: number;
}

/** Events as they lie in the slots of a ring. */
function events(layout: RecordLayout): BenchEvent[] {
  return Array.from({ length: SLOTS }, (_, slot) => {
    const data = allocateColumns(layout);
    for (const { name } of layout.fields) {
      const column = data[name];
      for (let i = 0; i < column.length; i++) column[i] = 300 * Math.sin(i * 0.11 + slot) + slot;
    }
    return { data, counter: 0, timestamp: 1795351039.1450388, deadtime: 0.2622549019607843 };
  });
}

/** Calls `run` once to warm up and then `repeats` times; returns seconds. */
function secondsOf(repeats: number, run: () => void): number[] {
  const seconds: number[] = [];
  for (let repeat = -1; repeat < repeats; repeat++) {
    const began = performance.now();
    run();
    if (repeat >= 0) seconds.push((performance.now() - began) / 1000);
  }
  return seconds;
}

function check(what: string, found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`Wrong result: expected ${wanted} ${what}, found ${found}`);
}

function storeEvents(path: string, waveforms: readonly BenchEvent[]): void {
  using writer = new RecordingWriter(path, WAVEFORM, { overwrite: true });
  for (let i = 0; i < STORED_EVENTS; i++) {
    const event = waveforms[i % SLOTS];
    event.counter = i;
    writer.write(event);
  }
}

function readEvents(path: string): number {
  using reader = new RecordingReader(path, WAVEFORM);
  let counters = 0;
  for (const { counter } of reader) counters += counter;
  return counters;
}

function writeRows(path: string, pulses: readonly BenchEvent[]): void {
  using writer = new TextTableWriter(path, PULSE, { overwrite: true });
  for (let i = 0; i < ROWS; i++) {
    const event = pulses[i % SLOTS];
    event.counter = i;
    writer.write(event);
  }
}

function storeTable(path: string, events: readonly BenchEvent[], count: number): void {
  Deno.mkdirSync(path, { recursive: true });
  Deno.removeSync(path, { recursive: true });
  // One file, so that waiting for the disk is not measured but at its end.
  using table = new ParquetTableWriter(path, layoutOf(events), { segmentBytes: 1 << 30 });
  for (let i = 0; i < count; i++) {
    const event = events[i % SLOTS];
    event.counter = i;
    table.write(event);
  }
}

function layoutOf(events: readonly BenchEvent[]): RecordLayout {
  return "chA" in events[0].data ? WAVEFORM : PULSE;
}

function readTable(path: string): number {
  using table = new ParquetTableReader(path);
  let counters = 0;
  for (const { counter } of table) counters += counter;
  return counters;
}

/** Measures the formats. Throws if what is read back is wrong. */
export function filesBench(repeats: number): Figure[] {
  const waveforms = events(WAVEFORM);
  const pulses = events(PULSE);
  const folder = Deno.makeTempDirSync();
  try {
    const encoder = new ParquetEncoder(WAVEFORM);
    const memory = new Uint8Array(encoder.byteLength);
    const encode = secondsOf(repeats, () => {
      for (let i = 0; i < ENCODINGS; i++) encoder.of(waveforms[i % SLOTS]).writeTo(memory, 0);
    });

    const archive = `${folder}/a.tar`;
    const store = secondsOf(repeats, () => storeEvents(archive, waveforms));
    const read = secondsOf(repeats, () => check("as sum of counters", readEvents(archive), sumBelow(STORED_EVENTS)));
    let v1Events = 0;
    const readV1 = secondsOf(repeats, () => {
      for (let i = 0; i < 20; i++) v1Events += readEvents(V1_ARCHIVE) === 3 ? 2 : NaN;
    });
    check("events of v1", v1Events, (repeats + 1) * 40);

    const table = `${folder}/a.txt`;
    const rows = secondsOf(repeats, () => writeRows(table, pulses));
    const counters = readTextTable(table).columns.get("counter")!;
    check("as sum of counters", counters.reduce((sum, counter) => sum + counter, 0), sumBelow(ROWS));

    const waveTable = `${folder}/waves`;
    const storeWaves = secondsOf(repeats, () => storeTable(waveTable, waveforms, STORED_EVENTS));
    const readWaves = secondsOf(
      repeats,
      () => check("as sum of counters", readTable(waveTable), sumBelow(STORED_EVENTS)),
    );
    const pulseTable = `${folder}/pulses`;
    const storePulses = secondsOf(repeats, () => storeTable(pulseTable, pulses, ROWS));
    const readPulses = secondsOf(repeats, () => check("as sum of counters", readTable(pulseTable), sumBelow(ROWS)));

    let characters = 0;
    const plot = secondsOf(repeats, () => {
      for (let i = 0; i < PLOTS; i++) {
        const channels = waveforms[i % SLOTS].data as Readonly<Record<string, Float32Array>>;
        characters += waveformPlot({ channels, sampleTimeNs: 4, counter: i }).length;
      }
    });
    if (!(characters > 0)) throw new Error("Wrong result: expected drawings, found none");

    const megabytes = STORED_EVENTS * encoder.byteLength / 1e6;
    const per = (count: number, unit: number) => (seconds: number) => seconds * unit / count;
    const rate = (count: number) => (seconds: number) => count / seconds;
    return [
      figure("parquet_encode_4x4250", encode.map(per(ENCODINGS, 1e6)), { unit: "us/event", wanted: "<= 20" }),
      figure("parquet_tar_write_4x4250", store.map(rate(STORED_EVENTS)), { unit: "events/s", wanted: ">= 5000" }),
      figure("parquet_tar_write_4x4250_bytes", store.map(rate(megabytes)), { unit: "MB/s" }),
      figure("parquet_tar_read_4x4250", read.map(rate(STORED_EVENTS)), { unit: "events/s" }),
      figure("v1_snappy_tar_read_4x4250", readV1.map(rate(40)), { unit: "events/s" }),
      figure("text_table_28_columns", rows.map(rate(ROWS)), { unit: "rows/s" }),
      figure("parquet_table_write_4x4250", storeWaves.map(rate(megabytes)), { unit: "MB/s" }),
      figure("parquet_table_read_4x4250", readWaves.map(rate(megabytes)), { unit: "MB/s" }),
      figure("parquet_table_write_28_columns", storePulses.map(rate(ROWS)), { unit: "rows/s" }),
      figure("parquet_table_read_28_columns", readPulses.map(rate(ROWS)), { unit: "rows/s" }),
      figure("waveform_svg_4x4250", plot.map(per(PLOTS, 1e3)), { unit: "ms/drawing" }),
    ];
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function sumBelow(count: number): number {
  return count * (count - 1) / 2;
}

if (import.meta.main) {
  const figures = filesBench(Number(Deno.args[0] ?? 7));
  console.log(JSON.stringify(Object.fromEntries(figures.map(({ name, ...rest }) => [name, rest])), null, 2));
}

/**
 * Speed of the journal in one thread, to a file on disk (the disk's cache plays its part) and to one in shared memory, beside
 * plain writes of the same bytes in pieces of the same size, measured in turn.
 *
 *     64 events in memory -> JournalWriter -> a.mjournal -> JournalReader
 *                 64 events -> JournalWriter, flush() after each event, as save_journal does
 *               1 MB of bytes -> write() -> a.bin
 */
import { JournalReader } from "../../src/files/journal_reader.ts";
import { JournalWriter } from "../../src/files/journal_writer.ts";
import { crc32cOfWords } from "../../src/files/crc32c.ts";
import { allocateColumns, type Columns, type RecordLayout, recordLayout } from "../../src/record/record_layout.ts";
import { type Figure, figure } from "./figure.ts";

const SLOTS = 64;
const BATCH_BYTES = 1 << 20;
const CRC_BYTES = 1 << 20;

/** An event of 8 channels with 4250 samples, and one of 64 bytes. */
const KINDS = [
  {
    name: "136kB",
    layout: recordLayout(Object.fromEntries([..."ABCDEFGH"].map((letter) => [`ch${letter}`, "float32"])), 4250),
    events: 2000,
  },
  { name: "64B", layout: recordLayout("float64", 8), events: 400_000 },
] as const;

function columnsOf(layout: RecordLayout): Columns[] {
  return Array.from({ length: SLOTS }, (_, slot) => {
    const data = allocateColumns(layout);
    for (const { name } of layout.fields) {
      const column = data[name];
      for (let i = 0; i < column.length; i++) column[i] = 300 * Math.sin(i * 0.11 + slot) + slot;
    }
    return data;
  });
}

function seconds(run: () => void): number {
  const began = performance.now();
  run();
  return (performance.now() - began) / 1000;
}

function writeEvents(path: string, kind: (typeof KINDS)[number], slots: readonly Columns[], each: boolean): void {
  using journal = new JournalWriter(path, kind.layout, { batchBytes: BATCH_BYTES });
  const event = { data: slots[0], counter: 0, timestamp: 1795351039.1450388, deadtime: 0.26 };
  for (let counter = 0; counter < kind.events; counter++) {
    event.data = slots[counter % SLOTS];
    event.counter = counter;
    journal.write(event);
    if (each) journal.flush();
  }
}

function readEvents(path: string): number {
  using journal = new JournalReader(path);
  let events = 0;
  for (let event = journal.next(); event !== null; event = journal.next()) {
    if (event.counter !== events) throw new Error(`Wrong result: expected event ${events}, found ${event.counter}`);
    events++;
  }
  return events;
}

function writePlain(path: string, bytes: number): void {
  using file = Deno.openSync(path, { write: true, createNew: true });
  const piece = new Uint8Array(BATCH_BYTES).fill(7);
  for (let left = bytes; left > 0;) left -= file.writeSync(left < piece.length ? piece.subarray(0, left) : piece);
}

/** Measures the journal. Throws if what is read back is wrong. */
export function journalBench(repeats: number): Figure[] {
  const figures: Figure[] = [checksum(repeats)];
  for (const [place, parent] of [["disk", undefined], ["shm", "/dev/shm"]] as const) {
    for (const kind of KINDS) {
      const folder = Deno.makeTempDirSync({
        prefix: "mimocorb_bench_",
        ...(parent === undefined ? {} : { dir: parent }),
      });
      try {
        figures.push(...measure(folder, kind, { place, repeats }));
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    }
  }
  return figures;
}

function measure(
  folder: string,
  kind: (typeof KINDS)[number],
  { place, repeats }: { readonly place: string; readonly repeats: number },
): Figure[] {
  const slots = columnsOf(kind.layout);
  const path = `${folder}/a.mjournal`;
  const plain: number[] = [];
  const batched: number[] = [];
  const each: number[] = [];
  const read: number[] = [];
  // One after the other in each turn, so that whatever else the machine does concerns all of them.
  for (let turn = -1; turn < repeats; turn++) {
    const writing = seconds(() => writeEvents(path, kind, slots, false));
    const { size } = Deno.statSync(path);
    const reading = seconds(() => {
      const events = readEvents(path);
      if (events !== kind.events) throw new Error(`Wrong result: expected ${kind.events} events, found ${events}`);
    });
    Deno.removeSync(path);
    const through = seconds(() => writeEvents(path, kind, slots, true));
    Deno.removeSync(path);
    const copying = seconds(() => writePlain(path, size));
    Deno.removeSync(path);
    if (turn < 0) continue;
    plain.push(size / 1e6 / copying);
    batched.push(size / 1e6 / writing);
    each.push(size / 1e6 / through);
    read.push(size / 1e6 / reading);
  }
  const name = (what: string) => `${what}_${kind.name}_${place}`;
  const bytes = kind.layout.recordBytes;
  const wanted = (share: number) => `${Math.round(share)} % of plain writes`;
  const ratio = (values: readonly number[]) => 100 * sum(values) / sum(plain);
  return [
    figure(name("plain_write"), plain, { unit: "MB/s" }),
    figure(name("journal_write"), batched, { unit: "MB/s", wanted: wanted(ratio(batched)) }),
    figure(name("journal_write_each"), each, { unit: "MB/s", wanted: wanted(ratio(each)) }),
    figure(name("journal_read"), read, { unit: "MB/s" }),
    ...(bytes < 1000
      ? [figure(name("journal_events_each"), each.map((rate) => rate * 1e6 / 112), { unit: "events/s" })]
      : []),
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function checksum(repeats: number): Figure {
  const words = Int32Array.from({ length: CRC_BYTES / 4 }, (_, i) => Math.imul(i, 0x9e3779b1));
  let found = 0;
  const rates = Array.from({ length: repeats }, () => {
    const took = seconds(() => {
      for (let i = 0; i < 100; i++) found ^= crc32cOfWords(words, 0, words.length);
    });
    return 100 * CRC_BYTES / 1e6 / took;
  });
  if (repeats % 2 === 0 && found !== 0) throw new Error("Wrong result: expected the same checksum each time");
  return figure("crc32c", rates, { unit: "MB/s", wanted: ">= 1000" });
}

if (import.meta.main) {
  const figures = journalBench(Number(Deno.args[0] ?? 7));
  for (const { name, median, min, max, unit, wanted } of figures) {
    console.log(
      `${name.padEnd(30)} ${median.toPrecision(4).padStart(9)} ${unit.padEnd(9)} ${min.toPrecision(3)} to ${
        max.toPrecision(3)
      }  ${wanted}`,
    );
  }
}

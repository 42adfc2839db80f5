/** A table that is cut at a thousand places, and in which ten thousand bits are flipped, one at a time. */
import { DamagedFileError } from "../../src/files/damaged_file_error.ts";
import { readSegmentForm } from "../../src/files/parquet_segment_form.ts";
import { groupBytes } from "../../src/files/parquet_table_footer.ts";
import { ParquetTableReader } from "../../src/files/parquet_table_reader.ts";
import { ParquetTableWriter } from "../../src/files/parquet_table_writer.ts";
import { PositionedFile } from "../../src/files/positioned_file.ts";
import { allocateColumns, recordLayout } from "../../src/record/record_layout.ts";
import { assert, assertEquals } from "../../src/std/assert.js";
import { Random } from "../../src/pulses/random.ts";

const CUTS = 1200;
const FLIPS = 10_000;

const LAYOUT = recordLayout({ chA: "float32", chB: "int16", trigger: "bool" }, 6);
const EVENTS = 90;

/** A row group of the table: where it lies, and the events that it holds. */
interface Group {
  readonly path: string;
  readonly offset: number;
  readonly end: number;
  readonly counters: readonly number[];
}

interface Table {
  readonly folder: string;
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> }[];
  readonly groups: readonly Group[];
}

function makeTable(folder: string): Table {
  const data = allocateColumns(LAYOUT);
  {
    using table = new ParquetTableWriter(folder, LAYOUT, { rowGroupBytes: 900, segmentBytes: 3000 });
    for (let counter = 0; counter < EVENTS; counter++) {
      for (const column of Object.values(data)) column.forEach((_, i) => column[i] = (counter * 7 + i) % 2);
      data.chA.fill(counter + 0.5);
      table.write({ data, counter, timestamp: 1e9 + counter, deadtime: 0.5 });
    }
  }
  const paths = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`).sort();
  let next = 0;
  const groups = paths.flatMap((path) => {
    using file = new PositionedFile(path);
    return readSegmentForm(file).groups.map((group): Group => {
      const counters = Array.from({ length: group.rows }, () => next++);
      return { path, offset: group.offset, end: group.offset + groupBytes(group), counters };
    });
  });
  assertEquals(next, EVENTS);
  assert(paths.length >= 3 && groups.length >= 8, `${paths.length} files, ${groups.length} row groups`);
  return { folder, files: paths.map((path) => ({ path, bytes: Deno.readFileSync(path) })), groups };
}

/** Reads a table and checks that every event is what was written. */
function counters(reader: ParquetTableReader): number[] {
  return Array.from(reader, ({ counter, timestamp, data }) => {
    assertEquals([timestamp, data.chA[5], data.chB[1]], [1e9 + counter, counter + 0.5, (counter * 7 + 1) % 2]);
    return counter;
  });
}

/** What reading without salvage throws. */
function damage(folder: string, what: string): DamagedFileError {
  try {
    using reader = new ParquetTableReader(folder);
    counters(reader);
  } catch (error) {
    if (error instanceof DamagedFileError) return error;
    throw error;
  }
  throw new Error(`Cannot find the damage: expected a DamagedFileError, found none: ${what}`);
}

async function withTable(use: (table: Table) => void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "mimocorb_damage_" });
  try {
    use(makeTable(`${folder}/table`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test(`ParquetTableReader finds a file that is cut at ${CUTS} places, and reads all whole row groups before it`, async () => {
  await withTable(({ folder, files, groups }) => {
    const random = new Random("cuts");
    for (let cut = 0; cut < CUTS; cut++) {
      const { path, bytes } = files[cut % files.length];
      // The last places are at the end, where lengths and magic words are.
      const length = cut < CUTS - 60 ? Math.floor(random.uniform() * bytes.length) : bytes.length - 1 - (cut % 20);
      Deno.writeFileSync(path, bytes.subarray(0, length));
      const what = `cut at byte ${length} of ${bytes.length} of ${path}`;
      const error = damage(folder, what);
      assertEquals(error.path, path, what);
      assert(error.offset <= length && error.offset + error.fault.byteLength >= length, `${what}: ${error.message}`);
      using salvaged = new ParquetTableReader(folder, { salvage: true });
      const whole = groups.filter((group) => group.path !== path || group.end <= length);
      const head = headLength(bytes);
      const wanted = length < head ? groups.filter((group) => group.path !== path) : whole;
      assertEquals(counters(salvaged), wanted.flatMap((group) => group.counters), what);
      assertEquals(salvaged.faults.map((fault) => fault.path), [path], what);
      Deno.writeFileSync(path, bytes);
    }
  });
});

Deno.test(`ParquetTableReader finds each of ${FLIPS} flipped bits, and reads all row groups but the one it is in`, async () => {
  await withTable(({ folder, files, groups }) => {
    const random = new Random("flips");
    const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
    let inGroups = 0;
    for (let flip = 0; flip < FLIPS; flip++) {
      // Every file's first and last bytes once each, then anywhere.
      let at = flip < total ? flip : Math.floor(random.uniform() * total);
      const file = files.find(({ bytes }) => at < bytes.length || (at -= bytes.length) < 0)!;
      const { path, bytes } = file;
      const damaged = bytes.slice();
      damaged[at] ^= 1 << Math.floor(random.uniform() * 8);
      Deno.writeFileSync(path, damaged);
      const what = `byte ${at} of ${bytes.length} of ${path}`;
      const error = damage(folder, what);
      assertEquals(error.path, path, what);
      assert(error.offset <= at && at < error.offset + error.fault.byteLength, `${what}: ${error.message}`);
      using salvaged = new ParquetTableReader(folder, { salvage: true });
      const hit = groups.find((group) => group.path === path && group.offset <= at && at < group.end);
      if (hit !== undefined) inGroups++;
      assertEquals(
        counters(salvaged),
        groups.filter((group) => group !== hit).flatMap((group) => group.counters),
        what,
      );
      assertEquals(salvaged.faults.length, 1, what);
      assertEquals(salvaged.faults[0].events, hit === undefined ? 0 : hit.counters.length, what);
      Deno.writeFileSync(path, bytes);
    }
    assert(inGroups > FLIPS / 4 && inGroups < FLIPS, `${inGroups} of ${FLIPS} bits were in row groups`);
  });
});

Deno.test("ParquetTableReader reads what is whole of a file with two kinds of damage", async () => {
  await withTable(({ folder, files, groups }) => {
    const [{ path, bytes }] = files;
    const own = groups.filter((group) => group.path === path);
    const damaged = bytes.slice(0, bytes.length - 30);
    damaged[own[1].offset + 40] ^= 1;
    Deno.writeFileSync(path, damaged);
    using salvaged = new ParquetTableReader(folder, { salvage: true });
    assertEquals(counters(salvaged), groups.filter((group) => group !== own[1]).flatMap((group) => group.counters));
    assertEquals(salvaged.faults.length, 2);
  });
});

/** Bytes of the footer without rows at the beginning of a file. */
function headLength(bytes: Uint8Array): number {
  const text = new TextDecoder("latin1").decode(bytes);
  return text.indexOf("PAR1", 4) + 4;
}

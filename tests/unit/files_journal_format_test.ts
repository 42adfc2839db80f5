/** docs/journal_format.md against the code. */
import { crc32c } from "../../src/files/crc32c.ts";
import { encodeHeader } from "../../src/files/journal_header.ts";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { JournalWriter } from "../../src/files/journal_writer.ts";
import { allocateColumns, recordLayout } from "../../src/record/record_layout.ts";
import { assert, assertEquals, assertMatch } from "../../src/std/assert.js";
import { toolTest } from "../tools.ts";

const TEXT = Deno.readTextFileSync(`${import.meta.dirname}/../../docs/journal_format.md`);

function block(name: string): string {
  const found = new RegExp(`<!-- ${name} -->\\n+\`\`\`\\w*\\n(.*?)\`\`\``, "s").exec(TEXT);
  assert(found !== null, `no example "${name}"`);
  return found[1];
}

/** Bytes of a hex listing, and where it says that they begin. */
function listing(name: string): { offset: number; bytes: number[] } {
  const lines = block(name).trimEnd().split("\n");
  const bytes = lines.flatMap((line) => line.slice(6, 53).trim().split(" ").map((word) => parseInt(word, 16)));
  return { offset: parseInt(lines[0], 16), bytes };
}

function exampleFile(): Uint8Array<ArrayBuffer> {
  const header = listing("header");
  const parts = [header, { offset: header.bytes.length, bytes: header.bytes }, listing("frames"), listing("index")];
  const bytes: number[] = [];
  for (const part of parts) {
    assertEquals(part.offset, bytes.length);
    bytes.push(...part.bytes);
  }
  return Uint8Array.from(bytes);
}

function withExample(run: (path: string, bytes: Uint8Array<ArrayBuffer>) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/example.mjournal`;
    const bytes = exampleFile();
    Deno.writeFileSync(path, bytes);
    run(path, bytes);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("docs/journal_format.md shows a journal that JournalReader reads as it says", () => {
  withExample((path) => {
    using journal = new JournalReader(path);
    assertEquals(journal.origin, { run: "demo", ring: "RB_1" });
    assertEquals(journal.length, 1);
    const event = journal.next()!;
    assertEquals([event.counter, event.timestamp, event.deadtime, event.redelivered], [17, 1700000001.5, 0.25, false]);
    assertEquals([[...event.data.chA], [...event.data.hit]], [[1, -2.5, 100], [0, 1, 0]]);
    assertEquals(journal.next(), null);
    assertEquals(journal.faults, []);
  });
});

Deno.test("docs/journal_format.md shows the bytes that JournalWriter writes", () => {
  withExample((path, bytes) => {
    using journal = new JournalReader(path);
    const { header } = journal;
    assertEquals([...encodeHeader(header)], [...bytes.subarray(0, 2 * header.headerBytes)]);
    const layout = recordLayout({ chA: "float32", hit: "bool" }, 3);
    const again = `${path}.again`;
    const { marker, series, created } = header;
    {
      using writer = new JournalWriter(again, layout, { origin: header.origin, stamp: { marker, series, created } });
      const data = allocateColumns(layout);
      data.chA.set([1, -2.5, 100]);
      data.hit.set([0, 1, 0]);
      writer.write({ data, counter: 17, timestamp: 1700000001.5, deadtime: 0.25 });
    }
    // The header names the version of the program, which the example does not follow.
    const frames = Deno.readFileSync(again).subarray(2 * header.headerBytes);
    assertEquals([...frames], [...bytes.subarray(2 * header.headerBytes)]);
  });
});

/** Reads the fields as the tables say, by nothing but their offsets. */
Deno.test("docs/journal_format.md gives the offsets at which things are", () => {
  withExample((_, bytes) => {
    const view = new DataView(bytes.buffer);
    assertEquals([...bytes.subarray(0, 8)], [0x89, 0x4d, 0x4a, 0x52, 0x4e, 0x4c, 0x0d, 0x0a]);
    assertEquals([view.getUint16(8, true), view.getUint16(10, true)], [1, 0]);
    const H = view.getUint32(12, true);
    const J = view.getUint32(16, true);
    const L = view.getUint32(20, true);
    assertEquals(JSON.parse(new TextDecoder().decode(bytes.subarray(32, 32 + J))).format, "mimocorb journal");
    assertEquals(view.getUint32(H - 4, true), crc32c(bytes.subarray(0, H - 4)));
    const event = 2 * H;
    assertEquals(view.getUint32(event, true), view.getUint32(24, true));
    assertEquals(view.getUint32(event + 4, true), L);
    assertEquals([bytes[event + 8], bytes[event + 9], view.getUint32(event + 12, true)], [1, 0, 0]);
    assertEquals(view.getBigInt64(event + 16, true), 17n);
    assertEquals([view.getFloat64(event + 24, true), view.getFloat64(event + 32, true)], [1700000001.5, 0.25]);
    assertEquals(view.getFloat32(event + 44, true), -2.5);
    assertEquals(view.getUint32(event + L - 4, true), crc32c(bytes.subarray(event, event + L - 4)));
    const M = view.getUint32(bytes.length - 12, true);
    const index = bytes.length - M;
    assertEquals(index, event + L);
    assertEquals([bytes[index + 8], view.getBigUint64(index + 16, true), view.getUint32(index + 32, true)], [2, 1n, 1]);
    assertEquals(view.getBigUint64(index + 40, true), BigInt(event));
    assertEquals(new TextDecoder().decode(bytes.subarray(bytes.length - 8, bytes.length - 4)), "mjix");
    assertEquals(view.getUint32(bytes.length - 4, true), crc32c(bytes.subarray(index, bytes.length - 4)));
  });
});

function runPython(python: string, code: string, path: string): { success: boolean; text: string } {
  const { success, stdout, stderr } = new Deno.Command(python, { args: ["-c", code, path] }).outputSync();
  return { success, text: new TextDecoder().decode(success ? stdout : stderr) };
}

toolTest("python3", "docs/journal_format.md shows Python that reads a journal", (python) => {
  withExample((path) => {
    const { text } = runPython(python, block("python"), path);
    assertEquals(text.trim(), "17 1700000001.5 0.25 0000803f000020c00000c8420001000000000000");
    const numpy = runPython(python, block("numpy"), path);
    // NumPy need not be there.
    if (numpy.success) assertMatch(numpy.text, /^\[17\] \[\[ *1\. +-2\.5 +100\. *\]\]\n$/);
    else assertMatch(numpy.text, /No module named '?numpy/);
  });
});

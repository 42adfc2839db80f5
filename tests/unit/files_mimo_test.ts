import { DamagedFileError } from "../../src/files/damaged_file_error.ts";
import { MimoReader } from "../../src/files/mimo_reader.ts";
import { Random } from "../../src/pulses/random.ts";
import { allocateColumns } from "../../src/record/record_layout.ts";
import { assert, assertEquals, assertInstanceOf, assertThrows } from "../../src/std/assert.js";
import { hexColumns, withFolder } from "./event_file_fixture.ts";

const FILES = `${import.meta.dirname}/../data/files`;

interface ExpectedEvent {
  readonly counter: number;
  readonly timestamp: number;
  readonly deadtime: number;
  readonly columns: Record<string, string>;
}

const EXPECTED = JSON.parse(Deno.readTextFileSync(`${FILES}/v2_mimo.json`)) as Record<string, ExpectedEvent[]>;

/** Bytes of a pickle, from text and numbers. */
function pickle(...parts: (string | number)[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  return Uint8Array.from(parts.flatMap((part) => typeof part === "string" ? [...encoder.encode(part)] : [part]));
}

function text(value: string): [number, number, string] {
  return [0x8c, new TextEncoder().encode(value).length, value];
}

function refusal(bytes: Uint8Array): Error {
  let error: Error | null = null;
  withFolder((folder) => {
    Deno.writeFileSync(`${folder}/a.mimo`, bytes);
    error = assertThrows(() => new MimoReader(`${folder}/a.mimo`), Error);
  });
  return error!;
}

for (const [name, events] of Object.entries(EXPECTED)) {
  Deno.test(`MimoReader reads ${name}.mimo, bit by bit what NumPy wrote`, () => {
    using reader = new MimoReader(`${FILES}/${name}.mimo`);
    const found = Array.from(reader, ({ counter, timestamp, deadtime, redelivered, data }) => {
      assertEquals(redelivered, false);
      return { counter, timestamp, deadtime, columns: hexColumns(data) };
    });
    assertEquals(found, events);
    assertEquals([reader.position, reader.faults], [reader.byteLength, []]);
    assertEquals(reader.next(), null);
  });
}

Deno.test("MimoReader tells the layout from the dtypes", () => {
  using waveforms = new MimoReader(`${FILES}/v2_waveforms.mimo`);
  assertEquals(waveforms.layout.fields.map(({ name, type }) => `${name} ${type.name}`), [
    "chA float32",
    "chB float32",
    "chC float32",
    "chD float32",
  ]);
  assertEquals([waveforms.layout.valuesPerSlot, waveforms.layout.isSingle], [6, false]);
  using bare = new MimoReader(`${FILES}/v2_bare.mimo`);
  assertEquals([bare.layout.fields[0].type.name, bare.layout.isSingle], ["int16", true]);
});

Deno.test("MimoReader copies an event into memory that it is given", () => {
  using reader = new MimoReader(`${FILES}/v2_every_type.mimo`);
  const target = allocateColumns(reader.layout);
  reader.next(target);
  assertEquals(hexColumns(target), EXPECTED.v2_every_type[0].columns);
});

Deno.test("MimoReader gives every whole event of a file that was cut at any byte", () => {
  withFolder((folder) => {
    const bytes = Deno.readFileSync(`${FILES}/v2_waveforms.mimo`);
    const events = EXPECTED.v2_waveforms;
    const eventBytes = 6 * 16 + 24;
    const headerBytes = bytes.length - events.length * eventBytes;
    for (let cut = 0; cut < bytes.length; cut++) {
      const path = `${folder}/a.mimo`;
      Deno.writeFileSync(path, bytes.subarray(0, cut));
      if (cut < headerBytes) {
        const error = assertThrows(() => new MimoReader(path), DamagedFileError);
        assert(error.offset <= cut);
        continue;
      }
      using reader = new MimoReader(path);
      const whole = Math.floor((cut - headerBytes) / eventBytes);
      assertEquals(Array.from(reader, ({ counter }) => counter), events.slice(0, whole).map(({ counter }) => counter));
      const torn = (cut - headerBytes) % eventBytes;
      assertEquals(
        reader.faults.map(({ byteLength, isTail }) => [byteLength, isTail]),
        torn === 0 ? [] : [[torn, true]],
      );
    }
  });
});

Deno.test("MimoReader refuses every instruction that such a header has no use for, with its byte", () => {
  const known = new Set(
    [..."(}tRbsuhjqrXNKMJc).", "\x80", "\x95", "\x94", "\x88", "\x89", "\x8a", "\x8c", "\x85", "\x86", "\x87", "\x93"]
      .map((letter) => letter.charCodeAt(0)),
  );
  for (let opcode = 0; opcode < 256; opcode++) {
    const error = refusal(pickle(0x80, 4, opcode, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    assertInstanceOf(error, DamagedFileError);
    const wanted = `instruction 0x${opcode.toString(16).padStart(2, "0")}`;
    assertEquals(
      error.message.includes(`at byte 2, found ${wanted}`),
      !known.has(opcode),
      `${opcode}: ${error.message}`,
    );
  }
});

Deno.test("MimoReader runs nothing that a pickle asks for", () => {
  for (const [module, name] of [["os", "system"], ["builtins", "eval"], ["numpy", "load"], ["numpy.core", "dtype"]]) {
    const bytes = pickle(0x80, 4, ...text(module), ...text(name), 0x93, ...text("touch /tmp/x"), 0x85, "R", ".");
    const error = refusal(bytes);
    assert(error.message.includes(`found an object of "${module}.${name}"`), error.message);
    const older = refusal(pickle(0x80, 2, `c${module}\n${name}\n`, "(X", 1, 0, 0, 0, "x", "tR."));
    assert(older.message.includes(`at byte 2, found an object of "${module}.${name}"`), older.message);
  }
  const called = refusal(pickle(0x80, 4, ...text("numpy"), 0x85, "R", "."));
  assert(called.message.includes("found a value missing"), called.message);
  const built = refusal(pickle(0x80, 4, "}", ")", "b", "."));
  assert(built.message.includes("state of something else"), built.message);
});

for (
  const [what, bytes, message] of [
    ["another version of pickle", pickle(0x80, 9, "N."), "version 9 of the pickle format"],
    ["a number", pickle(0x80, 4, "K", 7, "."), "something else"],
    ["an empty dictionary", pickle(0x80, 4, "}."), "version undefined of the format"],
    ["another version", pickle(0x80, 4, "}", ...text("version"), "K", 2, "s."), "version 2 of the format"],
    ["an endless list", pickle(0x80, 4, ...Array(70_000).fill("N")), "more instructions than"],
    ["an unknown reference", pickle(0x80, 4, "h", 3, "."), "a value that was not remembered"],
  ] as const
) {
  Deno.test(`MimoReader refuses ${what}`, () => {
    const error = refusal(bytes);
    assertInstanceOf(error, DamagedFileError);
    assert(error.message.includes(message), error.message);
  });
}

Deno.test("MimoReader refuses big-endian numbers, objects and nested arrays", () => {
  const bytes = String.fromCharCode(...Deno.readFileSync(`${FILES}/v2_bare.mimo`));
  for (const [from, to, message] of [["i2", "O8", `"O8"`], ["<", ">", `">i2"`], ["i2", "U2", `"U2"`]] as const) {
    const changed = Uint8Array.from(bytes.replace(from, to), (letter) => letter.charCodeAt(0));
    const error = refusal(changed);
    assertInstanceOf(error, TypeError);
    assert(error.message.includes(`found numpy's ${message}`), error.message);
  }
});

Deno.test("MimoReader ends with an error that it knows, whichever bits of a header are flipped", () => {
  const random = new Random("mimo");
  withFolder((folder) => {
    for (const name of ["v2_every_type", "v2_aligned"]) {
      const bytes = Deno.readFileSync(`${FILES}/${name}.mimo`);
      for (let trial = 0; trial < 500; trial++) {
        const damaged = bytes.slice();
        for (let flips = 0; flips <= trial % 3; flips++) damaged[random.index(1200)] ^= 1 << random.index(8);
        Deno.writeFileSync(`${folder}/a.mimo`, damaged);
        try {
          using reader = new MimoReader(`${folder}/a.mimo`);
          for (let event = reader.next(); event !== null; event = reader.next());
        } catch (error) {
          const isKnown = error instanceof DamagedFileError || error instanceof TypeError ||
            error instanceof RangeError;
          assert(isKnown && /^Cannot /.test((error as Error).message), `${trial}: ${error}`);
        }
      }
    }
  });
});

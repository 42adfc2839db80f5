/** Journals that are cut at every byte, in which bits are flipped, and which lose, gain or repeat whole stretches. */
import { completeJournal } from "../../src/files/journal_completion.ts";
import { DamagedFileError } from "../../src/files/damaged_file_error.ts";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { JournalWriter } from "../../src/files/journal_writer.ts";
import { Random } from "../../src/pulses/random.ts";
import { assert, assertEquals, assertThrows } from "../../src/std/assert.js";
import { EVERY_TYPE, kept, type KeptEvent, randomEvents, withFolder } from "../unit/event_file_fixture.ts";

const FLIPS = 10_000;
const STRETCHES = 1500;
const SEED = 20260105;

interface Example {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly events: readonly KeptEvent[];
  readonly firstFrame: number;
  readonly frameBytes: number;
}

function makeExample(folder: string, events: number): Example {
  const path = `${folder}/a.mjournal`;
  const source = randomEvents(EVERY_TYPE, { events, seed: SEED });
  {
    using journal = new JournalWriter(path, source.layout);
    for (const event of source.events) journal.write(event);
  }
  const { headerBytes, frameBytes } = new JournalReader(path).header;
  const bytes = Deno.readFileSync(path);
  return { path, bytes, events: source.events.map(kept), firstFrame: 2 * headerBytes, frameBytes };
}

Deno.test("a journal that was cut at any byte gives every whole event, and completeJournal() makes it whole", () => {
  withFolder((folder) => {
    const { path, bytes, events, firstFrame, frameBytes } = makeExample(folder, 12);
    assert(bytes.length > 1500, `${bytes.length} cuts`);
    for (let cut = 0; cut < bytes.length; cut++) {
      Deno.writeFileSync(path, bytes.subarray(0, cut));
      if (cut < firstFrame / 2) {
        const { fault } = assertThrows(() => new JournalReader(path), DamagedFileError);
        assertEquals([fault.isTail, fault.byteLength, fault.events], [true, cut, 0]);
        assertEquals(completeJournal(path).events, 0);
        continue;
      }
      const whole = Math.max(0, Math.min(events.length, Math.floor((cut - firstFrame) / frameBytes)));
      const end = cut < firstFrame ? firstFrame / 2 : firstFrame + whole * frameBytes;
      using journal = new JournalReader(path);
      assertEquals(Array.from(journal, kept), events.slice(0, whole), `cut at ${cut}`);
      const faults = journal.faults.map(({ offset, byteLength, isTail }) => [offset, byteLength, isTail]);
      const isTorn = cut > end || cut < firstFrame;
      assertEquals(faults, isTorn ? [[end, cut - end, true]] : [], `cut at ${cut}`);
      const { wasComplete, events: completed, cutBytes } = completeJournal(path);
      assertEquals([wasComplete, completed, cutBytes], [false, whole, cut < firstFrame ? 0 : cut - end]);
      using again = new JournalReader(path);
      assertEquals([Array.from(again).length, again.faults.length, again.length], [whole, 0, whole]);
    }
  });
});

Deno.test(`each of ${FLIPS} flipped bits of a journal is found, and costs no other event than its own`, () => {
  withFolder((folder) => {
    const { path, bytes, events, firstFrame, frameBytes } = makeExample(folder, 40);
    const random = new Random(SEED);
    const end = firstFrame + events.length * frameBytes;
    Deno.writeFileSync(path, bytes);
    using file = Deno.openSync(path, { write: true });
    const put = (at: number, byte: number) => {
      file.seekSync(at, Deno.SeekMode.Start);
      file.writeSync(Uint8Array.of(byte));
    };
    for (let flip = 0; flip < FLIPS; flip++) {
      const at = random.index(bytes.length);
      put(at, bytes[at] ^ (1 << random.index(8)));
      using journal = new JournalReader(path, { salvage: true });
      const hit = at >= firstFrame && at < end ? Math.floor((at - firstFrame) / frameBytes) : -1;
      const counters = Array.from(journal, ({ counter }) => counter);
      assertEquals(counters, events.filter((_, n) => n !== hit).map(({ counter }) => counter), `byte ${at}`);
      assertEquals(journal.faults.length, 1, `byte ${at}`);
      const [{ offset, byteLength, events: lost }] = journal.faults;
      assert(offset <= at && at < offset + byteLength, `byte ${at}: ${offset}, ${byteLength}`);
      if (hit >= 0) assertEquals([offset, byteLength, lost], [firstFrame + hit * frameBytes, frameBytes, 1]);
      using strict = new JournalReader(path);
      const error = assertThrows(() => {
        while (strict.next() !== null);
      }, DamagedFileError);
      assertEquals(error.offset, offset);
      put(at, bytes[at]);
    }
    assertEquals(Deno.readFileSync(path), bytes);
  });
});

/** Something that happens to a file, and the stretch of the new file that it concerns. */
interface Accident {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function accident(bytes: Uint8Array<ArrayBuffer>, random: Random, from: number): Accident {
  const at = from + random.index(bytes.length - from);
  const length = 1 + random.index(Math.min(bytes.length - at, random.index(3) === 0 ? 3000 : 300));
  const before = bytes.subarray(0, at);
  const noise = Uint8Array.from({ length }, () => random.index(256));
  const parts = {
    "a stretch of zeros": [before, new Uint8Array(length), bytes.subarray(at + length)],
    "a stretch of noise": [before, noise, bytes.subarray(at + length)],
    "a stretch that is gone": [before, bytes.subarray(at + length)],
    "a stretch that came in": [before, noise, bytes.subarray(at)],
    "a stretch that came twice": [before, bytes.subarray(at, at + length), bytes.subarray(at)],
  };
  const names = Object.keys(parts) as (keyof typeof parts)[];
  const name = names[random.index(names.length)];
  return { name, bytes: Uint8Array.from(parts[name].flatMap((part) => [...part])) };
}

/** Frames of the original that stand whole in a file. */
function wholeFrames(file: Uint8Array, { bytes, events, firstFrame, frameBytes }: Example): Set<number> {
  const text = (part: Uint8Array) => new TextDecoder("latin1").decode(part);
  const whole = text(file);
  const found = new Set<number>();
  for (let n = 0; n < events.length; n++) {
    const at = firstFrame + n * frameBytes;
    if (whole.includes(text(bytes.subarray(at, at + frameBytes)))) found.add(n);
  }
  return found;
}

Deno.test(`after each of ${STRETCHES} larger accidents every whole event of a journal is read once`, () => {
  withFolder((folder) => {
    const example = makeExample(folder, 40);
    const random = new Random(SEED + 1);
    const names = new Set<string>();
    for (let trial = 0; trial < STRETCHES; trial++) {
      const { name, bytes } = accident(example.bytes, random, example.firstFrame);
      names.add(name);
      Deno.writeFileSync(example.path, bytes);
      using journal = new JournalReader(example.path, { salvage: true });
      const found = Array.from(journal, (event) => ({ number: event.number, event: kept(event) }));
      const where = `seed ${SEED + 1}, trial ${trial}: ${name}`;
      for (const { number, event } of found) assertEquals(event, example.events[number], where);
      const numbers = found.map(({ number }) => number);
      assertEquals(numbers, [...wholeFrames(bytes, example)], where);
      const isSame = bytes.length === example.bytes.length && bytes.every((byte, i) => byte === example.bytes[i]);
      assertEquals(journal.faults.length > 0, !isSame, where);
      const lost = example.events.length - numbers.length;
      const told = journal.faults.map(({ events }) => events);
      if (!told.includes(null)) assertEquals(told.reduce((sum, events) => sum! + events!, 0), lost, where);
      completeJournal(example.path);
      using again = new JournalReader(example.path, { salvage: true });
      assertEquals(Array.from(again, ({ number }) => number), numbers, where);
    }
    assertEquals(names.size, 5);
  });
});

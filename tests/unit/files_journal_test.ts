import { crc32c } from "../../src/files/crc32c.ts";
import { DamagedFileError, faultText } from "../../src/files/damaged_file_error.ts";
import { completeJournal } from "../../src/files/journal_completion.ts";
import { JournalIndex } from "../../src/files/journal_index.ts";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { JournalWriter } from "../../src/files/journal_writer.ts";
import { allocateColumns, recordLayout } from "../../src/record/record_layout.ts";
import { assert, assertEquals, assertInstanceOf, assertMatch, assertThrows } from "../../src/std/assert.js";
import { EVERY_TYPE, kept, type KeptEvent, randomEvents, withFolder } from "./event_file_fixture.ts";

function write(path: string, source: ReturnType<typeof randomEvents>, options = {}): void {
  using journal = new JournalWriter(path, source.layout, options);
  for (const event of source.events) journal.write(event);
}

function read(path: string, options = {}): KeptEvent[] {
  using journal = new JournalReader(path, options);
  return Array.from(journal, kept);
}

/** Makes a write call fail after some bytes, as on a full disk. */
function withFullDisk(bytes: number, run: () => void): void {
  const { writeSync } = Deno.FsFile.prototype;
  let room = bytes;
  Deno.FsFile.prototype.writeSync = function (data: Uint8Array): number {
    if (room === 0) throw new Error("No space left on device (os error 28)");
    const written = writeSync.call(this, data.subarray(0, room));
    room -= written;
    return written;
  };
  try {
    run();
  } finally {
    Deno.FsFile.prototype.writeSync = writeSync;
  }
}

for (const valuesPerSlot of [1, 3, 17, 1000]) {
  Deno.test(`JournalReader gives back every bit of ${valuesPerSlot} values of every type`, () => {
    withFolder((folder) => {
      const source = randomEvents(EVERY_TYPE, { valuesPerSlot, events: 30 });
      write(`${folder}/a.mjournal`, source);
      assertEquals(read(`${folder}/a.mjournal`), source.events.map(kept));
    });
  });
}

Deno.test("JournalReader reads what is larger than its window", () => {
  withFolder((folder) => {
    const source = randomEvents({ a: "uint8", b: "float64" }, { valuesPerSlot: 150_000, events: 3 });
    write(`${folder}/a.mjournal`, source);
    assertEquals(read(`${folder}/a.mjournal`), source.events.map(kept));
  });
});

Deno.test("JournalReader reads an empty journal", () => {
  withFolder((folder) => {
    new JournalWriter(`${folder}/a.mjournal`, recordLayout("float32", 4)).close();
    using journal = new JournalReader(`${folder}/a.mjournal`);
    assertEquals([journal.next(), journal.length, journal.at(0), journal.layout.isSingle], [null, 0, null, true]);
    assertEquals(journal.faults, []);
  });
});

Deno.test("JournalReader keeps counters up to 2^53, negative ones, and any timestamp", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const layout = recordLayout("int8", 1);
    const data = allocateColumns(layout);
    const counters = [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1, -(2 ** 40)];
    const timestamps = [0, -1, 1700000000.123456, 5e-324, Infinity, -0, NaN, 1];
    {
      using journal = new JournalWriter(path, layout);
      counters.forEach((counter, i) => journal.write({ data, counter, timestamp: timestamps[i], deadtime: -1 }));
    }
    assertEquals(read(path).map(({ counter }) => counter), counters);
    assert(read(path).every(({ timestamp }, i) => Object.is(timestamp, timestamps[i])));
  });
});

Deno.test("JournalReader copies an event into memory that it is given", () => {
  withFolder((folder) => {
    const source = randomEvents(EVERY_TYPE, { valuesPerSlot: 5, events: 3 });
    write(`${folder}/a.mjournal`, source);
    using journal = new JournalReader(`${folder}/a.mjournal`);
    for (const event of source.events) {
      const target = allocateColumns(source.layout);
      const read = journal.next(target)!;
      assert(read.data === target);
      assertEquals(kept(read), kept(event));
    }
  });
});

Deno.test("JournalReader says what is in the header", () => {
  withFolder((folder) => {
    const origin = {
      run: "lifetime",
      directory: "lifetime_2026-01-05_120000",
      began: 1.5,
      ring: "RB_1",
      function: "F",
    };
    new JournalWriter(`${folder}/a.mjournal`, recordLayout({ 'ä,"b"': "int16" }, 2), { origin }).close();
    using journal = new JournalReader(`${folder}/a`);
    assertEquals(journal.origin, origin);
    assertEquals(journal.layout.fields.map(({ name, type }) => [name, type.name]), [['ä,"b"', "int16"]]);
    assertMatch(journal.header.program, /^@mimocorb\/daq \d/);
    assertEquals([journal.header.part, journal.header.first], [0, 0]);
  });
});

Deno.test("JournalReader.at() finds every event, with the index and without it", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const source = randomEvents({ a: "int32", b: "bool" }, { events: 2500 });
    write(path, source);
    const wanted = source.events.map(kept);
    const look = () => {
      using journal = new JournalReader(path);
      assertEquals(journal.length, 2500);
      for (const number of [0, 1, 2, 511, 512, 1023, 1024, 1025, 2047, 2499]) {
        assertEquals(kept(journal.at(number)!), wanted[number]);
        assertEquals(journal.at(number)!.number, number);
      }
      assertEquals([journal.at(2500), journal.at(-1), journal.at(0.5)], [null, null, null]);
      // What is read in sequence is not disturbed.
      assertEquals(kept(journal.next()!), wanted[0]);
      journal.at(77);
      assertEquals(kept(journal.next()!), wanted[1]);
    };
    look();
    const bytes = Deno.readFileSync(path);
    const indexBytes = new DataView(bytes.buffer).getUint32(bytes.length - 12, true);
    Deno.truncateSync(path, bytes.length - indexBytes);
    look();
  });
});

Deno.test("JournalReader and JournalWriter go beyond 4 GiB", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const source = randomEvents({ a: "float64" }, { events: 3 });
    write(path, { ...source, events: source.events.slice(0, 1) });
    const { headerBytes, frameBytes, marker } = new JournalReader(path).header;
    const number = 2 ** 27;
    const offset = 2 * headerBytes + number * frameBytes;
    assert(offset > 2 ** 32);
    // The events between have no blocks on the disk. The frame of the first one becomes that of a late one.
    const frame = Deno.readFileSync(path).slice(2 * headerBytes, 2 * headerBytes + frameBytes);
    const view = new DataView(frame.buffer);
    view.setUint32(12, number, true);
    view.setUint32(frameBytes - 4, crc32c(frame.subarray(0, frameBytes - 4)), true);
    const index = new JournalIndex();
    index.count(number);
    index.add({ number, offset, counter: 1, timestamp: 0 });
    {
      using file = Deno.openSync(path, { write: true });
      file.seekSync(offset, Deno.SeekMode.Start);
      file.writeSync(frame);
      file.writeSync(index.encode(marker));
    }
    write(path, { ...source, events: source.events.slice(1) }, { append: true });
    using journal = new JournalReader(path);
    assertEquals(journal.length, number + 3);
    assertEquals([0, 1, 2].map((i) => kept(journal.at(number + i)!)), source.events.map(kept));
    assertEquals(Deno.statSync(path).size > offset + 3 * frameBytes, true);
  });
});

Deno.test("JournalReader.at() finds events behind a stretch that is gone", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const source = randomEvents({ a: "int32" }, { events: 40 });
    write(path, source);
    const bytes = Deno.readFileSync(path);
    const { headerBytes, frameBytes } = new JournalReader(path).header;
    const from = 2 * headerBytes + 10 * frameBytes + 3;
    const gap = 5 * frameBytes + 2;
    Deno.writeFileSync(path, Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(from + gap)]));
    using journal = new JournalReader(path, { salvage: true });
    assertEquals(journal.at(9)!.counter, source.events[9].counter);
    assertEquals(journal.at(20)!.counter, source.events[20].counter);
    assertEquals(journal.at(12), null);
    const numbers = Array.from(journal, ({ number }) => number);
    assertEquals(numbers, [...Array(10).keys(), ...Array.from({ length: 24 }, (_, i) => i + 16)]);
    assertEquals(journal.faults.map(({ events }) => events), [6]);
  });
});

Deno.test("JournalReader takes every bit of damage for an error, and goes on behind it when told to", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const source = randomEvents({ a: "float64" }, { events: 5, valuesPerSlot: 4 });
    write(path, source);
    const bytes = Deno.readFileSync(path);
    const { headerBytes, frameBytes } = new JournalReader(path).header;
    const offset = 2 * headerBytes + 2 * frameBytes;
    bytes[offset + 50] ^= 4;
    Deno.writeFileSync(path, bytes);
    using journal = new JournalReader(path);
    assertEquals([journal.next()?.number, journal.next()?.number], [0, 1]);
    const error = assertThrows(() => journal.next(), DamagedFileError);
    assertEquals([error.path, error.offset, error.fault.byteLength], [path, offset, frameBytes]);
    assertEquals(
      error.message,
      `Cannot read "${path}": expected a journal that is whole at byte ${offset}, found a record with a wrong checksum; ` +
        `what is whole can be salvaged`,
    );
    assertEquals([journal.next()?.number, journal.next()?.number, journal.next()], [3, 4, null]);
    using again = new JournalReader(path, { salvage: true });
    assertEquals(Array.from(again, ({ number }) => number), [0, 1, 3, 4]);
    assertEquals(
      again.faults.map(faultText),
      [`"${path}", bytes ${offset} to ${offset + frameBytes - 1}: a record with a wrong checksum; 1 event is lost`],
    );
  });
});

Deno.test("JournalReader reads by the second copy when the first header is damaged", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const source = randomEvents({ a: "float64" }, { events: 3 });
    write(path, source);
    const bytes = Deno.readFileSync(path);
    for (const at of [3, 12, 100]) {
      const damaged = bytes.slice();
      damaged[at] ^= 0x80;
      Deno.writeFileSync(path, damaged);
      using journal = new JournalReader(path, { salvage: true });
      assertEquals(Array.from(journal, kept), source.events.map(kept));
      assertEquals(journal.faults.map(({ offset, events }) => [offset, events]), [[0, 0]]);
    }
  });
});

Deno.test("JournalReader knows zeros at the end for what a machine leaves that went down", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const source = randomEvents({ a: "float64" }, { events: 3 });
    write(path, source);
    const { headerBytes, frameBytes } = new JournalReader(path).header;
    const end = 2 * headerBytes + 2 * frameBytes;
    Deno.truncateSync(path, end);
    Deno.truncateSync(path, end + 3_000_000);
    using journal = new JournalReader(path);
    assertEquals(Array.from(journal, kept), source.events.slice(0, 2).map(kept));
    const [{ offset, byteLength, isTail, reason }] = journal.faults;
    assertEquals([offset, byteLength, isTail], [end, 3_000_000, true]);
    assertMatch(reason, /only zeros/);
    assertEquals(completeJournal(path).cutBytes, 3_000_000);
    assertEquals(read(path), source.events.slice(0, 2).map(kept));
  });
});

for (
  const [text, found] of [
    ["", "an empty file"],
    ["counter,timestamp\n1,2\n", "other data"],
    ["\x89MJ", "other data"],
  ] as const
) {
  Deno.test(`JournalReader refuses ${JSON.stringify(text)}`, () => {
    withFolder((folder) => {
      Deno.writeTextFileSync(`${folder}/a.mjournal`, text);
      const error = assertThrows(() => new JournalReader(`${folder}/a.mjournal`), DamagedFileError);
      assertMatch(error.message, /expected the header of a journal at byte 0/);
      assert(error.message.includes(found), error.message);
    });
  });
}

Deno.test("JournalReader refuses a later version, and a file that is not there", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    assertThrows(() => new JournalReader(path), Error, "expected an existing file");
    assertThrows(() => new JournalReader(folder), Error, "found a folder");
    new JournalWriter(path, recordLayout("float32", 4)).close();
    const bytes = Deno.readFileSync(path);
    const view = new DataView(bytes.buffer);
    const headerBytes = view.getUint32(12, true);
    view.setUint16(8, 2, true);
    view.setUint32(headerBytes - 4, crc32c(bytes.subarray(0, headerBytes - 4)), true);
    Deno.writeFileSync(path, bytes);
    assertThrows(() => new JournalReader(path), Error, "expected a journal of version 1, found version 2");
  });
});

Deno.test("JournalWriter refuses a file that exists, a closed journal and other fields", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const { layout, events: [event] } = randomEvents({ a: "float32" }, { events: 1, valuesPerSlot: 2 });
    const journal = new JournalWriter(path, layout);
    assertThrows(() => new JournalWriter(path, layout), Error, "expected a name that is not taken yet");
    const other = allocateColumns(recordLayout({ a: "int32" }, 2));
    assertThrows(
      () => journal.write({ ...event, data: other }),
      TypeError,
      'expected float32 of 8 bytes for field "a"',
    );
    assertThrows(() => journal.write({ ...event, data: {} }), TypeError, "no such field");
    journal.close();
    journal.close();
    assertThrows(() => journal.write(event), TypeError, "found a closed one");
  });
});

Deno.test("JournalWriter writes in one call what fits into its batch, and the rest when it is closed", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const source = randomEvents({ a: "float64" }, { events: 25 });
    const journal = new JournalWriter(path, source.layout, { batchBytes: 10 * 56, flushIntervalMs: 1e6 });
    const begin = Deno.statSync(path).size;
    const sizes = source.events.map((event) => {
      journal.write(event);
      return (Deno.statSync(path).size - begin) / journal.header.frameBytes;
    });
    assertEquals(new Set(sizes), new Set([0, 10, 20]));
    assertEquals([journal.events, journal.byteLength], [25, begin + 25 * 56]);
    journal.flush();
    assertEquals(Deno.statSync(path).size, journal.byteLength);
    journal.close();
    assertEquals(read(path), source.events.map(kept));
  });
});

Deno.test("JournalWriter writes at once what is older than its interval", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const { layout, events: [event] } = randomEvents({ a: "float64" }, { events: 1 });
    using journal = new JournalWriter(path, layout, { flushIntervalMs: 0 });
    journal.write(event);
    assertEquals(Deno.statSync(path).size, journal.byteLength);
  });
});

Deno.test("JournalWriter leaves whole events when a write fails in the middle of one", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const source = randomEvents({ a: "float64" }, { events: 20 });
    const journal = new JournalWriter(path, source.layout);
    for (const event of source.events.slice(0, 5)) journal.write(event);
    journal.flush();
    for (const event of source.events.slice(5, 9)) journal.write(event);
    withFullDisk(2 * 56 + 30, () => {
      const error = assertThrows(
        () => journal.flush(),
        Error,
        `Cannot write "${path}": expected free space on its disk`,
      );
      assertMatch(error.message, /; 4 events are not in it, all 5 before are whole$/);
    });
    assertEquals(Deno.statSync(path).size, journal.byteLength);
    assertEquals(journal.events, 5);
    for (const event of source.events.slice(9)) journal.write(event);
    journal.close();
    const wanted = [...source.events.slice(0, 5), ...source.events.slice(9)].map(kept);
    assertEquals(read(path), wanted);
  });
});

Deno.test("JournalWriter leaves no file behind when there is no room for the header", () => {
  withFolder((folder) => {
    withFullDisk(10, () => {
      const layout = recordLayout("float32", 1);
      assertThrows(() => new JournalWriter(`${folder}/a.mjournal`, layout), Error, "free space");
    });
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("JournalWriter leaves the index out when there is no room for it", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const source = randomEvents({ a: "float64" }, { events: 3 });
    const journal = new JournalWriter(path, source.layout);
    for (const event of source.events) journal.write(event);
    journal.flush();
    withFullDisk(20, () => journal.close());
    assertEquals(Deno.statSync(path).size, journal.byteLength);
    assertEquals(read(path), source.events.map(kept));
    assertEquals(completeJournal(path).wasComplete, false);
    assertEquals(completeJournal(path).wasComplete, true);
  });
});

Deno.test("JournalWriter goes on with a journal that was closed, cut, or not there", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const source = randomEvents(EVERY_TYPE, { events: 12, valuesPerSlot: 2 });
    const part = (from: number, to: number) => ({ ...source, events: source.events.slice(from, to) });
    write(path, part(0, 3), { append: true });
    const series = new JournalReader(path).header.series;
    write(path, part(3, 6), { append: true });
    const { frameBytes, headerBytes } = new JournalReader(path).header;
    Deno.truncateSync(path, 2 * headerBytes + 5 * frameBytes + 11);
    write(path, part(5, 8), { append: true });
    Deno.writeFileSync(path, new Uint8Array(5000), { append: true });
    write(path, part(8, 12), { append: true });
    assertEquals(read(path), source.events.map(kept));
    assertEquals(new JournalReader(path).header.series, series);
    Deno.truncateSync(path, headerBytes - 5);
    write(path, part(0, 2), { append: true });
    assertEquals(read(path).length, 2);
  });
});

Deno.test("JournalWriter makes the header whole when it goes on with a journal", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const source = randomEvents({ a: "int16" }, { events: 2 });
    write(path, source);
    const { headerBytes } = new JournalReader(path).header;
    Deno.truncateSync(path, headerBytes + 10);
    write(path, source, { append: true });
    using journal = new JournalReader(path);
    assertEquals(Array.from(journal, kept), source.events.map(kept));
    assertEquals(journal.faults, []);
  });
});

Deno.test("JournalWriter does not go on with a journal of other records", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    new JournalWriter(path, recordLayout({ a: "int16" }, 2)).close();
    const error = assertThrows(() => new JournalWriter(path, recordLayout({ b: "int16" }, 2), { append: true }));
    assertInstanceOf(error, TypeError);
    assertMatch((error as Error).message, /expected records of 2 values of b int16, found 2 values of a int16$/);
  });
});

Deno.test("completeJournal() cuts a torn event off, writes the index, and changes nothing the second time", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const source = randomEvents({ a: "float64" }, { events: 6 });
    write(path, source);
    const whole = Deno.readFileSync(path);
    const { headerBytes, frameBytes } = new JournalReader(path).header;
    Deno.truncateSync(path, 2 * headerBytes + 4 * frameBytes + 7);
    const completion = completeJournal(path);
    assertEquals([completion.wasComplete, completion.events, completion.cutBytes], [false, 4, 7]);
    assertEquals(completion.faults.map(({ isTail }) => isTail), [true]);
    const once = Deno.readFileSync(path);
    assertEquals(completeJournal(path), { wasComplete: true, events: 4, cutBytes: 0, faults: [] });
    assertEquals(Deno.readFileSync(path), once);
    Deno.writeFileSync(path, whole);
    assertEquals(completeJournal(path).wasComplete, true);
  });
});

Deno.test("completeJournal() leaves damage in the middle as it is, and says where", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    const source = randomEvents({ a: "float64" }, { events: 6 });
    write(path, source);
    const { headerBytes, frameBytes } = new JournalReader(path).header;
    const bytes = Deno.readFileSync(path).subarray(0, 2 * headerBytes + 6 * frameBytes + 1);
    bytes[2 * headerBytes + 2 * frameBytes + 20] ^= 1;
    Deno.writeFileSync(path, bytes);
    const { events, faults, cutBytes } = completeJournal(path);
    assertEquals([events, cutBytes], [5, 1]);
    assertEquals(faults.map(({ offset, isTail }) => [offset - 2 * headerBytes, isTail]), [
      [2 * frameBytes, false],
      [6 * frameBytes, true],
    ]);
    assertEquals(read(path, { salvage: true }).length, 5);
    using journal = new JournalReader(path);
    assertEquals(journal.length, 6);
  });
});

Deno.test("completeJournal() removes a file that ends in its header, and refuses what is no journal", () => {
  withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    write(path, randomEvents({ a: "float64" }, { events: 6 }));
    Deno.truncateSync(path, 50);
    const { wasComplete, events, cutBytes, faults } = completeJournal(path);
    assertEquals([wasComplete, events, cutBytes, faults.length], [false, 0, 50, 1]);
    assertEquals([...Deno.readDirSync(folder)], []);
    Deno.writeTextFileSync(path, "something else");
    assertThrows(() => completeJournal(path), DamagedFileError);
    assertEquals(Deno.readTextFileSync(path), "something else");
  });
});

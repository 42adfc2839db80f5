import { DamagedFileError } from "../../src/files/damaged_file_error.ts";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { type JournalSeriesOptions, JournalSeriesWriter } from "../../src/files/journal_series.ts";
import { assertEquals, assertMatch, assertThrows } from "../../src/std/assert.js";
import { kept, randomEvents, withFolder } from "./event_file_fixture.ts";

const SOURCE = randomEvents({ a: "float64", b: "int16" }, { events: 25 });
const WANTED = SOURCE.events.map(kept);

function writeSeries(path: string, options: JournalSeriesOptions, events = SOURCE.events): JournalSeriesWriter {
  const journal = new JournalSeriesWriter(path, SOURCE.layout, options);
  for (const event of events) journal.write(event);
  return journal;
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

for (const mode of ["events", "size"] as const) {
  Deno.test(`JournalSeriesWriter begins a new file when one is full by ${mode}, and loses nothing`, () => {
    withFolder((folder) => {
      const { header } = writeOne(folder);
      const bytes = 2 * header.headerBytes + 10 * header.frameBytes;
      const limit = mode === "events" ? { rotateEvents: 10 } : { rotateBytes: bytes };
      const journal = writeSeries(`${folder}/raw.mjournal`, limit);
      assertEquals([journal.events, journal.files], [25, 3]);
      journal.close();
      assertEquals(filesIn(folder), ["raw.mjournal", "raw_0001.mjournal", "raw_0002.mjournal"]);
      using all = new JournalReader(`${folder}/raw`);
      assertEquals(all.length, 25);
      assertEquals(kept(all.at(24)!), WANTED[24]);
      assertEquals(kept(all.at(9)!), WANTED[9]);
      assertEquals(Array.from(all, (event) => [event.number, kept(event)]), WANTED.map((event, i) => [i, event]));
      assertEquals([all.faults, all.position], [[], all.byteLength]);
    });
  });
}

/** Header of a journal of one event, to know its sizes; the file is removed again. */
function writeOne(folder: string): JournalReader {
  writeSeries(`${folder}/one.mjournal`, {}, SOURCE.events.slice(0, 1)).close();
  using journal = new JournalReader(`${folder}/one.mjournal`);
  Deno.removeSync(`${folder}/one.mjournal`);
  return journal;
}

Deno.test("JournalSeriesWriter begins a new file when one is old, and closes the old one when nothing comes", () => {
  withFolder((folder) => {
    let nowMs = 0;
    const path = `${folder}/raw.mjournal`;
    const journal = writeSeries(path, { rotateS: 10, nowMs: () => nowMs }, SOURCE.events.slice(0, 3));
    nowMs = 9_999;
    journal.write(SOURCE.events[3]);
    nowMs = 10_000;
    journal.flush();
    using first = new JournalReader(path);
    assertEquals(first.length, 4);
    assertEquals(filesIn(folder), ["raw.mjournal"]);
    nowMs = 50_000;
    journal.flush();
    journal.write(SOURCE.events[4]);
    journal.close();
    assertEquals(filesIn(folder), ["raw.mjournal", "raw_0001.mjournal"]);
    using all = new JournalReader(path);
    assertEquals(Array.from(all, kept), WANTED.slice(0, 5));
  });
});

Deno.test("JournalSeriesWriter puts an event into a file that is smaller than the event", () => {
  withFolder((folder) => {
    writeSeries(`${folder}/raw.mjournal`, { rotateBytes: 1 }, SOURCE.events.slice(0, 3)).close();
    assertEquals(filesIn(folder).length, 3);
    assertEquals(new JournalReader(`${folder}/raw`).length, 3);
  });
});

Deno.test("JournalReader reads one file of several alone, and knows which part it is", () => {
  withFolder((folder) => {
    writeSeries(`${folder}/raw.mjournal`, { rotateEvents: 10 }).close();
    using second = new JournalReader(`${folder}/raw_0001.mjournal`);
    assertEquals([second.header.part, second.header.first, second.length, second.paths.length], [1, 10, 10, 1]);
    assertEquals(kept(second.at(3)!), WANTED[13]);
    assertEquals(Array.from(second, ({ number }) => number), Array.from({ length: 10 }, (_, i) => 10 + i));
    assertEquals(second.faults, []);
    using first = new JournalReader(`${folder}/raw.mjournal`, { series: false });
    assertEquals([first.length, Array.from(first).length], [10, 10]);
  });
});

Deno.test("JournalReader notices a file that is missing between others", () => {
  withFolder((folder) => {
    const path = `${folder}/raw.mjournal`;
    writeSeries(path, { rotateEvents: 10 }).close();
    Deno.removeSync(`${folder}/raw_0001.mjournal`);
    using strict = new JournalReader(path);
    const error = assertThrows(() => Array.from(strict), DamagedFileError);
    assertMatch(error.message, /raw_0002.mjournal": expected .*, found no file with the events before it \(part 1\)/);
    using journal = new JournalReader(path, { salvage: true });
    assertEquals(Array.from(journal, kept), [...WANTED.slice(0, 10), ...WANTED.slice(20)]);
    assertEquals(journal.faults.map(({ events }) => events), [10]);
    assertEquals([journal.length, journal.at(15), kept(journal.at(22)!)], [25, null, WANTED[22]]);
  });
});

Deno.test("JournalReader says how many events a torn end has cost when the next file knows", () => {
  withFolder((folder) => {
    const path = `${folder}/raw.mjournal`;
    writeSeries(path, { rotateEvents: 10 }).close();
    const { header } = new JournalReader(path);
    Deno.truncateSync(path, 2 * header.headerBytes + 6 * header.frameBytes + 9);
    using journal = new JournalReader(path);
    assertEquals(Array.from(journal, kept), [...WANTED.slice(0, 6), ...WANTED.slice(10)]);
    assertEquals(journal.faults.map(({ events, isTail }) => [events, isTail]), [[4, true]]);
  });
});

Deno.test("JournalReader does not take a file of another journal for a part", () => {
  withFolder((folder) => {
    writeSeries(`${folder}/other.mjournal`, { rotateEvents: 10 }).close();
    Deno.renameSync(`${folder}/other_0001.mjournal`, `${folder}/raw_0001.mjournal`);
    const journal = () => writeSeries(`${folder}/raw.mjournal`, {}, SOURCE.events.slice(0, 4));
    assertThrows(journal, Error, "expected a name that is not taken yet");
    Deno.renameSync(`${folder}/raw_0001.mjournal`, `${folder}/kept`);
    journal().close();
    Deno.renameSync(`${folder}/kept`, `${folder}/raw_0001.mjournal`);
    using reader = new JournalReader(`${folder}/raw.mjournal`);
    assertEquals([reader.paths.length, Array.from(reader).length], [1, 4]);
  });
});

Deno.test("JournalReader passes over a file of a journal that is nothing any more", () => {
  withFolder((folder) => {
    const path = `${folder}/raw.mjournal`;
    writeSeries(path, { rotateEvents: 10 }).close();
    Deno.writeTextFileSync(`${folder}/raw_0001.mjournal`, "nothing");
    using strict = new JournalReader(path);
    assertThrows(() => Array.from(strict), DamagedFileError, "raw_0001.mjournal");
    using journal = new JournalReader(path, { salvage: true });
    assertEquals(Array.from(journal, kept), [...WANTED.slice(0, 10), ...WANTED.slice(20)]);
    assertEquals(journal.faults.map(({ events }) => events), [10]);
  });
});

Deno.test("JournalSeriesWriter goes on with the last file, and with the next when that is full", () => {
  withFolder((folder) => {
    const path = `${folder}/raw.mjournal`;
    const options = { rotateEvents: 10, append: true };
    writeSeries(path, options, SOURCE.events.slice(0, 12)).close();
    writeSeries(path, options, SOURCE.events.slice(12, 20)).close();
    const journal = writeSeries(path, options, SOURCE.events.slice(20));
    assertEquals([journal.events, journal.files], [25, 3]);
    journal.close();
    assertEquals(Array.from(new JournalReader(path), kept), WANTED);
    assertEquals(filesIn(folder).length, 3);
  });
});

Deno.test("JournalSeriesWriter tries again when the next file cannot be made", () => {
  withFolder((folder) => {
    const path = `${folder}/raw.mjournal`;
    const journal = writeSeries(path, { rotateEvents: 5 }, SOURCE.events.slice(0, 5));
    Deno.writeTextFileSync(`${folder}/raw_0001.mjournal`, "in the way");
    assertThrows(() => journal.write(SOURCE.events[5]), Error, "expected a name that is not taken yet");
    Deno.removeSync(`${folder}/raw_0001.mjournal`);
    journal.write(SOURCE.events[6]);
    journal.close();
    assertThrows(() => journal.write(SOURCE.events[7]), TypeError, "found a closed one");
    assertEquals(Array.from(new JournalReader(path), kept), [...WANTED.slice(0, 5), WANTED[6]]);
  });
});

Deno.test("JournalSeriesWriter makes a last file anew that ends inside its header", () => {
  withFolder((folder) => {
    const path = `${folder}/raw.mjournal`;
    const options = { rotateEvents: 10, append: true };
    writeSeries(path, options, SOURCE.events.slice(0, 21)).close();
    Deno.truncateSync(`${folder}/raw_0002.mjournal`, 40);
    const journal = writeSeries(path, options, SOURCE.events.slice(20));
    journal.close();
    assertEquals(Array.from(new JournalReader(path), kept), WANTED);
    using last = new JournalReader(`${folder}/raw_0002.mjournal`);
    assertEquals([last.header.part, last.header.first], [2, 20]);
  });
});

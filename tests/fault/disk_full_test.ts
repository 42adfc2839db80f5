/** Every writer of events on a disk that becomes full: what was taken is whole, and the event that did not fit is refused. */
import type { RunSnapshot } from "../../src/control/run_snapshot.ts";
import { StatsFile } from "../../src/control/stats_file.ts";
import type { EventRecord } from "../../src/files/event_record.ts";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { JournalWriter } from "../../src/files/journal_writer.ts";
import { ParquetTableReader } from "../../src/files/parquet_table_reader.ts";
import { ParquetTableWriter } from "../../src/files/parquet_table_writer.ts";
import { RecordingReader } from "../../src/files/recording_reader.ts";
import { RecordingWriter } from "../../src/files/recording_writer.ts";
import { TextTableWriter } from "../../src/files/text_table.ts";
import { readTextTable } from "../../src/files/text_table_reader.ts";
import { allocateColumns, recordLayout } from "../../src/record/record_layout.ts";
import { assert, assertEquals, assertGreater, assertMatch } from "../../src/std/assert.js";
import { diskTest, SmallDisk } from "./small_disk.ts";

const LAYOUT = recordLayout({ a: "float64", b: "int32", c: "float32" }, 1);
const MOST_EVENTS = 200_000;

interface EventFile {
  write(event: EventRecord): void;
  flush(): void;
  close(): void;
}

interface Kind {
  readonly name: string;
  readonly open: (folder: string) => EventFile;
  /** Counters of the events in the file. */
  readonly read: (folder: string) => Iterable<number>;
  /** Events are flushed one by one, as the exporters do. */
  readonly isWrittenThrough: boolean;
}

const KINDS: readonly Kind[] = [
  {
    name: "TextTableWriter",
    open: (folder) => new TextTableWriter(`${folder}/a.txt`, LAYOUT),
    read: (folder) => readTextTable(`${folder}/a.txt`).columns.get("counter")!,
    isWrittenThrough: true,
  },
  {
    name: "RecordingWriter",
    open: (folder) => new RecordingWriter(`${folder}/a.tar`, LAYOUT),
    read: (folder) => Array.from(new RecordingReader(`${folder}/a.tar`, LAYOUT), ({ counter }) => counter),
    isWrittenThrough: true,
  },
  {
    name: "JournalWriter",
    open: (folder) => new JournalWriter(`${folder}/a.mjournal`, LAYOUT),
    read: (folder) => Array.from(new JournalReader(`${folder}/a.mjournal`), ({ counter }) => counter),
    isWrittenThrough: true,
  },
  {
    name: "ParquetTableWriter",
    open: (folder) => new ParquetTableWriter(`${folder}/a`, LAYOUT, { rowGroupBytes: 300_000, segmentBytes: 700_000 }),
    read: (folder) => Array.from(new ParquetTableReader(`${folder}/a`), ({ counter }) => counter),
    isWrittenThrough: false,
  },
];

function event(data: EventRecord["data"], counter: number): EventRecord {
  data.a[0] = counter + 0.5;
  return { data, counter, timestamp: 1e9 + counter / 8, deadtime: 0 };
}

for (const { name, open, read, isWrittenThrough } of KINDS) {
  diskTest(`${name} refuses the event that does not fit on a full disk, and keeps all before it`, () => {
    using disk = new SmallDisk(3 << 20);
    const data = allocateColumns(LAYOUT);
    const file = open(disk.path);
    let taken = 0;
    let refusal: Error | null = null;
    for (; taken < MOST_EVENTS && refusal === null; taken++) {
      try {
        file.write(event(data, taken));
        if (isWrittenThrough) file.flush();
      } catch (error) {
        refusal = error as Error;
        taken--;
      }
    }
    assert(refusal !== null);
    assertMatch(
      refusal.message,
      /^Cannot (write|keep room in) ".*": expected free space on its disk, found .* free on/,
    );
    close(file);
    assertGreater(taken, 100);
    assertEquals([...read(disk.path)], Array.from({ length: taken }, (_, n) => n));
  });

  diskTest(`${name} goes on when there is room again`, () => {
    using disk = new SmallDisk(3 << 20);
    const data = allocateColumns(LAYOUT);
    const file = open(disk.path);
    const taken: number[] = [];
    let refused = 0;
    let ballast: Ballast | null = null;
    for (let counter = 0; counter < 3000; counter++) {
      // Others fill the disk in the middle of what is being collected.
      if (counter === 1000) ballast = new Ballast(`${disk.path}/ballast`);
      if (counter === 2000) ballast!.remove();
      try {
        file.write(event(data, counter));
        if (isWrittenThrough) file.flush();
        taken.push(counter);
      } catch {
        refused++;
      }
    }
    close(file);
    assertEquals([...read(disk.path)], taken);
    assertEquals(taken.length + refused, 3000);
    assertGreater(taken.at(-1)!, 2990);
  });
}

diskTest("StatsFile throws and keeps whole lines on a full disk", () => {
  using disk = new SmallDisk(8192);
  const stats = new StatsFile(`${disk.path}/stats.csv`, []);
  const snapshot: RunSnapshot = {
    state: "Running",
    activeS: 1,
    pausedS: 0,
    progress: null,
    rings: [],
    workersLeft: 1,
    workers: 1,
    failures: 0,
    restarts: 0,
  };
  let lines = 1;
  let refusal = "";
  for (; refusal === ""; lines++) {
    try {
      stats.add(snapshot, new Map(), { date: new Date(0), nowMs: lines });
    } catch (error) {
      refusal = (error as Error).message;
      lines--;
    }
  }
  assertMatch(refusal, /^Cannot write ".*stats\.csv": expected free space on its disk/);
  stats.close();
  const text = Deno.readTextFileSync(`${disk.path}/stats.csv`);
  assertEquals(text.split("\n").length, lines + 1);
  assert(text.endsWith(",1,0\n"));
});

/** Closing may complain that the end could not be written; what is in the file counts. */
function close(file: EventFile): void {
  try {
    file.close();
  } catch (error) {
    assertMatch((error as Error).message, /free space on its disk/);
  }
}

/** Takes all room that is left. */
class Ballast {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    using file = Deno.openSync(path, { write: true, createNew: true });
    for (const size of [1 << 16, 4096, 1]) {
      try {
        for (;;) file.writeSync(new Uint8Array(size));
      } catch {
        continue;
      }
    }
  }

  remove(): void {
    Deno.removeSync(this.#path);
  }
}

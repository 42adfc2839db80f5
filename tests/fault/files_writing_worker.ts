/** Writes events into files of all kinds until it is killed, and says after each one that it is written. */
import { JournalWriter } from "../../src/files/journal_writer.ts";
import { ParquetTableWriter } from "../../src/files/parquet_table_writer.ts";
import { RecordingWriter } from "../../src/files/recording_writer.ts";
import { TextTableWriter } from "../../src/files/text_table.ts";
import { allocateColumns, recordLayout } from "../../src/record/record_layout.ts";

const [folder] = Deno.args;
const layout = recordLayout({ height: "float64", note: "S12" }, 1);
const data = allocateColumns(layout);
const text = new TextTableWriter(`${folder}/a.csv`, layout, { separator: "," });
const recording = new RecordingWriter(`${folder}/a.tar`, layout);
const table = new ParquetTableWriter(`${folder}/table`, layout, { rowGroupBytes: 4000, segmentBytes: 20_000 });
const journal = new JournalWriter(`${folder}/a.mjournal`, layout);
const log = Deno.openSync(`${folder}/log.txt`, { write: true, createNew: true });
const said = new Uint8Array(4);
for (let counter = 0;; counter++) {
  data.height[0] = counter + 0.5;
  data.note.set(new TextEncoder().encode(counter % 5 === 0 ? 'two\n"lines"' : "one line,  "));
  const event = { data, counter, timestamp: 1e9 + counter, deadtime: 0 };
  text.write(event);
  text.flush();
  recording.write(event);
  recording.flush();
  journal.write(event);
  journal.flush();
  table.write(event);
  log.writeSync(new TextEncoder().encode(`event ${counter} µ\n`));
  new DataView(said.buffer).setUint32(0, counter, true);
  Deno.stdout.writeSync(said);
}

/**
 * Writes events into a journal, one after the other, and says of each when it is in the file; goes on for ever.
 *
 * Arguments: path of the journal, counter of the first event, events per file.
 */
import { JournalSeriesWriter } from "../../src/files/journal_series.ts";
import { fillEvent, JOURNAL_LAYOUT } from "./journal_writing.ts";
import { allocateColumns } from "../../src/record/record_layout.ts";

const [path, first, rotateEvents] = Deno.args;
const journal = new JournalSeriesWriter(path, JOURNAL_LAYOUT, { append: true, rotateEvents: Number(rotateEvents) });
const data = allocateColumns(JOURNAL_LAYOUT);
const said = new Int32Array(1);
const bytes = new Uint8Array(said.buffer);
for (let counter = Number(first);; counter++) {
  fillEvent(data, counter);
  journal.write({ data, counter, timestamp: counter / 8, deadtime: 0.5 });
  journal.flush();
  said[0] = counter;
  Deno.stdout.writeSync(bytes);
}

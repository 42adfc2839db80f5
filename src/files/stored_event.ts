/** The one event that a reader of files gives again and again. */
import type { Columns, RecordLayout } from "../record/record_layout.ts";
import type { StoredEvent } from "./event_reader.ts";

/** An event whose parts are set anew for each event of a file, so that nothing is allocated. */
export class ReusedEvent implements StoredEvent {
  data: Columns = {};
  counter = 0;
  timestamp = -1;
  deadtime = -1;
  redelivered = false;
}

/** Copies a record of one layout. */
export function copyColumns({ fields }: RecordLayout, from: Columns, to: Columns): void {
  for (let i = 0; i < fields.length; i++) to[fields[i].name].set(from[fields[i].name] as never);
}

/** Events of a Parquet table, as other files give them. */
import type { Columns, RecordLayout } from "../record/record_layout.ts";
import type { FileFault } from "./damaged_file_error.ts";
import type { EventReader, StoredEvent } from "./event_reader.ts";
import type { JournalOrigin } from "./journal_header.ts";
import { ParquetTableReader, type ParquetTableReaderOptions } from "./parquet_table_reader.ts";

/** A {@linkcode ParquetTableReader} that also says how far it is. */
export class TableEvents implements EventReader {
  readonly byteLength: number;
  readonly #table: ParquetTableReader;
  #events = 0;

  /** @throws As {@linkcode ParquetTableReader} does. */
  constructor(path: string, options: ParquetTableReaderOptions = {}) {
    this.#table = new ParquetTableReader(path, options);
    this.byteLength = this.#table.paths.reduce((sum, part) => sum + Deno.statSync(part).size, 0);
  }

  /** Layout of the events. */
  get layout(): RecordLayout {
    return this.#table.layout;
  }

  /** Where they come from. */
  get origin(): JournalOrigin {
    return this.#table.origin;
  }

  /** What was found so far that is not whole. */
  get faults(): readonly FileFault[] {
    return this.#table.faults;
  }

  /** By the number of events, of which the table knows how many it has. */
  get position(): number {
    return this.#table.length === 0 ? this.byteLength : this.byteLength * this.#events / this.#table.length;
  }

  /** Reads the next event; see {@linkcode EventReader.next}. */
  next(target?: Columns): StoredEvent | null {
    const event = this.#table.next(target);
    if (event !== null) this.#events++;
    return event;
  }

  /** Closes the files. Idempotent. */
  close(): void {
    this.#table.close();
  }

  /** Same as {@linkcode TableEvents.close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Writers of event files of all kinds. */
import type { RecordLayout } from "../record/record_layout.ts";
import type { StoredEvent } from "./event_reader.ts";
import type { JournalOrigin } from "./journal_header.ts";
import { JOURNAL_EXTENSION } from "./journal_parts.ts";
import { JournalWriter } from "./journal_writer.ts";
import { ParquetTableWriter } from "./parquet_table_writer.ts";
import { RecordingWriter } from "./recording_writer.ts";
import { TextTableWriter } from "./text_table.ts";
import { type FormatLimits, ValueFit } from "./value_fit.ts";

/** Kinds of files that events can be written to. */
export type WritableFormat = "csv" | "parquet" | "journal" | "tar";

/** All of them. */
export const WRITABLE_FORMATS: readonly WritableFormat[] = ["csv", "parquet", "journal", "tar"];

/** A file, or a folder, that takes events. */
export interface EventWriter {
  /** Writes one event; nothing of it is kept. Throws a `TypeError` if the format cannot hold a value of it. */
  write(event: StoredEvent): void;
  /** Finishes the file. */
  close(): void;
  /** What the format does not have and was in the events, as sentences. */
  readonly losses: readonly string[];
}

/** Ending of the names of files; a table is a folder. */
export const FORMAT_EXTENSION: Readonly<Record<WritableFormat, string>> = {
  csv: ".csv",
  parquet: "",
  journal: JOURNAL_EXTENSION,
  tar: ".tar",
};

const LIMITS: Readonly<Record<WritableFormat, FormatLimits>> = {
  csv: { name: "CSV", hasBitsForTruth: true, isText: true, losesRedelivered: true },
  parquet: { name: "Parquet", hasBitsForTruth: true, isText: false, losesRedelivered: false },
  journal: { name: "a journal", hasBitsForTruth: false, isText: false, losesRedelivered: false },
  tar: { name: "an archive of Parquet files", hasBitsForTruth: true, isText: false, losesRedelivered: true },
};

/** What a file of events is made with. */
export interface EventWriterOptions {
  readonly format: WritableFormat;
  readonly layout: RecordLayout;
  /** Where the events come from, for formats that note it. */
  readonly origin: JournalOrigin;
  /** Name that the members of an archive begin with. */
  readonly stem: string;
}

/**
 * Makes a file, or the folder of a table.
 *
 * @param path Its path; nothing must be there.
 * @throws {TypeError} If the format has no such fields.
 * @throws {RangeError} If the format has only one value per field.
 * @throws {Error} If it cannot be made; the message names it.
 */
export function openEventWriter(path: string, { format, layout, origin, stem }: EventWriterOptions): EventWriter {
  const file = openFile();
  const fit = new ValueFit(layout, LIMITS[format]);
  return {
    write: (event) => {
      fit.check(event);
      file.write(event);
    },
    close: () => file.close(),
    get losses() {
      return fit.losses;
    },
  };

  function openFile(): { write(event: StoredEvent): void; close(): void } {
    switch (format) {
      case "csv":
        return new TextTableWriter(path, layout, { separator: "," });
      case "parquet":
        return new ParquetTableWriter(path, layout, { origin });
      case "journal":
        return new JournalWriter(path, layout, { origin });
      case "tar":
        return new RecordingWriter(path, layout, { stem });
    }
  }
}

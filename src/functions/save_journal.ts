/** Exporter of raw events in the journal format. */
import { eventFrameBytes } from "../files/journal_frame.ts";
import { JOURNAL_EXTENSION } from "../files/journal_parts.ts";
import { type JournalRotation, JournalSeriesWriter } from "../files/journal_series.ts";
import type { JournalRecord } from "../files/journal_writer.ts";
import { bufferToFile, type EventFile } from "../worker/buffer_to_file.ts";
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import { claimRunFile, runFile } from "../worker/run_file.ts";
import { runOrigin } from "../worker/run_origin.ts";
import { requireWiring } from "../worker/wiring.ts";

const BYTES_PER_MB = 1e6;

interface SaveJournalSettings {
  readonly filename: string;
  readonly rotation: JournalRotation;
}

/**
 * Writes every event of its source into the journal `<run directory>/<filename>.mjournal`; see `docs/journal_format.md`.
 * Fields of all types are stored bit by bit. Further workers of the function write `<filename>_1.mjournal` and so on. With
 * sinks, the events are also handed on to them.
 *
 * The ring gets an event back when it is in the file, so that after a crash each event is in one of the two. A worker that
 * is started anew goes on with its file, and leaves out what it had written.
 *
 * Configuration: `filename` (the ring's name if absent), and when a new file `<filename>_0001.mjournal` is begun:
 * `rotate_mb` (size in MB), `rotate_events`, `rotate_s` (age in s); whichever comes first, 0 or absent: never.
 */
export const saveJournal: DaqFunction = checkedFunction(readSettings, (context, { filename, rotation }) => {
  const path = runFile(context, filename, JOURNAL_EXTENSION);
  return bufferToFile(context, new RunJournal(context, path, rotation));
});

/** A journal in a run directory, as {@linkcode bufferToFile} wants it. */
class RunJournal implements EventFile {
  readonly isWrittenThrough = true;
  readonly recordsBefore: number;
  readonly #journal: JournalSeriesWriter;

  constructor(context: FunctionContext<unknown>, path: string, rotation: JournalRotation) {
    const { layout } = context.sources[0];
    // Run directories are never used again: what is there was begun by a worker that this one replaces.
    const append = context.restarts > 0;
    this.#journal = new JournalSeriesWriter(path, layout, { ...rotation, origin: runOrigin(context), append });
    this.recordsBefore = this.#journal.events;
  }

  write(event: JournalRecord): void {
    this.#journal.write(event);
  }

  flush(): void {
    this.#journal.flush();
  }

  close(): void {
    this.#journal.close();
  }
}

function readSettings(context: FunctionContext): SaveJournalSettings {
  requireWiring(context, { sources: 1, sinks: "any", passesThrough: true });
  const [{ name, layout }] = context.sources;
  eventFrameBytes(layout);
  const settings = new FunctionSettings(context);
  const filename = settings.text("filename", { fallback: name });
  claimRunFile(context, filename, JOURNAL_EXTENSION);
  const limit = (key: string, integer = false) => settings.number(key, { fallback: 0, min: 0, integer }) || Infinity;
  return {
    filename,
    rotation: {
      rotateBytes: limit("rotate_mb") * BYTES_PER_MB,
      rotateEvents: limit("rotate_events", true),
      rotateS: limit("rotate_s"),
    },
  };
}

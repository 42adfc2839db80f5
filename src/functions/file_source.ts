/** Source of recorded events of all file formats. */
import { faultText } from "../files/damaged_file_error.ts";
import type { EventRecord } from "../files/event_record.ts";
import { eventFilesAt, FittedEvents, type FittedEventsOptions } from "../files/fitted_events.ts";
import { RecordingReader } from "../files/recording_reader.ts";
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import type { EventMetadata, SourceItem } from "../worker/source_item.ts";
import { SourceToBuffer } from "../worker/source_to_buffer.ts";
import { requireWiring } from "../worker/wiring.ts";
import { readReplayPacing, ReplayPacer, type ReplayPacing } from "./replay_pacing.ts";
import { workerSeed } from "./source_pacing.ts";
import { tarParquetSource } from "./tar_parquet_source.ts";
import { userPath } from "./user_path.ts";

interface FileSourceSettings {
  /** Files in the order in which they are read. */
  readonly paths: readonly string[];
  readonly reading: FittedEventsOptions;
  readonly pacing: ReplayPacing;
  readonly seed: number | string | null;
  readonly keepsMetadata: boolean;
}

/** Keys that have no effect beside v1's key for the file. */
const KEYS_OF_FILENAME = ["pacing", "rate", "speed", "salvage"];

/**
 * Writes the events of files into its sink, and ends with the last one: archives of Parquet files (`.tar`, `.tar.gz`,
 * `.tar.bz2`, or a folder of them), Parquet tables (the folder or one of its files), and text tables as `save_to_txt` and
 * `csv` write them; journals too. The ring's fields choose the columns. Several workers share the events.
 *
 * Configuration: `filename` (looked up from the working directory, then from the setup's folder), `pacing` (`fast`: one
 * event right after the other; `original`: at the distances of the recorded times, `speed` times as fast; `fixed` or
 * `poisson`: `rate` in Hz; default `fast`), `seed` (repeatable times of `poisson`), `original_metadata` (true: counter,
 * timestamp and dead time are those of the file, as far as it has them; false: they are those of this run), `salvage`
 * (false: damage in a file is an error; true: it is passed over with a warning), `header_alias` (titles of a text table's
 * columns by the names of the fields, as `save_to_txt` was told).
 *
 * With `path` instead of `filename` it has the configuration of v1, see {@linkcode tarParquetSource}.
 */
export const fileSource: DaqFunction = checkedFunction(
  readSettings,
  (context, settings) =>
    settings === null
      ? tarParquetSource(context)
      : new SourceToBuffer(context, () => eventsOf(context, settings)).run(),
);

function* eventsOf(
  context: FunctionContext,
  { paths, reading, pacing, seed, keepsMetadata }: FileSourceSettings,
): Generator<SourceItem, void, void> {
  const { log } = context;
  const pacer = new ReplayPacer(context, pacing, seed);
  for (const path of paths) {
    using events = new FittedEvents(path, { ...reading, onNotice: (text) => log.warn(text) });
    const { columns } = events;
    for (let event = events.next(); event !== null; event = events.next()) {
      const turn = pacer.next(event.timestamp);
      if (turn === "ended") return;
      if (turn === "skip") continue;
      yield keepsMetadata ? [columns, recordedMetadata(event)] : columns;
    }
    for (const fault of events.faults) log.warn(faultText(fault));
    log.info(`"${path}" was read; ${pacer.seen} events so far`);
  }
}

function recordedMetadata({ counter, timestamp, deadtime }: EventRecord): EventMetadata {
  return timestamp < 0 ? { counter } : { counter, timestamp, deadtime };
}

/** Null: the configuration is that of v1. */
function readSettings(context: FunctionContext): FileSourceSettings | null {
  requireWiring(context, { sinks: 1 });
  const settings = new FunctionSettings(context);
  if (settings.value("path") !== null) {
    checkOlderSettings(context, settings);
    return null;
  }
  const [{ name: ring, layout }] = context.sinks;
  const path = userPath(context, settings.text("filename"));
  const pacing = readReplayPacing(settings, "fast");
  const reading = { ring, layout, titles: readTitles(settings), salvage: settings.flag("salvage", false) };
  const paths = eventFilesAt(path, layout);
  checkFirstEvent(paths[0], { reading, pacing, settings });
  return {
    paths,
    reading,
    pacing,
    seed: workerSeed(settings, context),
    keepsMetadata: settings.flag("original_metadata", true),
  };
}

function checkOlderSettings(context: FunctionContext, settings: FunctionSettings): void {
  const unused = KEYS_OF_FILENAME.filter((key) => settings.value(key) !== null);
  if (unused.length > 0) {
    context.log.warn(`${unused.join(", ")} has no effect with "path"; name the file with "filename" instead`);
  }
  tarParquetSource.check?.(context);
  using events = new RecordingReader(userPath(context, settings.text("path")), context.sinks[0].layout);
  events.next();
}

/** Reads an event, so that damage at the beginning and values that do not fit are told before the run starts. */
function checkFirstEvent(
  path: string,
  { reading, pacing, settings }: Pick<FileSourceSettings, "reading" | "pacing"> & { settings: FunctionSettings },
): void {
  using events = new FittedEvents(path, reading);
  const event = events.next();
  if (event === null || event.timestamp >= 0 || pacing.kind !== "original") return;
  const expected = `fast, fixed or poisson for "${path}", whose events have no times`;
  throw new TypeError(settings.message("pacing", { expected, found: "original" }));
}

function readTitles(settings: FunctionSettings): ReadonlyMap<string, string> {
  const titles = Object.entries(settings.mapping("header_alias"));
  return new Map(titles.map(([field, title]) => [field, String(title)]));
}

/** Source of recorded events. */
import { RecordingReader } from "../files/recording_reader.ts";
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import type { EventMetadata, SourceItem } from "../worker/source_item.ts";
import { SourceToBuffer } from "../worker/source_to_buffer.ts";
import { requireWiring } from "../worker/wiring.ts";
import { checkSamples, makePacer, readPacing, type SourcePacing, workerSeed } from "./source_pacing.ts";
import { userPath } from "./user_path.ts";

interface FileSourceSettings {
  readonly path: string;
  readonly pacing: SourcePacing;
  readonly seed: number | string | null;
  readonly keepsMetadata: boolean;
}

/**
 * Writes the events of recordings, `.tar`, `.tar.gz` or `.tar.bz2` archives of Parquet files as `save_parquet` makes them,
 * into its sink, and ends with the last one. The ring's fields choose the columns. Several workers share the events.
 *
 * Configuration: `path` (an archive, or a folder of which all archives are read in the order of their names; looked up
 * from the working directory, then from the setup's folder), `number_of_samples` (may be absent, must be the samples per slot),
 * `sleeptime` (mean time between events in s, 0.1), `random` (exponential instead of equal times, false), `seed` (repeatable
 * times), `original_metadata` (false: events are numbered anew and get the present time, as in v1; true: counter, timestamp
 * and dead time are those of the recording, as far as it has them).
 */
export const tarParquetSource: DaqFunction = checkedFunction(readSettings, (context, settings) => {
  const pacer = makePacer(context, settings.pacing, settings.seed);
  const events = new RecordingReader(settings.path, context.sinks[0].layout, {
    onNotice: (text) => context.log.warn(text),
  });
  const { workers, workerNumber, publishedBefore } = context;
  return new SourceToBuffer(context, function* (): Generator<SourceItem, void, void> {
    using recording = events;
    let number = 0;
    const first = publishedBefore[0] * workers + workerNumber;
    for (const event of recording) {
      const isWanted = number % workers === workerNumber && number >= first;
      number++;
      if (!isWanted) continue;
      if (!pacer.wait()) return;
      yield settings.keepsMetadata ? [event.data, recordedMetadata(event)] : event.data;
    }
    context.log.info(`all ${number} events of ${settings.path} were read`);
  }).run();
});

function recordedMetadata(event: { counter: number; timestamp: number; deadtime: number }): EventMetadata {
  const { counter, timestamp, deadtime } = event;
  return timestamp < 0 ? { counter } : { counter, timestamp, deadtime };
}

function readSettings(context: FunctionContext): FileSourceSettings {
  requireWiring(context, { sinks: 1 });
  const settings = new FunctionSettings(context);
  checkSamples(settings, context);
  const path = userPath(context, settings.text("path"));
  // Looks for the archives, so that a wrong folder is told before the run starts.
  new RecordingReader(path, context.sinks[0].layout).close();
  return {
    path,
    pacing: readPacing(settings),
    seed: workerSeed(settings, context),
    keepsMetadata: settings.flag("original_metadata", false),
  };
}

/** Sources of recorded raw events. */
import type { EventReader } from "../files/event_reader.ts";
import { faultText } from "../files/damaged_file_error.ts";
import { openRecordedEvents } from "../files/recorded_events.ts";
import { layoutText } from "../record/layout_text.ts";
import { sameLayout } from "../record/record_layout.ts";
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import type { SourceItem } from "../worker/source_item.ts";
import { SourceToBuffer } from "../worker/source_to_buffer.ts";
import { requireWiring } from "../worker/wiring.ts";
import { readReplayPacing, ReplayPacer, type ReplayPacing } from "./replay_pacing.ts";
import { workerSeed } from "./source_pacing.ts";
import { userPath } from "./user_path.ts";

interface JournalSourceSettings {
  readonly path: string;
  readonly pacing: ReplayPacing;
  readonly seed: number | string | null;
  readonly keepsMetadata: boolean;
  readonly salvage: boolean;
}

/** What a name of this source takes if a key is absent. */
interface Defaults {
  readonly pacing: ReplayPacing["kind"];
  readonly keepsMetadata: boolean;
}

/**
 * Writes the events of a journal (`.mjournal`), or of a file of mimoCoRB2 (`.mimo`), into its sink, bit by bit as they were
 * recorded, and ends with the last one. The ring must hold the same records. Several workers share the events.
 *
 * Configuration: `filename` (looked up from the working directory, then from the setup's folder), `pacing` (`fast`: one
 * event right after the other; `original`: at the distances of the recorded times, `speed` times as fast; `fixed` or
 * `poisson`: `rate` in Hz; default `fast`), `seed` (repeatable times of `poisson`), `original_metadata` (true: counter,
 * timestamp and dead time are those of the recording, so that results can be compared event by event with those of the run
 * that recorded it; false: they are those of this run), `salvage` (false: damage in the file is an error; true: it is passed
 * over with a warning). An end that was torn off by a crash is no error in either case.
 */
export const journalSource: DaqFunction = source(() => ({ pacing: "fast", keepsMetadata: true }));

/** {@linkcode journalSource} as mimoCoRB2's `data.simulate_importer`: with the original timing and metadata of this run. */
export const simulateImporter: DaqFunction = source(() => ({ pacing: "original", keepsMetadata: false }));

/**
 * {@linkcode journalSource} as mimoCoRB2's `data.clocked_importer`: with the given `rate` in Hz, a `distribution` that is
 * `uniform` or `poisson`, and metadata of this run.
 */
export const clockedImporter: DaqFunction = source((settings) => {
  const distribution = settings.text("distribution", { fallback: "uniform" });
  if (distribution !== "uniform" && distribution !== "poisson") {
    throw new TypeError(settings.message("distribution", { expected: "uniform or poisson", found: distribution }));
  }
  return { pacing: distribution === "uniform" ? "fixed" : "poisson", keepsMetadata: false };
});

function source(defaultsOf: (settings: FunctionSettings) => Defaults): DaqFunction {
  return checkedFunction((context) => readSettings(context, defaultsOf), run);
}

function run(context: FunctionContext, settings: JournalSourceSettings): void | Promise<void> {
  return new SourceToBuffer(context, () => eventsOf(context, settings)).run();
}

function* eventsOf(
  context: FunctionContext,
  { path, pacing, seed, keepsMetadata, salvage }: JournalSourceSettings,
): Generator<SourceItem, void, void> {
  const { log } = context;
  using events = openRecordedEvents(path, { salvage });
  const pacer = new ReplayPacer(context, pacing, seed);
  for (let event = events.next(); event !== null; event = events.next()) {
    const turn = pacer.next(event.timestamp);
    if (turn === "ended") return;
    if (turn === "skip") continue;
    const { data, counter, timestamp, deadtime } = event;
    yield keepsMetadata ? [data, { counter, timestamp, deadtime }] : data;
  }
  for (const fault of events.faults) log.warn(faultText(fault));
  log.info(`all ${pacer.seen} events of ${path} were read`);
}

function readSettings(
  context: FunctionContext,
  defaultsOf: (settings: FunctionSettings) => Defaults,
): JournalSourceSettings {
  requireWiring(context, { sinks: 1 });
  const settings = new FunctionSettings(context);
  const path = userPath(context, settings.text("filename"));
  const defaults = defaultsOf(settings);
  using events = openRecordedEvents(path, { salvage: true });
  checkLayout(context, events, path);
  return {
    path,
    pacing: readReplayPacing(settings, defaults.pacing),
    seed: workerSeed(settings, context),
    keepsMetadata: settings.flag("original_metadata", defaults.keepsMetadata),
    salvage: settings.flag("salvage", false),
  };
}

function checkLayout(context: FunctionContext, { layout }: EventReader, path: string): void {
  const [{ name, layout: wanted }] = context.sinks;
  if (sameLayout(layout, wanted)) return;
  throw new TypeError(
    `Cannot read "${path}" into ring ${name}: expected records as in the ring (${layoutText(wanted)}), found ` +
      `${layoutText(layout)}; give the ring the fields of the file`,
  );
}

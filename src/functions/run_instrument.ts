/** Runs an instrument as a source of events, through its losses and returns. */
import { type Instrument, InstrumentLost } from "../../drivers/instrument.ts";
import type { FunctionContext } from "../worker/context.ts";
import { EventSink } from "./event_sink.ts";

/** A lost instrument is looked for after a first pause, then after ever longer ones. */
const FIRST_RETRY_MS = 10;
const LAST_RETRY_MS = 500;
/** That it is still not there is said so often. */
const REPORT_MS = 30_000;

/** What a source must tell of its instrument. */
export interface InstrumentSource<I extends Instrument> {
  /**
   * Opens the instrument and sets it up; called again to get it back after it was lost.
   *
   * @throws {InstrumentLost} If it is not there. At the beginning of a run that, like any other error, ends the function.
   */
  open(sink: EventSink): I | Promise<I>;

  /**
   * Takes events until `sink.isWanted` is false.
   *
   * @throws {InstrumentLost} If the instrument is gone; it is then opened again.
   */
  take(instrument: I, sink: EventSink): void | Promise<void>;

  /** How long a lost instrument is waited for, in s. @default {until the run ends} */
  readonly reconnectS?: number;
}

/**
 * Opens an instrument, takes events, and gives it back. When it is lost it is opened again as soon as it is back; the time
 * between counts as dead.
 *
 * @param context Context of a function with one sink and no source.
 * @throws {Error} What `open` threw at the beginning, what `take` threw other than {@linkcode InstrumentLost}, or that the
 *   instrument did not come back in time.
 */
export async function runInstrument<I extends Instrument>(
  context: FunctionContext<unknown>,
  source: InstrumentSource<I>,
): Promise<void> {
  const sink = new EventSink(context);
  try {
    let instrument: I | null = await source.open(sink);
    let retryMs = FIRST_RETRY_MS;
    while (instrument !== null) {
      const before = sink.nextCounter;
      const lost: InstrumentLost | null = await takeUntilLost(instrument, source, sink);
      if (lost === null) return;
      // One that is lost again at once, before it gave anything, is left alone for longer.
      retryMs = sink.nextCounter === before ? Math.min(LAST_RETRY_MS, 2 * retryMs) : FIRST_RETRY_MS;
      context.log.warn(`${lost.message}; waiting for it to come back`);
      instrument = await findAgain(context, { source, sink, lost, retryMs });
    }
  } finally {
    sink.end();
  }
}

/** Takes events; gives the reason if the instrument was lost, null if the run ends. */
async function takeUntilLost<I extends Instrument>(
  instrument: I,
  source: InstrumentSource<I>,
  sink: EventSink,
): Promise<InstrumentLost | null> {
  try {
    await source.take(instrument, sink);
    return null;
  } catch (error) {
    sink.abort();
    if (!(error instanceof InstrumentLost)) throw error;
    return error;
  } finally {
    sink.liveTime.blind(sink.activeMs());
    await instrument.close();
  }
}

/** A search for a lost instrument. */
interface Search<I extends Instrument> {
  readonly source: InstrumentSource<I>;
  readonly sink: EventSink;
  readonly lost: InstrumentLost;
  readonly retryMs: number;
}

/** Looks for a lost instrument until it is back; null if the run ends first. */
async function findAgain<I extends Instrument>(
  context: FunctionContext<unknown>,
  { source, sink, lost, retryMs }: Search<I>,
): Promise<I | null> {
  const { log, signal } = context;
  const limitMs = 1000 * (source.reconnectS ?? Infinity);
  const startMs = performance.now();
  const waitedS = () => ((performance.now() - startMs) / 1000).toFixed(2);
  let reported = "";
  let reportedMs = startMs;
  for (let pauseMs = retryMs; signal.sleep(pauseMs); pauseMs = Math.min(LAST_RETRY_MS, 2 * pauseMs)) {
    try {
      const instrument = await source.open(sink);
      log.info(`${instrument.description} is back after ${waitedS()} s, which count as dead time`);
      return instrument;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const nowMs = performance.now();
      if (nowMs - startMs >= limitMs) {
        throw new Error(`${lost.message}; it was waited for ${waitedS()} s and is not back: ${error.message}`, {
          cause: error,
        });
      }
      if (error.message !== reported || nowMs - reportedMs >= REPORT_MS) {
        log.info(`not back after ${waitedS()} s: ${error.message}`);
        reported = error.message;
        reportedMs = nowMs;
      }
    }
  }
  return null;
}

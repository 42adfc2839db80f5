/** The loop of functions that write every event of a ring into a file. */
import type { EventRecord } from "../files/event_record.ts";
import type { Slot } from "../ring/slot.ts";
import type { FunctionContext } from "./context.ts";
import type { DaqEvent } from "./event.ts";
import { runAndEnd } from "./event_steps.ts";
import { deliverToAll } from "./deliver_items.ts";
import type { SinkSet } from "./sink_set.ts";
import { type Delivery, runTransfer } from "./transfer.ts";

/** A file that takes events. */
export interface EventFile {
  /** Stores one event; keeps nothing of it. */
  write(event: EventRecord & { readonly redelivered: boolean }): void;
  /** Writes what is in memory; called when no events come for a while. */
  flush(): void;
  /** Finishes the file. */
  close(): void;
  /**
   * True if each event shall be flushed before its ring gets it back: whatever becomes of the program, an event is then
   * either in the file or still in the ring.
   *
   * @default {false: events wait in memory for the next flush}
   */
  readonly isWrittenThrough?: boolean;
  /** Whole records that the file holds from earlier lives of the worker. @default {0} */
  readonly recordsBefore?: number;
}

/** For so long after a report, further refusals by the same file are only counted. */
const QUIET_MS = 60_000;

/**
 * Writes all events of the first source into a file and hands them on to the sinks, if there are any. A record that was
 * made twice because a worker died is written once. Whether the event that the worker itself held when it died is in the
 * file is decided by counting: a file that is written through holds the events that were released as processed, and that
 * one, or not.
 *
 * When the file cannot be written, the event at hand has failed, which is reported; what fails within the next minute is
 * only counted and told at the end of it: on a full disk where others come and go, that is one message and not hundreds. The
 * file is finished on every end of the run.
 */
export function bufferToFile(context: FunctionContext<unknown>, file: EventFile): void | Promise<void> {
  let reportedAtMs = -Infinity;
  let isBroken = false;
  let refused = 0;
  const wasJustReported = () => performance.now() - reportedAtMs < QUIET_MS;
  const tellOfRefused = () => {
    if (refused > 0) context.log.error(`${refused} later ${refused === 1 ? "event was" : "events were"} not written`);
    refused = 0;
  };
  let isHeldWritten = takeOver(context, file);
  const judge = (event: DaqEvent): Delivery => {
    if (isHeldWritten && context.continuation.isHeldBefore(context.sources[0].held!)) {
      isHeldWritten = false;
      return "double";
    }
    try {
      file.write(event);
      if (file.isWrittenThrough === true) file.flush();
    } catch (error) {
      isBroken = true;
      if (wasJustReported()) {
        refused++;
        return "failed";
      }
      tellOfRefused();
      reportedAtMs = performance.now();
      throw withoutStack(error);
    }
    isBroken = false;
    return "processed";
  };
  const idle = () => {
    if (isBroken) return;
    try {
      file.flush();
    } catch (error) {
      isBroken = true;
      if (wasJustReported()) return;
      reportedAtMs = performance.now();
      context.failed(withoutStack(error));
    }
  };
  return runAndEnd(
    () =>
      runTransfer<Delivery>(context, {
        judge,
        deliver: (sinks, event, result) => deliverWritten(sinks, event, result),
        idle,
        dropsDoubles: true,
      }),
    () => {
      tellOfRefused();
      try {
        file.close();
      } catch (error) {
        throw withoutStack(error);
      }
    },
  );
}

/**
 * Compares what the file holds with what the worker's earlier lives have said, and reports what is missing.
 *
 * @returns True if the event that the last life held is in the file.
 */
function takeOver({ continuation, restarts, log }: FunctionContext<unknown>, file: EventFile): boolean {
  if (restarts === 0) return false;
  const { recordsBefore: records = 0, isWrittenThrough = false } = file;
  const expected = continuation.recordsBefore;
  const lost = expected === null ? 0 : Math.max(0, expected - records);
  continuation.report(records, lost);
  if (lost > 0) {
    const why = isWrittenThrough ? "" : "; they were in the memory of the worker that died";
    log.warn(`${lost} ${lost === 1 ? "event that was" : "events that were"} taken before are not in the file${why}`);
  }
  return expected !== null && records === expected + 1;
}

function deliverWritten(sinks: SinkSet, event: Slot, result: Delivery): Delivery {
  if (result !== "processed" && result !== "double") return result;
  const delivery = deliverToAll(sinks, event);
  return delivery === "processed" ? result : delivery;
}

/** What the file system answered says everything; where the program was then tells nobody anything. */
function withoutStack(error: unknown): unknown {
  if (error instanceof Error && error.cause !== undefined) error.stack = `${error.name}: ${error.message}`;
  return error;
}

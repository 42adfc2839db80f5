/** The loop of functions that write every event of a ring into a file. */
import type { EventRecord } from "../files/event_record.ts";
import { DoubleFilter } from "./double_filter.ts";
import type { FunctionContext } from "./context.ts";
import type { DaqEvent } from "./event.ts";
import { runAndEnd } from "./event_steps.ts";
import { deliverToAll } from "./deliver_items.ts";
import { type Delivery, runTransfer } from "./transfer.ts";

/** A file that takes events. */
export interface EventFile {
  /** Stores one event; keeps nothing of it. */
  write(event: EventRecord): void;
  /** Writes what is in memory; called when no events come for a while. */
  flush(): void;
  /** Finishes the file. */
  close(): void;
}

/**
 * Writes all events of the first source into a file and hands them on to the sinks, if there are any. An event that was
 * delivered twice because a worker died is written once. The file is finished on every end of the run.
 */
export function bufferToFile(context: FunctionContext<unknown>, file: EventFile): void | Promise<void> {
  const doubles = new DoubleFilter();
  const judge = (event: DaqEvent): Delivery => {
    if (doubles.isDouble(event)) return "double";
    file.write(event);
    return "processed";
  };
  return runAndEnd(
    () =>
      runTransfer<Delivery>(context, {
        judge,
        deliver: (sinks, event, result) => result === "processed" ? deliverToAll(sinks, event) : result,
        idle: () => file.flush(),
      }),
    () => file.close(),
  );
}

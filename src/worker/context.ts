/** What a user function is given, and what it is. */
import type { Observer } from "../ring/observer.ts";
import type { Reader } from "../ring/reader.ts";
import type { Writer } from "../ring/writer.ts";
import type { Continuation } from "./continuation.ts";
import type { EventBooks } from "./event_books.ts";
import type { Logger } from "./logger.ts";
import type { Panel } from "./panel.ts";
import type { RunSignal } from "./run_signal.ts";

/** Configuration of a function as the setup gives it: keys in file order, plain values. */
export type FunctionConfig = Readonly<Record<string, unknown>>;

/** Everything that a function can use while it runs. One context belongs to one worker. */
export interface FunctionContext<C = FunctionConfig> {
  /** Name of the entry in the setup: `Fkt_2` (v1) or the worker's name (v2). */
  readonly name: string;
  /** The function's name as the setup writes it. */
  readonly functionName: string;
  /** Which of the function's workers this is, from 0. */
  readonly workerNumber: number;
  /** Number of the function's workers. */
  readonly workers: number;
  /** How often this worker was started anew because it had died (`on_failure: restart`); 0 the first time. */
  readonly restarts: number;
  /**
   * Records that this worker had published into each of its sinks when it was started anew; all 0 the first time. An
   * importer that repeats a list or a file goes on behind as many.
   */
  readonly publishedBefore: readonly number[];
  /** Rings that the function reads, in setup order. */
  readonly sources: readonly Reader[];
  /** Rings that it writes. */
  readonly sinks: readonly Writer[];
  /** Rings that it observes. */
  readonly observes: readonly Observer[];
  /** Configuration of the function. */
  readonly config: C;
  /** Messages for the run's log; repeated ones are counted, not repeated. */
  readonly log: Logger;
  /** Absolute path of the run's folder; whatever a function writes belongs there. */
  readonly runDirectory: string;
  /** Absolute path of the folder of the setup file. */
  readonly setupDirectory: string;
  /** Flags of the run, and a sleep that ends early when the run does. */
  readonly signal: RunSignal;
  /**
   * True once the function shall end by itself: for an importer when no further events are wanted, for every other
   * function when the run is aborted (otherwise the end of its sources ends it, so that nothing is lost), and for each of
   * them when its worker is stopped by command. It is looked up each time: read `context.ending`, a copy of it never
   * changes.
   */
  readonly ending: boolean;
  /** The worker's own counts of events, kept by the access classes. */
  readonly books: EventBooks;
  /** How the worker's last life has left its file; for the base of file exporters. */
  readonly continuation: Continuation;

  /**
   * Puts results on display; the newest state of a name replaces the one before. It may be called with every event: a
   * display is sent ten times a second at most, and its last state always. The panel is copied when it is sent, at once or a
   * moment later, and shows what its arrays hold then; arrays of an event are copied before the event has gone.
   *
   * @param name Name of the display, unique within the function.
   * @param panel What to show.
   */
  publish(name: string, panel: Panel): void;

  /**
   * Reports that the function could not process the event that it holds. The event is released as failed, the run stops
   * as soon as it can, and the function may go on with the next event.
   *
   * @param error What was thrown.
   */
  failed(error: unknown): void;
}

/**
 * A function that a setup can name. It is called once in each of its workers and returns, or resolves, when it has
 * nothing more to do; its rings are then released and signed off for it.
 */
export interface DaqFunction<C = FunctionConfig> {
  (context: FunctionContext<C>): void | Promise<void>;
  /**
   * Looks at configuration and rings before anything starts; throws if the function cannot work with them. It must not
   * touch events or files.
   */
  readonly check?: (context: FunctionContext<C>) => unknown;
}

/**
 * Makes a function whose configuration and rings are checked before the run starts.
 *
 * @param check Reads what the function needs from the context and returns it; throws if something is wrong.
 * @param run The function itself; gets what `check` returned.
 */
export function checkedFunction<S, C = FunctionConfig>(
  check: (context: FunctionContext<C>) => S,
  run: (context: FunctionContext<C>, settings: S) => void | Promise<void>,
): DaqFunction<C> {
  return Object.assign((context: FunctionContext<C>) => run(context, check(context)), { check });
}

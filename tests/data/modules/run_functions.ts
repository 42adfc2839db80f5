/** Functions for the tests of whole runs: a source of numbers, a filter, a reader that keeps what it saw, and misbehaving ones. */
import { BufferData } from "../../../src/worker/buffer_data.ts";
import type { FunctionContext } from "../../../src/worker/context.ts";
import { BufferToTxtfile } from "../../../src/worker/buffer_to_txtfile.ts";
import { filter } from "../../../src/worker/filter.ts";
import { importer } from "../../../src/worker/importer.ts";
import { ObserverData } from "../../../src/worker/observer_data.ts";

interface SourceConfig {
  /** Events to bring in; 0 or nothing: without end. */
  readonly events?: number;
  readonly sleep_s?: number;
}

/** Event n holds n in every value. */
export const countSource = importer<SourceConfig>(function* ({ config, signal }) {
  const { events = 0, sleep_s = 0 } = config;
  for (let n = 0; events === 0 || n < events; n++) {
    if (sleep_s > 0 && !signal.sleep(1000 * sleep_s)) return;
    yield [n];
  }
});

interface FilterConfig {
  /** Every how-many-th event is accepted. */
  readonly every?: number;
  readonly sleep_s?: number;
  /** Counter of the event at which something happens. */
  readonly at?: number;
}

/** Accepts some of the events, slowly if wanted. */
export const everyNth = filter<FilterConfig>(({ config, signal }) => (event) => {
  if (config.sleep_s) signal.sleepWhileDraining(1000 * config.sleep_s);
  return event.data.data[0] % (config.every ?? 1) === 0;
});

/** Throws while it prepares. */
export const throwsAtStart = filter(() => {
  throw new RangeError("no luck at the start");
});

/** Throws in one event and goes on with the others. */
export const throwsInEvent = filter<FilterConfig>(({ config }) => (event) => {
  if (event.counter === config.at) throw new RangeError(`no luck in event ${event.counter}`);
  return true;
});

/** Throws outside of what the access classes call: the whole worker ends. */
export function diesInEvent(context: FunctionContext<FilterConfig>): void {
  for (const event of new BufferData(context)) {
    if (event.counter === context.config.at) throw new RangeError(`dead in event ${event.counter}`);
    const slot = context.sinks[0].claim();
    if (slot === null) return;
    slot.data.data.set(event.data.data as never);
    context.sinks[0].processBuffer();
  }
}

/** Leaves a timer behind that throws while the function is at work. */
export async function vanishes(context: FunctionContext): Promise<void> {
  setTimeout(() => {
    throw new RangeError("thrown by a timer");
  }, 50);
  await new Promise(() => {});
  context.log.info("never reached");
}

/** Never comes back from one event. */
export const hangsInEvent = filter<FilterConfig>(({ config }) => (event) => {
  while (event.counter === config.at);
  return true;
});

/** Never comes back, without any ring. */
export function neverReturns(): Promise<void> {
  return new Promise(() => {});
}

/** Never comes back from its first event, and leaves the thread idle. */
export function holdsForEver({ sources }: FunctionContext): Promise<void> {
  sources[0].get();
  return new Promise(() => {});
}

/** Reads a part and returns. */
export function readsFive({ sources }: FunctionContext): void {
  for (let n = 0; n < 5; n++) sources[0].get();
}

/** Keeps the numbers that it read, one file per worker; slowly if wanted. */
export function collect(context: FunctionContext<{ sleep_s?: number; name?: string }>): void {
  const { config, name, workerNumber, runDirectory, signal } = context;
  const file = Deno.openSync(`${runDirectory}/${config.name ?? name}_${workerNumber}.txt`, { write: true, createNew: true });
  for (const event of new BufferData(context)) {
    if (config.sleep_s) signal.sleepWhileDraining(1000 * config.sleep_s);
    file.writeSync(new TextEncoder().encode(`${event.data.data[0]}\n`));
  }
  file.close();
}

/** Keeps all events in a table of whose name nobody knew before the start. */
export function ownTable(context: FunctionContext): void | Promise<void> {
  return new BufferToTxtfile(context).run();
}

/** Reads and keeps nothing; slowly if wanted. */
export function discards(context: FunctionContext<{ sleep_s?: number }>): void {
  for (const _event of new BufferData(context)) {
    if (context.config.sleep_s) context.signal.sleepWhileDraining(1000 * context.config.sleep_s);
  }
}

/** Looks at events without holding them back. */
export function watch(context: FunctionContext): void {
  let seen = 0;
  for (const _event of new ObserverData(context)) seen++;
  context.log.info(`saw ${seen > 0 ? "some" : "no"} events`);
}

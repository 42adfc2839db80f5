/** Functions for tests of supervision: each dies, hangs or misbehaves in its own way. */
import { BufferData } from "../../../src/worker/buffer_data.ts";
import type { FunctionContext } from "../../../src/worker/context.ts";
import { filter } from "../../../src/worker/filter.ts";
import { importer } from "../../../src/worker/importer.ts";
import { observer } from "../../../src/worker/observer.ts";

interface DyingConfig {
  /** Counter of the event at which it happens. */
  readonly at?: number;
  /** Also when the event is offered again. @default {false} */
  readonly again?: boolean;
  readonly signal?: Deno.Signal;
  readonly sleep_s?: number;
}

/** Does something in one event, the first time that it is offered; hands all events on. */
function onceInEvent(act: (context: FunctionContext<DyingConfig>) => void) {
  return filter<DyingConfig>((context) => {
    const { at, again = false, sleep_s = 0 } = context.config;
    return (event) => {
      if (sleep_s > 0) context.signal.sleepWhileDraining(1000 * sleep_s);
      if (event.counter === at && (again || !event.redelivered)) act(context);
      return true;
    };
  });
}

/** Sends a signal to its own process. */
export const killsItself = onceInEvent(({ config }) => {
  Deno.kill(Deno.pid, config.signal ?? "SIGKILL");
  for (;;);
});

/** Reads where no memory is, as a broken library does. */
export const crashes = onceInEvent(() => {
  new Deno.UnsafePointerView(Deno.UnsafePointer.create(8n)!).getUint8();
});

/** Ends its process as a library does that gives up. */
export const exits = onceInEvent(() => {
  const { symbols } = Deno.dlopen("libc.so.6", { _exit: { parameters: ["i32"], result: "void" } });
  symbols._exit(7);
});

/** Allocates without bound. */
export const allocates = onceInEvent(() => {
  const kept: unknown[] = [];
  for (;;) kept.push(new Array(10_000).fill(kept.length));
});

/** Never comes back from one event. */
export const hangs = onceInEvent(() => {
  for (;;);
});

/** Throws in one event inside of what the access class calls. */
export const throwsInside = onceInEvent(() => {
  throw new RangeError("thrown inside");
});

/** Throws in one event outside of what access classes call, the first time that the worker lives or each time. */
export function throwsOutside(context: FunctionContext<DyingConfig>): void {
  const { at, again = false } = context.config;
  for (const event of new BufferData(context)) {
    if (event.counter === at && (again || context.restarts === 0)) throw new RangeError(`dead in event ${event.counter}`);
    const slot = context.sinks[0].claim();
    if (slot === null) return;
    slot.data.data.set(event.data.data as never);
    slot.counter = event.counter;
    context.sinks[0].processBuffer();
  }
}

/** Hands events on, and dies between handing one on and releasing it. */
export function diesAfterHandingOn({ sources, sinks, config }: FunctionContext<DyingConfig>): void {
  for (const event of sources[0]) {
    const slot = sinks[0].claim();
    if (slot === null) return;
    slot.data.data.set(event.data.data as never);
    slot.counter = event.counter;
    slot.redelivered = event.redelivered;
    sinks[0].processBuffer();
    if (event.counter === config.at && !event.redelivered) Deno.kill(Deno.pid, "SIGKILL");
  }
}

/** Throws before its first event, as often as told. */
export function throwsAtStart(context: FunctionContext<{ readonly times?: number }>): void {
  if (context.restarts < (context.config.times ?? Infinity)) throw new RangeError(`start ${context.restarts} failed`);
  for (const _event of new BufferData(context));
}

/** Throws after its last event. */
export function throwsAtEnd(context: FunctionContext): void {
  for (const _event of new BufferData(context));
  throw new RangeError("thrown at the end");
}

let loads = 0;

/** Says how often this module was loaded here, and how often the worker was started anew. */
export const countsLoads = filter<DyingConfig>(({ config, log, restarts }) => {
  loads++;
  log.info(`loads ${loads} restarts ${restarts}`);
  return (event) => {
    if (event.counter === config.at && !event.redelivered) Deno.kill(Deno.pid, "SIGKILL");
    return true;
  };
});

interface SourceConfig {
  readonly events: number;
  /** Number of the event before which the first life ends. */
  readonly at?: number;
  /** It kills its process instead of throwing. */
  readonly by_signal?: boolean;
  readonly sleep_s?: number;
}

/** Event n holds n. The first life dies, later ones go on behind what was published. */
export const mortalSource = importer<SourceConfig>(function* ({ config, signal, publishedBefore, restarts }) {
  const { events, at, by_signal = false, sleep_s = 0 } = config;
  for (let n = publishedBefore[0]; n < events; n++) {
    if (sleep_s > 0 && !signal.sleep(1000 * sleep_s)) return;
    if (n === at && restarts === 0) {
      if (by_signal) Deno.kill(Deno.pid, "SIGKILL");
      throw new RangeError(`dead before event ${n}`);
    }
    yield [n];
  }
});

/** Gives an event whose data do not fit the ring. */
export const wrongSource = importer<SourceConfig>(function* ({ config }) {
  for (let n = 0; n < config.events; n++) yield n === config.at ? [n, n] : [n];
});

/** Writes around its record: typed arrays know their bounds. */
export function writesOutside({ sources, sinks, log }: FunctionContext): void {
  for (const event of sources[0]) {
    const slot = sinks[0].claim();
    if (slot === null) return;
    const record = slot.data.data as Float64Array;
    record[-1] = record[1] = record[1e6] = 1e300;
    try {
      record.set([1e300, 1e300]);
    } catch (error) {
      log.warn(`${error instanceof Error ? error.name : error} in event ${event.counter}`);
    }
    record[0] = (event.data.data as Float64Array)[0];
    slot.counter = event.counter;
    sinks[0].processBuffer();
  }
}

/** Closes its reader in the middle of an event, and returns. */
export function closesEarly(context: FunctionContext<DyingConfig>): void {
  for (const event of new BufferData(context)) {
    if (event.counter !== context.config.at) continue;
    context.sources[0].close();
    return;
  }
}

/** A display that throws in an event. */
export const showsBadly = observer<DyingConfig>(() => (event) => {
  throw new RangeError(`cannot show event ${event.counter}`);
});

/** Prints in all ways that there are. */
export const prints = filter(({ log }) => {
  let isFirst = true;
  return () => {
    if (isFirst) {
      log.info("by the logger");
      console.log("by the console", [1, NaN]);
      Deno.stdout.writeSync(new TextEncoder().encode("past the console\nand without end"));
      Deno.stderr.writeSync(new TextEncoder().encode("on standard error\n"));
    }
    isFirst = false;
    return true;
  };
});

/** Puts every kind of value on display. */
export const publishes = filter(({ publish }) => {
  const x = new Float64Array([0, NaN, Infinity, -0]);
  const waveform = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
  publish("xy", { kind: "xy", title: "Grüße", x, y: x });
  publish("waveform", { kind: "waveform", title: "", channels: { chA: waveform }, sampleTimeNs: 4, counter: 2 ** 40 });
  publish("table", { kind: "table", title: "", rows: [{ a: 1, b: "two" }] });
  return () => true;
});

/** Starts a process of its own that would outlive it, and hangs. */
export const startsOthers = onceInEvent(() => {
  new Deno.Command("sleep", { args: ["1000"], stdin: "null", stdout: "null", stderr: "null" }).spawn();
  for (;;);
});

/** Keeps the counters of all events. */
export function counters({ sources, runDirectory, name }: FunctionContext): void {
  using file = Deno.openSync(`${runDirectory}/${name}_0.txt`, { write: true, createNew: true });
  for (const event of sources[0]) file.writeSync(new TextEncoder().encode(`${event.counter}\n`));
}

/** Keeps the counters of all events, those of doubles once. */
export function once({ sources, runDirectory, name, log }: FunctionContext): void {
  using file = Deno.openSync(`${runDirectory}/${name}_0.txt`, { write: true, createNew: true });
  let dropped = 0;
  for (const event of sources[0]) {
    if (sources[0].remembers()) dropped++;
    else file.writeSync(new TextEncoder().encode(`${event.counter}\n`));
    sources[0].remember();
  }
  log.info(`dropped ${dropped} doubles`);
}

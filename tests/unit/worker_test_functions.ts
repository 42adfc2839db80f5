/** User functions that workers load in tests. */
import { BufferData } from "../../src/worker/buffer_data.ts";
import type { FunctionContext } from "../../src/worker/context.ts";
import { filter } from "../../src/worker/filter.ts";
import { importer } from "../../src/worker/importer.ts";
import { observer } from "../../src/worker/observer.ts";

export const countUp = importer<{ events: number }>(function* ({ config, log }) {
  log.info("counting");
  console.log("printed", { a: 1 });
  for (let n = 0; n < config.events; n++) yield { chA: [n, n, n, n], chB: [0, 0, 0, 0] };
});

export const even_only = filter(() => (event) => event.data.chA[0] % 2 === 0);

export const failInThird = filter(() => (event) => {
  if (event.counter === 2) throw new Error("third event");
  return true;
});

export const forgottenFilter = (event: { counter: number }) => event.counter !== 2;

export function throwAtStart(): void {
  throw new Error("not today");
}

export function throwInLoop(context: FunctionContext): void {
  for (const event of new BufferData(context)) {
    context.sinks[0].getNewBuffer();
    if (event.counter === 1) throw new Error("in my own loop");
  }
}

export function throwAtEnd(context: FunctionContext): void {
  while (context.sources[0].get() !== null);
  throw new Error("after the last one");
}

export async function forgetPromise(): Promise<void> {
  Promise.reject(new Error("nobody waits"));
  await new Promise((resolve) => setTimeout(resolve, 20));
}

export function keepLast(context: FunctionContext): void {
  context.sources[0].get();
  context.sources[0].get();
}

export function exitAtOnce(): void {
  Deno.exit(3);
}

export const aNumber = 5;

export async function throwByTimer(): Promise<void> {
  setTimeout(() => {
    throw new Error("by a timer");
  }, 10);
  await new Promise(() => {});
}

export const showBadly = observer(() => () => {
  throw new Error("cannot show");
});

/** Functions for tests of commands: one that says much, and displays that use a processor, or do not. */
import type { FunctionContext } from "../../../src/worker/context.ts";
import { filter } from "../../../src/worker/filter.ts";
import { observer } from "../../../src/worker/observer.ts";

/** Says at all levels what it does with each event. */
export const mutters = filter(({ log }) => (event) => {
  log.debug(`looks at ${event.counter}`);
  if (event.counter % 100 === 0) log.info(`has seen ${event.counter}`);
  return true;
});

/** A display that calculates all the time. */
export const calculates = observer(() => {
  return () => {
    const endMs = performance.now() + 50;
    while (performance.now() < endMs);
  };
});

/** A display that takes its rest. */
export const rests = observer(() => () => {});

/** Brings in one event and then waits for the next one, which does not come. */
export function oneAndNoMore({ sinks, signal }: FunctionContext): void {
  sinks[0].getNewBuffer();
  sinks[0].processBuffer();
  signal.sleep(1e9);
}

/**
 * Any operations on a ring, in any order, do what plain arrays would do. More with `MIMOCORB_RING_CASES=100000`, again the
 * same with `MIMOCORB_SEED=…`.
 */
import fc from "fast-check";
import { openRingLibrary, ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import { RingBuffer } from "../../src/ring/ring_buffer.ts";
import { RingPair } from "./ring_pair.ts";

openRingLibrary(await ringLibraryPath()); // before the tests: a library stays loaded

const CASES = Number(Deno.env.get("MIMOCORB_RING_CASES") || 5000);
const SEED = Number(Deno.env.get("MIMOCORB_SEED") || crypto.getRandomValues(new Int32Array(1))[0]);
const MOST_OPERATIONS = 300;
const CHECK_EVERY = 5;

/** One of `all`, or undefined if there is none. */
function pick<T>(all: readonly T[], number: number): T | undefined {
  return all[number % all.length];
}

type Act = (pair: RingPair, a: number, b: number) => void;

/** An operation on one of the pair's writers or readers, if there is one. */
function withWriter(act: (pair: RingPair, one: RingPair["writers"][number], b: number) => void): Act {
  return (pair, a, b) => {
    const one = pick(pair.writers, a);
    if (one !== undefined) act(pair, one, b);
  };
}
function withReader(act: (pair: RingPair, one: RingPair["readers"][number], b: number) => void): Act {
  return (pair, a, b) => {
    const one = pick(pair.readers, a);
    if (one !== undefined) act(pair, one, b);
  };
}

const batchOf = (b: number) => b < 6 ? 1 : b - 4;

/** What may be done, and how often in comparison. */
const OPERATIONS: readonly [name: string, weight: number, act: Act][] = [
  ["claim", 12, withWriter((pair, one, b) => pair.claim(one, batchOf(b)))],
  ["write", 4, withWriter((pair, one, b) => pair.write(one, b % 2 === 0))],
  ["publish", 12, withWriter((pair, one) => pair.publish(one))],
  ["next slot", 20, withWriter((pair, one) => pair.nextSlot(one))],
  ["abort", 4, withWriter((pair, one) => pair.abort(one))],
  ["take", 45, withReader((pair, one, b) => pair.take(one, batchOf(b), b))],
  ["release", 6, withReader((pair, one) => pair.release(one))],
  ["all at work", 6, (pair, a, b) => {
    for (let i = 0; i <= a; i++) {
      for (const one of pair.writers) pair.nextSlot(one);
      for (const one of pair.readers) pair.take(one, batchOf(b), b);
    }
  }],
  ["open writer", 5, (pair) => pair.openWriter()],
  ["open reader", 6, (pair, a) => pair.readerPorts.length > 0 && pair.openReader(a % pair.readerPorts.length)],
  ["close writer", 1, withWriter((pair, one, b) => b < 2 && pair.closeWriter(one))],
  ["close reader", 2, withReader((pair, one) => pair.closeReader(one))],
  ["kill writer", 1, withWriter((pair, one) => pair.killWriter(one))],
  ["kill reader", 4, withReader((pair, one) => pair.killReader(one))],
  ["recover", 8, (pair, a, b) => {
    const one = pick(pair.dead, a);
    if (one !== undefined) pair.recover(one, b < 10);
  }],
  ["add writer", 4, (pair, _a, b) => b < 3 && pair.addWriter()],
  ["observe", 6, (pair, a) => pair.observe(a)],
  ["pause", 1, (pair, _a, b) => b < 6 && pair.pause(true)],
  ["resume", 5, (pair) => pair.pause(false)],
  ["detach", 1, (pair, a, b) => b < 2 && pair.readerPorts.length > 0 && pair.detach(a % pair.readerPorts.length)],
  ["close", 1, (pair, _a, b) => b < 3 && pair.close()],
  ["shut down", 1, (pair, _a, b) => b < 1 && pair.shutDown()],
  ["look at what is unfinished", 2, (pair) => pair.checkUnfinished()],
];
const LOTS = OPERATIONS.flatMap((operation) => Array.from({ length: operation[1] }, () => operation));

const ringOptions = fc.record({
  slots: fc.integer({ min: 1, max: 6 }),
  writers: fc.integer({ min: 1, max: 3 }),
  groups: fc.integer({ min: 0, max: 3 }),
  limit: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }) }),
  discards: fc.boolean(),
});
const operations = fc.array(
  fc.tuple(fc.nat(LOTS.length - 1), fc.nat(11), fc.nat(11)),
  { maxLength: MOST_OPERATIONS, size: "max" },
);

Deno.test(`any operations on a ring do what plain arrays would do: ${CASES} cases, seed ${SEED}`, async () => {
  await fc.assert(
    fc.asyncProperty(ringOptions, operations, async (options, steps) => {
      using ring = await RingBuffer.create({
        name: "model",
        slots: options.slots,
        valuesPerSlot: 2,
        fields: "float64",
        writers: options.writers,
        limit: options.limit,
        pause: options.discards ? "discard" : "wait",
      });
      const pair = new RingPair(ring, options);
      const story: string[] = [];
      try {
        pair.openWriter();
        for (const port of pair.readerPorts) pair.openReader(port.group);
        for (const [i, [lot, a, b]] of steps.entries()) {
          const [name, , act] = LOTS[lot];
          story.push(`${name} ${a} ${b}`);
          act(pair, a, b);
          if (i % CHECK_EVERY === 0) pair.check();
        }
        story.push("the end of all");
        await pair.finish();
      } catch (cause) {
        pair.abandon();
        throw new Error(`${(cause as Error).message}\nafter: ${story.join(", ")}`, { cause });
      }
    }),
    { numRuns: CASES, seed: SEED },
  );
});

/**
 * Rings between Web Workers under load. Longer with `MIMOCORB_STRESS_SECONDS=60`, the same again with
 * `MIMOCORB_STRESS_SEED=…`; each test prints its seed. A watchdog shuts a ring down that does not come to its end.
 */
import { openRingLibrary, ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import { Reader } from "../../src/ring/reader.ts";
import { RingBuffer, type RingOptions } from "../../src/ring/ring_buffer.ts";
import { Writer } from "../../src/ring/writer.ts";
import { assert, assertEquals } from "../../src/std/assert.js";
import { checkEvent, NUMBERS_OF_WRITER, stampEvent, STRESS_FIELDS, STRESS_VALUES } from "./ring_stress_event.ts";
import type { StressJob, StressResult } from "./ring_stress_worker.ts";
import { SeededRandom, STRESS_SECONDS, STRESS_SEED } from "./stress_settings.ts";

openRingLibrary(await ringLibraryPath()); // before the tests: a library stays loaded

const PATIENCE_S = 60; // beyond the planned time

function newRing(options: Partial<RingOptions>): Promise<RingBuffer> {
  return RingBuffer.create({
    name: "stress",
    slots: 1,
    valuesPerSlot: STRESS_VALUES,
    fields: STRESS_FIELDS,
    ...options,
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Workers that are told to stop, and a watchdog over them. */
class Troop implements Disposable {
  readonly stop = new Int32Array(new SharedArrayBuffer(4));
  readonly #workers: Worker[] = [];
  readonly #rings: readonly RingBuffer[];
  readonly #watchdog: ReturnType<typeof setTimeout>;
  #isLate = false;

  constructor(rings: readonly RingBuffer[], seconds: number) {
    this.#rings = rings;
    this.#watchdog = setTimeout(() => this.#giveUp(), 1000 * (seconds + PATIENCE_S));
  }

  start(job: StressJob): Promise<StressResult> {
    const worker = new Worker(import.meta.resolve("./ring_stress_worker.ts"), { type: "module" });
    this.#workers.push(worker);
    worker.postMessage(job);
    return new Promise((resolve, reject) => {
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`a worker failed: ${event.message}`));
      };
      worker.onmessage = ({ data }: MessageEvent<StressResult>) => {
        if (this.#isLate) reject(new Error("the watchdog shut the rings down: they did not come to their end"));
        else if (data.error !== undefined) {
          this.#stopAll(); // the others would wait for it
          reject(new Error(data.error));
        } else resolve(data);
      };
    });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#watchdog);
    for (const worker of this.#workers) worker.terminate();
  }

  #giveUp(): void {
    this.#isLate = true;
    for (const ring of this.#rings) console.error(`watchdog: ${JSON.stringify(ring.status(), null, 1)}`);
    this.#stopAll();
  }

  #stopAll(): void {
    Atomics.store(this.stop, 0, 1);
    for (const ring of this.#rings) ring.shutdown(); // wakes whoever sleeps in a call
  }
}

interface Shape {
  slots: number;
  pause: "wait" | "discard";
  batch: number;
  abortChance: number;
  leaves: number;
}

const SHAPES: readonly Shape[] = [
  { slots: 1, pause: "wait", batch: 1, abortChance: 20, leaves: 20 },
  { slots: 2, pause: "discard", batch: 3, abortChance: 5, leaves: 20 },
  { slots: 3, pause: "wait", batch: 5, abortChance: 0, leaves: 0 },
  { slots: 64, pause: "discard", batch: 16, abortChance: 50, leaves: 20 },
];

for (const [number, shape] of SHAPES.entries()) {
  const seed = STRESS_SEED + number;
  const label = `${shape.slots} slots, batches up to ${shape.batch}, pause: ${shape.pause}`;
  Deno.test(`2 writers, 2 groups of 2 readers lose, tear and double nothing: ${label}`, async () => {
    console.log(`seed ${STRESS_SEED}, ${STRESS_SECONDS} s`);
    const { slots, pause, batch, abortChance, leaves } = shape;
    using ring = await newRing({ slots, pause, writers: 2 });
    using troop = new Troop([ring], STRESS_SECONDS);
    const random = new SeededRandom(seed);
    const groups = ["a", "b"].map((name) => ring.newReaderGroup(name));
    const reading = groups.map((port) =>
      [0, 1].map(() => troop.start({ kind: "reader", port, writers: 2, seed: random.below(2 ** 32), batch, leaves }))
    );
    const writing = [0, 1].map((number) => {
      const port = ring.newWriter();
      return troop.start({
        kind: "writer",
        port,
        number,
        seed: random.below(2 ** 32),
        batch,
        abortChance,
        stop: troop.stop,
      });
    });

    while (ring.status().published === 0 && Atomics.load(troop.stop, 0) === 0) await delay(10); // workers take time to start
    const end = performance.now() + 1000 * STRESS_SECONDS;
    while (performance.now() < end) {
      await delay(random.below(60));
      ring.pause();
      await delay(random.below(8));
      ring.resume();
      const { published, groups } = ring.status();
      for (const { processed, rejected, held, unread } of groups) {
        assert(unread >= 0 && processed + rejected + held <= published + 2 * slots, "counters of a running ring");
      }
    }
    Atomics.store(troop.stop, 0, 1);

    const writers = await Promise.all(writing);
    const readers = await Promise.all(reading.map((group) => Promise.all(group)));
    const sum = (key: "published" | "aborted" | "discarded") =>
      writers.reduce((total, result) => total + result[key]!, 0);
    const status = ring.status();
    assertEquals([status.published, status.voided >= sum("aborted"), status.discarded], [
      sum("published"),
      true,
      sum("discarded"),
    ]);
    for (const [group, results] of readers.entries()) {
      for (const [writer, { published }] of writers.entries()) {
        const [one, other] = results.map(({ seen }) => seen![writer]);
        for (let n = 0; n < one.length; n++) {
          const times = one[n] + other[n], expected = n < published! ? 1 : 0;
          if (times !== expected) {
            throw new Error(
              `group ${group}: event ${n} of writer ${writer} was released ${times} times, not ${expected}`,
            );
          }
        }
      }
      const { processed, rejected, failed, doubles, held, unread, redelivered } = status.groups[group];
      assertEquals([processed + rejected, failed, doubles, held, unread], [status.published, 0, 0, 0, 0]);
      const seenAgain = results.reduce((total, result) => total + result.redelivered!, 0);
      assertEquals(redelivered, seenAgain, "what was handed back was delivered again, flagged");
    }
    console.log(
      `${status.published} events, ${status.voided} void, ${status.discarded} discarded, ${
        status.groups.map((group) => group.redelivered).join(" + ")
      } handed back`,
    );
  });
}

const OBSERVATIONS = STRESS_SECONDS > 10 ? 1_000_000 : 50_000;

for (const slots of [1, 2, 3, 16]) {
  Deno.test(`two observers make ${OBSERVATIONS} observations each under full load, none torn: ${slots} slots`, async () => {
    console.log(`seed ${STRESS_SEED}`);
    using ring = await newRing({ slots });
    using troop = new Troop([ring], 20 * STRESS_SECONDS);
    const port = ring.newReaderGroup("g");
    const reading = troop.start({ kind: "reader", port, writers: 1, seed: STRESS_SEED, batch: 4, leaves: 0 });
    const observing = [0, 1].map(() =>
      troop.start({ kind: "observer", port: ring.newObserver(), observations: OBSERVATIONS })
    );
    const writing = troop.start({
      kind: "writer",
      port: ring.newWriter(),
      number: 0,
      seed: STRESS_SEED,
      batch: 4,
      abortChance: 30,
      stop: troop.stop,
    });
    const observers = await Promise.all(observing);
    Atomics.store(troop.stop, 0, 1);
    const [{ published }] = await Promise.all([writing, reading]);
    for (const { observed, different } of observers) assertEquals([observed, different], [OBSERVATIONS, OBSERVATIONS]);
    console.log(`${published} events`);
  });
}

Deno.test("a sleeping reader never misses an event that comes every few milliseconds", async () => {
  const events = Math.round(150 * STRESS_SECONDS);
  console.log(`seed ${STRESS_SEED}, ${events} events`);
  using there = await newRing({ slots: 2 });
  using back = await newRing({ slots: 2 });
  using troop = new Troop([there, back], 10 * STRESS_SECONDS);
  const writer = new Writer(there.newWriter());
  using reader = new Reader(back.newReaderGroup("main"));
  const source = there.newReaderGroup("echo");
  const echo = troop.start({ kind: "echo", source, sink: back.newWriter(), timeoutMs: 30_000 });
  const random = new SeededRandom(STRESS_SEED);
  for (let n = 0; n < events; n++) {
    await delay(random.below(7)); // the echo sleeps meanwhile
    const id = NUMBERS_OF_WRITER + n;
    const slot = writer.claim({ timeoutMs: 30_000 })!;
    slot.counter = id;
    stampEvent(slot.data, id);
    writer.processBuffer();
    const answer = reader.next({ timeoutMs: 30_000 });
    assert(answer !== null, `event ${n} was not answered: ${reader.state}`);
    assertEquals(answer.counter, id);
    checkEvent(answer.data, id, "the answer");
  }
  writer.close();
  assertEquals((await echo).timedOut, 0);
  assertEquals([reader.next(), reader.state], [null, "ended"]);
  assertEquals(there.status().groups[0].processed, events);
});

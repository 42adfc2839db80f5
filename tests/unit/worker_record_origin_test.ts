/** Identities of records: never the same for different ones, always the same for a record that is made again. */
import { assert, assertEquals, assertNotEquals } from "../../src/std/assert.js";
import { RecordOrigin } from "../../src/worker/record_origin.ts";
import { BufferToBuffer } from "../../src/worker/buffer_to_buffer.ts";
import { fillRing, makeContext, makeRing } from "./worker_fixture.ts";
import { Reader } from "../../src/ring/reader.ts";
import { Writer } from "../../src/ring/writer.ts";
import type { RingBuffer } from "../../src/ring/ring_buffer.ts";

/** In a long run ten million; the sorting of so many takes its time. */
const ORIGINS = Deno.env.get("MIMOCORB_LONG") === "1" ? 10_000_000 : 1_000_000;

function firstCollision(origins: BigUint64Array): bigint | null {
  origins.sort();
  for (let i = 1; i < origins.length; i++) if (origins[i] === origins[i - 1]) return origins[i];
  return null;
}

function joined({ low, high }: RecordOrigin): bigint {
  return BigInt(high >>> 0) << 32n | BigInt(low >>> 0);
}

Deno.test("RecordOrigin gives no two records the same identity, through functions, sinks, numbers and stages", () => {
  const functions = ["Fkt_2", "Fkt_3", "Fkt_12"].flatMap((name) =>
    [0, 1].map((sink) => new RecordOrigin([], name, sink))
  );
  const perEvent = functions.length * 4;
  const origins = new BigUint64Array(ORIGINS);
  let at = 0;
  for (let event = 1; at < origins.length; event++) {
    for (const origin of functions) {
      for (let record = 0; record < 2 && at + 2 <= origins.length; record++) {
        origin.mix(event, 0, record);
        origins[at++] = joined(origin);
        functions[0].mix(origin.low, origin.high, 7);
        origins[at++] = joined(functions[0]);
      }
    }
    assert(perEvent > 0);
  }
  assertEquals(firstCollision(origins.slice(0, at)), null);
});

Deno.test("RecordOrigin changes about half of all bits with each bit of the event", () => {
  const origin = new RecordOrigin([], "Fkt_2", 0);
  let changed = 0;
  let trials = 0;
  for (let event = 1; event < 2000; event++) {
    origin.mix(event, 0, 0);
    const before = joined(origin);
    for (let bit = 0; bit < 32; bit += 5) {
      origin.mix(event ^ 1 << bit, 0, 0);
      changed += (before ^ joined(origin)).toString(2).replaceAll("0", "").length;
      trials++;
    }
  }
  assert(Math.abs(changed / trials - 32) < 0.5, `${changed / trials} of 64 bits`);
});

async function origins(name: string, source: (ring: RingBuffer) => void, records: (n: number) => number) {
  using ring = await makeRing("RB_1");
  using sink = await makeRing("RB_2", { slots: 32 });
  using check = new Reader(sink.newReaderGroup("check"));
  const { context } = makeContext({ sources: [ring], sinks: [sink], task: { name } });
  source(ring);
  new BufferToBuffer(context, (event) => [
    Array.from({ length: records(event.counter) }, () => ({ chA: new Float32Array(4), chB: new Float32Array(4) })),
  ]).run();
  context.close();
  const found: [counter: number, origin: string][] = [];
  for (let event = check.next({ timeoutMs: 0 }); event !== null; event = check.next({ timeoutMs: 0 })) {
    found.push([event.counter, `${event.originLow} ${event.originHigh}`]);
  }
  return found;
}

Deno.test("records of an event have the same identities when it comes twice, one right after the other", async () => {
  const twice = await origins("Fkt_2", (ring) => {
    const writer = new Writer(ring.newWriter());
    for (let n = 0; n < 2; n++) {
      writer.claim()!.setOrigin(5, 9);
      writer.processBuffer();
    }
    writer.close();
  }, () => 2);
  assertEquals(twice.map(([, origin]) => origin).slice(2), twice.map(([, origin]) => origin).slice(0, 2));
});

Deno.test("records of an event have the same identities when they are made again, and others than those of another function", async () => {
  const source = (ring: RingBuffer) => fillRing(ring, 3, () => {});
  const first = await origins("Fkt_2", source, () => 3);
  assertEquals(first.map(([counter]) => counter), [0, 0, 0, 1, 1, 1, 2, 2, 2]);
  assertEquals(new Set(first.map(([, origin]) => origin)).size, 9);
  assertEquals(await origins("Fkt_2", source, () => 3), first);
  assertEquals(await origins("Fkt_2", source, () => 1), [first[0], first[3], first[6]]);
  for (const [n, [, origin]] of (await origins("Fkt_3", source, () => 3)).entries()) {
    assertNotEquals(origin, first[n][1]);
  }
});

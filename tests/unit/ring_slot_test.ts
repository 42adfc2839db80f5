/** Metadata of a slot in memory. */
import { Slot } from "../../src/ring/slot.ts";
import { assertEquals } from "../../src/std/assert.js";

const COUNTERS = [
  0,
  1,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 32 + 1,
  2 ** 52 + 12345,
  2 ** 53 - 1,
  2 ** 53,
  -1,
  -2,
  -(2 ** 31),
  -(2 ** 32),
  -(2 ** 32) - 1,
  -(2 ** 53),
];

for (const counter of COUNTERS) {
  Deno.test(`Slot.counter keeps ${counter} and stores it as a 64-bit integer`, () => {
    const memory = new ArrayBuffer(128);
    const slot = new Slot(0, memory, 64, {});
    slot.counter = counter;
    assertEquals(slot.counter, counter);
    assertEquals(new DataView(memory).getBigInt64(64, true), BigInt(counter));
  });
}

Deno.test("Slot puts timestamp, deadtime and flags where the C helper expects them", () => {
  const memory = new ArrayBuffer(64);
  const slot = new Slot(3, memory, 0, {});
  slot.timestamp = 1700000000.25;
  slot.deadtime = 0.125;
  slot.redelivered = true;
  const view = new DataView(memory);
  assertEquals([view.getFloat64(8, true), view.getFloat64(16, true), view.getUint32(24, true)], [
    1700000000.25,
    0.125,
    1,
  ]);
  assertEquals([slot.index, slot.timestamp, slot.deadtime, slot.redelivered], [3, 1700000000.25, 0.125, true]);
  slot.redelivered = false;
  assertEquals(view.getUint32(24, true), 0);
});

Deno.test("Slot.redelivered is true when the event was handed back or derived from one that was", () => {
  const slot = new Slot(0, new ArrayBuffer(64), 0, {});
  slot.setHandedBack(true);
  assertEquals(slot.redelivered, true);
  slot.setHandedBack(false);
  assertEquals(slot.redelivered, false);
  slot.redelivered = true;
  assertEquals(slot.redelivered, true);
});

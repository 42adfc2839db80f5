/** Volts and nanoseconds into ADC counts, timebases and packed structures, without a device. */
import { conditionList, directionList, triggerProperties } from "../../drivers/picoscope/trigger_structs.ts";
import { channelsOfVariant, FAMILIES } from "../../drivers/picoscope/families.ts";
import { findTimebase } from "../../drivers/picoscope/find_timebase.ts";
import type { TriggerTerm } from "../../drivers/picoscope/scope_settings.ts";
import { triggerCounts } from "../../drivers/picoscope/trigger_counts.ts";
import { assertEquals, assertThrows } from "../../src/std/assert.js";
import { OverflowCounts } from "../../src/functions/picoscope/overflow_counts.ts";
import { toMillivolts } from "../../src/functions/picoscope/to_millivolts.ts";

/** Formulas of some models: number of the timebase to ns. */
const MODELS: readonly { desc: string; intervalNs: (n: number) => number | null }[] = [
  { desc: "ps5000a at 8 bits", intervalNs: (n) => n <= 2 ? 2 ** n : (n - 2) * 8 },
  { desc: "ps5000a at 12 bits", intervalNs: (n) => n < 1 ? null : n <= 3 ? 2 ** n : (n - 3) * 16 },
  { desc: "ps5000a at 14 bits", intervalNs: (n) => n < 3 ? null : n === 3 ? 8 : (n - 2) * 8 },
  { desc: "ps5000a at 16 bits", intervalNs: (n) => n < 4 ? null : (n - 3) * 16 },
  { desc: "ps3000a MSO", intervalNs: (n) => n <= 1 ? 2 * 2 ** n : (n - 1) * 8 },
  { desc: "ps4000a 4824", intervalNs: (n) => (n + 1) * 12.5 },
  { desc: "ps6000a", intervalNs: (n) => n <= 4 ? 2 ** n / 5 : (n - 4) * 6.4 },
  { desc: "one that ends at 1000", intervalNs: (n) => n > 1000 ? null : (n + 1) * 10 },
];

for (const { desc, intervalNs } of MODELS) {
  Deno.test(`findTimebase() finds the nearest interval of ${desc}`, () => {
    for (const wantedNs of [0.1, 1, 2, 3, 4, 8, 12, 16, 100, 504, 997, 1e4, 1.1e5]) {
      let asked = 0;
      const found = findTimebase((n) => {
        asked++;
        return intervalNs(n);
      }, wantedNs);
      let best = { timebase: -1, intervalNs: Infinity };
      for (let n = 0; n < 20_000; n++) {
        const ns = intervalNs(n);
        if (ns === null) continue;
        if (Math.abs(ns - wantedNs) < Math.abs(best.intervalNs - wantedNs)) best = { timebase: n, intervalNs: ns };
      }
      assertEquals(found, best, `${wantedNs} ns`);
      assertEquals(asked < 70, true, `asked ${asked} times`);
    }
  });
}

Deno.test("findTimebase() gives null when the device has no timebase at all", () => {
  assertEquals(findTimebase(() => null, 10), null);
});

Deno.test("findTimebase() takes the slowest one there is", () => {
  assertEquals(findTimebase((n) => n * 8 + 8, 1e30)?.timebase, 0xFFFFFFFF);
});

const CHANNELS = [
  { channel: "A", rangeMv: 500, offsetMv: 0, mvPerCount: 500 / 32512 },
  { channel: "B", rangeMv: 2000, offsetMv: 100, mvPerCount: 2000 / 32512 },
] as const;
const SCALE = { family: FAMILIES.ps5000a, maxCount: 32512, channels: CHANNELS, sampleTimeNs: 8 };

function level(source: "A" | "B" | "C" | "EXT", levelMv: number, hysteresisMv: number | null = null): TriggerTerm {
  return { kind: "level", source, direction: "falling", levelMv, hysteresisMv };
}

Deno.test("triggerCounts() scales a level, the delay and the auto-trigger", () => {
  const trigger = { groups: [[level("A", -250)]], delayNs: 41, autoMs: 65.536 };
  assertEquals(triggerCounts(trigger, SCALE), {
    groups: [[{ source: 0, mode: "level", direction: 3, upper: -16256, lower: -16256, hysteresis: null }]],
    delaySamples: 5,
    autoUs: 65536,
  });
});

Deno.test("triggerCounts() takes ±5 V as the scale of the external input, by the family's number", () => {
  const trigger = { groups: [[level("EXT", 2500)]], delayNs: 0, autoMs: 0 };
  assertEquals(triggerCounts(trigger, SCALE).groups[0][0].upper, 16384);
  assertEquals(triggerCounts(trigger, SCALE).groups[0][0].source, 4);
  assertEquals(triggerCounts(trigger, { ...SCALE, family: FAMILIES.ps4000a }).groups[0][0].source, 8);
  assertEquals(triggerCounts(trigger, { ...SCALE, family: FAMILIES.ps6000a }).groups[0][0].source, 1000);
});

Deno.test("triggerCounts() gives several channels a hysteresis where none was asked for", () => {
  const trigger = { groups: [[level("A", 100), level("B", 100, 20)]], delayNs: 0, autoMs: 0 };
  assertEquals(triggerCounts(trigger, SCALE).groups[0].map(({ hysteresis }) => hysteresis), [254, 325]);
});

Deno.test("triggerCounts() converts both levels of a window", () => {
  const window: TriggerTerm = {
    kind: "window",
    source: "B",
    direction: "exit",
    lowerMv: -1000,
    upperMv: 1000,
    hysteresisMv: 0,
  };
  assertEquals(triggerCounts({ groups: [[window]], delayNs: 0, autoMs: 0 }, SCALE).groups[0][0], {
    source: 1,
    mode: "window",
    direction: 3,
    upper: 16256,
    lower: -16256,
    hysteresis: 0,
  });
});

Deno.test("triggerCounts() refuses a level out of the range and a channel that is off", () => {
  const off = { groups: [[level("C", 10)]], delayNs: 0, autoMs: 0 };
  assertThrows(() => triggerCounts(off, SCALE), RangeError, "expected a channel that is on (A, B) or EXT, found C");
  const high = { groups: [[level("A", 501)]], delayNs: 0, autoMs: 0 };
  assertThrows(() => triggerCounts(high, SCALE), RangeError, "within ±500 mV at the converter, found 501 mV");
});

const TERM = { source: 3, mode: "window", direction: 2, upper: 0x1234, lower: -2, hysteresis: 0x56 } as const;

Deno.test("triggerProperties() packs 16 bytes with the mode, 12 without", () => {
  const older = [0x34, 0x12, 0x56, 0, 0xFE, 0xFF, 0x56, 0, 3, 0, 0, 0, 1, 0, 0, 0];
  assertEquals(Array.from(triggerProperties([TERM], { withMode: true })), older);
  assertEquals(Array.from(triggerProperties([TERM], { withMode: false })), older.slice(0, 12));
  assertEquals(triggerProperties([TERM, TERM], { withMode: true }).length, 32);
});

Deno.test("conditionList() and directionList() write words in pairs and threes", () => {
  assertEquals(Array.from(conditionList([TERM])), [3, 1]);
  assertEquals(Array.from(directionList([TERM], { withMode: false })), [3, 2]);
  assertEquals(Array.from(directionList([TERM], { withMode: true })), [3, 2, 1]);
});

Deno.test("channelsOfVariant() takes the second digit of the model", () => {
  for (
    const [variant, channels] of [["5444D", 4], ["5242B", 2], ["4824A", 8], ["2405A", 4], ["3406DMSO", 4]] as const
  ) {
    assertEquals(channelsOfVariant(variant), channels, variant);
  }
  assertEquals(channelsOfVariant("?"), 4);
});

Deno.test("toMillivolts() multiplies and takes the offset off", () => {
  const into = new Float64Array(3);
  toMillivolts(into, Int16Array.of(32512, 0, -16256), { mvPerCount: 500 / 32512, offsetMv: 20 });
  assertEquals(Array.from(into), [480, -20, -270]);
});

Deno.test("OverflowCounts counts by channel and tells of the 1st, 10th, 100th event", () => {
  const lines: string[] = [];
  const log = { debug: () => {}, info: () => {}, warn: (text: string) => lines.push(text), error: () => {} };
  const counts = new OverflowCounts(CHANNELS, log as never);
  for (let event = 0; event < 100; event++) counts.take(event === 50 ? 3 : 1, event);
  assertEquals(counts.byChannel(), { A: 100, B: 1 });
  assertEquals(lines, [
    "channel A was over its range of ±500 mV in event 0",
    "channel A was over its range of ±500 mV in event 9, the 10th such event",
    "channel B was over its range of ±2000 mV in event 50",
    "channel A was over its range of ±500 mV in event 99, the 100th such event",
  ]);
});

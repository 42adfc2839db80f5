/** The Scope against the simulated libraries of all families. */
import { InstrumentLost } from "../../drivers/instrument.ts";
import { FAMILIES, FAMILY_NAMES, type FamilyName } from "../../drivers/picoscope/families.ts";
import { listScopes, openScope } from "../../drivers/picoscope/find_scopes.ts";
import { PicoError, PowerSourceChanged } from "../../drivers/picoscope/pico_status.ts";
import type { SampleMemory } from "../../drivers/picoscope/sample_memory.ts";
import type { Scope } from "../../drivers/picoscope/scope.ts";
import { CHANNEL_NAMES, type TriggerTerm } from "../../drivers/picoscope/scope_settings.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../src/std/assert.js";
import {
  channels,
  memoryFor,
  MODELS,
  openSimulated,
  rising,
  scopeSettings,
  SERIAL,
  simulate,
  type Simulated,
  takeSet,
  untilReady,
} from "./picoscope_fixture.ts";

const EXPECTED_REFUSALS_REGEXP = /GetTimebase2? 0x0?E$| 0x0?7$|OpenUnit 0x0?3$| 0x11[ABE]$| 0x122$/;

const HAS_TIMES: readonly FamilyName[] = ["ps3000a", "ps5000a", "ps6000a", "psospa"];

/** Compares every sample of captures with what the simulator says that it must be. */
function assertAsExpected(
  simulated: Simulated,
  memory: readonly (readonly SampleMemory[])[],
  { first, channelNumbers = [0, 1] }: { first: number; channelNumbers?: readonly number[] },
): void {
  memory.forEach((rows, i) =>
    rows.forEach(({ samples }, c) => {
      const place = { channel: channelNumbers[c], capture: first + i, count: samples.length };
      const expected = simulated.simulator.expected(SERIAL, place);
      assert(expected !== null, `capture ${first + i}`);
      assertEquals(samples, expected, `capture ${first + i}, channel ${channelNumbers[c]}`);
    })
  );
}

async function withScope(
  family: FamilyName,
  knobs: Readonly<Record<string, string | number>>,
  use: (scope: Scope, simulated: Simulated) => void | Promise<void>,
): Promise<void> {
  using simulated = await simulate(family, knobs);
  const scope = await openSimulated(family, simulated);
  try {
    await use(scope, simulated);
    // Timebases are found by asking; every other call has to be one that the library takes.
    const wrong = simulated.simulator.get("", "last_wrong_call") ?? "";
    assert(wrong === "" || EXPECTED_REFUSALS_REGEXP.test(wrong), wrong);
  } finally {
    await scope.close();
  }
}

for (const family of FAMILY_NAMES) {
  Deno.test(`Scope.open() knows model, serial number and channels of a ${family}`, () =>
    withScope(family, {}, (scope) => {
      assertEquals(scope.description, `PicoScope ${MODELS[family]} ${SERIAL}`);
      assertEquals(scope.family, family);
      assertEquals(scope.channelCount, family === "ps4000a" ? 8 : 4);
      assertEquals(scope.powerNotice, "");
      assertEquals(scope.hasTriggerTimes, HAS_TIMES.includes(family));
    }));

  Deno.test(`Scope.read() gives the samples of several sets of a ${family}, one by one as they must be`, () =>
    withScope(family, { rate_hz: 5000 }, async (scope, simulated) => {
      const readback = scope.configure(scopeSettings(), 8);
      assertEquals(readback.captures, 8);
      const memory = memoryFor(8, 2, 1000);
      for (let set = 0; set < 3; set++) {
        await takeSet(scope, memory);
        assertAsExpected(simulated, memory, { first: 8 * set });
      }
    }));

  Deno.test(`Scope.read() gives a single capture of a ${family}`, () =>
    withScope(family, { rate_hz: 5000 }, async (scope, simulated) => {
      scope.configure(scopeSettings(), 1);
      const memory = memoryFor(1, 2, 1000);
      for (let set = 0; set < 3; set++) {
        await takeSet(scope, memory);
        assertAsExpected(simulated, memory, { first: set });
      }
    }));

  Deno.test(`Scope.readTriggerTimes() gives the distances of the captures of a ${family}, or null`, () =>
    withScope(family, { rate_hz: 5000 }, async (scope, simulated) => {
      scope.configure(scopeSettings(), 6);
      await takeSet(scope, memoryFor(6, 2, 1000));
      const found = scope.readTriggerTimes(6);
      if (!HAS_TIMES.includes(family)) return assertEquals(found, null);
      const stamps = Array.from({ length: 6 }, (_, i) => simulated.simulator.capture(SERIAL, i)!.triggerSample);
      assertEquals(Array.from(found!), stamps.map((stamp) => stamp - stamps[0]));
      assert(found![1] >= 1000);
    }));

  Deno.test(`Scope.read() follows a ${family} into other memory, capture by capture`, () =>
    withScope(family, { rate_hz: 5000 }, async (scope, simulated) => {
      scope.configure(scopeSettings(), 4);
      const ring = memoryFor(7, 2, 1000);
      for (let set = 0; set < 4; set++) {
        const slot = (i: number) => ring[(4 * set + i) % 7];
        scope.arm();
        assert(await untilReady(scope));
        // As with a ring that has room for one capture first, then for three.
        for (const [from, count] of [[0, 1], [1, 3]]) {
          scope.register({ from, count }, (capture, channel) => slot(from + capture)[channel]);
          await scope.read(from, count);
        }
        assertAsExpected(simulated, [0, 1, 2, 3].map(slot), { first: 4 * set });
      }
    }));

  Deno.test(`Scope.stopSet() lets the complete captures of a ${family} be read`, () =>
    withScope(family, { speed: 1, rate_hz: 500, seed: 7 }, async (scope, simulated) => {
      scope.configure(scopeSettings(), 1000);
      const memory = memoryFor(1000, 2, 1000);
      scope.register({ from: 0, count: 1000 }, (capture, channel) => memory[capture][channel]);
      scope.arm();
      await new Promise((resolve) => setTimeout(resolve, 50));
      assertEquals(scope.isReady(), false);
      const complete = scope.stopSet();
      assert(complete > 0 && complete < 1000, `${complete} captures`);
      await scope.read(0, complete);
      assertAsExpected(simulated, memory.slice(0, complete), { first: 0 });
      scope.arm();
      scope.stopSet();
    }));

  Deno.test(`Scope.configure() takes ranges, offsets and fewer channels of a ${family}`, () =>
    withScope(family, { rate_hz: 5000, baseline_mv: 0 }, async (scope, simulated) => {
      const settings = scopeSettings({
        channels: [
          { channel: "B", rangeMv: 1000, coupling: "DC", offsetMv: 200, bandwidthMhz: null },
          { channel: "D", rangeMv: 200, coupling: "DC", offsetMv: 0, bandwidthMhz: null },
        ],
        trigger: { groups: [[rising(300, { source: "B" })]], delayNs: 0, autoMs: 0 },
      });
      const readback = scope.configure(settings, 3);
      assertEquals(readback.channels.map(({ channel, rangeMv, offsetMv }) => [channel, rangeMv, offsetMv]), [
        ["B", 1000, 200],
        ["D", 200, 0],
      ]);
      assertEquals(readback.channels.map(({ rangeMv, mvPerCount }) => Math.round(rangeMv / mvPerCount)), [
        readback.maxCount,
        readback.maxCount,
      ]);
      const memory = memoryFor(3, 2, 1000);
      await takeSet(scope, memory);
      assertAsExpected(simulated, memory, { first: 0, channelNumbers: [1, 3] });
      // The trigger is where it should be: below the level before, above it then.
      const level = 300 / readback.channels[0].mvPerCount;
      for (const [{ samples }] of memory) {
        assert(Math.min(...samples.subarray(190, 200)) < level);
        assert(Math.max(...samples.subarray(200, 203)) >= level);
      }
    }));

  Deno.test(`Scope.configure() gives a ${family} an advanced trigger: coincidence, window, auto-trigger, delay`, () =>
    withScope(family, { rate_hz: 5000 }, async (scope, simulated) => {
      const both = [rising(60), rising(60, { source: "B" })];
      const window: TriggerTerm = {
        kind: "window",
        source: "A",
        direction: "exit",
        lowerMv: -60,
        upperMv: 60,
        hysteresisMv: 5,
      };
      for (const groups of [[both], [[both[0]], [both[1]]], [[window]]]) {
        scope.configure(scopeSettings({ trigger: { groups, delayNs: 0, autoMs: 100_000 } }), 2);
        await takeSet(scope, memoryFor(2, 2, 1000));
        assertEquals(simulated.simulator.capture(SERIAL, 1)!.forced, false);
      }
      const memory = memoryFor(2, 2, 1000);
      const settings = scopeSettings({ trigger: { groups: [[rising(60)]], delayNs: 10_000, autoMs: 0 } });
      const { sampleTimeNs } = scope.configure(settings, 2);
      await takeSet(scope, memory);
      // The window begins so many samples later: the edge lies before index 200.
      const edge = memory[0][0].samples.findIndex((count) => count > 1000);
      assert(edge < 0 || edge < 200 - 0.5 * 10_000 / sampleTimeNs, `edge at ${edge}`);
    }));

  Deno.test(`Scope.configure() lets the auto-trigger of a ${family} force captures after more than 32.767 s`, () =>
    withScope(family, { triggers: "off" }, async (scope, simulated) => {
      scope.configure(scopeSettings({ trigger: { groups: [[rising(60)]], delayNs: 0, autoMs: 65_536 } }), 2);
      await takeSet(scope, memoryFor(2, 2, 1000));
      assertEquals([0, 1].map((i) => simulated.simulator.capture(SERIAL, i)!.forced), [true, true]);
    }));

  Deno.test(`Scope.isReady() of a ${family} waits for ever without trigger and auto-trigger`, () =>
    withScope(family, { triggers: "off" }, async (scope) => {
      scope.configure(scopeSettings(), 1);
      scope.arm();
      assertEquals(await untilReady(scope, 50), false);
      assertEquals(scope.stopSet(), 0);
    }));

  Deno.test(`Scope.configure() sets the signal generator of a ${family}`, () =>
    withScope(family, {}, (scope, simulated) => {
      const sweep = { kind: "up_down", stopFrequencyHz: 2000, incrementHz: 10, dwellS: 0.01 } as const;
      const generator = { wave: "triangle", frequencyHz: 1000, peakToPeakMv: 500, offsetMv: 100 } as const;
      scope.configure(scopeSettings({ generator: { ...generator, sweep: null } }), 1);
      assertStringIncludes(simulated.simulator.get(SERIAL, "generator") ?? "", "1000");
      scope.configure(scopeSettings({ generator: { ...generator, sweep } }), 1);
      assertMatch(simulated.simulator.get(SERIAL, "generator") ?? "", /2000|sweep_enabled=1/);
    }));

  Deno.test(`Scope.readStream() gives every sample of the stream of a ${family} once`, () =>
    withScope(family, { speed: 1, signal: "ramp" }, async (scope, simulated) => {
      scope.configure(scopeSettings({ sampleTimeNs: 2000, trigger: { groups: [], delayNs: 0, autoMs: 0 } }), 1);
      const length = 10_000;
      const [a, b] = [memoryFor(1, 2, length)[0], memoryFor(1, 2, length)[0]];
      const intervalNs = scope.startStream([a, b]);
      assert(Math.abs(intervalNs - 2000) < 200, `${intervalNs} ns`);
      const wanted = 60_000;
      const found = [new Int16Array(wanted), new Int16Array(wanted)];
      let count = 0;
      const endMs = performance.now() + 10_000;
      while (count < wanted && performance.now() < endMs) {
        const isWhole = scope.readStream((chunk, memory) => {
          const part = Math.min(chunk.count, wanted - count);
          memory.forEach(({ samples }, i) => found[i].set(samples.subarray(chunk.start, chunk.start + part), count));
          count += part;
        });
        assertEquals(isWhole, true);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      scope.stopStream();
      assertEquals(count, wanted);
      for (const channel of [0, 1]) {
        assertEquals(found[channel], simulated.simulator.expectedStream(SERIAL, { channel, first: 0, count: wanted })!);
      }
    }));

  Deno.test(`Scope calls throw InstrumentLost when a ${family} was unplugged, and it can be opened again`, () =>
    withScope(family, { rate_hz: 5000 }, async (scope, simulated) => {
      scope.configure(scopeSettings(), 2);
      scope.arm();
      simulated.simulator.set(SERIAL, "unplug", "now");
      assertThrows(() => scope.isReady(), InstrumentLost, "PICO_NOT_RESPONDING (0x07)");
      assertThrows(() => scope.stopSet(), InstrumentLost);
      assertThrows(() => scope.arm(), InstrumentLost);
      await scope.close();
      await assertRejects(() => openSimulated(family, simulated), InstrumentLost, "PICO_NOT_FOUND (0x03)");
      simulated.simulator.set("", "replug", "now");
      const again = await openSimulated(family, simulated);
      again.configure(scopeSettings(), 2);
      await takeSet(again, memoryFor(2, 2, 1000));
      await again.close();
    }));
}

Deno.test("listScopes() finds the units of a family, openScope() the one of a serial number", async () => {
  using simulated = await simulate("ps5000a", { devices: "5242D=AA001/0001,5444D=BB002/0002" });
  const search = { family: "ps5000a", libraryPath: simulated.path } as const;
  assertEquals(await listScopes(search), [
    { family: "ps5000a", serial: "AA001/0001" },
    { family: "ps5000a", serial: "BB002/0002" },
  ]);
  const second = await openScope({ ...search, serial: "BB002/0002" });
  assertEquals([second.serial, second.variant], ["BB002/0002", "5444D"]);
  assertEquals((await listScopes(search)).map(({ serial }) => serial), ["AA001/0001"]);
  const first = await openScope(search);
  assertEquals([first.serial, first.channelCount], ["AA001/0001", 2]);
  await assertRejects(() => openScope(search), InstrumentLost, "PICO_NOT_FOUND");
  await first.close();
  await second.close();
  await second.close();
});

Deno.test("openScope() says what to do about missing rights", async () => {
  using simulated = await simulate("ps3000a", { open_status: "0x03000040" });
  const error = await assertRejects(() => openSimulated("ps3000a", simulated), PicoError);
  assertStringIncludes(error.message, "PICO_PERMISSIONS_ERROR (0x3000040)");
  assertStringIncludes(error.message, "95-pico.rules");
});

for (const [power, notice] of [["usb", "powered by USB alone"], ["usb2", "USB 2 port"]] as const) {
  Deno.test(`openScope() confirms the power source "${power}" and says so`, () =>
    withScope("ps5000a", { power }, async (scope) => {
      assertStringIncludes(scope.powerNotice, notice);
      scope.configure(scopeSettings(), 2);
      await takeSet(scope, memoryFor(2, 2, 1000));
    }));
}

Deno.test("Scope.confirmPower() confirms the power source that the unit has by then", () =>
  withScope("ps5000a", { power: "psu", rate_hz: 5000 }, async (scope, { simulator }) => {
    scope.configure(scopeSettings(), 2);
    scope.arm();
    simulator.set(SERIAL, "power", "usb");
    const { status } = assertThrows(() => scope.isReady(), PowerSourceChanged);
    simulator.set(SERIAL, "power", "psu");
    // 0x11A is not true any more: the unit refuses it, and is asked.
    assertStringIncludes(scope.confirmPower(status), "its power supply was connected");
    assertMatch(simulator.get("", "last_wrong_call") ?? "", /ChangePowerSource 0x11B$/);
    scope.configure(scopeSettings(), 2);
    await takeSet(scope, memoryFor(2, 2, 1000));
  }));

Deno.test("openScope() confirms the power source that the unit has by then", async () => {
  using simulated = await simulate("ps5000a", { power: "usb", fail: "ChangePowerSource=0x11B*3" });
  const scope = await openSimulated("ps5000a", simulated);
  assertStringIncludes(scope.powerNotice, "powered by USB alone");
  await scope.close();
});

Deno.test("Scope.confirmPower() gives up on a power source that changes all the time", () =>
  withScope("ps5000a", { power: "psu" }, (scope, { simulator }) => {
    simulator.set("", "fail", "ChangePowerSource=0x11B*1000");
    const error = assertThrows(() => scope.confirmPower(0x119), InstrumentLost);
    assertStringIncludes(error.message, "it changed 100 times in a row; check the plug of the power supply");
    simulator.set("", "fail", "ChangePowerSource=0x07*1");
    assertThrows(() => scope.confirmPower(0x119), InstrumentLost, "PICO_NOT_RESPONDING");
  }));

Deno.test("Scope.configure() throws PowerSourceChanged at whichever call the power source changes", () =>
  withScope("ps5000a", {}, (scope, { simulator }) => {
    const settings = scopeSettings({ resolutionBits: 8 });
    const calls = ["SetChannel", "SetDeviceResolution", "MaximumValue", "MemorySegments", "SetNoOfCaptures"];
    for (const call of [...calls, "GetTimebase2", "SetSimpleTrigger", "GetDeviceResolution"]) {
      simulator.set("", "fail", `${call}=0x119*1`);
      assertThrows(() => scope.configure(settings, 2), PowerSourceChanged, "0x119");
    }
    scope.configure(settings, 2);
  }));

Deno.test("Scope.configure() does not ask for a bandwidth limit, nor insist on a resolution, that a unit has not", async () => {
  for (const family of ["ps3000a", "ps4000a", "ps5000a"] as const) {
    await withScope(family, { rate_hz: 5000 }, async (scope, { simulator }) => {
      simulator.set("", "fail", "SetBandwidthFilter=0x10D*1000");
      if (family !== "ps3000a") simulator.set("", "fail", "GetDeviceResolution=0x17B*1000");
      assertEquals(scope.configure(scopeSettings(), 2).resolutionBits, null);
      await takeSet(scope, memoryFor(2, 2, 1000));
    });
  }
});

Deno.test("Scope.configure() gives the resolution that was set where the unit does not tell", () =>
  withScope("ps5000a", { fail: "GetDeviceResolution=0x3F*1" }, (scope) => {
    assertEquals(scope.configure(scopeSettings({ resolutionBits: 12 }), 1).resolutionBits, 12);
  }));

Deno.test("Scope.configure() takes a bandwidth limit off again, and says when a unit has none", () =>
  withScope("ps5000a", {}, (scope, { simulator }) => {
    const limited = scopeSettings({ channels: channels(2, { bandwidthMhz: 20 }) });
    scope.configure(limited, 1);
    simulator.set("", "fail", "SetBandwidthFilter=0x10D*1");
    assertThrows(() => scope.configure(scopeSettings(), 1), Error, "PICO_BANDWIDTH_NOT_SUPPORTED");
    scope.configure(scopeSettings(), 1);
    simulator.set("", "fail", "SetBandwidthFilter=0x10D*1");
    const error = assertThrows(() => scope.configure(limited, 1), RangeError);
    assertStringIncludes(error.message, "Cannot limit the bandwidth of channel A to 20 MHz");
    assertStringIncludes(error.message, 'leave "bandwidth_MHz" out');
  }));

Deno.test("openScope() asks for the power supply when USB gives too little power", async () => {
  using simulated = await simulate("ps5000a", { power: "undervoltage" });
  await assertRejects(() => openSimulated("ps5000a", simulated), InstrumentLost, "connect its power supply");
});

Deno.test("Scope.configure() asks for the power supply when channels C and D need it", () =>
  withScope("ps5000a", { power: "usb" }, (scope) => {
    const settings = scopeSettings({ channels: channels(3) });
    assertThrows(() => scope.configure(settings, 1), InstrumentLost, "connect the power supply of the unit");
  }));

Deno.test("Scope calls throw PowerSourceChanged when the supply is pulled, and go on after it was confirmed", () =>
  withScope("ps5000a", { power: "psu", rate_hz: 5000 }, async (scope, simulated) => {
    scope.configure(scopeSettings(), 2);
    scope.arm();
    simulated.simulator.set(SERIAL, "power", "usb");
    const error = assertThrows(() => scope.isReady(), PowerSourceChanged);
    assertStringIncludes(scope.confirmPower(error.status), "powered by USB alone");
    scope.configure(scopeSettings(), 2);
    await takeSet(scope, memoryFor(2, 2, 1000));
  }));

const REFUSALS: readonly {
  desc: string;
  family: FamilyName;
  changes: Parameters<typeof scopeSettings>[0];
  text: string;
}[] = [
  {
    desc: "a range that the unit lacks, and lists those that it has",
    family: "ps2000a",
    changes: { channels: channels(1, { rangeMv: 10 }), trigger: { groups: [], delayNs: 0, autoMs: 0 } },
    text: "it has the ranges 20, 50, 100",
  },
  {
    desc: "an offset that the range does not allow, and gives the limits",
    family: "ps5000a",
    changes: { channels: channels(1, { rangeMv: 100, offsetMv: 300 }), trigger: { groups: [], delayNs: 0, autoMs: 0 } },
    text: "this range allows -250 to 250 mV",
  },
  {
    desc: "a sample time that the channels do not allow, and gives the nearest one",
    family: "ps5000a",
    changes: { channels: channels(4), sampleTimeNs: 1, sampleTimeTolerance: 0.01 },
    text: "with 4 channels: expected a time that the unit has, the nearest one is 4 ns",
  },
  {
    desc: "a timebase that the channels do not allow, and gives the fastest one",
    family: "ps5000a",
    changes: { channels: channels(4), sampleTimeNs: null, timebase: 0 },
    text: "Cannot use timebase 0 with 4 channels: expected 2 (4 ns) or more",
  },
  {
    desc: "too many channels for the resolution",
    family: "ps5000a",
    changes: { channels: channels(2), resolutionBits: 16 },
    text: "choose fewer bits or channels",
  },
  {
    desc: "a resolution that the family lacks",
    family: "ps3000a",
    changes: { resolutionBits: 12 },
    text: "expected 8 bits, which the family ps3000a has, found 12",
  },
  {
    desc: "more samples than the memory holds",
    family: "ps2000a",
    changes: { samples: 2 ** 30 },
    text: "which the memory of the unit holds",
  },
  {
    desc: "a channel that the unit lacks",
    family: "ps5000a",
    changes: { channels: [{ ...channels(1)[0], channel: "F" }], trigger: { groups: [], delayNs: 0, autoMs: 0 } },
    text: "Cannot switch channel F on: expected one of A, B, C, D",
  },
];

for (const { desc, family, changes, text } of REFUSALS) {
  Deno.test(`Scope.configure() refuses ${desc}`, async () => {
    using simulated = await simulate(family);
    const scope = await openSimulated(family, simulated);
    const error = assertThrows(() => scope.configure(scopeSettings(changes), 1), RangeError);
    await scope.close();
    assertStringIncludes(error.message, text);
  });
}

for (const [bits, number] of FAMILIES.ps5000a.resolutions) {
  Deno.test(`Scope.read() is exact at ${bits} bits`, () =>
    withScope("ps5000a", { rate_hz: 5000 }, async (scope, simulated) => {
      const settings = scopeSettings({ resolutionBits: bits, channels: channels(1) });
      const readback = scope.configure(settings, 2);
      assertEquals([readback.resolutionBits, readback.maxCount], [bits, number === 0 ? 32512 : 32767]);
      const memory = memoryFor(2, 1, 1000);
      await takeSet(scope, memory);
      assertAsExpected(simulated, memory, { first: 0, channelNumbers: [0] });
    }));
}

Deno.test("Scope.configure() takes fewer captures when the memory does not hold all of them", () =>
  withScope("ps2000a", {}, (scope) => {
    const readback = scope.configure(scopeSettings({ samples: 100_000, preSamples: 0, channels: channels(4) }), 1000);
    assert(readback.captures > 1 && readback.captures < 1000, `${readback.captures}`);
    assert(readback.maxSamples >= 100_000);
  }));

Deno.test("Scope.overflowOf() has the bits of the channels that were over their range", () =>
  withScope("ps3000a", { rate_hz: 5000, overflow: 2 }, async (scope) => {
    scope.configure(scopeSettings(), 3);
    await takeSet(scope, memoryFor(3, 2, 1000));
    assertEquals([0, 1, 2].map((capture) => scope.overflowOf(capture) & 2), [2, 2, 2]);
  }));

for (const family of HAS_TIMES) {
  Deno.test(`Scope.readTriggerTimes() of a ${family} survives the end of the counter's 56 bits`, () =>
    withScope(family, { rate_hz: 5000, stamp_origin: 2 ** 56 - 4096 }, async (scope, { simulator }) => {
      scope.configure(scopeSettings(), 6);
      await takeSet(scope, memoryFor(6, 2, 1000));
      const triggers = Array.from({ length: 6 }, (_, i) => simulator.capture(SERIAL, i)!.triggerSample);
      assert(triggers[5] > 4096, "the counter has not come to its end");
      assertEquals(Array.from(scope.readTriggerTimes(6)!), triggers.map((sample) => sample - triggers[0]));
    }));
}

Deno.test("Scope.missedTriggers counts what the newer families report", () =>
  withScope("ps6000a", { rate_hz: 200_000 }, async (scope, { simulator }) => {
    scope.configure(scopeSettings(), 6);
    await takeSet(scope, memoryFor(6, 2, 1000));
    scope.readTriggerTimes(6);
    const missed = Array.from({ length: 6 }, (_, i) => simulator.capture(SERIAL, i)!.missed);
    assertEquals(scope.missedTriggers, missed.reduce((sum, n) => sum + n, 0));
    assert(scope.missedTriggers > 0);
  }));

Deno.test("Scope refuses calls before it is configured and after it was closed", async () => {
  using simulated = await simulate("ps3000a");
  const scope = await openSimulated("ps3000a", simulated);
  assertThrows(() => scope.arm(), TypeError, "found it not configured");
  scope.configure(scopeSettings(), 1);
  await scope.close();
  assertThrows(() => scope.arm(), TypeError, "found it closed");
});

Deno.test("Scope.register() refuses memory that is too small", () =>
  withScope("ps3000a", {}, (scope) => {
    scope.configure(scopeSettings(), 1);
    const memory = memoryFor(1, 2, 999);
    assertThrows(
      () => scope.register({ from: 0, count: 1 }, (_, channel) => memory[0][channel]),
      RangeError,
      "expected 1000 samples or more, found 999",
    );
  }));

Deno.test("CHANNEL_NAMES go as far as any family has channels", () => {
  assertEquals(CHANNEL_NAMES.length, 8);
});

/** The configuration of a PicoScope source: our own keys, those of mimoCoRB2 and of picoDAQ, and what is wrong with them. */
import { readSourceSettings, type SourceSettings } from "../../src/functions/picoscope/source_settings.ts";
import { picoscopeSource } from "../../src/functions/picoscope_source.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../src/std/assert.js";
import { misspeltKeys } from "../../src/worker/function_settings.ts";
import { checkError } from "./functions_fixture.ts";
import { makeContext, makeRing } from "./worker_fixture.ts";

type Fields = Readonly<Record<string, string>>;

const AB = { chA: "float32", chB: "float32" };
const OWN = { sample_time_ns: 8, trigger_channel: "A", trigger_level_mV: 50 };

async function read(config: Record<string, unknown>, fields: Fields = AB): Promise<SourceSettings> {
  using ring = await makeRing("RB_1", { slots: 64, valuesPerSlot: 1000, fields });
  const { context } = makeContext({ sinks: [ring], config });
  try {
    return readSourceSettings(context);
  } finally {
    context.close();
  }
}

async function problems(config: Record<string, unknown>, fields: Fields = AB): Promise<string> {
  using ring = await makeRing("RB_1", { slots: 64, valuesPerSlot: 1000, fields });
  return checkError(picoscopeSource, { sinks: [ring], config }).message;
}

Deno.test("picoscope_source has defaults for all but sample time and trigger", async () => {
  const { device, mode, scope, captures, isRaw, subtractsOffset, longestSetMs, reconnectS } = await read(OWN);
  assertEquals(device, { device: "auto", family: null, libraryPath: null, simulator: new Map() });
  assertEquals([mode, captures, longestSetMs, reconnectS], ["rapid_block", 32, 1000, Infinity]);
  assertEquals([isRaw, subtractsOffset], [[false, false], true]);
  const channel = { rangeMv: 20000, coupling: "DC", offsetMv: 0, bandwidthMhz: null } as const;
  assertEquals(scope, {
    resolutionBits: null,
    channels: [{ channel: "A", ...channel }, { channel: "B", ...channel }],
    samples: 1000,
    preSamples: 0,
    sampleTimeNs: 8,
    timebase: null,
    sampleTimeTolerance: 0.01,
    trigger: {
      groups: [[{ kind: "level", source: "A", direction: "rising", levelMv: 50, hysteresisMv: null }]],
      delayNs: 0,
      autoMs: 0,
    },
    generator: null,
  });
});

Deno.test("picoscope_source reads every key of its own", async () => {
  const { device, mode, scope, captures, isRaw, subtractsOffset, longestSetMs, reconnectS } = await read({
    device: "FY984/0005",
    family: "ps5000a",
    library_path: "/opt/x",
    mode: "rapid block",
    resolution_bits: 14,
    channels: {
      D: { range_mV: 500, coupling: "ac", offset_mV: -100, bandwidth_MHz: 20 },
      B: { range_mV: "2V" },
    },
    bandwidth_MHz: null,
    analogue_offset_mV: 30,
    subtract_offset: false,
    sample_time_ns: 16,
    sample_time_tolerance: 0.5,
    number_of_samples: 1000,
    pre_trigger_samples: 100,
    trigger: {
      any: [
        { channel: "D", direction: "falling", level_mV: -20, hysteresis_mV: 5 },
        { all: [{ channel: "B", window_mV: [-10, 10], direction: "exit" }, { channel: "EXT", level_mV: 1000 }] },
      ],
      delay_ns: 40,
      auto_ms: 100_000,
    },
    captures_per_set: 500,
    longest_set_s: 2.5,
    reconnect_timeout_s: 60,
    signal_generator: { wave: "square", frequency_Hz: 1000, peak_to_peak_mV: 500, offset_mV: -10 },
  }, { x: "int16", y: "float64" });
  assertEquals(device, { device: "FY984/0005", family: "ps5000a", libraryPath: "/opt/x", simulator: new Map() });
  assertEquals([mode, captures, longestSetMs, reconnectS], ["rapid_block", 500, 2500, 60]);
  assertEquals([isRaw, subtractsOffset], [[true, false], false]);
  assertEquals(scope.channels, [
    { channel: "D", rangeMv: 500, coupling: "AC", offsetMv: -100, bandwidthMhz: 20 },
    { channel: "B", rangeMv: 2000, coupling: "DC", offsetMv: 30, bandwidthMhz: null },
  ]);
  assertEquals(scope.trigger, {
    groups: [
      [{ kind: "level", source: "D", direction: "falling", levelMv: -20, hysteresisMv: 5 }],
      [
        { kind: "window", source: "B", direction: "exit", lowerMv: -10, upperMv: 10, hysteresisMv: null },
        { kind: "level", source: "EXT", direction: "rising", levelMv: 1000, hysteresisMv: null },
      ],
    ],
    delayNs: 40,
    autoMs: 100_000,
  });
  assertEquals([scope.resolutionBits, scope.sampleTimeTolerance, scope.preSamples], [14, 0.5, 100]);
  assertEquals(scope.generator, {
    wave: "square",
    frequencyHz: 1000,
    peakToPeakMv: 500,
    offsetMv: -10,
    sweep: null,
  });
});

Deno.test("picoscope_source reads the keys of mimoCoRB2's source", async () => {
  const { scope, captures, subtractsOffset } = await read({
    channel_coupling: "DC",
    channel_range: "500MV",
    channelB_range: "2V",
    analogue_offset: -0.48,
    analogue_offset_chB: 0.1,
    trigger_channel: "EXT",
    trigger_level: -440,
    trigger_direction: "FALLING",
    pre_trigger_samples: 100,
    timebase: 3,
    number_of_memory_segments: 20,
  });
  assertEquals(scope.channels.map(({ rangeMv, offsetMv }) => [rangeMv, offsetMv]), [[500, -480], [2000, 100]]);
  assertEquals([scope.timebase, scope.sampleTimeNs, captures], [3, null, 20]);
  assertEquals(scope.trigger.groups, [[
    { kind: "level", source: "EXT", direction: "falling", levelMv: -440, hysteresisMv: null },
  ]]);
  // As there: the data and the trigger level have the offset in them.
  assertEquals(subtractsOffset, false);
});

Deno.test("picoscope_source reads picoDAQ's PSconfig", async () => {
  const { device, scope, subtractsOffset } = await read({
    PSmodel: "3000a",
    picoChannels: ["A", "C"],
    ChanModes: ["DC", "AC"],
    ChanRanges: [0.5, 2],
    ChanOffsets: [0.1, -0.2],
    ChanColors: ["red", "blue"],
    Nsamples: 1000,
    sampleTime: 1e-5,
    trgActive: true,
    trgChan: "C",
    trgThr: 0.02,
    trgTyp: "Falling",
    trgTO: 5000,
    trgDelay: 0,
    pretrig: 0.1,
    frqSG: 1000,
    PkToPkSG: 0.2,
    waveTypeSG: "Triangle",
    offsetVoltageSG: 0.05,
    verbose: 1,
  });
  assertEquals(device.family, "ps3000a");
  assertEquals(scope.channels, [
    { channel: "A", rangeMv: 500, coupling: "DC", offsetMv: 100, bandwidthMhz: null },
    { channel: "C", rangeMv: 2000, coupling: "AC", offsetMv: -200, bandwidthMhz: null },
  ]);
  assert(Math.abs(scope.sampleTimeNs! - 1e4 / 999.9) < 1e-9);
  assertEquals([scope.preSamples, scope.sampleTimeTolerance, subtractsOffset], [100, 1, true]);
  // 20 mV at the input are -180 mV at the converter.
  assertEquals(scope.trigger, {
    groups: [[{ kind: "level", source: "C", direction: "falling", levelMv: -180, hysteresisMv: null }]],
    delayNs: 0,
    autoMs: 5000,
  });
  assertEquals(scope.generator, {
    wave: "triangle",
    frequencyHz: 1000,
    peakToPeakMv: 200,
    offsetMv: 50,
    sweep: null,
  });
});

Deno.test("picoscope_source takes picoDAQ's defaults with its keys", async () => {
  const { scope } = await read({
    picoChannels: ["A", "B"],
    ChanRanges: [0.5, 0.5],
    sampleTime: 1e-5,
    trgChan: "A",
    trgThr: 0.02,
  });
  assertEquals([scope.trigger.autoMs, scope.preSamples], [1000, 50]);
});

const PICODAQ = { picoChannels: ["A", "B"], sampleTime: 1e-5, trgChan: "A", trgThr: 0.02 };

Deno.test("picoscope_source couples channels to AC with picoDAQ's keys, unless a mode is given", async () => {
  const couplings = async (config: Record<string, unknown>) =>
    (await read(config)).scope.channels.map(({ coupling }) => coupling);
  assertEquals(await couplings(PICODAQ), ["AC", "AC"]);
  assertEquals(await couplings({ sampleTime: 1e-5, trgActive: false }), ["AC", "AC"]);
  assertEquals(await couplings({ ...PICODAQ, ChanModes: ["DC"] }), ["DC", "AC"]);
  assertEquals(await couplings({ ...PICODAQ, ChanModes: "DC" }), ["DC", "DC"]);
  assertEquals(await couplings({ ...PICODAQ, channel_coupling: "DC" }), ["DC", "DC"]);
  assertEquals(await couplings(OWN), ["DC", "DC"]);
});

Deno.test("picoscope_source takes the next larger range with picoDAQ's ChanRanges", async () => {
  const ranges = async (config: Record<string, unknown>) =>
    (await read(config)).scope.channels.map(({ rangeMv }) => rangeMv);
  assertEquals(await ranges(PICODAQ), [500, 500]); // 0.35 V
  assertEquals(await ranges({ ...PICODAQ, ChanRanges: [0.35, 2.1] }), [500, 5000]);
  assertEquals(await ranges({ ...PICODAQ, trgThr: 0.005, ChanRanges: [0.01, 2] }), [10, 2000]);
  assertEquals(await ranges({ ...PICODAQ, ChanRanges: [0.02, 0.01], PSmodel: "3000a" }), [20, 20]);
  assertStringIncludes(
    await problems({ ...PICODAQ, ChanRanges: [30, 1], PSmodel: "2000a" }),
    '"range of channel A" to be one of 20, 50,',
  );
  // Our own keys name a range that the device has.
  assertStringIncludes(await problems({ ...OWN, channel_range_mV: 350 }), '"range of channel A"');
  // A level above 350 mV is within the range that is taken.
  assertEquals((await read({ ...PICODAQ, trgThr: 0.4 })).scope.trigger.groups[0].length, 1);
});

Deno.test("picoscope_source sweeps as picoDAQ does", async () => {
  const sweep = async (config: Record<string, unknown>) =>
    (await read({ ...PICODAQ, frqSG: 1000, ...config })).scope.generator!.sweep;
  assertEquals(await sweep({}), null);
  assertEquals(await sweep({ swpSG: "UpDown" }), {
    kind: "up_down",
    stopFrequencyHz: 9000,
    incrementHz: 80,
    dwellS: 0.01,
  });
  assertEquals(await sweep({ swpSG: "Up", stopFreqSG: 3000, dwellTimeSG: 0.5 }), {
    kind: "up",
    stopFrequencyHz: 3000,
    incrementHz: 20,
    dwellS: 0.5,
  });
  assertEquals((await sweep({ frqSG: 10, stopFreqSG: 20 }))?.dwellS, 1);
  assertEquals(await sweep({ stopFreqSG: 1000 }), null);
});

Deno.test("picoscope_source wants samples behind the trigger with picoDAQ's pretrig", async () => {
  assertEquals((await read({ ...PICODAQ, pretrig: 0.999 })).scope.preSamples, 999);
  for (const pretrig of [1, 0.9999, 2]) {
    const message = await problems({ ...PICODAQ, pretrig });
    assertStringIncludes(message, `expected "pretrig" to be less than 1`);
    assertStringIncludes(message, `found ${pretrig}`);
  }
});

Deno.test("picoscope_source triggers on nothing with trigger_channel none, and with trgActive false", async () => {
  assertEquals((await read({ sample_time_ns: 8, trigger_channel: "none" })).scope.trigger.groups, []);
  assertEquals((await read({ sample_time_ns: 8, trgActive: false })).scope.trigger.groups, []);
  assertEquals((await read({ sample_time_ns: 8, mode: "streaming" })).scope.trigger.groups, []);
});

Deno.test("picoscope_source finds the channels by the names of the fields, or takes the first ones", async () => {
  const names = async (fields: Fields, config = {}) =>
    (await read({ sample_time_ns: 8, trigger_channel: "none", ...config }, fields)).scope.channels
      .map(({ channel }) => channel);
  assertEquals(await names({ chB: "float32", chD: "float32" }), ["B", "D"]);
  assertEquals(await names({ channel_c: "float32", a: "float32" }), ["C", "A"]);
  assertEquals(await names({ top: "float32", bottom: "float32" }), ["A", "B"]);
  assertEquals(await names({ chA: "float32", chB: "float32" }, { channels: ["C", "A"] }), ["C", "A"]);
});

Deno.test("picoscope_source moves the trigger level by the offset when the offset is taken off", async () => {
  const levelOf = async (config: Record<string, unknown>) =>
    ((await read({ ...OWN, channel_range_mV: 500, ...config })).scope.trigger.groups[0][0] as { levelMv: number })
      .levelMv;
  assertEquals(await levelOf({ analogue_offset_mV: 200 }), 250);
  assertEquals(await levelOf({ analogue_offset_mV: 200, subtract_offset: false }), 50);
  assertEquals(await levelOf({ analogue_offset: 0.2 }), 50);
});

const WRONG: readonly { desc: string; config: Record<string, unknown>; fields?: Fields; text: string }[] = [
  { desc: "no sample time", config: { trigger_channel: "none" }, text: 'expected "sample_time_ns" to be a number' },
  {
    desc: "no trigger",
    config: { sample_time_ns: 8 },
    text: 'expected "trigger_channel" to be one of A, B, EXT, or none',
  },
  { desc: "no level", config: { sample_time_ns: 8, trigger_channel: "A" }, text: 'expected "trigger_level_mV"' },
  {
    desc: "a range that nothing has",
    config: { ...OWN, channel_range_mV: 300 },
    text: 'expected "range of channel A" to be one of 10, 20, 50, 100, 200, 500',
  },
  {
    desc: "a range that the family lacks",
    config: { ...OWN, family: "ps3000a", channel_range_mV: 10, trigger_level_mV: 5 },
    text: "the ranges of the family ps3000a, found 10",
  },
  {
    desc: "a word for a range",
    config: { ...OWN, channel_range: "wide" },
    text: 'such as "500MV" or "2V", found "wide"',
  },
  {
    desc: "a level out of the range",
    config: { ...OWN, channel_range_mV: 50, trigger_level_mV: 60 },
    text: 'expected "trigger_level_mV" to be within -50 to 50 mV, the range of channel A, found 60',
  },
  {
    desc: "a trigger channel that is off",
    config: { ...OWN, trigger_channel: "C" },
    text: 'expected "trigger_channel" to be a channel that is on (A, B), EXT, or none; give it a field in the ring',
  },
  { desc: "a direction", config: { ...OWN, trigger_direction: "raising" }, text: '(perhaps rising), found "raising"' },
  {
    desc: "a mode",
    config: { ...OWN, mode: "rapid" },
    text: 'expected "mode" to be one of rapid_block, block, streaming',
  },
  { desc: "a family", config: { ...OWN, family: "ps5000" }, text: "(perhaps ps5000a)" },
  { desc: "an old model", config: { ...OWN, PSmodel: "2000" }, text: 'expected "PSmodel" to be one of' },
  {
    desc: "two keys for one thing",
    config: { ...OWN, timebase: 3 },
    text: 'expected one of the keys "sample_time_ns", "timebase", found both',
  },
  {
    desc: "two triggers",
    config: { ...OWN, trigger: { all: [{ channel: "A", level_mV: 1 }] } },
    text: 'expected either "trigger" or "trigger_channel", found both',
  },
  {
    desc: "a resolution",
    config: { ...OWN, family: "ps5000a", resolution_bits: 10 },
    text: "one of 8, 12, 14, 15, 16, which the family ps5000a has",
  },
  {
    desc: "samples that do not fit",
    config: { ...OWN, number_of_samples: 500 },
    text: "to be 1000, the values in a slot of the ring, found 500",
  },
  {
    desc: "too many samples before the trigger",
    config: { ...OWN, pre_trigger_samples: 1000 },
    text: "less than the 1000 samples",
  },
  {
    desc: "captures",
    config: { ...OWN, captures_per_set: 0 },
    text: 'expected "captures_per_set" to be an integer >= 1',
  },
  {
    desc: "an integer type",
    config: OWN,
    fields: { chA: "float32", chB: "int32" },
    text: 'field "chB" from a PicoScope: expected float32 or float64 (mV) or int16 (ADC counts), found int32',
  },
  {
    desc: "too few channels",
    config: { ...OWN, channels: ["A"] },
    text: "as many different channels of A, B, C, D, E, F, G, H as the ring has fields (chA, chB)",
  },
  { desc: "a channel that nothing has", config: { ...OWN, channels: ["A", "K"] }, text: "as many different channels" },
  {
    desc: "an unknown key of a channel",
    config: { ...OWN, channels: { A: { rnage_mV: 500 }, B: {} } },
    text: 'found "rnage_mV"; did you mean "range_mV"?',
  },
  {
    desc: "a bandwidth that the family lacks",
    config: { ...OWN, family: "ps2000a", bandwidth_MHz: 20 },
    text: "absent: the family ps2000a has no limit",
  },
  {
    desc: "50 ohm",
    config: { ...OWN, family: "ps5000a", channel_coupling: "DC50" },
    text: "AC or DC, which the family ps5000a has",
  },
  {
    desc: "an auto-trigger",
    config: { ...OWN, auto_trigger_ms: -1 },
    text: 'expected "auto_trigger_ms" to be a number >= 0',
  },
  {
    desc: "a trigger without list",
    config: { sample_time_ns: 8, trigger: {} },
    text: 'a mapping with a list under one of "any" and "all"',
  },
  {
    desc: "a trigger term",
    config: { sample_time_ns: 8, trigger: { all: [5] } },
    text: 'expected "trigger.all[0]" to be a mapping',
  },
  {
    desc: "a window",
    config: { sample_time_ns: 8, trigger: { all: [{ channel: "A", window_mV: [5, 1] }] } },
    text: 'expected "trigger.all[0].window_mV" to be a list [lower, upper]',
  },
  {
    desc: "one channel with two levels",
    config: { sample_time_ns: 8, trigger: { any: [{ channel: "A", level_mV: 1 }, { channel: "A", level_mV: 2 }] } },
    text: "the same levels and direction wherever channel A stands",
  },
  { desc: "a wave", config: { ...OWN, signal_generator: { wave: "sin", frequency_Hz: 1 } }, text: "(perhaps sine)" },
  { desc: "no frequency", config: { ...OWN, signal_generator: {} }, text: 'expected "signal_generator.frequency_Hz"' },
];

for (const { desc, config, fields, text } of WRONG) {
  Deno.test(`picoscope_source refuses ${desc} before it opens a device`, async () => {
    const message = await problems(config, fields);
    assertStringIncludes(message, text);
  });
}

Deno.test("picoscope_source names all problems at once", async () => {
  const message = await problems({ mode: "x", channel_range_mV: 3, trigger_channel: "H" });
  assertStringIncludes(message, 'Cannot configure "test_function": 6 problems:\n  - ');
  for (
    const key of ['"mode"', '"range of channel A"', '"range of channel B"', '"sample_time_ns"', '"trigger_channel"']
  ) {
    assertStringIncludes(message, `- expected ${key} to be`);
  }
});

Deno.test("picoscope_source refuses keys that are nearly its own, and tells of others", async () => {
  const message = await problems({ ...OWN, pre_triger_samples: 5, channelA_rang: "2V" });
  assertStringIncludes(message, 'found "pre_triger_samples"; did you mean "pre_trigger_samples"?');
  assertStringIncludes(message, 'found "channelA_rang"; did you mean "channelA_range"?');
  const { unknownKeys } = await read({ ...OWN, foo_bar: 1, kt_quux: null, ChanColors: ["red"], verbose: 1 });
  assertEquals(unknownKeys, 'test_function does not know, and ignores, "foo_bar", "kt_quux"');
  assertEquals((await read(OWN)).unknownKeys, null);
});

Deno.test("picoscope_source takes no key for misspelt that it does not need", async () => {
  using ring = await makeRing("RB_1", { valuesPerSlot: 1000, fields: AB });
  const config = { ...OWN, mode: "streaming", trigger_level: 5, trigger_direction: "rising", longest_set_s: 1 };
  const { context } = makeContext({ sinks: [ring], config });
  assertEquals(readSourceSettings(context).unknownKeys, null);
  assertEquals(misspeltKeys(context), []);
  context.close();
});

Deno.test("picoscope_source needs one sink and no source", async () => {
  using ring = await makeRing("RB_1");
  const { context } = makeContext({ sources: [ring], config: OWN });
  assertThrows(() => readSourceSettings(context), TypeError, "expected");
  context.close();
});

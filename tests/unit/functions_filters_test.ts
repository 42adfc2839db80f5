import { assert, assertEquals, assertStringIncludes } from "../../src/std/assert.js";
import { calculateDecayTime } from "../../src/functions/calculate_decay_time.ts";
import { copy } from "../../src/functions/copy.ts";
import { findPeaks } from "../../src/functions/find_peaks.ts";
import { LifetimeAnalysis } from "../../src/pulses/lifetime_analysis.ts";
import { MuonSimulator } from "../../src/pulses/muon_simulator.ts";
import type { RingBuffer } from "../../src/ring/ring_buffer.ts";
import { checkError, FOUR_CHANNELS, groupCounts, LIFETIME, runFunction, WAVEFORM } from "./functions_fixture.ts";
import { fillRing, makeRing, openReader, takeAll } from "./worker_fixture.ts";

const CHANNELS = ["chA", "chB", "chC", "chD"];
const EVENTS = 60;
const PULSE_FIELDS = ["1st", "2nd"].flatMap((particle) =>
  CHANNELS.flatMap((channel) => ["h", "p", "int"].map((what) => [`${particle}_${channel}_${what}`, "float32"]))
);
const PARAMETERS = {
  slots: 64,
  valuesPerSlot: 1,
  fields: new Map([["decay_time", "int32"], ...PULSE_FIELDS] as [string, string][]),
};

function simulateInto(ring: RingBuffer): void {
  const simulator = new MuonSimulator({ ...WAVEFORM, prb2ndPulse: 0.6 }, { channels: 4, seed: 5 });
  fillRing(ring, EVENTS, (data) => void simulator.fill(CHANNELS.map((name) => data[name] as Float32Array)));
}

/** What the analysis itself finds in the same events. */
function expectedResults() {
  const simulator = new MuonSimulator({ ...WAVEFORM, prb2ndPulse: 0.6 }, { channels: 4, seed: 5 });
  const analysis = new LifetimeAnalysis(LIFETIME, { fields: CHANNELS, samples: 4250 });
  const channels = CHANNELS.map(() => new Float32Array(4250));
  const data = Object.fromEntries(CHANNELS.map((name, i) => [name, channels[i]]));
  return Array.from({ length: EVENTS }, (_, counter) => {
    simulator.fill(channels);
    const found = analysis.analyse(data);
    return found === null ? null : { counter, signature: found.signature, decayTime: found.parameters.decay_time };
  }).filter((result) => result !== null);
}

async function runLifetime(parameterSinks: number) {
  using source = await makeRing("RB_1", { ...FOUR_CHANNELS, slots: EVENTS });
  using waveforms = await makeRing("RB_2", { ...FOUR_CHANNELS, slots: EVENTS });
  using first = await makeRing("RB_3", PARAMETERS);
  using second = await makeRing("RB_4", PARAMETERS);
  const sinks = [waveforms, first, second].slice(0, 1 + parameterSinks);
  const readers = sinks.map((ring) => openReader(ring));
  const sources = [source.newReaderGroup("Fkt_2")];
  simulateInto(source);
  await runFunction(calculateDecayTime, { sinks, config: LIFETIME, task: { sources } });
  const written = readers.map(takeAll);
  readers.forEach((reader) => reader.close());
  return { written, counts: groupCounts(source) };
}

Deno.test("calculateDecayTime() copies accepted waveforms to its only sink", async () => {
  const { written: [waveforms], counts } = await runLifetime(0);
  const expected = expectedResults();
  assert(expected.length > 10);
  assertEquals(waveforms.map((event) => event.counter), expected.map((result) => result.counter));
  assertEquals(counts, [expected.length, EVENTS - expected.length, 0, 0]);
});

Deno.test("calculateDecayTime() writes waveforms and parameters to two sinks", async () => {
  const { written: [waveforms, parameters] } = await runLifetime(1);
  const expected = expectedResults();
  assertEquals(waveforms.map((event) => event.counter), expected.map((result) => result.counter));
  assertEquals(
    parameters.map((event) => [event.counter, event.data.decay_time[0]]),
    expected.map((result) => [result.counter, result.decayTime]),
  );
  assert(parameters.every((event) => event.data["1st_chA_h"][0] > 90));
});

Deno.test("calculateDecayTime() tells upward and downward electrons apart with three sinks", async () => {
  const { written: [waveforms, up, down] } = await runLifetime(2);
  const counters = (signature: number) =>
    expectedResults().filter((result) => result.signature === signature).map((result) => result.counter);
  assertEquals(up.map((event) => event.counter), counters(0));
  assertEquals(down.map((event) => event.counter), counters(1));
  assert(up.length > 0 && down.length > 0);
  assertEquals(waveforms.length, up.length + down.length);
});

Deno.test("calculateDecayTime() fills rings that want only some parameters", async () => {
  using source = await makeRing("RB_1", { ...FOUR_CHANNELS, slots: EVENTS });
  using waveforms = await makeRing("RB_2", { ...FOUR_CHANNELS, slots: EVENTS });
  using times = await makeRing("RB_3", { ...PARAMETERS, fields: { decay_time: "float64" } });
  using reader = openReader(times);
  const sources = [source.newReaderGroup("Fkt_2")];
  simulateInto(source);
  await runFunction(calculateDecayTime, { sinks: [waveforms, times], config: LIFETIME, task: { sources } });
  assertEquals(takeAll(reader).map((event) => event.data.decay_time[0]), expectedResults().map((r) => r.decayTime));
});

const WRONG: readonly [string, Record<string, unknown>, string][] = [
  ["a key is missing", { peak_minimal_width: null }, '"peak_minimal_width" to be a number >= 0, found nothing'],
  ["signatures are missing", { signatures: null }, '"signatures"'],
  [
    "the reference pulse cannot be read",
    { reference_pulse_file: "no_such.bin" },
    '"reference_pulse_file" to be a file',
  ],
];
for (const [why, change, message] of WRONG) {
  Deno.test(`calculateDecayTime() is refused before the run when ${why}`, async () => {
    using source = await makeRing("RB_1", FOUR_CHANNELS);
    using waveforms = await makeRing("RB_2", FOUR_CHANNELS);
    const options = { sources: [source], sinks: [waveforms], config: { ...LIFETIME, ...change } };
    assertStringIncludes(checkError(calculateDecayTime, options).message, message);
  });
}

Deno.test("calculateDecayTime() is refused when its rings do not fit", async () => {
  using source = await makeRing("RB_1", FOUR_CHANNELS);
  using waveforms = await makeRing("RB_2", { ...FOUR_CHANNELS, writers: 2 });
  using short = await makeRing("RB_3", { ...FOUR_CHANNELS, valuesPerSlot: 500 });
  using wrong = await makeRing("RB_4", { valuesPerSlot: 1, fields: { charge: "float32" } });
  using long = await makeRing("RB_5", { valuesPerSlot: 2, fields: { decay_time: "int32" } });
  const error = (sinks: RingBuffer[]) =>
    checkError(calculateDecayTime, {
      sinks,
      config: LIFETIME,
      task: { sources: [source.newReaderGroup(`group ${sinks.length}${sinks.at(-1)?.name}`)] },
    }).message;
  assertStringIncludes(error([short]), "expected ring RB_3 to hold the same records as ring RB_1 (4250 values of chA");
  assertStringIncludes(error([waveforms, wrong]), "found field charge");
  assertStringIncludes(error([waveforms, long]), "expected ring RB_5 to hold parameters, 1 value per field, found 2");
});

const SPECTRUM = {
  sample_time_ns: 4,
  analogue_offset: -0.48,
  pre_trigger_samples: 20,
  peak_minimal_prominence: 50,
  peak_minimal_distance: 10,
  peak_minimal_width: 3,
  trigger_channel: "A",
  trigger_position_tolerance: 7,
};
const HEIGHTS = { valuesPerSlot: 1, fields: { chA_height: "float32", chA_position: "int32", chB_height: "float32" } };

async function runSpectrum(hasWaveforms: boolean) {
  using source = await makeRing("RB_1", { valuesPerSlot: 100 });
  using waveforms = await makeRing("RB_2", { valuesPerSlot: 100 });
  using heights = await makeRing("RB_3", HEIGHTS);
  const sinks = hasWaveforms ? [waveforms, heights] : [heights];
  const readers = sinks.map((ring) => openReader(ring));
  const sources = [source.newReaderGroup("Fkt_2")];
  fillRing(source, 3, (data, n) => {
    data.chA.fill(-480);
    data.chB.fill(-480);
    if (n === 1) return;
    for (let k = 0; k < 40; k++) data.chA[20 + k] += (100 + 10 * n) * Math.exp(-k / 10);
  });
  await runFunction(findPeaks, { sinks, config: SPECTRUM, task: { sources } });
  const written = readers.map(takeAll);
  readers.forEach((reader) => reader.close());
  return { written, counts: groupCounts(source) };
}

Deno.test("findPeaks() writes pulse heights and rejects events without a trigger pulse", async () => {
  const { written: [heights], counts } = await runSpectrum(false);
  assertEquals(
    heights.map((event) => [event.counter, event.data.chA_position[0], Math.round(event.data.chA_height[0])]),
    [
      [0, 20, 100],
      [2, 20, 120],
    ],
  );
  assertEquals(heights[0].data.chB_height, [0]);
  assertEquals(counts, [2, 1, 0, 0]);
});

Deno.test("findPeaks() also copies the waveforms when it has two sinks", async () => {
  const { written: [waveforms, heights] } = await runSpectrum(true);
  assertEquals(waveforms.map((event) => event.counter), [0, 2]);
  assertEquals(heights.map((event) => event.counter), [0, 2]);
});

Deno.test("copy() hands every event on to all sinks", async () => {
  using source = await makeRing("RB_1");
  using left = await makeRing("RB_2");
  using right = await makeRing("RB_3");
  using leftReader = openReader(left);
  using rightReader = openReader(right);
  const sources = [source.newReaderGroup("Fkt_2")];
  fillRing(source, 4, (data, n) => data.chB.fill(n));
  await runFunction(copy, { sinks: [left, right], task: { sources } });
  assertEquals(takeAll(leftReader).map((event) => event.data.chB[0]), [0, 1, 2, 3]);
  assertEquals(takeAll(rightReader).map((event) => event.counter), [0, 1, 2, 3]);
});

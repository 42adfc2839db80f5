import { gammaSource } from "../../src/functions/gamma_source.ts";
import { readWaveformScale } from "../../src/functions/waveform_scale.ts";
import { FWHM_PER_SIGMA, GammaSimulator } from "../../src/pulses/gamma_simulator.ts";
import { SpectrumAnalysis } from "../../src/pulses/spectrum_analysis.ts";
import type { RingOptions } from "../../src/ring/ring_buffer.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertMatch,
  assertThrows,
} from "../../src/std/assert.js";
import type { WorkerTask } from "../../src/worker/messages.ts";
import { checkError, runFunction, withDirectory } from "./functions_fixture.ts";
import { makeRing, openReader, takeAll } from "./worker_fixture.ts";

const TRIGGER = 40;
const SAMPLE_TIME_NS = 8;
const CAESIUM = {
  lines: [{ energy_keV: 661.7 }],
  sample_time_ns: SAMPLE_TIME_NS,
  pre_trigger_samples: TRIGGER,
  rate_Hz: 1000,
  pile_up: false,
};

function meanOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

function sigmaOf(values: ArrayLike<number>): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(Array.from(values, (value) => (value - mean) ** 2)));
}

/** Heights of pulses at the trigger, in mV above the baseline. */
function heights(config: Record<string, unknown>, { events, seed = 1 }: { events: number; seed?: number }): number[] {
  const simulator = new GammaSimulator({ ...CAESIUM, ...config }, { samples: 64, seed });
  const waveform = new Float32Array(64);
  return Array.from({ length: events }, () => {
    simulator.fill(waveform);
    return waveform[TRIGGER] - simulator.baselineMv;
  });
}

/** The limits are four standard deviations of the mean and of the width. */
function assertLine(values: readonly number[], { mean, sigma }: { mean: number; sigma: number }): void {
  assertAlmostEquals(meanOf(values), mean, 4 * sigma / Math.sqrt(values.length));
  assertAlmostEquals(sigmaOf(values), sigma, 4 * sigma / Math.sqrt(2 * values.length));
}

Deno.test("GammaSimulator gives lines at their energies, with their widths and intensities", () => {
  const lines = [
    { energy_keV: 300, intensity: 3 },
    { energy_keV: 661.7, intensity: 0 },
    { energy_keV: 1200, intensity: 1, resolution_percent: 2 },
  ];
  const events = 20_000;
  const found = heights({ lines, mV_per_keV: 0.5, resolution_percent: 8, analogue_offset: -0.48 }, { events });
  const [low, high] = [found.filter((height) => height < 300), found.filter((height) => height >= 300)];
  assertLine(low, { mean: 150, sigma: 0.08 * Math.sqrt(661.7 * 300) * 0.5 / FWHM_PER_SIGMA });
  assertLine(high, { mean: 600, sigma: 0.02 * 600 / FWHM_PER_SIGMA });
  assertAlmostEquals(low.length / events, 0.75, 4 * Math.sqrt(0.75 * 0.25 / events));
});

Deno.test("GammaSimulator gives noisy pulses in which the spectrum analysis finds the lines again", () => {
  const samples = 400;
  const config = {
    lines: [{ energy_keV: 511, intensity: 1.8 }, { energy_keV: 1274.5, intensity: 1 }],
    sample_time_ns: 4,
    pre_trigger_samples: 150,
    analogue_offset: -0.2,
    rise_time_ns: 20,
    decay_time_ns: 250,
    mV_per_keV: 0.4,
    noise_mV: 0.5,
    resolution_percent: 7,
    rate_Hz: 1000,
  };
  const analysis = new SpectrumAnalysis({
    ...config,
    peak_minimal_prominence: 20,
    peak_minimal_distance: 10,
    peak_minimal_width: 7,
    trigger_channel: "A",
    trigger_position_tolerance: 7,
  }, { fields: ["chA"], samples });
  const simulator = new GammaSimulator(config, { samples, seed: 2 });
  const chA = new Float32Array(samples);
  const found: number[] = [];
  const events = 4000;
  for (let i = 0; i < events; i++) {
    simulator.fill(chA);
    const parameters = analysis.analyse({ chA });
    if (parameters !== null) found.push(parameters.chA_height);
  }
  assertEquals(found.length, events);
  const [low, high] = [found.filter((height) => height < 350), found.filter((height) => height >= 350)];
  // The highest of some samples with noise lies a little above the pulse; noise adds to the width.
  for (const [values, energy] of [[low, 511], [high, 1274.5]] as const) {
    const mean = 0.4 * energy;
    const sigma = Math.hypot(0.07 * Math.sqrt(661.7 * energy) * 0.4 / FWHM_PER_SIGMA, 0.5);
    assertAlmostEquals(meanOf(values), mean + 0.4, 4 * sigma / Math.sqrt(values.length) + 0.4);
    assertAlmostEquals(sigmaOf(values), sigma, 4 * sigma / Math.sqrt(2 * values.length));
  }
  assertAlmostEquals(low.length / events, 1.8 / 2.8, 4 * Math.sqrt(0.25 / events));
});

Deno.test("GammaSimulator gives a flat or an exponential background", () => {
  const events = 20_000;
  const limits = { background_from_keV: 50, background_to_keV: 450, mV_per_keV: 1 };
  const flat = heights({ ...limits, background_share: 1 }, { events });
  assertLine(flat, { mean: 250, sigma: 400 / Math.sqrt(12) });
  assert(Math.min(...flat) >= 49.99 && Math.max(...flat) <= 450.01);
  const steep = heights({ ...limits, background_share: 1, background_mean_keV: 100 }, { events });
  // Mean of e^(-x/100) between 0 and 400, above 50.
  const mean = 50 + 100 - 400 / (Math.exp(4) - 1);
  assertAlmostEquals(meanOf(steep), mean, 4 * 100 / Math.sqrt(events));
  assert(Math.min(...steep) >= 49.99 && Math.max(...steep) <= 450.01);
  const share = heights({ ...limits, background_share: 0.3 }, { events }).filter((height) => height < 455).length /
    events;
  assertAlmostEquals(share, 0.3, 4 * Math.sqrt(0.3 * 0.7 / events));
});

Deno.test("GammaSimulator piles pulses up as a Poisson process does", () => {
  const samples = 200;
  const config = { ...CAESIUM, pile_up: true, rate_Hz: 500_000, resolution_percent: 0, decay_time_ns: 400 };
  const simulator = new GammaSimulator(config, { samples, seed: 3 });
  const waveform = new Float32Array(samples);
  const events = 20_000;
  const numbers: number[] = [];
  let before = 0;
  for (let i = 0; i < events; i++) {
    numbers.push(simulator.fill(waveform).pileUps);
    before += waveform[TRIGGER - 1];
  }
  const pulse = Array.from({ length: 2000 }, (_, k) => Math.exp(-k * SAMPLE_TIME_NS / 400)).filter((s) => s >= 1e-4);
  const ratePerSample = 500_000 * SAMPLE_TIME_NS * 1e-9;
  const expected = ratePerSample * (samples + pulse.length);
  assertAlmostEquals(meanOf(numbers), expected, 4 * Math.sqrt(expected / events));
  assertAlmostEquals(sigmaOf(numbers) ** 2, expected, 0.05 * expected);
  // Campbell's theorem: mean and variance of the sum of random pulses.
  const mean = ratePerSample * 661.7 * pulse.reduce((sum, s) => sum + s, 0);
  const variance = ratePerSample * 661.7 ** 2 * pulse.reduce((sum, s) => sum + s * s, 0);
  assertAlmostEquals(before / events, mean, 4 * Math.sqrt(variance / events));
});

for (
  const [name, config, shapeAt] of [
    ["a step", { decay_time_ns: 100 }, (t: number) => Math.exp(-t / 100)],
    ["a rise", { rise_time_ns: 40, decay_time_ns: 200 }, (t: number) => Math.exp(-t / 200) - Math.exp(-t / 40)],
    ["equal times", { rise_time_ns: 50, decay_time_ns: 50 }, (t: number) => t * Math.exp(-t / 50)],
  ] as const
) {
  Deno.test(`GammaSimulator gives pulses with ${name} that are highest at the trigger`, () => {
    const simulator = new GammaSimulator({ ...CAESIUM, resolution_percent: 0, ...config }, { samples: 300, seed: 1 });
    const waveform = new Float32Array(300);
    assertEquals({ ...simulator.fill(waveform) }, { energyKev: 661.7, line: 0, pileUps: 0 });
    const shape = Array.from({ length: 260 }, (_, k) => shapeAt(k * SAMPLE_TIME_NS));
    const peak = shape.indexOf(Math.max(...shape));
    const begin = TRIGGER - peak;
    for (let i = 0; i < 100; i++) {
      const wanted = i < begin ? 0 : 661.7 * shape[i - begin] / shape[peak];
      assertAlmostEquals(waveform[i], wanted, 0.08, `sample ${i}`);
    }
    assertEquals(waveform.indexOf(Math.max(...waveform)), TRIGGER);
  });
}

Deno.test("GammaSimulator cuts pulses off that begin before the record", () => {
  const config = { ...CAESIUM, pre_trigger_samples: 2, rise_time_ns: 100, decay_time_ns: 300, resolution_percent: 0 };
  const waveform = new Float32Array(100);
  new GammaSimulator(config, { samples: 100 }).fill(waveform);
  assertAlmostEquals(waveform[2], 661.7, 0.01);
  assert(waveform[0] > 500);
});

Deno.test("GammaSimulator gives normal noise around the baseline, one sample independent of the next", () => {
  const simulator = new GammaSimulator({ ...CAESIUM, noise_mV: 3, analogue_offset: 0.1 }, {
    samples: 100_001,
    seed: 4,
  });
  const waveform = new Float32Array(100_001);
  simulator.fill(waveform);
  const noise = Array.from(waveform.subarray(1000), (value) => value - 100);
  assertAlmostEquals(meanOf(noise), 0, 4 * 3 / Math.sqrt(noise.length));
  assertAlmostEquals(sigmaOf(noise), 3, 4 * 3 / Math.sqrt(2 * noise.length));
  const inside = noise.filter((value) => Math.abs(value) < 3).length / noise.length;
  assertAlmostEquals(inside, 0.6827, 0.01);
  const products = noise.slice(1).map((value, i) => value * noise[i]);
  assertLess(Math.abs(meanOf(products)) / 9, 4 / Math.sqrt(noise.length));
});

Deno.test("GammaSimulator repeats its events with the same seed", () => {
  const config = { noise_mV: 2, background_share: 0.5, pile_up: true, rate_Hz: 1e5 };
  assertEquals(heights(config, { events: 20, seed: 5 }), heights(config, { events: 20, seed: 5 }));
  assert(heights(config, { events: 1, seed: 5 })[0] !== heights(config, { events: 1, seed: 6 })[0]);
});

for (
  const [config, message] of [
    [{ lines: null }, /"lines" to be a list of lines, each with energy_keV and intensity, found nothing/],
    [{ lines: [] }, /"lines" to be a list/],
    [{ lines: [500] }, /"lines" to be a list/],
    [
      { lines: [{ intensity: 1 }] },
      /"gamma_source, lines\[0\]": expected "energy_keV" to be a number > 0, found nothing/,
    ],
    [{ lines: [{ energy_keV: 5, intensity: 0 }] }, /lines with an intensity > 0/],
    [{ rate_Hz: 0 }, /"rate_Hz" to be a number > 0, found 0/],
    [{ rate_Hz: 1e9, pile_up: true }, /"rate_Hz" to be at most \d+, for 1000 pulses at a time/],
    [{ pile_up: "no" }, /"pile_up" to be true or false, found "no"/],
    [{ pre_trigger_samples: 64 }, /"pre_trigger_samples" to be an integer >= 0 and <= 63, found 64/],
    [{ decay_time_ns: 1e9 }, /"decay_time_ns" to be so short that a pulse has at most/],
    [{ decay_time_ns: 0.001, rise_time_ns: 0.001 }, /"decay_time_ns" to be long enough for a pulse in samples of 8 ns/],
    [{ background_from_keV: 100, background_to_keV: 50 }, /"background_to_keV" to be a number > 100, found 50/],
    [{ background_share: 2 }, /"background_share" to be a number >= 0 and <= 1/],
  ] as const
) {
  Deno.test(`GammaSimulator refuses ${JSON.stringify(config)}`, () => {
    const { message: found } = assertThrows(
      () => new GammaSimulator({ ...CAESIUM, ...config }, { samples: 64 }),
      Error,
    );
    assertMatch(found, message);
  });
}

Deno.test("GammaSimulator refuses an array of another length", () => {
  const simulator = new GammaSimulator(CAESIUM, { samples: 64 });
  assertThrows(() => simulator.fill(new Float32Array(63)), RangeError, "expected an array of 64 samples, found 63");
});

const SOURCE = { ...CAESIUM, pacing: "fast", eventcount: 10, seed: 7, noise_mV: 1 };
const MV_RING: Partial<RingOptions> = { slots: 64, valuesPerSlot: 64, fields: { chA: "float32" } };

async function run(config: Record<string, unknown>, ring = MV_RING, task: Partial<WorkerTask> = {}) {
  using target = await makeRing("RB_1", ring);
  using reader = openReader(target);
  const beganMs = performance.now();
  await runFunction(gammaSource, { sinks: [target], config, task });
  return { events: takeAll(reader), seconds: (performance.now() - beganMs) / 1000 };
}

Deno.test("gammaSource() gives the simulated events in mV, or in counts with their scale", async () => {
  await withDirectory(async (runDirectory) => {
    const { events } = await run(SOURCE);
    assertEquals(events.map(({ counter }) => counter), [...Array(10).keys()]);
    const simulator = new GammaSimulator(CAESIUM_WITH_NOISE, { samples: 64, seed: 7 });
    const waveform = new Float32Array(64);
    for (const { data: { chA } } of events) {
      simulator.fill(waveform);
      assertEquals(chA, Array.from(waveform));
    }
    const config = { ...SOURCE, mV_per_count: 0.25 };
    const ring = { ...MV_RING, fields: { chA: "int16" } };
    const counts = (await run(config, ring, { runDirectory })).events;
    assertEquals(
      counts.map(({ data }) => data.chA),
      events.map(({ data }) => data.chA.map((mv) => Math.round(mv / 0.25))),
    );
    const scale = readWaveformScale({ runDirectory }, "RB_1");
    assertEquals([scale.sampleTimeNs, scale.preTriggerSamples], [SAMPLE_TIME_NS, TRIGGER]);
    assertEquals(scale.fields, { chA: { mvPerCount: 0.25, offsetMv: 0, rangeMv: 32767 * 0.25 } });
    const [coarse] = (await run({ ...config, mV_per_count: 0.001 }, ring, { runDirectory })).events;
    assertEquals(Math.max(...coarse.data.chA), 32767);
  });
});

const CAESIUM_WITH_NOISE = { ...CAESIUM, noise_mV: 1 };

Deno.test("gammaSource() shares its events among workers, and goes on behind the last one", async () => {
  const count = async (task: Partial<WorkerTask>) =>
    (await run(SOURCE, MV_RING, task)).events.map(({ counter }) => counter);
  assertEquals(await count({ workers: 3, workerNumber: 1 }), [1, 4, 7]);
  assertEquals(await count({ restarts: 1, publishedBefore: [8] }), [8, 9]);
});

Deno.test("gammaSource() comes at random times at its rate", async () => {
  const { events, seconds } = await run({ ...SOURCE, pacing: "poisson", rate_Hz: 200, eventcount: 40 });
  // 40 random times of 5 ms on average are 0.2 s, and with this seed never less than half of it.
  assert(seconds > 0.1, `${seconds} s`);
  const steps = events.slice(1).map(({ timestamp }, i) => timestamp - events[i].timestamp);
  assert(Math.max(...steps) > 3 * meanOf(steps) / 2);
});

for (
  const [config, fields, message] of [
    [{}, { chA: "float32", chB: "float32" }, /expected ring RB_1 to have one field of type float32, float64 or int16/],
    [{}, { chA: "uint8" }, /float64 or int16, found chA uint8/],
    [{}, { chA: "int16" }, /"mV_per_count" to be a number > 0, found nothing/],
    [{ pacing: "original" }, { chA: "float32" }, /"pacing" to be poisson or fast, found "original"/],
    [{ eventcount: -1 }, { chA: "float32" }, /"eventcount" to be an integer >= 0, found -1/],
  ] as const
) {
  Deno.test(`gammaSource() refuses ${JSON.stringify(config)} with ${JSON.stringify(fields)}`, async () => {
    using ring = await makeRing("RB_1", { ...MV_RING, fields });
    assertMatch(checkError(gammaSource, { sinks: [ring], config: { ...SOURCE, ...config } }).message, message);
  });
}

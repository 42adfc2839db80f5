import { fitExponential } from "../../src/pulses/exponential_fit.ts";
import { LifetimeAnalysis } from "../../src/pulses/lifetime_analysis.ts";
import { MUON_LIFETIME_NS, MuonSimulator, SPIN_ASYMMETRY, SPIN_PERIOD_NS } from "../../src/pulses/muon_simulator.ts";
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "../../src/std/assert.js";

const SAMPLES = 4250;
const CONFIG = {
  number_of_samples: SAMPLES,
  analogue_offset: -0.48,
  sample_time_ns: 4,
  trigger_level: -440,
  pre_trigger_samples: 500,
};

/** Channels as v1's lifetime example analyses them. */
const ANALYSIS = {
  sample_time_ns: 4,
  analogue_offset: -0.48,
  pre_trigger_samples: 500,
  trigger_position_tolerance: 20,
  peak_minimal_distance: 10,
  peak_minimal_width: 10,
  peak_minimal_prominence_initial: 90,
  peak_minimal_prominence_secondary: 35,
  chA_scaling: 1,
  chB_scaling: 1,
  chC_scaling: 1,
  chD_scaling: 1,
  signatures: [["++--", "0+--"], ["++--", "--+0"], ["++++", "000+"]],
};

function channels(count: number, samples: number): Float32Array<ArrayBuffer>[] {
  return Array.from({ length: count }, () => new Float32Array(samples));
}

Deno.test("MuonSimulator gives decays that the lifetime analysis accepts at the known rate and lifetime", () => {
  const fields = ["chA", "chB", "chC", "chD"];
  const simulator = new MuonSimulator(CONFIG, { channels: 4, seed: 1 });
  const analysis = new LifetimeAnalysis(ANALYSIS, { fields, samples: SAMPLES });
  const event = channels(4, SAMPLES);
  const columns = Object.fromEntries(fields.map((field, i) => [field, event[i]]));
  const events = 20_000;
  const signatures = [0, 0, 0];
  const times: number[] = [];
  let heights = 0;
  for (let i = 0; i < events; i++) {
    simulator.fill(event);
    const result = analysis.analyse(columns);
    if (result === null) continue;
    signatures[result.signature]++;
    times.push(result.parameters.decay_time);
    heights += result.parameters["1st_chA_h"];
  }
  assertAlmostEquals(times.length / events, 0.082, 0.006);
  assertAlmostEquals(signatures[0] / times.length, 0.49, 0.05);
  assertLess(signatures[2], 3);
  assertAlmostEquals(heights / times.length, 254.4, 8);
  const fit = fitExponential(times, { tMin: 200, tMax: 12_000 });
  assert(fit.state === "ok");
  assertLess(Math.abs(fit.lifetime - MUON_LIFETIME_NS), 3 * fit.standardError);
  assertLess(fit.standardError, 100);
});

Deno.test("MuonSimulator lets the electron's direction oscillate with the spin", () => {
  const simulator = new MuonSimulator({
    ...CONFIG,
    number_of_samples: 4,
    pulseWindow: 1,
    pre_trigger_samples: 0,
    prb2ndPulse: 1,
  }, {
    channels: 4,
    seed: 2,
  });
  const event = channels(4, 4);
  // Twice the mean of cos(2πt/T), weighted with the direction, is the asymmetry; the decays are too few to be exact.
  const events = 200_000;
  let projection = 0;
  let weight = 0;
  let total = 0;
  for (let i = 0; i < events; i++) {
    const { stopped, decayTimeNs, upward } = simulator.fill(event);
    assert(stopped);
    const cosine = Math.cos(2 * Math.PI * decayTimeNs / SPIN_PERIOD_NS);
    projection += (upward ? 1 : -1) * cosine;
    weight += cosine * cosine;
    total += decayTimeNs;
  }
  assertAlmostEquals(total / events, MUON_LIFETIME_NS, 20);
  assertAlmostEquals(projection / weight, SPIN_ASYMMETRY, 0.01);
});

Deno.test("MuonSimulator repeats its events for the same seed only", () => {
  const first = (seed?: number | string) => {
    const event = channels(2, SAMPLES);
    new MuonSimulator(CONFIG, { channels: 2, ...(seed === undefined ? {} : { seed }) }).fill(event);
    return event;
  };
  assertEquals(first("run 1"), first("run 1"));
  assert(first("run 1")[0][0] !== first("run 2")[0][0] || first("run 1")[0][1] !== first("run 2")[0][1]);
  assert(first()[0].some((value, i) => value !== first()[0][i]));
});

Deno.test("MuonSimulator makes noise of 1/30 of the mean height around the baseline", () => {
  const simulator = new MuonSimulator({ ...CONFIG, prbInteraction: 0, pulseHeight: [100, 500], pulseSpread: 10 }, {
    channels: 1,
    seed: 3,
  });
  const event = channels(1, SAMPLES);
  simulator.fill(event);
  assert(event[0].every((value) => value >= -485 && value <= -475));
  assert(event[0].some((value) => value < -484.9) && event[0].some((value) => value > -475.1));
});

Deno.test("MuonSimulator puts pulses of the wanted shape where they belong", () => {
  const config = { ...CONFIG, number_of_samples: 1000, pulseWindow: 40, pulseSpread: 0, prbInteraction: 1 };
  const [passing, stopping] = [0, 1].map((prb2ndPulse) =>
    new MuonSimulator({ ...config, prb2ndPulse }, { channels: 4, seed: 4 })
  );
  const event = channels(4, 1000);
  assertEquals(passing.fill(event), { stopped: false, decayTimeNs: 0, upward: false });
  for (const channel of event) {
    assertAlmostEquals(channel[499], -480, 4.2);
    for (const k of [0, 10, 39]) assertAlmostEquals(channel[500 + k], -480 + 250 * Math.exp(-k / 10), 4.2);
    assertAlmostEquals(channel[540], -480, 4.2);
  }
  for (let i = 0; i < 20; i++) {
    const { decayTimeNs, upward } = stopping.fill(event);
    const position = 500 + Math.floor(decayTimeNs / 4);
    const isSeen = position < 1000 - 40;
    for (const [layer, channel] of event.entries()) {
      const muon = layer < 2 ? 250 * Math.max(0, position - 500 < 40 ? Math.exp(-(position - 500) / 10) : 0) : 0;
      const electron = isSeen && (layer < 2) === upward ? 250 : 0;
      if (position < 1000) assertAlmostEquals(channel[position], -480 + muon + electron, 4.3);
    }
  }
});

Deno.test("MuonSimulator works with any number of layers", () => {
  for (let layers = 1; layers <= 6; layers++) {
    const simulator = new MuonSimulator({ ...CONFIG, prb2ndPulse: 0.5 }, { channels: layers, seed: 5 });
    const event = channels(layers, SAMPLES);
    for (let i = 0; i < 20; i++) simulator.fill(event);
    assert(event.every((channel) => channel[0] !== 0));
  }
});

Deno.test("MuonSimulator triggers on layer 0 only", () => {
  const simulator = new MuonSimulator({ ...CONFIG, trigger_level: -180, prbInteraction: 1, prb2ndPulse: 0 }, {
    channels: 2,
    seed: 6,
  });
  const event = channels(2, SAMPLES);
  let below = 0;
  for (let i = 0; i < 100; i++) {
    simulator.fill(event);
    assert(event[0][500] >= -180 - 4.2);
    if (event[1][500] < -190) below++;
  }
  assert(below > 30);
});

const refused: [Record<string, unknown>, new (...args: never[]) => Error, string][] = [
  [{ sample_time_ns: undefined }, TypeError, 'expected "sample_time_ns" to be a number > 0, found nothing'],
  [{ trigger_level: 5000 }, RangeError, 'expected "trigger_level" to be at most 70 mV'],
  [{ pulseSpread: 0, trigger_level: -229 }, RangeError, 'expected "trigger_level" to be at most -230 mV'],
  [{ pulseHeight: -100, pulseSpread: 1 }, RangeError, "trigger_level"],
  [{ pulseHeight: [100, 200] }, TypeError, 'expected "pulseSpread" to be a number >= 0, found nothing'],
  [{ pulseHeight: [] }, TypeError, 'expected "pulseHeight" to be a number or a list of numbers'],
  [{ pulseSpread: -1 }, RangeError, "pulseSpread"],
  [{ prb2ndPulse: 1.5 }, RangeError, 'expected "prb2ndPulse" to be a number >= 0 and <= 1, found 1.5'],
  [{ pulseWindow: 4000 }, RangeError, 'expected "pre_trigger_samples" to be at most'],
  [{ number_of_samples: 0 }, RangeError, "number_of_samples"],
];

for (const [change, errorClass, message] of refused) {
  Deno.test(`MuonSimulator refuses ${JSON.stringify(change)}`, () => {
    const make = () => new MuonSimulator({ ...CONFIG, ...change }, { channels: 4 });
    const error = assertThrows(make, errorClass, message);
    assert(error.message.startsWith('Cannot configure "simulation_source"'));
  });
}

Deno.test("MuonSimulator.fill() refuses arrays of another number or length", () => {
  const simulator = new MuonSimulator(CONFIG, { channels: 2 });
  assertThrows(() => simulator.fill(channels(3, SAMPLES)), RangeError, "expected 2 channels, found 3");
  assertThrows(() => simulator.fill(channels(2, 500)), RangeError, "number_of_samples = 4250 samples in channel 0");
});

import { LifetimeAnalysis } from "../../src/pulses/lifetime_analysis.ts";
import { assert, assertAlmostEquals, assertEquals, assertStrictEquals, assertThrows } from "../../src/std/assert.js";

const FIELDS = ["chA", "chB", "chC", "chD"];
const SAMPLES = 600;
const CONFIG: Readonly<Record<string, unknown>> = {
  sample_time_ns: 4,
  analogue_offset: -0.48,
  pre_trigger_samples: 100,
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

interface Pulse {
  readonly at: number;
  readonly height: number;
}

function analysis(change: Readonly<Record<string, unknown>> = {}): LifetimeAnalysis {
  return new LifetimeAnalysis({ ...CONFIG, ...change }, { fields: FIELDS, samples: SAMPLES });
}

/** An event without noise. */
function event(...channels: readonly (readonly Pulse[])[]): Record<string, Float32Array<ArrayBuffer>> {
  return Object.fromEntries(FIELDS.map((field, i) => {
    const samples = new Float32Array(SAMPLES).fill(-480);
    for (const { at, height } of channels[i] ?? []) {
      for (let k = at; k < SAMPLES; k++) samples[k] += height * Math.exp(-(k - at) / 25);
    }
    return [field, samples];
  }));
}

const muon = { at: 100, height: 250 };
const electron = { at: 301, height: 100 };

Deno.test("LifetimeAnalysis gives the parameters of both particles", () => {
  const result = analysis().analyse(event([muon], [muon, electron]))!;
  assertEquals(result.signature, 0);
  const { parameters } = result;
  assertEquals(Object.keys(parameters).length, 25);
  assertEquals(parameters.decay_time, 804);
  assertEquals([parameters["1st_chA_p"], parameters["1st_chB_p"], parameters["2nd_chB_p"]], [100, 100, 301]);
  assertAlmostEquals(parameters["1st_chA_h"], 250, 1e-3);
  assertAlmostEquals(parameters["2nd_chB_h"], 100, 0.2);
  // A geometric series, cut at 10 mV.
  assertAlmostEquals(parameters["1st_chA_int"], (250 - 10) / (1 - Math.exp(-1 / 25)), 15);
  assertEquals([parameters["2nd_chA_h"], parameters["2nd_chA_p"], parameters["1st_chC_int"]], [0, 0, 0]);
});

Deno.test("LifetimeAnalysis takes the mean positions and cuts the time to whole ns", () => {
  const late = { at: 302, height: 100 };
  const { parameters } = analysis({ sample_time_ns: 0.9 }).analyse(event([muon, electron], [muon, late]))!;
  assertEquals(parameters.decay_time, Math.trunc(201.5 * 0.9));
});

Deno.test("LifetimeAnalysis gives the index of the last signature that matches", () => {
  assertEquals(analysis().analyse(event([muon], [muon], [electron]))!.signature, 1);
  assertEquals(analysis().analyse(event([muon], [muon], [muon], [muon, electron]))!.signature, 2);
  const both = analysis({ signatures: [["++--", "0+--"], ["+000", "0+00"]] });
  assertEquals(both.analyse(event([muon], [muon, electron]))!.signature, 1);
});

Deno.test("LifetimeAnalysis rejects events without a second moment or a signature", () => {
  const filter = analysis();
  assertEquals(filter.analyse(event()), null);
  assertEquals(filter.analyse(event([muon], [muon])), null);
  assertEquals(filter.analyse(event([muon], [muon], [], [electron])), null);
  assert(filter.analyse(event([muon], [muon, electron])) !== null);
});

Deno.test("LifetimeAnalysis applies the thresholds to the scaled prominences", () => {
  const weak = { at: 100, height: 80 };
  assertEquals(analysis().analyse(event([weak], [muon, electron])), null);
  assert(analysis({ chA_scaling: 1.2 }).analyse(event([weak], [muon, electron])) !== null);
  assertEquals(analysis({ chB_scaling: 0.34 }).analyse(event([muon], [muon, electron])), null);
  const { parameters } = analysis({ chB_scaling: 0.37 }).analyse(event([muon], [muon, electron]))!;
  assertAlmostEquals(parameters["2nd_chB_h"], 100, 0.2);
});

Deno.test("LifetimeAnalysis forgets the event before", () => {
  const filter = analysis();
  const first = filter.analyse(event([muon, electron], [muon, electron]))!;
  assert(first.parameters["2nd_chA_h"] > 0);
  const second = filter.analyse(event([muon], [muon, electron]))!;
  assertStrictEquals(second, first);
  assertEquals([second.parameters["2nd_chA_h"], second.parameters["2nd_chA_int"]], [0, 0]);
});

Deno.test("LifetimeAnalysis rejects an event in which a particle left no pulse", () => {
  const filter = analysis({ signatures: [["0000", "0000"]], peak_minimal_prominence_initial: 1000 });
  assertEquals(filter.analyse(event([muon, electron])), null);
});

Deno.test("LifetimeAnalysis takes positions from the reference pulse", () => {
  const referencePulse = Float64Array.from({ length: 81 }, (_, k) => k < 10 ? 0 : Math.exp(-(k - 10) / 25));
  const filter = new LifetimeAnalysis(CONFIG, { fields: FIELDS, samples: SAMPLES, referencePulse });
  const { parameters } = filter.analyse(event([muon], [muon, { at: 301, height: 250 }]))!;
  // The reference rises 10 samples after its start, the cut-out pulse 1 sample after its own.
  assertEquals([parameters["1st_chA_p"], parameters["2nd_chB_p"]], [90, 291]);
  assertEquals(parameters.decay_time, 804);
});

Deno.test("LifetimeAnalysis keeps the peak's position where no pulse stands above the baseline", () => {
  const { parameters } = analysis({ analogue_offset: 0 }).analyse(event([muon], [muon, electron]))!;
  assertEquals([parameters["1st_chA_p"], parameters["1st_chA_int"]], [100, 0]);
});

Deno.test("LifetimeAnalysis needs no pre_trigger_samples, which it does not use", () => {
  assert(analysis({ pre_trigger_samples: undefined }).analyse(event([muon], [muon, electron])) !== null);
});

for (const key of Object.keys(CONFIG)) {
  if (key === "pre_trigger_samples") continue;
  Deno.test(`LifetimeAnalysis names the function and "${key}" when that key is missing`, () => {
    const error = assertThrows(() => analysis({ [key]: undefined }), TypeError, `expected "${key}" to be`);
    assert(error.message.startsWith('Cannot configure "calculate_decay_time"'));
  });
}

Deno.test("LifetimeAnalysis refuses records of another form", () => {
  const { chA: _, ...others } = event();
  assertThrows(() => analysis().analyse(others), TypeError, 'expected field "chA"');
  const short = { ...event(), chC: new Float32Array(10) };
  assertThrows(() => analysis().analyse(short), RangeError, "a signal of 600 samples, found one of 10");
});

import { SpectrumAnalysis } from "../../src/pulses/spectrum_analysis.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../src/std/assert.js";

const FIELDS = ["chA", "chB"];
const SAMPLES = 500;
const CONFIG: Readonly<Record<string, unknown>> = {
  sample_time_ns: 4,
  analogue_offset: -0.48,
  pre_trigger_samples: 100,
  peak_minimal_prominence: 50,
  peak_minimal_distance: 10,
  peak_minimal_width: 7,
  trigger_channel: "A",
  trigger_position_tolerance: 7,
};

function analysis(change: Readonly<Record<string, unknown>> = {}): SpectrumAnalysis {
  return new SpectrumAnalysis({ ...CONFIG, ...change }, { fields: FIELDS, samples: SAMPLES });
}

/** An event without noise: pulses `[position, height]` of both channels on a raised ground. */
function event(a: readonly [number, number][], b: readonly [number, number][] = [], ground = 0) {
  const channel = (pulses: readonly [number, number][]) => {
    const samples = new Float32Array(SAMPLES).fill(-480 + ground);
    for (const [at, height] of pulses) {
      for (let k = at; k < SAMPLES; k++) samples[k] += height * Math.exp(-(k - at) / 25);
    }
    return samples;
  };
  return { chA: channel(a), chB: channel(b) };
}

Deno.test("SpectrumAnalysis gives sample height, position and charge", () => {
  const { chA_height, chA_position, chA_integral, chB_height, chB_position } = analysis().analyse(
    event([[101, 200]], [], 20),
  )!;
  assertAlmostEquals(chA_height, 220, 1e-4);
  assertEquals([chA_position, chB_height, chB_position], [101, 0, 0]);
  // From the rise down to half of the prominence: samples 100 to 118, the first of them on the ground.
  let sum = 20;
  for (let k = 0; k < 18; k++) sum += 20 + 200 * Math.exp(-k / 25);
  assertAlmostEquals(chA_integral / (sum * 4e-9 / 250), 1, 1e-4);
});

Deno.test("SpectrumAnalysis takes the trigger channel's peak closest to the nominal position as reference", () => {
  const filter = analysis();
  assertEquals(filter.analyse(event([], [[100, 200]])), null);
  const { chA_position, chB_position } = filter.analyse(event([[130, 200], [300, 200]], [[125, 100], [300, 100]]))!;
  assertEquals([chA_position, chB_position], [130, 125]);
});

Deno.test("SpectrumAnalysis takes the nominal position as reference for other trigger channels", () => {
  const filter = analysis({ trigger_channel: "EXT" });
  const { chA_position, chB_position } = filter.analyse(event([[94, 200]], [[107, 200]]))!;
  assertEquals([chA_position, chB_position], [94, 0]);
  assertEquals(filter.analyse(event([]))!.chA_height, 0);
});

Deno.test("SpectrumAnalysis takes the last peak within the tolerance", () => {
  const filter = analysis({
    trigger_channel: "B",
    peak_minimal_distance: 1,
    peak_minimal_width: 0,
    trigger_position_tolerance: 30,
  });
  assertEquals(filter.analyse(event([[90, 200], [120, 100]], [[100, 200]]))!.chA_position, 120);
});

Deno.test("SpectrumAnalysis forgets the event before", () => {
  const filter = analysis();
  filter.analyse(event([[100, 200]], [[100, 200]]));
  assertEquals(filter.analyse(event([[100, 200]]))!.chB_height, 0);
});

for (const key of Object.keys(CONFIG)) {
  Deno.test(`SpectrumAnalysis names the function and "${key}" when that key is missing`, () => {
    const error = assertThrows(() => analysis({ [key]: undefined }), TypeError, `expected "${key}" to be`);
    assert(error.message.startsWith('Cannot configure "find_peaks"'));
  });
}

Deno.test("SpectrumAnalysis refuses a trigger channel that the record does not have", () => {
  assertThrows(() => analysis({ trigger_channel: "C" }), TypeError, '(fields chA, chB), found "C"');
  assertThrows(() => analysis({ trigger_channel: 1 }), TypeError, "A, B, C, D or another text, found 1");
});

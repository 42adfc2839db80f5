/**
 * Time per event of the numerics of the lifetime chain, in one thread: 4 channels of 4250 float32 samples.
 *
 *     fill() -> 128 events in memory -> PeakFinder, LifetimeAnalysis
 */
import { LifetimeAnalysis } from "../../src/pulses/lifetime_analysis.ts";
import { MuonSimulator } from "../../src/pulses/muon_simulator.ts";
import { PeakFinder } from "../../src/pulses/peak_finder.ts";
import { type Figure, figure } from "./figure.ts";

const FIELDS = ["chA", "chB", "chC", "chD"];
const SAMPLES = 4250;
/** As many events as the lifetime example's ring holds, so that caches play the same part. */
const EVENTS = 128;
const ROUNDS = 16;

const SIMULATION = {
  number_of_samples: SAMPLES,
  analogue_offset: -0.48,
  sample_time_ns: 4,
  trigger_level: -440,
  pre_trigger_samples: 500,
};
const ANALYSIS = {
  ...SIMULATION,
  trigger_position_tolerance: 20,
  peak_minimal_distance: 10,
  peak_minimal_width: 10,
  peak_minimal_prominence_initial: 90,
  peak_minimal_prominence_secondary: 35,
  ...Object.fromEntries(FIELDS.map((field) => [`${field}_scaling`, 1])),
  signatures: [["++--", "0+--"], ["++--", "--+0"], ["++++", "000+"]],
};

type Event = readonly Float32Array<ArrayBuffer>[];

/** Microseconds per event, for each repetition. */
function timePerEvent(repeats: number, events: readonly Event[], { run }: { run: (event: Event) => void }): number[] {
  const times: number[] = [];
  for (let repeat = -1; repeat < repeats; repeat++) {
    const began = performance.now();
    for (let round = 0; round < ROUNDS; round++) for (const event of events) run(event);
    if (repeat >= 0) times.push((performance.now() - began) * 1000 / (ROUNDS * events.length));
  }
  return times;
}

/** Rounds values to the steps of a digitiser. */
function digitised(event: Event, stepMv: number): Event {
  return event.map((channel) => channel.map((value) => Math.round(value / stepMv) * stepMv));
}

/** Measures the numerics. Throws if a result is wrong. */
export function pulsesBench(repeats: number): Figure[] {
  const simulator = new MuonSimulator(SIMULATION, { channels: FIELDS.length, seed: 1 });
  const scratch = FIELDS.map(() => new Float32Array(SAMPLES));
  const simulate = timePerEvent(repeats, Array(EVENTS).fill(scratch), { run: (event) => simulator.fill(event) });

  const events = Array.from({ length: EVENTS }, (): Event => {
    const event = FIELDS.map(() => new Float32Array(SAMPLES));
    simulator.fill(event);
    return event;
  });
  const finders = FIELDS.map(() => new PeakFinder({ prominence: 35, distance: 10, width: 10 }, SAMPLES));
  let peaks = 0;
  const find = (event: Event) => {
    for (let channel = 0; channel < FIELDS.length; channel++) peaks += finders[channel].find(event[channel]);
  };
  const findFloat = timePerEvent(repeats, events, { run: find });
  const findDigitised = timePerEvent(repeats, events.map((event) => digitised(event, 4)), { run: find });

  const analysis = new LifetimeAnalysis(ANALYSIS, { fields: FIELDS, samples: SAMPLES });
  const records = new Map(
    events.map((event) => [event, Object.fromEntries(FIELDS.map((name, i) => [name, event[i]]))]),
  );
  let accepted = 0;
  const analyse = timePerEvent(repeats, events, {
    run: (event) => {
      if (analysis.analyse(records.get(event)!) !== null) accepted++;
    },
  });

  const analysed = (repeats + 1) * ROUNDS * EVENTS;
  const peaksPerEvent = peaks / (2 * analysed);
  const acceptance = accepted / analysed;
  if (!(peaksPerEvent > 3 && peaksPerEvent < 4.5 && acceptance > 0.03 && acceptance < 0.15)) {
    throw new Error(
      `Wrong result: expected about 3.8 peaks per event and 8 % accepted, found ${peaksPerEvent} and ${acceptance}`,
    );
  }
  const unit = "us/event";
  return [
    figure("simulate_4x4250", simulate, { unit, wanted: "<= 40" }),
    figure("find_peaks_4x4250", findFloat, { unit, wanted: "<= 40" }),
    figure("find_peaks_4x4250_steps_of_4mV", findDigitised, { unit, wanted: "<= 40" }),
    figure("lifetime_analysis_4x4250", analyse, { unit, wanted: "<= 40" }),
  ];
}

if (import.meta.main) {
  for (const { name, median, min, max, unit, wanted } of pulsesBench(Number(Deno.args[0] ?? 7))) {
    console.log(
      `${name.padEnd(32)} ${median.toPrecision(4)} ${unit} (${min.toPrecision(3)} to ${max.toPrecision(3)}) ${wanted}`,
    );
  }
}

/** Source of pulses whose energies follow a spectrum. */
import { basename } from "node:path";
import { EnergyDistribution, type EnergySpectrum, lineSpectrum, readSpectrumPage } from "../pulses/energy_spectrum.ts";
import { NoiseTable } from "../pulses/noise_table.ts";
import { type NuclideLine, nuclideLines, NUCLIDES } from "../pulses/nuclide_lines.ts";
import { Random } from "../pulses/random.ts";
import { fileError } from "../files/file_error.ts";
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import { Pacer } from "../worker/pacer.ts";
import { SourceToBuffer } from "../worker/source_to_buffer.ts";
import { requireWiring } from "../worker/wiring.ts";
import { workerSeed, workerShare } from "./source_pacing.ts";
import { userPath } from "./user_path.ts";

const INT16 = { min: -32768, max: 32767 };
/** Full width at half maximum at 661.7 keV of a crystal of NaI(Tl), in percent. */
const USUAL_RESOLUTION_PERCENT = 7;

interface SpectrumSettings {
  readonly energies: EnergyDistribution;
  readonly slope: number;
  readonly offset: number;
  /** The pulse sample by sample; the highest one is 1. */
  readonly shape: Float32Array;
  /** Sample of the pulse that is highest. */
  readonly peak: number;
  readonly triggerLevel: number;
  readonly triggerSample: number;
  readonly noise: number;
  readonly rateHz: number;
  readonly seed: number | string | null;
  readonly events: number;
  readonly isCounts: boolean;
}

/**
 * Writes simulated pulses of a detector for gamma rays into its sink, as the simulation in mimoCoRB2's example
 * `redpitaya-spectroscopy`. All fields of the ring (`int16`, or `float32` and `float64`) get the same waveform: a pulse
 * (t/tau)^M · e^(−t/tau) whose height is a · energy + b with an energy from the spectrum, and normal noise. The pulse
 * passes `trigger_level` at sample `number_of_samples_before_trigger`; energies too small for that give no event.
 *
 * Configuration: `file` (a page of the Gamma-Spectrum-Database, `spectra/Co-60.html`; if there is no such file, the
 * lines of the nuclide that it is named after are taken) or `lines` (a list of `{energy_keV, intensity}`),
 * `resolution_percent` of lines (full width at half maximum at 661.7 keV, 7), `energy_conversion` (`[a, b]` in counts
 * per keV and counts, [1, 0]), `tau` (samples, 1), `M` (1), `noise` (standard deviation in counts, 0), `trigger_level`
 * (counts, 0), `number_of_samples_before_trigger` (0), `average_rate` (Hz, 100; events come at random times),
 * `eventcount` (events in all; 0: without end), `seed` (repeatable events).
 */
export const spectrumSource: DaqFunction = checkedFunction(readSettings, (context, settings) => {
  const { energies, slope, offset, noise, seed, events, rateHz, isCounts } = settings;
  const random = new Random(seed);
  const noiseTable = noise === 0 ? null : new NoiseTable(random, noise);
  const times = new Random(seed === null ? null : `pacing ${seed}`);
  const pacer = new Pacer(context.signal, { meanS: context.workers / rateHz, draw: () => times.exponential() });
  const { fields, valuesPerSlot } = context.sinks[0].layout;
  const waveform = new Float32Array(valuesPerSlot);
  const counts = new Int16Array(isCounts ? valuesPerSlot : 0);
  const channels = fields.map(() => isCounts ? counts : waveform);
  let simulated = context.publishedBefore[0];
  return new SourceToBuffer(context, () => {
    if (simulated++ >= events) return null;
    if (noiseTable === null) waveform.fill(0);
    else noiseTable.fill(waveform, 0);
    addPulse(waveform, slope * energies.draw(random) + offset, settings);
    if (isCounts) digitise(waveform, counts);
    return pacer.wait() ? channels : null;
  }).run();
});

function addPulse(waveform: Float32Array, height: number, settings: SpectrumSettings): void {
  const { shape, peak, triggerLevel, triggerSample } = settings;
  let passes = 0;
  while (passes < peak && height * shape[passes] <= triggerLevel) passes++;
  const position = triggerSample - passes;
  const end = Math.min(shape.length, waveform.length - position);
  for (let k = Math.max(0, -position); k < end; k++) waveform[position + k] += height * shape[k];
}

function digitise(waveform: Float32Array, counts: Int16Array): void {
  for (let i = 0; i < waveform.length; i++) {
    counts[i] = Math.max(INT16.min, Math.min(INT16.max, Math.round(waveform[i])));
  }
}

function readSettings(context: FunctionContext): SpectrumSettings {
  requireWiring(context, { sinks: 1 });
  const isCounts = isIntegerRing(context);
  const settings = new FunctionSettings(context);
  const { valuesPerSlot } = context.sinks[0].layout;
  const conversion = settings.value("energy_conversion") ?? [1, 0];
  if (!isPair(conversion)) {
    const expected = "two numbers [counts per keV, counts]";
    throw new TypeError(settings.message("energy_conversion", { expected, found: conversion }));
  }
  const [slope, offset] = conversion;
  const triggerLevel = settings.number("trigger_level", { fallback: 0, min: 0 });
  const energies = new EnergyDistribution(
    readSpectrum(context, settings),
    (energyKev) => slope * energyKev + offset > triggerLevel,
  );
  if (energies.isEmpty) {
    const expected = "below the highest pulses of the spectrum";
    throw new RangeError(settings.message("trigger_level", { expected, found: triggerLevel }));
  }
  const shape = readShape(settings, valuesPerSlot);
  return {
    energies,
    slope,
    offset,
    shape,
    peak: shape.indexOf(1),
    triggerLevel,
    triggerSample: settings.number("number_of_samples_before_trigger", {
      fallback: 0,
      min: 0,
      max: valuesPerSlot - 1,
      integer: true,
    }),
    noise: settings.number("noise", { fallback: 0, min: 0 }),
    rateHz: settings.number("average_rate", { fallback: 100, above: 0 }),
    seed: workerSeed(settings, context),
    events: workerShare(settings.number("eventcount", { fallback: 0, integer: true }), context),
    isCounts,
  };
}

function isPair(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
}

function readShape(settings: FunctionSettings, samples: number): Float32Array {
  const tau = settings.number("tau", { fallback: 1, above: 0 });
  const power = settings.number("M", { fallback: 1, min: 0, max: 100, integer: true });
  const values = Float64Array.from({ length: samples }, (_, t) => (t / tau) ** power * Math.exp(-t / tau));
  const highest = values.reduce((most, value) => Math.max(most, value), 0);
  if (highest > 0) return Float32Array.from(values, (value) => value / highest);
  const expected = `long enough for a pulse that can be seen in ${samples} samples`;
  throw new RangeError(settings.message("tau", { expected, found: tau }));
}

function readSpectrum(context: FunctionContext, settings: FunctionSettings): EnergySpectrum {
  const percent = settings.number("resolution_percent", { fallback: USUAL_RESOLUTION_PERCENT, min: 0, max: 100 });
  if (settings.value("lines") !== null) return lineSpectrum(readLines(settings), percent / 100);
  const file = settings.text("file", { fallback: "spectra/Co-60.html" });
  const path = userPath(context, file);
  const html = readPage(path);
  if (html === null) {
    const nuclide = basename(file).replace(/\.[^.]*$/, "");
    const lines = nuclideLines(nuclide);
    if (lines !== null) {
      context.log.warn(`there is no file "${file}": the lines of ${nuclide} are taken instead of its spectrum`);
      return lineSpectrum(lines, percent / 100);
    }
    const expected = `an existing file, or one named after a nuclide whose lines are known (${NUCLIDES.join(", ")})`;
    throw new TypeError(settings.message("file", { expected, found: file }));
  }
  const spectrum = readSpectrumPage(html);
  if (spectrum !== null) return spectrum;
  const expected = "a page of the Gamma-Spectrum-Database, with two curves of energies and counts";
  throw new TypeError(settings.message("file", { expected, found: file }));
}

function readPage(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw fileError("read", path, error);
  }
}

function readLines(settings: FunctionSettings): NuclideLine[] {
  const found = settings.value("lines");
  const isLine = (line: unknown) => typeof line === "object" && line !== null && !Array.isArray(line);
  if (!Array.isArray(found) || found.length === 0 || !found.every(isLine)) {
    const expected = "a list of lines, each with energy_keV and intensity";
    throw new TypeError(settings.message("lines", { expected, found }));
  }
  return found.map(({ energy_keV: energyKev, intensity = 1 }): NuclideLine => {
    if (typeof energyKev === "number" && energyKev > 0 && energyKev < 1e5 && typeof intensity === "number") {
      return [energyKev, Math.max(0, intensity)];
    }
    const expected = "lines with an energy_keV > 0 and < 100000, and a number as intensity";
    throw new TypeError(settings.message("lines", { expected, found }));
  });
}

/** True if the ring has counts, false if it has numbers with fractions. */
function isIntegerRing({ functionName, name, sinks: [{ name: ring, layout: { fields } }] }: FunctionContext): boolean {
  const types = fields.map(({ type }) => type.name);
  if (types.every((type) => type === "int16")) return true;
  if (types.every((type) => type === "float32" || type === "float64")) return false;
  const found = fields.map((field) => `${field.name} ${field.type.name}`).join(", ");
  throw new TypeError(
    `Cannot connect function "${functionName}" (${name}): expected ring ${ring} to have fields of type int16, or of ` +
      `float32 and float64, found ${found}`,
  );
}

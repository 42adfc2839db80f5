/** The signal generator of a PicoScope source. */
import { type GeneratorSettings, SWEEPS, WAVES } from "../../../drivers/picoscope/scope_settings.ts";
import type { ConfigKeys } from "../config_keys.ts";

const KEYS = [
  "wave",
  "frequency_Hz",
  "peak_to_peak_mV",
  "offset_mV",
  "sweep",
  "stop_frequency_Hz",
  "increment_Hz",
  "dwell_s",
];
const DEFAULT_PEAK_TO_PEAK_MV = 400;

/** picoDAQ sweeps up to this multiple of the frequency, and stays at each one for so many periods of it. */
const PICODAQ_STOP_FACTOR = 9;
const PICODAQ_DWELL_PERIODS = 10;
const PICODAQ_STEPS = 100;

/** Reads it: `signal_generator`, or the keys of picoDAQ that end in `SG`. Null: the generator is left alone. */
export function readGenerator(keys: ConfigKeys): GeneratorSettings | null {
  const mapping = keys.mapping("signal_generator", KEYS);
  if (mapping === null) return readPicoDaqGenerator(keys);
  const number = (key: string, fallback?: number, min = 0) =>
    keys.numberIn("signal_generator", mapping, { key, min, ...(fallback === undefined ? {} : { fallback }) });
  const wave = keys.oneOf("signal_generator.wave", { found: mapping.wave ?? "sine", words: WAVES, fallback: "sine" });
  const isSwept = (mapping.stop_frequency_Hz ?? null) !== null;
  return {
    wave,
    frequencyHz: wave === "dc" || wave === "white_noise" ? number("frequency_Hz", 0) : number("frequency_Hz"),
    peakToPeakMv: number("peak_to_peak_mV", DEFAULT_PEAK_TO_PEAK_MV),
    offsetMv: number("offset_mV", 0, -Infinity),
    sweep: isSwept
      ? {
        kind: keys.oneOf("signal_generator.sweep", { found: mapping.sweep ?? "up", words: SWEEPS, fallback: "up" }),
        stopFrequencyHz: number("stop_frequency_Hz"),
        incrementHz: number("increment_Hz"),
        dwellS: number("dwell_s"),
      }
      : null,
  };
}

/** `frqSG` 0 or absent: off. */
function readPicoDaqGenerator(keys: ConfigKeys): GeneratorSettings | null {
  const frequencyHz = keys.quantity([["frqSG", 1]], { fallback: 0, min: 0 });
  if (frequencyHz === 0) return null;
  const givenStopHz = keys.quantity([["stopFreqSG", 1]], { fallback: 0, min: 0 });
  const givenDwellS = keys.quantity([["dwellTimeSG", 1]], { fallback: 0, min: 0 });
  const stopFrequencyHz = givenStopHz > 0 ? givenStopHz : PICODAQ_STOP_FACTOR * frequencyHz;
  const isSwept = (givenStopHz > 0 || keys.settings.value("swpSG") !== null) && stopFrequencyHz !== frequencyHz;
  return {
    wave: keys.choice(["waveTypeSG"], WAVES, "sine"),
    frequencyHz,
    peakToPeakMv: keys.quantity([["PkToPkSG", 1000]], { fallback: DEFAULT_PEAK_TO_PEAK_MV, min: 0 }),
    offsetMv: keys.quantity([["offsetVoltageSG", 1000]], { fallback: 0 }),
    sweep: isSwept
      ? {
        kind: keys.choice(["swpSG"], SWEEPS, "up"),
        stopFrequencyHz,
        incrementHz: Math.abs(stopFrequencyHz - frequencyHz) / PICODAQ_STEPS,
        dwellS: givenDwellS > 0 ? givenDwellS : PICODAQ_DWELL_PERIODS / frequencyHz,
      }
      : null,
  };
}

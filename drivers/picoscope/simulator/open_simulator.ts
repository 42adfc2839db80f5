/** Compiles, opens and steers the simulated vendor libraries. */
import aApiH from "./a_api.h" with { type: "text" };
import aDataC from "./a_data.c" with { type: "text" };
import aGeneratorC from "./a_generator.c" with { type: "text" };
import aOthersC from "./a_others.c" with { type: "text" };
import aSetupC from "./a_setup.c" with { type: "text" };
import aTimebaseC from "./a_timebase.c" with { type: "text" };
import aTriggerC from "./a_trigger.c" with { type: "text" };
import blockC from "./block.c" with { type: "text" };
import callbacksC from "./callbacks.c" with { type: "text" };
import conditionsC from "./conditions.c" with { type: "text" };
import controlC from "./control.c" with { type: "text" };
import eApiH from "./e_api.h" with { type: "text" };
import eDataC from "./e_data.c" with { type: "text" };
import eGeneratorC from "./e_generator.c" with { type: "text" };
import eOthersC from "./e_others.c" with { type: "text" };
import eSetupC from "./e_setup.c" with { type: "text" };
import eStreamC from "./e_stream.c" with { type: "text" };
import eTimebaseC from "./e_timebase.c" with { type: "text" };
import eTriggerC from "./e_trigger.c" with { type: "text" };
import knobsC from "./knobs.c" with { type: "text" };
import libraryC from "./library.c" with { type: "text" };
import libraryH from "./library.h" with { type: "text" };
import modelsC from "./models.c" with { type: "text" };
import modelsH from "./models.h" with { type: "text" };
import openC from "./open.c" with { type: "text" };
import poolC from "./pool.c" with { type: "text" };
import readC from "./read.c" with { type: "text" };
import signalC from "./signal.c" with { type: "text" };
import signalH from "./signal.h" with { type: "text" };
import simulatorH from "./simulator.h" with { type: "text" };
import statusH from "./status.h" with { type: "text" };
import streamC from "./stream.c" with { type: "text" };
import triggerC from "./trigger.c" with { type: "text" };
import unitsC from "./units.c" with { type: "text" };
import waveformFileC from "./waveform_file.c" with { type: "text" };
import { compileLibrary, type CompileOptions } from "../../compile_library.ts";

/** Families of instruments that can be simulated; the names are those of the vendor's libraries. */
export type SimulatorFamily = "ps2000a" | "ps3000a" | "ps4000a" | "ps5000a" | "ps6000a" | "psospa";

const SHARED: Readonly<Record<string, string>> = {
  "status.h": statusH,
  "models.h": modelsH,
  "signal.h": signalH,
  "simulator.h": simulatorH,
  "library.h": libraryH,
  "models.c": modelsC,
  "knobs.c": knobsC,
  "signal.c": signalC,
  "waveform_file.c": waveformFileC,
  "trigger.c": triggerC,
  "pool.c": poolC,
  "library.c": libraryC,
  "units.c": unitsC,
  "open.c": openC,
  "callbacks.c": callbacksC,
  "conditions.c": conditionsC,
  "block.c": blockC,
  "read.c": readC,
  "stream.c": streamC,
  "control.c": controlC,
};

const A_FAMILY: Readonly<Record<string, string>> = {
  "a_api.h": aApiH,
  "a_setup.c": aSetupC,
  "a_timebase.c": aTimebaseC,
  "a_trigger.c": aTriggerC,
  "a_data.c": aDataC,
  "a_generator.c": aGeneratorC,
  "a_others.c": aOthersC,
};

const E_FAMILY: Readonly<Record<string, string>> = {
  "e_api.h": eApiH,
  "e_data.c": eDataC,
  "e_generator.c": eGeneratorC,
  "e_others.c": eOthersC,
  "e_setup.c": eSetupC,
  "e_stream.c": eStreamC,
  "e_timebase.c": eTimebaseC,
  "e_trigger.c": eTriggerC,
};

/** Source text of a family's library by file name. */
export function simulatorSources(family: SimulatorFamily): Readonly<Record<string, string>> {
  const isNewer = family === "ps6000a" || family === "psospa";
  return { ...SHARED, ...(isNewer ? E_FAMILY : A_FAMILY) };
}

/** Compiler flags of a family's library; without fused multiply-adds, so that a value is the same however it is worked out. */
export function simulatorFlags(family: SimulatorFamily): string[] {
  return [`-DFAMILY=${family}`, "-ffp-contract=off", "-pthread", "-Wl,--no-as-needed", "-lm", "-ldl"];
}

/**
 * Makes sure that a family's simulated library exists: compiles it into the user's cache folder at the first use of each
 * version, later only looks it up.
 *
 * @returns Path of the library, to be opened as the vendor's library.
 * @throws {Error} If there is no C compiler, or it fails; the message says what to install or shows its words.
 */
export function simulatorLibraryPath(family: SimulatorFamily, options: CompileOptions = {}): Promise<string> {
  const flags = [...simulatorFlags(family), ...(options.flags ?? [])];
  return compileLibrary(`lib${family}`, simulatorSources(family), { ...options, flags });
}

/** The functions that a simulated library has beside the vendor's; see `control.c`. */
export const SIMULATOR_SYMBOLS = {
  picosim_set: {
    parameters: [
      "buffer", // const char *target
      "buffer", // const char *key
      "buffer", // const char *value
    ],
    result: "u32",
  },
  picosim_get: {
    parameters: [
      "buffer", // const char *target
      "buffer", // const char *key
      "buffer", // char *text
      "i32", // int32_t size
    ],
    result: "i32",
  },
  picosim_waveforms: {
    parameters: [
      "buffer", // const char *target
      "buffer", // const void *data
      "u32", // uint32_t is_adc
      "u32", // uint32_t waveforms
      "u32", // uint32_t channels
      "u32", // uint32_t samples
      "f64", // double interval_ns
    ],
    result: "u32",
  },
  picosim_expected: {
    parameters: [
      "buffer", // const char *target
      "u32", // uint32_t channel
      "f64", // double capture
      "u32", // uint32_t forced
      "u32", // uint32_t first
      "u32", // uint32_t count
      "buffer", // int16_t *out
    ],
    result: "i32",
  },
  picosim_expected_stream: {
    parameters: [
      "buffer", // const char *target
      "u32", // uint32_t channel
      "f64", // double first
      "u32", // uint32_t count
      "buffer", // int16_t *out
    ],
    result: "i32",
  },
  picosim_capture: {
    parameters: [
      "buffer", // const char *target
      "u32", // uint32_t index
      "buffer", // double *out
    ],
    result: "i32",
  },
} as const;

/** What a memory segment of a simulated unit holds. */
export interface SimulatedCapture {
  /** Number of the capture since the unit was opened, from 0. */
  readonly capture: number;
  /** Number of the waveform that it shows. */
  readonly waveform: number;
  /** Index in the waveform of the capture's first sample. */
  readonly firstSample: number;
  /** It was not triggered: by the automatic trigger, by noise, or because there is no trigger. */
  readonly forced: boolean;
  /** Samples from the start of the run to the trigger; time stamps are the same with another origin in each run. */
  readonly triggerSample: number;
  /** Events that were missed between the capture before and this one. */
  readonly missed: number;
  /** Time from the trigger to the next sample, in ps. */
  readonly triggerOffsetPs: number;
}

/** Waveforms that the inputs of a simulated unit are to show. */
export interface GivenWaveforms {
  /** ADC counts (int16) or mV at the input (float32), `[waveform][channel][sample]`. */
  readonly data: Int16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  /** Number of waveforms. */
  readonly waveforms: number;
  /** Number of channels, 1 to 8. */
  readonly channels: number;
  /** Samples of each. */
  readonly samples: number;
  /** Time between samples in ns. @default {0: one sample per sample of the instrument} */
  readonly intervalNs?: number;
}

const TEXT_BYTES = 512;
const CAPTURE_VALUES = 7;

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/**
 * Knobs and truth of a simulated library that is loaded in this process, by this or other code; `control.c` and `knobs.c` tell
 * of the keys. Targets are serial numbers, or "" for all units and those still to come (for readings: the first unit).
 */
export class Simulator {
  readonly #library: Deno.DynamicLibrary<typeof SIMULATOR_SYMBOLS>;

  /** Opens the library; see {@linkcode simulatorLibraryPath}. */
  constructor(path: string) {
    this.#library = Deno.dlopen(path, SIMULATOR_SYMBOLS);
  }

  /**
   * Turns a knob.
   *
   * @throws {RangeError} If there is no such unit or key, or the key does not take the value.
   */
  set(target: string, key: string, value: string | number): void {
    const status = this.#library.symbols.picosim_set(cString(target), cString(key), cString(String(value)));
    if (status === 0) return;
    const expected = status === 3 ? "the serial number of a unit" : "a key and a value of the simulator";
    throw new RangeError(
      `Cannot set "${key}" of the simulated unit "${target}" to "${value}": expected ${expected}, found none`,
    );
  }

  /** Reads a knob or a count as text; null if there is no such unit or key. */
  get(target: string, key: string): string | null {
    const text = new Uint8Array(TEXT_BYTES);
    const length = this.#library.symbols.picosim_get(cString(target), cString(key), text, text.length);
    return length < 0 ? null : new TextDecoder().decode(text.subarray(0, Math.min(length, TEXT_BYTES - 1)));
  }

  /** Reads a count; NaN if there is no such unit or key. */
  count(target: string, key: string): number {
    const text = this.get(target, key);
    return text === null ? NaN : Number(text);
  }

  /**
   * Gives the waveforms that the inputs show from the next run on. Triggered captures show those that the trigger takes, one
   * after the other, with the trigger at the capture's `pre`; captures without a trigger show all, from the first sample.
   *
   * @throws {RangeError} If the sizes do not fit, or there is no such unit.
   */
  setWaveforms(target: string, given: GivenWaveforms): void {
    const { data, waveforms, channels, samples, intervalNs = 0 } = given;
    if (data.length !== waveforms * channels * samples) {
      throw new RangeError(
        `Cannot give waveforms to the simulated unit "${target}": expected ${waveforms * channels * samples} values, ` +
          `found ${data.length}`,
      );
    }
    const isAdc = data instanceof Int16Array ? 1 : 0;
    const sizes = [waveforms, channels, samples] as const;
    const status = this.#library.symbols.picosim_waveforms(cString(target), data, isAdc, ...sizes, intervalNs);
    if (status === 0) return;
    throw new RangeError(
      `Cannot give waveforms to the simulated unit "${target}": expected a unit that is there and 1 to 8 channels, found ` +
        `${channels} channels`,
    );
  }

  /**
   * The ADC values that a capture must have, worked out afresh with the settings of the last block run.
   *
   * @param place Channel (0 = A), number of the capture since the unit was opened, and whether it was forced.
   * @returns The values, or null if there was no run or the range is outside of the capture.
   */
  expected(
    target: string,
    place: { channel: number; capture: number; forced?: boolean; first?: number; count: number },
  ): Int16Array | null {
    const values = new Int16Array(place.count);
    const { channel, capture, forced = false, first = 0 } = place;
    const symbols = this.#library.symbols;
    const written = symbols.picosim_expected(
      cString(target),
      channel,
      capture,
      forced ? 1 : 0,
      first,
      place.count,
      values,
    );
    return written < 0 ? null : values;
  }

  /** The ADC values that the last stream must have; null if there was none. */
  expectedStream(target: string, place: { channel: number; first: number; count: number }): Int16Array | null {
    const values = new Int16Array(place.count);
    const { channel, first, count } = place;
    const written = this.#library.symbols.picosim_expected_stream(cString(target), channel, first, count, values);
    return written < 0 ? null : values;
  }

  /** What a memory segment holds; null: nothing. */
  capture(target: string, segment: number): SimulatedCapture | null {
    const values = new Float64Array(CAPTURE_VALUES);
    if (this.#library.symbols.picosim_capture(cString(target), segment, values) !== 0) return null;
    const [capture, waveform, firstSample, forced, triggerSample, missed, triggerOffsetPs] = values;
    return { capture, waveform, firstSample, forced: forced !== 0, triggerSample, missed, triggerOffsetPs };
  }

  /** Gives the library back; it stays loaded as long as anybody else has it open. */
  close(): void {
    this.#library.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Commands and limits of the Red Pitaya DAQ server, a variant of the "mcpha" server that sends waveforms in sets. */

/** TCP port on which the server listens. */
export const SERVER_PORT = 1001;
/** Length of a command in bytes. */
export const COMMAND_BYTES = 8;
/** Time between samples of the converter, which runs at 125 MHz. */
export const ADC_SAMPLE_NS = 8;
/** How many converter samples can be averaged into one. */
export const DECIMATIONS = [1, 4, 8, 16, 32, 64, 128, 256] as const;
/** Limits of the trigger level in counts. */
export const TRIGGER_LEVEL = { min: -4096, max: 4095 } as const;
/** Samples that the server's memory holds. */
export const MOST_SAMPLES = 8_388_607;
/** The server reads the last samples of a waveform wrongly; so many more are asked for and thrown away. */
export const SURPLUS_SAMPLES = 100;
/** Bytes of one sample: an int16 for each input. */
export const SAMPLE_BYTES = 4;
/** Bytes of the answer to {@linkcode COMMAND}.readStatus. */
export const STATUS_BYTES = 36;
/** Where the state of the oscilloscope is in that answer: bit 0 is set while it waits for a trigger. */
export const STATUS_SCOPE_AT = 32;
/** Bins of a pulse-height histogram, which are uint32. */
export const HISTOGRAM_BINS = 4096;
/** Inputs in the order of their numbers. */
export const INPUTS = ["IN1", "IN2"] as const;

/** Name of an input. */
export type InputName = typeof INPUTS[number];

/** Codes of the commands. */
export const COMMAND = {
  resetHistogram: 0,
  resetTimer: 1,
  resetScope: 2,
  resetGenerator: 3,
  decimation: 4,
  negator: 5,
  phaDelay: 6,
  phaThresholdMin: 7,
  phaThresholdMax: 8,
  timer: 9,
  timerMode: 10,
  readStatus: 11,
  readHistogram: 12,
  triggerSource: 13,
  triggerSlope: 14,
  triggerMode: 15,
  triggerLevel: 16,
  preSamples: 17,
  totalSamples: 18,
  startScope: 19,
  readScope: 20,
  generatorFallTime: 21,
  generatorRiseTime: 22,
  generatorLowerLimit: 23,
  generatorUpperLimit: 24,
  generatorRate: 25,
  generatorDistribution: 26,
  resetSpectrum: 27,
  spectrumBin: 28,
  startGenerator: 29,
  stopGenerator: 30,
  startDaq: 31,
} as const;

/** One command. */
export interface Command {
  readonly code: number;
  /** Number of the input, where the command is for one. @default {0} */
  readonly channel?: number;
  /** Whole number; the server gets its lowest 52 bits. @default {0} */
  readonly value?: number;
}

/** Commands as the server reads them: each is one little-endian word `code << 56 | channel << 52 | value`. */
export function encodeCommands(commands: readonly Command[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(commands.length * COMMAND_BYTES);
  const view = new DataView(bytes.buffer);
  commands.forEach(({ code, channel = 0, value = 0 }, i) => {
    const word = BigInt(code) << 56n | BigInt(channel) << 52n | BigInt.asUintN(52, BigInt(value));
    view.setBigUint64(i * COMMAND_BYTES, word, true);
  });
  return bytes;
}

/** Reads one command back; the value as an unsigned number. */
export function decodeCommand(bytes: Uint8Array): Required<Command> {
  const word = new DataView(bytes.buffer, bytes.byteOffset, COMMAND_BYTES).getBigUint64(0, true);
  return {
    code: Number(word >> 56n),
    channel: Number(word >> 52n & 0xfn),
    value: Number(BigInt.asUintN(52, word)),
  };
}

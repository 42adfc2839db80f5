/** What a simulated Red Pitaya is like. */

/** Properties, all of which a setup can give under `simulator`. */
export interface SimulatorSettings {
  /** TCP port; 0: any free one. @default {0} */
  readonly port?: number;
  /** `pulses`: those of a scintillator with a caesium source at IN1, noise at IN2. `counting`: {@linkcode countingSample}. @default {"pulses"} */
  readonly signal?: "pulses" | "counting";
  /** Mean rate of pulses, which come at random; 0: one whenever one is waited for. @default {1000} */
  readonly rate_Hz?: number;
  /** Height of the full-energy peak in counts. @default {1986} */
  readonly height?: number;
  /** Standard deviation of the noise in counts. @default {5} */
  readonly noise?: number;
  /** Time from the beginning of a pulse to its peak in ns. @default {1600} */
  readonly peak_time_ns?: number;
  /** Makes pulses repeatable. @default {different each time} */
  readonly seed?: number;
  /** Data are sent in pieces of so many bytes; 0: whole. @default {0} */
  readonly segment_bytes?: number;
  /** Each waveform is sent in two pieces, the n-th one split behind its n-th byte. @default {false} */
  readonly split?: boolean;
  /** Each connection is closed after so many waveforms; 0: never. @default {0} */
  readonly disconnect_after?: number;
  /** The connection is closed in the middle of a waveform. @default {false} */
  readonly disconnect_within?: boolean;
  /** Nothing more is sent over a connection after so many waveforms and half another one; 0: never. @default {0} */
  readonly stall_after?: number;
  /** What the status request is answered with: as it should be, too short, nothing, or unasked data without end. @default {"right"} */
  readonly answer?: "right" | "short" | "none" | "endless";
}

/** Properties that a number must fit, and words that others must be. */
const NUMBERS = [
  "port",
  "rate_Hz",
  "height",
  "noise",
  "peak_time_ns",
  "seed",
  "segment_bytes",
  "disconnect_after",
  "stall_after",
] as const satisfies readonly (keyof SimulatorSettings)[];
const FLAGS = ["split", "disconnect_within"] as const satisfies readonly (keyof SimulatorSettings)[];
const WORDS: Readonly<Record<string, readonly string[]>> = {
  signal: ["pulses", "counting"],
  answer: ["right", "short", "none", "endless"],
};

/**
 * Checks properties that a user has written.
 *
 * @param found Keys and values.
 * @param problem Called for each key that is not right.
 */
export function readSimulatorSettings(
  found: Readonly<Record<string, unknown>>,
  problem: (key: string, expected: string) => void,
): SimulatorSettings {
  for (const [key, value] of Object.entries(found)) {
    if (NUMBERS.some((name) => name === key)) {
      if (typeof value !== "number" || !(value >= 0)) problem(key, "a number >= 0");
    } else if (FLAGS.some((name) => name === key)) {
      if (typeof value !== "boolean") problem(key, "true or false");
    } else if (Object.hasOwn(WORDS, key)) {
      if (!WORDS[key].includes(String(value))) problem(key, `one of ${WORDS[key].join(", ")}`);
    } else {
      problem(key, `absent; there are ${[...NUMBERS, ...FLAGS, ...Object.keys(WORDS)].join(", ")}`);
    }
  }
  return found;
}

/**
 * Sample of the signal `counting`.
 *
 * @param event Number of the waveform since the server was started, from 0.
 * @param i Number of the sample.
 * @param channel Number of the input, from 0.
 * @returns Counts, within 14 bits.
 */
export function countingSample(event: number, i: number, channel: number): number {
  return (event * (31 - 14 * channel) + i * (1 + 2 * channel)) % 16384 - 8192;
}

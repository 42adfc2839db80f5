/** What a PicoScope shall do, in the units of the laboratory. No family is mentioned here. */

/** Names of analogue channels. */
export const CHANNEL_NAMES = ["A", "B", "C", "D", "E", "F", "G", "H"] as const;

/** Name of an analogue channel. */
export type ChannelName = typeof CHANNEL_NAMES[number];

/** What can trigger: an analogue channel or the external input. */
export type TriggerSource = ChannelName | "EXT";

/** How a channel is coupled to its input. */
export type Coupling = "AC" | "DC" | "DC50";

/** One channel that is switched on. */
export interface ChannelSettings {
  readonly channel: ChannelName;
  /** Largest voltage of either sign, in mV. */
  readonly rangeMv: number;
  readonly coupling: Coupling;
  /** Voltage that is added to the input before it is digitised, in mV. */
  readonly offsetMv: number;
  /** Bandwidth limit in MHz; null: the full bandwidth. */
  readonly bandwidthMhz: number | null;
}

/** Edges and levels of one threshold. */
export const LEVEL_DIRECTIONS = ["above", "below", "rising", "falling", "rising_or_falling"] as const;

/** Edges and levels of a window. */
export const WINDOW_DIRECTIONS = ["inside", "outside", "enter", "exit", "enter_or_exit"] as const;

/** How a signal must meet one threshold. */
export type LevelDirection = typeof LEVEL_DIRECTIONS[number];

/** How a signal must meet a window. */
export type WindowDirection = typeof WINDOW_DIRECTIONS[number];

/** What one channel must do for a trigger. Levels are voltages at the converter: with the offset in them. */
export type TriggerTerm =
  & {
    readonly source: TriggerSource;
    /** How far the signal must go back before the next edge counts, in mV; null: as the device sees fit. */
    readonly hysteresisMv: number | null;
  }
  & (
    | { readonly kind: "level"; readonly direction: LevelDirection; readonly levelMv: number }
    | {
      readonly kind: "window";
      readonly direction: WindowDirection;
      readonly lowerMv: number;
      readonly upperMv: number;
    }
  );

/** When a capture begins. */
export interface TriggerSettings {
  /** Any of these groups triggers; a group does when all of its terms are fulfilled. Empty: captures follow each other. */
  readonly groups: readonly (readonly TriggerTerm[])[];
  /** Time from the trigger to sample number `preSamples`, in ns. */
  readonly delayNs: number;
  /** A capture begins at the latest so long after arming, in ms; 0: waits for ever. */
  readonly autoMs: number;
}

/** Waveforms of the signal generator. */
export const WAVES = [
  "sine",
  "square",
  "triangle",
  "ramp_up",
  "ramp_down",
  "sinc",
  "gaussian",
  "half_sine",
  "dc",
  "white_noise",
] as const;

/** Ways to sweep a frequency. */
export const SWEEPS = ["up", "down", "up_down", "down_up"] as const;

/** What the signal generator shall put out. */
export interface GeneratorSettings {
  readonly wave: typeof WAVES[number];
  readonly frequencyHz: number;
  readonly peakToPeakMv: number;
  readonly offsetMv: number;
  /** Frequencies up to which it goes in steps; null: it stays. */
  readonly sweep: {
    readonly kind: typeof SWEEPS[number];
    readonly stopFrequencyHz: number;
    readonly incrementHz: number;
    readonly dwellS: number;
  } | null;
}

/** Everything that a capture needs. */
export interface ScopeSettings {
  /** Vertical resolution in bits; null: as the device has it after opening. */
  readonly resolutionBits: number | null;
  /** The channels that are on; all others are switched off. */
  readonly channels: readonly ChannelSettings[];
  /** Samples of a capture and channel. */
  readonly samples: number;
  /** Those of them before the trigger. */
  readonly preSamples: number;
  /** Time between samples in ns; the nearest one that the device has is taken. Null: see `timebase`. */
  readonly sampleTimeNs: number | null;
  /** Number of the timebase, if no time is given. */
  readonly timebase: number | null;
  /** Largest relative difference between the time wanted and the one that the device has. */
  readonly sampleTimeTolerance: number;
  readonly trigger: TriggerSettings;
  /** Null: the generator is left alone. */
  readonly generator: GeneratorSettings | null;
}

/** What a device has made of a {@linkcode ChannelSettings}. */
export interface ChannelScale {
  readonly channel: ChannelName;
  readonly rangeMv: number;
  readonly offsetMv: number;
  /** mV of one ADC count; a voltage at the input is `count * mvPerCount - offsetMv`. */
  readonly mvPerCount: number;
}

/** What a device has made of the settings, read back from it. */
export interface ScopeReadback {
  readonly timebase: number;
  /** Time between samples as the device gives it. */
  readonly sampleTimeNs: number;
  /** Largest ADC value; the smallest one is its negative. */
  readonly maxCount: number;
  /** Resolution in bits; null if there is only one, or the unit does not tell. */
  readonly resolutionBits: number | null;
  readonly channels: readonly ChannelScale[];
  /** Samples of a channel that a memory segment holds. */
  readonly maxSamples: number;
  /** Captures that are taken in one go. */
  readonly captures: number;
}

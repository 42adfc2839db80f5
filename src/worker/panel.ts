/** What a function can put on display with `context.publish(name, panel)`. */

/** One display of a function's results; the newest state replaces the one before. */
export type Panel =
  | {
    readonly kind: "histogram";
    readonly title: string;
    readonly label: string;
    readonly min: number;
    readonly max: number;
    /** Entries per bin, from `min` to `max`. */
    readonly counts: Float64Array;
    readonly underflow: number;
    readonly overflow: number;
    readonly logScale: boolean;
  }
  | {
    readonly kind: "waveform";
    readonly title: string;
    readonly channels: Readonly<Record<string, Float32Array>>;
    readonly sampleTimeNs: number;
    readonly counter: number;
  }
  | { readonly kind: "xy"; readonly title: string; readonly x: Float64Array; readonly y: Float64Array }
  | {
    readonly kind: "histogram2d";
    readonly title: string;
    readonly xRange: readonly [number, number, number];
    readonly yRange: readonly [number, number, number];
    readonly counts: Float64Array;
  }
  | {
    readonly kind: "table";
    readonly title: string;
    readonly rows: readonly Readonly<Record<string, string | number>>[];
  }
  | { readonly kind: "value"; readonly title: string; readonly value: number | string; readonly unit?: string };

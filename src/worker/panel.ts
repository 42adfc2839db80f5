/** What a function can put on display with `context.publish(name, panel)`. */

/** One display of a function's results; the newest state replaces the one before. */
export type Panel =
  | {
    /** Counts of one variable in equal bins. */
    readonly kind: "histogram";
    /** Headline. */
    readonly title: string;
    /** Title of the axis, with its unit in brackets: `Tau (ns)`. */
    readonly label: string;
    /** Lower edge of the first bin, in the unit of the variable. */
    readonly min: number;
    /** Upper edge of the last bin. */
    readonly max: number;
    /** Entries per bin, from `min` to `max`. */
    readonly counts: Float64Array;
    /** Entries below `min`. */
    readonly underflow: number;
    /** Entries at or above `max`. */
    readonly overflow: number;
    /** Show the counts on a logarithmic axis. */
    readonly logScale: boolean;
  }
  | {
    /** One event as an oscilloscope shows it. */
    readonly kind: "waveform";
    /** Headline. */
    readonly title: string;
    /** Samples of each channel by name, in the unit of the ring's fields (mV); all of one length. */
    readonly channels: Readonly<Record<string, Float32Array>>;
    /** Time between samples. */
    readonly sampleTimeNs: number;
    /** Number of the event, from 0. */
    readonly counter: number;
  }
  | {
    /** Points, joined in their order. */
    readonly kind: "xy";
    /** Headline. */
    readonly title: string;
    /** Abscissas of the points. */
    readonly x: Float64Array;
    /** Ordinates of the points, as many. */
    readonly y: Float64Array;
  }
  | {
    /** Counts of two variables in equal bins. */
    readonly kind: "histogram2d";
    /** Headline. */
    readonly title: string;
    /** Range and number of bins of the first variable. */
    readonly xRange: readonly [min: number, max: number, bins: number];
    /** Range and number of bins of the second variable. */
    readonly yRange: readonly [min: number, max: number, bins: number];
    /** Entries per bin: all of the lowest y by rising x, then those of the next y. */
    readonly counts: Float64Array;
  }
  | {
    /** Texts and numbers in rows. */
    readonly kind: "table";
    /** Headline. */
    readonly title: string;
    /** Cells of each row by the title of their column; the first row has all columns in their order. */
    readonly rows: readonly Readonly<Record<string, string | number>>[];
  }
  | {
    /** A single result in large letters. */
    readonly kind: "value";
    /** What it is. */
    readonly title: string;
    /** The result, ready to be read. */
    readonly value: number | string;
    /** Stands behind the value. @default {none} */
    readonly unit?: string;
  };

/** Columns of properties of peaks. */

/** Names of the properties of a peak, as SciPy calls them and as they are called here. */
export const PEAK_PROPERTIES = {
  peak_heights: "peakHeights",
  left_thresholds: "leftThresholds",
  right_thresholds: "rightThresholds",
  prominences: "prominences",
  left_bases: "leftBases",
  right_bases: "rightBases",
  widths: "widths",
  width_heights: "widthHeights",
  left_ips: "leftIps",
  right_ips: "rightIps",
  plateau_sizes: "plateauSizes",
  left_edges: "leftEdges",
  right_edges: "rightEdges",
} as const;

/** Name of a property of a peak. */
export type PeakProperty = (typeof PEAK_PROPERTIES)[keyof typeof PEAK_PROPERTIES];

/**
 * Table of peaks in preallocated memory: row `i` is the i-th peak in order of position, rows from `count` on are old.
 * Positions, edges and bases are indices of samples.
 */
export class PeakTable {
  /** Rows in use. */
  count = 0;
  /** Sample of the peak; the middle one of a flat top, the left one of two middle ones. */
  readonly positions: Int32Array;
  /** Value of the signal at the peak. */
  readonly peakHeights: Float64Array;
  /** Height of the peak above the sample before it. */
  readonly leftThresholds: Float64Array;
  /** Height of the peak above the sample after it. */
  readonly rightThresholds: Float64Array;
  /** Height of the peak above the higher one of its two bases. */
  readonly prominences: Float64Array;
  /** Lowest sample between the peak and higher ground on the left (or the limit of the search), the nearest of equals. */
  readonly leftBases: Int32Array;
  /** The same on the right. */
  readonly rightBases: Int32Array;
  /** Distance of the two crossings in samples. */
  readonly widths: Float64Array;
  /** Level at which the width was measured. */
  readonly widthHeights: Float64Array;
  /** Where the signal crosses that level on the left, interpolated between samples. */
  readonly leftIps: Float64Array;
  /** The same on the right. */
  readonly rightIps: Float64Array;
  /** Number of equal samples on top. */
  readonly plateauSizes: Int32Array;
  /** First sample of the top. */
  readonly leftEdges: Int32Array;
  /** Last sample of the top. */
  readonly rightEdges: Int32Array;
  /** Number of valleys (stretches too low for peaks) to the left of the peak. */
  readonly valleysBefore: Int32Array;
  /** 1 if the distance rule may still remove the peak. */
  readonly undecided: Uint8Array;

  readonly #columns: readonly (Int32Array | Float64Array | Uint8Array)[];

  /**
   * Makes an empty table.
   *
   * @param capacity Most rows that the table can hold.
   */
  constructor(capacity: number) {
    this.positions = new Int32Array(capacity);
    this.peakHeights = new Float64Array(capacity);
    this.leftThresholds = new Float64Array(capacity);
    this.rightThresholds = new Float64Array(capacity);
    this.prominences = new Float64Array(capacity);
    this.leftBases = new Int32Array(capacity);
    this.rightBases = new Int32Array(capacity);
    this.widths = new Float64Array(capacity);
    this.widthHeights = new Float64Array(capacity);
    this.leftIps = new Float64Array(capacity);
    this.rightIps = new Float64Array(capacity);
    this.plateauSizes = new Int32Array(capacity);
    this.leftEdges = new Int32Array(capacity);
    this.rightEdges = new Int32Array(capacity);
    this.valleysBefore = new Int32Array(capacity);
    this.undecided = new Uint8Array(capacity);
    this.#columns = [
      this.positions,
      this.valleysBefore,
      this.undecided,
      ...Object.values(PEAK_PROPERTIES).map((name) => this[name]),
    ];
  }

  /** Copies row `from` over row `to`. */
  moveRow(from: number, to: number): void {
    if (from === to) return;
    for (let i = 0; i < this.#columns.length; i++) {
      const column = this.#columns[i];
      column[to] = column[from];
    }
  }
}

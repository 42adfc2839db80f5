/** Persistence: many waveforms folded into one map of intensities. */

const COLUMNS = 500;
const ROWS = 256;

/** Counts how often the trace of each channel passes each cell of voltage and time. */
export class FoldMap {
  readonly columns: number;
  readonly rows: number = ROWS;
  readonly low: number;
  readonly high: number;
  readonly channels: number;
  /** channels × rows × columns; row 0 is the lowest. */
  readonly hits: Uint32Array<ArrayBuffer>;
  #waveforms = 0;

  /**
   * An empty map.
   *
   * @param channels Number of channels.
   * @param samples Samples of a waveform.
   * @param range Voltages at the lower and upper edge.
   */
  constructor(channels: number, samples: number, range: { readonly low: number; readonly high: number }) {
    this.channels = channels;
    this.columns = Math.min(COLUMNS, samples);
    this.low = range.low;
    this.high = range.high;
    this.hits = new Uint32Array(channels * this.rows * this.columns);
  }

  /** Waveforms folded so far. */
  get waveforms(): number {
    return this.#waveforms;
  }

  /** Adds an event: one column per channel. What is outside of the range is not drawn. */
  add(columns: readonly ArrayLike<number | bigint>[]): void {
    this.#waveforms++;
    const scale = this.rows / (this.high - this.low);
    for (let channel = 0; channel < this.channels; channel++) {
      const values = columns[channel] as ArrayLike<number>;
      const samples = values.length;
      const begin = channel * this.rows * this.columns;
      let before = NaN;
      for (let i = 0; i < samples; i++) {
        const row = Math.floor((Number(values[i]) - this.low) * scale);
        const column = begin + Math.floor(i * this.columns / samples);
        if (row >= 0 && row < this.rows) this.hits[column + row * this.columns]++;
        // Flanks are lines, as they are on the screen of an oscilloscope.
        if (Math.abs(row - before) > 1) this.#addFlank(column, Math.min(row, before) + 1, Math.max(row, before));
        before = row;
      }
    }
  }

  /** Counts the rows between two samples. */
  #addFlank(column: number, from: number, to: number): void {
    const end = Math.min(to, this.rows);
    for (let row = Math.max(0, from); row < end; row++) this.hits[column + row * this.columns]++;
  }
}

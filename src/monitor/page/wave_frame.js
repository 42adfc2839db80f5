// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** Reads the binary frames that `wave_frame.ts` describes. */

/**
 * @typedef {object} Waveform
 * @property {"waveform"} kind
 * @property {number} ringNumber
 * @property {number} seq
 * @property {number} counter
 * @property {number} timestamp
 * @property {number} rateHz NaN: not known
 * @property {Float32Array[]} channels
 */

/**
 * @typedef {object} IntensityMap
 * @property {"map"} kind
 * @property {number} ringNumber
 * @property {number} seq
 * @property {number} waveforms
 * @property {number} low
 * @property {number} high
 * @property {number} columns
 * @property {number} rows
 * @property {Uint8Array[]} channels
 */

const WAVEFORM_HEADER_BYTES = 40;
const MAP_HEADER_BYTES = 48;

/**
 * @param {ArrayBuffer} buffer
 * @returns {Waveform | IntensityMap | null} Null for frames of a kind that this page does not know.
 */
export function decodeFrame(buffer) {
  const view = new DataView(buffer);
  const kind = view.getUint8(0);
  const ringNumber = view.getUint16(2, true);
  const seq = view.getUint32(4, true);
  const count = view.getUint32(32, true);
  if (kind === 1) {
    const samples = view.getUint32(36, true);
    return {
      kind: "waveform",
      ringNumber,
      seq,
      counter: view.getFloat64(8, true),
      timestamp: view.getFloat64(16, true),
      rateHz: view.getFloat64(24, true),
      channels: Array.from(
        { length: count },
        (_, i) => new Float32Array(buffer, WAVEFORM_HEADER_BYTES + 4 * i * samples, samples),
      ),
    };
  }
  if (kind !== 2) return null;
  const columns = view.getUint32(36, true);
  const rows = view.getUint32(40, true);
  return {
    kind: "map",
    ringNumber,
    seq,
    waveforms: view.getFloat64(8, true),
    low: view.getFloat64(16, true),
    high: view.getFloat64(24, true),
    columns,
    rows,
    channels: Array.from(
      { length: count },
      (_, i) => new Uint8Array(buffer, MAP_HEADER_BYTES + i * columns * rows, columns * rows),
    ),
  };
}

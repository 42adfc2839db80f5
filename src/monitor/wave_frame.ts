/**
 * Binary frames for the page: waveforms and intensity maps. All numbers are little-endian. Both begin with
 *
 *     0  u8   kind: 1 waveform, 2 map
 *     2  u16  number of the ring in the hello message
 *     4  u32  number of the frame, to be acknowledged
 *
 * A waveform goes on with
 *
 *     8  f64  counter of the event      16 f64  timestamp, s      24 f64  events per second (NaN: not known)
 *     32 u32  channels                  36 u32  samples           40      channels × samples f32
 *
 * and a map with
 *
 *     8  f64  waveforms folded          16 f64  low, mV           24 f64  high, mV
 *     32 u32  channels    36 u32 columns    40 u32 rows   44 u32 unused   48   channels × rows × columns u8
 *
 * where row 0 is the lowest voltage and a cell is 0 without hits, else 1 + 254·log(hits)/log(most hits).
 */

/** First byte of a frame. */
export const FRAME_WAVEFORM = 1;
export const FRAME_MAP = 2;
/** Where the samples and the cells begin. */
export const WAVEFORM_HEADER_BYTES = 40;
export const MAP_HEADER_BYTES = 48;

const SEQ_OFFSET = 4;

/** An event to be shown. */
export interface WaveformToSend {
  readonly ringNumber: number;
  readonly counter: number;
  readonly timestamp: number;
  readonly rateHz: number | null;
  /** One column per channel, all of one length. */
  readonly channels: readonly ArrayLike<number | bigint>[];
}

/** Writes the frame of an event; its number is set by {@linkcode numberFrame}. */
export function encodeWaveform(event: WaveformToSend): Uint8Array<ArrayBuffer> {
  const { ringNumber, counter, timestamp, rateHz, channels } = event;
  const samples = channels[0]?.length ?? 0;
  const buffer = new ArrayBuffer(WAVEFORM_HEADER_BYTES + 4 * channels.length * samples);
  const view = new DataView(buffer);
  view.setUint8(0, FRAME_WAVEFORM);
  view.setUint16(2, ringNumber, true);
  view.setFloat64(8, counter, true);
  view.setFloat64(16, timestamp, true);
  view.setFloat64(24, rateHz ?? NaN, true);
  view.setUint32(32, channels.length, true);
  view.setUint32(36, samples, true);
  for (const [i, column] of channels.entries()) {
    const values = new Float32Array(buffer, WAVEFORM_HEADER_BYTES + 4 * i * samples, samples);
    if (isBigIntColumn(column)) { for (let k = 0; k < samples; k++) values[k] = Number(column[k]); }
    else values.set(column as ArrayLike<number>);
  }
  return new Uint8Array(buffer);
}

/** Gives a frame its number. Frames that go to several pages are numbered and sent one after the other. */
export function numberFrame(frame: Uint8Array<ArrayBuffer>, seq: number): void {
  new DataView(frame.buffer).setUint32(SEQ_OFFSET, seq, true);
}

/** An intensity map to be shown. */
export interface MapToSend {
  readonly ringNumber: number;
  readonly waveforms: number;
  readonly low: number;
  readonly high: number;
  readonly channels: number;
  readonly columns: number;
  readonly rows: number;
  /** channels × rows × columns. */
  readonly hits: Uint32Array;
}

/** Writes the frame of a map. */
export function encodeMap(map: MapToSend): Uint8Array<ArrayBuffer> {
  const { hits } = map;
  const frame = new Uint8Array(MAP_HEADER_BYTES + hits.length);
  const view = new DataView(frame.buffer);
  view.setUint8(0, FRAME_MAP);
  view.setUint16(2, map.ringNumber, true);
  view.setFloat64(8, map.waveforms, true);
  view.setFloat64(16, map.low, true);
  view.setFloat64(24, map.high, true);
  view.setUint32(32, map.channels, true);
  view.setUint32(36, map.columns, true);
  view.setUint32(40, map.rows, true);
  let most = 1;
  for (let i = 0; i < hits.length; i++) if (hits[i] > most) most = hits[i];
  const scale = most > 1 ? 254 / Math.log(most) : 254;
  for (let i = 0; i < hits.length; i++) {
    if (hits[i] > 0) frame[MAP_HEADER_BYTES + i] = most > 1 ? 1 + Math.log(hits[i]) * scale : 255;
  }
  return frame;
}

function isBigIntColumn(column: ArrayLike<number | bigint>): column is BigInt64Array {
  return column instanceof BigInt64Array || column instanceof BigUint64Array;
}

/** Writes `.mimo` files as mimoCoRB2's data.export does. */
import type { StoredEvent } from "../../src/files/event_reader.ts";

const FILE_OF_FOUR_CHANNELS = `${import.meta.dirname}/../data/files/v2_waveforms.mimo`;
/** What stands before and after the number of values in the header of that file. */
const BEFORE_LENGTH = "data_length\x94";
const SHORT_LENGTH = "K\x06";
const FRAME_LENGTH_AT = 3;
const HEADER_END = "metadata_length\x94K\x01u.";

/**
 * Writes waveforms of the fields chA to chD (float32).
 *
 * @param events With columns of the same length.
 */
export function writeMimoFile(
  path: string,
  events: readonly Pick<StoredEvent, "counter" | "timestamp" | "deadtime" | "data">[],
): void {
  const samples = events[0].data.chA.length;
  const records = events.map(({ counter, timestamp, deadtime, data }) => {
    const { chA, chB, chC, chD } = data;
    const channels = [chA, chB, chC, chD];
    const bytes = new DataView(new ArrayBuffer(samples * 16 + 24));
    for (let i = 0; i < samples * 4; i++) bytes.setFloat32(4 * i, Number(channels[i % 4][i >> 2]), true);
    bytes.setBigInt64(samples * 16, BigInt(counter), true);
    bytes.setFloat64(samples * 16 + 8, timestamp, true);
    bytes.setFloat64(samples * 16 + 16, deadtime, true);
    return new Uint8Array(bytes.buffer);
  });
  Deno.writeFileSync(path, mimoHeader(samples));
  for (const record of records) Deno.writeFileSync(path, record, { append: true });
}

/** The header of a real file with another number of values. */
function mimoHeader(samples: number): Uint8Array<ArrayBuffer> {
  const text = String.fromCharCode(...Deno.readFileSync(FILE_OF_FOUR_CHANNELS));
  const header = text.slice(0, text.indexOf(HEADER_END) + HEADER_END.length);
  const length = `M${String.fromCharCode(samples & 0xff, samples >> 8)}`;
  const changed = header.replace(BEFORE_LENGTH + SHORT_LENGTH, () => BEFORE_LENGTH + length);
  const bytes = Uint8Array.from(changed, (letter) => letter.charCodeAt(0));
  const frame = new DataView(bytes.buffer);
  frame.setUint16(FRAME_LENGTH_AT, frame.getUint16(FRAME_LENGTH_AT, true) + changed.length - header.length, true);
  return bytes;
}

/** Copies between records that lie one value after the other and columns. */
import type { FieldType } from "../record/field_type.ts";

type Words = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/**
 * Picks one field out of an array of structures, bit by bit as it is: values are moved as whole numbers of up to four bytes,
 * so that no NaN changes on the way.
 */
export class StridedCopy {
  readonly #source: Words;
  readonly #first: number;
  readonly #stride: number;
  readonly #wordsPerValue: number;

  /**
   * @param memory Memory that will hold the structures, from its beginning on.
   * @param field Type of the field, and where it lies in each structure.
   * @param stride Bytes from one structure to the next.
   */
  constructor(memory: ArrayBuffer, field: { readonly type: FieldType; readonly offset: number }, stride: number) {
    const { type: { valueBytes }, offset } = field;
    const wordBytes = [4, 2, 1].find((bytes) => (valueBytes | offset | stride) % bytes === 0)!;
    this.#source = wordsOf(memory, 0, { wordBytes, length: Math.floor(memory.byteLength / wordBytes) });
    this.#first = offset / wordBytes;
    this.#stride = stride / wordBytes;
    this.#wordsPerValue = valueBytes / wordBytes;
  }

  /** Sees a column in the words that are moved. */
  targetOf(column: { readonly buffer: ArrayBuffer; readonly byteOffset: number; readonly byteLength: number }): Words {
    const wordBytes = this.#source.BYTES_PER_ELEMENT;
    return wordsOf(column.buffer, column.byteOffset, { wordBytes, length: column.byteLength / wordBytes });
  }

  /** Fills a column. */
  copy(target: Words): void {
    const source = this.#source;
    const words = this.#wordsPerValue;
    for (let from = this.#first, to = 0; to < target.length; from += this.#stride, to += words) {
      for (let word = 0; word < words; word++) target[to + word] = source[from + word];
    }
  }
}

function wordsOf(
  buffer: ArrayBuffer,
  offset: number,
  { wordBytes, length }: { readonly wordBytes: number; readonly length: number },
): Words {
  if (wordBytes === 4) return new Uint32Array(buffer, offset, length);
  return wordBytes === 2 ? new Uint16Array(buffer, offset, length) : new Uint8Array(buffer, offset, length);
}

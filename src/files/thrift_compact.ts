/** Encoder for Thrift's compact protocol, in which Parquet writes its page headers and its footer. */

/** Type codes of the protocol. */
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** Largest list whose length fits into the list header's own byte. */
const SHORT_LIST = 14;

/**
 * Writes one Thrift struct. Fields must come in ascending order of their numbers; numbers must be safe integers.
 *
 * Source of the encoding: "Thrift Compact protocol" of the Apache Thrift specification.
 */
export class ThriftStruct {
  readonly #bytes: number[] = [];
  #lastField = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Writes a truth value. */
  bool(field: number, value: boolean): this {
    this.#header(field, value ? TRUE : FALSE);
    return this;
  }

  /** Writes a signed byte. */
  byte(field: number, value: number): this {
    this.#header(field, BYTE);
    this.#bytes.push(value & 0xff);
    return this;
  }

  /** Writes a 32-bit integer. */
  i32(field: number, value: number): this {
    this.#header(field, I32);
    this.#zigzag(value);
    return this;
  }

  /** Writes a 64-bit integer that a number can hold exactly. */
  i64(field: number, value: number): this {
    this.#header(field, I64);
    this.#zigzag(value);
    return this;
  }

  /** Writes a text as UTF-8. */
  text(field: number, value: string): this {
    this.#header(field, BINARY);
    this.#text(value);
    return this;
  }

  /** Writes a struct inside the struct. */
  struct(field: number, value: ThriftStruct): this {
    this.#header(field, STRUCT);
    this.#append(value);
    return this;
  }

  /** Writes a list of structs. */
  structs(field: number, values: readonly ThriftStruct[]): this {
    this.#listHeader(field, STRUCT, values.length);
    for (const value of values) this.#append(value);
    return this;
  }

  /** Writes a list of 32-bit integers. */
  i32s(field: number, values: readonly number[]): this {
    this.#listHeader(field, I32, values.length);
    for (const value of values) this.#zigzag(value);
    return this;
  }

  /** Writes a list of texts. */
  texts(field: number, values: readonly string[]): this {
    this.#listHeader(field, BINARY, values.length);
    for (const value of values) this.#text(value);
    return this;
  }

  /** The struct's bytes, its end mark included. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from([...this.#bytes, 0]);
  }

  #header(field: number, type: number): void {
    const step = field - this.#lastField;
    if (step > 0 && step <= 15) {
      this.#bytes.push(step << 4 | type);
    } else {
      this.#bytes.push(type);
      this.#zigzag(field);
    }
    this.#lastField = field;
  }

  #listHeader(field: number, type: number, length: number): void {
    this.#header(field, LIST);
    if (length <= SHORT_LIST) {
      this.#bytes.push(length << 4 | type);
    } else {
      this.#bytes.push(0xf0 | type);
      this.#varint(length);
    }
  }

  #append(value: ThriftStruct): void {
    for (const byte of value.#bytes) this.#bytes.push(byte);
    this.#bytes.push(0);
  }

  #text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.#varint(bytes.length);
    for (const byte of bytes) this.#bytes.push(byte);
  }

  #zigzag(value: number): void {
    this.#varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Seven bits a byte, lowest first; divides, because shifts would cut the value to 32 bits. */
  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes.push(rest % 0x80 | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes.push(rest);
  }
}

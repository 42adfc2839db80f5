/** What a format cannot hold of an event. */
import type { Columns, RecordField, RecordLayout } from "../record/record_layout.ts";
import type { StoredEvent } from "./event_reader.ts";

/** What a format lacks. */
export interface FormatLimits {
  /** Its name, for messages. */
  readonly name: string;
  /** Truth values have one bit. */
  readonly hasBitsForTruth: boolean;
  /** Values are text: bytes must be UTF-8, and there is one NaN only. */
  readonly isText: boolean;
  /** It has no place for the mark of redelivered events. */
  readonly losesRedelivered: boolean;
}

/** Checks one field of an event; throws if it does not fit. */
type FieldCheck = (event: StoredEvent) => void;

const decoder = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

/**
 * Checks events before they are converted: what would become another value is refused, what can be told from the events'
 * number is counted.
 */
export class ValueFit {
  readonly #limits: FormatLimits;
  readonly #checks: readonly FieldCheck[];
  #redelivered = 0;
  #otherNaNs = 0;

  /** For events of a layout. */
  constructor(layout: RecordLayout, limits: FormatLimits) {
    this.#limits = limits;
    this.#checks = layout.fields.flatMap((field) => this.#checksOf(field));
  }

  /** What was left out so far, as sentences. */
  get losses(): readonly string[] {
    const { name } = this.#limits;
    const losses: string[] = [];
    if (this.#redelivered > 0) {
      losses.push(`${this.#redelivered} events are marked as redelivered; ${name} has no such mark`);
    }
    if (this.#otherNaNs > 0) {
      losses.push(`${this.#otherNaNs} values are NaN with a sign or a number; ${name} has only nan`);
    }
    return losses;
  }

  /**
   * Looks at an event.
   *
   * @throws {TypeError} If it has a value that the format cannot hold; the message has field and counter.
   */
  check(event: StoredEvent): void {
    if (event.redelivered && this.#limits.losesRedelivered) this.#redelivered++;
    for (const check of this.#checks) check(event);
  }

  #checksOf(field: RecordField): FieldCheck[] {
    const { kind } = field.type;
    if (kind === "bool" && this.#limits.hasBitsForTruth) return [(event) => this.#checkTruth(field, event)];
    if (!this.#limits.isText) return [];
    if (kind === "bytes") return [(event) => this.#checkText(field, event)];
    return kind === "float" || kind === "complex" ? [(event) => this.#countNaNs(field, event.data)] : [];
  }

  #checkTruth({ name }: RecordField, event: StoredEvent): void {
    const column = event.data[name];
    for (let i = 0; i < column.length; i++) {
      if (column[i] > 1) throw this.#misfit(name, event, { expected: "0 or 1", found: String(column[i]) });
    }
  }

  #checkText({ name }: RecordField, event: StoredEvent): void {
    const bytes = event.data[name] as Uint8Array;
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end--;
    if (isExactText(bytes.subarray(0, end))) return;
    const found = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw this.#misfit(name, event, { expected: "text in UTF-8", found });
  }

  /** The plain NaN, which reading gives back, has all bits of the exponent and the highest one of the fraction. */
  #countNaNs({ columnBytes, name }: RecordField, data: Columns): void {
    const column = data[name];
    for (let i = 0; i < column.length; i++) {
      if (!Number.isNaN(column[i])) continue;
      const size = columnBytes / column.length;
      const view = new DataView(column.buffer, column.byteOffset + i * size, size);
      const isPlain = size === 2
        ? view.getUint16(0, true) === 0x7e00
        : size === 4
        ? view.getUint32(0, true) === 0x7fc00000
        : view.getBigUint64(0, true) === 0x7ff8000000000000n;
      if (!isPlain) this.#otherNaNs++;
    }
  }

  #misfit(field: string, event: StoredEvent, { expected, found }: { expected: string; found: string }): TypeError {
    return new TypeError(
      `Cannot write the event with counter ${event.counter} as ${this.#limits.name}: expected ${expected} in field ` +
        `"${field}", found ${found}; a journal holds everything`,
    );
  }
}

function isExactText(bytes: Uint8Array): boolean {
  try {
    const again = encoder.encode(decoder.decode(bytes));
    return again.length === bytes.length && again.every((byte, i) => byte === bytes[i]);
  } catch {
    return false;
  }
}

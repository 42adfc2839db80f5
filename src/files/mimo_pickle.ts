/**
 * Reader of the pickle at the beginning of a `.mimo` file. Python's format is a program for a small machine; here only those
 * instructions exist that build the header of such a file, and the only object that can be made is a `numpy.dtype`, as plain
 * data. Nothing is ever called.
 */

/** A `numpy.dtype` as the pickle describes it. */
export class PickledDtype {
  /** What it was made of: `["V16", false, true]`. */
  readonly args: readonly PickledValue[];
  /** What it was given afterwards: version, byte order, subtype, names, fields, size, alignment, flags. */
  state: readonly PickledValue[] = [];

  /** Notes what a dtype is made of. */
  constructor(args: readonly PickledValue[]) {
    this.args = args;
  }
}

/** A name of Python's that was looked up; of all names only `numpy.dtype` is known. */
const NUMPY_DTYPE = Symbol("numpy.dtype");

/** What the stack of the machine can hold. */
export type PickledValue =
  | number
  | string
  | boolean
  | null
  | PickledDtype
  | readonly PickledValue[]
  | ReadonlyMap<PickledValue, PickledValue>
  | typeof NUMPY_DTYPE;

/** What was read, and where the pickle ends. */
export interface PickleResult {
  readonly value: PickledValue;
  readonly end: number;
}

/** Thrown for a pickle that is not understood; the reader of the file adds its name. */
export class PickleError extends Error {
  /** Byte of the pickle that was not understood. */
  readonly offset: number;

  /** Notes what was found instead of something that is understood. */
  constructor(found: string, offset: number) {
    super(found);
    this.name = "PickleError";
    this.offset = offset;
  }
}

/** More instructions than any header needs, so that damaged data do not fill the memory. */
const MOST_VALUES = 1 << 16;

const PROTOCOLS = { least: 2, greatest: 5 };

/**
 * Runs a pickle.
 *
 * @param bytes Begins with the pickle; more may follow.
 * @throws {PickleError} If there is anything in it that the header of a `.mimo` file does not need; it has the byte.
 */
export function readPickle(bytes: Uint8Array): PickleResult {
  return new PickleMachine(bytes).run();
}

class PickleMachine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  /** Where the instruction begins that is carried out. */
  #instruction = 0;
  #stack: PickledValue[] = [];
  readonly #marks: PickledValue[][] = [];
  readonly #memo = new Map<number, PickledValue>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  run(): PickleResult {
    for (let count = 0; count < MOST_VALUES; count++) {
      this.#instruction = this.#at;
      const opcode = this.#bytes[this.#take(1)];
      if (opcode === 0x2e) { // STOP
        const value = this.#pop();
        if (this.#stack.length > 0 || this.#marks.length > 0) throw this.#error("values that belong to nothing");
        return { value, end: this.#at };
      }
      this.#carryOut(opcode);
    }
    throw this.#error("more instructions than such a header has");
  }

  #carryOut(opcode: number): void {
    switch (opcode) {
      case 0x80: // PROTO
        return this.#checkProtocol(this.#bytes[this.#take(1)]);
      case 0x95: // FRAME: the length of what follows, which needs no attention here
        return void this.#take(8);
      case 0x28: // MARK
        this.#marks.push(this.#stack);
        this.#stack = [];
        return;
      case 0x94: // MEMOIZE
        return this.#remember(this.#memo.size);
      case 0x71: // BINPUT
        return this.#remember(this.#bytes[this.#take(1)]);
      case 0x72: // LONG_BINPUT
        return this.#remember(this.#view.getUint32(this.#take(4), true));
      case 0x68: // BINGET
        return this.#recall(this.#bytes[this.#take(1)]);
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#view.getUint32(this.#take(4), true));
      case 0x73: // SETITEM
        return this.#setItems(this.#stack.splice(-2));
      case 0x75: // SETITEMS
        return this.#setItems(this.#sinceMark());
      case 0x52: // REDUCE
        return this.#makeDtype();
      case 0x62: // BUILD
        return this.#build();
      default: {
        const value = this.#valueOf(opcode); // which may change the stack
        this.#stack.push(value);
      }
    }
  }

  #valueOf(opcode: number): PickledValue {
    switch (opcode) {
      case 0x4e: // NONE
        return null;
      case 0x88: // NEWTRUE
        return true;
      case 0x89: // NEWFALSE
        return false;
      case 0x4b: // BININT1
        return this.#bytes[this.#take(1)];
      case 0x4d: // BININT2
        return this.#view.getUint16(this.#take(2), true);
      case 0x4a: // BININT
        return this.#view.getInt32(this.#take(4), true);
      case 0x8a: // LONG1
        return this.#integer(this.#bytes[this.#take(1)]);
      case 0x8c: // SHORT_BINUNICODE
        return this.#text(this.#bytes[this.#take(1)]);
      case 0x58: // BINUNICODE
        return this.#text(this.#view.getUint32(this.#take(4), true));
      case 0x7d: // EMPTY_DICT
        return new Map();
      case 0x29: // EMPTY_TUPLE
        return [];
      case 0x85: // TUPLE1, TUPLE2, TUPLE3
      case 0x86:
      case 0x87:
        return this.#popMany(opcode - 0x84);
      case 0x74: // TUPLE
        return this.#sinceMark();
      case 0x63: // GLOBAL
        return this.#lookUp(this.#line(), this.#line());
      case 0x93: { // STACK_GLOBAL
        const [module, name] = this.#popMany(2);
        return this.#lookUp(module, name);
      }
      default:
        throw this.#error(`instruction 0x${opcode.toString(16).padStart(2, "0")}`);
    }
  }

  #checkProtocol(protocol: number): void {
    if (protocol >= PROTOCOLS.least && protocol <= PROTOCOLS.greatest) return;
    throw this.#error(`version ${protocol} of the pickle format`);
  }

  #lookUp(module: PickledValue, name: PickledValue): PickledValue {
    if (module === "numpy" && name === "dtype") return NUMPY_DTYPE;
    throw this.#error(`an object of "${String(module)}.${String(name)}"`);
  }

  #makeDtype(): void {
    const [made, args] = this.#popMany(2);
    if (made !== NUMPY_DTYPE || !Array.isArray(args)) throw this.#error("a call of something else than numpy.dtype");
    this.#stack.push(new PickledDtype(args));
  }

  #build(): void {
    const state = this.#pop();
    const target = this.#stack.at(-1);
    if (!(target instanceof PickledDtype) || !Array.isArray(state)) {
      throw this.#error("the state of something else than a numpy.dtype");
    }
    target.state = state;
  }

  #setItems(items: readonly PickledValue[]): void {
    const target = this.#stack.at(-1);
    if (!(target instanceof Map) || items.length % 2 !== 0) throw this.#error("entries of something else than a dict");
    for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1]);
  }

  #remember(place: number): void {
    const value = this.#stack.at(-1);
    if (value === undefined) throw this.#error("nothing to be remembered");
    this.#memo.set(place, value);
  }

  #recall(place: number): void {
    const value = this.#memo.get(place);
    if (value === undefined) throw this.#error("a value that was not remembered");
    this.#stack.push(value);
  }

  #sinceMark(): PickledValue[] {
    const before = this.#marks.pop();
    if (before === undefined) throw this.#error("a list without a beginning");
    const items = this.#stack;
    this.#stack = before;
    return items;
  }

  #pop(): PickledValue {
    return this.#popMany(1)[0];
  }

  #popMany(count: number): PickledValue[] {
    if (this.#stack.length < count) throw this.#error("a value missing");
    return this.#stack.splice(-count);
  }

  #integer(length: number): number {
    if (length > 8) throw this.#error(`an integer of ${length} bytes`);
    const from = this.#take(length);
    let value = 0n;
    for (let i = 0; i < length; i++) value |= BigInt(this.#bytes[from + i]) << BigInt(8 * i);
    return Number(BigInt.asIntN(8 * length, value));
  }

  #text(length: number): string {
    const from = this.#take(length);
    return new TextDecoder().decode(this.#bytes.subarray(from, from + length));
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.#error("a name without an end");
    const text = new TextDecoder().decode(this.#bytes.subarray(this.#at, end));
    this.#at = end + 1;
    return text;
  }

  /** Steps over so many bytes and returns where they begin. */
  #take(length: number): number {
    const from = this.#at;
    if (from + length > this.#bytes.length) throw this.#error("the end of the file");
    this.#at += length;
    return from;
  }

  #error(found: string): PickleError {
    return new PickleError(found, this.#instruction);
  }
}

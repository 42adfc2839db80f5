/** Opens simulated vendor libraries for tests: every test gets a copy of its own, so that no state is shared. */
import { assertEquals } from "../../src/std/assert.js";
import {
  Simulator,
  type SimulatorFamily,
  simulatorFlags,
  simulatorLibraryPath,
  simulatorSources,
} from "../../drivers/picoscope/simulator/open_simulator.ts";

export const FAMILIES: readonly SimulatorFamily[] = ["ps2000a", "ps3000a", "ps4000a", "ps5000a", "ps6000a", "psospa"];
export const A_FAMILIES: readonly SimulatorFamily[] = ["ps2000a", "ps3000a", "ps4000a", "ps5000a"];

type CType = "i16" | "u16" | "i32" | "u32" | "i64" | "u64" | "u8" | "f32" | "f64" | "pointer" | "function";
export type Signatures = Record<string, { parameters: CType[]; result: "u32" }>;
type Argument = number | bigint | null | ArrayBufferView | Deno.PointerValue;
type Functions = Record<string, (...values: unknown[]) => number | Promise<number>>;

const C_TYPES: Readonly<Record<string, CType>> = {
  int16_t: "i16",
  uint16_t: "u16",
  int32_t: "i32",
  uint32_t: "u32",
  int64_t: "i64",
  uint64_t: "u64",
  uint8_t: "u8",
  float: "f32",
  double: "f64",
  block_ready_t: "function",
  streaming_ready_t: "function",
};

/** The vendor functions that a family's C source defines, with the types that the compiler sees. */
export function signaturesOf(family: SimulatorFamily): Signatures {
  const folder = Deno.makeTempDirSync();
  try {
    const sources = simulatorSources(family);
    for (const [name, text] of Object.entries(sources)) Deno.writeTextFileSync(`${folder}/${name}`, text);
    const files = Object.keys(sources).filter((name) => /^[ae]_.*\.c$/.test(name));
    const { stdout, success } = new Deno.Command("cc", {
      args: ["-E", "-P", ...simulatorFlags(family).filter((flag) => flag.startsWith("-D")), ...files],
      cwd: folder,
    }).outputSync();
    assertEquals(success, true);
    return parse(new TextDecoder().decode(stdout), family);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function parse(text: string, family: string): Signatures {
  const types: Record<string, CType> = { ...C_TYPES };
  for (const [, type, name] of text.matchAll(/typedef (\w+) (\w+_t);/g)) types[name] ??= C_TYPES[type];
  const found: Signatures = {};
  for (const [, name, list] of text.matchAll(new RegExp(`uint32_t (${family}\\w+)\\s*\\(([^)]*)\\)\\s*\\{`, "g"))) {
    const parameters = list.split(",").map((parameter): CType => {
      if (parameter.includes("*")) return "pointer";
      const type = types[parameter.trim().split(/\s+/)[0]];
      if (type === undefined) throw new Error(`Cannot read "${parameter}" of ${name}`);
      return type;
    });
    found[name] = { parameters, result: "u32" };
  }
  return found;
}

const cache = new Map<SimulatorFamily, { path: string; signatures: Signatures }>();

async function libraryOf(family: SimulatorFamily) {
  let known = cache.get(family);
  if (known === undefined) {
    known = { path: await simulatorLibraryPath(family), signatures: signaturesOf(family) };
    cache.set(family, known);
  }
  return known;
}

/** A pointer to a typed array's data, `offset` values in; the array must be kept. */
export function pointerTo(array: ArrayBufferView<ArrayBuffer>, offsetBytes = 0): Deno.PointerObject {
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(array)) + BigInt(offsetBytes);
  return Deno.UnsafePointer.create(address) as Deno.PointerObject;
}

/** A private copy of a simulated library, opened with all its functions. */
export class SimulatedLibrary {
  readonly family: SimulatorFamily;
  readonly simulator: Simulator;
  readonly path: string;
  readonly #functions: Functions;
  readonly #waiting: Functions;
  readonly #close: () => void;

  constructor(family: SimulatorFamily, path: string, signatures: Signatures) {
    this.family = family;
    this.path = path;
    const waiting = Object.fromEntries(
      Object.entries(signatures).map(([name, { parameters }]) => [
        `${name}Later`,
        { name, parameters, result: "u32", nonblocking: true } as const,
      ]),
    );
    const library = Deno.dlopen(path, { ...signatures, ...waiting } as Deno.ForeignLibraryInterface);
    this.#functions = library.symbols as unknown as Functions;
    this.#waiting = this.#functions;
    this.#close = () => library.close();
    this.simulator = new Simulator(path);
  }

  static async open(family: SimulatorFamily, knobs: Record<string, string | number> = {}): Promise<SimulatedLibrary> {
    const { path, signatures } = await libraryOf(family);
    const copy = Deno.makeTempFileSync({ prefix: `${family}-`, suffix: ".so" });
    Deno.copyFileSync(path, copy);
    const library = new SimulatedLibrary(family, copy, signatures);
    for (const [key, value] of Object.entries(knobs)) library.simulator.set("", key, value);
    return library;
  }

  /** Calls a function by its name without the family; typed arrays are passed as pointers. */
  call(name: string, ...values: Argument[]): number {
    return this.#functions[this.family + name](...values.map(toForeign)) as number;
  }

  /** The same on another thread. */
  callLater(name: string, ...values: Argument[]): Promise<number> {
    return this.#waiting[`${this.family}${name}Later`](...values.map(toForeign)) as Promise<number>;
  }

  /** Calls a function that must succeed. */
  ok(name: string, ...values: Argument[]): void {
    const status = this.call(name, ...values);
    assertEquals(status, 0, `${this.family}${name} gave 0x${status.toString(16)}`);
  }

  [Symbol.dispose](): void {
    this.simulator.close();
    this.#close();
    Deno.removeSync(this.path);
  }
}

function toForeign(value: Argument): unknown {
  return ArrayBuffer.isView(value) ? Deno.UnsafePointer.of(value as Uint8Array<ArrayBuffer>) : value;
}

/** What differs between families, behind one face: a scope of a simulated library. */
export class Bench {
  readonly library: SimulatedLibrary;
  readonly simulator: Simulator;
  readonly handle: number;
  readonly isE: boolean;
  readonly model: string;
  readonly #oversample: number[];

  constructor(library: SimulatedLibrary, options: { resolution?: number; serial?: string } = {}) {
    this.library = library;
    this.simulator = library.simulator;
    const family = library.family;
    this.isE = family === "ps6000a" || family === "psospa";
    this.#oversample = family === "ps2000a" || family === "ps3000a" ? [1] : [];
    const handle = new Int16Array(1);
    const serial = options.serial === undefined ? null : new TextEncoder().encode(`${options.serial}\0`);
    const resolution = this.isE || family === "ps5000a" ? [options.resolution ?? 0] : [];
    library.ok("OpenUnit", handle, serial, ...resolution, ...(family === "psospa" ? [null] : []));
    this.handle = handle[0];
    const text = new Uint8Array(32);
    this.ok("GetUnitInfo", text, text.length, null, 3);
    this.model = new TextDecoder().decode(text.subarray(0, text.indexOf(0)));
  }

  call(name: string, ...values: Argument[]): number {
    return this.library.call(name, this.handle, ...values);
  }

  ok(name: string, ...values: Argument[]): void {
    this.library.ok(name, this.handle, ...values);
  }

  /** Counts are 32 bits wide in the A families, 64 in the others. */
  count(value: number): number | bigint {
    return this.isE ? BigInt(value) : value;
  }

  counter(value = 0): Uint32Array<ArrayBuffer> | BigUint64Array<ArrayBuffer> {
    return this.isE ? BigUint64Array.of(BigInt(value)) : Uint32Array.of(value);
  }

  /** Switches the first `channels` channels on, DC, and the others off. */
  channels(
    channels: number,
    options: { rangeMv?: number; offsetV?: number; coupling?: number } = {},
  ): void {
    const ranges = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000];
    const { rangeMv = 1000, offsetV = 0, coupling = 1 } = options;
    const range = ranges.indexOf(rangeMv);
    for (let channel = 0; channel < Number(this.model[1]); channel++) {
      const isOn = channel < channels;
      if (!this.isE) this.ok("SetChannel", channel, isOn ? 1 : 0, coupling, range, offsetV);
      else if (!isOn) this.ok("SetChannelOff", channel);
      else if (this.library.family === "ps6000a") this.ok("SetChannelOn", channel, coupling, range, offsetV, 0);
      else {
        const nv = BigInt(rangeMv) * 1_000_000n;
        this.ok("SetChannelOn", channel, coupling, -nv, nv, 0, offsetV, 0);
      }
    }
  }

  segments(segments: number, captures = segments): void {
    const most = this.isE ? new BigUint64Array(1) : new Int32Array(1);
    this.ok("MemorySegments", this.count(segments), most);
    this.ok("SetNoOfCaptures", this.count(captures));
  }

  trigger(
    channel: number,
    threshold: number,
    options: { direction?: number; delay?: number; autoMs?: number } = {},
  ): void {
    const { direction = 2, delay = 0, autoMs = 0 } = options;
    const automatic = this.isE ? autoMs * 1000 : autoMs;
    this.ok("SetSimpleTrigger", 1, channel, threshold, direction, this.count(delay), automatic);
  }

  noTrigger(): void {
    this.ok("SetSimpleTrigger", 0, 0, 0, 0, this.count(0), 0);
  }

  /** Registers one buffer for each segment and channel; returns [segment][channel]. */
  buffers(
    options: { segments: number; channels: number; samples: number; mode?: number },
  ): Int16Array<ArrayBuffer>[][] {
    const { segments, channels, samples, mode = 0 } = options;
    const all = new Int16Array(segments * channels * samples);
    let isFirst = true;
    return Array.from({ length: segments }, (_, segment) =>
      Array.from({ length: channels }, (_, channel) => {
        const start = (segment * channels + channel) * samples;
        this.setBuffer(channel, { data: pointerTo(all, 2 * start), samples, segment, mode, isFirst });
        isFirst = false;
        return all.subarray(start, start + samples);
      }));
  }

  setBuffer(
    channel: number,
    options: {
      data: Deno.PointerValue;
      samples: number;
      segment?: number;
      mode?: number;
      isFirst?: boolean;
    },
  ): void {
    const { data, samples, segment = 0, mode = 0, isFirst = false } = options;
    if (!this.isE) return this.ok("SetDataBuffer", channel, data, samples, segment, mode);
    const length = this.library.family === "psospa" ? BigInt(samples) : samples;
    this.ok(
      "SetDataBuffer",
      channel,
      data,
      length,
      1,
      BigInt(segment),
      mode === 0 ? 0x80000000 : mode,
      isFirst ? 3 : 2,
    );
  }

  run(
    pre: number,
    post: number,
    options: { timebase?: number; segment?: number; ready?: Deno.PointerValue } = {},
  ): number {
    const { timebase = 4, segment = 0, ready = null } = options;
    const busy = this.isE ? new Float64Array(1) : new Int32Array(1);
    const samples = [this.count(pre), this.count(post)];
    return this.call("RunBlock", ...samples, timebase, ...this.#oversample, busy, this.count(segment), ready, null);
  }

  isReady(): boolean {
    const ready = new Int16Array(1);
    this.ok("IsReady", ready);
    return ready[0] !== 0;
  }

  /** Status of the read-out; overflow masks in `overflow`. */
  read(
    options: {
      samples: number;
      from?: number;
      to: number;
      ratio?: number;
      mode?: number;
      overflow?: Int16Array<ArrayBuffer>;
    },
  ): { status: number; samples: number } {
    const { samples, from = 0, to, ratio = 1, mode = 0, overflow = new Int16Array(to - from + 1) } = options;
    const wanted = this.counter(samples);
    const [first, last] = [this.count(from), this.count(to)];
    const status = this.isE
      ? this.call("GetValuesBulk", 0n, wanted, first, last, BigInt(ratio), mode === 0 ? 0x80000000 : mode, overflow)
      : this.call("GetValuesBulk", wanted, first, last, ratio, mode, overflow);
    return { status, samples: Number(wanted[0]) };
  }

  close(): void {
    this.ok("CloseUnit");
  }
}

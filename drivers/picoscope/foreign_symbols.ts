/** Turns C declarations of a PicoScope library into a symbol table for `Deno.dlopen`. */

/** C types that are passed as they are. Every other word without a `*` is an enumeration of 4 bytes or a callback. */
const PLAIN_TYPES: Readonly<Record<string, Deno.NativeType>> = {
  int8_t: "i8",
  int16_t: "i16",
  int32_t: "i32",
  int64_t: "i64",
  uint8_t: "u8",
  uint16_t: "u16",
  uint32_t: "u32",
  uint64_t: "u64",
  float: "f32",
  double: "f64",
};

/** Pointers that a library keeps beyond the call: an address is passed, so that the memory can be pinned by the caller. */
const KEPT_POINTERS: ReadonlySet<string> = new Set(["buffer", "bufferMax", "bufferMin"]);

/** One parameter of a C function. */
export interface Parameter {
  /** Type as the header writes it: `int16_t *`, `PS5000A_CHANNEL`. */
  readonly cType: string;
  readonly name: string;
  /** Type for `Deno.dlopen`. */
  readonly type: Deno.NativeType;
}

/** One C function; its result is PICO_STATUS. */
export interface Prototype {
  /** Name without the prefix of its family. */
  readonly name: string;
  readonly parameters: readonly Parameter[];
}

/**
 * Reads C declarations.
 *
 * @param text `Name(type name, type *name)`, one after the other.
 * @throws {SyntaxError} If a parameter is not a type and a name.
 */
export function parsePrototypes(text: string): readonly Prototype[] {
  return Array.from(text.matchAll(/(\w+)\(([^)]*)\)/g), ([, name, list]) => ({
    name,
    parameters: list.split(",").map((part) => parseParameter(part.trim(), name)),
  }));
}

function parseParameter(text: string, functionName: string): Parameter {
  const match = /^(\w+) (\*?)(\w+)$/.exec(text.replaceAll(/\s+/g, " "));
  if (match === null) {
    throw new SyntaxError(
      `Cannot read the declaration of ${functionName}: expected a type and a name, found "${text}"`,
    );
  }
  const [, word, star, name] = match;
  return { cType: star === "" ? word : `${word} *`, name, type: foreignType(word, { isPointer: star !== "", name }) };
}

function foreignType(word: string, { isPointer, name }: { isPointer: boolean; name: string }): Deno.NativeType {
  if (isPointer) return word === "void" || KEPT_POINTERS.has(name) ? "pointer" : "buffer";
  return PLAIN_TYPES[word] ?? (/Ready$/.test(word) ? "function" : "u32");
}

/** Ending of the names under which {@linkcode foreignSymbols} lists functions that run beside the JavaScript thread. */
export const LATER = " later";

/**
 * Makes the symbol table of a library. All symbols are optional, so that those that a library lacks can be named together.
 *
 * @param prefix Prefix of the C names: `ps5000a`.
 * @param prototypes The functions.
 * @param longCalls Names of functions that may take long: they are listed a second time, with {@linkcode LATER} at the end
 *   of their names, as non-blocking calls.
 */
export function foreignSymbols(
  prefix: string,
  prototypes: readonly Prototype[],
  longCalls: readonly string[],
): Deno.ForeignLibraryInterface {
  const table: Record<string, Deno.ForeignFunction> = {};
  for (const { name, parameters } of prototypes) {
    const symbol = {
      name: prefix + name,
      parameters: parameters.map(({ type }) => type),
      result: "u32",
      optional: true,
    } as const;
    table[name] = symbol;
    if (longCalls.includes(name)) table[name + LATER] = { ...symbol, nonblocking: true };
  }
  return table;
}

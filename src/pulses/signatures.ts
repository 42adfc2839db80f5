/** Patterns of layers that a particle's tracks leave. */

/** Most channels of a pattern: their bits must fit into a positive 32-bit integer. */
const MAX_CHANNELS = 31;

/** Pattern for one event: for each row of coincidences, which channels must and which must not have a pulse. */
export interface Signature {
  /** For each row, bit `c` is set if channel `c` must have a pulse. */
  readonly required: readonly number[];
  /** For each row, bit `c` is set if channel `c` must not have a pulse. */
  readonly forbidden: readonly number[];
}

/** Options of {@linkcode parseSignatures}. */
export interface SignatureOptions {
  /** Number of channels, and so of characters in each pattern. */
  readonly channels: number;
  /** Name of the function, for messages. @default {"calculate_decay_time"} */
  readonly functionName?: string;
}

/**
 * Reads the signatures of a configuration: a list of signatures, each a list of patterns (first the muon's, then the
 * electron's), each a list of one character per channel or a text of that length: `+` there must be a pulse, `-` there
 * must be none, `0` either.
 *
 * @param value Value of the key `signatures`.
 * @throws {TypeError} If it is not such a list.
 * @throws {SyntaxError} If a pattern has another character or another length.
 */
export function parseSignatures(value: unknown, options: SignatureOptions): readonly Signature[] {
  const { channels, functionName = "calculate_decay_time" } = options;
  const where = `Cannot configure "${functionName}": expected`;
  if (channels > MAX_CHANNELS) {
    throw new RangeError(`${where} at most ${MAX_CHANNELS} channels for "signatures", found ${channels}`);
  }
  if (!Array.isArray(value) || value.length === 0) {
    throw new TypeError(
      `${where} "signatures" to be a list of signatures such as [["++--", "0+--"]], found ${describe(value)}`,
    );
  }
  return value.map((signature: unknown, s): Signature => {
    if (!Array.isArray(signature) || signature.length === 0) {
      throw new TypeError(`${where} "signatures[${s}]" to be a list of patterns, found ${describe(signature)}`);
    }
    const patterns = signature.map((pattern: unknown, row) =>
      parsePattern(pattern, `${where} "signatures[${s}][${row}]"`)
    );
    for (const [row, pattern] of patterns.entries()) {
      if (pattern.length === channels) continue;
      throw new SyntaxError(
        `${where} "signatures[${s}][${row}]" to have ${channels} characters, one for each channel, found ` +
          `${pattern.length} in ${describe(signature[row])}`,
      );
    }
    return {
      required: patterns.map((pattern) => bitsOf(pattern, "+")),
      forbidden: patterns.map((pattern) => bitsOf(pattern, "-")),
    };
  });
}

function parsePattern(pattern: unknown, where: string): readonly string[] {
  if (typeof pattern !== "string" && !Array.isArray(pattern)) {
    throw new TypeError(`${where} to be a pattern such as "++--", found ${describe(pattern)}`);
  }
  // An unquoted 0 is a number in YAML.
  const characters = [...pattern].map((character: unknown) => String(character));
  const wrong = characters.find((character) => !["+", "-", "0"].includes(character));
  if (wrong === undefined) return characters;
  throw new SyntaxError(
    `${where} to consist of "+" (pulse), "-" (no pulse) and "0" (either), found "${wrong}" in ${describe(pattern)}`,
  );
}

function bitsOf(pattern: readonly string[], character: string): number {
  return pattern.reduce((bits, found, channel) => found === character ? bits | (1 << channel) : bits, 0);
}

function describe(value: unknown): string {
  return value === undefined || value === null ? "nothing" : JSON.stringify(value);
}

/**
 * Finds the signature that an event has.
 *
 * @param signatures The signatures in their order.
 * @param event.rows Number of moments; a signature of more rows does not match.
 * @param event.hits For each row, bit `c` is set if channel `c` has a pulse.
 * @returns Index of the last signature that matches, or -1.
 */
export function matchSignature(
  signatures: readonly Signature[],
  { rows, hits }: { rows: number; hits: ArrayLike<number> },
): number {
  for (let s = signatures.length - 1; s >= 0; s--) {
    const { required, forbidden } = signatures[s];
    let matches = required.length <= rows;
    for (let row = 0; row < required.length && matches; row++) {
      matches = (hits[row] & required[row]) === required[row] && (hits[row] & forbidden[row]) === 0;
    }
    if (matches) return s;
  }
  return -1;
}

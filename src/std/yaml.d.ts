/** Options of {@linkcode stringify}. */
export interface StringifyOptions {
  /** Width at which long strings are folded; -1 never folds. @default {80} */
  lineWidth?: number;
  /** Leave out values that YAML cannot express, instead of throwing. @default {false} */
  skipInvalid?: boolean;
  /** Sort the keys of mappings. @default {false} */
  sortKeys?: boolean;
}
/** Writes `data` as a YAML document, mapping keys in their order of insertion. */
export function stringify(data: unknown, options?: StringifyOptions): string;
/** Reads a YAML document that `stringify` wrote. Throws a SyntaxError if it is none. */
export function parse(text: string): unknown;

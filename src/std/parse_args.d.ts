/** Options of {@linkcode parseArgs}, the ones that this project uses. */
export interface ParseOptions {
  alias?: Record<string, string | string[]>;
  boolean?: string[];
  string?: string[];
  default?: Record<string, unknown>;
  collect?: string[];
  negatable?: string[];
  stopEarly?: boolean;
  "--"?: boolean;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}
/** Splits command-line words into options and the rest (`_`). */
export function parseArgs(args: string[], options?: ParseOptions): Record<string, unknown> & { _: (string | number)[] };

/** Says in terms of a setup what the YAML reader has stumbled over. */
import type { YAMLError } from "yaml";
import { quoted } from "./setup_node.ts";

/** What was expected and found where a text is no valid YAML. */
export interface YamlComplaint {
  readonly expected: string;
  readonly found: string;
  /** True if the cause is where the value around the error begins, not where the reader gave up. */
  readonly atValueStart: boolean;
}

/** By error code and a part of the reader's message; the first that fits counts. */
const COMPLAINTS: readonly (readonly [code: string, message: RegExp, expected: string, atValueStart: boolean])[] = [
  ["TAB_AS_INDENT", /./, "blanks as indentation, not tabs", false],
  ["BAD_INDENT", /mapping items/, "keys of one mapping to begin in the same column", false],
  ["BAD_INDENT", /sequence items/, "items of one list to begin in the same column", false],
  ["BAD_INDENT", /Flow sequence/, 'a list that is closed by "]"', true],
  ["BAD_INDENT", /Flow map/, 'a mapping that is closed by "}"', true],
  ["MISSING_CHAR", /closing .quote/, "a text that is closed by a quote", true],
  ["MISSING_CHAR", /Missing , /, "a comma between items", false],
  ["MISSING_CHAR", /followed by map values/, 'a key with its value ("key: value")', false],
  ["MISSING_CHAR", /Sequence item/, 'a list item that begins with "- "', false],
  [
    "BLOCK_AS_IMPLICIT_KEY",
    /./,
    'one "key: value" a line, in the column of the keys above; texts with ": " in quotes',
    false,
  ],
  ["MULTILINE_IMPLICIT_KEY", /./, 'keys that end in a colon and a blank ("key: value")', false],
  ["KEY_OVER_1024_CHARS", /./, "a key of at most 1024 characters", false],
  ["BLOCK_IN_FLOW", /./, 'plain items between brackets, a lone "-" in quotes', false],
  ["BAD_SCALAR_START", /./, "a text in quotes, since a plain one cannot begin with this character", false],
  ["BAD_DQ_ESCAPE", /./, "a known escape after the backslash; texts between single quotes have none", false],
  ["MULTIPLE_DOCS", /./, 'one document, without a second one after "---"', false],
  ["UNEXPECTED_TOKEN", /same line with key/, "a list that begins on the line below its key", false],
  ["UNEXPECTED_TOKEN", /at node end/, "the end of the line, or a text in quotes", false],
];

/**
 * Explains an error of the YAML reader.
 *
 * @param error The error.
 * @param line Text of the line that it points to.
 */
export function explainYamlError(error: YAMLError, line: string): YamlComplaint {
  const known = COMPLAINTS.find(([code, message]) => code === error.code && message.test(error.message));
  const expected = known?.[2] ?? `valid YAML (${error.message.toLowerCase().replaceAll("\n", " ")})`;
  const text = line.trim();
  return {
    expected,
    found: text === "" ? "an empty line" : quoted(text),
    atValueStart: known?.[3] ?? false,
  };
}

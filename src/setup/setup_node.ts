/** The tree that a YAML text is read into: values with their positions, keys in file order. */

interface NodePosition {
  /** Line and column of the value's first character, from 1. */
  readonly line: number;
  readonly column: number;
  /** True if the value, or a value inside it, carries an anchor: it is there to be used elsewhere. */
  readonly hasAnchor: boolean;
}

/** A single value. */
export interface ScalarNode extends NodePosition {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** As it is written in the file, without quotes. */
  readonly source: string;
}

/** A list. */
export interface ListNode extends NodePosition {
  readonly kind: "list";
  readonly items: readonly SetupNode[];
}

/** One key of a mapping with its value. */
export interface MapEntry {
  readonly key: string;
  /** Position of the key. */
  readonly line: number;
  readonly column: number;
  readonly value: SetupNode;
}

/** A mapping. Keys are always text, also numbers and truth values, as they are written in the file. */
export interface MapNode extends NodePosition {
  readonly kind: "map";
  /** In file order, merged keys (`<<`) first. Of a key that is there twice, the last value. */
  readonly entries: ReadonlyMap<string, MapEntry>;
  /** Keys that were there before and lost, by their second occurrence. */
  readonly duplicates: readonly MapEntry[];
}

/** Any value in a setup or configuration file. */
export type SetupNode = ScalarNode | ListNode | MapNode;

const LONGEST_QUOTE = 60;

/** Puts a text between quotes, shortened if it is long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text);
}

/** Says what a value is, for messages: `"two"`, `-5`, `nothing`, `a list`. */
export function describeNode(node: SetupNode): string {
  if (node.kind === "list") return node.items.length === 0 ? "an empty list" : "a list";
  if (node.kind === "map") {
    const keys = [...node.entries.keys()];
    if (keys.length === 0) return "an empty mapping";
    return `a mapping with ${keys.length === 1 ? "key" : "keys"} ${keys.slice(0, 3).join(", ")}${
      keys.length > 3 ? ", …" : ""
    }`;
  }
  if (node.value === null) return "nothing";
  return typeof node.value === "string" ? quoted(node.value) : node.source;
}

/** True for a key without a value. */
export function isNothing(node: SetupNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** Most values that one configuration may expand to; a few nested aliases can stand for billions. */
const MOST_VALUES = 100_000;
/** Deepest nesting after aliases were expanded: each may be a level deeper than the one that it uses. */
const DEEPEST_VALUE = 500;

/**
 * Copies a tree into plain objects, arrays and values.
 *
 * @param node The tree.
 * @returns A fresh copy, or null if its aliases expand to more than 100,000 values or 500 levels. Objects keep the order
 *   of the file except for keys that look like array indices, which JavaScript puts first.
 */
export function plainValue(node: SetupNode): { readonly value: unknown } | null {
  let values = 0;
  const copy = (from: SetupNode, depth: number): unknown => {
    if (depth > DEEPEST_VALUE) values = MOST_VALUES;
    if (++values > MOST_VALUES) return null;
    if (from.kind === "scalar") return from.value;
    if (from.kind === "list") return from.items.map((item) => copy(item, depth + 1));
    // fromEntries defines properties, so a key such as __proto__ stays an ordinary key.
    return Object.fromEntries([...from.entries.values()].map((entry) => [entry.key, copy(entry.value, depth + 1)]));
  };
  const value = copy(node, 0);
  return values > MOST_VALUES ? null : { value };
}

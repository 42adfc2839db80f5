/** A value in a setup together with where it stands, so that every message can say it. */
import type { SetupNode } from "./setup_node.ts";

/** A value and its place. */
export interface Place {
  /** File as shown to the user. */
  readonly file: string;
  /** Path of keys from the document's root: `RingBuffer[0].RB_1.data_type`. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly node: SetupNode;
}

/** Place of a whole document. */
export function rootPlace(file: string, node: SetupNode): Place {
  return { file, path: "", line: node.line, column: node.column, node };
}

/** Adds a key to a path; keys that would be misread in it are quoted. */
export function joinPath(path: string, key: string): string {
  const name = /^[^\s.[\]"]+$/.test(key) ? key : JSON.stringify(key);
  return path === "" ? name : `${path}.${name}`;
}

/** Place of a key's value, or null if the mapping does not have the key. Mappings and lists stand where their key does. */
export function keyPlace(place: Place, key: string): Place | null {
  const entry = place.node.kind === "map" ? place.node.entries.get(key) : undefined;
  if (entry === undefined) return null;
  const node = entry.value;
  const { line, column } = node.kind === "scalar" && node.value !== null ? node : entry;
  return { file: place.file, path: joinPath(place.path, key), line, column, node };
}

/** Places of all values of a mapping, with their keys, in file order. */
export function keyPlaces(place: Place): [string, Place][] {
  if (place.node.kind !== "map") return [];
  return [...place.node.entries.keys()].map((key) => [key, keyPlace(place, key)!]);
}

/** Places of all items of a list. */
export function itemPlaces(place: Place): Place[] {
  if (place.node.kind !== "list") return [];
  return place.node.items.map((node, index) => ({
    file: place.file,
    path: `${place.path}[${index}]`,
    line: node.line,
    column: node.column,
    node,
  }));
}

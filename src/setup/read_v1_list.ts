/** Reads v1's lists of named entries: `- RB_1: {…}`. */
import type { Findings } from "./findings.ts";
import { itemPlaces, keyPlaces, type Place } from "./place.ts";
import { describeNode, isNothing, type MapNode, quoted } from "./setup_node.ts";

/** One entry of such a list. */
export interface ListEntry {
  /** Number in the list. */
  readonly index: number;
  readonly name: string;
  /** Place of the mapping with its keys. */
  readonly place: Place;
}

/**
 * Reads a list whose entries are mappings with one name each.
 *
 * The keys of an entry may also stand in the column of its name, as in the printed description of mimoCoRB 1.0.0beta:
 * the name then has no value of its own and is followed by the keys.
 *
 * @param list Place of the list.
 * @param options The name that each entry must have, by its number in the list, and where findings go.
 * @returns The entries; those that cannot be read are left out after the problem was reported.
 */
export function readNamedList(
  list: Place,
  options: { readonly expectedName: (index: number) => string; readonly findings: Findings },
): ListEntry[] {
  const { expectedName, findings } = options;
  let isCountWrong = false;
  return itemPlaces(list).flatMap((item, index) => {
    const expected = expectedName(index);
    const keys = keyPlaces(item);
    if (item.node.kind !== "map" || keys.length === 0) {
      findings.refuse(item, `an entry "${expected}:" with its keys indented below it`);
      return [];
    }
    const [name, value] = keys[0];
    const isFlat = keys.length > 1 && isNothing(value.node);
    if (keys.length > 1 && !isFlat) {
      const second = keys[1][1];
      findings.refuse(
        second,
        'one name in each entry of the list, its keys indented below it, the next one after "- "',
        {
          found: quoted(keys[1][0]),
        },
      );
      return [];
    }
    // One name left out makes all that follow wrong; that is said once.
    if (name !== expected && !(isCountWrong && /_\d+$/.test(name))) {
      isCountWrong = true;
      findings.refuseAt(value, `the name ${quoted(expected)} (entries are numbered in the order of the list)`, {
        found: quoted(name),
        suggestion: expected,
      });
    }
    if (isFlat) {
      findings.note(value, `the keys of ${name} stand in the column of its name, they are read as belonging to it`);
      return [{ index, name, place: { ...value, node: withoutKey(item.node, name) } }];
    }
    if (value.node.kind === "map") return [{ index, name, place: value }];
    if (isNothing(value.node)) return [{ index, name, place: { ...value, node: withoutKey(item.node, name) } }];
    findings.refuse(value, "a mapping of keys to values", { found: describeNode(value.node) });
    return [];
  });
}

function withoutKey(node: MapNode, name: string): MapNode {
  const entries = new Map(node.entries);
  entries.delete(name);
  return { ...node, entries };
}

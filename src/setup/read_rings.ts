/** Reads what both dialects say about a ring. */
import { FIELD_TYPE_NAMES, parseFieldType } from "../record/field_type.ts";
import { type RecordLayout, recordLayout } from "../record/record_layout.ts";
import type { RingDraft } from "./draft.ts";
import type { Findings } from "./findings.ts";
import { nearestWord } from "./nearest_word.ts";
import { itemPlaces, keyPlaces, type Place } from "./place.ts";
import type { SetupKey } from "./setup_key.ts";
import { OWN_KEYS } from "./setup_keys.ts";
import { type MappingRules, SetupMapping } from "./setup_mapping.ts";
import { describeNode, quoted } from "./setup_node.ts";

/** Names that a ring's writer gives to the metadata of an event; columns of files would be there twice. */
const METADATA_NAMES = ["counter", "timestamp", "deadtime"];

/** Bytes that a name of a ring or function may have; the shared memory keeps it in a field of 64. */
const MOST_NAME_BYTES = 60;

/** Says why something cannot be the name of a ring, field or function; null if it can. */
export function nameFault(name: string): string | null {
  if (name.trim() === "") return "an empty name";
  if (name === "." || name === ".." || name === "__proto__") return quoted(name);
  // Names become parts of file names and columns of tables.
  if (/[/\\\t\n\r]/.test(name)) return `${quoted(name)} with a slash or line break`;
  if (new TextEncoder().encode(name).length > MOST_NAME_BYTES) {
    return `${quoted(name)} with more than ${MOST_NAME_BYTES} bytes`;
  }
  return null;
}

/** The three keys of a ring in one dialect. */
export interface RingKeys {
  readonly slots: SetupKey<number>;
  readonly values: SetupKey<number>;
  readonly fields: SetupKey<Place | null>;
}

/**
 * Reads a ring.
 *
 * @param name Its name.
 * @param place Place of its mapping.
 * @param options Keys of the dialect, how it lists fields, and where findings go.
 */
export function readRing(
  name: string,
  place: Place,
  options: {
    readonly keys: RingKeys;
    readonly elsewhere: Readonly<Record<string, string>>;
    readonly fieldForm: "numbered" | "named";
    readonly findings: Findings;
  },
): RingDraft {
  const { keys, findings, elsewhere } = options;
  const rules: MappingRules & { findings: Findings } = { elsewhere, findings };
  const mapping = new SetupMapping(place, [...Object.values(keys), OWN_KEYS.pause], rules);
  const slots = mapping.read(keys.slots) ?? null;
  const values = mapping.read(keys.values) ?? null;
  const fields = mapping.read(keys.fields);
  const types = fields === undefined || fields === null ? null : readFields(fields, options);
  const layout: RecordLayout | null = types === null || values === null ? null : recordLayout(types, values);
  const pause = mapping.readIfThere(OWN_KEYS.pause) ?? null;
  return { name, place, slots, layout, pause };
}

function readFields(
  place: Place,
  { fieldForm, findings }: { fieldForm: "numbered" | "named"; findings: Findings },
): string | Map<string, string> | null {
  if (place.node.kind === "scalar") return readType(place, findings);
  const fields = new Map<string, string>();
  const lines = new Map<string, number>();
  let isSound = true;
  for (const [key, value] of keyPlaces(place)) {
    const field = fieldForm === "named" ? { name: key, namePlace: value, type: value } : readPair(value, findings);
    const type = field === null ? null : readType(field.type, findings);
    if (field === null || type === null) {
      isSound = false;
      continue;
    }
    const { name, namePlace } = field;
    const fault = nameFault(name);
    if (fault !== null) {
      findings.refuse(namePlace, "a name for the field", { found: fault });
      isSound = false;
    } else if (fields.has(name)) {
      const found = `${quoted(name)} again, as in line ${lines.get(name)}`;
      findings.refuse(namePlace, "a field name that is there once", { found });
      isSound = false;
    } else {
      fields.set(name, type);
      lines.set(name, namePlace.line);
      if (METADATA_NAMES.includes(name)) {
        findings.note(namePlace, `a field ${quoted(name)} hides the event's own ${name} in files`);
      }
    }
  }
  if (isSound && fields.size === 0) findings.refuse(place, "at least one field");
  return isSound && fields.size > 0 ? fields : null;
}

/** Reads `[name, type]`. */
function readPair(place: Place, findings: Findings): { name: string; namePlace: Place; type: Place } | null {
  const items = itemPlaces(place);
  const [name, type] = items;
  if (items.length !== 2 || name.node.kind !== "scalar" || typeof name.node.value !== "string") {
    const found = place.node.kind === "list"
      ? `[${items.map((item) => describeNode(item.node)).join(", ")}]`
      : describeNode(place.node);
    findings.refuse(place, "a field as [name, type]", { found });
    return null;
  }
  return { name: name.node.value, namePlace: name, type };
}

function readType(place: Place, findings: Findings): string | null {
  const { node } = place;
  const type = node.kind === "scalar" && typeof node.value === "string" ? parseFieldType(node.value) : null;
  if (type !== null) return type.name;
  const word = node.kind === "scalar" ? node.source.trim() : "";
  const known = FIELD_TYPE_NAMES.filter((name) => name.length > 1);
  // Data of other byte order cannot be seen as typed arrays.
  const nearest = word.startsWith(">") && parseFieldType(word.slice(1)) !== null
    ? `<${word.slice(1)}`
    : nearestWord(word.replace(/^(np|numpy)\.|^[<=|>]/, ""), known);
  findings.refuse(place, "a number type such as float32, f4, int16, uint8, bool or S10", { suggestion: nearest });
  return null;
}

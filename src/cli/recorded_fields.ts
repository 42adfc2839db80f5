/** Types of a text table's fields by the record of the run that wrote it. */
import { dirname } from "node:path";
import { type TextField, textTableTitles } from "../files/text_events.ts";
import { parse } from "../std/yaml.js";

/** The fields by their titles, and the ring that held them. */
export interface RecordedFields {
  readonly ring: string;
  readonly fields: ReadonlyMap<string, TextField>;
}

/** The part of `run.yaml` that matters here. */
interface RunRecord {
  readonly rings?: readonly { readonly name: string; readonly values_per_slot: number; readonly fields: string[] }[];
  readonly functions?: readonly {
    readonly sources?: readonly string[];
    readonly config?: { readonly header_alias?: Readonly<Record<string, unknown>> };
  }[];
}

/**
 * Looks for the ring whose fields a table in a run directory has, under their own names or those that `header_alias` gave
 * them.
 *
 * @param path The table.
 * @returns Null if there is no record beside the table, no such ring, or several with different types.
 */
export function recordedFields(path: string): RecordedFields | null {
  const record = recordBeside(path);
  if (record === null) return null;
  const titles = textTableTitles(path);
  const candidates = (record.rings ?? []).filter((ring) => ring.values_per_slot === 1).flatMap((ring) =>
    aliasesFor(record, ring.name).map((alias) => ({ ring: ring.name, fields: titledFields(ring.fields, alias) }))
  ).filter(({ fields }) => fields.size === titles.length && titles.every((title) => fields.has(title)));
  const [first, ...others] = candidates;
  const isClear = first !== undefined &&
    others.every(({ fields }) =>
      titles.every((title) =>
        fields.get(title)?.type === first.fields.get(title)?.type &&
        fields.get(title)?.name === first.fields.get(title)?.name
      )
    );
  return isClear ? first : null;
}

function recordBeside(path: string): RunRecord | null {
  try {
    return (parse(Deno.readTextFileSync(`${dirname(path)}/run.yaml`)) ?? {}) as RunRecord;
  } catch {
    // The table is in no run directory, or that of a run that was killed while it was made.
    return null;
  }
}

type Alias = Readonly<Record<string, unknown>>;

/** No aliases, and those of each function that reads the ring. */
function aliasesFor(record: RunRecord, ring: string): Alias[] {
  const functions = (record.functions ?? []).filter(({ sources }) => sources?.includes(ring));
  return [{}, ...functions.map(({ config }) => config?.header_alias ?? {})];
}

/** A field of the record is written as `name: type`. */
function titledFields(fields: readonly string[], alias: Alias): Map<string, TextField> {
  return new Map(fields.map((field) => {
    const colon = field.lastIndexOf(": ");
    const name = field.slice(0, colon);
    const title = Object.hasOwn(alias, name) ? String(alias[name]) : name;
    return [title, { name, type: field.slice(colon + 2) }];
  }));
}

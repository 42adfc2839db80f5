/** Command line of `run_daq.ts convert`. */
import { WRITABLE_FORMATS, type WritableFormat } from "../files/event_writer.ts";
import type { TextField } from "../files/text_events.ts";
import { parseFieldType } from "../record/field_type.ts";
import { nearestWord } from "../setup/nearest_word.ts";
import { parseArgs } from "../std/parse_args.js";

/** What `convert` shall do. */
export interface ConvertArguments {
  readonly files: readonly string[];
  readonly format: WritableFormat;
  /** The file or folder to be made, or an existing folder for several; null: beside each file. */
  readonly output: string | null;
  readonly salvage: boolean;
  /** Fields of text tables by their titles; null: as recorded, or found in the values. */
  readonly fields: ReadonlyMap<string, TextField> | null;
}

/** A conversion, the text of `--help`, or what is wrong with the command line. */
export type ConvertRequest =
  | { readonly kind: "convert"; readonly arguments: ConvertArguments }
  | { readonly kind: "help" }
  | { readonly kind: "refused"; readonly message: string };

const VALUE_OPTIONS = ["to", "output", "fields"];
const SWITCHES = ["salvage", "help"];

/** Text of `convert --help`. */
export const CONVERT_HELP = `Converts files of events.

Usage: deno run -A run_daq.ts convert FILE... --to ${WRITABLE_FORMATS.join("|")} [options]

FILE is a journal (.mjournal, with its further parts), the folder of a Parquet table, an archive of Parquet files (.tar,
.tar.gz, .tar.bz2), a text table (.csv, .txt) or a file of mimoCoRB2 (.mimo); what is in it says which. The new file gets
the name of the old one with another ending, a Parquet table is a folder without one. No file is ever overwritten.

Options:
      --to FORMAT     ${WRITABLE_FORMATS.join(", ")}
  -o, --output PATH   the file to be made; for several files the folder for them
      --salvage       take what is whole of damaged files, and say what is not
      --fields LIST   types of a text table's fields, "decay_time: int32, height: float32" [those of the run's record
                      run.yaml beside it, or such as hold all its values]
  -h, --help          this text

Exit code: 0 all is converted, 1 something is lost or could not be written, 2 refused.
`;

/** Reads the words after `convert`. Never throws. */
export function parseConvertArguments(args: readonly string[]): ConvertRequest {
  const problems: string[] = [];
  const parsed = parseArgs([...args], {
    string: [...VALUE_OPTIONS, "_"],
    boolean: SWITCHES,
    alias: { o: "output", h: "help" },
    unknown: (arg, key) => {
      if (key !== undefined) problems.push(describeUnknown(arg));
      return key === undefined;
    },
  });
  if (parsed.help) return { kind: "help" };
  const text = (name: string): string | null => {
    const value = parsed[name];
    if (value !== "") return value === undefined ? null : String(value);
    problems.push(`Cannot read option --${name}: expected a value after it, found none`);
    return null;
  };
  const formats = WRITABLE_FORMATS.join(", ");
  const word = text("to");
  const format = WRITABLE_FORMATS.find((known) => known === word);
  if (format === undefined && word !== null) {
    problems.push(`Cannot read option --to: expected one of ${formats}, found "${word}"`);
  } else if (format === undefined && parsed.to === undefined) {
    problems.push(`Cannot read the command line: expected --to with one of ${formats}, found none`);
  }
  const output = text("output");
  const list = text("fields");
  const fields = list === null ? null : fieldsOf(list, problems);
  const files = parsed._.map(String);
  if (files.length === 0) problems.push("Cannot read the command line: expected files to convert, found none");
  if (problems.length > 0 || format === undefined) return { kind: "refused", message: problems.join("\n") };
  return { kind: "convert", arguments: { files, format, output, salvage: parsed.salvage === true, fields } };
}

function fieldsOf(list: string, problems: string[]): Map<string, TextField> {
  const fields = new Map<string, TextField>();
  for (const part of list.split(",")) {
    const colon = part.lastIndexOf(":");
    const name = part.slice(0, Math.max(0, colon)).trim();
    const type = part.slice(colon + 1).trim();
    if (name !== "" && parseFieldType(type) !== null) {
      fields.set(name, { name, type });
    } else {
      problems.push(`Cannot read option --fields: expected "name: type", found "${part.trim()}"`);
    }
  }
  return fields;
}

function describeUnknown(arg: string): string {
  const option = arg.replace(/=.*$/s, "");
  const nearest = nearestWord(option.replace(/^-+/, ""), [...VALUE_OPTIONS, ...SWITCHES]);
  const hint = nearest === null ? "; convert --help lists all of them" : `; did you mean "--${nearest}"?`;
  return `Cannot read the command line: expected one of convert's options, found "${option}"${hint}`;
}

/** Conversion of one file of events. */
import { basename } from "node:path";
import { DamagedFileError, faultText, type FileFault } from "../files/damaged_file_error.ts";
import type { EventReader, StoredEvent } from "../files/event_reader.ts";
import { type EventWriter, FORMAT_EXTENSION, openEventWriter } from "../files/event_writer.ts";
import { fileError } from "../files/file_error.ts";
import { eventFormat, openEventReader } from "../files/open_event_reader.ts";
import { pathExists } from "../files/path_exists.ts";
import type { ConvertArguments } from "./convert_arguments.ts";
import { ProgressLine, type ProgressOutput } from "./progress_line.ts";
import { recordedFields } from "./recorded_fields.ts";

/** What became of a file. */
export interface Conversion {
  readonly events: number;
  /** Bytes of the file that was read. */
  readonly bytes: number;
  readonly seconds: number;
  /** What is worth knowing, but no loss of events. */
  readonly notes: readonly string[];
  /** What could not be taken. */
  readonly faults: readonly string[];
}

/** Thrown when a file is not converted because of what it is; nothing was made. */
export class ConversionRefused extends Error {}

/** How a file is converted. */
export interface ConvertFileOptions extends Pick<ConvertArguments, "format" | "salvage" | "fields"> {
  readonly progress: ProgressOutput;
  /** Looked at now and then; true ends the conversion, and nothing is left of it. */
  readonly isStopped: () => boolean;
}

/** The file is made under another name, so that a half one is never taken for a whole one. */
const UNFINISHED_ENDING = ".new";

/** Events between two looks at the clock. */
const EVENTS_PER_LOOK = 64;

/** Time after which signals get their turn. */
const TURN_MS = 50;

/**
 * Converts a file.
 *
 * @param input The file, or the folder of a table.
 * @param output What shall be made; nothing must be there.
 * @throws {ConversionRefused} If the input is damaged and `salvage` is not set, or has something that the format cannot
 *   hold. The message names the file and, of damage, the byte.
 * @throws {Error} If the output cannot be written, or the conversion was stopped; nothing is left of it then.
 */
export async function convertFile(input: string, output: string, options: ConvertFileOptions): Promise<Conversion> {
  const notes: string[] = [];
  const beganMs = performance.now();
  using reader = refusing(() => openReader(input, { ...options, notes }));
  const unfinished = `${output}${UNFINISHED_ENDING}`;
  refuseExisting(unfinished);
  const extension = FORMAT_EXTENSION[options.format];
  const stem = basename(output, extension);
  const { layout, origin = {} } = reader;
  const writer = refusing(() => openEventWriter(unfinished, { format: options.format, layout, origin, stem }), {
    classes: [TypeError, RangeError],
    unfinished,
  });
  try {
    const events = await copyEvents(reader, writer, { input, ...options });
    const [fault] = reader.faults;
    if (fault !== undefined && !options.salvage) throw new ConversionRefused(refusalOf(fault));
    writer.close();
    putInPlace(unfinished, output);
    return {
      events,
      bytes: reader.byteLength,
      seconds: (performance.now() - beganMs) / 1000,
      notes: [...notes, ...writer.losses],
      faults: reader.faults.map(faultText),
    };
  } catch (error) {
    discard(writer, unfinished);
    throw error;
  }
}

function openReader(
  input: string,
  { salvage, fields, notes }: { salvage: boolean; fields: ConvertArguments["fields"]; notes: string[] },
): EventReader {
  const onNotice = (text: string) => void notes.push(text);
  if (eventFormat(input) !== "csv") return openEventReader(input, { salvage, onNotice });
  if (fields !== null) return openEventReader(input, { salvage, fields });
  const recorded = recordedFields(input);
  if (recorded === null) {
    const reader = openEventReader(input, { salvage });
    const types = reader.layout.fields.map(({ name, type }) => `${name}: ${type.name}`).join(", ");
    notes.push(`"${input}" says nothing of types; taken: ${types}`);
    return reader;
  }
  notes.push(`the types of "${input}" are those of ring ${recorded.ring} in the run's record`);
  return openEventReader(input, { salvage, fields: recorded.fields });
}

async function copyEvents(
  reader: EventReader,
  writer: EventWriter,
  { input, progress, isStopped }: { readonly input: string } & ConvertFileOptions,
): Promise<number> {
  const line = new ProgressLine(basename(input), progress);
  let events = 0;
  let turnMs = performance.now();
  try {
    for (let event = nextOf(reader); event !== null; event = nextOf(reader)) {
      writeTo(writer, event);
      events++;
      if (events % EVENTS_PER_LOOK !== 0 || performance.now() - turnMs < TURN_MS) continue;
      line.update(reader.position / Math.max(1, reader.byteLength), `${events} events`);
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (isStopped()) throw new Error(`Cannot convert "${input}": expected to reach its end, found a request to stop`);
      turnMs = performance.now();
    }
    return events;
  } finally {
    line.clear();
  }
}

function nextOf(reader: EventReader): StoredEvent | null {
  try {
    return reader.next();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const message = error instanceof DamagedFileError ? refusalOf(error.fault) : error.message;
    throw new ConversionRefused(message, { cause: error });
  }
}

function writeTo(writer: EventWriter, event: StoredEvent): void {
  refusing(() => writer.write(event), { classes: [TypeError, RangeError] });
}

/**
 * Whatever goes wrong with a file that is read, or only errors of some classes, is a reason to refuse it.
 *
 * @param options `unfinished` is a path that the user need not know: messages have the one that was asked for.
 */
function refusing<T>(
  run: () => T,
  options: { readonly classes?: readonly (new (message: string) => Error)[]; readonly unfinished?: string } = {},
): T {
  const { classes = [Error], unfinished = "" } = options;
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Error) || !classes.some((errorClass) => error instanceof errorClass)) throw error;
    const message = unfinished === ""
      ? error.message
      : error.message.replaceAll(unfinished, unfinished.slice(0, -UNFINISHED_ENDING.length));
    throw new ConversionRefused(message, { cause: error });
  }
}

function refusalOf({ path, reason, offset }: FileFault): string {
  return `Cannot convert "${path}": expected a file that is whole, found ${reason} at byte ${offset}; --salvage takes what ` +
    `is whole`;
}

function refuseExisting(path: string): void {
  if (!pathExists(path)) return;
  throw new ConversionRefused(
    `Cannot write "${path}": expected a name that is not taken yet, found a file; if no other conversion is at work, ` +
      `remove it`,
  );
}

/** A link fails if the name has been taken meanwhile, where a renaming would overwrite; not all file systems have links. */
function putInPlace(unfinished: string, output: string): void {
  try {
    if (Deno.statSync(unfinished).isDirectory) return Deno.renameSync(unfinished, output);
    try {
      Deno.linkSync(unfinished, output);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists || pathExists(output)) throw error;
      return Deno.renameSync(unfinished, output);
    }
    Deno.removeSync(unfinished);
  } catch (error) {
    throw fileError("create", output, error);
  }
}

function discard(writer: EventWriter, unfinished: string): void {
  try {
    writer.close();
  } catch {
    // The first error is the one to report.
  }
  try {
    Deno.removeSync(unfinished, { recursive: true });
  } catch {
    // It is not there any more.
  }
}

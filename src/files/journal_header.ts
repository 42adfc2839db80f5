/** The header of a journal: what its records are and where they come from. */
import manifest from "../../deno.json" with { type: "json" };
import { layoutFromJson, layoutToJson, type RecordLayout } from "../record/record_layout.ts";
import { crc32c } from "./crc32c.ts";
import { eventFrameBytes } from "./journal_frame.ts";

/** Where the events of a journal come from; what a program does not know it leaves out. */
export interface JournalOrigin {
  /** Name of the run: `lifetime`. */
  readonly run?: string;
  /** Name of its run directory: `lifetime_2026-01-05_120000`. */
  readonly directory?: string;
  /** When the run began, in seconds since 1970-01-01 UTC. */
  readonly began?: number;
  /** The ring that held the events. */
  readonly ring?: string;
  /** The function that wrote them, by its name in the setup. */
  readonly function?: string;
  /** Which of the function's workers that was, from 0. */
  readonly worker?: number;
}

/** Where a file stands among the files of one journal. */
export interface JournalPlace {
  /** Random name that all files of one journal share, 16 hexadecimal digits. */
  readonly series: string;
  /** Number of the file, from 0. */
  readonly part: number;
  /** Events in the files before it. */
  readonly first: number;
}

/** What stands in the header of a journal. */
export interface JournalHeader extends JournalPlace {
  /** Layout of the records. */
  readonly layout: RecordLayout;
  /** Where the events come from. */
  readonly origin: JournalOrigin;
  /** When the file was made, in seconds since 1970-01-01 UTC. */
  readonly created: number;
  /** Program that wrote it, with its version. */
  readonly program: string;
  /** Four random bytes, none of them 0, with which every frame of the file begins; as the little-endian number that they are. */
  readonly marker: number;
  /** Bytes of each event's frame. */
  readonly frameBytes: number;
  /** Bytes of one copy of the header; the first frame begins at twice of it. */
  readonly headerBytes: number;
}

/** 0x89 is no text, and a transfer that changes line ends changes the last two bytes. */
export const JOURNAL_MAGIC: readonly number[] = [0x89, 0x4d, 0x4a, 0x52, 0x4e, 0x4c, 0x0d, 0x0a]; // "\x89MJRNL\r\n"

/** A reader takes every minor version of its major version. */
const MAJOR_VERSION = 1;
const MINOR_VERSION = 0;

/** Headers are a multiple of this. */
export const HEADER_ALIGNMENT_BYTES = 64;

/** Offsets in the header; the JSON text follows, then zeros, then the checksum of all before in the last four bytes. */
const VERSION_OFFSET = 8; // two uint16
const HEADER_LENGTH_OFFSET = 12;
const JSON_LENGTH_OFFSET = 16;
const FRAME_LENGTH_OFFSET = 20;
const MARKER_OFFSET = 24;
const PART_OFFSET = 28;
const JSON_OFFSET = 32;
const CRC_BYTES = 4;

/** A longer header is none: ten thousand fields with long names need a megabyte. */
const LONGEST_HEADER = 1 << 24;

/** Bytes with which {@linkcode headerLength} can say how long a header is. */
export const HEADER_BEGIN_BYTES = JSON_OFFSET;

/** Fixed values instead of random ones and the present time, for files that are the same each time. */
export interface JournalStamp {
  /** Four bytes as a little-endian number; see {@linkcode JournalHeader}. */
  readonly marker: number;
  /** 16 hexadecimal digits. */
  readonly series: string;
  /** Seconds since 1970-01-01 UTC. */
  readonly created: number;
}

/**
 * Makes the header of a new file.
 *
 * @throws {RangeError} If a record is too long for a frame.
 */
export function newJournalHeader(
  layout: RecordLayout,
  options: { origin?: JournalOrigin; place?: JournalPlace; stamp?: JournalStamp },
): JournalHeader {
  const { origin = {}, place, stamp } = options;
  return {
    layout,
    origin,
    series: place?.series ?? stamp?.series ?? randomHex(8),
    part: place?.part ?? 0,
    first: place?.first ?? 0,
    created: stamp?.created ?? Date.now() / 1000,
    program: `${manifest.name} ${manifest.version}`,
    marker: stamp?.marker ?? randomMarker(),
    frameBytes: eventFrameBytes(layout),
    headerBytes: 0,
  };
}

/** Writes a header: both copies, one behind the other. */
export function encodeHeader(header: JournalHeader): Uint8Array<ArrayBuffer> {
  const { layout, origin, series, first, created, program } = header;
  const json = new TextEncoder().encode(JSON.stringify({
    format: "mimocorb journal",
    layout: JSON.parse(layoutToJson(layout)),
    series,
    part: header.part,
    first,
    created,
    program,
    origin,
  }));
  const needed = JSON_OFFSET + json.length + CRC_BYTES;
  const length = Math.ceil(needed / HEADER_ALIGNMENT_BYTES) * HEADER_ALIGNMENT_BYTES;
  const bytes = new Uint8Array(2 * length);
  const view = new DataView(bytes.buffer);
  bytes.set(JOURNAL_MAGIC);
  view.setUint16(VERSION_OFFSET, MAJOR_VERSION, true);
  view.setUint16(VERSION_OFFSET + 2, MINOR_VERSION, true);
  view.setUint32(HEADER_LENGTH_OFFSET, length, true);
  view.setUint32(JSON_LENGTH_OFFSET, json.length, true);
  view.setUint32(FRAME_LENGTH_OFFSET, header.frameBytes, true);
  view.setUint32(MARKER_OFFSET, header.marker, true);
  view.setUint32(PART_OFFSET, header.part, true);
  bytes.set(json, JSON_OFFSET);
  view.setUint32(length - CRC_BYTES, crc32c(bytes.subarray(0, length - CRC_BYTES)), true);
  bytes.copyWithin(length, 0, length);
  return bytes;
}

/** Length of a header by its first {@linkcode HEADER_BEGIN_BYTES}; 0 if this is no header. */
export function headerLength(begin: Uint8Array): number {
  if (begin.length < HEADER_BEGIN_BYTES || !JOURNAL_MAGIC.every((byte, i) => begin[i] === byte)) return 0;
  const view = new DataView(begin.buffer, begin.byteOffset);
  const length = view.getUint32(HEADER_LENGTH_OFFSET, true);
  const isPossible = length % HEADER_ALIGNMENT_BYTES === 0 && length <= LONGEST_HEADER &&
    JSON_OFFSET + view.getUint32(JSON_LENGTH_OFFSET, true) + CRC_BYTES <= length;
  return isPossible ? length : 0;
}

/**
 * Reads one copy of a header.
 *
 * @param bytes Exactly that copy.
 * @param path The file, for messages.
 * @returns The header, or null if it is damaged.
 * @throws {Error} If it is whole, but of a later version of the format, or says what cannot be.
 */
export function decodeHeader(bytes: Uint8Array, path: string): JournalHeader | null {
  const length = headerLength(bytes);
  if (length === 0 || length !== bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  if (view.getUint32(length - CRC_BYTES, true) !== crc32c(bytes.subarray(0, length - CRC_BYTES))) return null;
  const version = view.getUint16(VERSION_OFFSET, true);
  if (version !== MAJOR_VERSION) {
    throw new Error(
      `Cannot read "${path}": expected a journal of version ${MAJOR_VERSION}, found version ${version}; use the program ` +
        `that wrote it, or a later one`,
    );
  }
  const json = bytes.subarray(JSON_OFFSET, JSON_OFFSET + view.getUint32(JSON_LENGTH_OFFSET, true));
  const header = headerOfJson(new TextDecoder().decode(json), path);
  const frameBytes = view.getUint32(FRAME_LENGTH_OFFSET, true);
  if (eventFrameBytes(header.layout) !== frameBytes) {
    throw new Error(
      `Cannot read "${path}": expected frames of ${eventFrameBytes(header.layout)} bytes by its record layout, found ` +
        `${frameBytes}`,
    );
  }
  const marker = view.getUint32(MARKER_OFFSET, true);
  return { ...header, part: view.getUint32(PART_OFFSET, true), frameBytes, marker, headerBytes: length };
}

type JsonPart = Pick<JournalHeader, "layout" | "origin" | "series" | "first" | "created" | "program">;

function headerOfJson(text: string, path: string): JsonPart {
  try {
    const stored = JSON.parse(text) as Record<string, unknown>;
    return {
      layout: layoutFromJson(JSON.stringify(stored.layout)),
      origin: (stored.origin ?? {}) as JournalOrigin,
      series: String(stored.series ?? ""),
      first: Number(stored.first ?? 0),
      created: Number(stored.created ?? 0),
      program: String(stored.program ?? ""),
    };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read "${path}": expected a record layout in its header, found "${found}"`, {
      cause: error,
    });
  }
}

function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** No byte is 0, so that a run of zeros never looks like the beginning of a frame. */
function randomMarker(): number {
  const bytes = crypto.getRandomValues(new Uint8Array(4)).map((byte) => byte === 0 ? 0xa5 : byte);
  return new DataView(bytes.buffer).getUint32(0, true);
}

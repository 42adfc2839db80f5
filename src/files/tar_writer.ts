/** Writer of tar archives that grow member by member and are complete at every moment. */
import { DamagedFileError } from "./damaged_file_error.ts";
import { fileError } from "./file_error.ts";
import { completeTar } from "./tar_completion.ts";
import { BLOCK_BYTES, END_BYTES, extendedName, isPlainName, wholeBlocks, writeTarHeader } from "./tar_header.ts";

/** Data of a member that can write themselves into memory; spares a copy. */
export interface TarContent {
  readonly byteLength: number;
  /** Writes exactly `byteLength` bytes from `offset`. */
  writeTo(target: Uint8Array, offset: number): void;
}

/** Options of `TarWriter`, and so of `RecordingWriter`. */
export interface TarWriterOptions {
  /** Bytes that are collected before they are written to the file in one go. @default {262144} */
  batchBytes?: number;
  /**
   * Longest time for which a member waits in memory, in ms; looked at when the next one is added, so call `flush()` when
   * nothing comes. @default {1000}
   */
  flushIntervalMs?: number;
  /** Replace a file of that name instead of refusing. @default {false} */
  overwrite?: boolean;
  /** Go on with a file of that name; a last member that is not whole is cut off. @default {false} */
  append?: boolean;
  /** Is told the name of each member that a file which is continued has already. @default {nothing} */
  onMember?: (name: string) => void;
}

/**
 * Writes a tar archive that every tar program and Python's `tarfile` read. Members are files of mode 0644 with
 * modification time, owner and group 0; names that a header block cannot hold get a PAX header.
 *
 * The end blocks are written behind the members at every flush and overwritten by the next one, so that the file is a
 * complete archive also if the program is killed; what is lost then are the members since the last flush.
 * All calls are synchronous.
 */
export class TarWriter implements Disposable {
  /** Path of the archive, as given. */
  readonly path: string;
  readonly #batchBytes: number;
  readonly #flushIntervalMs: number;
  #file: Deno.FsFile | null;
  #buffer: Uint8Array<ArrayBuffer>;
  /** Bytes of the buffer that hold finished members. */
  #filled = 0;
  /** Bytes of the file that hold members; the end blocks stand behind them. */
  #written = 0;
  #members = 0;
  #writtenMembers = 0;
  #membersBefore = 0;
  #flushedAtMs = performance.now();

  /**
   * Creates the file with an empty archive in it.
   *
   * @throws {Error} If the file cannot be created, exists already, or the disk is full; the message names it.
   */
  constructor(path: string, options: TarWriterOptions = {}) {
    const { batchBytes = 1 << 18, flushIntervalMs = 1000, overwrite = false, append = false } = options;
    this.path = path;
    this.#batchBytes = batchBytes;
    this.#flushIntervalMs = flushIntervalMs;
    this.#buffer = new Uint8Array(batchBytes + END_BYTES);
    const isThere = append && this.#goOn(options.onMember);
    try {
      const mode = isThere ? {} : overwrite ? { create: true, truncate: true } : { createNew: true };
      this.#file = Deno.openSync(path, { write: true, ...mode });
    } catch (error) {
      throw fileError("create", path, error);
    }
    try {
      this.#writeOut();
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  /** Members that a file which is continued had already. */
  get membersBefore(): number {
    return this.#membersBefore;
  }

  /** Members added so far, not counting those of a file that is continued. */
  get members(): number {
    return this.#members;
  }

  /** Size of the archive so far without its end blocks, in bytes; part of it may still be in memory. */
  get byteLength(): number {
    return this.#written + this.#filled;
  }

  /**
   * Adds one file to the archive.
   *
   * @param name Its name, with `/` between folders; not empty.
   * @param content Its data in one or several pieces, or something that writes them; nothing of it is kept.
   * @throws {TypeError} If the archive is closed or the name is empty or has a zero character.
   * @throws {Error} As {@linkcode TarWriter.flush}.
   */
  add(name: string, content: Uint8Array | readonly Uint8Array[] | TarContent): void {
    if (this.#file === null) {
      throw new TypeError(`Cannot add "${name}" to "${this.path}": expected an open archive, found a closed one`);
    }
    if ("writeTo" in content) {
      const offset = this.#begin(name, content.byteLength);
      content.writeTo(this.#buffer, offset);
      this.#finish(offset, content.byteLength);
    } else if (content instanceof Uint8Array) {
      const offset = this.#begin(name, content.length);
      this.#buffer.set(content, offset);
      this.#finish(offset, content.length);
    } else {
      const bytes = content.reduce((sum, piece) => sum + piece.length, 0);
      const offset = this.#begin(name, bytes);
      let at = offset;
      for (const piece of content) {
        this.#buffer.set(piece, at);
        at += piece.length;
      }
      this.#finish(offset, bytes);
    }
    if (performance.now() - this.#flushedAtMs >= this.#flushIntervalMs) this.flush();
  }

  /**
   * Writes everything that was added to the file.
   *
   * @throws {Error} If the disk is full or the file cannot be written; the message names it. The file then is the archive
   *   that the last flush before left, and the members since are gone; call it after each member to know which ones.
   */
  flush(): void {
    if (this.#file !== null && this.#filled > 0) this.#writeOut();
    this.#flushedAtMs = performance.now();
  }

  /** Writes what is left and closes the file. Idempotent; the file is closed also if the last write fails. */
  close(): void {
    if (this.#file === null) return;
    try {
      this.flush();
    } finally {
      this.#file.close();
      this.#file = null;
    }
  }

  /** Same as {@linkcode TarWriter.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Makes room for a member, writes its header and returns where its data go. Changes nothing that was finished. */
  #begin(name: string, bytes: number): number {
    if (isPlainName(name)) {
      this.#makeRoom(BLOCK_BYTES + wholeBlocks(bytes));
      writeTarHeader(this.#buffer, { offset: this.#filled, name, size: bytes, type: "0" });
      return this.#filled + BLOCK_BYTES;
    }
    if (name === "" || name.includes("\0")) {
      throw new TypeError(
        `Cannot add a member to "${this.path}": expected a name without zero characters, found ${JSON.stringify(name)}`,
      );
    }
    const record = extendedName(name);
    const recordBytes = wholeBlocks(record.length);
    this.#makeRoom(2 * BLOCK_BYTES + recordBytes + wholeBlocks(bytes));
    const shortName = name.replace(/[^\x21-\x7e]/g, "_").slice(-80);
    let offset = this.#filled;
    writeTarHeader(this.#buffer, { offset, name: `PaxHeaders/${shortName}`, size: record.length, type: "x" });
    offset += BLOCK_BYTES;
    this.#buffer.set(record, offset);
    this.#buffer.fill(0, offset + record.length, offset + recordBytes);
    offset += recordBytes;
    writeTarHeader(this.#buffer, { offset, name: shortName, size: bytes, type: "0" });
    return offset + BLOCK_BYTES;
  }

  #finish(offset: number, bytes: number): void {
    const end = offset + wholeBlocks(bytes);
    this.#buffer.fill(0, offset + bytes, end);
    this.#filled = end;
    this.#members++;
    if (this.#filled >= this.#batchBytes) this.flush();
  }

  /** Sees to it that the buffer has so many bytes behind the finished members, and the end blocks behind those. */
  #makeRoom(bytes: number): void {
    if (this.#filled + bytes + END_BYTES <= this.#buffer.length) return;
    this.flush();
    if (bytes + END_BYTES > this.#buffer.length) this.#buffer = new Uint8Array(bytes + END_BYTES);
  }

  /** Writes the buffer and the end blocks over the end blocks that are there. */
  #writeOut(): void {
    const file = this.#file!;
    const end = this.#filled + END_BYTES;
    this.#buffer.fill(0, this.#filled, end);
    try {
      file.seekSync(this.#written, Deno.SeekMode.Start);
      for (let at = 0; at < end;) at += file.writeSync(this.#buffer.subarray(at, end));
    } catch (error) {
      this.#restoreEnd();
      this.#filled = 0;
      this.#members = this.#writtenMembers;
      throw fileError("write", this.path, error);
    }
    this.#written += this.#filled;
    this.#writtenMembers = this.#members;
    this.#filled = 0;
  }

  /** Completes an archive that is there. Returns false if there is none. */
  #goOn(onMember?: (name: string) => void): boolean {
    try {
      Deno.statSync(this.path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw fileError("read", this.path, error);
    }
    const { end, members, fault } = completeTar(this.path, onMember);
    if (fault !== null) throw new DamagedFileError(fault, "an archive that can be continued");
    this.#written = end;
    this.#membersBefore = members;
    return true;
  }

  /** After a failed write: makes the members before it a complete archive again, if the disk lets us. */
  #restoreEnd(): void {
    const file = this.#file!;
    try {
      // There is room for them, since that was just written to, until the rest is cut off.
      file.seekSync(this.#written, Deno.SeekMode.Start);
      file.writeSync(new Uint8Array(END_BYTES));
      file.truncateSync(this.#written + END_BYTES);
    } catch {
      // The first error is the one to report; a reader takes an archive without end blocks as well.
    }
  }
}

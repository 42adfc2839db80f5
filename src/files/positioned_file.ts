/** Files that are read at any place. */
import { fileError } from "./file_error.ts";

/** A file that is open for reading; synchronous. */
export class PositionedFile implements Disposable {
  /** Path of the file, as given. */
  readonly path: string;
  /** Its size when it was opened, in bytes. */
  readonly size: number;
  readonly #file: Deno.FsFile;

  /** @throws {Error} If the file cannot be opened; the message names it. */
  constructor(path: string) {
    this.path = path;
    try {
      this.#file = Deno.openSync(path);
      this.size = this.#file.statSync().size;
    } catch (error) {
      throw fileError("read", path, error);
    }
  }

  /**
   * Fills memory from a place of the file on.
   *
   * @returns How many bytes there were: less than asked for at the file's end.
   * @throws {Error} If the file cannot be read; the message names it.
   */
  readInto(target: Uint8Array, offset: number): number {
    try {
      this.#file.seekSync(offset, Deno.SeekMode.Start);
      let length = 0;
      while (length < target.length) {
        const got = this.#file.readSync(length === 0 ? target : target.subarray(length));
        if (got === null) break;
        length += got;
      }
      return length;
    } catch (error) {
      throw fileError("read", this.path, error);
    }
  }

  /**
   * Reads bytes from a place on into memory of their own; fewer at the file's end, and none before its beginning. Throws
   * as `readInto` does.
   */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const target = new Uint8Array(offset < 0 ? 0 : Math.max(0, Math.min(length, this.size - offset)));
    return target.length === 0 ? target : target.subarray(0, this.readInto(target, offset));
  }

  /** Closes the file; not to be repeated. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

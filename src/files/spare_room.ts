/** Room on a disk that is kept for later. */
import { fileError } from "./file_error.ts";

const STEP_BYTES = 1 << 20;

/**
 * A file that does nothing but take up room, so that what a writer holds in memory still fits on the disk when others have
 * filled it: the room is given up and at once used.
 */
export class SpareRoom {
  readonly #path: string;
  #file: Deno.FsFile | null = null;
  #bytes = 0;

  /** @param path Path of the file; nothing is made before {@linkcode SpareRoom.grow}. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Sees to it that at least so many bytes are kept.
   *
   * @throws {Error} If the disk has not that room, or the file cannot be written; what there was is kept.
   */
  grow(bytes: number): void {
    if (bytes <= this.#bytes) return;
    try {
      this.#file ??= Deno.openSync(this.#path, { write: true, create: true, truncate: true });
      const zeros = new Uint8Array(STEP_BYTES);
      while (this.#bytes < bytes) {
        this.#file.seekSync(this.#bytes, Deno.SeekMode.Start);
        for (let at = 0; at < zeros.length;) at += this.#file.writeSync(zeros.subarray(at));
        this.#bytes += zeros.length;
      }
    } catch (error) {
      throw fileError("keep room in", this.#path, error);
    }
  }

  /** Gives the room back. Idempotent. Returns true if there was any. */
  release(): boolean {
    if (this.#file === null) return false;
    this.#file.close();
    this.#file = null;
    this.#bytes = 0;
    try {
      Deno.removeSync(this.#path);
    } catch {
      // Somebody was faster, or the whole folder is gone.
    }
    return true;
  }
}

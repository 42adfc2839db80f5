/** Finds, compiles and opens the shared-memory helper. */
import controlC from "./control.c" with { type: "text" };
import memoryC from "./memory.c" with { type: "text" };
import observerC from "./observer.c" with { type: "text" };
import ownersC from "./owners.c" with { type: "text" };
import readerC from "./reader.c" with { type: "text" };
import recoverC from "./recover.c" with { type: "text" };
import ringH from "./ring.h" with { type: "text" };
import segmentC from "./segment.c" with { type: "text" };
import statusC from "./status.c" with { type: "text" };
import waitH from "./wait.h" with { type: "text" };
import waitingC from "./waiting.c" with { type: "text" };
import wordsH from "./words.h" with { type: "text" };
import writerC from "./writer.c" with { type: "text" };
import { compileLibrary } from "../compile_library.ts";
import {
  COUNTS_LENGTH,
  OWNER_BYTES,
  OWNER_COUNTS_LENGTH,
  RING_ABI,
  RING_SYMBOLS,
  type RingSymbols,
  SPEC_BYTES,
} from "./symbols.ts";

const SOURCES: Readonly<Record<string, string>> = {
  "ring.h": ringH,
  "wait.h": waitH,
  "words.h": wordsH,
  "segment.c": segmentC,
  "owners.c": ownersC,
  "writer.c": writerC,
  "reader.c": readerC,
  "memory.c": memoryC,
  "observer.c": observerC,
  "recover.c": recoverC,
  "control.c": controlC,
  "waiting.c": waitingC,
  "status.c": statusC,
};

/**
 * Makes sure that the helper library exists: compiles its C source into the user's cache folder at the first use of each
 * version, later only looks it up.
 *
 * @returns Path of the library, for {@linkcode openRingLibrary} here or in a worker.
 * @throws {Error} If there is no C compiler, or it fails; the message says what to install or shows its words.
 */
export function ringLibraryPath(): Promise<string> {
  return compileLibrary("shm_ring", SOURCES);
}

const opened = new Map<string, RingSymbols>();

/**
 * Opens the helper library; once per thread.
 *
 * @param path What {@linkcode ringLibraryPath} gave.
 * @throws {Error} If it cannot be loaded, or is of another version than this code.
 */
export function openRingLibrary(path: string): RingSymbols {
  const known = opened.get(path);
  if (known !== undefined) return known;
  let symbols: RingSymbols;
  try {
    symbols = Deno.dlopen(path, RING_SYMBOLS).symbols;
  } catch (cause) {
    throw new Error(
      `Cannot load the shared-memory helper "${path}": ${
        (cause as Error).message
      }; remove the file to compile it again`,
      { cause },
    );
  }
  const expected = [RING_ABI, OWNER_BYTES, SPEC_BYTES, COUNTS_LENGTH * 8, OWNER_COUNTS_LENGTH * 8];
  const found = [
    symbols.shm_ring_abi(),
    symbols.shm_ring_sizeof_owner(),
    symbols.shm_ring_sizeof_spec(),
    symbols.shm_ring_sizeof_counts(),
    symbols.shm_ring_sizeof_owner_counts(),
  ];
  if (expected.join() !== found.join()) {
    throw new Error(
      `Cannot use the shared-memory helper "${path}": expected version and structure sizes ${expected.join(", ")}, ` +
        `found ${found.join(", ")}; remove the file to compile it again`,
    );
  }
  opened.set(path, symbols);
  return symbols;
}

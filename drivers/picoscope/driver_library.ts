/** One opened PicoScope library: its functions by name, one call at a time. */
import { foreignSymbols, LATER, type Prototype } from "./foreign_symbols.ts";
import { installAdvice, libraryPaths, type LibrarySearch } from "./library_paths.ts";
import { STATUS } from "./pico_status.ts";

/** What a function of a library can be given. */
export type Argument = number | ArrayBufferView<ArrayBufferLike> | Deno.PointerValue;

/** Functions that may take seconds; each of them can also be called beside the JavaScript thread. */
const LONG_CALLS = ["OpenUnit", "CloseUnit", "EnumerateUnits", "GetValues", "GetValuesBulk"] as const;

/** Name of a function that {@linkcode DriverLibrary.callLater} can call. */
export type LongCall = typeof LONG_CALLS[number];

/** How long a call waits for one of another thread to end: the longest transfer over USB 2 takes some seconds. */
const OTHER_CALL_MS = 60_000;
const FIRST_RETRY_MS = 0.1;
const LAST_RETRY_MS = 5;

/** A function of a library. */
export type ForeignFunction = (...args: Argument[]) => number;
type LateFunction = (...args: Argument[]) => Promise<number>;

/** What a library must have to be used. */
export interface LibraryNeeds {
  /** Prefix of the functions, and name of the library: `ps5000a`. */
  readonly prefix: string;
  /** All functions that are known. */
  readonly prototypes: readonly Prototype[];
  /** Names of those without which nothing works. */
  readonly required: readonly string[];
}

/**
 * A loaded library. The vendor allows one call at a time in a process: calls of this thread follow one another, long ones
 * in a queue; a call that meets one of another thread is refused by the library and repeated here until it gets through.
 */
export class DriverLibrary implements Disposable {
  /** Prefix of its functions: `ps5000a`. */
  readonly prefix: string;
  /** Where it was found. */
  readonly path: string;
  readonly #library: Deno.DynamicLibrary<Deno.ForeignLibraryInterface>;
  readonly #functions: Readonly<Record<string, ForeignFunction | LateFunction | null>>;
  readonly #pause = new Int32Array(new SharedArrayBuffer(4));
  #queue: Promise<unknown> = Promise.resolve();
  #isOpen = true;

  private constructor(
    needs: LibraryNeeds,
    { path, library }: { path: string; library: Deno.DynamicLibrary<Deno.ForeignLibraryInterface> },
  ) {
    this.prefix = needs.prefix;
    this.path = path;
    this.#library = library;
    this.#functions = library.symbols as unknown as Record<string, ForeignFunction | LateFunction | null>;
  }

  /**
   * Finds and loads a library.
   *
   * @param needs Its functions.
   * @param search Where to look.
   * @throws {Error} If it is nowhere, cannot be loaded, or lacks functions; says which, and what to install.
   */
  static open(needs: LibraryNeeds, search: LibrarySearch = {}): DriverLibrary {
    const { prefix, prototypes, required } = needs;
    const symbols = foreignSymbols(prefix, prototypes, LONG_CALLS);
    const paths = libraryPaths(prefix, search);
    const refusals: string[] = [];
    for (const path of paths) {
      let library: Deno.DynamicLibrary<Deno.ForeignLibraryInterface>;
      try {
        library = Deno.dlopen(path, symbols);
      } catch (cause) {
        const words = (cause as Error).message;
        // A file that is there but does not load is the one that the user means: say why it fails, such as no libusb.
        if (isFile(path)) throw new Error(`Cannot load the PicoScope library "${path}": ${words}`, { cause });
        refusals.push(words);
        continue;
      }
      const missing = required.filter((name) => library.symbols[name] === null);
      if (missing.length > 0) {
        library.close();
        throw new Error(
          `Cannot use the PicoScope library "${path}": expected ${required.length} functions, found none of the names ` +
            `${missing.map((name) => prefix + name).join(", ")}; it is too old or of another family`,
        );
      }
      return new DriverLibrary(needs, { path, library });
    }
    throw new Error(
      `Cannot find the PicoScope library ${prefix}: expected one of "${paths.join('", "')}", found none; ` +
        installAdvice(prefix),
      { cause: new Error(refusals.at(-1)) },
    );
  }

  /** True if the library has a function. */
  has(name: string): boolean {
    return (this.#functions[name] ?? null) !== null;
  }

  /**
   * Calls a function and waits for it.
   *
   * @param name Name without the prefix.
   * @param args As declared; numbers also for 64-bit integers.
   * @returns The PICO_STATUS.
   * @throws {TypeError} If the library does not have the function.
   */
  call(name: string, ...args: Argument[]): number {
    const status = this.#function(name)(...args);
    return status === STATUS.driverFunction ? this.#repeat(name, args) : status;
  }

  /**
   * A function itself, for what is called thousands of times: without the repetition of {@linkcode call}, but five times
   * as fast, since the engine then calls it with plain arguments.
   *
   * @throws {TypeError} If the library does not have the function.
   */
  direct(name: string): ForeignFunction {
    return this.#function(name);
  }

  /**
   * Calls a function that may take long while this thread goes on with other things; after the long calls before it.
   *
   * @returns The PICO_STATUS.
   */
  callLater(name: LongCall, ...args: Argument[]): Promise<number> {
    const result = this.#queue.then(() => this.#later(name, args));
    this.#queue = result.catch(() => {});
    return result;
  }

  /** Unloads the library. May be repeated. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#library.close();
  }

  /** Same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #function(name: string): ForeignFunction {
    const found = this.#functions[name] as ForeignFunction | null | undefined;
    if (found && this.#isOpen) return found;
    throw new TypeError(
      this.#isOpen
        ? `Cannot call ${this.prefix}${name}: the library "${this.path}" does not have it`
        : `Cannot call ${this.prefix}${name}: the library was closed`,
    );
  }

  async #later(name: LongCall, args: Argument[]): Promise<number> {
    this.#function(name);
    const call = this.#functions[name + LATER] as LateFunction;
    const endMs = performance.now() + OTHER_CALL_MS;
    for (let pauseMs = FIRST_RETRY_MS;; pauseMs = Math.min(LAST_RETRY_MS, 2 * pauseMs)) {
      const status = await call(...args);
      if (status !== STATUS.driverFunction || performance.now() > endMs) return status;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  #repeat(name: string, args: Argument[]): number {
    const endMs = performance.now() + OTHER_CALL_MS;
    for (let pauseMs = FIRST_RETRY_MS;; pauseMs = Math.min(LAST_RETRY_MS, 2 * pauseMs)) {
      Atomics.wait(this.#pause, 0, 0, pauseMs);
      const status = this.#function(name)(...args);
      if (status !== STATUS.driverFunction || performance.now() > endMs) return status;
    }
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

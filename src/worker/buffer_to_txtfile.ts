/** Writes parameters of events into a text file. */
import { TextTableWriter } from "../files/text_table.ts";
import { bufferToFile } from "./buffer_to_file.ts";
import type { FunctionContext } from "./context.ts";
import { FunctionSettings } from "./function_settings.ts";
import { claimRunFile, runFile } from "./run_file.ts";
import { requireWiring } from "./wiring.ts";

const DEFAULT_EXTENSION = ".txt";

/** Options of {@linkcode BufferToTxtfile}. */
export interface BufferToTxtfileOptions {
  /** What stands between columns. @default {"\t"} */
  readonly separator?: string;
  /** Ending of the file's name. @default {".txt"} */
  readonly extension?: string;
  /** File name if the configuration has none. @default {none: the configuration must have one} */
  readonly filename?: string;
}

/**
 * Writes every event of the first source as a line of `<run directory>/<filename>.txt`: counter, timestamp, dead time, and
 * all fields, under the titles of `header_alias`. The ring must hold one value per field. Further workers of the function
 * write `<filename>_1.txt` and so on. With sinks, the events are also handed on to them.
 *
 * Configuration: `filename` (required), `header_alias` (mapping of columns to titles, `counter`, `timestamp` and
 * `deadtime` included).
 *
 * An event is given back to its ring only when its line is in the file, so that nothing is lost if the program is killed.
 */
export class BufferToTxtfile {
  readonly #context: FunctionContext<unknown>;
  readonly #filename: string;
  readonly #headerAlias: Readonly<Record<string, string>>;
  readonly #options: BufferToTxtfileOptions;

  /**
   * Checks configuration and rings; nothing is written yet.
   *
   * @throws {TypeError} If the configuration is wrong, or the function is not connected to one source.
   * @throws {RangeError} If the ring has more than one value per field.
   */
  constructor(context: FunctionContext<unknown>, options: BufferToTxtfileOptions = {}) {
    requireWiring(context, { sources: 1, sinks: "any", passesThrough: true });
    this.#context = context;
    this.#options = options;
    const settings = new FunctionSettings(context);
    const { filename } = options;
    this.#filename = settings.text("filename", filename === undefined ? {} : { fallback: filename });
    claimRunFile(context, this.#filename, options.extension ?? DEFAULT_EXTENSION);
    const titles = Object.entries(settings.mapping("header_alias"));
    this.#headerAlias = Object.fromEntries(titles.map(([column, title]) => [column, String(title)]));
    const { name, layout } = context.sources[0];
    if (layout.valuesPerSlot !== 1) {
      throw new RangeError(
        `Cannot connect function "${context.functionName}" (${context.name}): expected ring ${name} to hold 1 value per ` +
          `field, found ${layout.valuesPerSlot}; use save_parquet for waveforms`,
      );
    }
  }

  /** Writes all events until the source ends; blocks. */
  run(): void | Promise<void> {
    const { separator = "\t", extension = DEFAULT_EXTENSION } = this.#options;
    const context = this.#context;
    const path = runFile(context, this.#filename, extension);
    const table = new TextTableWriter(path, context.sources[0].layout, {
      separator,
      headerAlias: this.#headerAlias,
      append: context.restarts > 0,
    });
    return bufferToFile(context, {
      write: (event) => table.write(event),
      flush: () => table.flush(),
      close: () => table.close(),
      isWrittenThrough: true,
      recordsBefore: table.rowsBefore,
    });
  }
}

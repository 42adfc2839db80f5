/** Writes waveforms of events into an archive of Parquet files. */
import { parquetColumn } from "../files/parquet_schema.ts";
import { RecordingWriter } from "../files/recording_writer.ts";
import { bufferToFile } from "./buffer_to_file.ts";
import type { FunctionContext } from "./context.ts";
import { FunctionSettings } from "./function_settings.ts";
import { claimRunFile, runFile } from "./run_file.ts";
import { requireWiring } from "./wiring.ts";

const EXTENSION = ".tar";

/**
 * Writes every event of the first source as a Parquet file `<filename>_<counter>.parquet` into the archive
 * `<run directory>/<filename>.tar`. Further workers of the function write `<filename>_1.tar` and so on. With sinks, the
 * events are also handed on to them. The archive is complete also if the program is killed: an event is given back to its
 * ring only when it is in there.
 *
 * Configuration: `filename` (required).
 */
export class BufferToParquetfile {
  readonly #context: FunctionContext<unknown>;
  readonly #filename: string;

  /**
   * Checks configuration and rings; nothing is written yet.
   *
   * @throws {TypeError} If the configuration is wrong, the function is not connected to one source, or that has complex
   *   numbers.
   */
  constructor(context: FunctionContext<unknown>) {
    requireWiring(context, { sources: 1, sinks: "any", passesThrough: true });
    this.#context = context;
    this.#filename = new FunctionSettings(context).text("filename");
    claimRunFile(context, this.#filename, EXTENSION);
    refuseComplexNumbers(context);
  }

  /** Writes all events until the source ends; blocks. */
  run(): void | Promise<void> {
    const context = this.#context;
    const path = runFile(context, this.#filename, EXTENSION);
    const stem = this.#filename.replace(/^.*\//, "").replace(/\.tar$/, "");
    const archive = new RecordingWriter(path, context.sources[0].layout, { stem, append: context.restarts > 0 });
    return bufferToFile(context, {
      write: (event) => archive.write(event),
      flush: () => archive.flush(),
      close: () => archive.close(),
      isWrittenThrough: true,
      recordsBefore: archive.eventsBefore,
    });
  }
}

function refuseComplexNumbers(
  { functionName, name, sources: [{ name: ring, layout }] }: FunctionContext<unknown>,
): void {
  try {
    for (const field of layout.fields) parquetColumn(field, layout.valuesPerSlot);
  } catch (error) {
    const found = error instanceof Error ? error.message : error;
    throw new TypeError(
      `Cannot connect function "${functionName}" (${name}): expected fields of ring ${ring} that a Parquet file can hold, ` +
        `found: ${found}; or use save_parquet_table, which does that`,
      { cause: error },
    );
  }
}

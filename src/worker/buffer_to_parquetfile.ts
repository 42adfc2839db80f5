/** Writes waveforms of events into an archive of Parquet files. */
import { RecordingWriter } from "../files/recording_writer.ts";
import { bufferToFile } from "./buffer_to_file.ts";
import type { FunctionContext } from "./context.ts";
import { FunctionSettings } from "./function_settings.ts";
import { checkFileName, runFile } from "./run_file.ts";
import { requireWiring } from "./wiring.ts";

/**
 * Writes every event of the first source as a Parquet file `<filename>_<counter>.parquet` into the archive
 * `<run directory>/<filename>.tar`. Further workers of the function write `<filename>_1.tar` and so on. With sinks, the
 * events are also handed on to them. The archive is complete also if the program is killed.
 *
 * Configuration: `filename` (required).
 */
export class BufferToParquetfile {
  readonly #context: FunctionContext<unknown>;
  readonly #filename: string;

  /**
   * Checks configuration and rings; nothing is written yet.
   *
   * @throws {TypeError} If the configuration is wrong, or the function is not connected to one source.
   */
  constructor(context: FunctionContext<unknown>) {
    requireWiring(context, { sources: 1, sinks: "any", passesThrough: true });
    this.#context = context;
    this.#filename = new FunctionSettings(context).text("filename");
    checkFileName(context, this.#filename);
  }

  /** Writes all events until the source ends; blocks. */
  run(): void | Promise<void> {
    const context = this.#context;
    const path = runFile(context, this.#filename, ".tar");
    const stem = this.#filename.replace(/^.*\//, "").replace(/\.tar$/, "");
    return bufferToFile(context, new RecordingWriter(path, context.sources[0].layout, { stem }));
  }
}

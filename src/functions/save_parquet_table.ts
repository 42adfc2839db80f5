/** Exporter of a run's events as one table. */
import { type ParquetTableOptions, ParquetTableWriter } from "../files/parquet_table_writer.ts";
import { bufferToFile } from "../worker/buffer_to_file.ts";
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import { claimSharedRunFile, sharedRunFile } from "../worker/run_file.ts";
import { runOrigin } from "../worker/run_origin.ts";
import { requireWiring } from "../worker/wiring.ts";

const BYTES_PER_MB = 1e6;

/** A page is counted with 31 bits. */
const MOST_MB = 1000;

interface TableSettings {
  readonly filename: string;
  readonly sizes: Required<Pick<ParquetTableOptions, "rowGroupBytes" | "rowGroupS" | "segmentBytes" | "segmentS">>;
}

/**
 * Writes every event of its source as a row of the Parquet table `<run directory>/<filename>/`, a folder of files
 * `part-00000.parquet` … that pandas, Polars and DuckDB read as one; see `docs/files.md`. Several workers write into the
 * same table. With sinks, the events are also handed on to them.
 *
 * If the program is killed, the events since the last row group are lost from the table; add `save_journal` where that
 * must not be.
 *
 * Configuration: `filename` (required); when a row group is written: `row_group_mb` (16) or `row_group_s` (30) after its
 * first event; when a file is finished: `segment_mb` (128) or `segment_s` (600).
 */
export const saveParquetTable: DaqFunction = checkedFunction(readSettings, (context, { filename, sizes }) => {
  const { workerNumber: worker, restarts } = context;
  const table = new ParquetTableWriter(sharedRunFile(context, filename, ""), context.sources[0].layout, {
    ...sizes,
    worker,
    origin: runOrigin(context),
    // Run directories are never used again: what is there was begun by a worker that this one replaces.
    append: restarts > 0,
  });
  return bufferToFile(context, {
    write: (event) => table.write(event),
    flush: () => table.idle(),
    close: () => table.close(),
    recordsBefore: table.eventsBefore,
  });
});

function readSettings(context: FunctionContext): TableSettings {
  requireWiring(context, { sources: 1, sinks: "any", passesThrough: true });
  const settings = new FunctionSettings(context);
  const filename = settings.text("filename");
  claimSharedRunFile(context, filename, "");
  const size = (key: string, fallback: number) => settings.number(key, { fallback, above: 0, max: MOST_MB });
  const time = (key: string, fallback: number) => settings.number(key, { fallback, above: 0 });
  return {
    filename,
    sizes: {
      rowGroupBytes: size("row_group_mb", 16) * BYTES_PER_MB,
      rowGroupS: time("row_group_s", 30),
      segmentBytes: settings.number("segment_mb", { fallback: 128, above: 0 }) * BYTES_PER_MB,
      segmentS: time("segment_s", 600),
    },
  };
}

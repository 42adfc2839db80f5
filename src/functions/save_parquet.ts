/** Exporter of waveforms. */
import { BufferToParquetfile } from "../worker/buffer_to_parquetfile.ts";
import { checkedFunction, type DaqFunction } from "../worker/context.ts";

/** Writes waveforms of events into an archive; see {@linkcode BufferToParquetfile} for its configuration. */
export const saveParquet: DaqFunction = checkedFunction(
  (context) => new BufferToParquetfile(context),
  (_context, exporter) => exporter.run(),
);

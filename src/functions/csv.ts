/** Exporter of parameters as comma separated values. */
import { BufferToTxtfile } from "../worker/buffer_to_txtfile.ts";
import { checkedFunction, type DaqFunction } from "../worker/context.ts";

/**
 * Writes parameters of events into `<filename>.csv`, as mimoCoRB2's `exporters.csv`. Configuration: `filename` (the ring's
 * name if absent), `header_alias`. Sinks get all events.
 */
export const csv: DaqFunction = checkedFunction(
  (context) =>
    new BufferToTxtfile(context, {
      separator: ",",
      extension: ".csv",
      ...(context.sources.length > 0 ? { filename: context.sources[0].name } : {}),
    }),
  (_context, exporter) => exporter.run(),
);

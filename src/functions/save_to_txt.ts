/** Exporter of parameters as text. */
import { BufferToTxtfile } from "../worker/buffer_to_txtfile.ts";
import { checkedFunction, type DaqFunction } from "../worker/context.ts";

/** Writes parameters of events into a text file; see {@linkcode BufferToTxtfile} for its configuration. */
export const saveToTxt: DaqFunction = checkedFunction(
  (context) => new BufferToTxtfile(context),
  (_context, exporter) => exporter.run(),
);

/** Brings in ones, as many as are wanted. */
import { type FunctionContext, SourceToBuffer } from "../../mod.ts";

/** Importer of the start-up measurement. */
export function oneValue(context: FunctionContext): void | Promise<void> {
  return new SourceToBuffer(context, () => ({ value: 1 })).run();
}

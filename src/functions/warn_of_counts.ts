/** Says that a source fills its ring with raw numbers, where most functions expect mV. */
import type { FunctionContext } from "../worker/context.ts";

/**
 * Warns once that fields hold counts.
 *
 * @param fields Names of these fields; nothing is said if there are none.
 * @param words Where their scale is, and how to get mV instead.
 */
export function warnOfCounts(
  { log, sinks: [{ name }], workerNumber }: FunctionContext<unknown>,
  fields: readonly string[],
  { scale, remedy }: { scale: string; remedy: string },
): void {
  if (fields.length === 0 || workerNumber !== 0) return;
  log.warn(
    `ring "${name}" holds ADC counts, not mV, in ${
      fields.join(", ")
    }: functions with thresholds in mV, histograms of mV and ` +
      `plots see counts; ${scale}; ${remedy}`,
  );
}

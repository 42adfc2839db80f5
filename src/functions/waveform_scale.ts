/** What the raw numbers in a ring mean: written by a source into the run directory, for readers and for later. */
import type { FunctionContext } from "../worker/context.ts";
import { parse, stringify } from "../std/yaml.js";

/** Scale of one field: a voltage in mV is `value * mvPerCount - offsetMv`. */
export interface FieldScale {
  /** mV of one count; 1 for fields that hold mV already. */
  readonly mvPerCount: number;
  /** Voltage in mV that the numbers have in them and the input has not. */
  readonly offsetMv: number;
  /** Largest voltage of either sign at the converter, in mV. */
  readonly rangeMv: number;
}

/** What a source has measured with. */
export interface WaveformScale {
  /** The instrument. */
  readonly source: string;
  /** Time between samples in ns, as the instrument gives it. */
  readonly sampleTimeNs: number;
  /** Samples before the trigger. */
  readonly preTriggerSamples: number;
  /** By name of the field. */
  readonly fields: Readonly<Record<string, FieldScale>>;
}

function scalePath(context: Pick<FunctionContext<unknown>, "runDirectory">, ring: string): string {
  return `${context.runDirectory}/${ring}_scale.yaml`;
}

/**
 * Writes the scale of a ring's data, before the first event is published, as `<ring>_scale.yaml` into the run directory.
 *
 * @param ring Name of the ring.
 * @param further Whatever else is worth keeping: model, trigger in counts …
 */
export function writeWaveformScale(
  context: Pick<FunctionContext<unknown>, "runDirectory">,
  ring: string,
  { scale, further }: { scale: WaveformScale; further: Readonly<Record<string, unknown>> },
): void {
  const fields = Object.fromEntries(
    Object.entries(scale.fields).map(([name, { mvPerCount, offsetMv, rangeMv }]) => [name, {
      mV_per_count: mvPerCount,
      offset_mV: offsetMv,
      range_mV: rangeMv,
    }]),
  );
  const text = stringify({
    source: scale.source,
    sample_time_ns: scale.sampleTimeNs,
    pre_trigger_samples: scale.preTriggerSamples,
    fields,
    ...further,
  }, { lineWidth: -1 });
  Deno.writeTextFileSync(scalePath(context, ring), text);
}

/**
 * Reads the scale of a ring's data, for functions that get raw counts. It is there as soon as the ring holds an event.
 *
 * @example Heights in mV of a ring whose source writes counts
 * ```ts
 * import { type DaqFunction, type FieldScale, readWaveformScale } from "@mimocorb/daq";
 *
 * export const printHeights: DaqFunction = (context) => {
 *   const [reader] = context.sources;
 *   let scale: FieldScale | null = null;
 *   for (const { data } of reader) {
 *     scale ??= readWaveformScale(context, reader.name).fields.chA;
 *     context.log.info(`${Math.max(...data.chA) * scale.mvPerCount - scale.offsetMv} mV`);
 *   }
 * };
 * ```
 *
 * @param context Context of the function.
 * @param ring Name of the ring.
 * @throws {Deno.errors.NotFound} If the ring's source writes none, or has not begun.
 * @throws {SyntaxError} If the file is none of this kind.
 */
export function readWaveformScale(
  context: Pick<FunctionContext<unknown>, "runDirectory">,
  ring: string,
): WaveformScale {
  const path = scalePath(context, ring);
  const found = parse(Deno.readTextFileSync(path)) as StoredScale | null;
  if (typeof found?.fields !== "object") {
    throw new SyntaxError(`Cannot read "${path}": expected a mapping with "fields", found something else`);
  }
  return {
    source: found.source,
    sampleTimeNs: found.sample_time_ns,
    preTriggerSamples: found.pre_trigger_samples,
    fields: Object.fromEntries(
      Object.entries(found.fields).map(([name, { mV_per_count, offset_mV, range_mV }]): [string, FieldScale] => [
        name,
        { mvPerCount: mV_per_count, offsetMv: offset_mV, rangeMv: range_mV },
      ]),
    ),
  };
}

interface StoredScale {
  readonly source: string;
  readonly sample_time_ns: number;
  readonly pre_trigger_samples: number;
  readonly fields: Readonly<Record<string, { mV_per_count: number; offset_mV: number; range_mV: number }>>;
}

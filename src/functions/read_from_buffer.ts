/** Example of an analysis at the end of a chain. */
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { exporter } from "../worker/exporter.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import { requireWiring } from "../worker/wiring.ts";

/** Field whose mean is taken if the configuration names none. */
const DEFAULT_FIELD = "decay_time";

/**
 * Counts the events of its source and gives the mean of one field with its standard error in the run's log when no more
 * come. Configuration: `field` (`decay_time`, or else the ring's first field).
 */
export const readFromBuffer: DaqFunction = checkedFunction(readField, (context, field) =>
  exporter(() => {
    let events = 0;
    let mean = 0;
    let squares = 0;
    return {
      event: ({ data }) => {
        const value = Number(data[field][0]);
        events++;
        const step = value - mean;
        mean += step / events;
        squares += step * (value - mean);
      },
      end: () => {
        const error = events > 1 ? Math.sqrt(squares / (events - 1) / events) : NaN;
        const result = events === 0 ? "" : `, mean ${field} ${mean.toPrecision(6)} ± ${error.toPrecision(2)}`;
        context.log.info(`${events} events of ring ${context.sources[0].name}${result}`);
      },
    };
  })(context));

function readField(context: FunctionContext): string {
  requireWiring(context, { sources: 1, sinks: "any", passesThrough: true });
  const fields = context.sources[0].layout.fields.map((field) => field.name);
  const settings = new FunctionSettings(context);
  const fallback = fields.includes(DEFAULT_FIELD) ? DEFAULT_FIELD : fields[0];
  const field = settings.text("field", { fallback });
  if (fields.includes(field)) return field;
  throw new TypeError(settings.message("field", { expected: `one of ${fields.join(", ")}`, found: field }));
}

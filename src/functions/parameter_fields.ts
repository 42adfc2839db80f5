/** Parameters of an analysis and the fields of the ring that takes them. */
import type { Writer } from "../ring/writer.ts";
import type { FunctionContext } from "../worker/context.ts";

/** Picks the parameters that a ring has fields for. */
export type ParameterSelection = (parameters: Readonly<Record<string, number>>) => Readonly<Record<string, number>>;

/**
 * Checks that a ring takes single values, and that an analysis gives values for its fields. Parameters without a field are
 * left out; fields without a parameter stay 0, with a warning.
 *
 * @param sink The ring for the parameters.
 * @param names Parameters that the analysis gives.
 * @throws {TypeError} If the ring does not fit.
 * @throws {RangeError} If it has more than one value per field.
 */
export function selectParameters(
  context: FunctionContext<unknown>,
  sink: Writer,
  names: readonly string[],
): ParameterSelection {
  const { name, layout } = sink;
  const begin = `Cannot connect function "${context.functionName}" (${context.name}): expected ring ${name} to hold`;
  if (layout.valuesPerSlot !== 1) {
    throw new RangeError(`${begin} parameters, 1 value per field, found ${layout.valuesPerSlot}`);
  }
  const fields = layout.fields.map((field) => field.name);
  const known = fields.filter((field) => names.includes(field));
  const unknown = fields.filter((field) => !names.includes(field));
  if (known.length === 0) {
    throw new TypeError(`${begin} some of the parameters ${names.join(", ")}, found field ${unknown.join(", ")}`);
  }
  if (unknown.length > 0) {
    context.log.warn(`${name}: field ${unknown.join(", ")} stays 0; the parameters are ${names.join(", ")}`);
  }
  if (known.length === names.length) return (parameters) => parameters;
  const selected: Record<string, number> = {};
  return (parameters) => {
    for (let i = 0; i < known.length; i++) selected[known[i]] = parameters[known[i]];
    return selected;
  };
}

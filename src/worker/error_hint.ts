/** What is said besides about errors that mostly have one cause. */
import type { RecordLayout } from "../record/record_layout.ts";
import { isPromise } from "./promise_like.ts";

/** Field names in a hint; further ones are counted. */
const FIELDS_SHOWN = 20;

/**
 * Adds a hint to a `TypeError`; anything else that was thrown stays as it is.
 *
 * @param error What was thrown.
 * @param hint Text without period.
 */
export function withHint(error: unknown, hint: string): unknown {
  if (!(error instanceof TypeError)) return error;
  const message = `${error.message}; ${hint}`;
  const explained = new TypeError(message, { cause: error });
  explained.stack = error.stack?.replace(error.message, () => message) ?? message;
  return explained;
}

/** Makes a function whose errors, thrown or by promise, carry a hint. */
export function withHintOf<E, R>(
  call: (event: E) => R | PromiseLike<R>,
  hint: string,
): (event: E) => R | PromiseLike<R> {
  return (event) => {
    try {
      const result = call(event);
      if (!isPromise(result)) return result;
      return result.then((value) => value, (error) => {
        throw withHint(error, hint);
      });
    } catch (error) {
      throw withHint(error, hint);
    }
  };
}

/** Says which fields the events of a ring have. */
export function fieldsHint({ name, layout }: { readonly name: string; readonly layout: RecordLayout }): string {
  const names = layout.fields.map((field) => field.name);
  const more = names.length > FIELDS_SHOWN ? ` and ${names.length - FIELDS_SHOWN} more` : "";
  return `${name} has the ${names.length === 1 ? "field" : "fields"} ${names.slice(0, FIELDS_SHOWN).join(", ")}${more}`;
}

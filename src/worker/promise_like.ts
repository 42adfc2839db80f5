/** Tells results that must be waited for from those that are there. */

/** Says whether a value is a promise, or behaves like one. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

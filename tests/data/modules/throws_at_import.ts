/** A module that throws when it is loaded. */
throw new RangeError("no luck with the module");

export function countSource(): void {}

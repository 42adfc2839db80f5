/** Collects everything that is wrong with a configuration, so that a user learns it at once. */

/** Problems found so far. */
export class ProblemList {
  readonly #functionName: string;
  readonly #errors: Error[] = [];

  /**
   * Empty.
   *
   * @param functionName Name of the function, for messages.
   */
  constructor(functionName: string) {
    this.#functionName = functionName;
  }

  /** Notes a problem. */
  add(error: Error): void {
    if (!this.#errors.some(({ message }) => message === error.message)) this.#errors.push(error);
  }

  /** Notes that a key has not the value expected. */
  expect(key: string, { expected, found }: { expected: string; found: unknown }): void {
    const what = found === null || found === undefined ? "nothing" : JSON.stringify(found);
    this.add(new RangeError(`${this.#prefix}expected "${key}" to be ${expected}, found ${what}`));
  }

  /**
   * Reads something; if that throws, the error is noted.
   *
   * @returns What was read, or `fallback`.
   */
  try<T>(fallback: T, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      this.add(error);
      return fallback;
    }
  }

  /**
   * Throws if there are problems.
   *
   * @throws {Error} The problem, or a TypeError that lists all of them.
   */
  throwIfAny(): void {
    if (this.#errors.length === 0) return;
    if (this.#errors.length === 1) throw this.#errors[0];
    const lines = this.#errors.map(({ message }) =>
      message.startsWith(this.#prefix) ? message.slice(this.#prefix.length) : message
    );
    throw new TypeError(`${this.#prefix}${lines.length} problems:\n${lines.map((line) => `  - ${line}`).join("\n")}`);
  }

  get #prefix(): string {
    return `Cannot configure "${this.#functionName}": `;
  }
}

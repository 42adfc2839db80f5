/** The error of a setup that cannot be run. */

/** A setup was refused before anything started. `problems` says why, each with its place and without a stack trace. */
export class SetupRefused extends Error {
  /** Name of the class, as stack traces show it. */
  override readonly name = "SetupRefused";
  /** One text per problem, perhaps of several lines, without line break at its end. */
  readonly problems: readonly string[];

  /**
   * Makes one message of all problems, a line each.
   *
   * @param problems What is wrong.
   */
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

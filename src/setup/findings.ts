/** Collects what is found while a setup is read. */
import type { Place } from "./place.ts";
import type { Problem } from "./problem.ts";
import { describeNode } from "./setup_node.ts";

type Where = Pick<Place, "file" | "path" | "line" | "column">;

/** What goes with an error besides its place and what was expected. */
export interface RefusalDetails {
  /**
   * What was found there.
   * @default a description of the place's value
   */
  readonly found?: string;
  /**
   * The nearest valid word.
   * @default null
   */
  readonly suggestion?: string | null;
  /**
   * True if the suggestion is what was found, but without quotes.
   * @default false
   */
  readonly isUnquoted?: boolean;
}

/** Errors and notices of one setup and its configuration files. */
export class Findings {
  readonly #problems: Problem[] = [];
  readonly #notices: Problem[] = [];

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  get notices(): readonly Problem[] {
    return this.#notices;
  }

  /**
   * Refuses what stands at a place.
   *
   * @param place Where.
   * @param expected What should be there.
   * @param details What is there instead, and what was probably meant.
   */
  refuse(place: Place, expected: string, details: RefusalDetails = {}): void {
    this.refuseAt(place, expected, { found: describeNode(place.node), ...details });
  }

  /** Like `refuse`, for places without a value. */
  refuseAt(where: Where, expected: string, details: RefusalDetails & { readonly found: string }): void {
    const { found, suggestion = null, isUnquoted = false } = details;
    const meant = isUnquoted ? `${suggestion} without quotes` : JSON.stringify(suggestion);
    const hint = suggestion === null ? "" : `; did you mean ${meant}?`;
    this.#add(this.#problems, {
      severity: "error",
      ...position(where),
      expected,
      found,
      suggestion,
      text: `expected ${expected}, found ${found}${hint}`,
    });
  }

  /** Says something about a place that does not refuse the setup. */
  note(where: Where, text: string): void {
    this.#add(this.#notices, {
      severity: "notice",
      ...position(where),
      expected: "",
      found: "",
      suggestion: null,
      text,
    });
  }

  /** An aliased mapping is looked at once per alias; what is wrong with it is said once. */
  #add(list: Problem[], problem: Problem): void {
    const known = list.some((other) =>
      other.file === problem.file && other.line === problem.line && other.column === problem.column &&
      other.text === problem.text && lastKey(other.path) === lastKey(problem.path)
    );
    if (!known) list.push(Object.freeze(problem));
  }
}

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

function position({ file, path, line, column }: Where): Where {
  return { file, path, line, column };
}

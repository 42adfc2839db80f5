/** What can be wrong with a setup, or worth saying about it, and how it is shown. */

/** An error in a setup, or a notice about something in it that was read in a special way. */
export interface Problem {
  /** An error refuses the setup, a notice only informs. */
  readonly severity: "error" | "notice";
  /** The file it is in, as a user would type its name: relative to the working directory if it lies below it. */
  readonly file: string;
  /** Line and column of the place, from 1; 0 if it concerns the file as a whole. */
  readonly line: number;
  readonly column: number;
  /** Where in the document: `Functions[2].Fkt_2.num_process`; empty for the document as a whole. */
  readonly path: string;
  /** What an error's place should hold, and what it holds; both empty in notices. */
  readonly expected: string;
  readonly found: string;
  /** The nearest valid word, or null if nothing is near. */
  readonly suggestion: string | null;
  /** All of it as one sentence without place. */
  readonly text: string;
}

/** Writes one problem as a line of text: `setup.yaml:12: Functions[2].Fkt_2.num_process: expected …, found …`. */
export function formatProblem(problem: Problem): string {
  const place = problem.line > 0 ? `${problem.file}:${problem.line}` : problem.file;
  const path = problem.path === "" ? "" : `${problem.path}: `;
  return `${place}: ${path}${problem.severity === "notice" ? "notice: " : ""}${problem.text}`;
}

/** Writes problems as text for a terminal, one a line, in the order of files and lines. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join("\n");
}

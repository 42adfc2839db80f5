/** What the setup reader asks of the world around it. It touches no file and loads no module itself. */

/** A function that comes with the package. */
export interface ReadyMadeFunction {
  /** URL of its module, and the name under which the module exports it. */
  readonly module: string;
  readonly exportName: string;
  /** Something that the user should know about it; shown as a notice. */
  readonly notice?: string | undefined;
}

/** Answers the setup reader's questions about files and ready-made functions. All paths are absolute. */
export interface SetupResolver {
  /** Folder in which the program was started. */
  readonly workingDirectory: string;
  /** The user's folder, for paths that begin with `~`; null if unknown. */
  readonly homeDirectory: string | null;

  /** Text of a file, or null if it cannot be read. Bytes that are no UTF-8 become U+FFFD. */
  readText(path: string): string | null;

  /** True if there is such a file (not a folder). */
  exists(path: string): boolean;

  /** Names of the files in a folder, for suggestions; empty if there is no such folder. */
  list(directory: string): readonly string[];

  /**
   * Looks a function up among those that come with the package.
   *
   * @param moduleName Last part of the module's path without extension (`exporters`), or null if the function's name
   *   holds the module (`exporters.drain`).
   * @param functionName Its name as a setup writes it (`save_to_txt`).
   * @returns The function, or null if there is none of that name.
   */
  readyMade(moduleName: string | null, functionName: string): ReadyMadeFunction | null;

  /** All names that `readyMade` knows, as `module.function`. */
  readyMadeNames(): readonly string[];
}

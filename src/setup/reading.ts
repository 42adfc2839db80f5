/** What the steps of reading one setup share. */
import type { Findings } from "./findings.ts";
import type { Place } from "./place.ts";
import { rootPlace } from "./place.ts";
import { parseSetup } from "./parse_setup.ts";
import { findFile, shownPath, suggestFile } from "./setup_files.ts";
import { isNothing, quoted } from "./setup_node.ts";
import type { SetupResolver } from "./setup_resolver.ts";

/** The reading of one setup. */
export class Reading {
  readonly setupFile: string;
  readonly setupDirectory: string;
  readonly resolver: SetupResolver;
  readonly findings: Findings;
  /** Configuration files by absolute path: their content, or null if it was refused. */
  readonly #configFiles = new Map<string, Place | null>();

  constructor(
    setupFile: string,
    options: { readonly setupDirectory: string; readonly resolver: SetupResolver; readonly findings: Findings },
  ) {
    this.setupFile = setupFile;
    this.setupDirectory = options.setupDirectory;
    this.resolver = options.resolver;
    this.findings = options.findings;
  }

  /** Absolute paths of all configuration files that were read, in the order of their first use. */
  get configFiles(): string[] {
    return [...this.#configFiles.keys()];
  }

  /**
   * Reads a configuration file.
   *
   * @param name Place of its name; looked up from the setup's folder, then from the working directory.
   * @returns Place of the mapping in it, or null if it is empty or after a problem was reported.
   */
  configFile(name: Place): Place | null {
    const fileName = name.node.kind === "scalar" ? String(name.node.value) : "";
    const path = findFile(fileName, this);
    if (path === null) {
      this.findings.refuse(name, "a file in the setup's folder or the working directory", {
        found: `none named ${quoted(fileName)}`,
        suggestion: suggestFile(fileName, this, { extensions: [".yaml", ".yml"], keepExtension: true }),
      });
      return null;
    }
    const known = this.#configFiles.get(path);
    if (known !== undefined) return known;
    const content = this.#parse(path, name);
    this.#configFiles.set(path, content);
    return content;
  }

  #parse(path: string, name: Place): Place | null {
    const text = this.resolver.readText(path);
    if (text === null) {
      this.findings.refuse(name, "a file that can be read", { found: quoted(shownPath(path, this.resolver)) });
      return null;
    }
    const file = shownPath(path, this.resolver);
    const tree = parseSetup(text, file, this.findings);
    if (tree === null) return null;
    const root = rootPlace(file, tree);
    if (isNothing(tree)) {
      this.findings.note(root, "the configuration file is empty");
      return null;
    }
    if (tree.kind === "map") return root;
    this.findings.refuse(root, "a mapping of keys to values");
    return null;
  }
}

/** Answers the setup reader's questions from the file system and from what comes with the package. */
import { findReadyMade, READY_MADE_NAMES } from "../functions/catalogue.ts";
import type { ReadyMadeFunction, SetupResolver } from "../setup/setup_resolver.ts";

/** Reads each file once, so that what was planned and what is kept of it are the same text. */
export class FileResolver implements SetupResolver {
  readonly workingDirectory: string = Deno.cwd();
  readonly homeDirectory: string | null = Deno.env.get("HOME") ?? null;
  readonly #texts = new Map<string, string | null>();

  readText(path: string): string | null {
    let text = this.#texts.get(path);
    if (text === undefined) {
      text = readUtf8(path);
      this.#texts.set(path, text);
    }
    return text;
  }

  exists(path: string): boolean {
    try {
      return !Deno.statSync(path).isDirectory;
    } catch {
      return false;
    }
  }

  list(directory: string): readonly string[] {
    try {
      return [...Deno.readDirSync(directory)].filter((entry) => !entry.isDirectory).map((entry) => entry.name).sort();
    } catch {
      return [];
    }
  }

  readyMade(moduleName: string | null, functionName: string): ReadyMadeFunction | null {
    return findReadyMade(moduleName, functionName);
  }

  readyMadeNames(): readonly string[] {
    return READY_MADE_NAMES;
  }
}

function readUtf8(path: string): string | null {
  try {
    return new TextDecoder("utf-8").decode(Deno.readFileSync(path));
  } catch {
    return null;
  }
}

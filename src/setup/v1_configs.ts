/** Configurations of functions in the v1 dialect: three levels, of which the highest one replaces the others whole. */
import { equivalentSections } from "./older_names.ts";
import { nearestWord } from "./nearest_word.ts";
import { keyPlace, keyPlaces, type Place } from "./place.ts";
import { type Config, plainConfig } from "./read_functions.ts";
import type { Reading } from "./reading.ts";
import { isNothing, quoted } from "./setup_node.ts";

/** Finds a function's configuration: its own file, else its section in the common file, else in FunctionConfigs. */
export class V1Configs {
  readonly #reading: Reading;
  /** The common file and FunctionConfigs, whichever there are, in the order in which they count. */
  readonly #levels: readonly Place[];
  readonly #functionNames: readonly string[];

  constructor(
    options: {
      /** Content of the common file, and FunctionConfigs. */
      readonly common: Place | null;
      readonly inline: Place | null;
      /** Names of all functions of the setup: sections of these names are theirs. */
      readonly functionNames: readonly string[];
      readonly reading: Reading;
    },
  ) {
    this.#reading = options.reading;
    this.#functionNames = options.functionNames;
    this.#levels = [options.common, options.inline].filter((place) => place !== null);
    for (const [name, section] of options.inline === null ? [] : keyPlaces(options.inline)) {
      if (section.node.kind === "map" || isNothing(section.node)) continue;
      options.reading.findings.refuse(section, `a mapping with the configuration of ${name}`);
    }
  }

  /**
   * The configuration of a function.
   *
   * @param functionName Its name.
   * @param where Place of that name, and of the name of its own configuration file if there is one.
   */
  of(functionName: string, where: { readonly place: Place; readonly ownFile: Place | null }): Config {
    const { findings } = this.#reading;
    if (where.ownFile !== null) {
      const content = this.#reading.configFile(where.ownFile);
      return content === null ? {} : plainConfig(content, findings);
    }
    for (const name of [functionName, ...equivalentSections(functionName)]) {
      const section = this.#section(name);
      if (section === null) continue;
      if (name !== functionName) findings.note(section, `this section is read as the configuration of ${functionName}`);
      return this.#content(section, functionName);
    }
    this.#missing(functionName, where.place);
    return {};
  }

  #section(name: string): Place | null {
    return this.#levels.map((level) => keyPlace(level, name)).find((place) => place !== null) ?? null;
  }

  #content(section: Place, functionName: string): Config {
    const { findings } = this.#reading;
    if (section.node.kind === "map") return plainConfig(section, findings);
    if (!isNothing(section.node)) findings.refuse(section, `a mapping with the configuration of ${functionName}`);
    return {};
  }

  /** A section with nearly the function's name was meant for it; without any, the function has to do with defaults. */
  #missing(functionName: string, place: Place): void {
    const { findings } = this.#reading;
    for (const level of this.#levels) {
      const sections = keyPlaces(level).map(([name]) => name).filter((name) => !this.#functionNames.includes(name));
      const near = nearestWord(functionName, sections);
      if (near === null) continue;
      const section = keyPlace(level, near)!;
      findings.refuse(section, `a section ${quoted(functionName)} for the function of that name`, {
        found: quoted(near),
        suggestion: functionName,
      });
      return;
    }
    findings.note(place, `there is no configuration for ${quoted(functionName)}`);
  }
}

/** A mapping of a setup whose keys are known: reads values by key and looks for keys that nobody knows. */
import type { Findings } from "./findings.ts";
import { nearestWord } from "./nearest_word.ts";
import { keyPlace, keyPlaces, type Place } from "./place.ts";
import { isNothing, quoted } from "./setup_node.ts";
import type { SetupKey } from "./setup_key.ts";

/** What a mapping may hold besides the keys that are read from it. */
export interface MappingRules {
  /**
   * Keys of the other dialect, or of other places, with what is to be written instead.
   * @default {}
   */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /**
   * Says nothing about unknown keys unless they nearly match a known one.
   * @default false
   */
  readonly isOpen?: boolean;
}

/** Reads a mapping by its known keys. Every problem is reported once, to the findings given. */
export class SetupMapping {
  readonly place: Place;
  readonly #findings: Findings;
  /** Known keys that are there under a wrong name: not reported as missing again. */
  readonly #misspelled = new Set<string>();

  /**
   * @param place Place of a mapping.
   * @param keys All keys that it may have; others are refused if they nearly match one, otherwise noted.
   * @param options Where findings go, and the rules for other keys.
   */
  constructor(
    place: Place,
    keys: readonly Pick<SetupKey<unknown>, "name" | "misprints">[],
    options: MappingRules & { readonly findings: Findings },
  ) {
    this.place = place;
    this.#findings = options.findings;
    const names = keys.map((key) => key.name);
    const known = new Set(keys.flatMap((key) => [key.name, ...key.misprints]));
    for (const [name, value] of keyPlaces(place)) {
      if (!known.has(name)) this.#judgeUnknown(name, value, { ...options, names });
    }
  }

  /** True if the key is there with a value. */
  has(key: Pick<SetupKey<unknown>, "name" | "misprints">): boolean {
    return this.#find(key) !== null;
  }

  /** Reads a key: its value, its default, or undefined after a problem was reported. */
  read<T>(key: SetupKey<T>): T | undefined {
    const found = this.#find(key);
    if (found !== null) {
      if (found.name !== key.name) this.#findings.note(found.place, `read as ${quoted(key.name)}`);
      return key.read(found.place, this.#findings);
    }
    if (this.#misspelled.has(key.name)) return undefined;
    if (key.default === undefined) {
      const missing = keyPlace(this.place, key.name);
      if (missing !== null) this.#findings.refuse(missing, key.expects);
      else {
        const path = this.place.path === "" ? key.name : `${this.place.path}.${key.name}`;
        this.#findings.refuseAt({ ...this.place, path }, key.expects, { found: "no such key" });
      }
    }
    return key.default;
  }

  /** Reads a key that has neither to be there nor a default. */
  readIfThere<T>(key: SetupKey<T>): T | undefined {
    return this.has(key) ? this.read(key) : undefined;
  }

  #find(key: Pick<SetupKey<unknown>, "name" | "misprints">): { name: string; place: Place } | null {
    for (const name of [key.name, ...key.misprints]) {
      const place = keyPlace(this.place, name);
      if (place !== null && !isNothing(place.node)) return { name, place };
    }
    return null;
  }

  #judgeUnknown(name: string, value: Place, rules: MappingRules & { names: readonly string[] }): void {
    if (value.node.hasAnchor && this.place.path === "") return;
    const instead = rules.elsewhere !== undefined && Object.hasOwn(rules.elsewhere, name)
      ? rules.elsewhere[name]
      : null;
    const near = instead ?? nearestWord(name, rules.names);
    const where = this.#keyPosition(name, value);
    if (near !== null) {
      this.#misspelled.add(near);
      this.#findings.refuseAt(where, `one of the keys ${rules.names.join(", ")}`, {
        found: quoted(name),
        suggestion: near,
      });
    } else if (rules.isOpen !== true) {
      this.#findings.note(where, `key ${quoted(name)} is not used`);
    }
  }

  #keyPosition(name: string, value: Place): Place {
    const entry = this.place.node.kind === "map" ? this.place.node.entries.get(name) : undefined;
    return { ...value, line: entry?.line ?? value.line, column: entry?.column ?? value.column };
  }
}

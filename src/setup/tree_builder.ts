/** Turns what the YAML reader gives into the tree that setups are read from. */
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from "yaml";
import type { Findings } from "./findings.ts";
import { nearestWord } from "./nearest_word.ts";
import { joinPath } from "./place.ts";
import { describeNode, type MapEntry, type MapNode, quoted, type SetupNode } from "./setup_node.ts";
import type { YamlText } from "./yaml_text.ts";

/** Levels of lists and mappings that a file may have. */
export const DEEPEST_NESTING = 50;

/** A key, or any other single value, as it is written in the file. */
export function keyText(key: { value: unknown; source?: string | undefined }): string {
  return key.source ?? (key.value === null ? "" : String(key.value));
}

/** Builds the tree of one document. Aliases share the nodes that they stand for. */
export class TreeBuilder {
  readonly #yaml: YamlText;
  readonly #file: string;
  readonly #findings: Findings;
  /** Values by anchor; null while the anchored value is still being built. */
  readonly #anchors = new Map<string, SetupNode | null>();

  constructor(yaml: YamlText, file: string, findings: Findings) {
    this.#yaml = yaml;
    this.#file = file;
    this.#findings = findings;
  }

  /** Builds it. What is nested more deeply than {@linkcode DEEPEST_NESTING} is refused and left out. */
  build(): SetupNode {
    return this.#node(this.#yaml.document.contents, { path: "", depth: 0, offset: 0 });
  }

  #node(node: unknown, at: { path: string; depth: number; offset: number }): SetupNode {
    if (isAlias(node)) return this.#alias(node, at.path);
    const offset = (node as Node | null)?.range?.[0] ?? at.offset;
    const { line, col: column } = this.#yaml.lines.linePos(offset);
    if (at.depth > DEEPEST_NESTING) {
      const where = { file: this.#file, path: "", line, column };
      this.#findings.refuseAt(where, `at most ${DEEPEST_NESTING} levels of nesting`, { found: "more" });
      return { kind: "scalar", value: null, source: "", line, column, hasAnchor: false };
    }
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, null);
    const inner = { ...at, depth: at.depth + 1, offset };
    let built: SetupNode;
    if (isMap(node)) {
      built = this.#map(node, inner, { line, column });
    } else if (isSeq(node)) {
      const items = node.items.map((item, index) => this.#node(item, { ...inner, path: `${at.path}[${index}]` }));
      built = { kind: "list", items, line, column, hasAnchor: items.some((item) => item.hasAnchor) };
    } else {
      const value = isScalar(node) ? node.value : null;
      const source = isScalar(node) ? keyText(node) : "";
      const known = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
      // An unknown tag leaves its text; a key without value is nothing.
      built = {
        kind: "scalar",
        value: known || value === null ? value : source,
        source,
        line,
        column,
        hasAnchor: false,
      };
    }
    if (anchor === undefined) return built;
    const anchored = { ...built, hasAnchor: true };
    this.#anchors.set(anchor, anchored);
    return anchored;
  }

  #alias(alias: Alias, path: string): SetupNode {
    const { line, col: column } = this.#yaml.lines.linePos(alias.range?.[0] ?? 0);
    const known = this.#anchors.get(alias.source);
    if (known !== undefined && known !== null) return known;
    const where = { file: this.#file, path, line, column };
    if (known === null) {
      this.#findings.refuseAt(where, "an anchor of another value", {
        found: `"*${alias.source}" inside its own value`,
      });
    } else {
      const suggestion = nearestWord(alias.source, this.#anchors.keys());
      this.#findings.refuseAt(where, `an anchor "&${alias.source}" above`, {
        found: "none",
        suggestion: suggestion === null ? null : `*${suggestion}`,
      });
    }
    return { kind: "scalar", value: null, source: "", line, column, hasAnchor: false };
  }

  #map(
    map: YAMLMap,
    at: { path: string; depth: number; offset: number },
    position: { line: number; column: number },
  ): MapNode {
    const own: MapEntry[] = [];
    const merged: MapNode[] = [];
    for (const { key, value: node } of map.items as Pair[]) {
      const offset = (key as Node | null)?.range?.[0] ?? at.offset;
      const { line, col: column } = this.#yaml.lines.linePos(offset);
      const keyNode = this.#node(key, { ...at, offset });
      const text = keyNode.kind === "scalar" ? keyNode.source : null;
      const path = joinPath(at.path, text ?? "?");
      const value = this.#node(node, { path, depth: at.depth, offset });
      if (text === null) {
        const where = { file: this.#file, path: at.path, line, column };
        this.#findings.refuseAt(where, "a single word as key", { found: describeNode(keyNode) });
      } else if (text === "<<" && isScalar(key) && key.type === "PLAIN") {
        // Of a list of mappings the first one wins.
        merged.push(...this.#mergeSources(value, { path, line, column }).reverse());
      } else {
        own.push({ key: text, line, column, value });
      }
    }
    const entries = new Map<string, MapEntry>();
    // The mapping's own keys win over merged ones, but keep the places in the order that those had.
    for (const source of merged) for (const entry of source.entries.values()) entries.set(entry.key, entry);
    const duplicates: MapEntry[] = [];
    const seen = new Map<string, MapEntry>();
    for (const entry of own) {
      const first = seen.get(entry.key);
      if (first !== undefined) {
        duplicates.push(entry);
        const where = { file: this.#file, path: joinPath(at.path, entry.key), line: entry.line, column: entry.column };
        this.#findings.note(
          where,
          `key ${quoted(entry.key)} is here a second time, first in line ${first.line}: the last one counts`,
        );
      }
      seen.set(entry.key, entry);
      entries.set(entry.key, entry);
    }
    const hasAnchor = own.some((entry) => entry.value.hasAnchor);
    return { kind: "map", entries, duplicates, ...position, hasAnchor };
  }

  #mergeSources(value: SetupNode, at: { path: string; line: number; column: number }): MapNode[] {
    const sources = value.kind === "list" ? value.items : [value];
    const maps = sources.filter((source) => source.kind === "map");
    if (maps.length < sources.length) {
      this.#findings.refuseAt({ file: this.#file, ...at }, 'a mapping, or a list of mappings, to merge ("<<: *name")', {
        found: value.kind === "scalar" ? quoted(value.source) : "a list with other values",
      });
    }
    return maps;
  }
}

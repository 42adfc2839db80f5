/** First step of reading a setup: from text to a tree with positions. Pure. */
import { isCollection, isMap, isNode, isScalar, isSeq, type Node } from "yaml";
import type { Findings } from "./findings.ts";
import { joinPath } from "./place.ts";
import type { SetupNode } from "./setup_node.ts";
import { DEEPEST_NESTING, keyText, TreeBuilder } from "./tree_builder.ts";
import { explainYamlError } from "./yaml_error.ts";
import { readYaml, type YamlText } from "./yaml_text.ts";

const MOST_CHARACTERS = 4_000_000;

/**
 * Reads the text of a setup or configuration file into a tree.
 *
 * YAML 1.1 as PyYAML reads it: anchors, aliases and merge keys, `yes` and `on`, the last of duplicate keys (with a
 * notice). Keys keep the order of the file, also numbers.
 *
 * @param text The file's content.
 * @param file Its name for messages.
 * @param findings Takes errors and notices.
 * @returns The tree, or null if the text was refused; an empty text is a tree of nothing.
 */
export function parseSetup(text: string, file: string, findings: Findings): SetupNode | null {
  const binary = firstBinaryCharacter(text);
  if (binary !== null) {
    const where = { file, path: "", line: binary.line, column: 1 };
    findings.refuseAt(where, "a YAML text in UTF-8", { found: `binary data (${binary.name})` });
    return null;
  }
  const start = { file, path: "", line: 1, column: 1 };
  if (text.length > MOST_CHARACTERS) {
    findings.refuseAt(start, `a text of at most ${MOST_CHARACTERS} characters`, { found: `${text.length}` });
    return null;
  }
  try {
    const yaml = readYaml(text);
    if (yaml.document.errors.some(({ code }) => code === "RESOURCE_EXHAUSTION")) {
      throw new RangeError("nested too deeply");
    }
    if (yaml.document.errors.length > 0) {
      reportErrors(yaml, text, { file, findings });
      return null;
    }
    for (const warning of yaml.document.warnings) {
      const { line, col } = yaml.lines.linePos(warning.pos[0]);
      findings.note({ file, path: "", line, column: col }, `${warning.message.toLowerCase()}: read without it`);
    }
    const problemsBefore = findings.problems.length;
    const tree = new TreeBuilder(yaml, file, findings).build();
    return findings.problems.length === problemsBefore ? tree : null;
  } catch (error) {
    // The reader of YAML recurses; a text of ten thousand brackets exhausts its stack, which it reports or not.
    if (!(error instanceof RangeError)) throw error;
    findings.refuseAt(start, `at most ${DEEPEST_NESTING} levels of nesting`, { found: "more" });
    return null;
  }
}

function firstBinaryCharacter(text: string): { line: number; name: string } | null {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isText = code >= 32 ? code !== 127 && code !== 0xfffd : code === 9 || code === 10 || code === 13;
    if (isText) continue;
    const line = text.slice(0, i).split("\n").length;
    return { line, name: code === 0xfffd ? "bytes that are no UTF-8" : `character code ${code}` };
  }
  return null;
}

function reportErrors(yaml: YamlText, text: string, { file, findings }: { file: string; findings: Findings }): void {
  const { lines, document } = yaml;
  // Whatever comes after the first error may be a consequence of it.
  const error = document.errors[0];
  const around = enclosing(document.contents, error.pos[0]);
  let { line, col: column } = lines.linePos(error.pos[0]);
  const lineText = (number: number) => text.split(/\r?\n/)[number - 1] ?? "";
  let complaint = explainYamlError(error, lineText(line));
  if (complaint.atValueStart && around.start !== null) {
    ({ line, col: column } = lines.linePos(around.start));
    complaint = explainYamlError(error, lineText(line));
  }
  const path = error.code === "MULTIPLE_DOCS" ? "" : around.path;
  findings.refuseAt({ file, path, line, column }, complaint.expected, {
    found: complaint.found,
  });
}

/** Finds the innermost value around a position of the text, with its path. */
function enclosing(node: unknown, offset: number): { path: string; start: number | null } {
  const reaches = (value: unknown): value is Node => isNode(value) && (value.range?.[0] ?? Infinity) <= offset;
  // What stands below a finished text or bracket belongs to the mapping or list around it.
  const isOver = (value: Node): boolean =>
    (isScalar(value) ? keyText(value) !== "" : isCollection(value) && value.flow === true) &&
    (value.range?.[1] ?? Infinity) < offset;
  let path = "";
  let start: number | null = null;
  let current = node;
  while (isNode(current)) {
    start = current.range?.[0] ?? start;
    if (isMap(current)) {
      const pair = current.items.findLast(({ key }) => reaches(key));
      // Lines that were taken together for one key are no key.
      if (pair === undefined || !isScalar(pair.key) || !/^\S+$/.test(keyText(pair.key))) break;
      if (isNode(pair.value) && isOver(pair.value)) break;
      path = joinPath(path, keyText(pair.key));
      current = pair.value;
    } else if (isSeq(current)) {
      const index = current.items.findLastIndex(reaches);
      const item = current.items[index];
      if (!isNode(item) || isOver(item)) break;
      path = `${path}[${index}]`;
      current = item;
    } else {
      break;
    }
  }
  return { path, start };
}

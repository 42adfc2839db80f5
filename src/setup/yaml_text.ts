/** The YAML reader with the rules of PyYAML, for which mimoCoRB's files were written. */
import { type Document, LineCounter, parseDocument, type SchemaOptions, type Tags } from "yaml";

/** PyYAML knows truth values by these words only; YAML 1.1 also has y and n, which are names of channels here. */
const TRUTH_VALUE = {
  true: /^(?:[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/,
  false: /^(?:[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/,
};

/** Dates stay texts, and the collections that a setup has no use for are not made. */
const UNUSED_TAGS = ["timestamp", "binary", "omap", "pairs", "set"].map((name) => `tag:yaml.org,2002:${name}`);

function pyYamlTags(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === "object" && !UNUSED_TAGS.includes(tag.tag)).map((tag) => {
    if (typeof tag === "string" || tag.collection !== undefined || tag.tag !== "tag:yaml.org,2002:bool") return tag;
    return { ...tag, test: tag.test?.test("true") ? TRUTH_VALUE.true : TRUTH_VALUE.false };
  });
}

/** A YAML document before its values are taken from it. */
export interface YamlText {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/**
 * Reads a text as YAML 1.1: truth values as PyYAML writes them, duplicate keys allowed, positions kept.
 *
 * @throws {RangeError} If the text is nested too deeply for the reader.
 */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const schema: SchemaOptions = { customTags: pyYamlTags };
  const document = parseDocument(text, {
    version: "1.1",
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
    logLevel: "error",
    ...schema,
  });
  return { document, lines };
}

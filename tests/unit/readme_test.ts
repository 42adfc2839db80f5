import { assert, assertEquals } from "../../src/std/assert.js";

const ROOT = new URL("../../", import.meta.url);

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** Text of the first block of a language in the README that contains some words. */
function block(language: string, words: string): string {
  const blocks = [...read("README.md").matchAll(new RegExp("```" + language + "\\n(.*?)```", "gs"))];
  const found = blocks.find(([, text]) => text.includes(words));
  assert(found !== undefined, `no ${language} block with "${words}"`);
  return found[1];
}

Deno.test("README shows the example filter as it is in its file", () => {
  assertEquals(block("ts", "highPulses"), read("examples/modules/high_pulses.ts"));
});

Deno.test("README shows the example setup as it is in its file", () => {
  const comments = /^(#.*\n)+\n/;
  assertEquals(block("yaml", "highPulses"), read("examples/high_pulses_setup.yaml").replace(comments, ""));
});

for (
  const page of [
    "README.md",
    ...Array.from(Deno.readDirSync(new URL("docs", ROOT)), ({ name }) => `docs/${name}`),
  ]
) {
  if (!page.endsWith(".md")) continue;
  Deno.test(`the links of ${page} lead to files that exist`, () => {
    const links = [...read(page).matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g)].map(([, link]) => link);
    for (const link of links.filter((link) => !/^https?:/.test(link))) {
      assert(Deno.statSync(new URL(link, new URL(page, ROOT))).isFile, link);
    }
  });
}

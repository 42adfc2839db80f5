import { Findings } from "../../src/setup/findings.ts";
import { nearestWord } from "../../src/setup/nearest_word.ts";
import { parseSetup } from "../../src/setup/parse_setup.ts";
import { formatProblem } from "../../src/setup/problem.ts";
import { plainValue, type SetupNode } from "../../src/setup/setup_node.ts";
import { assert, assertEquals, assertStringIncludes } from "../../src/std/assert.js";

function parsed(text: string): { tree: SetupNode | null; findings: Findings } {
  const findings = new Findings();
  return { tree: parseSetup(text, "x.yaml", findings), findings };
}

function plain(text: string): unknown {
  const { tree, findings } = parsed(text);
  assertEquals(findings.problems.map(formatProblem), []);
  return plainValue(tree!)!.value;
}

Deno.test("parseSetup() reads truth values as PyYAML does", () => {
  assertEquals(plain("[yes, No, ON, off, True, false, y, n, Y, N]"), [
    true,
    false,
    true,
    false,
    true,
    false,
    "y",
    "n",
    "Y",
    "N",
  ]);
});

Deno.test("parseSetup() reads numbers of YAML 1.1, and leaves dates as text", () => {
  assertEquals(plain("[1_000, 010, 0x1F, 0b101, 1:30, 50., -.5, 1e-4, .inf, 2023-02-16, 1.2.3]"), [
    1000,
    8,
    31,
    5,
    90,
    50,
    -0.5,
    0.0001,
    Infinity,
    "2023-02-16",
    "1.2.3",
  ]);
});

Deno.test("parseSetup() keeps keys in the order of the file, as they are written", () => {
  const { tree } = parsed("3: a\n1: b\non: c\n0x10: d\n~: e\n'7': f\n");
  assert(tree?.kind === "map");
  assertEquals([...tree.entries.keys()], ["3", "1", "on", "0x10", "~", "7"]);
});

Deno.test("parseSetup() gives every value its line and column", () => {
  const { tree } = parsed("a:\n  b: [1,\n    2]\n");
  assert(tree?.kind === "map");
  const b = tree.entries.get("a")!.value;
  assert(b.kind === "map");
  assertEquals([b.line, b.column], [2, 3]);
  const list = b.entries.get("b")!.value;
  assert(list.kind === "list");
  assertEquals(list.items.map(({ line, column }) => [line, column]), [[2, 7], [3, 5]]);
});

Deno.test("parseSetup() lets the last of duplicate keys count and says so", () => {
  const { tree, findings } = parsed("a: 1\nb: 2\na: 3\n");
  assertEquals(plainValue(tree!)!.value, { a: 3, b: 2 });
  assertEquals(findings.notices.map(formatProblem), [
    'x.yaml:3: a: notice: key "a" is here a second time, first in line 1: the last one counts',
  ]);
});

Deno.test("parseSetup() merges mappings, the own keys before merged ones and the first merged one before the others", () => {
  assertEquals(plain("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {z: 3, <<: [*b, *a]}\n"), {
    a: { x: 1, y: 1 },
    b: { y: 2, z: 2 },
    c: { x: 1, y: 2, z: 3 },
  });
});

Deno.test("parseSetup() lets an anchor be given anew", () => {
  assertEquals(plain("a: &n 1\nb: *n\nc: &n 2\nd: *n\n"), { a: 1, b: 1, c: 2, d: 2 });
});

Deno.test("parseSetup() reads a text with byte order mark, Windows line ends and tabs in comments", () => {
  assertEquals(plain("\ufeffa: 1\t# one\t\r\nb:\r\n  - 2\r\n"), { a: 1, b: [2] });
});

Deno.test("parseSetup() reads what carries an unknown tag without it, with a notice", () => {
  const { tree, findings } = parsed("a: !!python/tuple [1, 2]\nb: !unit 3\n");
  assertEquals(plainValue(tree!)!.value, { a: [1, 2], b: "3" });
  assertEquals(findings.notices.map(({ line }) => line), [1, 2]);
});

Deno.test("parseSetup() keeps keys that mean something in JavaScript as ordinary keys", () => {
  const value = plain("__proto__: {polluted: 1}\nconstructor: 2\n") as Record<string, unknown>;
  assertEquals(Object.keys(value), ["__proto__", "constructor"]);
  assertEquals(Object.getPrototypeOf(value), Object.prototype);
});

Deno.test("plainValue() gives up when aliases stand for more values than a configuration can have", () => {
  const lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"];
  for (let i = 1; i < 12; i++) lines.push(`a${i}: &a${i} [${Array(10).fill(`*a${i - 1}`).join(", ")}]`);
  const { tree } = parsed(lines.join("\n"));
  assert(tree !== null);
  assertEquals(plainValue(tree), null);
});

Deno.test("plainValue() gives up when aliases stand for more levels than a configuration can have", () => {
  const lines = ["a0: &a0 [1]", ...Array.from({ length: 20_000 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]`)];
  const { tree } = parsed(lines.join("\n"));
  assert(tree !== null);
  assertEquals(plainValue(tree), null);
});

Deno.test("parseSetup() points to where a text in quotes begins when it is not closed", () => {
  const { tree, findings } = parsed('a: 1\nb: "never closed\nc: 2\nd: 3\n');
  assertEquals(tree, null);
  assertEquals(findings.problems.map(({ line, path }) => [line, path]), [[2, "b"]]);
});

Deno.test("parseSetup() reports one problem for the first thing that is no YAML", () => {
  const { findings } = parsed("- a\nb: 1\nc: 2\n");
  assertEquals(findings.problems.length, 1);
  assertStringIncludes(findings.problems[0].text, 'found "b: 1"');
});

Deno.test("nearestWord() finds misspelled words", () => {
  const keys = ["number_of_slots", "channel_per_slot", "data_type"];
  assertEquals(nearestWord("number_of_slot", keys), "number_of_slots");
  assertEquals(nearestWord("numberOfSlots", keys), "number_of_slots");
  assertEquals(nearestWord("data-tpye", keys), "data_type");
  assertEquals(nearestWord("slots", keys), null);
  assertEquals(nearestWord("READ", ["read", "write"]), "read");
  assertEquals(nearestWord("wirte", ["read", "write"]), "write");
  assertEquals(nearestWord("xy", ["x", "y"]), null);
  assertEquals(nearestWord("", keys), null);
});

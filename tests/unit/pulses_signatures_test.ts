import { matchSignature, parseSignatures } from "../../src/pulses/signatures.ts";
import { assertEquals, assertThrows } from "../../src/std/assert.js";

const STANDARD = [
  [["+", "+", "-", "-"], ["0", "+", "-", "-"]],
  [["+", "+", "-", "-"], ["-", "-", "+", "0"]],
  [["+", "+", "+", "+"], ["0", "0", "0", "+"]],
];

/** Index of the signature of an event, given as rows with an x for each pulse. */
function match(signatures: unknown, rows: readonly string[]): number {
  const hits = rows.map((row) =>
    [...row].reduce((bits, mark, channel) => mark === "x" ? bits | 1 << channel : bits, 0)
  );
  return matchSignature(parseSignatures(signatures, { channels: 4 }), { rows: rows.length, hits });
}

Deno.test("matchSignature() tells what must, must not and may be there", () => {
  assertEquals(match(STANDARD, ["xx..", "xx.."]), 0);
  assertEquals(match(STANDARD, ["xx..", ".x.."]), 0);
  assertEquals(match(STANDARD, ["xx..", "x..."]), -1);
  assertEquals(match(STANDARD, ["xx..", "xxx."]), -1);
  assertEquals(match(STANDARD, ["xx..", "..x."]), 1);
  assertEquals(match(STANDARD, ["xx..", "..xx"]), 1);
  assertEquals(match(STANDARD, ["xxxx", "...x"]), 2);
  assertEquals(match(STANDARD, ["x...", "...x"]), -1);
});

Deno.test("matchSignature() takes the last of several that match", () => {
  assertEquals(match(["0000", "+000", "-000"].map((muon) => [muon, "0000"]), ["x...", "...."]), 1);
});

Deno.test("matchSignature() matches no signature with more rows than the event", () => {
  assertEquals(match([["+000", "0000", "0000"]], ["x...", "x..."]), -1);
  assertEquals(match([["+000", "0000", "---0"]], ["x...", "x...", "...x"]), 0);
  assertEquals(match([["+000"]], ["x...", "x..."]), 0);
});

Deno.test("parseSignatures() reads lists, texts and unquoted zeros alike", () => {
  const expected = parseSignatures([["++--", "0+--"]], { channels: 4 });
  assertEquals(parseSignatures([[["+", "+", "-", "-"], [0, "+", "-", "-"]]], { channels: 4 }), expected);
  assertEquals(expected, [{ required: [3, 2], forbidden: [12, 12] }]);
});

Deno.test("parseSignatures() refuses what is no list of signatures", () => {
  const where = 'Cannot configure "calculate_decay_time": expected "signatures';
  assertThrows(() => parseSignatures(null, { channels: 4 }), TypeError, `${where}" to be a list of signatures`);
  assertThrows(() => parseSignatures([], { channels: 4 }), TypeError, "found []");
  assertThrows(() => parseSignatures([["++--"], "++--"], { channels: 4 }), TypeError, `${where}[1]" to be a list`);
  assertThrows(() => parseSignatures([[7]], { channels: 4 }), TypeError, `${where}[0][0]" to be a pattern`);
  const twin = { channels: 4, functionName: "twin" };
  assertThrows(() => parseSignatures(7, twin), TypeError, 'Cannot configure "twin"');
  assertThrows(() => parseSignatures([["+"]], { channels: 32 }), RangeError, "at most 31 channels");
});

Deno.test("parseSignatures() refuses wrong characters and lengths", () => {
  const parse = (value: unknown) => () => parseSignatures(value, { channels: 4 });
  assertThrows(parse([["++--", "0x--"]]), SyntaxError, '"signatures[0][1]" to consist of "+" (pulse), "-" (no pulse)');
  assertThrows(parse([["++--", "0x--"]]), SyntaxError, 'found "x" in "0x--"');
  assertThrows(parse([["++-"]]), SyntaxError, '"signatures[0][0]" to have 4 characters, one for each channel, found 3');
});

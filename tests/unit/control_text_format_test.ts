import {
  fillBar,
  formatDuration,
  formatLocalTime,
  formatPercent,
  formatRate,
  plural,
  textTable,
  withoutEscapes,
  wrapText,
  wrapWords,
} from "../../src/control/text_format.ts";
import { assertEquals, assertMatch } from "../../src/std/assert.js";

Deno.test("formatDuration() changes its unit at a minute and at an hour", () => {
  const cases: [number, string][] = [
    [0, "0.000 s"],
    [0.0421, "0.042 s"],
    [4.24, "4.240 s"],
    [9.9997, "10.0 s"],
    [14.24, "14.2 s"],
    [59.94, "59.9 s"],
    [59.96, "1 min 00 s"],
    [185, "3 min 05 s"],
    [3599.4, "59 min 59 s"],
    [3600, "1 h 00 min"],
    [7620, "2 h 07 min"],
    [360000, "100 h 00 min"],
  ];
  for (const [seconds, text] of cases) assertEquals(formatDuration(seconds), text);
  assertEquals(formatDuration(4.24, 1), "4.2 s");
});

Deno.test("formatRate() writes three significant digits", () => {
  const cases: [number, string][] = [
    [0, "0 Hz"],
    [NaN, "0 Hz"],
    [0.254, "0.25 Hz"],
    [9.996, "10.0 Hz"],
    [302, "302 Hz"],
    [999.6, "1.00 kHz"],
    [15_230, "15.2 kHz"],
    [999_600, "1.00 MHz"],
    [12_340_000, "12.3 MHz"],
  ];
  for (const [rateHz, text] of cases) assertEquals(formatRate(rateHz), text);
});

Deno.test("formatPercent() writes a dash when nothing is known", () => {
  assertEquals(formatPercent(0.0123), "1.2 %");
  assertEquals(formatPercent(1), "100.0 %");
  assertEquals(formatPercent(NaN), "-");
  assertEquals(formatPercent(-1), "-");
});

Deno.test("fillBar() shows a little as something and nearly all as not all", () => {
  assertEquals(fillBar(0, 5), ".....");
  assertEquals(fillBar(0.001, 5), "#....");
  assertEquals(fillBar(0.5, 4), "##..");
  assertEquals(fillBar(0.999, 5), "####.");
  assertEquals(fillBar(1, 5), "#####");
  assertEquals(fillBar(7, 5), "#####");
  assertEquals(fillBar(NaN, 5), ".....");
  assertEquals(fillBar(0.5, 2, ["█", "░"]), "█░");
});

Deno.test("textTable() aligns columns and leaves no blanks at line ends", () => {
  assertEquals(textTable([["a", "bb", ""], ["ccc", "d", ""]]), ["  a    bb", "  ccc  d"]);
});

Deno.test("formatLocalTime() names the same moment as the date", () => {
  const date = new Date("2026-03-01T14:05:09.120Z");
  assertMatch(formatLocalTime(date), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.120[+-]\d\d:\d\d$/);
  assertEquals(new Date(formatLocalTime(date)).getTime(), date.getTime());
});

Deno.test("wrapWords() breaks lines between words, and never inside one", () => {
  assertEquals(wrapWords(["aa", "bb", "cccccccc", "d"], 6), ["aa  bb", "cccccccc", "d"]);
  assertEquals(wrapWords([], 6), []);
});

Deno.test("wrapText() indents what does not fit, and never breaks a word", () => {
  assertEquals(wrapText("one two threeeeee four", 8, "  "), ["  one", "    two", "    threeeeee", "    four"]);
  assertEquals(wrapText("one two", Infinity), ["one two"]);
  assertEquals(wrapText("one\ntwo", 80), ["one", "  two"]);
});

Deno.test("plural() is right for one", () => {
  assertEquals([plural(0, "slot"), plural(1, "slot"), plural(2, "slot")], ["0 slots", "1 slot", "2 slots"]);
});

Deno.test("withoutEscapes() leaves the text as it is without a terminal", () => {
  assertEquals(withoutEscapes("\x1b[0m\x1b[1m\x1b[31merror\x1b[0m: [x] no"), "error: [x] no");
});

import { ConfigReader } from "../../src/pulses/config_reader.ts";
import { assertEquals, assertThrows } from "../../src/std/assert.js";

const reader = new ConfigReader("filter", {
  level: -440,
  name: "x",
  empty: null,
  heights: [1, 2],
  bad: [1, "2"],
  half: 0.5,
});

Deno.test("ConfigReader.number() reads numbers and takes the fallback for absent keys", () => {
  assertEquals(reader.number("level"), -440);
  assertEquals(reader.number("level", { fallback: 1 }), -440);
  assertEquals(reader.number("absent", { fallback: 1 }), 1);
  assertEquals(reader.number("empty", { fallback: 2 }), 2);
});

Deno.test("ConfigReader.number() names function, key, what was expected and what was found", () => {
  const message = (key: string, rule = {}) => {
    try {
      return reader.number(key, rule);
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  };
  assertEquals(
    message("absent", { above: 0 }),
    `TypeError: Cannot configure "filter": expected "absent" to be a number > 0, found nothing; add the key to the ` +
      `function's configuration`,
  );
  assertEquals(
    message("name"),
    `TypeError: Cannot configure "filter": expected "name" to be a number, found "x"`,
  );
  assertEquals(
    message("level", { min: 0, max: 1 }),
    `RangeError: Cannot configure "filter": expected "level" to be a number >= 0 and <= 1, found -440`,
  );
  assertEquals(
    message("half", { integer: true }),
    `RangeError: Cannot configure "filter": expected "half" to be an integer, found 0.5`,
  );
});

Deno.test("ConfigReader.numbers() reads a number or a list", () => {
  assertEquals(reader.numbers("heights"), [1, 2]);
  assertEquals(reader.numbers("level"), [-440]);
  assertEquals(reader.numbers("absent", { fallback: 3 }), [3]);
  assertThrows(() => reader.numbers("bad"), TypeError, 'expected "bad" to be a number or a list of numbers');
});

import { assertStrictEquals, assertThrows } from "../../src/std/assert.js";
import { findExport } from "../../src/worker/find_export.ts";

const highPulses = () => {};
const save_data = () => {};
const exports = { highPulses, save_data, limit: 5 };

for (
  const [name, found] of [["highPulses", highPulses], ["high_pulses", highPulses], ["save_data", save_data], [
    "saveData",
    save_data,
  ]] as const
) {
  Deno.test(`findExport() finds ${found.name} when ${name} is asked for`, () => {
    assertStrictEquals<unknown>(findExport(exports, [name], "file:///m.ts"), found);
  });
}

Deno.test("findExport() tries all names", () => {
  assertStrictEquals<unknown>(findExport(exports, ["nothing", "high_pulses"], "file:///m.ts"), highPulses);
});

Deno.test("findExport() lists the module's functions and suggests one when there is none of the name", () => {
  assertThrows(
    () => findExport(exports, ["high_pulse"], "file:///m.ts"),
    TypeError,
    'expected an export of file:///m.ts, found highPulses, save_data; did you mean "highPulses"?',
  );
  assertThrows(() => findExport({}, ["toString"], "file:///m.ts"), TypeError, "found no exported functions");
});

Deno.test("findExport() refuses an export that is no function", () => {
  assertThrows(() => findExport(exports, ["limit"], "file:///m.ts"), TypeError, "expected a function, found number");
});

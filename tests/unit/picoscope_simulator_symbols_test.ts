/** The simulated libraries have the functions of the real ones, with their types. */
import { assert, assertEquals } from "../../src/std/assert.js";
import { FAMILIES, signaturesOf, SimulatedLibrary } from "./picoscope_simulator_fixture.ts";

const SYMBOLS = new URL("../../../shared/reference/picosdk_symbols.json", import.meta.url);

interface Symbols {
  [family: string]: Record<string, { parameters: string[]; result: string }>;
}

function readSymbols(): Symbols | null {
  try {
    return JSON.parse(Deno.readTextFileSync(SYMBOLS));
  } catch {
    return null;
  }
}

const symbols = readSymbols();
const why = symbols === null ? " (skipped: ../shared/reference/picosdk_symbols.json is not there)" : "";

/** A callback may be declared as a pointer where the simulator never calls it. */
function asPassed(types: readonly string[]): string[] {
  return types.map((type) => type === "function" ? "pointer" : type);
}

for (const family of FAMILIES) {
  Deno.test({
    name: `simulator of ${family} has every function of the vendor's interface, with its types, and no other${why}`,
    ignore: symbols === null,
    fn: () => {
      const own = signaturesOf(family);
      const expected = symbols?.[family] ?? {};
      assertEquals(Object.keys(own).sort(), Object.keys(expected).sort());
      for (const [name, { parameters, result }] of Object.entries(expected)) {
        assertEquals(asPassed(own[name].parameters), asPassed(parameters), name);
        assertEquals(own[name].result, result);
      }
    },
  });

  Deno.test(`simulator of ${family} gives INVALID_HANDLE from every function that takes a handle`, async () => {
    using library = await SimulatedLibrary.open(family);
    const signatures = signaturesOf(family);
    let called = 0;
    for (const [name, { parameters }] of Object.entries(signatures)) {
      if (parameters[0] !== "i16") continue;
      const values = parameters.map((type, index) => {
        if (index === 0) return 4711;
        if (type === "pointer" || type === "function") return new Uint8Array(64);
        return type === "u64" || type === "i64" ? 1n : 1;
      });
      const status = library.call(name.slice(family.length), ...values);
      assertEquals(status, 0x0C, `${name} gave 0x${status.toString(16)}`);
      called++;
    }
    assert(called > 55, `${called}`);
    assertEquals(library.simulator.count("", "wrong_calls"), called);
  });
}

Deno.test("Simulator.set() throws when there is no such unit, key or value", async () => {
  using library = await SimulatedLibrary.open("ps3000a");
  const { simulator } = library;
  for (
    const [target, key, value] of [["nobody", "speed", "1"], ["", "sped", "1"], ["", "speed", "fast"], [
      "",
      "speed",
      "-1",
    ]]
  ) {
    let message = "";
    try {
      simulator.set(target, key, value);
    } catch (error) {
      assert(error instanceof RangeError);
      message = error.message;
    }
    assert(message.startsWith(`Cannot set "${key}" of the simulated unit "${target}" to "${value}"`), message);
  }
  assertEquals(simulator.get("", "speed"), "1");
  assertEquals(simulator.get("", "sped"), null);
});

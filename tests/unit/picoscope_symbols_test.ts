/** The symbol tables against facts about the vendor's headers: tables that are written by hand drift apart otherwise. */
import { FAMILIES, FAMILY_NAMES } from "../../drivers/picoscope/families.ts";
import { openFamily, requiredFunctions } from "../../drivers/picoscope/find_scopes.ts";
import { foreignSymbols, LATER, parsePrototypes } from "../../drivers/picoscope/foreign_symbols.ts";
import { describeStatus, statusNames } from "../../drivers/picoscope/pico_status.ts";
import { simulatorLibraryPath } from "../../drivers/picoscope/simulator/open_simulator.ts";
import { assert, assertEquals, assertThrows } from "../../src/std/assert.js";

const DATA = new URL("../data/picoscope/", import.meta.url);
const REFERENCE = new URL("../../../shared/reference/", import.meta.url);

function exists(url: URL): boolean {
  try {
    return Deno.statSync(url).isDirectory;
  } catch {
    return false;
  }
}

const HAS_REFERENCE = exists(REFERENCE);
const SKIPPED = HAS_REFERENCE ? "" : " (skipped: the reference folder is not there)";

function readJson(url: URL): Record<string, Record<string, unknown>> {
  return JSON.parse(Deno.readTextFileSync(url));
}

/** `buffer` is how a pointer is passed that the library does not keep. */
function plainTypes(family: keyof typeof FAMILIES): Map<string, string> {
  return new Map(
    FAMILIES[family].prototypes.map(({ name, parameters }) => [
      name,
      parameters.map(({ type }) => type === "buffer" ? "pointer" : type).join(" "),
    ]),
  );
}

for (const family of FAMILY_NAMES) {
  Deno.test(`FAMILIES.${family} has the parameter types of the vendor's functions`, () => {
    const facts = readJson(new URL("symbols.json", DATA))[family];
    assert(Object.keys(facts).length > 45);
    assertEquals(Object.fromEntries(plainTypes(family)), facts);
  });

  Deno.test({
    name: `FAMILIES.${family} agrees with the reference on every function${SKIPPED}`,
    ignore: !HAS_REFERENCE,
    fn: () => {
      const facts = readJson(new URL("picosdk_symbols.json", REFERENCE))[family] as Record<
        string,
        { parameters: string[]; result: string }
      >;
      for (const [name, types] of plainTypes(family)) {
        assertEquals([name, types, "u32"], [
          name,
          facts[family + name]?.parameters.join(" "),
          facts[family + name]?.result,
        ]);
      }
    },
  });

  Deno.test(`openFamily("${family}") finds every function in the simulated library`, async () => {
    const library = openFamily(family, await simulatorLibraryPath(family));
    const absent = FAMILIES[family].prototypes.map(({ name }) => name).filter((name) => !library.has(name));
    library.close();
    assertEquals(absent, []);
  });

  Deno.test(`requiredFunctions("${family}") are all declared`, () => {
    const declared = FAMILIES[family].prototypes.map(({ name }) => name);
    const required = requiredFunctions(family);
    assert(required.length > 20);
    assertEquals(required.filter((name) => !declared.includes(name)), []);
    for (const name of ["OpenUnit", "RunBlock", "GetValuesBulk", "RunStreaming", "Stop"]) {
      assert(required.includes(name), name);
    }
  });
}

Deno.test("the status codes are those of the vendor", () => {
  const facts = JSON.parse(Deno.readTextFileSync(new URL("status.json", DATA))) as Record<string, number>;
  const found = Object.fromEntries(Array.from(statusNames(), ([code, name]) => [name, code]));
  assertEquals(found, facts);
});

Deno.test({
  name: `the status codes agree with the reference${SKIPPED}`,
  ignore: !HAS_REFERENCE,
  fn: () => {
    const facts = readJson(new URL("picosdk_status.json", REFERENCE)) as unknown as Record<string, number>;
    const names = statusNames();
    assert(names.size > 390);
    for (const [code, name] of names) assertEquals(facts[name], code, name);
  },
});

Deno.test("describeStatus() gives name, number and meaning", () => {
  assertEquals(
    describeStatus(7),
    "PICO_NOT_RESPONDING (0x07): the unit does not answer any more; it was unplugged",
  );
  assertEquals(describeStatus(0x209), "PICO_PLL_MUX_OUT_FAILED (0x209)");
  assertEquals(describeStatus(0x7fffffff), "status (0x7FFFFFFF)");
});

Deno.test("parsePrototypes() reads C declarations over several lines", () => {
  const [first, second] = parsePrototypes(`
IsReady(int16_t handle, int16_t *ready)
RunBlock(int16_t handle, int32_t before,
  PS5000A_RANGE range, ps5000aBlockReady lpReady, void *pParameter)`);
  assertEquals(first.parameters.map(({ cType, name, type }) => [cType, name, type]), [
    ["int16_t", "handle", "i16"],
    ["int16_t *", "ready", "buffer"],
  ]);
  assertEquals(second.parameters.map(({ type }) => type), ["i16", "i32", "u32", "function", "pointer"]);
});

Deno.test("parsePrototypes() refuses a parameter without a name", () => {
  assertThrows(() => parsePrototypes("Stop(int16_t)"), SyntaxError, "declaration of Stop: expected a type and a name");
});

Deno.test("foreignSymbols() lists long calls a second time, as non-blocking ones", () => {
  const table = foreignSymbols("ps3000a", parsePrototypes("CloseUnit(int16_t handle)"), ["CloseUnit"]);
  assertEquals(Object.keys(table), ["CloseUnit", `CloseUnit${LATER}`]);
  assertEquals((table[`CloseUnit${LATER}`] as Deno.ForeignFunction).name, "ps3000aCloseUnit");
  assertEquals((table[`CloseUnit${LATER}`] as Deno.ForeignFunction).nonblocking, true);
});

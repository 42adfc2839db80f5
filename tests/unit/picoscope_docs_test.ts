/** docs/picoscope.md and the template of docs/writing_a_driver.md say what the code does. */
import { FAMILIES, FAMILY_NAMES } from "../../drivers/picoscope/families.ts";
import { WAVES } from "../../drivers/picoscope/scope_settings.ts";
import { LIBRARY_VARIABLE } from "../../drivers/picoscope/library_paths.ts";
import { myInstrumentSource } from "../../examples/modules/my_instrument.ts";
import { readSourceSettings, SOURCE_KEYS } from "../../src/functions/picoscope/source_settings.ts";
import { Reader } from "../../src/ring/reader.ts";
import type { DaqFunction } from "../../src/worker/context.ts";
import { assert, assertEquals, assertStringIncludes } from "../../src/std/assert.js";
import { checkError } from "./functions_fixture.ts";
import { makeContext, makeRing, takeAll } from "./worker_fixture.ts";

const PAGE = Deno.readTextFileSync(new URL("../../docs/picoscope.md", import.meta.url));
const DRIVER_PAGE = Deno.readTextFileSync(new URL("../../docs/writing_a_driver.md", import.meta.url));

/** Keys that the source looks up with some configurations. */
async function lookedUpKeys(): Promise<Set<string>> {
  const keys = new Set<string>();
  using ring = await makeRing("RB_1", { slots: 64, valuesPerSlot: 100, writers: 4 });
  for (
    const config of [{ trigger_channel: "A" }, { frqSG: 1, stopFreqSG: 2 }, { trigger: {} }, { channels: ["A", "B"] }]
  ) {
    const recorder = new Proxy<Record<string, unknown>>(config, {
      get: (target, key) => {
        keys.add(String(key));
        return Reflect.get(target, key);
      },
    });
    const { context } = makeContext({ sinks: [ring], config: recorder });
    try {
      readSourceSettings(context);
    } catch {
      // Only the keys matter here.
    }
    context.close();
  }
  return keys;
}

Deno.test("docs/picoscope.md has all keys, and none that the source does not know", async () => {
  const known = await lookedUpKeys();
  const table = /\| Key +\| Default[^]*?\n\n/.exec(PAGE)![0];
  const documented = Array.from(table.matchAll(/^\| `(\w+)`/gm), ([, key]) => key);
  assert(documented.length > 25, `${documented.length} keys`);
  assertEquals(documented.filter((key) => !known.has(key)), []);
  assertEquals(SOURCE_KEYS.filter((key, i) => SOURCE_KEYS.indexOf(key) !== i), []);
  assertEquals([...known].filter((key) => !SOURCE_KEYS.includes(key)), []);
  const words = new Set(Array.from(table.matchAll(/`(\w+)/g), ([, word]) => word));
  const others = [
    "ChanColors",
    "verbose",
    "swpSG",
    "stopFreqSG",
    "dwellTimeSG",
    "offsetVoltageSG",
    "coupling",
    "pretrigger_samples",
  ];
  const missing = [...known].filter((key) =>
    !words.has(key) && !others.includes(key) && !/^channel[A-H]_range$|^analogue_offset_ch[A-H]$/.test(key)
  );
  assertEquals(missing, []);
});

Deno.test("docs/picoscope.md has all families, resolutions and waves", () => {
  for (const name of FAMILY_NAMES) {
    assertStringIncludes(PAGE, `| \`${name}\``);
    const row = new RegExp(`\\| \`${name}\`.*\\|`).exec(PAGE)![0];
    assertEquals(/yes/.test(row), FAMILIES[name].triggerInfoBytes > 0, name);
    const bits = Array.from(row.split("|")[4].matchAll(/\b\d+(?=[, ])/g), Number).filter((number) => number < 100);
    const { resolutions } = FAMILIES[name];
    assertEquals([name, bits], [name, resolutions.size === 0 ? [8] : [...resolutions.keys()]]);
  }
  for (const wave of WAVES) assertStringIncludes(PAGE, `\`${wave}\``);
  assertStringIncludes(PAGE, LIBRARY_VARIABLE);
});

Deno.test("examples/modules/my_instrument.ts runs as it is", async () => {
  using ring = await makeRing("RB_1", { slots: 16, valuesPerSlot: 200, limit: 10 });
  using reader = new Reader(ring.newReaderGroup("check"));
  const { context } = makeContext({ sinks: [ring], config: { rate_hz: 500, pulse_mV: 80 } });
  await myInstrumentSource(context as never);
  context.close();
  const events = takeAll(reader);
  assertEquals(events.map(({ counter }) => counter), Array.from({ length: 10 }, (_, i) => i));
  for (const { data, deadtime } of events) {
    assert(Math.max(...data.chA) > 70 && Math.max(...data.chB) > 70 && data.chA[0] < 2);
    assert(deadtime >= 0 && deadtime <= 1);
  }
  events.slice(1).forEach(({ timestamp }, i) => assert(timestamp > events[i].timestamp));
});

Deno.test("examples/modules/my_instrument.ts checks its configuration", async () => {
  using ring = await makeRing("RB_1");
  const error = checkError(myInstrumentSource as DaqFunction, { sinks: [ring], config: { rate_hz: 0 } });
  assertStringIncludes(error.message, 'expected "rate_hz" to be a number > 0, found 0');
});

Deno.test("docs/writing_a_driver.md names what the interface has", () => {
  for (
    const name of ["isWanted", "isPaused", "waitWhilePaused", "claim", "columns", "stamp", "publish", "abort", "late"]
  ) {
    assertStringIncludes(DRIVER_PAGE, name);
  }
});

import { simulationSource } from "../../src/functions/simulation_source.ts";
import { assertEquals } from "../../src/std/assert.js";
import { FunctionSettings, misspeltKeys } from "../../src/worker/function_settings.ts";
import { WAVEFORM } from "./functions_fixture.ts";
import { makeContext, makeRing } from "./worker_fixture.ts";

Deno.test("misspeltKeys() names unused keys that are nearly those of absent ones", () => {
  const { context } = makeContext({ config: { treshold: 5, sleeptime: 1, sleeptime2: 2, remark: "none" } });
  assertEquals(misspeltKeys(context), []);
  const settings = new FunctionSettings(context);
  settings.number("sleeptime");
  settings.number("threshold", { fallback: 50 });
  assertEquals(misspeltKeys(context), [
    'test_function does not use the key "treshold"; did you mean "threshold"?',
  ]);
  context.close();
});

for (const [config, found] of [[{ sleeptim: 0 }, ["sleeptime"]], [{ pretrigger_samples: 4 }, []]] as const) {
  Deno.test(`misspeltKeys() finds ${found.length} in a source's ${JSON.stringify(config)}`, async () => {
    using ring = await makeRing("RB_1", { valuesPerSlot: 4250 });
    const { context } = makeContext({ sinks: [ring], config: { ...WAVEFORM, ...config } });
    simulationSource.check?.(context);
    assertEquals(misspeltKeys(context).map((text) => /mean "(.*)"/.exec(text)?.[1]), [...found]);
    context.close();
  });
}

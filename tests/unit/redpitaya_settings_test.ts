import { readSourceSettings } from "../../src/functions/redpitaya/source_settings.ts";
import { redpitayaSource } from "../../src/functions/redpitaya_source.ts";
import { assert, assertEquals } from "../../src/std/assert.js";
import { checkError } from "./functions_fixture.ts";
import { makeContext, makeRing } from "./worker_fixture.ts";

const V2 = { ip: "192.168.1.5", sample_rate: 4, trigger_level: 200, number_of_samples_before_trigger: 1 };

async function settingsOf(
  config: Record<string, unknown>,
  fields: Record<string, string> = { IN1: "int16", IN2: "int16" },
) {
  using ring = await makeRing("RB_1", { fields });
  const { context } = makeContext({ sinks: [ring], config });
  try {
    return readSourceSettings(context);
  } finally {
    context.close();
  }
}

async function refusal(
  config: Record<string, unknown>,
  fields: Record<string, string> = { IN1: "int16", IN2: "int16" },
) {
  using ring = await makeRing("RB_1", { fields });
  return checkError(redpitayaSource, { sinks: [ring], config, task: { functionName: "redpitaya_source" } }).message;
}

Deno.test("redpitaya_source takes a configuration of mimoCoRB2", async () => {
  const settings = await settingsOf({
    ...V2,
    negator_IN1: true,
    negator_IN2: false,
    trigger_slope: "falling",
    trigger_mode: "auto",
    trigger_source: "IN2",
    set_size: 50,
  });
  assertEquals(settings.address, { hostname: "192.168.1.5", port: 1001 });
  assertEquals(settings.setSize, 50);
  assertEquals(settings.device, {
    decimation: 4,
    negated: [true, false],
    triggerSource: 1,
    triggerSlope: "falling",
    triggerMode: "auto",
    triggerLevel: 200,
    preSamples: 1,
    samples: 4,
  });
});

Deno.test("redpitaya_source has mimoCoRB2's values for keys that are absent", async () => {
  const { device, setSize } = await settingsOf(V2);
  assertEquals(setSize, 100);
  assertEquals([device.triggerSource, device.triggerSlope, device.triggerMode], [0, "rising", "normal"]);
  assertEquals(device.negated, [false, false]);
});

Deno.test("redpitaya_source takes names with units", async () => {
  const settings = await settingsOf({
    host: "rp-f0c38f.local",
    sample_time_ns: 64,
    trigger_level_mV: 25,
    mV_per_count: 0.125,
    pre_trigger_samples: 2,
  });
  assertEquals(settings.address?.hostname, "rp-f0c38f.local");
  assertEquals([settings.device.decimation, settings.sampleTimeNs], [8, 64]);
  assertEquals([settings.device.triggerLevel, settings.device.preSamples], [200, 2]);
});

Deno.test("redpitaya_source finds the inputs by the fields' names, or takes them in order", async () => {
  const inputs = async (fields: Record<string, string>) =>
    (await settingsOf(V2, fields)).fields.map(({ name, input }) => [name, input]);
  assertEquals(await inputs({ IN2: "int16", IN1: "float32" }), [["IN2", 1], ["IN1", 0]]);
  assertEquals(await inputs({ IN2: "int16" }), [["IN2", 1]]);
  assertEquals(await inputs({ chA: "int16", chB: "int16" }), [["chA", 0], ["chB", 1]]);
});

for (
  const [what, change, text] of [
    ["no host", { ip: null }, 'expected "host" to be the name or address of the Red Pitaya'],
    ["two hosts", { host: "a" }, 'expected one of the keys "host", "ip", found both'],
    ["a host beside the simulation", { device: "simulated" }, 'expected "ip" to be absent'],
    ["the decimation 54", { sample_rate: 54 }, '"sample_rate" to be one of 1, 4, 8, 16, 32, 64, 128, 256'],
    ["the decimation 2", { sample_rate: 2 }, '"sample_rate" to be one of 1, 4, 8'],
    ["no decimation", { sample_rate: null }, '"sample_rate" to be a number'],
    ["a sample time of 10 ns", { sample_rate: null, sample_time_ns: 10 }, '"sample_time_ns" to be one of 8, 32, 64'],
    ["a level of 4096", { trigger_level: 4096 }, "trigger_level"],
    ["a level of -4097", { trigger_level: -4097 }, "trigger_level"],
    ["a level of 0.5", { trigger_level: 0.5 }, "trigger_level"],
    ["a level in mV without a scale", { trigger_level: null, trigger_level_mV: 5 }, '"mV_per_count" to be a number'],
    [
      "a level in mV out of range",
      { trigger_level: null, trigger_level_mV: 600, mV_per_count: 0.125 },
      "within -512 to 511.875 mV",
    ],
    ["all samples before the trigger", { number_of_samples_before_trigger: 4 }, "number_of_samples_before_trigger"],
    ["no event in a set", { set_size: 0 }, "set_size"],
    ["an input that is none", { trigger_source: "IN3" }, '"trigger_source" to be one of IN1, IN2'],
    ["a slope that is none", { trigger_slope: "risng" }, "(perhaps rising)"],
    ["a mode that is none", { trigger_mode: "single" }, '"trigger_mode" to be one of normal, auto'],
    ["a truth value that is none", { negator_IN1: 1 }, '"negator_IN1" to be true or false'],
    ["another number of samples", { number_of_samples: 5 }, "4, the values in a slot of the ring"],
    ["a port that is none", { port: 70_000 }, "port"],
    ["a property of the simulation that is none", { simulator: { rate: 5 } }, '"simulator.rate" to be absent'],
    ["a word for a number", { simulator: { rate_Hz: "fast" } }, '"simulator.rate_Hz" to be a number >= 0'],
  ] as const
) {
  Deno.test(`redpitaya_source refuses ${what}`, async () => {
    const message = await refusal({ ...V2, ...change });
    assert(message.includes(text), message);
    assert(message.startsWith('Cannot configure "redpitaya_source": '), message);
  });
}

Deno.test("redpitaya_source refuses fields that it cannot fill", async () => {
  const types = await refusal(V2, { IN1: "int32", IN2: "uint8" });
  assert(types.includes('field "IN1"') && types.includes('field "IN2"'), types);
  const three = await refusal(V2, { a: "int16", b: "int16", c: "int16" });
  assert(three.includes("expected one or two fields, for IN1 and IN2, found a, b, c"), three);
});

Deno.test("redpitaya_source names everything that is wrong at once", async () => {
  const message = await refusal({ sample_rate: 3, trigger_level: 9999, trigger_source: "EXT", set_size: -1 });
  for (
    const key of ["host", "sample_rate", "trigger_level", "trigger_source", "set_size", "number_of_samples_before"]
  ) {
    assert(message.includes(key), `${key} is missing in: ${message}`);
  }
  assert(message.includes("6 problems"), message);
});

Deno.test("redpitaya_source refuses keys that are nearly its own", async () => {
  using ring = await makeRing("RB_1", { fields: { IN1: "int16" } });
  const config = { ...V2, triger_slope: "falling" };
  const { message } = checkError(redpitayaSource, { sinks: [ring], config });
  assert(message.includes('found "triger_slope"; did you mean "trigger_slope"?'), message);
});

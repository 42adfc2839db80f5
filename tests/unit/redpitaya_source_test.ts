import { SimulatedServer } from "../../drivers/redpitaya/simulator/simulated_server.ts";
import { countingSample } from "../../drivers/redpitaya/simulator/simulator_settings.ts";
import { startSimulator } from "../../drivers/redpitaya/simulator/start_simulator.ts";
import { redpitayaSource } from "../../src/functions/redpitaya_source.ts";
import { readWaveformScale } from "../../src/functions/waveform_scale.ts";
import { assert, assertEquals, assertGreater, assertRejects } from "../../src/std/assert.js";
import { RunSignal } from "../../src/worker/run_signal.ts";
import { logLines, runFunction, withDirectory } from "./functions_fixture.ts";
import { type EventCopy, makeRing, openReader, takeAll } from "./worker_fixture.ts";

const SAMPLES = 16;
const CONFIG = { sample_rate: 4, trigger_level: 200, number_of_samples_before_trigger: 4, set_size: 8 };

/** Runs the source until the ring has its events; the ring holds all of them. */
async function takeEvents(
  config: Record<string, unknown>,
  options: { events: number; fields?: Record<string, string>; runDirectory?: string },
): Promise<{ events: EventCopy[]; log: string[] }> {
  const { events, fields = { IN1: "int16", IN2: "int16" }, runDirectory = "/nonexistent" } = options;
  using ring = await makeRing("RB_1", { slots: events, valuesPerSlot: SAMPLES, fields, limit: events });
  using reader = openReader(ring);
  const posted = await runFunction(redpitayaSource, {
    sinks: [ring],
    config: { ...CONFIG, ...config },
    task: { runDirectory },
  });
  return { events: takeAll(reader), log: logLines(posted) };
}

/** Numbers of the captures that events are, by their first sample at IN1; checks all samples. */
function captureNumbers(events: readonly EventCopy[]): number[] {
  let number = 0;
  return events.map(({ data }) => {
    while (countingSample(number, 0, 0) !== data.IN1[0] || countingSample(number, 0, 1) !== data.IN2[0]) number++;
    assertEquals(data.IN1, Array.from({ length: SAMPLES }, (_, i) => countingSample(number, i, 0)));
    assertEquals(data.IN2, Array.from({ length: SAMPLES }, (_, i) => countingSample(number, i, 1)));
    return number;
  });
}

function assertGoodMetadata(events: readonly EventCopy[]): void {
  events.forEach(({ counter, timestamp, deadtime }, i) => {
    assertEquals(counter, i);
    assert(deadtime >= 0 && deadtime <= 1, `dead time ${deadtime} of event ${i}`);
    assert(Math.abs(timestamp - Date.now() / 1000) < 60);
    if (i > 0) assert(timestamp >= events[i - 1].timestamp - 1e-6, `event ${i} is before the one before`);
  });
}

Deno.test("redpitaya_source brings every sample of every event into the ring", async () => {
  const { events } = await takeEvents({ device: "simulated", simulator: { signal: "counting" } }, { events: 300 });
  const numbers = captureNumbers(events);
  assertEquals(numbers, numbers.map((_, i) => numbers[0] + i));
  assertGoodMetadata(events);
});

for (const segment_bytes of [1, 3, 100, 1000]) {
  Deno.test(`redpitaya_source brings in the same events in segments of ${segment_bytes} bytes`, async () => {
    const simulator = { signal: "counting", segment_bytes };
    const { events } = await takeEvents({ device: "simulated", simulator }, { events: 40 });
    const numbers = captureNumbers(events);
    assertEquals(numbers, numbers.map((_, i) => numbers[0] + i));
  });
}

Deno.test("redpitaya_source asks for further sets, also of one event", async () => {
  const simulator = { signal: "counting" };
  const { events } = await takeEvents({ device: "simulated", simulator, set_size: 1 }, { events: 50 });
  assertEquals(captureNumbers(events).length, 50);
});

Deno.test("redpitaya_source goes on behind a connection that is closed again and again", async () => {
  for (const disconnect_within of [false, true]) {
    const simulator = { signal: "counting", disconnect_after: 30, disconnect_within };
    const { events, log } = await takeEvents({ device: "simulated", simulator }, { events: 100 });
    captureNumbers(events); // whole events only
    assertGoodMetadata(events);
    // Lines that are repeated are counted by the log.
    assert(log.some((line) => line.includes("has closed the connection; waiting for it to come back")), log.join("\n"));
    assert(log.some((line) => /is back after [\d.]+ s, which count as dead time/.test(line)), log.join("\n"));
    // The first event after a gap of 100 ms, in which nothing could be taken, says so.
    assert(events.filter(({ deadtime }) => deadtime > 0.5).length >= 3);
  }
});

Deno.test("redpitaya_source connects anew when the rest of an event does not come", async () => {
  const simulator = { signal: "counting", stall_after: 20 };
  const config = { device: "simulated", simulator, answer_timeout_s: 0.2 };
  const { events, log } = await takeEvents(config, { events: 50 });
  captureNumbers(events);
  assert(log.some((line) => line.includes("bytes of an event, and then nothing")), log.join("\n"));
});

Deno.test("redpitaya_source connects anew after a silence that was said to be too long", async () => {
  const signal = new RunSignal();
  using simulator = await startSimulator({ rate_Hz: 1e-6 });
  using ring = await makeRing("RB_1", { valuesPerSlot: SAMPLES, fields: { IN1: "int16" } });
  const { hostname, port } = simulator.address;
  const ender = setTimeout(() => signal.setEnding(), 1000);
  const posted = await runFunction(redpitayaSource, {
    sinks: [ring],
    config: { ...CONFIG, host: hostname, port, silence_timeout_s: 0.2 },
    signal,
  });
  clearTimeout(ender);
  assert(logLines(posted).some((line) => line.includes("has sent no event for 0.2 s")), logLines(posted).join("\n"));
});

Deno.test("redpitaya_source gives counts in float fields, or mV where a count is known", async () => {
  const fields = { IN1: "float32", IN2: "int16" };
  const simulator = { signal: "counting" };
  const plain = await takeEvents({ device: "simulated", simulator }, { events: 1, fields });
  const [number] = captureNumbers(plain.events);
  assertGreater(number, -1);
  await withDirectory(async (runDirectory) => {
    const config = { device: "simulated", simulator, mV_per_count: 0.125 };
    const { events: [{ data }] } = await takeEvents(config, { events: 1, fields, runDirectory });
    assertEquals(data.IN1[1] - data.IN1[0], 0.125);
    assertEquals(data.IN2[1] - data.IN2[0], 3);
    const scale = readWaveformScale({ runDirectory }, "RB_1");
    assertEquals([scale.fields.IN1.mvPerCount, scale.fields.IN2.mvPerCount], [1, 0.125]);
    assertEquals([scale.sampleTimeNs, scale.preTriggerSamples], [32, 4]);
  });
});

Deno.test("redpitaya_source warns once of fields that hold counts, and of keys that it does not know", async () => {
  const linesOf = (fields: Record<string, string>, config: Record<string, unknown>) =>
    withDirectory(async (runDirectory) =>
      (await takeEvents({ device: "simulated", ...config }, { events: 1, fields, runDirectory }))
        .log.filter((line) => /not mV|does not know/.test(line))
    );
  const both = { IN1: "int16", IN2: "float32" };
  const [unknown, ...none] = await linesOf(both, {});
  assert(unknown.includes('"RB_1" holds ADC counts, not mV, in IN1, IN2:'), unknown);
  assert(unknown.includes('not known without "mV_per_count"'), unknown);
  assertEquals(none, []);
  const [known] = await linesOf(both, { mV_per_count: 0.125 });
  assert(known.includes("not mV, in IN1:") && known.includes("RB_1_scale.yaml"), known);
  assertEquals(await linesOf({ IN1: "float32" }, { mV_per_count: 0.125 }), []);
  const [foo] = await linesOf({ IN1: "float32" }, { mV_per_count: 0.125, foo_bar: 1 });
  assert(foo.endsWith('does not know, and ignores, "foo_bar"'), foo);
});

Deno.test("redpitaya_source knows the dead time of the device", async () => {
  // 16 + 100 samples of 2048 ns take 0.03 ms of the 2 ms between events, as far as it is known what a sample is.
  const config = { device: "simulated", simulator: { rate_Hz: 500, height: 2000, seed: 3 }, sample_rate: 256 };
  const { events } = await takeEvents(config, { events: 300 });
  assertGoodMetadata(events);
  const later = events.slice(1);
  const lengthS = events.at(-1)!.timestamp - events[0].timestamp;
  const deadS = later.reduce((sum, { deadtime }, i) => sum + deadtime * (later[i].timestamp - events[i].timestamp), 0);
  const leastS = later.length * SAMPLES * 2048e-9;
  assert(deadS >= 0.5 * leastS && deadS < 0.3 * lengthS, `${deadS} s of ${lengthS} s, at least ${leastS} s`);
});

Deno.test("redpitaya_source ends with a message when nobody listens at the beginning", async () => {
  const server = new SimulatedServer();
  const { port } = server.address;
  await server.close();
  using ring = await makeRing("RB_1", { valuesPerSlot: SAMPLES, fields: { IN1: "int16" } });
  const config = { ...CONFIG, host: "127.0.0.1", port };
  await assertRejects(() => runFunction(redpitayaSource, { sinks: [ring], config }), Error, "is it switched on");
});

Deno.test("redpitaya_source gives up a device that is gone for too long", async () => {
  const simulator = await startSimulator({ rate_Hz: 100 });
  const { hostname, port } = simulator.address;
  using ring = await makeRing("RB_1", { slots: 4000, valuesPerSlot: SAMPLES, fields: { IN1: "int16" }, limit: 4000 });
  const config = { ...CONFIG, host: hostname, port, reconnect_timeout_s: 0.3, set_size: 1 };
  const switchOff = setTimeout(() => simulator.close(), 400);
  const running = runFunction(redpitayaSource, { sinks: [ring], config });
  await assertRejects(() => running, Error, "and is not back");
  clearTimeout(switchOff);
});

Deno.test("a simulated Red Pitaya has the same events again with the same seed", async () => {
  const config = { device: "simulated", simulator: { rate_Hz: 0, seed: 5 } };
  const [first, second] = [await takeEvents(config, { events: 5 }), await takeEvents(config, { events: 5 })];
  assertEquals(first.events.map(({ data }) => data), second.events.map(({ data }) => data));
  assertEquals(first.events.length, 5);
});

import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "../../src/std/assert.js";
import { saveParquet } from "../../src/functions/save_parquet.ts";
import { simulationSource } from "../../src/functions/simulation_source.ts";
import { tarParquetSource } from "../../src/functions/tar_parquet_source.ts";
import type { RingOptions } from "../../src/ring/ring_buffer.ts";
import type { WorkerTask } from "../../src/worker/messages.ts";
import { checkError, logLines, runFunction, WAVEFORM, withDirectory } from "./functions_fixture.ts";
import { type EventCopy, fillRing, makeRing, openReader, takeAll } from "./worker_fixture.ts";

const SMALL = { ...WAVEFORM, number_of_samples: 300, pre_trigger_samples: 50, sleeptime: 0 };

async function simulate(
  config: Record<string, unknown>,
  options: { ring?: Partial<RingOptions>; task?: Partial<WorkerTask> } = {},
): Promise<EventCopy[]> {
  using ring = await makeRing("RB_1", { slots: 32, valuesPerSlot: 300, ...options.ring });
  using reader = openReader(ring);
  await runFunction(simulationSource, { sinks: [ring], config, ...(options.task ? { task: options.task } : {}) });
  return takeAll(reader);
}

const dataOf = (events: EventCopy[]) => events.map((event) => event.data);

for (const key of ["eventcount", "events_required"]) {
  Deno.test(`simulationSource() gives as many events as ${key} says`, async () => {
    const events = await simulate({ ...SMALL, [key]: 12 });
    assertEquals(events.map((event) => event.counter), [...Array(12).keys()]);
    assert(events[0].data.chA.every((value) => value > -1000 && value < 3000));
  });
}

Deno.test("simulationSource() goes on until the ring's limit when eventcount is 0", async () => {
  assertEquals((await simulate({ ...SMALL, eventcount: 0 }, { ring: { limit: 20 } })).length, 20);
});

Deno.test("simulationSource() gives the same events with the same seed, whatever the pacing", async () => {
  const config = { ...SMALL, eventcount: 5 };
  const first = dataOf(await simulate({ ...config, seed: 7 }));
  assertEquals(dataOf(await simulate({ ...config, seed: 7, sleeptime: 1e-5, random: true })), first);
  assertNotEquals(dataOf(await simulate({ ...config, seed: 8 })), first);
  assertNotEquals(dataOf(await simulate(config)), first);
});

Deno.test("simulationSource() takes pretrigger_samples for pre_trigger_samples", async () => {
  const config = { ...SMALL, eventcount: 2, seed: 7 };
  const { pre_trigger_samples: samples, ...others } = config;
  assertEquals(dataOf(await simulate({ ...others, pretrigger_samples: samples })), dataOf(await simulate(config)));
});

Deno.test("simulationSource() shares eventcount among its workers and gives each its own events", async () => {
  const config = { ...SMALL, eventcount: 7, seed: 7 };
  const first = await simulate(config, { task: { workers: 2, workerNumber: 0 } });
  const second = await simulate(config, { task: { workers: 2, workerNumber: 1 } });
  assertEquals(first.map((event) => event.counter), [0, 2, 4, 6]);
  assertEquals(second.map((event) => event.counter), [1, 3, 5]);
  assertNotEquals(first[0].data, second[0].data);
});

Deno.test("simulationSource() goes on behind its last event when it is started anew, with other events", async () => {
  const config = { ...SMALL, eventcount: 7, seed: 7 };
  const first = await simulate(config);
  const again = await simulate(config, { task: { restarts: 1, publishedBefore: [4] } });
  assertEquals(again.map((event) => event.counter), [4, 5, 6]);
  assertNotEquals(again[0].data, first[0].data);
});

Deno.test("simulationSource() takes the ring's number of samples, as mimoCoRB2 does, when none is given", async () => {
  const config = { ...SMALL, eventcount: 1, seed: 3 };
  const [without] = await simulate({ ...config, number_of_samples: null });
  const [given] = await simulate(config);
  assertEquals(without.data, given.data);
});

Deno.test("simulationSource() fills rings of other number types", async () => {
  const config = { ...SMALL, eventcount: 1, seed: 3 };
  const [wide] = await simulate(config, { ring: { fields: { chA: "float64", chB: "float64" } } });
  const [narrow] = await simulate(config);
  assertEquals(wide.data, narrow.data);
});

for (
  const [why, change, message] of [
    [
      "number_of_samples is not the ring's",
      { number_of_samples: 250 },
      '"number_of_samples" to be 300, the samples in a',
    ],
    ["sample_time_ns is missing", { sample_time_ns: null }, "found nothing; add the key"],
    ["sleeptime is a text", { sleeptime: "fast" }, 'expected "sleeptime" to be a number >= 0'],
    ["random is a number", { random: 1 }, 'expected "random" to be true or false, found 1'],
    ["seed is a list", { seed: [1] }, 'expected "seed" to be a number or a text, found [1]'],
    ["eventcount is a fraction", { eventcount: 1.5 }, 'expected "eventcount" to be an integer, found 1.5'],
  ] as const
) {
  Deno.test(`simulationSource() is refused before the run when ${why}`, async () => {
    using ring = await makeRing("RB_1", { valuesPerSlot: 300 });
    const error = checkError(simulationSource, { sinks: [ring], config: { ...SMALL, ...change } });
    assertStringIncludes(error.message, message);
    assertStringIncludes(error.message, 'Cannot configure "test_function"');
  });
}

/** Stores three events and reads them again. */
function storeAndRead(config: Record<string, unknown>, task: Partial<WorkerTask> = {}) {
  return withDirectory(async (runDirectory) => {
    using stored = await makeRing("RB_1");
    using read = await makeRing("RB_2");
    const sources = [stored.newReaderGroup("save")];
    using reader = openReader(read);
    fillRing(stored, 3, (data, n) => data.chA.fill(n + 0.5));
    await runFunction(saveParquet, { config: { filename: "waves" }, task: { sources, runDirectory } });
    const posted = await runFunction(tarParquetSource, {
      sinks: [read],
      config: { path: `${runDirectory}/waves.tar`, number_of_samples: 4, sleeptime: 0, ...config },
      task: { setupDirectory: runDirectory, ...task },
    });
    return { events: takeAll(reader), posted };
  });
}

Deno.test("tarParquetSource() reads what saveParquet() wrote and numbers it anew", async () => {
  const { events, posted } = await storeAndRead({});
  assertEquals(events.map((event) => event.data.chA[0]), [0.5, 1.5, 2.5]);
  assertEquals(events.map((event) => event.counter), [0, 1, 2]);
  assert(events[0].timestamp > 1e9);
  assertStringIncludes(logLines(posted).join(), "all 3 events of");
});

Deno.test("tarParquetSource() keeps the recording's metadata when original_metadata is true", async () => {
  const { events } = await storeAndRead({ original_metadata: true });
  assertEquals(events.map(({ counter, timestamp, deadtime }) => [counter, timestamp, deadtime]), [
    [0, 1000, 0],
    [1, 1001, 0.01],
    [2, 1002, 0.02],
  ]);
});

Deno.test("tarParquetSource() shares the events among its workers", async () => {
  const { events } = await storeAndRead({}, { workers: 2, workerNumber: 1 });
  assertEquals(events.map((event) => [event.counter, event.data.chA[0]]), [[1, 1.5]]);
});

Deno.test("tarParquetSource() looks its path up from the setup's folder", async () => {
  const { events } = await storeAndRead({ path: "waves.tar" });
  assertEquals(events.length, 3);
});

Deno.test("tarParquetSource() is refused before the run when there is no such path", async () => {
  using ring = await makeRing("RB_1");
  const error = checkError(tarParquetSource, {
    sinks: [ring],
    config: { path: "no/such/folder", number_of_samples: 4 },
  });
  assertStringIncludes(error.message, 'no/such/folder": expected an existing file');
});

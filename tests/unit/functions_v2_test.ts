import { csv } from "../../src/functions/csv.ts";
import { exportHistogram } from "../../src/functions/export_histogram.ts";
import { pulseHeightAnalysis } from "../../src/functions/pulse_height_analysis.ts";
import { visualizeCsv } from "../../src/functions/visualize_csv.ts";
import { visualizeHistogram } from "../../src/functions/visualize_histogram.ts";
import { findPeaks } from "../../src/pulses/find_peaks.ts";
import { Random } from "../../src/pulses/random.ts";
import { assert, assertEquals, assertMatch } from "../../src/std/assert.js";
import type { FromWorker } from "../../src/worker/messages.ts";
import type { Panel } from "../../src/worker/panel.ts";
import { checkError, groupCounts, runFunction, withDirectory } from "./functions_fixture.ts";
import { fillRing, makeContext, makeRing, openReader, takeAll } from "./worker_fixture.ts";
import { IsAlive } from "../../src/worker/is_alive.ts";

const PARAMETERS = { valuesPerSlot: 1, fields: { height: "float32", position: "int32" } };

function lastPanel(posted: readonly FromWorker[], name: string): Panel {
  const panels = posted.filter((message) => message.type === "panel" && message.name === name);
  const last = panels.at(-1);
  assert(last?.type === "panel", `no panel ${name}`);
  return last.panel;
}

/** The numbers behind the header of a NumPy file of 64-bit integers. */
function int64Of(path: string): number[] {
  const bytes = Deno.readFileSync(path);
  return Array.from(new BigInt64Array(bytes.buffer.slice(128)), Number);
}

Deno.test("exportHistogram() writes counts and edges as mimoCoRB2 does, and hands all events on", async () => {
  await withDirectory(async (runDirectory) => {
    using ring = await makeRing("heights", PARAMETERS);
    using sink = await makeRing("copies", PARAMETERS);
    using copies = openReader(sink);
    const config = { bins: { height: [0, 4, 5], position: [0, 100, 3] } };
    const source = ring.newReaderGroup("Fkt_1");
    fillRing(ring, 6, (data, n) => {
      data.height[0] = n;
      data.position[0] = 50;
    });
    const posted = await runFunction(exportHistogram, {
      sinks: [sink],
      config,
      task: { runDirectory, sources: [source] },
    });
    const folder = `${runDirectory}/Histograms_heights`;
    assertEquals([...Deno.readDirSync(folder)].map((entry) => entry.name).sort(), [
      "height.npy",
      "info.csv",
      "position.npy",
    ]);
    assertEquals(int64Of(`${folder}/height.npy`), [1, 1, 1, 1]);
    assertEquals(int64Of(`${folder}/position.npy`), [0, 6]);
    assertEquals(
      Deno.readTextFileSync(`${folder}/info.csv`),
      "Channel,Min,Max,NBins\nheight,0,4,5\nposition,0,100,3\n",
    );
    const panel = lastPanel(posted, "height");
    assert(panel.kind === "histogram");
    assertEquals([panel.underflow, panel.overflow, panel.counts.length], [0, 2, 4]);
    assertEquals(takeAll(copies).map((event) => event.data.height[0]), [0, 1, 2, 3, 4, 5]);
    assertEquals(groupCounts(ring), [6, 0, 0, 0]);
  });
});

Deno.test("exportHistogram() refuses fields that are not there, bins of a wrong form, and waveforms", async () => {
  using ring = await makeRing("heights", PARAMETERS);
  const error = (bins: unknown) => checkError(exportHistogram, { sources: [ring], config: { bins } }).message;
  assertMatch(error({ depth: [0, 1, 2] }), /"bins" to be for fields height, position, found "depth"/);
  for (const form of [[0, 1], [1, 0, 5], [0, 1, 1], [0, 1, 2.5], "all", null]) {
    assertMatch(error({ height: form }), /"bins\.height" to be \[min, max, number of edges\]/);
  }
  assertMatch(error(undefined), /"bins"/);
  using waveforms = await makeRing("waves");
  assertMatch(
    checkError(exportHistogram, { sources: [waveforms], config: { bins: { chA: [0, 1, 2] } } }).message,
    /1 value per field, found 4/,
  );
});

Deno.test("visualizeHistogram() draws what exportHistogram() wrote", async () => {
  await withDirectory(async (runDirectory) => {
    using ring = await makeRing("heights", PARAMETERS);
    const source = ring.newReaderGroup("Fkt_1");
    fillRing(ring, 4, (data, n) => data.height[0] = n);
    await runFunction(exportHistogram, {
      config: { bins: { height: [0, 4, 5] } },
      task: { runDirectory, sources: [source] },
    });
    await runFunction(visualizeHistogram, { observes: [ring], config: { plot_type: "step" }, task: { runDirectory } });
    const drawing = Deno.readTextFileSync(`${runDirectory}/Histograms_heights/histograms.svg`);
    assertMatch(drawing, /height/);
    assertMatch(drawing, /Σ 4/);
    assertMatch(
      checkError(visualizeHistogram, { observes: [ring], config: { plot_type: "pie" } }).message,
      /line, bar or step/,
    );
  });
});

Deno.test("visualizeCsv() shows the columns of the file that csv() writes", async () => {
  await withDirectory(async (runDirectory) => {
    using ring = await makeRing("heights", PARAMETERS);
    const source = ring.newReaderGroup("Fkt_1");
    fillRing(ring, 6, (data, n) => data.height[0] = n);
    await runFunction(csv, { task: { runDirectory, sources: [source] } });
    const config = { bins: { height: [0, 4, 5], counter: [0, 6, 7] }, update_interval: 0 };
    const posted = await runFunction(visualizeCsv, { observes: [ring], config, task: { runDirectory } });
    const panel = lastPanel(posted, "height");
    assert(panel.kind === "histogram");
    assertEquals([[...panel.counts], panel.overflow], [[1, 1, 1, 1], 2]);
    const counters = lastPanel(posted, "counter");
    assert(counters.kind === "histogram");
    assertEquals([...counters.counts], [1, 1, 1, 1, 1, 1]);
    const outside = { ...config, filename: "../secret" };
    assertMatch(checkError(visualizeCsv, { observes: [ring], config: outside }).message, /inside the run directory/);
  });
});

Deno.test("pulseHeightAnalysis() writes one record per peak, with the properties that the sink has fields for", async () => {
  const fields = { position: "int32", peak_heights: "float64", prominences: "float64", widths: "float64" };
  using ring = await makeRing("waves", { valuesPerSlot: 200, slots: 8 });
  using sink = await makeRing("peaks", { valuesPerSlot: 1, slots: 256, fields });
  using peaks = openReader(sink);
  const source = ring.newReaderGroup("Fkt_1");
  const random = new Random(5);
  const signals = Array.from(
    { length: 4 },
    (_, n) => Float32Array.from({ length: 200 }, () => n === 2 ? 0 : random.gaussian()),
  );
  fillRing(ring, 4, (data, n) => data.chB.set(signals[n]));
  const config = { channel: "chB", height: 0.5, prominence: 1, width: 0, distance: 3 };
  await runFunction(pulseHeightAnalysis, { sinks: [sink], config, task: { sources: [source] } });
  const expected = signals.flatMap((signal, counter) => {
    const { positions, properties } = findPeaks(signal, { height: 0.5, prominence: 1, width: 0, distance: 3 });
    return Array.from(positions, (position, i) => ({
      counter,
      data: {
        position: [position],
        peak_heights: [properties.peakHeights![i]],
        prominences: [properties.prominences![i]],
        widths: [properties.widths![i]],
      },
    }));
  });
  assert(expected.length > 30);
  assertEquals(takeAll(peaks).map(({ counter, data }) => ({ counter, data })), expected);
  assertEquals(groupCounts(ring), [3, 1, 0, 0]);
});

Deno.test("pulseHeightAnalysis() gives the first peak only if it is told so, and refuses what it cannot measure", async () => {
  using ring = await makeRing("waves", { valuesPerSlot: 20 });
  using sink = await makeRing("peaks", { valuesPerSlot: 1, fields: { position: "int32", peak_heights: "float32" } });
  using peaks = openReader(sink);
  const source = ring.newReaderGroup("Fkt_1");
  fillRing(ring, 1, (data) => [3, 9, 15].forEach((i) => data.chA[i] = 10 + i));
  const config = { height: 5, only_first: true };
  await runFunction(pulseHeightAnalysis, { sinks: [sink], config, task: { sources: [source] } });
  assertEquals(takeAll(peaks).map((event) => event.data), [{ position: [3], peak_heights: [13] }]);
  using other = await makeRing("waves", { valuesPerSlot: 20 });
  using free = await makeRing("peaks", { valuesPerSlot: 1, writers: 9, fields: { position: "int32" } });
  const error = (more: object) =>
    checkError(pulseHeightAnalysis, { sources: [other], sinks: [free], config: { ...config, ...more } });
  assertMatch(error({ channel: "chX" }).message, /"channel" to be one of chA, chB, found "chX"/);
  assert(error({ distance: 0 }) instanceof RangeError);
  assert(error({ wlen: "long" }) instanceof TypeError);
});

Deno.test("IsAlive.alive() says whether events can still come", async () => {
  using ring = await makeRing("RB_1");
  const { context } = makeContext({ observes: [ring] });
  const watch = new IsAlive(context);
  assertEquals(watch.alive(), true);
  watch.rest(5);
  fillRing(ring, 1, () => {});
  watch.rest(10_000);
  assertEquals(watch.alive(), false);
  assertEquals(watch.alive(), false);
  context.close();
});

import { assert, assertEquals, assertStringIncludes } from "../../src/std/assert.js";
import { csv } from "../../src/functions/csv.ts";
import { drain } from "../../src/functions/drain.ts";
import { oscilloscope } from "../../src/functions/oscilloscope.ts";
import { plotHistograms } from "../../src/functions/plot_histograms.ts";
import { plotWaveform } from "../../src/functions/plot_waveform.ts";
import { readFromBuffer } from "../../src/functions/read_from_buffer.ts";
import { saveParquet } from "../../src/functions/save_parquet.ts";
import { saveParquetTable } from "../../src/functions/save_parquet_table.ts";
import { saveToTxt } from "../../src/functions/save_to_txt.ts";
import { ParquetTableReader } from "../../src/files/parquet_table_reader.ts";
import { RecordingReader } from "../../src/files/recording_reader.ts";
import { recordLayout } from "../../src/record/record_layout.ts";
import { bufferToFile, type EventFile } from "../../src/worker/buffer_to_file.ts";
import type { DaqFunction, FunctionContext } from "../../src/worker/context.ts";
import { exporter } from "../../src/worker/exporter.ts";
import type { FromWorker } from "../../src/worker/messages.ts";
import { Writer } from "../../src/ring/writer.ts";
import { checkError, groupCounts, logLines, runFunction, withDirectory } from "./functions_fixture.ts";
import { fillRing, makeContext, makeRing, openReader, takeAll } from "./worker_fixture.ts";

const PARAMETERS = { valuesPerSlot: 1, fields: { decay_time: "int32", height: "float32" } };

/** Runs an exporter on three events and returns the files that it wrote, as text. */
function exportThree(run: DaqFunction, config: Record<string, unknown>, fields = PARAMETERS, observes = false) {
  return withDirectory(async (runDirectory) => {
    using ring = await makeRing("RB_1", fields);
    const task = observes ? { runDirectory } : { runDirectory, sources: [ring.newReaderGroup("Fkt_1")] };
    const { context, posted } = makeContext({ ...(observes ? { observes: [ring] } : {}), config, task });
    fillRing(ring, 3, (data, n) => {
      for (const [i, column] of Object.values(data).entries()) column.fill(1000 * n + i + 0.25);
    });
    run.check?.(context);
    await run(context);
    context.release();
    context.close();
    const files = Object.fromEntries(
      [...Deno.readDirSync(runDirectory)].map(({ name }) => [name, Deno.readTextFileSync(`${runDirectory}/${name}`)]),
    );
    return { files, posted, counts: observes ? null : groupCounts(ring) };
  });
}

function panels(posted: FromWorker[]): string[] {
  return posted.filter((message) => message.type === "panel").map((message) => `${message.name} ${message.panel.kind}`);
}

Deno.test("saveToTxt() writes a header with aliases and one line per event", async () => {
  const { files, counts } = await exportThree(saveToTxt, {
    filename: "pulses",
    header_alias: { counter: "event id", decay_time: "decay time (ns)" },
  });
  assertEquals(Object.keys(files), ["pulses.txt"]);
  const lines = files["pulses.txt"].split("\n");
  assertEquals(lines[0].split("\t"), ["event id", "timestamp", "deadtime", "decay time (ns)", "height"]);
  assertEquals(lines[2].split("\t").map(Number), [1, 1001, 0.01, 1000, 1001.25]);
  assertEquals(lines.length, 5);
  assertEquals(counts, [3, 0, 0, 0]);
});

Deno.test("csv() takes commas, and the ring's name for the file", async () => {
  const { files } = await exportThree(csv, {});
  assertEquals(files["RB_1.csv"].split("\n")[0], "counter,timestamp,deadtime,decay_time,height");
});

Deno.test("saveToTxt() finishes its file when the run is aborted in the middle", async () => {
  await withDirectory(async (runDirectory) => {
    using ring = await makeRing("RB_1", PARAMETERS);
    using sink = await makeRing("RB_2", PARAMETERS);
    using reader = openReader(sink);
    const sources = [ring.newReaderGroup("Fkt_1")];
    fillRing(ring, 3, () => {});
    sink.shutdown();
    await runFunction(saveToTxt, { sinks: [sink], config: { filename: "pulses" }, task: { sources, runDirectory } });
    assertEquals(Deno.readTextFileSync(`${runDirectory}/pulses.txt`).split("\n").length, 3);
    assertEquals(takeAll(reader).length, 0);
  });
});

Deno.test("saveToTxt() writes an event once that was redelivered after it was handed on", async () => {
  await withDirectory(async (runDirectory) => {
    using ring = await makeRing("RB_1", { ...PARAMETERS, memories: 1 });
    const sources = [ring.newReaderGroup("Fkt_1")];
    const writer = new Writer(ring.newWriter());
    for (const [counter, redelivered] of [[0, false], [1, false], [0, true], [2, true]] as const) {
      const slot = writer.claim()!;
      slot.counter = counter;
      slot.redelivered = redelivered;
      slot.setOrigin(counter, 9);
      writer.processBuffer();
    }
    writer.close();
    await runFunction(saveToTxt, { config: { filename: "pulses" }, task: { sources, runDirectory } });
    const lines = Deno.readTextFileSync(`${runDirectory}/pulses.txt`).trim().split("\n").slice(1);
    assertEquals(lines.map((line) => line.split("\t")[0]), ["0", "1", "2"]);
    const [{ processed, doubles }] = ring.status().groups;
    assertEquals([processed, doubles], [3, 1]);
  });
});

Deno.test("saveParquet() writes an archive that can be read again", async () => {
  await withDirectory(async (runDirectory) => {
    using ring = await makeRing("RB_1");
    const sources = [ring.newReaderGroup("Fkt_1")];
    fillRing(ring, 3, (data, n) => data.chB.fill(n));
    await runFunction(saveParquet, { config: { filename: "waves" }, task: { sources, runDirectory } });
    using recording = new RecordingReader(`${runDirectory}/waves.tar`, ring.layout);
    const events = Array.from(recording, ({ name, data }) => [name, data.chB[0]]);
    assertEquals(events, [["waves_0.parquet", 0], ["waves_1.parquet", 1], ["waves_2.parquet", 2]]);
  });
});

Deno.test("saveParquetTable() writes one table for all workers, with run and ring in its notes", async () => {
  await withDirectory(async (runDirectory) => {
    using ring = await makeRing("RB_1");
    const port = ring.newReaderGroup("Fkt_1");
    fillRing(ring, 3, (data, n) => data.chB.fill(n));
    const config = { filename: "waves" };
    await runFunction(saveParquetTable, { config, task: { sources: [port], runDirectory, workerNumber: 2 } });
    await runFunction(saveParquetTable, { config, task: { sources: [port], runDirectory } });
    assertEquals([...Deno.readDirSync(`${runDirectory}/waves`)].map(({ name }) => name), ["part-00000_2.parquet"]);
    assertEquals([...Deno.readDirSync(runDirectory)].map(({ name }) => name), ["waves"]);
    using table = new ParquetTableReader(`${runDirectory}/waves`);
    assertEquals([table.origin.ring, table.origin.function, table.origin.worker], ["RB_1", "Fkt_1", 2]);
    const events = Array.from(table, ({ counter, timestamp, data }) => [counter, timestamp, data.chB[3]]);
    assertEquals(events, [[0, 1000, 0], [1, 1001, 1], [2, 1002, 2]]);
  });
});

Deno.test("exporters that are started anew go on with their files and leave out what they had written", async () => {
  await withDirectory(async (runDirectory) => {
    for (const restarts of [0, 1]) {
      using ring = await makeRing("RB_1", PARAMETERS);
      const exporters = [saveToTxt, csv, saveParquet, saveParquetTable, plotHistograms];
      const ports = exporters.map((_, n) => ring.newReaderGroup(`Fkt_${n}`));
      const writer = new Writer(ring.newWriter());
      // The last event before the death is offered again.
      const records = restarts === 0 ? [[0, false], [1, false]] as const : [[1, true], [2, false]] as const;
      for (const [counter, redelivered] of records) {
        const slot = writer.claim()!;
        slot.counter = counter;
        slot.redelivered = redelivered;
        slot.setOrigin(counter, 9);
        writer.processBuffer();
      }
      writer.close();
      for (const [n, run] of exporters.entries()) {
        const before = { recordsBefore: restarts, heldBefore: [1, 9] } as const;
        const config = { filename: `file_${n}`, histograms: { height: [0, 1, 2] } };
        await runFunction(run, {
          config,
          task: { name: `Fkt_${n}`, sources: [ports[n]], runDirectory, restarts, ...before },
        });
      }
      const doubles = ring.status().groups.map((group) => group.doubles);
      assertEquals(doubles, restarts === 0 ? [0, 0, 0, 0, 0] : [1, 1, 1, 1, 0]);
    }
    for (const [name, separator] of [["file_0.txt", "\t"], ["file_1.csv", ","]]) {
      const lines = Deno.readTextFileSync(`${runDirectory}/${name}`).trimEnd().split("\n").slice(1);
      assertEquals(lines.map((line) => line.split(separator)[0]), ["0", "1", "2"]);
    }
    using recording = new RecordingReader(`${runDirectory}/file_2.tar`, recordLayout(PARAMETERS.fields, 1));
    assertEquals(Array.from(recording, ({ counter }) => counter), [0, 1, 2]);
    using table = new ParquetTableReader(`${runDirectory}/file_3`);
    const rows = Array.from(table, ({ counter, redelivered }) => [counter, redelivered]);
    assertEquals(rows, [[0, false], [1, false], [2, false]]);
    const drawings = [...Deno.readDirSync(runDirectory)].map(({ name }) => name).filter((name) =>
      name.endsWith(".svg")
    );
    assertEquals(drawings.sort(), ["file_4.svg", "file_4_restart_1.svg"]);
  });
});

Deno.test("exporters that are started anew write the event that was in their hands if the file does not have it, and say what it lacks", async () => {
  await withDirectory(async (runDirectory) => {
    const cases = [[saveToTxt, 0, 1], [saveParquet, 0, 1], [saveParquetTable, 3, 1], [saveToTxt, null, 0]] as const;
    for (const [n, [run, lacking, counted]] of cases.entries()) {
      const posted: unknown[] = [];
      for (const restarts of [0, 1]) {
        using ring = await makeRing("RB_1", PARAMETERS);
        const sources = [ring.newReaderGroup("Fkt_1")];
        const writer = new Writer(ring.newWriter());
        const slot = writer.claim()!;
        slot.counter = 7;
        slot.redelivered = restarts > 0;
        slot.setOrigin(3 + restarts, 9);
        writer.processBuffer();
        writer.close();
        const recordsBefore = lacking === null ? null : counted + lacking;
        const task = { sources, runDirectory, restarts, recordsBefore, heldBefore: [4, 9] as const };
        posted.push(...await runFunction(run, { config: { filename: `f${n}` }, task }));
        assertEquals(ring.status().groups[0].processed, 1);
      }
      const continued = posted.filter((message) => (message as { type: string }).type === "continued");
      assertEquals(continued, [{ type: "continued", records: 1, lost: lacking ?? 0 }]);
      const said = posted.some((message) =>
        JSON.stringify(message).includes(`${lacking} events that were taken before`)
      );
      assertEquals(said, lacking === 3);
    }
    assertEquals(Deno.readTextFileSync(`${runDirectory}/f0.txt`).trim().split("\n").length, 3);
  });
});

Deno.test("exporter() drops and counts events that were delivered twice", async () => {
  using ring = await makeRing("RB_1", { ...PARAMETERS, memories: 1 });
  const sources = [ring.newReaderGroup("Fkt_1")];
  const writer = new Writer(ring.newWriter());
  for (const [counter, redelivered] of [[0, false], [1, false], [1, true], [2, true], [0, true]] as const) {
    const slot = writer.claim()!;
    slot.counter = counter;
    slot.redelivered = redelivered;
    slot.setOrigin(counter, 9);
    writer.processBuffer();
  }
  writer.close();
  const seen: number[] = [];
  await runFunction(exporter(() => (event) => void seen.push(event.counter)), { task: { sources } });
  assertEquals(seen, [0, 1, 2]);
  const [{ processed, doubles, rejected, failed }] = ring.status().groups;
  assertEquals([processed, doubles, rejected, failed], [3, 2, 0, 0]);
});

Deno.test("bufferToFile() tells once that a file cannot be written, counts what was refused, and goes on when it can", async () => {
  using ring = await makeRing("RB_1", PARAMETERS);
  const sources = [ring.newReaderGroup("Fkt_1")];
  fillRing(ring, 8, () => {});
  const written: number[] = [];
  let flushes = 0;
  const file: EventFile = {
    write: ({ counter }) => {
      if (counter >= 2 && counter < 7 && counter !== 4) throw new Error("Cannot write: disk full", { cause: "disk" });
      written.push(counter);
    },
    flush: () => void flushes++,
    close: () => {},
    isWrittenThrough: true,
  };
  const run = (context: FunctionContext) => bufferToFile(context, file);
  const posted = await runFunction(run, { task: { sources } });
  // In between another file gave room back for one event.
  assertEquals([written, flushes], [[0, 1, 4, 7], 4]);
  const failures = posted.filter((message) => message.type === "failed").map(({ failure }) => failure);
  assertEquals(failures.map(({ eventCounter, stack }) => [eventCounter, stack]), [[
    2,
    "Error: Cannot write: disk full",
  ]]);
  assertEquals(logLines(posted), ["3 later events were not written"]);
  assertEquals(groupCounts(ring), [4, 0, 4, 0]);
});

const REFUSED: readonly {
  name: string;
  run: DaqFunction;
  why: string;
  config: Record<string, unknown>;
  fields?: { valuesPerSlot?: number; fields?: Record<string, string> };
  message: string;
}[] = [
  {
    name: "saveToTxt",
    run: saveToTxt,
    why: "filename is missing",
    config: {},
    message: 'expected "filename" to be a text, found nothing',
  },
  {
    name: "saveToTxt",
    run: saveToTxt,
    why: "filename leads outside",
    config: { filename: "../x" },
    message: "expected a file name inside the run directory",
  },
  {
    name: "saveToTxt",
    run: saveToTxt,
    why: "the ring holds waveforms",
    config: { filename: "x" },
    fields: {},
    message: "expected ring RB_1 to hold 1 value per field, found 4",
  },
  {
    name: "saveParquet",
    run: saveParquet,
    why: "filename is missing",
    config: {},
    message: 'expected "filename" to be a text, found nothing',
  },
  {
    name: "saveParquet",
    run: saveParquet,
    why: "the ring holds complex numbers",
    config: { filename: "x" },
    fields: { valuesPerSlot: 4, fields: { z: "complex64" } },
    message: 'found: Cannot store field "z" in a Parquet file',
  },
  {
    name: "saveParquetTable",
    run: saveParquetTable,
    why: "a size is none",
    config: { filename: "x", row_group_mb: 0 },
    message: 'expected "row_group_mb" to be a number > 0 and <= 1000, found 0',
  },
  {
    name: "plotHistograms",
    run: plotHistograms,
    why: "there are no histograms",
    config: {},
    message: 'expected "histograms" to be {field: [min, max, bins',
  },
  {
    name: "plotHistograms",
    run: plotHistograms,
    why: "a histogram is of no field",
    config: { histograms: { decaytime: [0, 1, 2] } },
    message: 'did you mean "decay_time"?',
  },
  {
    name: "plotHistograms",
    run: plotHistograms,
    why: "a histogram has no bins",
    config: { histograms: { height: [0, 1, 0, 1, "", 0] } },
    message: 'expected "histograms.height" to be [min, max, bins',
  },
  {
    name: "plotHistograms",
    run: plotHistograms,
    why: "a histogram is no list",
    config: { histograms: { height: 5 } },
    message: 'expected "histograms.height" to be [min, max, bins, top, label, 0 or 1',
  },
  {
    name: "readFromBuffer",
    run: readFromBuffer,
    why: "the field does not exist",
    config: { field: "time" },
    message: "one of decay_time, height",
  },
];

for (const { name, run, why, config, fields = PARAMETERS, message } of REFUSED) {
  Deno.test(`${name}() is refused before the run when ${why}`, async () => {
    using ring = await makeRing("RB_1", fields);
    assertStringIncludes(checkError(run, { sources: [ring], config }).message, message);
  });
}

Deno.test("drain() takes all events and says how many", async () => {
  const { posted, counts, files } = await exportThree(drain, {});
  assertEquals(counts, [3, 0, 0, 0]);
  assertEquals(logLines(posted), ["3 events of ring RB_1 were drained"]);
  assertEquals(files, {});
});

Deno.test("readFromBuffer() gives the mean of a field with its error", async () => {
  const { posted } = await exportThree(readFromBuffer, {});
  assertEquals(logLines(posted), ["3 events of ring RB_1, mean decay_time 1000.00 ± 5.8e+2"]);
});

Deno.test("plotHistograms() writes drawing and tables, and publishes its histograms", async () => {
  const { files, posted, counts } = await exportThree(plotHistograms, {
    title: "Decays",
    histograms: { decay_time: [0, 1500, 3, 9.9, "Tau (ns)", 1], height: [0, 10_000, 10] },
  });
  assertEquals(Object.keys(files).sort(), [
    "histograms_RB_1.svg",
    "histograms_RB_1_decay_time.csv",
    "histograms_RB_1_height.csv",
  ]);
  assertStringIncludes(files["histograms_RB_1.svg"], "Decays");
  assertStringIncludes(files["histograms_RB_1_decay_time.csv"], "\n0,500,1\n500,1000,0\n1000,1500,1\n");
  assertStringIncludes(files["histograms_RB_1_decay_time.csv"], "# overflow: 1\n");
  assertStringIncludes(files["histograms_RB_1_height.csv"], "# entries: 3\n");
  assertEquals(counts, [3, 0, 0, 0]);
  assertEquals(panels(posted).slice(-2), ["decay_time histogram", "height histogram"]);
});

Deno.test("plotHistograms() of two functions on one ring write files of their own", async () => {
  await withDirectory(async (runDirectory) => {
    using ring = await makeRing("RB_1", PARAMETERS);
    const ports = ["Fkt_1", "Fkt_2"].map((name) => ({ name, port: ring.newReaderGroup(name) }));
    fillRing(ring, 1, () => {});
    for (const { name, port } of ports) {
      const config = { histograms: { height: [0, 1, 2] } };
      await runFunction(plotHistograms, { config, task: { name, sources: [port], runDirectory } });
    }
    const names = [...Deno.readDirSync(runDirectory)].map((entry) => entry.name).sort();
    assertEquals(names, [
      "histograms_RB_1.svg",
      "histograms_RB_1_Fkt_2.svg",
      "histograms_RB_1_Fkt_2_height.csv",
      "histograms_RB_1_height.csv",
    ]);
  });
});

Deno.test("plotWaveform() draws and publishes the newest event", async () => {
  const { files, posted } = await exportThree(
    plotWaveform,
    { sample_time_ns: 4, plot_title: "Double pulses", trigger_level: 100, trigger_channel: "A", min_sleeptime: 0 },
    { valuesPerSlot: 4, fields: { decay_time: "float32", height: "float32" } },
    true,
  );
  assertEquals(Object.keys(files), ["waveform_RB_1.svg"]);
  assertStringIncludes(files["waveform_RB_1.svg"], "Double pulses # 2");
  assertEquals(panels(posted), ["waveform waveform"]);
});

Deno.test("oscilloscope() draws the chosen channels", async () => {
  const { files, posted } = await exportThree(
    oscilloscope,
    { channels: ["height"], update_interval: 0, t_scaling: [0.5, -1, "us"] },
    { valuesPerSlot: 4, fields: { decay_time: "float32", height: "float32" } },
    true,
  );
  assert(files["waveform_RB_1.svg"].includes("height") && !files["waveform_RB_1.svg"].includes("decay_time"));
  const [panel] = posted.filter((message) => message.type === "panel").map((message) => message.panel);
  assert(panel.kind === "waveform");
  assertEquals(panel.sampleTimeNs, 500);
});

/** What axes and displays say of raw data. */
import { unitOfAxis, unitOfField, unitOfSamples } from "../../src/files/signal_unit.ts";
import { waveformPlot } from "../../src/files/waveform_plot.ts";
import { plotWaveform } from "../../src/functions/plot_waveform.ts";
import { recordLayout } from "../../src/record/record_layout.ts";
import { makeContext, makeRing } from "./worker_fixture.ts";
import { assert, assertEquals, assertStringIncludes } from "../../src/std/assert.js";

const COUNTS = { chA: Int16Array.of(0, 12_800, -12_800) };
const MV = { chA: Float32Array.of(0, 128, -128) };
const FRAME = { sampleTimeNs: 1, counter: 0 };

Deno.test("unitOfSamples() and unitOfField() say counts for whole numbers and mV for all others", () => {
  for (const type of ["int8", "int16", "int32", "uint8", "uint16", "uint32", "float16", "float32", "float64"]) {
    const layout = recordLayout({ x: type }, 2);
    const unit = type.startsWith("float") ? "mV" : "counts";
    const [field] = layout.fields;
    assertEquals([type, unitOfField(field.type)], [type, unit]);
    const values = new field.type.columnClass(new ArrayBuffer(16), 0, 2) as ArrayLike<number>;
    assertEquals([type, unitOfSamples(values)], [type, unit]);
  }
  assertEquals(unitOfSamples([1, 2]), "mV");
  assertEquals([unitOfAxis([MV.chA]), unitOfAxis([COUNTS.chA]), unitOfAxis([])], ["mV", "counts", "mV"]);
  assertEquals(unitOfAxis([MV.chA, COUNTS.chA]), "mV or counts");
});

Deno.test("waveformPlot() labels axis and trigger with the unit of the samples", () => {
  const trigger = { levelMv: 50 };
  const counts = waveformPlot({ channels: COUNTS, ...FRAME }, { trigger });
  assertStringIncludes(counts, ">signal (counts)<");
  assertStringIncludes(counts, ">Trg 50 counts<");
  assert(!counts.includes("mV"));
  const mv = waveformPlot({ channels: MV, ...FRAME }, { trigger });
  assertStringIncludes(mv, ">signal (mV)<");
  assertStringIncludes(mv, ">Trg 50 mV<");
  assertStringIncludes(waveformPlot({ channels: COUNTS, ...FRAME }, { offsetMv: 5 }), ">signal − offset (counts)<");
});

Deno.test("plotWaveform() fits counts where no range is given, and has mV within 500 mV", async () => {
  const rangeOf = async (type: string, config: Record<string, unknown> = {}) => {
    using ring = await makeRing("RB_1", { fields: { chA: type } });
    const { context } = makeContext({ observes: [ring], config: { sample_time_ns: 1, ...config } });
    try {
      return (plotWaveform.check!(context) as { plot: { channelRangeMv: number | null } }).plot.channelRangeMv;
    } finally {
      context.close();
    }
  };
  assertEquals(await rangeOf("float32"), 500);
  assertEquals(await rangeOf("int16"), null);
  assertEquals(await rangeOf("int16", { channel_range: 8192 }), 8192);
});

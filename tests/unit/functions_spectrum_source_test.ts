import { findReadyMade } from "../../src/functions/catalogue.ts";
import { spectrumSource } from "../../src/functions/spectrum_source.ts";
import { EnergyDistribution, lineSpectrum, readSpectrumPage } from "../../src/pulses/energy_spectrum.ts";
import { nuclideLines, NUCLIDES } from "../../src/pulses/nuclide_lines.ts";
import { Random } from "../../src/pulses/random.ts";
import type { RingOptions } from "../../src/ring/ring_buffer.ts";
import { assert, assertAlmostEquals, assertEquals, assertMatch } from "../../src/std/assert.js";
import type { WorkerTask } from "../../src/worker/messages.ts";
import { checkError, logLines, runFunction, withDirectory } from "./functions_fixture.ts";
import { makeRing, openReader, takeAll } from "./worker_fixture.ts";

const RING: Partial<RingOptions> = { slots: 64, valuesPerSlot: 200, fields: { IN1: "int16", IN2: "int16" } };
const SOURCE = {
  lines: [{ energy_keV: 1000 }],
  resolution_percent: 0,
  energy_conversion: [3, 10],
  tau: 20,
  trigger_level: 100,
  number_of_samples_before_trigger: 50,
  average_rate: 1e6,
  eventcount: 10,
  seed: 1,
};

async function run(config: Record<string, unknown>, { ring = RING, task = {} as Partial<WorkerTask> } = {}) {
  using target = await makeRing("RB_1", ring);
  using reader = openReader(target);
  const posted = await runFunction(spectrumSource, { sinks: [target], config: { ...SOURCE, ...config }, task });
  return { events: takeAll(reader), log: logLines(posted) };
}

function page(energies: readonly number[], counts: readonly number[]): string {
  const curve = (y: readonly number[]) => `{"name":"curve","x":[${energies.join(", ")}],"y":[${y.join(", ")}]}`;
  return `<html><script>Plotly.newPlot("id",[${curve(counts.map(() => 1))},${curve(counts)}])</script></html>`;
}

Deno.test("spectrumSource() gives pulses of M = 1 in all fields that pass the trigger level at their sample", async () => {
  const { events } = await run({});
  assertEquals(events.map(({ counter }) => counter), [...Array(10).keys()]);
  for (const { data: { IN1, IN2 } } of events) {
    assertEquals(IN1, IN2);
    assert(Number(IN1[49]) <= 100 && Number(IN1[50]) > 100, `${IN1.slice(48, 52)}`);
    // Up to half a keV from the line, evenly within its bin.
    const height = Math.max(...IN1.map(Number));
    assertAlmostEquals(height, 3010, 2);
    const peak = IN1.map(Number).indexOf(height);
    assertAlmostEquals(Number(IN1[peak + 20]), height * 2 * Math.exp(-1), 2);
  }
});

Deno.test("spectrumSource() cuts counts off at int16, and gives fractions to float fields", async () => {
  const { events: [loud] } = await run({ energy_conversion: [100, 0], eventcount: 1 });
  assertEquals(Math.max(...loud.data.IN1.map(Number)), 32767);
  const ring = { ...RING, fields: { a: "float32", b: "float64" } };
  const { events: [fine] } = await run({ eventcount: 1, noise: 2 }, { ring });
  const noise = fine.data.a.map(Number).slice(0, 40);
  assertEquals(fine.data.a, fine.data.b);
  assert(noise.some((value) => value % 1 !== 0) && Math.max(...noise) < 12);
});

Deno.test("spectrumSource() repeats its events with a seed, and shares them among workers", async () => {
  const config = { noise: 5, resolution_percent: 7 };
  const [one, two] = [await run(config), await run(config)];
  const values = ({ events }: typeof one) => events.map(({ data }) => data);
  assertEquals(values(one), values(two));
  const { events } = await run(config, { task: { workers: 3, workerNumber: 1 } });
  assertEquals(events.map(({ counter }) => counter), [1, 4, 7]);
});

Deno.test("spectrumSource() reads the second curve of a page, or takes the lines of the nuclide that it is named after", async () => {
  await withDirectory(async (setupDirectory) => {
    const task = { setupDirectory };
    const config = { lines: null, energy_conversion: [1, 0], trigger_level: 0, file: "Cs-137.html", eventcount: 40 };
    const heights = async () => {
      const { events, log } = await run(config, { task });
      return { heights: events.map(({ data }) => Math.max(...data.IN1.map(Number))), log };
    };
    const lines = await heights();
    assertMatch(lines.log.join("\n"), /there is no file "Cs-137\.html": the lines of Cs-137 are taken/);
    assert(lines.heights.every((height) => Math.abs(height - 662) < 3), `${lines.heights}`);
    Deno.writeTextFileSync(`${setupDirectory}/Cs-137.html`, page([100, 200, 300, 400], [-5, 1, 0, 3]));
    const measured = await heights();
    assertEquals(measured.log, []);
    const near = (energy: number) => measured.heights.filter((height) => Math.abs(height - energy) <= 50).length;
    assertEquals(near(200) + near(400), 40);
    assert(near(400) > near(200) && near(200) > 0, `${measured.heights}`);
    Deno.writeTextFileSync(`${setupDirectory}/Cs-137.html`, "<html>moved</html>");
    using ring = await makeRing("RB_1", RING);
    const { message } = checkError(spectrumSource, { sinks: [ring], config: { ...SOURCE, ...config }, task });
    assertMatch(message, /"file" to be a page of the Gamma-Spectrum-Database.*found "Cs-137\.html"/);
  });
});

for (
  const [config, message, fields] of [
    [{ lines: null, file: "Xx-1.html" }, /"file" to be an existing file, or one named after .*Co-60.*"Xx-1\.html"/],
    [{ lines: [] }, /"lines" to be a list of lines, each with energy_keV/],
    [{ lines: [{ energy_keV: "high" }] }, /"lines" to be lines with an energy_keV > 0/],
    [{ energy_conversion: 3 }, /"energy_conversion" to be two numbers .*found 3/],
    [{ trigger_level: 5000 }, /"trigger_level" to be below the highest pulses of the spectrum, found 5000/],
    [{ number_of_samples_before_trigger: 200 }, /"number_of_samples_before_trigger" to be an integer >= 0 and <= 199/],
    [{ tau: 1e-9 }, /"tau" to be long enough for a pulse that can be seen in 200 samples/],
    [{}, /expected ring RB_1 to have fields of type int16, or of float32 and float64, found a uint8/, { a: "uint8" }],
  ] as const
) {
  Deno.test(`spectrumSource() refuses ${JSON.stringify(config)} with ${JSON.stringify(fields ?? "counts")}`, async () => {
    using ring = await makeRing("RB_1", { ...RING, ...(fields === undefined ? {} : { fields }) });
    assertMatch(checkError(spectrumSource, { sinks: [ring], config: { ...SOURCE, ...config } }).message, message);
  });
}

Deno.test("EnergyDistribution draws wanted energies as often as they occur, evenly within their bins", () => {
  const energiesKev = Float64Array.of(10, 20, 30, 40);
  const counts = Float64Array.of(100, 3, -7, 1);
  const distribution = new EnergyDistribution({ energiesKev, counts }, (energy) => energy > 10);
  const random = new Random(5);
  const drawn = Array.from({ length: 4000 }, () => distribution.draw(random));
  assertAlmostEquals(drawn.filter((energy) => energy >= 15 && energy <= 25).length / 4000, 0.75, 0.03);
  assertAlmostEquals(drawn.filter((energy) => energy >= 35 && energy <= 45).length / 4000, 0.25, 0.03);
  const width = drawn.filter((energy) => energy < 30).map((energy) => energy - 20);
  assertAlmostEquals(Math.sqrt(width.reduce((sum, d) => sum + d * d, 0) / width.length), 10 / Math.sqrt(12), 0.15);
  assert(new EnergyDistribution({ energiesKev, counts }, () => false).isEmpty);
});

Deno.test("lineSpectrum() has the area of each line in bins of 1 keV, also of sharp ones", () => {
  for (const resolution of [0, 0.07]) {
    const { energiesKev, counts } = lineSpectrum([[300, 2], [1000, 1]], resolution);
    const area = (from: number, to: number) =>
      counts.reduce((sum, n, i) => energiesKev[i] > from && energiesKev[i] <= to ? sum + n : sum, 0);
    assertAlmostEquals(area(0, 600), 2, 1e-3);
    assertAlmostEquals(area(600, 2000), 1, 1e-3);
  }
});

Deno.test("readSpectrumPage() refuses pages without a second curve of rising energies", () => {
  assertEquals(readSpectrumPage(page([1, 2, 3], [4, 5, 6]))?.counts, Float64Array.of(4, 5, 6));
  for (const html of ["", `"x":[1,2],"y":[1,2]`, page([1, 3, 2], [1, 1, 1]), page([1, 2], [1, NaN])]) {
    assertEquals(readSpectrumPage(html), null);
  }
});

Deno.test("nuclideLines() knows nuclides however their names are written", () => {
  assertEquals(nuclideLines("co60"), nuclideLines("Co-60"));
  assertEquals(nuclideLines("Co_60")?.map(([energy]) => energy), [1173.2, 1332.5]);
  assertEquals(nuclideLines("unobtainium"), null);
  for (const name of NUCLIDES) assert(nuclideLines(name)!.every(([energy, share]) => energy > 0 && share > 0), name);
});

Deno.test("findReadyMade() tells mimoCoRB2's two modules simulate_source apart by their folder", () => {
  const nameOf = (module: string) => findReadyMade(module, "simulate_source")?.exportName;
  assertEquals([nameOf("simulate_source"), nameOf("spectra/simulate_source")], ["simulationSource", "spectrumSource"]);
});

/**
 * Searches the model of the ring protocol (ring.pml) exhaustively, with Spin: the protocol must be without fault in every
 * configuration, and in every variant that was broken on purpose the search must find the fault. Larger configurations with
 * `MIMOCORB_MODEL=large`.
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../src/std/assert.js";
import { toolTest } from "../tools.ts";
import { BROKEN_VARIANTS, type Configuration, CONFIGURATIONS, LARGE_CONFIGURATIONS } from "./model_configurations.ts";
import { type Aim, findCompiler, search, type SearchResult } from "./search_model.ts";

const IS_LARGE = Deno.env.get("MIMOCORB_MODEL") === "large";
const LARGE = { memoryMiB: 16_000, timeoutS: 4 * 3600 };

const compiler = findCompiler();
const places = new Set<string>();
const reached = new Set<string>();
const searched = new Set<string>();

/** A test that needs Spin and a C compiler. */
function modelTest(name: string, fn: (spin: string, compiler: string) => Promise<void>): void {
  if (compiler === null) toolTest(["gcc", "cc", "clang"], name, (path) => fn("spin", path));
  else toolTest("spin", name, (path) => fn(path, compiler));
}

function report(result: SearchResult): void {
  const { states, depth, seconds, finding } = result;
  console.log(`${states} states, depth ${depth}, ${seconds.toFixed(1)} s${finding === "" ? "" : `: ${finding}`}`);
}

function withoutFault(configuration: Configuration, aim: Aim, bounds: typeof LARGE | Record<string, never>): void {
  const { name, settings } = configuration;
  const claim = aim === "states" ? "loses, doubles, tears and blocks nothing" : "has no endless run";
  modelTest(`ring protocol (${name}) ${claim}`, async (spin, compiler) => {
    const result = await search(spin, { ...bounds, compiler, settings, aim });
    report(result);
    assertEquals(result.finding, "", result.trace);
    if (aim !== "states") return;
    searched.add(name);
    for (const place of result.places) places.add(place);
    for (const place of result.reached) reached.add(place);
  });
}

for (const configuration of CONFIGURATIONS) {
  withoutFault(configuration, "states", {});
  if (configuration.endless) withoutFault(configuration, "endless", {});
}
if (IS_LARGE) {
  for (const configuration of LARGE_CONFIGURATIONS) withoutFault(configuration, "states", LARGE);
}

modelTest("ring protocol (all configurations together) reaches every step of the model", () => {
  const missing = CONFIGURATIONS.filter(({ name }) => !searched.has(name)).map(({ name }) => name);
  assertEquals(missing, [], "these were not searched to the end");
  assertEquals([...places].filter((place) => !reached.has(place)).sort(), []);
  assert(places.size > 150, `only ${places.size} steps`);
  console.log(`${places.size} places`);
  return Promise.resolve();
});

modelTest("search() throws when depth or memory did not suffice for all states", async (spin, compiler) => {
  const settings = { EVENTS: 3, READER_DEATHS: 2 };
  await assertRejects(() => search(spin, { compiler, settings, mostDepth: 300 }), Error, "max search depth too small");
  await assertRejects(() => search(spin, { compiler, settings, memoryMiB: 70 }), Error, "MEMLIM");
});

for (const { fault, configuration, finding, aim } of BROKEN_VARIANTS) {
  modelTest(`ring protocol (${configuration}) is found broken by ${fault}`, async (spin, compiler) => {
    const settings = CONFIGURATIONS.find(({ name }) => name === configuration)?.settings;
    assert(settings, `no configuration "${configuration}"`);
    const result = await search(spin, { compiler, settings, fault, ...(aim ? { aim } : {}) });
    report(result);
    assertStringIncludes(result.finding, finding);
  });
}

import type { DaqFunction } from "../../src/worker/context.ts";
import { RunSignal } from "../../src/worker/run_signal.ts";
import { assert, assertEquals, assertStringIncludes } from "../../src/std/assert.js";
import { logLines, withDirectory } from "./functions_fixture.ts";
import { type EventCopy, fillRing, makeContext, makeRing, openReader, takeAll } from "./worker_fixture.ts";
import type { FromWorker } from "../../src/worker/messages.ts";

const WAVEFORMS = { valuesPerSlot: 200, fields: { chA: "float32" } };
const HEIGHTS = { valuesPerSlot: 1, fields: { height: "float32", time: "float32" } };

/** What a documented function did. */
interface Outcome {
  written: EventCopy[];
  posted: FromWorker[];
  runDirectory: string;
}

interface Use {
  from?: typeof WAVEFORMS | typeof HEIGHTS;
  observes?: boolean;
  to?: typeof WAVEFORMS | typeof HEIGHTS | { valuesPerSlot: 1; fields: "float32" };
  config?: Record<string, unknown>;
  check(outcome: Outcome): void;
}

/** How each function of the page is used. Event n of its ring has n as its greatest sample, the second one, or as its height. */
const USES: Readonly<Record<string, Use>> = {
  highPulses: {
    from: WAVEFORMS,
    to: WAVEFORMS,
    config: { threshold: 2 },
    check: ({ written }) => assertEquals(written.map((event) => event.counter), [3, 4]),
  },
  pulseHeight: {
    from: WAVEFORMS,
    to: HEIGHTS,
    config: { sample_time_ns: 4 },
    check: ({ written }) => assertEquals(written[3].data, { height: [3], time: [4] }),
  },
  sineSource: {
    to: WAVEFORMS,
    config: { events: 3, sleeptime: 0 },
    check: ({ written }) => {
      assertEquals(written.map((event) => event.counter), [0, 1, 2]);
      assertEquals(written[2].data.chA[10], Math.fround(Math.sin(1.2)));
    },
  },
  countingSource: {
    to: { valuesPerSlot: 1, fields: "float32" },
    check: ({ written }) => assertEquals(written.map((event) => event.data.data), [[0], [1], [2], [3], [4]]),
  },
  heightLog: {
    from: HEIGHTS,
    check: ({ runDirectory }) =>
      assertEquals(Deno.readTextFileSync(`${runDirectory}/heights.log`), "0 0\n1 1\n2 2\n3 3\n4 4\n"),
  },
  baseline: {
    from: WAVEFORMS,
    observes: true,
    config: { min_sleeptime: 0 },
    check: ({ posted }) => {
      assertStringIncludes(logLines(posted).join(), "baseline of event 4: 0.0 mV");
      const panel = posted.find((message) => message.type === "panel");
      assertEquals(panel?.panel, { kind: "value", title: "Baseline", value: 0.04, unit: "mV" });
    },
  },
  muonCounter: { from: WAVEFORMS, check: ({ posted }) => assertEquals(logLines(posted), ["5 muons"]) },
  heightHistogram: {
    from: HEIGHTS,
    config: { max: 10, bins: 10 },
    check: ({ posted }) => assertStringIncludes(logLines(posted).join(), "mean height"),
  },
};

/** The page's functions, from modules that hold one example each. */
async function documentedFunctions(folder: string): Promise<Map<string, DaqFunction>> {
  const page = await Deno.readTextFile(new URL("../../docs/user_functions.md", import.meta.url));
  const functions = new Map<string, DaqFunction>();
  for (const [n, [, code]] of [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].entries()) {
    const file = `${folder}/example_${n}.ts`;
    await Deno.writeTextFile(file, code.replaceAll("@mimocorb/daq", import.meta.resolve("../../mod.ts")));
    const exports = await import(`file://${file}`) as Record<string, DaqFunction>;
    for (const [name, run] of Object.entries(exports)) functions.set(name, run);
  }
  return functions;
}

async function use(run: DaqFunction, options: Use, runDirectory: string): Promise<Outcome> {
  const { from, to, config = {} } = options;
  using source = await makeRing("RB_1", from ?? WAVEFORMS);
  using sink = await makeRing("RB_2", { ...(to ?? WAVEFORMS), limit: 5 });
  using reader = openReader(sink);
  const rings = from === undefined ? {} : options.observes ? { observes: [source] } : { sources: [source] };
  const sinks = to === undefined ? {} : { sinks: [sink] };
  const { context, posted } = makeContext({
    ...rings,
    ...sinks,
    config,
    signal: new RunSignal(),
    task: { runDirectory },
  });
  fillRing(source, 5, (data, n) => {
    if (from === HEIGHTS) data.height[0] = n;
    else data.chA[1] = n;
  });
  try {
    await run.check?.(context);
    await run(context);
    context.release();
  } finally {
    context.close();
  }
  return { written: takeAll(reader), posted, runDirectory };
}

Deno.test("docs/user_functions.md has functions that run as they are", () =>
  withDirectory(async (folder) => {
    const functions = await documentedFunctions(folder);
    assertEquals([...functions.keys()].sort(), Object.keys(USES).sort());
    for (const [name, run] of functions) {
      const options = USES[name];
      const outcome = await use(run, options, folder);
      assert(!outcome.posted.some((message) => message.type === "failed"), `${name}: ${Deno.inspect(outcome.posted)}`);
      options.check(outcome);
    }
  }));

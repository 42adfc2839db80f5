/** What a page is told of a run when it connects. */
import { dataFlowSvg } from "../control/data_flow.ts";
import type { WatchedRun } from "../control/run_watcher.ts";
import { VERSION } from "../control/version.ts";
import type { Plan, RingPlan } from "../setup/plan.ts";
import type { DisplayOfPlan } from "./adopted_displays.ts";
import { type HelloMessage, type PageArrow, type PageScope, PROTOCOL_VERSION } from "./protocol.ts";

/** Makes the first message of every connection. */
export function helloMessage(run: WatchedRun, displays: readonly DisplayOfPlan[]): HelloMessage {
  const { plan } = run.control;
  const ofPage = new Set(displays.map(({ fn }) => fn.name));
  return {
    type: "hello",
    protocol: PROTOCOL_VERSION,
    version: VERSION,
    run: plan.runName,
    runDirectory: run.runDirectory,
    host: Deno.hostname(),
    beganMs: run.began.getTime(),
    runEvents: plan.runEvents,
    runtimeS: plan.runtimeS,
    rings: plan.rings.map(({ name, slots, layout, isRoot, pause }) => ({
      name,
      slots,
      valuesPerSlot: layout.valuesPerSlot,
      fields: layout.fields.map((field) => ({ name: field.name, type: field.type.name })),
      isRoot,
      pause,
    })),
    functions: plan.functions.map(({ name, functionName, workers, sources, sinks, observes }) => ({
      name,
      functionName,
      workers,
      sources,
      sinks,
      observes,
      isDisplay: ofPage.has(name),
    })),
    scopes: plan.rings.filter((ring) => ring.layout.valuesPerSlot > 1 && isDrawable(ring)).map((ring) =>
      scopeOf(ring, plan, displays)
    ),
    flowSvg: dataFlowSvg(plan),
    arrows: plan.functions.flatMap(({ name, sources, observes, sinks }): PageArrow[] => [
      ...sources.map((ring): PageArrow => ({ kind: "read", functionName: name, ring })),
      ...observes.map((ring): PageArrow => ({ kind: "observe", functionName: name, ring })),
      ...sinks.map((ring): PageArrow => ({ kind: "write", functionName: name, ring })),
    ]),
  };
}

/** Only columns with one number per sample can be drawn over time. */
function isDrawable({ layout }: RingPlan): boolean {
  return layout.fields.every(({ type }) => type.elementsPerValue === 1);
}

function scopeOf(ring: RingPlan, plan: Plan, displays: readonly DisplayOfPlan[]): PageScope {
  const found = displays.find((display) => display.ring === ring.name)?.display;
  const isObserved = plan.functions.some((fn) => fn.observes.includes(ring.name));
  if (found === undefined) {
    const channels = ring.layout.fields.map((field) => field.name);
    const { sampleTimeNs, preTriggerSamples } = timeScaleOf(ring, plan);
    return {
      ring: ring.name,
      title: "",
      sampleTimeNs,
      preTriggerSamples,
      channels,
      offsetMv: 0,
      channelRangeMv: null,
      trigger: null,
      isWanted: isObserved,
    };
  }
  const { title, sampleTimeNs, preTriggerSamples, channels, plot } = found;
  const trigger = plot.trigger ?? null;
  return {
    ring: ring.name,
    title,
    sampleTimeNs,
    preTriggerSamples,
    channels,
    offsetMv: plot.offsetMv ?? 0,
    channelRangeMv: plot.channelRangeMv ?? null,
    trigger: trigger === null
      ? null
      : { levelMv: trigger.levelMv, channel: trigger.channel ?? "", direction: trigger.direction ?? "" },
    isWanted: true,
  };
}

/** A ring without a display of its own has the time scale of some function that works with it; 0: not known. */
function timeScaleOf(ring: RingPlan, plan: Plan): { sampleTimeNs: number; preTriggerSamples: number } {
  for (const { config, sinks, sources, observes } of plan.functions) {
    if (![...sinks, ...sources, ...observes].includes(ring.name)) continue;
    const { sample_time_ns: time, pre_trigger_samples: before } = config;
    if (typeof time !== "number" || !(time > 0)) continue;
    return { sampleTimeNs: time, preTriggerSamples: typeof before === "number" && before >= 0 ? before : 0 };
  }
  return { sampleTimeNs: 0, preTriggerSamples: 0 };
}

/** A plan as text for people. */
import type { FunctionPlan, Plan, RingPlan } from "../setup/plan.ts";
import { formatDuration, plural, textTable } from "./text_format.ts";

/** Shows rings, functions and goals as v1 did at the start of a run. */
export function describePlan(plan: Plan): string {
  return [
    plural(plan.rings.length, "ring buffer"),
    ...textTable(
      plan.rings.map((ring) => [ring.name, plural(ring.slots, "slot"), plural(ring.layout.valuesPerSlot, "value")]),
    ),
    plural(plan.functions.length, "function"),
    ...textTable(plan.functions.map((fn) => [fn.name, fn.functionName, `(${fn.workers})`, describeRings(fn)])),
    describeGoals(plan),
    "",
  ].join("\n");
}

/** Shows everything in a plan: fields, reader groups, modules, configurations. */
export function describePlanInDetail(plan: Plan): string {
  return [
    `setup            ${plan.setupFile} (${plan.dialect} dialect)`,
    ...plan.configFiles.map((file) => `configuration    ${file}`),
    `run directories  ${plan.targetDirectory}`,
    describeGoals(plan),
    `keys             ${plan.keyboard ? "on" : "off"}`,
    "",
    "Ring buffers",
    ...plan.rings.flatMap(describeRing),
    "",
    "Functions",
    ...plan.functions.flatMap(describeFunction),
    "",
  ].join("\n");
}

/** Says what ends a run. */
export function describeGoals({ runEvents, runtimeS, rings }: Plan): string {
  const goals = [
    ...(runEvents > 0 ? [`${plural(runEvents, "event")} in ${rings[0]?.name}`] : []),
    ...(runtimeS > 0 ? [`${formatDuration(runtimeS)} of active time`] : []),
    "the end of the input, or the user's word",
  ];
  return `Run ends after ${goals.join(", ")}`;
}

function describeRing(ring: RingPlan): string[] {
  const { layout } = ring;
  const megabytes = (ring.slots * layout.recordBytes / 1e6).toFixed(1);
  const types = new Set(layout.fields.map((field) => field.type.name));
  const fields = types.size === 1
    ? `${layout.fields.map((field) => field.name).join(" ")} (${[...types][0]})`
    : layout.fields.map((field) => `${field.name} (${field.type.name})`).join(" ");
  return [
    `  ${ring.name}: ${plural(ring.slots, "slot")} of ${plural(layout.valuesPerSlot, "value")}, ${megabytes} MB${
      ring.isRoot ? `, fed by importers (pause: ${ring.pause})` : ""
    }`,
    `    fields   ${fields}`,
    `    readers  ${ring.groups.map((group) => group.name).join(", ") || "none"}`,
  ];
}

function describeFunction(fn: FunctionPlan): string[] {
  return [
    `  ${fn.name}: ${fn.functionName}, ${plural(fn.workers, "worker")}`,
    `    module   ${fn.module}`,
    `    rings    ${describeRings(fn) || "none"}`,
    `    runs     ${describeSupervision(fn)}`,
    ...Object.entries(fn.config).map(([key, value]) => `    ${key}: ${describeValue(value)}`),
  ];
}

function describeSupervision({ isolation, onFailure, restartLimit, watchdogS }: FunctionPlan): string {
  const place = isolation === "process" ? "in processes of its own" : "in threads";
  const limit = onFailure === "restart" ? ` at most ${plural(restartLimit, "time")}` : "";
  return `${place}; on failure: ${onFailure}${limit}; watchdog: ${
    watchdogS === 0 ? "none" : formatDuration(watchdogS)
  }`;
}

/** On one line, whatever it holds. */
function describeValue(value: unknown): string {
  return Deno.inspect(value, {
    depth: 10,
    compact: true,
    breakLength: Infinity,
    iterableLimit: 20,
    strAbbreviateSize: 1000,
  });
}

function describeRings(fn: FunctionPlan): string {
  return [
    ...fn.sources.map((ring) => `${ring}: read`),
    ...fn.sinks.map((ring) => `${ring}: write`),
    ...fn.observes.map((ring) => `${ring}: observe`),
  ].join(", ");
}

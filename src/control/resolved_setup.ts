/** `setup.yaml` of the run directory: the whole setup with every configuration in it, ready to be run again. */
import { fileURLToPath } from "node:url";
import type { FunctionPlan, Plan, RingPlan } from "../setup/plan.ts";
import { stringify } from "../std/yaml.js";

/** Name of the main file. */
export const RESOLVED_SETUP = "setup.yaml";

/**
 * Writes a plan as a setup in its own dialect.
 *
 * @returns Texts by file name: `setup.yaml`, and in the v1 dialect one file `setup_<entry>.yaml` for each function that has
 *   another configuration than an earlier one of the same name.
 */
export function resolvedSetup(plan: Plan): Map<string, string> {
  const files = new Map<string, unknown>();
  files.set(RESOLVED_SETUP, plan.dialect === "v1" ? v1Setup(plan, files) : v2Setup(plan));
  const head = `# The setup of run ${plan.runName} with all configurations in it, as it was run.\n`;
  return new Map([...files].map(([name, content]) => [name, head + stringify(content, { lineWidth: 120 })]));
}

function v1Setup(plan: Plan, files: Map<string, unknown>): unknown {
  const configs: Record<string, unknown> = {};
  const functions = plan.functions.map((fn) => {
    const { exportName, config, name } = fn;
    const known = configs[exportName];
    let ownFile: string | null = null;
    if (known === undefined) configs[exportName] = config;
    else if (JSON.stringify(known) !== JSON.stringify(config)) {
      ownFile = `setup_${name.replaceAll(/[^\w.+-]/g, "_")}.yaml`;
      files.set(ownFile, config);
    }
    return {
      [name]: {
        file_name: modulePath(fn).replace(/\.[jt]s$/, ""),
        fkt_name: exportName,
        num_process: workersOf(fn),
        ...(ownFile === null ? {} : { config_file: ownFile }),
        RB_assign: Object.fromEntries([
          ...fn.sources.map((ring) => [ring, "read"]),
          ...fn.sinks.map((ring) => [ring, "write"]),
          ...fn.observes.map((ring) => [ring, "observe"]),
        ]),
        ...ownKeys(fn),
      },
    };
  });
  return {
    output_directory: plan.targetDirectory,
    KBD_control: plan.keyboard,
    GUI_control: plan.page,
    RingBuffer: plan.rings.map((ring) => ({
      [ring.name]: {
        number_of_slots: ring.slots,
        channel_per_slot: ring.layout.valuesPerSlot,
        data_type: ring.layout.isSingle
          ? ring.layout.fields[0].type.name
          : Object.fromEntries(ring.layout.fields.map(({ name, type }, i) => [i + 1, [name, type.name]])),
        ...(ring.isRoot ? { pause: ring.pause } : {}),
      },
    })),
    Functions: [{ Fkt_main: goals(plan) }, ...functions],
    FunctionConfigs: configs,
  };
}

function v2Setup(plan: Plan): unknown {
  return {
    target_directory: plan.targetDirectory,
    KBD_control: plan.keyboard,
    GUI_control: plan.page,
    ...goals(plan),
    Buffers: Object.fromEntries(plan.rings.map((ring) => [ring.name, v2Ring(ring)])),
    Workers: Object.fromEntries(plan.functions.map((fn) => [fn.name, {
      file: modulePath(fn),
      function: fn.exportName,
      number_of_processes: workersOf(fn),
      sources: fn.sources,
      sinks: fn.sinks,
      observes: fn.observes,
      config: fn.config,
      ...ownKeys(fn),
    }])),
  };
}

function v2Ring({ slots, layout, isRoot, pause }: RingPlan): unknown {
  return {
    slot_count: slots,
    data_length: layout.valuesPerSlot,
    data_dtype: layout.isSingle
      ? layout.fields[0].type.name
      : Object.fromEntries(layout.fields.map(({ name, type }) => [name, type.name])),
    ...(isRoot ? { pause } : {}),
  };
}

function goals({ runEvents, runtimeS }: Plan): Record<string, number> {
  return { runevents: runEvents, runtime: runtimeS };
}

/** A display that the page has done has no worker in the plan; without the page it needs one. */
function workersOf({ workers }: FunctionPlan): number {
  return Math.max(1, workers);
}

function ownKeys({ isolation, onFailure, restartLimit, watchdogS }: FunctionPlan): Record<string, unknown> {
  return { isolation, on_failure: onFailure, restart_limit: restartLimit, watchdog_s: watchdogS };
}

function modulePath({ module }: FunctionPlan): string {
  return module.startsWith("file:") ? fileURLToPath(module) : module;
}

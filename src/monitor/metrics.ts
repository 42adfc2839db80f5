/** Counters of a run in the text form that Prometheus reads (exposition format 0.0.4). */
import type { PageRing, StateMessage } from "./protocol.ts";

/** A family of samples. */
interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly samples: readonly (readonly [labels: Readonly<Record<string, string | number>>, value: number | null])[];
}

/** Type of the answer. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Writes the state of a run. */
export function metricsText(run: string, rings: readonly PageRing[], state: StateMessage): string {
  const ofRings = (value: (ring: StateMessage["rings"][number], i: number) => number | null) =>
    state.rings.map((ring, i) => [{ ring: ring.name }, value(ring, i)] as const);
  const ofGroups = (value: (group: StateMessage["rings"][number]["groups"][number]) => number) =>
    state.rings.flatMap((ring) =>
      ring.groups.map((group) => [{ ring: ring.name, group: group.name }, value(group)] as const)
    );
  const ofFunctions = (value: (fn: StateMessage["functions"][number]) => number | null) =>
    state.functions.map((fn) => [{ function: fn.name }, value(fn)] as const);
  const STATES = ["Initialized", "BuffersSet", "WorkersSet", "Running", "Paused", "Stopped", "Shutdown"];
  const metrics: Metric[] = [
    gauge(
      "mimocorb_run_state",
      "1 for the present state of the run",
      STATES.map((s) => [{ run, state: s }, s === state.state ? 1 : 0]),
    ),
    counter("mimocorb_active_seconds_total", "Seconds in which importers were allowed to work", [[{}, state.activeS]]),
    counter("mimocorb_paused_seconds_total", "Seconds of pauses", [[{}, state.pausedS]]),
    counter("mimocorb_failures_total", "Exceptions of workers", [[{}, state.failures]]),
    gauge("mimocorb_ring_slots", "Slots of a ring", ofRings((_, i) => rings[i].slots)),
    gauge("mimocorb_ring_filled_slots", "Slots in use", ofRings((ring) => ring.filled)),
    gauge(
      "mimocorb_ring_rate_hertz",
      "Events per second over the last two seconds, 0 when the run is over",
      ofRings((ring) => ring.rateHz),
    ),
    gauge("mimocorb_ring_deadtime_ratio", "Mean dead time of the last events", ofRings((ring) => ring.deadtime)),
    counter("mimocorb_ring_published_total", "Events published", ofRings((ring) => ring.published)),
    counter("mimocorb_ring_voided_total", "Slots given back without an event", ofRings((ring) => ring.voided)),
    counter("mimocorb_ring_discarded_total", "Events thrown away in pauses", ofRings((ring) => ring.discarded)),
    counter("mimocorb_group_processed_total", "Events processed by a reader group", ofGroups((g) => g.processed)),
    counter("mimocorb_group_rejected_total", "Events refused by a reader group", ofGroups((g) => g.rejected)),
    counter("mimocorb_group_failed_total", "Events whose processing failed", ofGroups((g) => g.failed)),
    gauge("mimocorb_group_unread_events", "Events that a reader group has not taken yet", ofGroups((g) => g.unread)),
    gauge(
      "mimocorb_function_workers",
      "Workers that have not ended",
      ofFunctions((fn) => fn.workers.filter((w) => w.state !== "ended").length),
    ),
    gauge("mimocorb_function_busy_ratio", "Part of the time not spent waiting", ofFunctions((fn) => fn.busy)),
    gauge("mimocorb_process_cpu_ratio", "Processors in use by the program", [[{}, state.cpu]]),
  ];
  return metrics.map(metricText).join("");
}

function gauge(name: string, help: string, samples: Metric["samples"]): Metric {
  return { name, type: "gauge", help, samples };
}

function counter(name: string, help: string, samples: Metric["samples"]): Metric {
  return { name, type: "counter", help, samples };
}

function metricText({ name, type, help, samples }: Metric): string {
  const known = samples.filter(([, value]) => value !== null);
  if (known.length === 0) return "";
  const lines = known.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, label]) => `${key}="${escapeLabel(String(label))}"`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

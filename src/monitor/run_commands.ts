/** Commands in words, from the terminal, the page, or another program. */
import { formatDuration, formatPercent, formatRate, textTable } from "../control/text_format.ts";
import type { RunSnapshot } from "../control/run_snapshot.ts";
import type { WatchedRun } from "../control/run_watcher.ts";
import { nearestWord } from "../setup/nearest_word.ts";
import type { WorkerHandle } from "../control/worker_handle.ts";
import { LOG_LEVELS } from "../worker/logger.ts";

/** What came of a command. */
export interface CommandReply {
  readonly ok: boolean;
  readonly text: string;
}

/** Commands with their explanations, as help shows them. */
const COMMANDS: readonly (readonly [form: string, text: string])[] = [
  ["pause [roots|all|RING …]", "new events wait, or are discarded, as the setup says; roots if nothing is named"],
  ["resume [roots|all|RING …]", "ends a pause"],
  ["shutdown [roots|all|RING …]", "rings take no more events, what is in them is still read; roots: stops the run"],
  ["stop", "importers stop, everything is processed"],
  ["stop worker NAME …", "only this worker (Fkt_2/0), or all of a function (Fkt_2), stop; the run goes on"],
  ["end", "ends everything at once; what is left is counted as unfinished"],
  ["rings", "state of all rings"],
  ["workers", "state of all workers"],
  ["stats", "counters of the run as JSON"],
  ["log debug|info|warn|error", "least level of messages that are kept, of the run and of all functions"],
  ["help", "this text"],
];

/** Words that a command line can begin with. */
export const COMMAND_WORDS: readonly string[] = [...new Set(COMMANDS.map(([form]) => form.split(" ")[0]))];

/** Carries out commands on one run. */
export class RunCommands {
  readonly #run: WatchedRun;
  readonly #snapshot: () => RunSnapshot | null;

  /** @param run The run. @param snapshot Its newest state. */
  constructor(run: WatchedRun, snapshot: () => RunSnapshot | null) {
    this.#run = run;
    this.#snapshot = snapshot;
  }

  /**
   * Carries out a command line. Never throws.
   *
   * @param line Words: `pause RB_1`.
   */
  execute(line: string): CommandReply {
    const [word = "", ...names] = line.trim().split(/\s+/);
    switch (word.toLowerCase()) {
      case "":
        return done("");
      case "pause":
      case "resume":
      case "shutdown":
        return this.#steer(word.toLowerCase() as "pause" | "resume" | "shutdown", names);
      case "stop":
        return /^workers?$/i.test(names[0] ?? "") ? this.#stopWorkers(names.slice(1)) : this.#order(names, "stop");
      case "end":
        return this.#order(names, "end");
      case "rings":
        return done(this.#rings());
      case "workers":
        return done(this.#workers());
      case "stats":
        return done(JSON.stringify(this.#snapshot() ?? {}, null, 2));
      case "log":
        return this.#logLevel(names);
      case "help":
        return done(textTable(COMMANDS.map((row) => [...row])).join("\n"));
      default:
        return this.#unknown(word, COMMAND_WORDS, "a command");
    }
  }

  #steer(action: "pause" | "resume" | "shutdown", names: readonly string[]): CommandReply {
    const { control } = this.#run;
    const [first = "roots"] = names;
    if (first === "workers" && action === "shutdown") return this.#order([], "end");
    if (first === "roots" && names.length < 2) return this.#steerRoots(action);
    const rings = first === "all" && names.length === 1 ? [...control.rings.keys()] : names;
    const missing = rings.find((name) => !control.rings.has(name));
    if (missing !== undefined) return this.#unknown(missing, ["roots", "all", ...control.rings.keys()], "a ring");
    if (control.state !== "Running" && control.state !== "Paused" && action !== "shutdown") {
      return refused(`The run is ${control.state.toLowerCase()}`);
    }
    if (action === "shutdown") {
      if (first === "all") this.#steerRoots(action);
      for (const name of rings) control.rings.get(name)!.setEnding();
    } else {
      const refusal = this.#pauseOrResume(action, rings);
      if (refusal !== null) return refusal;
    }
    const what = { pause: "paused", resume: "resumed", shutdown: "taking no more events" }[action];
    this.#run.log.add("info", "run", `${rings.join(", ")} ${what}`);
    return done(`${rings.join(", ")}: ${what}`);
  }

  /** All root rings together are the run; a single one of several has its own books. Returns null if it was done. */
  #pauseOrResume(action: "pause" | "resume", names: readonly string[]): CommandReply | null {
    const { control } = this.#run;
    const roots = control.plan.rings.filter((ring) => ring.isRoot).map(({ name }) => name);
    const namesRoot = roots.some((name) => names.includes(name));
    const isRun = namesRoot && roots.every((name) => names.includes(name));
    if (namesRoot && !isRun && control.state === "Paused") {
      return refused(`Cannot ${action} a single root ring: the whole run is paused; "resume" ends that`);
    }
    if (isRun) {
      if (action === "pause") this.#run.pause();
      else this.#run.resume();
    }
    for (const name of names) {
      const ring = control.rings.get(name)!;
      if (!roots.includes(name)) ring[action]();
      else if (!isRun || action === "resume") control.ringPauses[action](ring);
    }
    return null;
  }

  #steerRoots(action: "pause" | "resume" | "shutdown"): CommandReply {
    const { control } = this.#run;
    const before = control.state;
    if (action === "shutdown") return this.#order([], "stop");
    if (action === "pause") this.#run.pause();
    else {
      this.#run.resume();
      for (const { name, isRoot } of control.plan.rings) {
        if (isRoot && control.state === "Running") control.ringPauses.resume(control.rings.get(name)!);
      }
    }
    const wanted = action === "pause" ? "Paused" : "Running";
    return control.state === wanted ? done(wanted) : refused(`The run is ${before.toLowerCase()}`);
  }

  #order(names: readonly string[], order: "stop" | "end"): CommandReply {
    if (names.length > 0) {
      const single = order === "stop" ? ` or "stop worker NAME"` : "";
      return refused(`Cannot ${order} ${names.join(" ").slice(0, 40)}: expected "${order}" alone${single}`);
    }
    if (order === "stop") this.#run.stop();
    else this.#run.end();
    return done(order === "stop" ? "Stopping: what was taken is processed" : "Ending at once");
  }

  #stopWorkers(names: readonly string[]): CommandReply {
    const { control } = this.#run;
    const { workers } = control;
    if (names.length === 0) return refused('Cannot stop a worker: expected its name, "stop worker Fkt_2/0"');
    const idle = control.plan.functions.filter((fn) => fn.workers === 0).map(({ name }) => name);
    const chosen = new Set<WorkerHandle>();
    for (const name of names) {
      const found = workers.filter(({ label, plan }) => name === label || name === plan.name);
      if (found.length === 0 && idle.includes(name)) {
        return refused(`Cannot stop ${name}: expected a function with workers, found one whose work the page does`);
      }
      if (found.length === 0) return this.#unknown(name, workerNames(workers), "a worker or a function");
      const living = found.filter(({ state, retiredAt }) => state !== "ended" && retiredAt === null);
      if (living.length === 0) return refused(`Cannot stop ${name}: expected it to be at work, ${whyNot(found)}`);
      for (const worker of living) chosen.add(worker);
    }
    if (control.state !== "Running" && control.state !== "Paused" && control.state !== "Stopped") {
      return refused(`The run is ${control.state.toLowerCase()}`);
    }
    control.stopWorkers([...chosen]);
    return done(`Stopping: ${[...chosen].map(({ label }) => label).join(", ")}`);
  }

  #logLevel([level, ...more]: readonly string[]): CommandReply {
    const found = LOG_LEVELS.find((name) => name === level);
    if (found === undefined || more.length > 0) return this.#unknown(level ?? "nothing", LOG_LEVELS, "a level");
    this.#run.log.minimum = found;
    this.#run.control.setLogLevel(found);
    return done(`Messages from level ${found} on are kept`);
  }

  #rings(): string {
    const rows = this.#snapshot()?.rings.map((ring) => [
      ring.name,
      `${ring.published}`,
      formatRate(ring.rateHz),
      `${ring.filled}/${ring.slots}`,
      formatPercent(ring.deadtime),
      ...(ring.discarded > 0 ? [`${ring.discarded} discarded`] : []),
    ]) ?? [];
    return textTable([["ring", "events", "rate", "filled", "dead"], ...rows]).join("\n");
  }

  #workers(): string {
    const { workers } = this.#run.control;
    const rows = workers.map((worker) => [worker.label, worker.plan.functionName, describeState(worker)]);
    const activeS = this.#snapshot()?.activeS ?? 0;
    return textTable([["worker", "function", `state after ${formatDuration(activeS, 1)}`], ...rows]).join("\n");
  }

  #unknown(word: string, known: readonly string[], what: string): CommandReply {
    const nearest = nearestWord(word, known);
    const hint = nearest === null ? `one of ${known.join(", ")}` : `perhaps "${nearest}"`;
    return refused(`Cannot do that: expected ${what}, ${hint}, found "${word.slice(0, 40)}"`);
  }
}

/** Names by which workers can be stopped: functions that have workers, and the single workers. */
export function workerNames(workers: readonly WorkerHandle[]): string[] {
  return [...new Set(workers.flatMap(({ plan, label }) => [plan.name, label]))];
}

function describeState({ state, ok, retiredAt }: WorkerHandle): string {
  if (retiredAt !== null) return state === "ended" ? (ok ? "stopped" : "stopped, failed") : "stopping";
  return state === "ended" ? (ok ? "ended" : "failed") : state;
}

/** Why none of some workers can be stopped. */
function whyNot(workers: readonly WorkerHandle[]): string {
  return workers.some(({ state }) => state !== "ended") ? "found it stopping already" : "found it ended";
}

function done(text: string): CommandReply {
  return { ok: true, text };
}

function refused(text: string): CommandReply {
  return { ok: false, text };
}

/** Commands in words, from the terminal, the page, or another program. */
import { formatDuration, formatPercent, formatRate, textTable } from "../control/text_format.ts";
import type { RunSnapshot } from "../control/run_snapshot.ts";
import type { WatchedRun } from "../control/run_watcher.ts";
import { nearestWord } from "../setup/nearest_word.ts";
import type { LogLevel } from "../worker/logger.ts";

/** What came of a command. */
export interface CommandReply {
  readonly ok: boolean;
  readonly text: string;
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Commands with their explanations, as help shows them. */
const COMMANDS: readonly (readonly [form: string, text: string])[] = [
  ["pause [roots|all|RING …]", "new events wait, or are discarded, as the setup says; roots if nothing is named"],
  ["resume [roots|all|RING …]", "ends a pause"],
  ["shutdown [roots|all|RING …]", "rings take no more events, what is in them is still read; roots: stops the run"],
  ["stop", "importers stop, everything is processed"],
  ["end", "ends everything at once; what is left is counted as unfinished"],
  ["rings", "state of all rings"],
  ["workers", "state of all workers"],
  ["stats", "counters of the run as JSON"],
  ["log debug|info|warn|error", "least level of messages that are kept"],
  ["help", "this text"],
];

/** Words that a command line can begin with. */
export const COMMAND_WORDS: readonly string[] = COMMANDS.map(([form]) => form.split(" ")[0]);

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
        return this.#order(names, "stop");
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
    if (first === "all") this.#steerRoots(action);
    for (const name of rings) {
      const ring = control.rings.get(name)!;
      if (action === "pause") ring.pause();
      else if (action === "resume") ring.resume();
      else ring.setEnding();
    }
    const what = { pause: "paused", resume: "resumed", shutdown: "taking no more events" }[action];
    this.#run.log.add("info", "run", `${rings.join(", ")} ${what}`);
    return done(`${rings.join(", ")}: ${what}`);
  }

  #steerRoots(action: "pause" | "resume" | "shutdown"): CommandReply {
    const { control } = this.#run;
    const before = control.state;
    if (action === "shutdown") return this.#order([], "stop");
    if (action === "pause") this.#run.pause();
    else this.#run.resume();
    const wanted = action === "pause" ? "Paused" : "Running";
    return control.state === wanted ? done(wanted) : refused(`The run is ${before.toLowerCase()}`);
  }

  #order(names: readonly string[], order: "stop" | "end"): CommandReply {
    if (names.length > 0) return refused(`Cannot ${order} ${names.join(" ")}: expected "${order}" alone`);
    if (order === "stop") this.#run.stop();
    else this.#run.end();
    return done(order === "stop" ? "Stopping: what was taken is processed" : "Ending at once");
  }

  #logLevel([level, ...more]: readonly string[]): CommandReply {
    const found = LEVELS.find((name) => name === level);
    if (found === undefined || more.length > 0) return this.#unknown(level ?? "nothing", LEVELS, "a level");
    this.#run.log.minimum = found;
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
    const rows = workers.map(({ label, plan, state, ok }) => [
      label,
      plan.functionName,
      state === "ended" ? (ok ? "ended" : "failed") : state,
    ]);
    const activeS = this.#snapshot()?.activeS ?? 0;
    return textTable([["worker", "function", `state after ${formatDuration(activeS, 1)}`], ...rows]).join("\n");
  }

  #unknown(word: string, known: readonly string[], what: string): CommandReply {
    const nearest = nearestWord(word, known);
    const hint = nearest === null ? `one of ${known.join(", ")}` : `perhaps "${nearest}"`;
    return refused(`Cannot do that: expected ${what}, ${hint}, found "${word.slice(0, 40)}"`);
  }
}

function done(text: string): CommandReply {
  return { ok: true, text };
}

function refused(text: string): CommandReply {
  return { ok: false, text };
}

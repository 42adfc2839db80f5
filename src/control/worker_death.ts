/** Deaths of workers: ends that their functions did not choose. */
import type { WorkerFailure } from "../worker/messages.ts";
import { plural } from "./text_format.ts";
import type { HostEnd } from "./worker_host.ts";

/** How a worker died: its function threw, its process ended by itself or by a signal, or it hung and was killed. */
export type DeathCause = "exception" | "exit" | "signal" | "hung";

/** An event that a worker holds. */
export interface HeldByWorker {
  /** Name of the ring. */
  readonly ring: string;
  /** Counter of the event, the oldest one of several. */
  readonly counter: number;
}

/** The death of one life of a worker. */
export interface LifeDeath {
  /** What kind of death it was. */
  readonly cause: DeathCause;
  /** What was thrown, or what became of the process, as a phrase. */
  readonly message: string;
  /** Signal that ended the process (`SIGKILL`); null without one. */
  readonly signal: string | null;
  /** Exit code of a process that ended by itself; null otherwise. */
  readonly exitCode: number | null;
  /** Counter of the event that it was in; null outside events. */
  readonly eventCounter: number | null;
  /** Ring of that event; null if it is not known. */
  readonly ring: string | null;
}

/** A death, with whose it was and what came of it. */
export interface WorkerDeath extends LifeDeath {
  /** When the control saw it. */
  readonly time: Date;
  /** The function's entry in the setup (`Fkt_2`). */
  readonly name: string;
  /** The function's name as the setup writes it. */
  readonly functionName: string;
  /** Which of the function's workers it was, from 0. */
  readonly workerNumber: number;
  /** True if another one took its place. */
  isRestarted: boolean;
}

/** Lines of the last words that a terminal shows. */
const LINES_SHOWN = 5;

/**
 * Describes the death of a host that nobody ordered, and that its worker could not report itself.
 *
 * @param end What the host says.
 * @param held The event that the worker held; null: none.
 * @param hungFor Why the control killed it: seconds in its event; null if it did not.
 */
export function deathOfHost(end: HostEnd, held: HeldByWorker | null, hungFor: number | null): LifeDeath {
  const { signal, exitCode } = end;
  const cause: DeathCause = hungFor !== null
    ? "hung"
    : end.message !== ""
    ? "exception"
    : signal !== null
    ? "signal"
    : "exit";
  const message = hungFor !== null ? hungMessage(hungFor) : end.message !== "" ? end.message : processMessage(end);
  return { cause, message, signal, exitCode, eventCounter: held?.counter ?? null, ring: held?.ring ?? null };
}

/**
 * The same as the failure that is reported; with the last words of a process in place of a stack, and also in the message
 * if that is what refuses a setup.
 */
export function failureOfDeath(
  { message, eventCounter }: LifeDeath,
  { phase, lastWords }: { readonly phase: WorkerFailure["phase"]; readonly lastWords: readonly string[] },
): WorkerFailure {
  const withWords = (words: readonly string[]) => [message, ...words.map((line) => `    ${line}`)].join("\n");
  const left = lastWords.length - LINES_SHOWN;
  const shown = left > 0
    ? [...lastWords.slice(0, LINES_SHOWN), `… ${plural(left, "more line")} in log.txt`]
    : lastWords;
  const userStack = withWords(shown);
  return {
    phase,
    message: phase === "load" ? userStack : message,
    stack: withWords(lastWords),
    userStack,
    eventCounter,
  };
}

function hungMessage(seconds: number): string {
  return `its process was killed: it did not come back for ${seconds.toFixed(1)} s`;
}

function processMessage({ signal, exitCode, lastWords }: HostEnd): string {
  if (lastWords.some((line) => /out of memory/i.test(line))) {
    return `its process ran out of memory (${signal ?? exitCode})`;
  }
  return signal !== null
    ? `its process was ended by ${signal}`
    : `its process ended by itself, with exit code ${exitCode}`;
}

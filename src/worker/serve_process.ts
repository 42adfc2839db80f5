/**
 * The life of a worker's process. The function runs in a thread, as it would in the program itself; this thread only passes
 * messages on, and sees at once when the program has gone, whatever the function is at.
 */
import process from "node:process";
import type { FromProcess, FromWorker, ToProcess } from "./messages.ts";
import { RunSignal } from "./run_signal.ts";

/** Module that a worker thread begins with. */
const WORKER_ENTRY = new URL("./worker_entry.ts", import.meta.url).href;

/** What a terminal or a service manager sends to all processes of a program. The program tells its workers what to do. */
const SIGNALS_OF_THE_PROGRAM: readonly Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Serves one task over the line that the control has opened, until the control closes it. */
export function serveProcess(): void {
  for (const signal of SIGNALS_OF_THE_PROGRAM) Deno.addSignalListener(signal, () => {});
  const signal = new RunSignal();
  const thread = new Worker(WORKER_ENTRY, { type: "module" });
  let hasEnded = false;
  thread.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.type === "ended") hasEnded = true;
    post(data);
  };
  thread.onerror = (event) => {
    event.preventDefault();
    post({ type: "vanished", message: event.message });
  };
  process.on("message", (message: ToProcess) => {
    switch (message.type) {
      case "flags":
        return signal.take(message.flags);
      case "load":
        signal.take(message.flags);
        return thread.postMessage({ type: "load", task: { ...message.task, signal: signal.memory } });
      default:
        return thread.postMessage(message);
    }
  });
  process.on("disconnect", () => {
    // The program is dead, or has given this worker up: whatever its function has started goes with it.
    if (!hasEnded) killGroup();
    Deno.exit();
  });
}

function post(message: FromProcess): void {
  try {
    process.send!(message);
  } catch (error) {
    // What threads may share (a SharedArrayBuffer), processes cannot.
    const text = `Cannot pass on a message of type "${message.type}": ${
      error instanceof Error ? error.message : error
    }`;
    process.send!({ type: "log", level: "error", text } satisfies FromProcess);
  }
}

/** This process leads a group of its own. */
function killGroup(): void {
  try {
    Deno.kill(-Deno.pid, "SIGKILL");
  } catch {
    // It does not: it was not started by the control.
  }
}

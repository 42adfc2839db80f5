import { type RunFlags, RunSignal } from "../../src/worker/run_signal.ts";
import { assertEquals } from "../../src/std/assert.js";

/** Flags of a run that goes on, but for some of them. */
function flags(changed: Partial<RunFlags> = {}) {
  const none = { ending: false, aborted: false, paused: false, retired: false, panelsTaken: 0 };
  return { ...none, logLevel: "info" as const, ...changed };
}

Deno.test("RunSignal shares its flags through its memory", () => {
  const signal = new RunSignal();
  const other = new RunSignal(signal.memory);
  assertEquals(other.flags, flags());
  signal.setPaused(true);
  assertEquals(other.flags, flags({ paused: true }));
  signal.setEnding();
  signal.setPaused(false);
  assertEquals(other.flags, flags({ ending: true }));
  signal.setLogLevel("debug");
  assertEquals(other.flags, flags({ ending: true, logLevel: "debug" }));
  signal.setAborted();
  assertEquals(other.flags, flags({ ending: true, aborted: true, logLevel: "debug" }));
});

Deno.test("RunSignal.setRetired() ends one worker, and says so apart from the end of the run", () => {
  const signal = new RunSignal();
  signal.setRetired();
  assertEquals(signal.flags, flags({ ending: true, retired: true }));
  assertEquals([signal.sleep(60_000), signal.sleepWhileDraining(60_000)], [false, false]);
  signal.setAborted();
  assertEquals(signal.flags, flags({ ending: true, retired: true, aborted: true }));
});

Deno.test("RunSignal takes flags over whose memory it does not share, and never takes an end back", () => {
  const signal = new RunSignal();
  signal.take({ ending: false, aborted: false, paused: true });
  assertEquals(signal.flags, flags({ paused: true }));
  signal.take(flags({ ending: true, logLevel: "error" }));
  assertEquals(signal.flags, flags({ ending: true, logLevel: "error" }));
  signal.take(flags({ ending: true, aborted: true }));
  signal.take(flags({ retired: true }));
  signal.take(flags());
  assertEquals(signal.flags, flags({ ending: true, aborted: true, retired: true }));
});

/** What a sleep of a minute gives in another thread when flags change in the middle of it. */
async function wakenBy(call: string, change: (signal: RunSignal) => void): Promise<unknown> {
  const signal = new RunSignal();
  const module = `
    import { RunSignal } from ${JSON.stringify(import.meta.resolve("../../src/worker/run_signal.ts"))};
    onmessage = ({ data }) => {
      postMessage("asleep");
      postMessage(new RunSignal(data).${call}(60_000));
    };`;
  const worker = new Worker(URL.createObjectURL(new Blob([module], { type: "text/typescript" })), { type: "module" });
  const slept = await new Promise((resolve) => {
    worker.onmessage = ({ data }) => {
      if (data === "asleep") setTimeout(() => change(signal), 20);
      else resolve(data);
    };
    worker.postMessage(signal.memory);
  });
  worker.terminate();
  return slept;
}

Deno.test("RunSignal wakes sleepers when it takes the end over", async () => {
  assertEquals(await wakenBy("sleep", (signal) => signal.take(flags({ ending: true }))), false);
});

Deno.test("RunSignal wakes whoever sleeps while draining when the worker is stopped", async () => {
  assertEquals(await wakenBy("sleepWhileDraining", (signal) => signal.setRetired()), false);
});

Deno.test("RunSignal counts the displays that the control has taken, and takes the number over", () => {
  const [control, ofProcess] = [new RunSignal(), new RunSignal()];
  control.notePanelTaken();
  control.notePanelTaken();
  assertEquals(new RunSignal(control.memory).panelsTaken, 2);
  ofProcess.take(control.flags);
  // Flags of the whole run know nothing of it.
  ofProcess.take(flags());
  assertEquals(ofProcess.panelsTaken, 2);
});

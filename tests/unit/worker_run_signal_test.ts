import { RunSignal } from "../../src/worker/run_signal.ts";
import { assert, assertEquals } from "../../src/std/assert.js";

Deno.test("RunSignal shares its flags through its memory", () => {
  const signal = new RunSignal();
  const other = new RunSignal(signal.memory);
  assertEquals(other.flags, { ending: false, aborted: false, paused: false });
  signal.setPaused(true);
  assertEquals(other.flags, { ending: false, aborted: false, paused: true });
  signal.setEnding();
  signal.setPaused(false);
  assertEquals(other.flags, { ending: true, aborted: false, paused: false });
  signal.setAborted();
  assertEquals(other.flags, { ending: true, aborted: true, paused: false });
});

Deno.test("RunSignal takes flags over whose memory it does not share, and never takes an end back", () => {
  const signal = new RunSignal();
  signal.take({ ending: false, aborted: false, paused: true });
  assertEquals(signal.flags, { ending: false, aborted: false, paused: true });
  signal.take({ ending: true, aborted: false, paused: false });
  assertEquals(signal.flags, { ending: true, aborted: false, paused: false });
  signal.take({ ending: true, aborted: true, paused: false });
  signal.take({ ending: false, aborted: false, paused: false });
  assertEquals(signal.flags, { ending: true, aborted: true, paused: false });
});

Deno.test("RunSignal wakes sleepers when it takes the end over", async () => {
  const signal = new RunSignal();
  const module = `
    import { RunSignal } from ${JSON.stringify(import.meta.resolve("../../src/worker/run_signal.ts"))};
    onmessage = ({ data }) => {
      postMessage("asleep");
      postMessage(new RunSignal(data).sleep(60_000));
    };`;
  const worker = new Worker(URL.createObjectURL(new Blob([module], { type: "text/typescript" })), { type: "module" });
  const slept = await new Promise((resolve) => {
    worker.onmessage = ({ data }) => {
      if (data === "asleep") setTimeout(() => signal.take({ ending: true, aborted: false, paused: false }), 20);
      else resolve(data);
    };
    worker.postMessage(signal.memory);
  });
  worker.terminate();
  assert(slept === false);
});

import { assertAlmostEquals, assertEquals } from "../../src/std/assert.js";
import { allocateColumns, recordLayout } from "../../src/record/record_layout.ts";
import type { Slot } from "../../src/ring/slot.ts";
import type { Writer } from "../../src/ring/writer.ts";
import { SourceToBuffer } from "../../src/worker/source_to_buffer.ts";
import { makeContext } from "./worker_fixture.ts";

/** What happens, step by step, when the importer asks for a slot. */
type ClaimStep = { kind: "wait" | "pause" | "end"; ms: number };

interface EventTimes {
  sourceMs: number;
  pauseBeforeMs?: number;
  claim?: readonly ClaimStep[];
}

/** Dead times of events; see {@linkcode runWithClock}. */
function deadTimes(events: readonly EventTimes[]): number[] {
  return runWithClock(events).deadtimes;
}

/** Runs an importer with a clock that only the source, the ring and the pauses move on. */
function runWithClock(events: readonly EventTimes[]): { deadtimes: number[]; deadS: number } {
  const layout = recordLayout("float32", 1);
  const clock = { ms: 5000 };
  const found: number[] = [];
  let next = 0;
  let steps: ClaimStep[] = [];
  const slot = { data: allocateColumns(layout), counter: 0, timestamp: 0, deadtime: 0, redelivered: false };
  let pauseMs = 0;
  const writer = {
    name: "RB_1",
    layout,
    pauseMode: "wait",
    ending: false,
    isDiscarding: false,
    state: "ok",
    get isPaused() {
      return pauseMs > 0;
    },
    claim({ timeoutMs }: { timeoutMs: number }): Slot | null {
      const step = steps[0];
      if (step === undefined) return slot as unknown as Slot;
      if (step.kind === "pause") {
        pauseMs = step.ms;
        steps.shift();
        this.state = "paused";
        return null;
      }
      this.state = "timed out";
      if (timeoutMs === 0) return null;
      clock.ms += step.ms;
      steps.shift();
      if (step.kind === "end") {
        this.state = "ended";
        return null;
      }
      return steps.length === 0 ? slot as unknown as Slot : null;
    },
    waitWhilePaused(): boolean {
      clock.ms += pauseMs;
      pauseMs = 0;
      return true;
    },
    processBuffer: () => found.push(slot.deadtime),
    abort: () => {},
  };
  const { context } = makeContext();
  Object.assign(context, { sinks: [writer as unknown as Writer] });
  const now = performance.now;
  performance.now = () => clock.ms;
  try {
    new SourceToBuffer(context, () => {
      if (next === events.length) return null;
      const event = events[next++];
      clock.ms += event.sourceMs;
      steps = [...event.claim ?? []];
      pauseMs = 0;
      // The pause begins once this event is written.
      const { pauseBeforeMs = 0 } = events[next] ?? {};
      if (pauseBeforeMs > 0) writer.processBuffer = () => (pauseMs = pauseBeforeMs, found.push(slot.deadtime));
      else writer.processBuffer = () => found.push(slot.deadtime);
      return [next];
    }).run();
  } finally {
    performance.now = now;
  }
  return { deadtimes: found, deadS: context.books.deadS };
}

const READY = { sourceMs: 8 };

Deno.test("SourceToBuffer computes the dead time as waiting over the time since the event before", () => {
  const waits: ClaimStep[] = [{ kind: "wait", ms: 2 }];
  assertEquals(deadTimes([READY, { ...READY, claim: waits }, READY]), [0, 0.2, 0]);
});

Deno.test("SourceToBuffer adds up several waits for one slot", () => {
  const waits: ClaimStep[] = [{ kind: "wait", ms: 50 }, { kind: "wait", ms: 22 }];
  assertAlmostEquals(deadTimes([READY, { ...READY, claim: waits }])[1], 72 / 80);
});

Deno.test("SourceToBuffer counts a pause between events neither as dead nor as live time", () => {
  const waits: ClaimStep[] = [{ kind: "wait", ms: 2 }];
  assertAlmostEquals(deadTimes([READY, { ...READY, pauseBeforeMs: 60_000, claim: waits }])[1], 0.2);
});

Deno.test("SourceToBuffer counts a pause while it waits for a slot neither as dead nor as live time", () => {
  const waits: ClaimStep[] = [{ kind: "pause", ms: 60_000 }, { kind: "wait", ms: 2 }];
  assertAlmostEquals(deadTimes([READY, { ...READY, claim: waits }])[1], 0.2);
});

Deno.test("SourceToBuffer counts the wait in which the run ends as dead time, without the pause in it", () => {
  const waits: ClaimStep[] = [{ kind: "wait", ms: 50 }, { kind: "pause", ms: 60_000 }, { kind: "end", ms: 22 }];
  const { deadtimes, deadS } = runWithClock([READY, { ...READY, claim: waits }]);
  assertEquals(deadtimes.length, 1);
  assertAlmostEquals(deadS, 0.072);
});

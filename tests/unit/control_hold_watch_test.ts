import { HoldWatch } from "../../src/control/hold_watch.ts";
import { holdKey, type RunRings } from "../../src/control/run_rings.ts";
import type { WorkerHandle } from "../../src/control/worker_handle.ts";
import type { RingStatus } from "../../src/ring/ring_status.ts";
import { assertEquals } from "../../src/std/assert.js";

/** A worker that reads RB_1 as owner 1 and writes RB_2, with a watchdog of 1 s. */
class Scene {
  nowMs = 0;
  watchdogS = 1;
  sinkFilled = 0;
  sources = ["RB_1"];
  unread = 0;
  #held: { ring: string; sequence: number; counter: number } | null = null;
  readonly #watch: HoldWatch;
  readonly #worker: WorkerHandle;

  constructor() {
    const heldEvents = () => new Map(this.#held === null ? [] : [[holdKey(this.#held.ring, 1), this.#held]]);
    this.#watch = new HoldWatch({ heldEvents } as unknown as RunRings, () => this.nowMs);
    const rows = () => this.sources.map((ring) => ({ ring, owner: 1 }));
    const plan = () => ({ watchdogS: this.watchdogS, sinks: ["RB_2"] });
    this.#worker = {
      life: {
        state: "running",
        get sourceRows() {
          return rows();
        },
      },
      get sourceRows() {
        return rows();
      },
      get plan() {
        return plan();
      },
    } as unknown as WorkerHandle;
  }

  /** From now on the worker holds another event, or none. */
  hold(sequence: number | null, ring = "RB_1"): void {
    this.#held = sequence === null ? null : { ring, sequence, counter: 1000 + sequence };
  }

  /** Looks every 250 ms for some time; gives the counters that were reported. */
  pass(ms: number): number[] {
    const status = (filled: number) =>
      ({
        slots: 8,
        filled,
        groups: [{ unread: this.unread }],
        owners: [{ owner: 1, group: 0 }],
      }) as unknown as RingStatus;
    const statuses = new Map([["RB_1", status(3)], ["RB_2", status(this.sinkFilled)], ["RB_3", status(0)]]);
    const reported: number[] = [];
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs += 250;
      reported.push(...this.#watch.look([this.#worker], statuses).map(({ held }) => held.counter));
    }
    return reported;
  }

  get isBusy(): boolean {
    return this.#watch.isBusy(this.#worker);
  }
}

Deno.test("HoldWatch reports an event that is held for too long, once", () => {
  const scene = new Scene();
  scene.hold(7);
  assertEquals(scene.pass(1000), []);
  assertEquals(scene.pass(500), [1007]);
  assertEquals(scene.pass(5000), []);
  scene.hold(8);
  assertEquals(scene.pass(1500), [1008]);
  assertEquals(scene.isBusy, true);
});

Deno.test("HoldWatch does not report a worker that goes from event to event, or has none", () => {
  const scene = new Scene();
  for (let sequence = 0; sequence < 20; sequence++) {
    scene.hold(sequence);
    assertEquals(scene.pass(750), []);
  }
  scene.hold(null);
  assertEquals(scene.pass(5000), []);
  assertEquals(scene.isBusy, false);
});

Deno.test("HoldWatch tells events of one counter apart", () => {
  const scene = new Scene();
  scene.hold(7);
  scene.pass(1000);
  scene.hold(8);
  assertEquals(scene.pass(750), []);
});

Deno.test("HoldWatch does not count the time that a worker may wait for another ring", () => {
  const scene = new Scene();
  scene.hold(7);
  scene.sinkFilled = 8;
  assertEquals([scene.pass(5000), scene.isBusy], [[], false]);
  scene.sinkFilled = 7;
  assertEquals(scene.pass(1500), [1007]);

  const joining = new Scene();
  joining.sources = ["RB_1", "RB_3"];
  joining.hold(7);
  assertEquals(joining.pass(5000), []);
  joining.unread = 1;
  assertEquals(joining.pass(1500), [1007]);
});

Deno.test("HoldWatch says nothing of a function without watchdog, but knows that it is at work", () => {
  const scene = new Scene();
  scene.watchdogS = 0;
  scene.hold(7);
  assertEquals([scene.pass(60_000), scene.isBusy], [[], true]);
});

Deno.test("HoldWatch does not take a suspended program for a hanging function", () => {
  const scene = new Scene();
  scene.watchdogS = 5;
  scene.hold(7);
  scene.pass(500);
  scene.nowMs += 3600_000;
  assertEquals(scene.pass(2000), []);
});

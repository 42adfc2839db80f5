/** Who is told to stop, and what becomes of those that do not. */
import type { HoldWatch } from "../../src/control/hold_watch.ts";
import { Retirement } from "../../src/control/retirement.ts";
import type { OwnedRow, RunRings } from "../../src/control/run_rings.ts";
import type { WorkerHandle } from "../../src/control/worker_handle.ts";
import { assertEquals, assertMatch } from "../../src/std/assert.js";

const ROW = { ring: "RB_1", owner: 3 };
const SINK_ROW = { ring: "RB_2", owner: 0 };

/** A worker and its surroundings, which take notes of what is done to them. */
class Scene {
  readonly done: string[] = [];
  readonly logged: string[] = [];
  held: { ring: string; counter: number } | null = null;
  busyS = 0;
  state = "running";
  retiredAt: Date | null = null;
  readonly worker: WorkerHandle;
  readonly retirement: Retirement;

  constructor(options: { deadlineMs: number; sourceRows?: readonly OwnedRow[]; isProcess?: boolean }) {
    const { deadlineMs, sourceRows = [ROW], isProcess = true } = options;
    const worker = {
      label: "Fkt_2/0",
      workerNumber: 0,
      plan: { name: "Fkt_2", functionName: "f" },
      sourceRows,
      sinkRows: [SINK_ROW],
      life: { kill: () => this.done.push("kill") > 0 && isProcess },
      retire: () => {
        this.retiredAt = new Date(0);
        this.done.push("worker");
      },
    };
    Object.defineProperty(worker, "state", { get: () => this.state });
    Object.defineProperty(worker, "retiredAt", { get: () => this.retiredAt });
    this.worker = worker as unknown as WorkerHandle;
    const rings = {
      heldBy: () => this.held,
      retire: ({ ring, owner }: OwnedRow) => this.done.push(`${ring} ${owner}`),
    } as unknown as RunRings;
    const holds = { busyS: () => this.busyS } as unknown as HoldWatch;
    const onLog = (level: string, text: string) => this.logged.push(`${level} ${text}`);
    this.retirement = new Retirement({ rings, holds }, { deadlineMs, onLog });
  }
}

Deno.test("Retirement.order() retires sources before the worker, sinks only of importers, and each worker once", () => {
  const reader = new Scene({ deadlineMs: 0 });
  reader.retirement.order(reader.worker);
  reader.retirement.order(reader.worker);
  assertEquals([reader.done, reader.logged], [["RB_1 3", "worker"], ["info Fkt_2/0 (f) stops by command"]]);
  const importer = new Scene({ deadlineMs: 0, sourceRows: [] });
  importer.retirement.order(importer.worker);
  assertEquals(importer.done, ["RB_2 0", "worker"]);
  const gone = new Scene({ deadlineMs: 0 });
  gone.state = "ended";
  gone.retirement.order(gone.worker);
  assertEquals(gone.done, []);
});

Deno.test("Retirement.look() kills once who holds an event for too long, or does not return", () => {
  for (const held of [{ ring: "RB_1", counter: 7 }, null]) {
    const scene = new Scene({ deadlineMs: 0 });
    scene.retirement.order(scene.worker);
    Object.assign(scene, { held, busyS: 5 });
    assertEquals([scene.retirement.look(), scene.retirement.look()], [true, false]);
    assertEquals(scene.done, ["RB_1 3", "worker", "kill"]);
    assertEquals(scene.logged.length, 2);
    assertMatch(
      scene.logged[1],
      held === null ? /does not return; its process is killed$/ : /holds event 7 of RB_1; its/,
    );
  }
});

Deno.test("Retirement.look() leaves in peace who waits for a ring, has time left, or has ended", () => {
  const waiting = new Scene({ deadlineMs: 0.001 });
  waiting.retirement.order(waiting.worker);
  waiting.held = { ring: "RB_1", counter: 7 };
  waiting.retirement.look();
  const early = new Scene({ deadlineMs: 1e9 });
  early.retirement.order(early.worker);
  early.retirement.look();
  const ended = new Scene({ deadlineMs: 0 });
  ended.retirement.order(ended.worker);
  ended.state = "ended";
  ended.retirement.look();
  for (const { done } of [waiting, early, ended]) assertEquals(done.includes("kill"), false);
});

Deno.test("Retirement.look() says once that a thread cannot be ended", () => {
  const scene = new Scene({ deadlineMs: 0, isProcess: false });
  scene.retirement.order(scene.worker);
  assertEquals([scene.retirement.look(), scene.retirement.look()], [false, false]);
  assertEquals(scene.logged.length, 2);
  assertMatch(
    scene.logged[1],
    /^error stopped by command .* a thread cannot be ended; it is given up at the end of the run$/,
  );
});

import { refuseTooLargeRings } from "../../src/control/memory_check.ts";
import { SetupRefused } from "../../src/control/setup_refused.ts";
import { recordLayout } from "../../src/record/record_layout.ts";
import type { RingPlan } from "../../src/setup/plan.ts";
import { assertMatch, assertThrows } from "../../src/std/assert.js";

function ring(name: string, slots: number): RingPlan {
  const layout = recordLayout("float64", 125_000);
  return { name, slots, layout, writers: 1, groups: [], isRoot: true, pause: "wait" };
}

/** Rings of 100 and 300 MB. */
const RINGS = [ring("RB_1", 100), ring("RB_2", 300)];

Deno.test("refuseTooLargeRings() takes rings that fit together", () => {
  refuseTooLargeRings(RINGS, { sharedBytes: 401e6, availableBytes: 1e9 });
  refuseTooLargeRings(RINGS, { sharedBytes: Infinity, availableBytes: 401e6 });
});

Deno.test("refuseTooLargeRings() refuses rings that each would fit, and says which is the largest", () => {
  const shared = assertThrows(
    () => refuseTooLargeRings(RINGS, { sharedBytes: 350e6, availableBytes: 1e9 }),
    SetupRefused,
  );
  assertMatch(
    shared.message,
    /^Cannot make the rings: expected at most 350 MB \(free in \/dev\/shm\), found 400 MB in all; the largest is RB_2 with 300 slots of 1 MB; use fewer or smaller slots, .*mount/,
  );
  const memory = assertThrows(
    () => refuseTooLargeRings(RINGS, { sharedBytes: 1e9, availableBytes: 350e6 }),
    SetupRefused,
  );
  assertMatch(memory.message, /expected at most 350 MB \(of free memory\), found 400 MB/);
});

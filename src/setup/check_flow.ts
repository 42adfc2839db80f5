/** Checks rings and functions of a setup against each other: the data must flow from importers to an end. */
import type { FunctionDraft, RingDraft, SetupDraft } from "./draft.ts";
import type { Findings } from "./findings.ts";
import type { Place } from "./place.ts";
import { V1_MAIN_KEYS } from "./setup_keys.ts";

/** What the shared memory of one ring has room for. */
const MOST_GROUPS = 16;
const MOST_OWNERS = 512;

const MOST_BYTES = 64 * 2 ** 30;
/** Beside its columns each slot has a header of one cache line. */
const SLOT_HEADER_BYTES = 64;

/** True for a function that brings events in: it writes rings and neither reads nor observes any. */
export function isImporter(drafted: Pick<FunctionDraft, "assignments">): boolean {
  return drafted.assignments.length > 0 && drafted.assignments.every(({ use }) => use === "write");
}

/** Functions that do something with a ring, with the place where the setup says so. */
export function usersOf(
  ring: string,
  use: "read" | "write" | "observe",
  functions: readonly FunctionDraft[],
): { user: FunctionDraft; place: Place }[] {
  return functions.flatMap((user) =>
    user.assignments.filter((it) => it.ring === ring && it.use === use).map(({ place }) => ({ user, place }))
  );
}

/** True for a ring that is fed by importers only. */
export function isRootRing(ring: string, functions: readonly FunctionDraft[]): boolean {
  const writers = usersOf(ring, "write", functions);
  return writers.length > 0 && writers.every(({ user }) => isImporter(user));
}

/**
 * Checks that every ring is fed, that nothing flows in a circle and that the rings have room.
 *
 * @param draft The setup.
 * @param findings Takes problems and notices.
 */
export function checkFlow(draft: SetupDraft, findings: Findings): void {
  checkMemory(draft.rings, findings);
  checkCycles(draft, findings);
  for (const ring of draft.rings) {
    checkOwners(ring, draft, findings);
    if (draft.isComplete) checkFeed(ring, draft, findings);
  }
  const [first] = draft.rings;
  if (draft.isComplete && first !== undefined && draft.runEvents > 0 && !isRootRing(first.name, draft.functions)) {
    findings.note(
      first.place,
      `${V1_MAIN_KEYS.runEvents.name} counts the events of ${first.name}, which is not fed by importers`,
    );
  }
}

function checkFeed(ring: RingDraft, draft: SetupDraft, findings: Findings): void {
  const { name, place } = ring;
  const writers = usersOf(name, "write", draft.functions);
  const readers = usersOf(name, "read", draft.functions);
  if (writers.length === 0) {
    const users = draft.functions.filter(({ assignments }) => assignments.some((it) => it.ring === name));
    findings.refuseAt(place, "a function that writes into the ring", {
      found: users.length === 0
        ? "none that uses it"
        : `none, only functions at its other end (${users.map((it) => it.name).join(", ")})`,
    });
  } else if (readers.length === 0) {
    findings.note(place, "no function reads the ring, it runs free");
  }
  if (ring.pause !== null && !isRootRing(name, draft.functions)) {
    findings.note(place, "pause acts on rings that are fed by importers, here it has no effect");
  }
  if (draft.dialect === "v2" && readers.length > 1) {
    findings.note(
      place,
      `${readers.map(({ user }) => user.name).join(" and ")} share the events, each gets a part of them`,
    );
  }
}

function checkOwners(ring: RingDraft, draft: SetupDraft, findings: Findings): void {
  const readers = usersOf(ring.name, "read", draft.functions);
  const writers = usersOf(ring.name, "write", draft.functions);
  const groups = draft.dialect === "v2" ? Math.min(1, readers.length) : readers.length;
  if (groups > MOST_GROUPS) {
    findings.refuseAt(ring.place, `at most ${MOST_GROUPS} functions that read the ring`, { found: `${groups}` });
  }
  const owners = [...readers, ...writers].reduce((sum, { user }) => sum + user.workers, 0);
  if (owners > MOST_OWNERS) {
    findings.refuseAt(ring.place, `at most ${MOST_OWNERS} workers that read or write the ring`, { found: `${owners}` });
  }
}

function checkMemory(rings: readonly RingDraft[], findings: Findings): void {
  const sizes = rings.map((ring) =>
    ring.slots === null || ring.layout === null ? 0 : ring.slots * (ring.layout.recordBytes + SLOT_HEADER_BYTES)
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= MOST_BYTES) return;
  const largest = rings[sizes.indexOf(Math.max(...sizes))];
  findings.refuseAt(largest.place, `at most ${inGiB(MOST_BYTES)} for all rings`, {
    found: `${inGiB(Math.max(...sizes))} for ${largest.name} and ${inGiB(total)} in all`,
  });
}

function inGiB(bytes: number): string {
  return `${Number((bytes / 2 ** 30).toPrecision(3))} GiB`;
}

/** Follows the events from ring to ring; a ring that is met again on the way is part of a cycle. */
function checkCycles(draft: SetupDraft, findings: Findings): void {
  const finished = new Set<string>();
  const follow = (ring: string, way: readonly string[]): void => {
    for (const from of draft.functions) {
      if (!from.assignments.some((it) => it.ring === ring && it.use !== "write")) continue;
      for (const { ring: next, place } of from.assignments.filter(({ use }) => use === "write")) {
        const longer = [...way, from.name, next];
        // Every second name is a ring's; a function may have the same one.
        const start = longer.findIndex((name, i) => i % 2 === 0 && name === next);
        if (start < longer.length - 1) {
          const found = `the cycle ${longer.slice(start).join(" -> ")}`;
          findings.refuseAt(place, "a flow of data that comes to an end", { found });
        } else if (!finished.has(next)) {
          follow(next, longer);
        }
      }
    }
    finished.add(ring);
  };
  for (const { name } of draft.rings) if (!finished.has(name)) follow(name, [name]);
}

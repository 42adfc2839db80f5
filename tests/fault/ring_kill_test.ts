/**
 * Kills whoever works on a ring between any two of its stores to shared memory, and at random times. More kills with
 * `MIMOCORB_KILLS=100000`, the same again with `MIMOCORB_STRESS_SEED=…`; `scripts/kill_ring.ts` also lists the kill points.
 */
import { assert, assertEquals } from "../../src/std/assert.js";
import { IS_CI } from "../tools.ts";
import { buildRingProgram, compilerFor, runLimited } from "../stress/shm_ring_program.ts";
import { STRESS_SEED } from "../stress/stress_settings.ts";

const KILLS = Number(Deno.env.get("MIMOCORB_KILLS") || 6000);
const LEAST_KILLS = 2000;
const FOR_EVER = "-DWAIT_SLICE_NS=3600000000000LL"; // nobody wakes up by himself: a wake-up that is missed is a hang

const compiler = await compilerFor([]);
const skipped = compiler === null && !IS_CI;

function killTest(name: string, fn: (folder: string, compiler: string) => Promise<void>): void {
  Deno.test({
    name: skipped ? `${name} (skipped: there is no C compiler)` : name,
    ignore: skipped,
    async fn() {
      assert(compiler !== null, "expected a C compiler, found none");
      const folder = Deno.makeTempDirSync();
      try {
        await fn(folder, compiler);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}

/** Which kill points were visited and where somebody was killed or stopped, by role. */
function visitsAndKills(words: string): [visits: number, kills: number][][] {
  return Array.from(
    words.matchAll(/^point 0x\w+ (.*)$/gm),
    ([, counts]) => counts.split(" ").map((pair) => pair.split("/").map(Number) as [number, number]),
  );
}

killTest("ring: every store of every call may be the last of its process", async (folder, compiler) => {
  const program = await buildRingProgram("stress/shm_ring_steps.c", folder, {
    compiler,
    flags: [FOR_EVER],
    hasKillPoints: true,
  });
  const { code, words } = await runLimited(program, [], 300);
  assert(code === 0, `ended with code ${code}:\n${words}`);
  const points = visitsAndKills(words);
  const parent = 6; // role of the process that is not killed
  const visited = points.flatMap((roles) => roles.slice(0, parent)).filter(([visits]) => visits > 0);
  assert(points.length > 50, `expected the kill points of the whole helper, found ${points.length}`);
  assertEquals(visited.filter(([, kills]) => kills === 0).length, 0);
  console.log(`${words.split("\n")[0]}; ${visited.length} kill points, by role`);
});

killTest(`ring: nothing is lost, torn or doubled by ${KILLS} kills, seed ${STRESS_SEED}`, async (folder, compiler) => {
  const program = await buildRingProgram("fault/kill_ring.c", folder, {
    compiler,
    flags: [FOR_EVER],
    hasKillPoints: true,
  });
  const { code, words } = await runLimited(program, [String(STRESS_SEED), String(KILLS)], 120 + KILLS / 20);
  assert(code === 0, `kill_ring ${STRESS_SEED} ${KILLS} ended with code ${code}:\n${words}`);
  const line = words.trim().split("\n").find((text) => text.startsWith("{"))!;
  console.log(line);
  const found = JSON.parse(line);
  assert(found.kills >= Math.min(KILLS, LEAST_KILLS), `only ${found.kills} kills`);
  assert(found.atPoints > 0 && found.atTimes > 0 && found.redelivered > 0 && found.givenUp > 0, line);
  assert(found.drained > 0 && found.shutDown > 0 && found.abandoned > 0, line);
  assert(found.recoveryMedianUs > 0, line); // the time itself is printed: machines differ
  const left = Array.from(Deno.readDirSync("/dev/shm"), ({ name }) => name);
  assertEquals(left.filter((name) => name.startsWith(`mimocorb-${found.pid}-`)), []);
});

/** Faults put into the helper on purpose: what is changed, in which file, and into what. */
const FAULTS: readonly [fault: string, file: string, from: string, to: string][] = [
  [
    "events are counted before their words are changed",
    "words.h",
    "    put(&owner->release_target[outcome], target);\n",
    "    put(&owner->release_target[outcome], target);\n    put(&owner->released[outcome], target);\n",
  ],
  [
    "what a dead reader held stays with it",
    "recover.c",
    "hand_back(ring, row, word_sequence(word), READER_DIED);",
    ";",
  ],
  ["what a dead writer claimed stays claimed", "recover.c", "make_void(ring, row, word_sequence(word));", ";"],
  ["a death leaves no trace in the word", "recover.c", "word_extra(held) | reason", "word_extra(held) | READER_LEFT"],
  ["what was changed and not counted is lost", "recover.c", "    finish_counting(ring, (uint32_t)row);\n", ""],
  [
    "a recoverer's death between word and number leaves the event unseen",
    "recover.c",
    "    atomic_fetch_add_explicit(&ring->header->group[owner->group].handed_back, 1, memory_order_release);\n    return",
    "    return",
  ],
  [
    "a group ends although a dead reader holds an event",
    "reader.c",
    "        if (word_phase(word) == EVENT_HELD) return 0;\n",
    "",
  ],
];

for (const [fault, file, from, to] of FAULTS) {
  killTest(`the kill points find a broken helper: ${fault}`, async (folder, compiler) => {
    let applied = 0;
    const program = await buildRingProgram("stress/shm_ring_steps.c", folder, {
      compiler,
      flags: ["-DSECONDS=60", "-Wno-error"],
      hasKillPoints: true,
      patch(name, text) {
        if (name !== file) return text;
        applied = text.split(from).length - 1;
        return text.replace(from, () => to);
      },
    });
    assertEquals(applied, 1, `expected once in ${file}: ${from}`);
    const { code, words } = await runLimited(program, [], 120);
    assert(code !== 0, `the fault was not found:\n${words}`);
    assert(words.includes("shm_ring stress: "), `ended with code ${code} for another reason:\n${words}`);
  });
}

/**
 * Builds the C stress programs of the shared-memory ring and runs them: plain, with pauses between all atomic operations, and
 * under the sanitizers. Longer with `MIMOCORB_STRESS_SECONDS=60`, again the same with `MIMOCORB_STRESS_SEED=…`.
 */
import { assert } from "../../src/std/assert.js";
import { IS_CI } from "../tools.ts";
import { buildRingProgram, compilerFor, runLimited } from "./shm_ring_program.ts";
import { STRESS_SECONDS, STRESS_SEED } from "./stress_settings.ts";

const SKIPPED = 77; // exit code of a program that cannot run here

interface Play {
  desc: string;
  program: "shm_ring_stress" | "shm_ring_steps" | "shm_ring_wakes";
  args: readonly string[];
  flags: readonly string[];
  /** The compiler that it needs. @default {whichever is there} */
  compiler?: string;
}

const seconds = String(STRESS_SECONDS);
const seed = String(STRESS_SEED);
const isLong = STRESS_SECONDS > 10;
const KILLS = isLong ? "3000" : "300";
const STRIDE = isLong ? "1" : "23"; // every instruction, or every 23rd from a random one on
const FOR_EVER = "-DWAIT_SLICE_NS=3600000000000LL"; // nobody wakes up by himself: a wake-up that is missed is a hang
const CHAOS = ["-O2", FOR_EVER, "-include", "shm_ring_chaos.h"];

const PLAYS: readonly Play[] = [
  {
    desc: "wakes every sleeper",
    program: "shm_ring_wakes",
    args: [],
    flags: ["-O2", FOR_EVER],
  },
  {
    desc: "survives death, and others' work, at every step of every call",
    program: "shm_ring_steps",
    args: [STRIDE, String(STRESS_SEED % Number(STRIDE))],
    flags: ["-O2", "-Wl,-z,now"], // no steps through the loader
  },
  {
    desc: "survives SIGKILL at any time",
    program: "shm_ring_stress",
    args: ["processes", seconds, seed, KILLS],
    flags: ["-O2"],
  },
  {
    desc: "loses nothing when threads die and wake-ups are all there is",
    program: "shm_ring_stress",
    args: ["threads", seconds, seed],
    flags: ["-O2", FOR_EVER],
  },
  {
    desc: "loses nothing when threads meet in the middle of every step",
    program: "shm_ring_stress",
    args: ["threads", seconds, seed],
    flags: CHAOS,
  },
  {
    desc: "begins and ends thousands of rings of one to three events",
    program: "shm_ring_stress",
    args: ["ends", seconds, seed],
    flags: CHAOS,
  },
  {
    desc: "has no data race that the thread sanitizer sees",
    program: "shm_ring_stress",
    args: ["threads", seconds, seed],
    flags: ["-O1", "-fsanitize=thread", "-Wno-error"], // it warns that it does not know fences
  },
  {
    desc: "has no data race that clang's thread sanitizer sees",
    program: "shm_ring_stress",
    args: ["threads", seconds, seed],
    flags: ["-O1", "-fsanitize=thread"],
    compiler: "clang",
  },
  {
    desc: "has no memory error that the address sanitizer sees",
    program: "shm_ring_stress",
    args: ["threads", seconds, seed],
    flags: ["-O1", "-fsanitize=address"],
  },
  {
    desc: "has no memory error in processes either",
    program: "shm_ring_stress",
    args: ["processes", seconds, seed],
    flags: ["-O1", "-fsanitize=address"],
  },
  {
    desc: "does nothing undefined that the sanitizer sees",
    program: "shm_ring_stress",
    args: ["threads", seconds, seed],
    flags: ["-O1", "-fsanitize=undefined", "-fno-sanitize-recover=all"],
  },
];

const compilers = new Map<string, string | null>();
async function compilerOf({ flags, compiler }: Play): Promise<string | null> {
  const sanitizers = flags.filter((flag) => flag.startsWith("-fsanitize"));
  const key = [compiler, ...sanitizers].join();
  if (!compilers.has(key)) compilers.set(key, await compilerFor(sanitizers, compiler ? [compiler] : undefined));
  return compilers.get(key)!;
}

for (const play of PLAYS) {
  const { desc, program, args, flags } = play;
  const compiler = await compilerOf(play);
  const needed = `${play.compiler ?? "a C compiler"} with ${flags.find((flag) => flag.startsWith("-fs")) ?? "threads"}`;
  const ignore = compiler === null && !IS_CI;
  Deno.test({
    name: `shm_ring ${desc}: ${program} ${args.join(" ")}${ignore ? ` (skipped: there is no ${needed})` : ""}`,
    ignore,
    async fn() {
      assert(compiler !== null, `expected ${needed}, found none`);
      const folder = Deno.makeTempDirSync();
      try {
        const path = await buildRingProgram(`stress/${program}.c`, folder, { compiler, flags });
        const done = await runLimited(path, args, 10 * STRESS_SECONDS + 300);
        if (done.code === SKIPPED) {
          console.warn(`${program}: skipped, processes may not be traced here`);
          return;
        }
        assert(done.code === 0, `${program} ${args.join(" ")} ended with code ${done.code}:\n${done.words}`);
        console.log(done.words.trim());
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}

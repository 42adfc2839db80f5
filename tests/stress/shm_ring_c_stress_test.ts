/**
 * Builds the C stress programs of the shared-memory ring and runs them: plain, with pauses between all atomic operations, and
 * under the sanitizers. Longer with `MIMOCORB_STRESS_SECONDS=60`, again the same with `MIMOCORB_STRESS_SEED=…`.
 */
import { assert } from "../../src/std/assert.js";
import { STRESS_SECONDS, STRESS_SEED } from "./stress_settings.ts";

const HERE = new URL(".", import.meta.url).pathname;
const HELPER = new URL("../../drivers/shm_ring/", import.meta.url).pathname;
const SKIPPED = 77; // exit code of a program that cannot run here
const FLAGS = ["-std=gnu11", "-g", "-Wall", "-Wextra", "-Werror", "-I", HERE, "-I", HELPER];

async function run(command: string, args: readonly string[], limitS: number) {
  let status: Deno.CommandOutput;
  try {
    status = await new Deno.Command("timeout", {
      args: ["-k", "5", String(limitS), command, ...args],
      stdout: "piped",
      stderr: "piped",
      env: { TSAN_OPTIONS: "halt_on_error=1", UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1" },
    }).output();
  } catch {
    return { code: 127, words: `cannot start ${command}` };
  }
  const words = new TextDecoder().decode(status.stdout) + new TextDecoder().decode(status.stderr);
  return {
    code: status.code,
    words: status.code === 124 ? `${words}\nstopped by the watchdog after ${limitS} s` : words,
  };
}

/** The first compiler that can make a running program with these flags, or null. */
async function compilerFor(flags: readonly string[]): Promise<string | null> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/empty.c`, "int main(void) { return 0; }\n");
    for (const compiler of [Deno.env.get("CC"), "gcc", "clang", "cc"]) {
      if (!compiler) continue;
      const built = await run(compiler, [...flags, "-o", `${folder}/empty`, `${folder}/empty.c`, "-lpthread"], 60);
      if (built.code === 0 && (await run(`${folder}/empty`, [], 10)).code === 0) return compiler;
    }
    return null;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

interface Play {
  desc: string;
  program: "shm_ring_stress" | "shm_ring_steps" | "shm_ring_wakes";
  args: readonly string[];
  flags: readonly string[];
}

const seconds = String(STRESS_SECONDS);
const seed = String(STRESS_SEED);
const isLong = STRESS_SECONDS > 10;
const KILLS = isLong ? "3000" : "300";
const STRIDE = isLong ? "1" : "11"; // every instruction, or every eleventh from a random one on
const FOR_EVER = "-DWAIT_SLICE_NS=3600000000000LL"; // nobody wakes up by himself: a wake-up that is missed is a hang
const CHAOS = ["-O2", FOR_EVER, "-include", `${HERE}shm_ring_chaos.h`];

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
for (const { flags } of PLAYS) {
  const sanitizer = flags.filter((flag) => flag.startsWith("-fsanitize"));
  const key = sanitizer.join();
  if (!compilers.has(key)) compilers.set(key, await compilerFor(sanitizer));
}

for (const { desc, program, args, flags } of PLAYS) {
  const sanitizer = flags.filter((flag) => flag.startsWith("-fsanitize"));
  const compiler = compilers.get(sanitizer.join())!;
  const reason = compiler === null ? ` (skipped: no C compiler with ${sanitizer.join() || "threads"})` : "";
  Deno.test({
    name: `shm_ring ${desc}: ${program} ${args.join(" ")}${reason}`,
    ignore: compiler === null,
    async fn() {
      const folder = Deno.makeTempDirSync();
      try {
        const sources = Array.from(Deno.readDirSync(HELPER), (entry) => entry.name).filter((name) =>
          name.endsWith(".c")
        );
        const built = await run(compiler, [
          ...FLAGS,
          ...flags,
          "-o",
          `${folder}/${program}`,
          `${HERE}${program}.c`,
          ...sources.map((name) => HELPER + name),
          "-lpthread",
        ], 120);
        assert(built.code === 0, `"${compiler}" cannot build ${program}:\n${built.words}`);
        const done = await run(`${folder}/${program}`, args, 10 * STRESS_SECONDS + 300);
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

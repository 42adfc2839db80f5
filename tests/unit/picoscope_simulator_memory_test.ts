/** The simulated libraries under memory and thread checkers. */
import { assertEquals } from "../../src/std/assert.js";
import {
  type SimulatorFamily,
  simulatorFlags,
  simulatorSources,
} from "../../drivers/picoscope/simulator/open_simulator.ts";
import { toolTest } from "../tools.ts";

const EXERCISE = new URL("./picoscope_simulator_exercise.c", import.meta.url);
const LIMIT_S = "120";

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("timeout", {
    args: ["-k", "5", LIMIT_S, command, ...args],
    cwd,
    env: { ASAN_OPTIONS: "detect_leaks=1", TSAN_OPTIONS: "halt_on_error=1" },
  }).output();
  const words = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals(code, 0, `${command} ${args.join(" ")} ended with code ${code}:\n${words}`);
  return words;
}

interface Program {
  family: SimulatorFamily;
  compiler: string;
  flags: readonly string[];
}

/** Builds the exercise with a family's sources, and gives the folder to `play`. */
async function withProgram(program: Program, play: (folder: string) => Promise<void>): Promise<void> {
  const { family, compiler, flags } = program;
  const folder = Deno.makeTempDirSync();
  try {
    const sources = simulatorSources(family);
    for (const [name, text] of Object.entries(sources)) Deno.writeTextFileSync(`${folder}/${name}`, text);
    Deno.copyFileSync(EXERCISE, `${folder}/exercise.c`);
    const files = ["exercise.c", ...Object.keys(sources).filter((name) => name.endsWith(".c"))];
    const all = ["-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", ...flags, "-o", "exercise", ...files];
    await run(compiler, [...all, ...simulatorFlags(family)], folder);
    await play(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The first compiler that can make a running program with these flags, or null. */
async function compilerFor(flags: readonly string[]): Promise<string | null> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/empty.c`, "int main(void) { return 0; }\n");
    for (const compiler of [Deno.env.get("CC"), "gcc", "clang", "cc"]) {
      if (!compiler) continue;
      try {
        await run(compiler, [...flags, "-o", "empty", "empty.c"], folder);
        await run(`${folder}/empty`, [], folder);
        return compiler;
      } catch {
        continue;
      }
    }
    return null;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const SANITIZERS = [
  {
    name: "address and undefined behaviour",
    flags: ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    families: ["ps5000a", "psospa"],
  },
  { name: "threads", flags: ["-fsanitize=thread"], families: ["ps5000a"] },
] as const;

for (const { name, flags, families } of SANITIZERS) {
  const compiler = await compilerFor(flags);
  const reason = compiler === null ? ` (skipped: no C compiler with ${flags[0]})` : "";
  for (const family of families) {
    Deno.test({
      name: `simulator of ${family} passes the sanitizer of ${name}${reason}`,
      ignore: compiler === null,
      fn: () =>
        withProgram({ family, compiler: compiler!, flags }, async (folder) => {
          assertEquals(await run(`${folder}/exercise`, ["6"], folder), "0 handles\n");
        }),
    });
  }
}

toolTest(
  "valgrind",
  "simulator of ps5000a leaks nothing under valgrind",
  (valgrind) =>
    withProgram({ family: "ps5000a", compiler: "cc", flags: [] }, async (folder) => {
      // A detached thread that is about to end when the program does still has the memory that the C library gave it.
      const kinds = "definite,indirect";
      const flags = ["-q", "--leak-check=full", `--show-leak-kinds=${kinds}`, `--errors-for-leak-kinds=${kinds}`];
      flags.push("--error-exitcode=3");
      assertEquals(await run(valgrind, [...flags, `${folder}/exercise`, "2"], folder), "0 handles\n");
    }),
);

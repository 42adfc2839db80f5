/** Builds the C programs that test the shared-memory ring's helper, and runs them. */

/** Folder of the helper's sources. */
const HELPER = new URL("../../drivers/shm_ring/", import.meta.url);
const STRESS = new URL(".", import.meta.url).pathname;
const FAULT = new URL("../fault/", import.meta.url).pathname;
const FLAGS = ["-std=gnu11", "-g", "-Wall", "-Wextra", "-Werror", "-I", STRESS, "-I", FAULT];
/** A thread sanitizer that comes with the program instead of the compiler, see kill_points.h. */
const POINT_FLAGS = ["-O1", "-fsanitize=thread", "-Wno-tsan", "-Wno-unknown-warning-option"];
const POINT_LINK_FLAGS = ["-O2", "-no-pie", "-DKILL_POINTS", "-Wl,--wrap=syscall,--wrap=mmap"];

/** What a command said, and how it ended; 124: stopped because it took too long, 127: could not be started. */
export interface CommandResult {
  readonly code: number;
  /** Both outputs. */
  readonly words: string;
}

/** Runs a command and stops it after a time. */
export async function runLimited(command: string, args: readonly string[], limitS: number): Promise<CommandResult> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command("timeout", {
      args: ["-k", "5", String(limitS), command, ...args],
      stdout: "piped",
      stderr: "piped",
      env: { TSAN_OPTIONS: "halt_on_error=1", UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1" },
    }).output();
  } catch {
    return { code: 127, words: `cannot start ${command}` };
  }
  const words = new TextDecoder().decode(output.stdout) + new TextDecoder().decode(output.stderr);
  const isLate = output.code === 124 || output.code === 137;
  return { code: output.code, words: isLate ? `${words}\nstopped by the watchdog after ${limitS} s` : words };
}

/** The first compiler that can make a running program with these flags, or null. */
export async function compilerFor(
  flags: readonly string[],
  names: readonly string[] = [Deno.env.get("CC") ?? "", "gcc", "clang", "cc"],
): Promise<string | null> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/empty.c`, "int main(void) { return 0; }\n");
    for (const name of names) {
      if (name === "") continue;
      const built = await runLimited(name, [...flags, "-o", `${folder}/empty`, `${folder}/empty.c`, "-lpthread"], 60);
      if (built.code === 0 && (await runLimited(`${folder}/empty`, [], 10)).code === 0) return name;
    }
    return null;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** What to build. */
export interface RingProgramOptions {
  /** Compiler command. */
  compiler: string;
  /** Flags for all files. @default {[]} */
  flags?: readonly string[];
  /** Build it with kill points between all stores to shared memory. @default {false} */
  hasKillPoints?: boolean;
  /** Changes the helper's sources before they are compiled. @default {no change} */
  patch?: (file: string, text: string) => string;
}

/**
 * Compiles a program together with the helper's sources.
 *
 * @param source Path of the program's C file, from the folder `tests`.
 * @param folder Where to put it, an empty folder.
 * @returns Path of the program.
 * @throws {Error} With the compiler's words.
 */
export async function buildRingProgram(source: string, folder: string, options: RingProgramOptions): Promise<string> {
  const { compiler, flags = [], hasKillPoints = false, patch = (_file, text) => text } = options;
  const files: string[] = [];
  for (const { name } of Deno.readDirSync(HELPER)) {
    if (!/\.[ch]$/.test(name)) continue;
    Deno.writeTextFileSync(`${folder}/${name}`, patch(name, Deno.readTextFileSync(new URL(name, HELPER))));
    if (name.endsWith(".c")) files.push(`${folder}/${name}`);
  }
  const common = [...FLAGS, "-I", folder, ...flags];
  const program = `${folder}/${source.split("/").at(-1)!.replace(/\.c$/, "")}`;
  const main = `${STRESS}../${source}`;
  const compile = async (args: readonly string[]) => {
    const { code, words } = await runLimited(compiler, [...common, ...args], 120);
    if (code !== 0) {
      throw new Error(`Cannot build "${source}" with "${compiler}": it ended with code ${code}:\n${words}`);
    }
  };
  if (hasKillPoints) {
    const objects = files.map((file) => file.replace(/c$/, "o"));
    await Promise.all(files.map((file, i) => compile([...POINT_FLAGS, "-c", "-o", objects[i], file])));
    await compile([...POINT_LINK_FLAGS, "-o", program, main, `${FAULT}kill_points.c`, ...objects, "-lpthread"]);
  } else {
    await compile(["-o", program, main, ...files, "-lpthread"]);
  }
  return program;
}

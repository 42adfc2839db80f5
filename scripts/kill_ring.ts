/**
 * The long version of tests/fault/ring_kill_test.ts: kills whoever works on a ring, a hundred thousand times.
 *
 *     deno run -A scripts/kill_ring.ts [--kills 100000] [--seed N] [--list]
 *
 * Prints its progress and at the end one line of JSON. `--list` also prints the kill points with their places in the
 * source, and how often each role was killed there (needs addr2line). Exit code 1 if anything was lost, torn, doubled
 * without flag, left behind, or hung; the message says what.
 */
import { parseArgs } from "../src/std/parse_args.js";
import { buildRingProgram, compilerFor } from "../tests/stress/shm_ring_program.ts";

const ROLES = ["writer", "reader", "observer", "recoverer", "steerer"];

const { kills = "100000", seed = String(crypto.getRandomValues(new Uint32Array(1))[0]), list } = parseArgs(Deno.args, {
  string: ["kills", "seed"],
  boolean: ["list"],
}) as { kills?: string; seed?: string; list?: boolean };

/** Functions and lines of some addresses, the innermost first; the addresses themselves without addr2line. */
async function placesOf(program: string, addresses: readonly string[]): Promise<string[]> {
  try {
    const before = addresses.map((address) => `0x${(Number(address) - 1).toString(16)}`); // in the call, not behind it
    const { stdout } = await new Deno.Command("addr2line", { args: ["-e", program, "-f", "-i", "-p", ...before] })
      .output();
    const lines = new TextDecoder().decode(stdout).trim().split(/\n(?! \(inlined by\))/);
    return lines.map((line) =>
      line.split(/\n \(inlined by\) /).map((frame) => frame.replace(/ at .*\//, " ")).join(" < ").replaceAll(
        / \(disc\S* \d+\)/g,
        "",
      )
    );
  } catch {
    return [...addresses];
  }
}

/** One line per kill point, numbered in the order of the code. */
async function listPoints(program: string, lines: readonly string[]): Promise<void> {
  const points = lines.map((line) => line.split(" ").slice(1));
  const places = await placesOf(program, points.map(([address]) => address));
  points.forEach(([, ...counts], i) => {
    const killed = ROLES.flatMap((role, r) => {
      const [visits, kills] = counts[r].split("/").map(Number);
      return visits > 0 ? [`${role} ${kills}`] : [];
    });
    if (killed.length > 0) console.log(`${String(i + 1).padStart(4)}  ${places[i]}: ${killed.join(", ")}`);
  });
}

const compiler = await compilerFor([]);
if (compiler === null) {
  console.error("Cannot kill anybody: expected a C compiler, found none; install gcc or clang");
  Deno.exit(1);
}
const folder = Deno.makeTempDirSync();
let exitCode = 1;
try {
  const program = await buildRingProgram("fault/kill_ring.c", folder, {
    compiler,
    flags: ["-DWAIT_SLICE_NS=3600000000000LL"],
    hasKillPoints: true,
  });
  console.error(`${kills} kills, seed ${seed}`);
  const child = new Deno.Command(program, { args: [seed, kills, "list"], stdout: "piped", stderr: "inherit" }).spawn();
  const { code, stdout } = await child.output();
  exitCode = code === 0 ? 0 : 1;
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  if (list) await listPoints(program, lines.filter((line) => line.startsWith("point ")));
  const report = lines.find((line) => line.startsWith("{"));
  if (report !== undefined) {
    const found = JSON.parse(report);
    const left = Array.from(Deno.readDirSync("/dev/shm")).filter(({ name }) =>
      name.startsWith(`mimocorb-${found.pid}-`)
    );
    console.log(JSON.stringify({ ...found, segmentsLeft: left.length }));
    if (left.length > 0) exitCode = 1;
  }
} finally {
  Deno.removeSync(folder, { recursive: true });
}
Deno.exit(exitCode);

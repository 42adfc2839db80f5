/** Everything that CI checks, one step after the other; ends with a line `N passed, N failed`. Exit code 1 on any failure. */

interface Step {
  readonly name: string;
  readonly args: readonly string[];
  /** True if the step's own count of tests is taken; otherwise it counts as one check. */
  readonly countsTests?: boolean;
}

const GOLDEN = "../shared/golden";

const STEPS: readonly Step[] = [
  { name: "tests", args: ["task", "test"], countsTests: true },
  { name: "format", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "types", args: ["check", "mod.ts", "run_daq.ts", "src", "drivers", "examples", "scripts", "tests"] },
  { name: "import directions", args: ["run", "-A", "scripts/check_imports.ts"] },
  {
    name: "doc tests",
    args: ["test", "-A", "--doc", "--permit-no-files", "mod.ts", "src", "drivers"],
    countsTests: true,
  },
  { name: "publish dry run", args: ["publish", "--dry-run", "--allow-dirty"] },
  ...(exists(GOLDEN) ? [{ name: "golden folder", args: ["run", "-A", "scripts/check_golden.ts", GOLDEN] }] : []),
];

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** Runs a command, shows its output as it comes, and returns it with the exit code. */
async function run(args: readonly string[]): Promise<{ success: boolean; text: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let text = "";
  const show = async (stream: ReadableStream<Uint8Array>, to: { writeSync(data: Uint8Array): number }) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      to.writeSync(chunk);
      text += decoder.decode(chunk, { stream: true });
    }
  };
  await Promise.all([show(child.stdout, Deno.stdout), show(child.stderr, Deno.stderr)]);
  return { success: (await child.status).success, text };
}

let passed = 0;
let failed = 0;
const failures: string[] = [];
for (const step of STEPS) {
  console.log(`\n== ${step.name}`);
  const began = performance.now();
  const { success, text } = await run(step.args);
  // A test may print the results of others: the last line counts.
  const counts = step.countsTests ? [...text.matchAll(/(\d+) passed[^|]*\| (\d+) failed/g)].at(-1) ?? null : null;
  passed += counts ? Number(counts[1]) : success ? 1 : 0;
  const failedHere = Math.max(counts ? Number(counts[2]) : 0, success ? 0 : 1);
  failed += failedHere;
  if (failedHere > 0) failures.push(step.name);
  console.log(`== ${step.name}: ${success ? "ok" : "FAILED"} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}
if (failures.length > 0) console.log(`\nFailed: ${failures.join(", ")}`);
console.log(`\n${passed} passed, ${failed} failed`);
Deno.exit(failed > 0 ? 1 : 0);

/** `run_daq.ts recover [RUN_DIRECTORY]`: finishes what a killed program left. */
import { abandonedRuns } from "../control/abandoned_runs.ts";
import { describeRecovery } from "../control/describe_recovery.ts";
import { RecoveryRefused } from "../control/killed_run.ts";
import { recoverRun, type RecoveryResult } from "../control/recover_run.ts";

/** Text of `recover --help`. */
export const RECOVER_HELP = `Finishes the directory of a run whose program was killed.

Usage: deno run -A run_daq.ts recover [RUN_DIRECTORY]

Saves the events that are still in shared memory as journals in RUN_DIRECTORY/recovered, cuts torn ends off files and
completes them, closes the books, completes run.yaml, and frees the shared memory. Without a directory it lists the killed
runs of this machine. May be repeated.

Exit code: 0 finished or nothing to do, 1 something could not be saved, 2 refused.
`;

/**
 * Does what the words after `recover` ask for.
 *
 * @param args Those words.
 * @returns The exit code.
 */
export async function recoverCommand(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(RECOVER_HELP.trimEnd());
    return 0;
  }
  const option = args.find((word) => word.startsWith("-"));
  if (option !== undefined) {
    return refuse(`Cannot read the command line: expected a run directory or --help, found "${option}"`);
  }
  if (args.length > 1) {
    const found = args.map((word) => `"${word}"`).join(", ");
    return refuse(`Cannot read the command line: expected one run directory, found ${found}`);
  }
  if (args.length === 0) return list();
  try {
    const result = await recoverRun(args[0]);
    console.log(describeRecovery(result).trimEnd());
    return result.kind === "recovered" && !isWhole(result) ? 1 : 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof RecoveryRefused ? 2 : 1;
  }
}

function isWhole({ record, ledger }: Extract<RecoveryResult, { kind: "recovered" }>): boolean {
  return record.recovery!.notes.length === 0 && ledger.residual === 0;
}

function list(): number {
  const directories = abandonedRuns();
  if (directories.length === 0) console.log("No killed run has left events in shared memory");
  for (const directory of directories) console.log(`recover ${directory}`);
  return 0;
}

function refuse(message: string): number {
  console.error(message);
  return 2;
}

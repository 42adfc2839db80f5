/** The program `run_daq.ts`. */
import { SetupRefused } from "../control/setup_refused.ts";
import { RunMimoDAQ } from "../control/run_mimo_daq.ts";
import { VERSION } from "../control/version.ts";
import { RunMonitor } from "../monitor/run_monitor.ts";
import { RingError } from "../ring/ring_error.ts";
import { HELP, parseArguments, type RunArguments } from "./arguments.ts";

/** Exit codes of the program. */
export const EXIT_COMPLETE = 0;
export const EXIT_FAILED = 1;
export const EXIT_REFUSED = 2;

/**
 * Does what the command line asks for.
 *
 * @param args The program's arguments.
 * @returns The exit code. The caller must exit with it: threads that hang, and nothing else, may be left.
 */
export async function main(args: readonly string[]): Promise<number> {
  if (args[0] === "convert") return (await import("./convert_command.ts")).convertCommand(args.slice(1));
  if (args[0] === "recover") return (await import("./recover_command.ts")).recoverCommand(args.slice(1));
  const request = parseArguments(args);
  switch (request.kind) {
    case "help":
      console.log(HELP.trimEnd());
      return EXIT_COMPLETE;
    case "version":
      console.log(`mimocorb ${VERSION} (deno ${Deno.version.deno}, v8 ${Deno.version.v8})`);
      return EXIT_COMPLETE;
    case "refused":
      console.error(request.message);
      return EXIT_REFUSED;
    case "run":
      return await takeData(request.arguments, args);
  }
}

async function takeData(options: RunArguments, commandLine: readonly string[]): Promise<number> {
  try {
    const daq = new RunMimoDAQ(options.setupFile, {
      verbose: options.verbose,
      debug: options.debug,
      runEvents: options.runEvents,
      runtimeS: options.runtimeS,
      outputDirectory: options.output,
      deadlineS: options.deadlineS,
      isolation: options.isolation,
      keyboard: options.keyboard,
      signals: true,
      commandLine,
      ...(options.dryRun ? {} : { watcher: new RunMonitor({ address: options.web, keepsOpen: options.keepOpen }) }),
    });
    if (options.dryRun) {
      console.log((await daq.check()).trimEnd());
      return EXIT_COMPLETE;
    }
    await daq.setup();
    return (await daq.run()).exitCode;
  } catch (error) {
    return explain(error, options.debug);
  }
}

/** Says what went wrong in a way that helps whoever wrote the setup; stack traces are for developers. */
function explain(error: unknown, debug: boolean): number {
  if (error instanceof SetupRefused) {
    for (const problem of error.problems) console.error(problem);
    console.error(`Setup refused: ${error.problems.length} ${error.problems.length === 1 ? "problem" : "problems"}`);
  } else if (error instanceof Deno.errors.NotCapable) {
    console.error(`Cannot run: expected all permissions, found fewer (${error.message}); start it with "deno run -A"`);
  } else {
    console.error(error instanceof Error ? error.message : String(error));
  }
  if (debug && error instanceof Error) console.error(error.stack);
  return error instanceof SetupRefused || error instanceof RingError ? EXIT_REFUSED : EXIT_FAILED;
}

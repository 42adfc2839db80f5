/** `run_daq.ts convert FILE... --to FORMAT`. */
import { type Conversion, ConversionRefused, convertFile } from "./convert_file.ts";
import { CONVERT_HELP, type ConvertArguments, parseConvertArguments } from "./convert_arguments.ts";
import { outputsFor } from "./convert_outputs.ts";
import { standardProgressOutput } from "./progress_line.ts";

/** Exit codes, the worst one of all files counts. */
const EXIT_COMPLETE = 0;
const EXIT_LOST = 1;
const EXIT_REFUSED = 2;

/**
 * Does what the words after `convert` ask for.
 *
 * @param args Those words.
 * @returns The exit code.
 */
export async function convertCommand(args: readonly string[]): Promise<number> {
  const request = parseConvertArguments(args);
  switch (request.kind) {
    case "help":
      console.log(CONVERT_HELP.trimEnd());
      return EXIT_COMPLETE;
    case "refused":
      console.error(request.message);
      return EXIT_REFUSED;
    case "convert":
      return await convertAll(request.arguments);
  }
}

async function convertAll(options: ConvertArguments): Promise<number> {
  let jobs: ReturnType<typeof outputsFor>;
  try {
    jobs = outputsFor(options);
  } catch (error) {
    console.error(messageOf(error));
    return EXIT_REFUSED;
  }
  const stop = new StopRequest();
  const progress = standardProgressOutput();
  let exitCode = EXIT_COMPLETE;
  try {
    for (const { input, output } of jobs) {
      if (stop.isRequested) break;
      try {
        const conversion = await convertFile(input, output, {
          ...options,
          progress,
          isStopped: () => stop.isRequested,
        });
        report(conversion, { input, output });
        if (conversion.faults.length > 0) exitCode = Math.max(exitCode, EXIT_LOST);
      } catch (error) {
        console.error(messageOf(error));
        exitCode = Math.max(exitCode, error instanceof ConversionRefused ? EXIT_REFUSED : EXIT_LOST);
      }
    }
    return stop.isRequested ? Math.max(exitCode, EXIT_LOST) : exitCode;
  } finally {
    stop.close();
  }
}

function report(conversion: Conversion, { input, output }: { readonly input: string; readonly output: string }): void {
  const { events, bytes, seconds, notes, faults } = conversion;
  const megabytes = (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0);
  console.log(`${input} -> ${output}: ${events} events, ${megabytes} MB read in ${seconds.toFixed(2)} s`);
  for (const note of notes) console.error(`Note: ${note}`);
  for (const fault of faults) console.error(`Not whole: ${fault}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Ctrl-C and the like end a conversion in order: its half file is removed. */
class StopRequest {
  static readonly #SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  isRequested = false;
  readonly #listener = () => {
    this.isRequested = true;
  };

  constructor() {
    for (const signal of StopRequest.#SIGNALS) Deno.addSignalListener(signal, this.#listener);
  }

  close(): void {
    for (const signal of StopRequest.#SIGNALS) Deno.removeSignalListener(signal, this.#listener);
  }
}

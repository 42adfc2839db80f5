/** Runs a setup with little patience for the loading of modules. */
import { RunMimoDAQ } from "../../src/control/run_mimo_daq.ts";

try {
  await new RunMimoDAQ(Deno.args[0], { loadTimeoutS: 0.7 }).setup();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(2);
}

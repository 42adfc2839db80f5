/** Starts data taking: `deno run -A run_daq.ts [options] [setup.yaml]`; `--help` says more. */
import { main } from "./src/cli/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

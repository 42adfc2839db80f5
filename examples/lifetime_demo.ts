/**
 * The lifetime example from the beginning to the result: takes 20,000 simulated events with `lifetime_setup.yaml`, then fits
 * the muon lifetime to the decay times in the text file that the run wrote. `deno task demo` runs it.
 *
 *     deno run -A examples/lifetime_demo.ts [NUMBER_OF_EVENTS]
 */
import { fitExponential, readTextTable, RunMimoDAQ } from "../mod.ts";

const MUON_LIFETIME_NS = 2197;
/** Earlier decays hide behind the first pulse; later ones are so rare that pulses at the end of the waveform are missed. */
const WINDOW_NS = { tMin: 200, tMax: 12_000 };
const LEAST_ENTRIES = 20;

const runEvents = Number(Deno.args[0] ?? 20_000);
if (!Number.isSafeInteger(runEvents) || runEvents < 1) {
  console.error(`Cannot run the demo: expected a number of events, found "${Deno.args[0]}"`);
  Deno.exit(2);
}
Deno.chdir(import.meta.dirname!);
const daq = new RunMimoDAQ("lifetime_setup.yaml", { runEvents, keyboard: true, signals: true });
await daq.setup();
const { exitCode, runDirectory, record } = await daq.run();

const table = readTextTable(`${runDirectory}/muon_lifetime.txt`);
const fit = fitExponential(table.columns.get("decay time (ns)")!, WINDOW_NS);
const [{ published: taken }] = record.ledger;
console.log(`\nDecays: ${table.rows} of ${taken} events, ${fit.entries} of them between 0.2 and 12 µs`);
if (fit.state === "ok" && fit.entries >= LEAST_ENTRIES) {
  const pull = (fit.lifetime - MUON_LIFETIME_NS) / fit.standardError;
  console.log(
    `Muon lifetime: (${fit.lifetime.toFixed(0)} ± ${fit.standardError.toFixed(0)}) ns; ` +
      `simulated with ${MUON_LIFETIME_NS} ns, ${Math.abs(pull).toFixed(1)} standard errors away`,
  );
} else {
  const reason = fit.state === "ok" ? `expected ${LEAST_ENTRIES} decays or more` : fit.reason;
  console.log(`Muon lifetime: cannot be determined, ${reason}`);
}
Deno.exit(exitCode);

/** Functions for tests of doubles: their processes die at a given point of a given event. */
import { saveJournal as journal } from "../../../src/functions/save_journal.ts";
import { saveParquet as parquet } from "../../../src/functions/save_parquet.ts";
import { saveParquetTable as parquetTable } from "../../../src/functions/save_parquet_table.ts";
import { saveToTxt as text } from "../../../src/functions/save_to_txt.ts";
import type { DaqFunction, FunctionContext } from "../../../src/worker/context.ts";
import { filter } from "../../../src/worker/filter.ts";
import { importer } from "../../../src/worker/importer.ts";
import { processor } from "../../../src/worker/processor.ts";

/** Where the process dies; `deaths` is how many lives end so. */
interface MortalConfig {
  /** The how many-th event of a life it is, from 1. @default {none} */
  readonly die_at?: number;
  /** `taken`: before anything is done with it; `written`: before the group remembers it; `done`: before it is released. */
  readonly die_when?: "taken" | "written" | "done";
  /** @default {1} */
  readonly deaths?: number;
}

/** Makes a function die. */
function mortal(run: DaqFunction): DaqFunction {
  const dying: DaqFunction = (context: FunctionContext) => {
    const { die_at = 0, die_when, deaths = 1 } = context.config as MortalConfig;
    const [reader] = context.sources;
    if (die_at > 0 && context.restarts < deaths) {
      const next = reader.next.bind(reader);
      const remember = reader.remember.bind(reader);
      let taken = 0;
      reader.next = (options) => {
        if (taken === die_at && die_when === "done") die();
        const event = next(options);
        if (event !== null) taken++;
        if (taken === die_at && die_when === "taken") die();
        return event;
      };
      reader.remember = () => {
        if (taken === die_at && die_when === "written") die();
        remember();
      };
    }
    return run(context);
  };
  return run.check === undefined ? dying : Object.assign(dying, { check: run.check });
}

function die(): never {
  Deno.kill(Deno.pid, "SIGKILL");
  for (;;);
}

export const saveToTxt = mortal(text);
export const saveParquet = mortal(parquet);
export const saveJournal = mortal(journal);
export const saveParquetTable = mortal(parquetTable);

/** Hands every event on. */
export const passesOn = mortal(filter(() => () => true));

/** Makes three records of an event that holds n: 10 n, 10 n + 1, 10 n + 2. */
export const triples = mortal(processor(() => ({ data: { data } }) => {
  const n = Number(data[0]);
  return [[{ data: 10 * n }, { data: 10 * n + 1 }, { data: 10 * n + 2 }]];
}));

/** Counts from a number, in data that nobody else's counter knows of. */
const counts = importer<{ from: number; events: number; sleep_s?: number }>(
  function* ({ config, signal, publishedBefore }) {
    for (let n = publishedBefore[0]; n < config.events; n++) {
      if (config.sleep_s !== undefined && !signal.sleep(1000 * config.sleep_s)) return;
      yield [config.from + n];
    }
  },
);
export const countsHere: DaqFunction = counts as DaqFunction;
export const countsThere: DaqFunction = counts as DaqFunction;

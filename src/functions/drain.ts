/** Reader for rings whose events nobody needs. */
import { checkedFunction, type DaqFunction } from "../worker/context.ts";
import { requireWiring } from "../worker/wiring.ts";

/** Events that are released in one go. */
const BATCH = 64;

/** Takes all events of its source and drops them. Needs no configuration. */
export const drain: DaqFunction = checkedFunction(
  (context) => requireWiring(context, { sources: 1 }),
  (context) => {
    const { books, sources: [reader] } = context;
    books.isKept = true;
    for (let count = reader.getBatch(BATCH); count > 0; count = reader.getBatch(BATCH)) books.taken += count;
    context.log.info(`${books.taken} events of ring ${reader.name} were drained`);
  },
);

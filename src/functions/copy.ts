/** Copies of a ring. */
import type { DaqFunction } from "../worker/context.ts";
import { filter } from "../worker/filter.ts";

/** Hands every event of its source on to all its sinks, as mimoCoRB2's `misc.copy`. Needs no configuration. */
export const copy: DaqFunction = filter(() => () => "accept");

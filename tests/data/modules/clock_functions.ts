/** A source in a thread whose clock is set back while it works. */
import { exporter } from "../../../src/worker/exporter.ts";
import { importer } from "../../../src/worker/importer.ts";

const HOUR_MS = 3_600_000;

const realNow = Date.now;
let offsetMs = 0;
Date.now = () => realNow() + offsetMs;

/** Brings in numbers; before the middle one the clock goes back by an hour. */
export const clockSource = importer<{ readonly events: number }>(function* ({ config, signal }) {
  for (let n = 0; n < config.events; n++) {
    if (n === config.events / 2) offsetMs = -HOUR_MS;
    if (!signal.sleep(50)) return;
    yield [n];
  }
});

/** Has something to say about every event. */
export const chatters = exporter(({ log }) => (event) => log.info(`event ${event.counter} is as remarkable as all others`));

/** The first filter of one's own: lets events with a high pulse in channel A pass. */
import { filter, max } from "@mimocorb/daq";

export const highPulses = filter<{ threshold: number }>(({ config }) => (event) =>
  max(event.data.chA) > config.threshold ? "accept" : "reject"
);

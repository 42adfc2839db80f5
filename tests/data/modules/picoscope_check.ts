/** Looks at every sample of a simulated PicoScope whose signal is the ramp, and keeps what it found. */
import { exporter } from "../../../src/worker/exporter.ts";

/** ADC value = step × ((37 × capture + 101 × channel + sample) mod 201 − 100); 8 bits have steps of 256. */
const PERIOD = 201;
const STEP = 256;

interface CheckConfig {
  /** Milliseconds that each event takes. */
  readonly sleep_ms?: number;
  /** Captures may be missing without the device having been opened anew. */
  readonly allows_jumps?: boolean;
  /** Events between two entries of `points`; 0: none. */
  readonly point_every?: number;
}

/** Inverse of 37 modulo 201. */
const INVERSE = Array.from({ length: PERIOD }, (_, i) => i).find((i) => (37 * i) % PERIOD === 1)!;

/** What `checkRamp` writes into `check.json`. */
export interface RampCheck {
  /** Events, and breaks in the numbers of captures: the device was opened anew. */
  events: number;
  breaks: number;
  /** First and last time, and the number of times that went back. */
  firstS: number;
  lastS: number;
  backwards: number;
  /** Seconds in which the device could not take events, from the dead times of the events. */
  deadS: number;
  /** Largest step between two events. */
  longestS: number;
  /** Events so far, time of the last one in s, and memory of the process in bytes. */
  points: [events: number, timeS: number, rssBytes: number][];
}

/** Throws if a sample is not what it must be. */
export const checkRamp = exporter<CheckConfig>(({ runDirectory, name, config, signal }) => {
  const check: RampCheck = { events: 0, breaks: 0, firstS: 0, lastS: 0, backwards: 0, deadS: 0, longestS: 0, points: [] };
  let next = 0;
  return {
    event: ({ counter, timestamp, deadtime, data }) => {
      if (config.sleep_ms) signal.sleepWhileDraining(config.sleep_ms);
      const channels = Object.values(data);
      const code = channels[0][0] / STEP + 100;
      const capture = (code * INVERSE) % PERIOD;
      for (let channel = 0; channel < channels.length; channel++) {
        const column = channels[channel];
        for (let i = 0; i < column.length; i++) {
          const expected = STEP * ((code + 101 * channel + i) % PERIOD - 100);
          if (column[i] === expected) continue;
          throw new RangeError(`event ${counter}, channel ${channel}, sample ${i}: expected ${expected}, found ${column[i]}`);
        }
      }
      if (counter !== check.events) throw new RangeError(`expected event ${check.events}, found ${counter}`);
      if (capture !== next) {
        if (capture !== 0 && !config.allows_jumps) throw new RangeError(`event ${counter}: expected capture ${next} or 0, found ${capture}`);
        check.breaks++;
      }
      next = (capture + 1) % PERIOD;
      if (check.events === 0) check.firstS = timestamp;
      else {
        const stepS = timestamp - check.lastS;
        if (stepS < 0) check.backwards++;
        check.longestS = Math.max(check.longestS, stepS);
        check.deadS += deadtime * stepS;
      }
      check.lastS = timestamp;
      check.events++;
      if (config.point_every && check.events % config.point_every === 0) {
        check.points.push([check.events, timestamp, Deno.memoryUsage().rss]);
      }
    },
    end: () => Deno.writeTextFileSync(`${runDirectory}/check_${name}.json`, JSON.stringify(check)),
  };
});

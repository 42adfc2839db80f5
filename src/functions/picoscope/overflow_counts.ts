/** Counts captures in which a channel was over its range, and says so without flooding the log. */
import type { ChannelScale } from "../../../drivers/picoscope/scope_settings.ts";
import { CHANNEL_NAMES } from "../../../drivers/picoscope/scope_settings.ts";
import type { Logger } from "../../worker/logger.ts";

/** One count per channel that is on. */
export class OverflowCounts {
  readonly #channels: readonly ChannelScale[];
  readonly #counts: number[];
  readonly #bits: readonly number[];
  readonly #log: Logger;

  /** For the channels that are on. */
  constructor(channels: readonly ChannelScale[], log: Logger) {
    this.#channels = channels;
    this.#counts = channels.map(() => 0);
    this.#bits = channels.map(({ channel }) => 1 << CHANNEL_NAMES.indexOf(channel));
    this.#log = log;
  }

  /**
   * Takes the overflow bits of an event.
   *
   * @param mask Bit i: channel i was over its range.
   * @param counter Number of the event.
   */
  take(mask: number, counter: number): void {
    if (mask === 0) return;
    this.#bits.forEach((bit, i) => {
      if ((mask & bit) === 0) return;
      const count = ++this.#counts[i];
      if (!isPowerOfTen(count)) return;
      const { channel, rangeMv } = this.#channels[i];
      const often = count === 1 ? "" : `, the ${count}th such event`;
      this.#log.warn(`channel ${channel} was over its range of ±${rangeMv} mV in event ${counter}${often}`);
    });
  }

  /** Counts by channel. */
  byChannel(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#channels.map(({ channel }, i) => [channel, this.#counts[i]]));
  }
}

function isPowerOfTen(count: number): boolean {
  return count === 1 || (count % 10 === 0 && isPowerOfTen(count / 10));
}

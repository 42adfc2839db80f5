/** Turns a trigger in mV and ns into ADC counts and samples. */
import { EXTERNAL_FULL_SCALE_COUNT, EXTERNAL_FULL_SCALE_MV, type Family } from "./families.ts";
import type { TriggerCounts, TriggerTermCounts } from "./scope_api.ts";
import {
  CHANNEL_NAMES,
  type ChannelScale,
  LEVEL_DIRECTIONS,
  type TriggerSettings,
  type TriggerTerm,
  WINDOW_DIRECTIONS,
} from "./scope_settings.ts";

/** Hysteresis where several channels or a window trigger and none was given, as a part of the full scale. */
const HYSTERESIS_PART = 1 / 128;

/** What the conversion needs to know of the device. */
export interface TriggerScale {
  readonly family: Family;
  readonly maxCount: number;
  readonly channels: readonly ChannelScale[];
  readonly sampleTimeNs: number;
}

/**
 * Converts a trigger.
 *
 * @throws {RangeError} If a level is out of the range of its channel, or a channel that triggers is not on.
 */
export function triggerCounts(trigger: TriggerSettings, scale: TriggerScale): TriggerCounts {
  const { groups } = trigger;
  const isSimple = groups.length === 1 && groups[0].length === 1 && groups[0][0].kind === "level";
  return {
    groups: groups.map((group) => group.map((term) => termCounts(term, scale, isSimple))),
    delaySamples: Math.round(trigger.delayNs / scale.sampleTimeNs),
    autoUs: Math.round(trigger.autoMs * 1000),
  };
}

function termCounts(term: TriggerTerm, scale: TriggerScale, isSimple: boolean): TriggerTermCounts {
  const { source, mvPerCount, maxCount } = sourceScale(term, scale);
  const counts = (levelMv: number) => {
    const count = Math.round(levelMv / mvPerCount);
    if (Math.abs(count) <= maxCount) return count;
    throw new RangeError(
      `Cannot set the trigger of channel ${term.source}: expected a level within ±${
        Number((maxCount * mvPerCount).toPrecision(6))
      } mV at the converter, found ${levelMv} mV`,
    );
  };
  const ownHysteresis = isSimple ? null : Math.round(maxCount * HYSTERESIS_PART);
  const hysteresis = term.hysteresisMv === null ? ownHysteresis : Math.round(term.hysteresisMv / mvPerCount);
  if (term.kind === "level") {
    const level = counts(term.levelMv);
    const direction = LEVEL_DIRECTIONS.indexOf(term.direction);
    return { source, mode: "level", direction, upper: level, lower: level, hysteresis };
  }
  const direction = WINDOW_DIRECTIONS.indexOf(term.direction);
  return { source, mode: "window", direction, upper: counts(term.upperMv), lower: counts(term.lowerMv), hysteresis };
}

function sourceScale(
  term: TriggerTerm,
  { family, maxCount, channels }: TriggerScale,
): { source: number; mvPerCount: number; maxCount: number } {
  if (term.source === "EXT") {
    const mvPerCount = EXTERNAL_FULL_SCALE_MV / EXTERNAL_FULL_SCALE_COUNT;
    return { source: family.externalSource, mvPerCount, maxCount: EXTERNAL_FULL_SCALE_COUNT };
  }
  const channel = channels.find(({ channel }) => channel === term.source);
  if (channel === undefined) {
    throw new RangeError(
      `Cannot set the trigger: expected a channel that is on (${
        channels.map(({ channel }) => channel).join(", ")
      }) or EXT, found ${term.source}`,
    );
  }
  return { source: CHANNEL_NAMES.indexOf(channel.channel), mvPerCount: channel.mvPerCount, maxCount };
}

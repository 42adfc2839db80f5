/** Sets a unit up, and finds out what it has made of the settings. */
import { InstrumentLost } from "../instrument.ts";
import { findTimebase } from "./find_timebase.ts";
import { errorOfStatus, PicoError, PowerSourceChanged, STATUS } from "./pico_status.ts";
import type { ScopeApi } from "./scope_api.ts";
import {
  CHANNEL_NAMES,
  type ChannelScale,
  type ChannelSettings,
  type ScopeReadback,
  type ScopeSettings,
} from "./scope_settings.ts";
import { triggerCounts } from "./trigger_counts.ts";

/** What is known about the unit. */
interface UnitFacts {
  /** Captures that one arming shall take at most. */
  readonly captures: number;
  /** Channels that it has. */
  readonly channelCount: number;
}

/**
 * Makes the settings those of the unit: channels and resolution first, since they decide on memory and sample times.
 *
 * @throws {RangeError} If the unit cannot do that; says what it can do.
 * @throws {InstrumentLost} If it is gone.
 * @throws {PicoError} If it refuses for another reason.
 */
export function configureScope(api: ScopeApi, settings: ScopeSettings, facts: UnitFacts): ScopeReadback {
  api.unit.stop();
  setChannels(api, settings, facts.channelCount);
  const maxCount = api.maxCount();
  const channels = settings.channels.map(({ channel, rangeMv, offsetMv }): ChannelScale => ({
    channel,
    rangeMv,
    offsetMv,
    mvPerCount: rangeMv / maxCount,
  }));
  const { captures, maxSamples } = splitMemory(api, settings, facts.captures);
  const { timebase, sampleTimeNs } = chooseTimebase(api, settings);
  api.setTrigger(triggerCounts(settings.trigger, { family: api.family, maxCount, channels, sampleTimeNs }));
  if (settings.generator !== null) api.setGenerator(settings.generator);
  return {
    timebase,
    sampleTimeNs,
    maxCount,
    resolutionBits: resolutionBits(api) ?? settings.resolutionBits,
    channels,
    maxSamples,
    captures,
  };
}

function resolutionBits(api: ScopeApi): number | null {
  const number = api.resolution();
  return [...api.family.resolutions].find(([, known]) => known === number)?.[0] ?? null;
}

/** Unused channels are switched off before the resolution is set: high ones do not allow all of them. */
function setChannels(api: ScopeApi, settings: ScopeSettings, channelCount: number): void {
  const wanted = new Map(settings.channels.map((channel) => [CHANNEL_NAMES.indexOf(channel.channel), channel]));
  for (const [index, { channel }] of wanted) {
    if (index >= channelCount) {
      throw new RangeError(
        `Cannot switch channel ${channel} on: expected one of ${
          CHANNEL_NAMES.slice(0, channelCount).join(", ")
        }, the channels of this unit`,
      );
    }
  }
  for (let index = 0; index < channelCount; index++) {
    if (wanted.has(index)) continue;
    const status = api.switchOff(index);
    // Without its power supply the unit has switched them off itself.
    if (status !== STATUS.ok && status !== STATUS.channelDisabledByUsbPower) {
      throw errorOfStatus(`switch channel ${CHANNEL_NAMES[index]} off`, status);
    }
  }
  setResolution(api, settings);
  for (const [index, channel] of wanted) {
    const status = api.switchOn(index, channel);
    if (status !== STATUS.ok) throw channelError(api, { index, channel, status });
  }
}

function setResolution(api: ScopeApi, { resolutionBits: bits, channels }: ScopeSettings): void {
  if (bits === null) return;
  const { name, resolutions } = api.family;
  const number = resolutions.get(bits);
  if (number === undefined) {
    // A family of 8 bits may be asked for 8 bits.
    if (resolutions.size === 0 && bits === 8) return;
    throw new RangeError(
      `Cannot set the resolution: expected ${
        resolutions.size === 0 ? "8" : [...resolutions.keys()].join(", ")
      } bits, which the family ${name} has, found ${bits}`,
    );
  }
  try {
    api.setResolution(number);
  } catch (error) {
    if (!(error instanceof PicoError) || error instanceof PowerSourceChanged) throw error;
    throw new RangeError(
      `${error.message}; ${bits} bits with ${channels.length} channels is not possible on this unit: choose fewer bits ` +
        `or channels`,
      { cause: error },
    );
  }
}

function channelError(
  api: ScopeApi,
  { index, channel, status }: { index: number; channel: ChannelSettings; status: number },
): Error {
  const action = `switch channel ${channel.channel} on with range ${channel.rangeMv} mV`;
  if (status === STATUS.channelDisabledByUsbPower) {
    const advice = "connect the power supply of the unit, or use channels A and B only";
    return new InstrumentLost(new PicoError(action, status, advice).message);
  }
  if (status === STATUS.channelsForResolution || status === STATUS.combinationNotValid) {
    return new RangeError(new PicoError(action, status, "choose fewer bits or channels").message);
  }
  if (status === STATUS.invalidVoltageRange) {
    const ranges = api.rangesOf(index) ?? [...api.family.ranges.keys()];
    return new RangeError(new PicoError(action, status, `it has the ranges ${ranges.join(", ")} mV`).message);
  }
  if (status === STATUS.invalidAnalogueOffset) {
    const limits = api.offsetLimits(channel);
    const advice = limits === null ? "" : `this range allows ${limits[0]} to ${limits[1]} mV`;
    return new RangeError(
      new PicoError(`${action} and offset ${channel.offsetMv} mV`, status, advice).message,
    );
  }
  if (status === STATUS.bandwidthNotSupported) {
    const advice = 'leave "bandwidth_MHz" out';
    return new RangeError(
      new PicoError(`limit the bandwidth of channel ${channel.channel} to ${channel.bandwidthMhz} MHz`, status, advice)
        .message,
    );
  }
  return errorOfStatus(action, status);
}

/** Splits the memory into as many segments as are wanted and fit. */
function splitMemory(
  api: ScopeApi,
  { samples, channels }: ScopeSettings,
  wanted: number,
): { captures: number; maxSamples: number } {
  const share = channels.length === 3 ? 4 : channels.length > 4 ? 8 : channels.length;
  let captures = Math.min(wanted, api.maxSegments(samples) ?? wanted);
  for (;;) {
    const maxSamples = Math.floor(api.makeSegments(captures) / share);
    if (maxSamples >= samples) {
      api.setCaptures(captures);
      return { captures, maxSamples };
    }
    if (captures === 1) {
      throw new RangeError(
        `Cannot capture ${samples} samples of ${channels.length} channels: expected at most ${maxSamples}, which the ` +
          `memory of the unit holds`,
      );
    }
    captures = Math.max(1, Math.min(captures - 1, Math.floor(captures * maxSamples / samples)));
  }
}

function chooseTimebase(api: ScopeApi, settings: ScopeSettings): { timebase: number; sampleTimeNs: number } {
  const { sampleTimeNs: wantedNs, timebase, samples, channels, sampleTimeTolerance } = settings;
  const withChannels = `with ${channels.length} ${channels.length === 1 ? "channel" : "channels"}`;
  if (wantedNs === null) {
    const number = timebase ?? 0;
    const intervalNs = api.intervalNs(number, samples);
    if (intervalNs !== null) return { timebase: number, sampleTimeNs: intervalNs };
    const fastest = findTimebase((n) => api.intervalNs(n, samples), 0);
    throw new RangeError(
      `Cannot use timebase ${number} ${withChannels}: expected ${
        fastest === null ? "another one" : `${fastest.timebase} (${fastest.intervalNs} ns) or more`
      }`,
    );
  }
  const found = findTimebase((n) => api.intervalNs(n, samples), wantedNs);
  if (found !== null && Math.abs(found.intervalNs - wantedNs) <= sampleTimeTolerance * wantedNs) {
    return { timebase: found.timebase, sampleTimeNs: found.intervalNs };
  }
  throw new RangeError(
    `Cannot sample every ${wantedNs} ns ${withChannels}: expected a time that the unit has` +
      (found === null ? "" : `, the nearest one is ${found.intervalNs} ns`),
  );
}

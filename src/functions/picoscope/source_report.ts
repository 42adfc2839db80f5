/** What a PicoScope source has done, for the log and the run directory. */
import type { Scope } from "../../../drivers/picoscope/scope.ts";
import type { ChannelScale, ScopeReadback } from "../../../drivers/picoscope/scope_settings.ts";
import type { FunctionContext } from "../../worker/context.ts";
import { type FieldScale, writeWaveformScale } from "../waveform_scale.ts";
import { OverflowCounts } from "./overflow_counts.ts";
import type { SourceSettings } from "./source_settings.ts";

/** Gaps between sets that are kept for the median. */
const KEPT_GAPS = 1024;

/** Collects it over all connections of a run. */
export class SourceReport {
  readonly #context: FunctionContext<unknown>;
  readonly #settings: SourceSettings;
  #sets = 0;
  #captures = 0;
  readonly #gapsMs = new Float64Array(KEPT_GAPS);
  #gaps = 0;
  #losses = 0;
  #powerChanges = 0;
  #streamGaps = 0;
  #missed = 0;
  #overflows: OverflowCounts | null = null;
  #told = "";

  /** Empty. */
  constructor(context: FunctionContext<unknown>, settings: SourceSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  /** The device was set up: says what came of it, and writes the scale of the data. */
  configured(scope: Scope, readback: ScopeReadback): void {
    const { channels, sampleTimeNs, timebase, maxCount, resolutionBits, captures } = readback;
    const settings = this.#settings;
    const { log, sinks: [sink] } = this.#context;
    const bits = resolutionBits === null ? "" : ` at ${resolutionBits} bits`;
    const text = `${scope.description} (${scope.family}, driver ${scope.driverVersion}): ${
      channels.map(({ channel, rangeMv }) => `${channel} ±${rangeMv} mV`).join(", ")
    }${bits}, one sample per ${sampleTimeNs} ns (timebase ${timebase}), ${settings.scope.samples} samples, ${
      settings.mode === "streaming" ? "streaming" : `${captures} per set`
    }`;
    if (text !== this.#told) log.info(text);
    if (settings.mode === "rapid_block" && captures < settings.captures) {
      log.warn(`the memory holds only ${captures} captures per set, not ${settings.captures}`);
    }
    if (!scope.hasTriggerTimes && settings.mode === "rapid_block" && captures > 1 && text !== this.#told) {
      log.warn(
        `${scope.description} does not tell when captures were triggered: their times are spread evenly over each set`,
      );
    }
    this.#told = text;
    const fields: Record<string, FieldScale> = {};
    channels.forEach(({ mvPerCount, offsetMv, rangeMv }, i) => {
      const isRaw = settings.isRaw[i];
      fields[settings.fields[i]] = {
        mvPerCount: isRaw ? mvPerCount : 1,
        offsetMv: isRaw && settings.subtractsOffset ? offsetMv : 0,
        rangeMv,
      };
    });
    writeWaveformScale(this.#context, sink.name, {
      scale: {
        source: scope.description,
        sampleTimeNs,
        preTriggerSamples: settings.scope.preSamples,
        fields,
      },
      further: {
        family: scope.family,
        driver_version: scope.driverVersion,
        channels: Object.fromEntries(channels.map(({ channel }, i) => [settings.fields[i], channel])),
        timebase,
        max_count: maxCount,
        resolution_bits: resolutionBits,
        captures_per_set: captures,
        timestamps: settings.mode === "streaming"
          ? "first sample"
          : scope.hasTriggerTimes
          ? "trigger counter of the device"
          : captures > 1
          ? "spread evenly over each set"
          : "end of the capture",
      },
    });
  }

  /** Counts of overflows: they go on over all connections. */
  overflowsOf(channels: readonly ChannelScale[]): OverflowCounts {
    return this.#overflows ??= new OverflowCounts(channels, this.#context.log);
  }

  /** A set was taken; between `readyMs` and `armedMs` the device was idle. */
  set(count: number, { readyMs, armedMs }: { readyMs: number; armedMs: number }): void {
    this.#sets++;
    this.#captures += count;
    if (armedMs > readyMs) this.#gapsMs[this.#gaps++ % KEPT_GAPS] = armedMs - readyMs;
  }

  /** The device was lost. */
  lost(): void {
    this.#losses++;
  }

  /** The device has another power source. */
  powerChanged(): void {
    this.#powerChanges++;
  }

  /** Streamed samples were lost. */
  streamGap(): void {
    this.#streamGaps++;
  }

  /** The device says that it missed triggers. */
  missed(triggers: number): void {
    this.#missed += triggers;
  }

  /** Gaps between sets in ms, the last 1024. */
  gapsMs(): Float64Array {
    return this.#gapsMs.slice(0, Math.min(this.#gaps, KEPT_GAPS)).sort();
  }

  /** Says at the end of a run what was taken. */
  end(): void {
    const { log } = this.#context;
    const gapsMs = this.gapsMs();
    const gap = gapsMs.length === 0
      ? ""
      : `, idle for ${gapsMs[gapsMs.length >> 1].toFixed(2)} ms between sets (median)`;
    if (this.#sets > 0) log.info(`${this.#captures} captures in ${this.#sets} sets${gap}`);
    const overflows = Object.entries(this.#overflows?.byChannel() ?? {}).filter(([, count]) => count > 0);
    if (overflows.length > 0) {
      log.warn(
        `over range: ${overflows.map(([channel, count]) => `channel ${channel} in ${count} events`).join(", ")}`,
      );
    }
    if (this.#missed > 0) log.info(`the device missed ${this.#missed} triggers between captures`);
    if (this.#streamGaps > 0) log.warn(`streamed samples were lost ${this.#streamGaps} times`);
    if (this.#losses > 0) log.warn(`the device was lost ${this.#losses} times`);
    if (this.#powerChanges > 0) log.warn(`the power source changed ${this.#powerChanges} times`);
  }
}

/** Drawings of waveforms as SVG documents. */
import { minMaxIndices } from "./min_max_decimation.ts";
import { PlotAxes } from "./plot_axes.ts";
import { unitOfAxis } from "./signal_unit.ts";
import { px, SERIES_COLORS, svgDocument, svgLabel, textWidth } from "./svg_text.ts";

/** One event as an oscilloscope shows it. */
export interface PlottedWaveform {
  /**
   * Samples of each channel, in the order of the legend; all of one length. Floating-point numbers are mV; whole numbers
   * (`Int16Array` and the like) are counts, and then all levels and ranges are taken as counts, too.
   */
  readonly channels: Readonly<Record<string, ArrayLike<number>>>;
  /** Time between samples. */
  readonly sampleTimeNs: number;
  /** Samples before the trigger, which is at 0 ns. @default {0} */
  readonly preTriggerSamples?: number;
  /** Number of the event. */
  readonly counter: number;
  /** Rate of the events, or null if it is not known. @default {null} */
  readonly rateHz?: number | null;
}

/** Level at which the oscilloscope triggered. */
export interface PlottedTrigger {
  /** Level in mV, the offset included. */
  readonly levelMv: number;
  /** Name of the channel, to stand beside the level. @default {""} */
  readonly channel?: string;
  /** `rising` or `falling`, to stand beside the level. @default {""} */
  readonly direction?: string;
}

/** Options of {@linkcode waveformPlot}. */
export interface WaveformPlotOptions {
  /** Headline. @default {""} */
  title?: string;
  /** Is taken off all samples and levels. @default {0} */
  offsetMv?: number;
  /** Half of the instrument's range around 0 mV before the offset is taken off; null fits the data. @default {null} */
  channelRangeMv?: number | null;
  /** Level to draw; null: none. @default {null} */
  trigger?: PlottedTrigger | null;
  /** Width and height in pixels. @default {[900, 500]} */
  size?: readonly [number, number];
}

const MARGIN = { left: 70, right: 20, top: 66, bottom: 50 };

/** Free space above and below the data, as part of their height. */
const HEADROOM = 0.06;

/** Height of the axis in mV if all samples are equal. */
const SMALLEST_RANGE_MV = 1;

/**
 * Draws the channels of one event over the time since its trigger, with the trigger's time (dotted) and level (dashed).
 * Of long waveforms the lowest and the highest sample of each pixel are drawn, so that no peak is missed.
 *
 * @returns An SVG document that needs nothing else and follows the reader's light or dark scheme.
 */
export function waveformPlot(waveform: PlottedWaveform, options: WaveformPlotOptions = {}): string {
  const { title = "", offsetMv = 0, channelRangeMv = null, trigger = null, size = [900, 500] } = options;
  const { channels, sampleTimeNs, preTriggerSamples = 0, counter, rateHz = null } = waveform;
  const [width, height] = size;
  const names = Object.keys(channels);
  const samples = Math.max(...names.map((name) => channels[name].length), 2);
  const timeOf = (index: number) => (index - preTriggerSamples) * sampleTimeNs;
  const area = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: width - MARGIN.left - MARGIN.right,
    height: height - MARGIN.top - MARGIN.bottom,
  };
  const signals = names.map((name) => channels[name]);
  const unit = unitOfAxis(signals);
  const levelMv = trigger === null ? null : trigger.levelMv - offsetMv;
  const axes = new PlotAxes(area, {
    x: { range: [timeOf(0), timeOf(samples - 1)], title: "time since trigger (ns)" },
    y: {
      range: channelRangeMv === null
        ? dataRange(signals, { offsetMv, levelMv })
        : [-channelRangeMv - offsetMv, channelRangeMv - offsetMv],
      title: offsetMv === 0 ? `signal (${unit})` : `signal − offset (${unit})`,
    },
  });
  const traces = signals.map((values, i) => {
    const indices = minMaxIndices(values, Math.floor(area.width));
    const points = Array.from(
      indices,
      (index) => `${px(axes.x(timeOf(index)))} ${px(axes.y(values[index] - offsetMv))}`,
    );
    return `<path class="l-s${
      i % SERIES_COLORS.length
    }" stroke-width="1.2" stroke-opacity="0.9" stroke-linejoin="round" ` +
      `d="M${points.join("L")}"/>`;
  });
  const event = `# ${counter}${rateHz === null ? "" : `  –  ${rateText(rateHz)}`}`;
  const content = [
    axes.background(),
    preTriggerSamples > 0 ? triggerTimeText(axes.x(0), area) : "",
    ...traces,
    trigger === null || levelMv === null ? "" : triggerLevelText(axes.y(levelMv), { area, trigger, offsetMv, unit }),
    axes.foreground(),
    title === "" ? "" : svgLabel(title, { x: 20, y: 27, size: 17, bold: true }),
    svgLabel(event, { x: width - MARGIN.right, y: 27, anchor: "end", size: 14 }),
    legendText(names, { left: area.left, y: 52 }),
  ];
  return svgDocument(content.join("\n"), { width, height, title: `${title || "Waveform"} ${event}` });
}

function dataRange(
  signals: readonly ArrayLike<number>[],
  { offsetMv, levelMv }: { offsetMv: number; levelMv: number | null },
): [number, number] {
  let low = levelMv ?? Infinity;
  let high = levelMv ?? -Infinity;
  for (const values of signals) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] - offsetMv;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (!(high >= low) || !Number.isFinite(high - low)) return [0, SMALLEST_RANGE_MV];
  const margin = Math.max((high - low) * HEADROOM, SMALLEST_RANGE_MV / 2);
  return [low - margin, high + margin];
}

function triggerTimeText(x: number, area: { top: number; height: number }): string {
  return `<path class="l-faint" stroke-dasharray="1.5 4" stroke-width="1.5" stroke-linecap="round" ` +
    `d="M${px(x)} ${px(area.top)}v${px(area.height)}"/>`;
}

function triggerLevelText(
  y: number,
  { area, trigger, offsetMv, unit }: {
    area: { left: number; top: number; width: number };
    trigger: PlottedTrigger;
    offsetMv: number;
    unit: string;
  },
): string {
  const { levelMv, channel = "", direction = "" } = trigger;
  const level = `${Number((levelMv - offsetMv).toPrecision(4))} ${unit}`.replace("-", "−");
  const text = ["Trg", channel, level, direction].filter((word) => word !== "").join(" ");
  const right = area.left + area.width;
  // Above the line, unless that is outside.
  const textY = y - area.top < 20 ? y + 15 : y - 6;
  return `<path class="l-trigger" stroke-dasharray="7 4" stroke-width="1.2" d="M${px(area.left)} ${px(y)}H${
    px(right)
  }"/>` +
    svgLabel(text, { x: right - 8, y: textY, color: "trigger", anchor: "end" });
}

function legendText(names: readonly string[], place: { left: number; y: number }): string {
  let x = place.left;
  return names.map((name, i) => {
    const key =
      `<path class="l-s${i % SERIES_COLORS.length}" stroke-width="3" stroke-linecap="round" d="M${px(x)} ${
        px(place.y - 4)
      }h16"/>` + svgLabel(name, { x: x + 23, y: place.y });
    x += 23 + textWidth(name) + 20;
    return key;
  }).join("");
}

function rateText(rateHz: number): string {
  return rateHz >= 1e4 ? `${Number((rateHz / 1e3).toPrecision(3))} kHz` : `${Number(rateHz.toPrecision(3))} Hz`;
}

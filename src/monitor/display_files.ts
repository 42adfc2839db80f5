/** Drawings of waveforms in the run directory, for displays that the page does in place of workers. */
import { waveformPlot } from "../files/waveform_plot.ts";
import { replaceTextFile } from "../functions/result_file.ts";
import type { Slot } from "../ring/slot.ts";
import type { AdoptedDisplay } from "./messages.ts";
import type { RingWatch } from "./ring_watch.ts";

/** Time between two versions of a file. */
const INTERVAL_MS = 10_000;

/** Writes each display's file about every 10 s and at the end. */
export class DisplayFiles {
  readonly #displays: readonly AdoptedDisplay[];
  readonly #watches: ReadonlyMap<string, RingWatch>;
  readonly #drawnAtMs = new Map<string, number>();
  readonly #warn: (text: string) => void;

  /** @param displays What to draw. @param watches Rings by name. @param warn Is told what cannot be written. */
  constructor(
    displays: readonly AdoptedDisplay[],
    watches: ReadonlyMap<string, RingWatch>,
    warn: (text: string) => void,
  ) {
    this.#displays = displays;
    this.#watches = watches;
    this.#warn = warn;
  }

  /** Draws what is due: the first event at once. */
  update(nowMs: number): void {
    for (const display of this.#displays) {
      if (nowMs - (this.#drawnAtMs.get(display.path) ?? -Infinity) < INTERVAL_MS) continue;
      if (this.#draw(display)) this.#drawnAtMs.set(display.path, nowMs);
    }
  }

  /** Draws the last event of each ring. */
  finish(): void {
    for (const display of this.#displays) this.#draw(display);
  }

  #draw({ ring, display, path }: AdoptedDisplay): boolean {
    const watch = this.#watches.get(ring)!;
    const slot = watch.latest();
    if (slot === null) return false;
    try {
      replaceTextFile(path, drawingOf(slot, display, watch.rateHz));
    } catch (error) {
      this.#warn(error instanceof Error ? error.message : String(error));
    }
    return true;
  }
}

function drawingOf(slot: Slot, display: AdoptedDisplay["display"], rateHz: number | null): string {
  const { sampleTimeNs, preTriggerSamples } = display;
  const channels = Object.fromEntries(display.channels.map((field) => [field, slot.data[field]]));
  return waveformPlot({ channels, sampleTimeNs, preTriggerSamples, counter: slot.counter, rateHz }, display.plot);
}

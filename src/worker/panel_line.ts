/** Displays on their way from a worker to the control. */
import type { Panel } from "./panel.ts";

/** Time between two states of one display. */
const INTERVAL_MS = 100;

/** Time to the next look at a display that is due while the control has not taken the state before. */
const PATIENCE_MS = 20;

/** Displays beyond this number are not shown: a function that invents names without end must not fill the memory. */
const MOST_DISPLAYS = 500;

/** What a {@linkcode PanelLine} needs of its worker. */
export interface PanelLineOptions {
  /** Sends a state to the control; its data are copied in this call. */
  readonly send: (name: string, panel: Panel) => void;
  /** How many states the control has taken so far. */
  readonly taken: () => number;
  /** How many displays there may be. @default {500} */
  readonly most?: number;
  /** True for memory whose content changes when the function goes on to its next event. @default {none does} */
  readonly isBorrowed?: (memory: ArrayBufferLike) => boolean;
  /** Is told why something is not shown. */
  readonly onError: (text: string) => void;
  /** Is told when something begins to wait. @default {nobody} */
  readonly onWaiting?: () => void;
  /** A clock in ms that never goes back. @default `performance.now` */
  readonly now?: () => number;
}

interface Display {
  sentAtMs: number;
  /** Number of its last state among all that were sent. */
  number: number;
  waiting: Panel | null;
}

/**
 * Sends the newest state of each display, ten times a second at most and never before the control has taken the one before:
 * neither a function that publishes with every event nor a program that is slow or suspended lets them pile up. What waits
 * is copied when it goes, so that it is the newest then, too; only data of events are copied at once.
 */
export class PanelLine {
  readonly #options: PanelLineOptions;
  readonly #now: () => number;
  readonly #displays = new Map<string, Display>();
  /** Displays with a state that waits. */
  readonly #waiting = new Map<string, Display>();
  #sent = 0;
  #dueMs = Infinity;
  #hasRefused = false;

  /** @param options The world around. */
  constructor(options: PanelLineOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** When something is to be sent; infinity if nothing waits. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** Takes a new state of a display: it is sent now, or when its time has come unless a newer one replaces it. */
  put(name: string, panel: Panel): void {
    const display = this.#displays.get(name) ?? this.#begin(name);
    if (display === null) return;
    const nowMs = this.#now();
    if (display.waiting !== null || nowMs < display.sentAtMs + INTERVAL_MS || !this.#isTaken(display)) {
      this.#hold(name, display, panel);
    } else {
      this.#send(name, display, { panel, nowMs });
    }
    if (nowMs >= this.#dueMs) this.look(nowMs);
  }

  /** Sends what is due. */
  look(nowMs: number): void {
    if (nowMs < this.#dueMs) return;
    let dueMs = Infinity;
    for (const [name, display] of this.#waiting) {
      const ownDueMs = display.sentAtMs + INTERVAL_MS;
      if (nowMs < ownDueMs) dueMs = Math.min(dueMs, ownDueMs);
      else if (!this.#isTaken(display)) dueMs = Math.min(dueMs, nowMs + PATIENCE_MS);
      else this.#sendWaiting(name, display, nowMs);
    }
    this.#dueMs = dueMs;
  }

  /** Sends what waits, whatever is under way. */
  flush(): void {
    const nowMs = this.#now();
    for (const [name, display] of this.#waiting) this.#sendWaiting(name, display, nowMs);
    this.#dueMs = Infinity;
  }

  #begin(name: string): Display | null {
    const { most = MOST_DISPLAYS } = this.#options;
    if (this.#displays.size >= most) {
      if (!this.#hasRefused) {
        this.#options.onError(`Cannot show "${name}": expected at most ${most} displays, found one more`);
      }
      this.#hasRefused = true;
      return null;
    }
    const display = { sentAtMs: -Infinity, number: 0, waiting: null };
    this.#displays.set(name, display);
    return display;
  }

  #isTaken({ number }: Display): boolean {
    return number <= this.#options.taken();
  }

  #hold(name: string, display: Display, panel: Panel): void {
    const { isBorrowed } = this.#options;
    const wasWaiting = display.waiting !== null;
    display.waiting = isBorrowed === undefined ? panel : withOwnData(panel, isBorrowed);
    if (wasWaiting) return;
    this.#waiting.set(name, display);
    const isFirst = this.#waiting.size === 1;
    this.#dueMs = Math.min(this.#dueMs, display.sentAtMs + INTERVAL_MS);
    if (isFirst) this.#options.onWaiting?.();
  }

  #sendWaiting(name: string, display: Display, nowMs: number): void {
    const { waiting } = display;
    display.waiting = null;
    this.#waiting.delete(name);
    if (waiting === null) return;
    try {
      this.#send(name, display, { panel: waiting, nowMs });
    } catch (error) {
      // Where it would be thrown now the function is at something else.
      this.#options.onError(`Cannot show "${name}": ${error instanceof Error ? error.message : error}`);
    }
  }

  #send(name: string, display: Display, { panel, nowMs }: { readonly panel: Panel; readonly nowMs: number }): void {
    display.sentAtMs = nowMs;
    this.#options.send(name, panel);
    display.number = ++this.#sent;
  }
}

/** The panel with copies of what lies in memory that will change. */
function withOwnData(panel: Panel, isBorrowed: (memory: ArrayBufferLike) => boolean): Panel {
  const own = <T extends Float32Array | Float64Array>(values: T): T =>
    ArrayBuffer.isView(values) && isBorrowed(values.buffer) ? values.slice() as T : values;
  switch (panel.kind) {
    case "histogram":
    case "histogram2d":
      return { ...panel, counts: own(panel.counts) };
    case "xy":
      return { ...panel, x: own(panel.x), y: own(panel.y) };
    case "waveform": {
      const channels = Object.entries(panel.channels).map(([name, values]) => [name, own(values)] as const);
      return { ...panel, channels: Object.fromEntries(channels) };
    }
    default:
      return panel;
  }
}

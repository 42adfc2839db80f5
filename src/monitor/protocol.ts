/**
 * What the page and the run say to each other over the WebSocket. Text messages are JSON of the types here; waveforms and
 * intensity maps come as binary frames (`wave_frame.ts`).
 */
import type { RunProgress } from "../control/run_progress.ts";
import type { RunState } from "../control/run_state.ts";
import type { WorkerState } from "../control/worker_handle.ts";
import type { RingGroupStatus, RingStatus } from "../ring/ring_status.ts";
import type { LogLevel } from "../worker/logger.ts";

/** Changes when a page of another version could not follow any more. */
export const PROTOCOL_VERSION = 1;

/** A ring as it was set up. */
export interface PageRing {
  readonly name: string;
  readonly slots: number;
  readonly valuesPerSlot: number;
  readonly fields: readonly { readonly name: string; readonly type: string }[];
  readonly isRoot: boolean;
  readonly pause: "wait" | "discard";
}

/** A function as it was set up. */
export interface PageFunction {
  readonly name: string;
  readonly functionName: string;
  readonly workers: number;
  readonly sources: readonly string[];
  readonly sinks: readonly string[];
  readonly observes: readonly string[];
  /** True if the page itself does what the function would do. */
  readonly isDisplay: boolean;
}

/** How an oscilloscope shows a ring. */
export interface PageScope {
  readonly ring: string;
  readonly title: string;
  readonly sampleTimeNs: number;
  readonly preTriggerSamples: number;
  /** Fields that are shown first; the others can be switched on. */
  readonly channels: readonly string[];
  /** Is taken off the samples, in mV. */
  readonly offsetMv: number;
  /** Half of the instrument's range in mV; null follows the data. */
  readonly channelRangeMv: number | null;
  readonly trigger: { readonly levelMv: number; readonly channel: string; readonly direction: string } | null;
  /** True if the setup asks for this display; otherwise it can be added by hand. */
  readonly isWanted: boolean;
}

/** An arrow of the data-flow drawing, in the order in which the drawing has them. */
export interface PageArrow {
  readonly kind: "read" | "write" | "observe";
  readonly functionName: string;
  readonly ring: string;
}

/** First message of a connection. */
export interface HelloMessage {
  readonly type: "hello";
  readonly protocol: number;
  readonly version: string;
  readonly run: string;
  readonly runDirectory: string;
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly beganMs: number;
  readonly runEvents: number;
  readonly runtimeS: number;
  readonly rings: readonly PageRing[];
  readonly functions: readonly PageFunction[];
  readonly scopes: readonly PageScope[];
  readonly flowSvg: string;
  readonly arrows: readonly PageArrow[];
}

/** A reader group at one moment. */
export type PageGroupState = Omit<RingGroupStatus, "readerWaitS">;

/** Counters and states of a ring that the page shows as they are. */
type ShownStatus =
  | "published"
  | "voided"
  | "discarded"
  | "filled"
  | "highestFill"
  | "paused"
  | "closing"
  | "ended";

/** A ring at one moment. */
export interface PageRingState extends Pick<RingStatus, ShownStatus> {
  readonly name: string;
  readonly rateHz: number;
  /** Mean dead time of the last events as a fraction; null without events. */
  readonly deadtime: number | null;
  readonly groups: readonly PageGroupState[];
}

/** One worker at one moment. */
export interface PageWorkerState {
  readonly worker: number;
  readonly state: WorkerState;
  readonly ok: boolean;
  /** Somebody has stopped it by command. */
  readonly isStopped: boolean;
  /** Part of a processor that its thread, or its process, uses; null where the system does not tell. */
  readonly cpu: number | null;
}

/** A function at one moment, summed over its workers. */
export interface PageFunctionState {
  readonly name: string;
  /** Events released in all its sources. */
  readonly taken: number;
  readonly rejected: number;
  readonly failed: number;
  readonly doubles: number;
  /** Records published into each sink, and events released per source. */
  readonly published: readonly number[];
  readonly takenOf: readonly number[];
  /** Events per second of each source and sink. */
  readonly inHz: readonly number[];
  readonly outHz: readonly number[];
  /**
   * Part of the time that its workers did not wait for events or space; of importers, which wait outside of the rings, the
   * part in which they used a processor; null if that cannot be told.
   */
  readonly busy: number | null;
  readonly workers: readonly PageWorkerState[];
}

/** The run at one moment; several a second. */
export interface StateMessage {
  readonly type: "state";
  /** To be acknowledged. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  readonly state: RunState;
  readonly stopReason: string | null;
  readonly activeS: number;
  readonly pausedS: number;
  readonly progress: RunProgress | null;
  readonly failures: number;
  readonly rings: readonly PageRingState[];
  readonly functions: readonly PageFunctionState[];
  /** Part of one processor that the whole program uses; null where the system does not tell. */
  readonly cpu: number | null;
  /** True once everything is over and written. */
  readonly isOver: boolean;
}

/** Rates since the begin of the run, or those that have come since. */
export interface HistoryMessage {
  readonly type: "history";
  /** True: replaces everything; false: is added. */
  readonly isWhole: boolean;
  /** Milliseconds since 1970. */
  readonly timesMs: readonly number[];
  /** Rates of each ring, in the order of the hello message. */
  readonly ratesHz: readonly (readonly number[])[];
}

/** One message of the log. */
export interface PageLogEntry {
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly source: string;
  readonly text: string;
}

/** Messages of the log that the page has not seen. */
export interface LogMessage {
  readonly type: "log";
  /** Messages that came and went unseen. */
  readonly skipped: number;
  readonly entries: readonly PageLogEntry[];
}

/** What a function has put on display, ready to be drawn; numbers in plain lists. */
export interface PanelMessage {
  readonly type: "panel";
  /** Entry of the setup and name, `Fkt_6/decay_time`. */
  readonly key: string;
  readonly entry: string;
  readonly name: string;
  readonly panel: PagePanel;
}

/** Panels as JSON has them. Histograms carry what was computed of them. */
export type PagePanel =
  | {
    readonly kind: "histogram";
    readonly title: string;
    readonly label: string;
    readonly min: number;
    readonly max: number;
    readonly counts: readonly number[];
    readonly underflow: number;
    readonly overflow: number;
    readonly logScale: boolean;
    readonly entries: number;
    /** Of the bins' centres; null without entries. */
    readonly mean: number | null;
    readonly sigma: number | null;
  }
  | {
    readonly kind: "waveform";
    readonly title: string;
    readonly channels: Readonly<Record<string, readonly number[]>>;
    readonly sampleTimeNs: number;
    readonly counter: number;
  }
  | { readonly kind: "xy"; readonly title: string; readonly x: readonly number[]; readonly y: readonly number[] }
  | {
    readonly kind: "histogram2d";
    readonly title: string;
    readonly xRange: readonly [min: number, max: number, bins: number];
    readonly yRange: readonly [min: number, max: number, bins: number];
    readonly counts: readonly number[];
  }
  | {
    readonly kind: "table";
    readonly title: string;
    readonly rows: readonly Readonly<Record<string, string | number>>[];
  }
  | { readonly kind: "value"; readonly title: string; readonly value: number | string; readonly unit: string };

/** The latest records of a ring, newest first. */
export interface RecordsMessage {
  readonly type: "records";
  readonly ring: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** What came of a command. */
export interface ReplyMessage {
  readonly type: "reply";
  readonly id: number;
  readonly ok: boolean;
  readonly text: string;
}

/** What came of a fit. */
export interface FittedMessage {
  readonly type: "fitted";
  readonly id: number;
  /** Null if the counts do not say. */
  readonly fit: PageFit | null;
  readonly reason: string;
}

/** A function that was fitted to a histogram. */
export interface PageFit {
  readonly kind: FitKind;
  readonly from: number;
  readonly to: number;
  readonly parameters: readonly { readonly name: string; readonly value: number; readonly error: number }[];
  /** Likelihood-ratio chi square, and degrees of freedom. */
  readonly chi2: number;
  readonly degrees: number;
  /** The fitted number of entries per bin at the centres of the bins in the range. */
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** What can be fitted. */
export type FitKind = "gauss" | "exponential";

/** Run to page. */
export type ToPage =
  | HelloMessage
  | StateMessage
  | HistoryMessage
  | LogMessage
  | PanelMessage
  | RecordsMessage
  | ReplyMessage
  | FittedMessage;

/** Page to run. */
export type FromPage =
  /** The state message or frame of this number was used; without it no more come. */
  | { readonly type: "ack"; readonly what: "state" | "frame"; readonly seq: number }
  /** Start or stop waveforms of a ring. */
  | { readonly type: "scope"; readonly ring: string; readonly on: boolean }
  /** Fold waveforms of a ring into an intensity map between two voltages, or stop it. */
  | {
    readonly type: "fold";
    readonly ring: string;
    readonly on: boolean;
    readonly low?: number;
    readonly high?: number;
  }
  /** Start or stop the latest records of a ring. */
  | { readonly type: "records"; readonly ring: string; readonly on: boolean }
  | { readonly type: "command"; readonly id: number; readonly command: string }
  | {
    readonly type: "fit";
    readonly id: number;
    readonly key: string;
    readonly kind: FitKind;
    readonly from: number;
    readonly to: number;
  }
  /** Shows a histogram from now on without what it holds; for all pages. */
  | { readonly type: "reset"; readonly key: string };

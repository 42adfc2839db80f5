/** Messages between the run and the thread that serves its page. */
import type { PanelSource } from "../control/panel_parts.ts";
import type { RunSnapshot } from "../control/run_snapshot.ts";
import type { WorkerState } from "../control/worker_handle.ts";
import type { WaveformDisplay } from "../functions/waveform_files.ts";
import type { ObserverPort } from "../ring/ports.ts";
import type { RingStatus } from "../ring/ring_status.ts";
import type { Panel } from "../worker/panel.ts";
import type { WorkerPlace } from "./cpu_share.ts";
import type { WebAddress } from "./web_address.ts";
import type { HelloMessage, PageLogEntry } from "./protocol.ts";

/** A display that the page does in place of a worker. */
export interface AdoptedDisplay {
  /** Entry of the setup. */
  readonly name: string;
  readonly ring: string;
  readonly display: WaveformDisplay;
  /** File that gets the drawing now and then and at the end. */
  readonly path: string;
}

/** Everything that the thread needs to begin. */
export interface MonitorSetup {
  readonly hello: HelloMessage;
  readonly observers: readonly ObserverPort[];
  readonly displays: readonly AdoptedDisplay[];
  readonly address: WebAddress;
  readonly token: string | null;
}

/** A worker as the run sees it. */
export interface RawWorker {
  readonly name: string;
  readonly worker: number;
  readonly state: WorkerState;
  readonly ok: boolean;
  /** Somebody has stopped it by command. */
  readonly isStopped: boolean;
  /** The thread, or with tid null the process, that it lives in; null as long as that is not known. */
  readonly host: WorkerPlace | null;
  /** Its rows in the rings' owner tables, sources and sinks in setup order. */
  readonly sourceRows: readonly { readonly ring: string; readonly owner: number }[];
  readonly sinkRows: readonly { readonly ring: string; readonly owner: number }[];
}

/** The run at one moment, as it is found. */
export interface RawState {
  readonly timeMs: number;
  readonly snapshot: RunSnapshot;
  readonly stopReason: string | null;
  readonly statuses: ReadonlyMap<string, RingStatus>;
  readonly workers: readonly RawWorker[];
  readonly isOver: boolean;
}

/** Run to thread. */
export type ToMonitor =
  | { readonly type: "setup"; readonly setup: MonitorSetup }
  | { readonly type: "state"; readonly state: RawState }
  | { readonly type: "log"; readonly entry: PageLogEntry }
  | { readonly type: "panel"; readonly source: PanelSource; readonly panel: Panel }
  | { readonly type: "reply"; readonly id: number; readonly ok: boolean; readonly text: string }
  /** The rings take no more events: draw the last ones. */
  | { readonly type: "finish" }
  | { readonly type: "close" };

/** Thread to run. */
export type FromMonitor =
  | { readonly type: "listening"; readonly hostname: string; readonly port: number }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "command"; readonly id: number; readonly command: string }
  | { readonly type: "warning"; readonly text: string }
  /** A panel has been taken. */
  | { readonly type: "taken" }
  | { readonly type: "finished" }
  | { readonly type: "closed" };

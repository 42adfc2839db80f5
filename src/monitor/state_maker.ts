/** The run's state as pages see it. */
import { RateMeter } from "../control/rate_meter.ts";
import { CpuShares } from "./cpu_share.ts";
import { FunctionStates, RATE_WINDOW_MS } from "./function_states.ts";
import type { RawState, RawWorker } from "./messages.ts";
import type { PageFunction, PageRingState, StateMessage } from "./protocol.ts";

/** Makes state messages; rates and shares are those since the message before. */
export class StateMaker {
  readonly #functions: FunctionStates;
  readonly #cpu = new CpuShares();
  /** The flow into a ring is measured as the functions' flows are, at the same moments: there is one figure for it. */
  readonly #meters = new Map<string, RateMeter>();

  /** @param functions All functions, in setup order. */
  constructor(functions: readonly PageFunction[]) {
    this.#functions = new FunctionStates(functions);
  }

  /**
   * Makes the next message.
   *
   * @param raw The run as it tells of itself.
   * @param nowMs Time of a clock that never goes back.
   */
  make(raw: RawState, nowMs: number): StateMessage {
    const { snapshot, statuses } = raw;
    const rings = snapshot.rings.map((ring): PageRingState => {
      const status = statuses.get(ring.name)!;
      const { published, voided, discarded, filled, highestFill, paused, closing, ended } = status;
      return {
        name: ring.name,
        published,
        voided,
        discarded,
        filled,
        highestFill,
        paused,
        closing,
        ended,
        rateHz: this.#rateOf(ring.name, raw),
        deadtime: Number.isFinite(ring.deadtime) ? ring.deadtime : null,
        groups: status.groups.map(({ readerWaitS: _, ...group }) => group),
      };
    });
    const cpuOf = ({ host }: RawWorker) => host === null ? null : this.#cpu.share(host, nowMs);
    return {
      type: "state",
      seq: 0,
      timeMs: raw.timeMs,
      state: snapshot.state,
      stopReason: raw.stopReason,
      activeS: snapshot.activeS,
      pausedS: snapshot.pausedS,
      progress: snapshot.progress,
      failures: snapshot.failures,
      rings,
      functions: this.#functions.update(raw, cpuOf),
      cpu: this.#cpu.share(null, nowMs),
      isOver: raw.isOver,
    };
  }

  #rateOf(ring: string, { timeMs, statuses, isOver }: RawState): number {
    const meter = this.#meters.get(ring) ?? new RateMeter(RATE_WINDOW_MS);
    this.#meters.set(ring, meter);
    const { published, deadtimeSum } = statuses.get(ring)!;
    meter.add(timeMs, published, deadtimeSum);
    return isOver ? 0 : meter.rateHz;
  }
}

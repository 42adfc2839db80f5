/** Changes of a PicoScope's power source. */
import { PowerSourceChanged } from "../../../drivers/picoscope/pico_status.ts";
import { MOST_POWER_CHANGES, unsteadyPower } from "../../../drivers/picoscope/power_source.ts";
import type { Logger } from "../../worker/logger.ts";
import type { TakerParts } from "./taker_parts.ts";

/** Confirms each change, and sets the device up anew for it. */
export class PowerChanges {
  readonly #log: Logger;
  readonly #parts: TakerParts;
  #inARow = 0;
  #counter = -1;

  /** For an open device. */
  constructor(log: Logger, parts: TakerParts) {
    this.#log = log;
    this.#parts = parts;
  }

  /**
   * Sets the device up; once more for each change of its power source meanwhile.
   *
   * @param configure Sets it up. May be called several times.
   * @param change What makes it necessary. @default {null: the device was just opened}
   * @throws {InstrumentLost} If the device is gone, cannot work with its power source, or that changes all the time.
   */
  setUp(configure: () => void, change: PowerSourceChanged | null = null): void {
    for (let pending = change;;) {
      try {
        if (pending !== null) this.#confirm(pending);
        configure();
        return;
      } catch (error) {
        if (!(error instanceof PowerSourceChanged)) throw error;
        pending = error;
      }
    }
  }

  #confirm({ status }: PowerSourceChanged): void {
    const { scope, sink, report } = this.#parts;
    this.#inARow = sink.nextCounter === this.#counter ? this.#inARow + 1 : 1;
    this.#counter = sink.nextCounter;
    if (this.#inARow > MOST_POWER_CHANGES) throw unsteadyPower(`set ${scope.description} up`, status);
    this.#log.warn(`${scope.description}: ${scope.confirmPower(status)}; it is set up anew`);
    report.powerChanged();
  }
}

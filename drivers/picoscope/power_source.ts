/** Units that run on USB or on a power supply want to be told that this was noticed. */
import { InstrumentLost } from "../instrument.ts";
import { errorOfStatus, isPowerState, STATUS } from "./pico_status.ts";
import type { ScopeApi } from "./scope_api.ts";

/** A plug with a loose contact may change it between a question and the answer, but not so often in a row. */
export const MOST_POWER_CHANGES = 100;

/**
 * Confirms a power source. If the unit has yet another one by then, that one is confirmed.
 *
 * @param state Status that a call returned.
 * @returns The words for the log.
 * @throws {InstrumentLost} If the unit cannot work with it, or changes it all the time.
 */
export function confirmPower(api: ScopeApi, state: number): string {
  let status = state;
  for (let changes = 0; changes < MOST_POWER_CHANGES; changes++) {
    const asked = status;
    status = api.confirmPower(asked);
    if (status === STATUS.powerSupplyRequestInvalid) {
      status = api.powerSource();
      // It has no supply to speak of.
      if (status === STATUS.ok) return powerWords(asked);
    } else if (status === STATUS.ok) {
      return powerWords(asked);
    } else if (status === STATUS.powerSupplyUndervoltage) {
      throw new InstrumentLost(
        errorOfStatus("run the unit on USB power", status, "connect its power supply").message,
      );
    }
    if (!isPowerState(status)) throw errorOfStatus("confirm the power source", status);
  }
  throw unsteadyPower("confirm the power source", status);
}

/** The error for a power source that is never the same for long enough. */
export function unsteadyPower(action: string, status: number): InstrumentLost {
  return new InstrumentLost(
    errorOfStatus(action, status, `it changed ${MOST_POWER_CHANGES} times in a row; check the plug of the power supply`)
      .message,
  );
}

function powerWords(state: number): string {
  switch (state) {
    case STATUS.powerSupplyConnected:
      return "its power supply was connected";
    case STATUS.usb3DeviceOnUsb2:
      return "it is on a USB 2 port: transfers are slower than on USB 3";
    default:
      return "it is powered by USB alone: of four channels only A and B can be used";
  }
}

/** Units that run on USB or on a power supply want to be told that this was noticed. */
import { InstrumentLost } from "../instrument.ts";
import { errorOfStatus, isPowerState, STATUS } from "./pico_status.ts";
import type { ScopeApi } from "./scope_api.ts";

/**
 * Confirms a power source.
 *
 * @param state Status that a call returned.
 * @returns The words for the log.
 * @throws {InstrumentLost} If the unit cannot work with it.
 */
export function confirmPower(api: ScopeApi, state: number): string {
  const status = api.confirmPower(state);
  if (status === STATUS.powerSupplyUndervoltage) {
    throw new InstrumentLost(
      errorOfStatus("run the unit on USB power", status, "connect its power supply").message,
    );
  }
  if (status !== STATUS.ok && !isPowerState(status)) throw errorOfStatus("confirm the power source", status);
  switch (state) {
    case STATUS.powerSupplyConnected:
      return "its power supply was connected";
    case STATUS.usb3DeviceOnUsb2:
      return "it is on a USB 2 port: transfers are slower than on USB 3";
    default:
      return "it is powered by USB alone: of four channels only A and B can be used";
  }
}

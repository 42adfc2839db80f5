/** What a status of a PicoScope library means for whoever made the call. */
import { InstrumentLost } from "../instrument.ts";
import { OTHER_STATUS_NAMES } from "./other_status_names.ts";
import { DOCUMENTED_STATUSES } from "./status_codes.ts";

/** Numbers of the statuses that the driver treats in a way of their own. */
export const STATUS = {
  ok: 0x00,
  notFound: 0x03,
  notResponding: 0x07,
  invalidHandle: 0x0C,
  invalidTimebase: 0x0E,
  invalidVoltageRange: 0x0F,
  invalidAnalogueOffset: 0x50,
  streamingFailed: 0x14,
  bufferStall: 0x1C,
  noSamplesAvailable: 0x25,
  busy: 0x27,
  infoUnavailable: 0x2A,
  cancelled: 0x3A,
  driverFunction: 0x43,
  interfaceNotConnected: 0x4A,
  powerFailed: 0x4C,
  noCapturesAvailable: 0x5D,
  bandwidthNotSupported: 0x10D,
  powerSupplyConnected: 0x119,
  powerSupplyNotConnected: 0x11A,
  powerSupplyRequestInvalid: 0x11B,
  powerSupplyUndervoltage: 0x11C,
  usb3DeviceOnUsb2: 0x11E,
  channelsForResolution: 0x121,
  channelDisabledByUsbPower: 0x122,
  deviceNotFunctioning: 0x144,
  combinationNotValid: 0x18C,
  waitingForBuffers: 0x197,
  timebaseNotInResolution: 0x303,
  overheated: 0x5010,
  permissionsError: 0x03000040,
  watchdogTimer: 0x10000000,
} as const;

/** Bit in the status of a trigger info: time stamps are counted anew from this capture on. */
export const TIME_STAMP_RESET = 0x01000000;

const LOST: ReadonlySet<number> = new Set([
  STATUS.notResponding,
  STATUS.interfaceNotConnected,
  STATUS.powerFailed,
  STATUS.deviceNotFunctioning,
  STATUS.overheated,
  STATUS.watchdogTimer,
]);

/** The power source of a unit has changed, or has to be confirmed: not errors, but what was captured is lost. */
const POWER_STATES: ReadonlySet<number> = new Set([
  STATUS.powerSupplyConnected,
  STATUS.powerSupplyNotConnected,
  STATUS.usb3DeviceOnUsb2,
]);

const NAMES: ReadonlyMap<number, string> = new Map([
  ...Array.from(OTHER_STATUS_NAMES.matchAll(/([0-9a-f]+):(\w+)/g), ([, code, name]): [number, string] => [
    parseInt(code, 16),
    name,
  ]),
  ...DOCUMENTED_STATUSES.map(([code, name]): [number, string] => [code, name]),
]);
const MEANINGS: ReadonlyMap<number, string> = new Map(DOCUMENTED_STATUSES.map(([code, , meaning]) => [code, meaning]));

/** All status names with `PICO_`, by number. */
export function statusNames(): ReadonlyMap<number, string> {
  return new Map(Array.from(NAMES, ([code, name]) => [code, `PICO_${name}`]));
}

/** Describes a status: `PICO_NOT_RESPONDING (0x07): the unit does not answer any more`. */
export function describeStatus(status: number): string {
  const name = NAMES.get(status);
  const code = `0x${status.toString(16).toUpperCase().padStart(2, "0")}`;
  const meaning = MEANINGS.get(status);
  return `${name === undefined ? "status" : `PICO_${name}`} (${code})${meaning === undefined ? "" : `: ${meaning}`}`;
}

/** True if a status says that the unit is gone. */
export function isLost(status: number): boolean {
  return LOST.has(status);
}

/** True if a status is about the power source, and the unit can go on after it is confirmed. */
export function isPowerState(status: number): boolean {
  return POWER_STATES.has(status);
}

/** A PicoScope library refused a call. */
export class PicoError extends Error {
  override readonly name: string = "PicoError";
  /** PICO_STATUS that the call returned. */
  readonly status: number;

  /**
   * @param action What was to be done, as in `Cannot <action>: …`.
   * @param status What the library returned.
   * @param advice What the user can do about it. @default {nothing}
   */
  constructor(action: string, status: number, advice = "") {
    super(`Cannot ${action}: expected PICO_OK, found ${describeStatus(status)}${advice === "" ? "" : `; ${advice}`}`);
    this.status = status;
  }
}

/** The power source of the unit has changed in the middle of a capture: confirm it, set the unit up and begin anew. */
export class PowerSourceChanged extends PicoError {
  override readonly name = "PowerSourceChanged";
}

/**
 * Makes the error for a status other than PICO_OK.
 *
 * @param action What was to be done, as in `Cannot <action>: …`.
 * @param status What the library returned.
 * @param advice What the user can do about it. @default {nothing}
 * @returns An {@linkcode InstrumentLost} if the unit is gone, a {@linkcode PowerSourceChanged}, or a plain
 *   {@linkcode PicoError}.
 */
export function errorOfStatus(action: string, status: number, advice = ""): Error {
  if (isPowerState(status)) return new PowerSourceChanged(action, status, advice);
  const error = new PicoError(action, status, advice);
  return isLost(status) ? new InstrumentLost(error.message, { cause: error }) : error;
}

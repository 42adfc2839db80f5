/** Why a unit may not be found although it is there. */

const VENDOR_ID = "0ce9";
const RULE_FILE = "95-pico.rules";
const RULE = `SUBSYSTEM=="usb", ATTR{idVendor}=="${VENDOR_ID}", MODE="0666"`;

/** Where {@linkcode usbAdvice} looks; for tests. */
export interface UsbFolders {
  /** Folder with the USB devices that the kernel knows. @default {"/sys/bus/usb/devices"} */
  readonly devices?: string;
  /** Folders with udev rules. @default {the system's} */
  readonly rules?: readonly string[];
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch {
    return "";
  }
}

function entries(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map((entry) => entry.name);
  } catch {
    return [];
  }
}

/** What to do about the access rights of USB devices. */
export function permissionAdvice(): string {
  return `put the line '${RULE}' into /etc/udev/rules.d/${RULE_FILE} (the vendor's package does that), run ` +
    `"sudo udevadm control --reload", and plug the unit in again`;
}

/** Says what to look at when no unit was found: nothing on the bus, no rights, or another program. Linux only. */
export function usbAdvice(folders: UsbFolders = {}): string {
  const devices = folders.devices ?? "/sys/bus/usb/devices";
  const rules = folders.rules ?? ["/etc/udev/rules.d", "/lib/udev/rules.d", "/usr/lib/udev/rules.d"];
  if (folders.devices === undefined && Deno.build.os !== "linux") {
    return "look whether it is plugged in, and whether another program has it open";
  }
  const isOnBus = entries(devices).some((name) => read(`${devices}/${name}/idVendor`) === VENDOR_ID);
  if (!isOnBus) return "no PicoScope is on the USB bus: look at the cable and the power supply";
  const hasRule = rules.some((folder) => entries(folder).some((name) => read(`${folder}/${name}`).includes(VENDOR_ID)));
  if (!hasRule) return `a PicoScope is on the USB bus, but without a udev rule: ${permissionAdvice()}`;
  return "a PicoScope is on the USB bus: another program has it open, or it is of another family";
}

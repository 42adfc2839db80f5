/** Where the page is served, as the command line says it. */

/** An address to listen at. */
export interface WebAddress {
  readonly hostname: string;
  readonly port: number;
  /** True: only this port will do; false: the next free one is taken. */
  readonly isExact: boolean;
}

/** Where the page is served if nobody says otherwise. */
export const USUAL_ADDRESS: WebAddress = { hostname: "127.0.0.1", port: 8055, isExact: false };

/**
 * Reads `off`, a port, or `HOST:PORT` with an IPv6 address in brackets. Port 0 is any free one.
 *
 * @returns Null for `off`.
 */
export function parseWebAddress(text: string): WebAddress | null | "unreadable" {
  if (text.trim().toLowerCase() === "off") return null;
  const [, host, digits] = /^(?:(\[[\da-f:.]+\]|[\w.-]+):)?(\d{1,5})$/i.exec(text.trim()) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65535) return "unreadable";
  return { hostname: host?.replace(/^\[|\]$/g, "") ?? "127.0.0.1", port, isExact: true };
}

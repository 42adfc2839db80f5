/** `stats.csv`: the state of a run, one line per second. */
import { cutBack, fileError } from "../files/file_error.ts";
import type { RunSnapshot } from "./run_snapshot.ts";
import { RateMeter } from "./rate_meter.ts";

/** What a line says of each ring, after the ring's name. */
const RING_COLUMNS = ["published", "discarded", "filled", "rate_hz", "deadtime"] as const;

/** Appends lines; each is in the file when the call returns, so that it can be read while the run lasts. */
export class StatsFile {
  readonly #path: string;
  #file: Deno.FsFile | null;
  /** Bytes of the file; a line that is not whole is cut off. */
  #bytes = 0;
  readonly #meters = new Map<string, RateMeter>();

  /**
   * Makes the file and writes its header.
   *
   * @param path Where; must not exist.
   * @param rings Names of the rings, in setup order.
   */
  constructor(path: string, rings: readonly string[]) {
    this.#path = path;
    try {
      this.#file = Deno.openSync(path, { write: true, createNew: true });
    } catch (error) {
      throw fileError("create", path, error);
    }
    for (const ring of rings) this.#meters.set(ring, new RateMeter(0));
    this.#write([
      "time_utc",
      "state",
      "active_s",
      "paused_s",
      ...rings.flatMap((ring) => RING_COLUMNS.map((column) => quoteCell(`${ring}.${column}`))),
      "workers",
      "failures",
    ]);
  }

  /**
   * Adds a line. Rates and dead times are those since the line before.
   *
   * @param snapshot State of the run.
   * @param deadtimeSums Sums of the dead time fractions by ring.
   * @param time Wall clock, and a clock in ms that never goes back.
   */
  add(
    snapshot: RunSnapshot,
    deadtimeSums: ReadonlyMap<string, number>,
    time: { readonly date: Date; readonly nowMs: number },
  ): void {
    const cells = snapshot.rings.flatMap((ring) => {
      const meter = this.#meters.get(ring.name)!;
      meter.add(time.nowMs, ring.published, deadtimeSums.get(ring.name)!);
      const deadtime = Number.isFinite(meter.deadtime) ? meter.deadtime.toFixed(6) : "";
      return [ring.published, ring.discarded, ring.filled, meter.rateHz.toFixed(2), deadtime];
    });
    this.#write([
      time.date.toISOString(),
      snapshot.state,
      snapshot.activeS.toFixed(3),
      snapshot.pausedS.toFixed(3),
      ...cells,
      snapshot.workersLeft,
      snapshot.failures,
    ]);
  }

  /** Closes the file. May be repeated. */
  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #write(cells: readonly (string | number)[]): void {
    const file = this.#file;
    if (file === null) return;
    const bytes = new TextEncoder().encode(`${cells.join(",")}\n`);
    try {
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      this.#bytes += bytes.length;
    } catch (error) {
      cutBack(file, this.#bytes);
      throw fileError("write", this.#path, error);
    }
  }
}

/** Quotes a cell where CSV needs it (RFC 4180). */
function quoteCell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

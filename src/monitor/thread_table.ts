/** Which thread owns which row of a ring, as the rings' owner tables say. */
import { OWNER_BYTES } from "../../drivers/shm_ring/symbols.ts";
import type { ObserverPort } from "../ring/ports.ts";
import { RingHandle } from "../ring/ring_handle.ts";

/** Where `pid` and, behind it, `tid` lie in a row (`struct shm_ring_owner` in ring.h). */
const PID_OFFSET = 12;

/** A thread, perhaps of another process. */
export interface OwnerThread {
  readonly pid: number;
  readonly tid: number;
}

/** Finds threads. */
export interface ThreadTable {
  /** The thread that owns a row; null as long as nobody does. */
  threadOf(row: { readonly ring: string; readonly owner: number }): OwnerThread | null;
}

/** Looks into the rings' own memory. */
export class RingThreadTable implements ThreadTable {
  readonly #handles = new Map<string, RingHandle>();

  /** @param ports One per ring. Rings that are gone have no threads. */
  constructor(ports: readonly ObserverPort[]) {
    for (const port of ports) {
      try {
        this.#handles.set(port.ring, RingHandle.attach(port));
      } catch {
        continue;
      }
    }
  }

  threadOf({ ring, owner }: { readonly ring: string; readonly owner: number }): OwnerThread | null {
    const handle = this.#handles.get(ring);
    if (handle === undefined) return null;
    const offset = handle.info("ownersOffset") + owner * OWNER_BYTES + PID_OFFSET;
    const [pid, tid] = new Int32Array(handle.memory, offset, 2);
    return tid > 0 ? { pid, tid } : null;
  }

  /** Lets go of the rings. */
  close(): void {
    for (const handle of this.#handles.values()) handle.close();
    this.#handles.clear();
  }
}

/** All rings of a run. */
import type { FieldSpecification, RecordLayout } from "../record/record_layout.ts";
import type { ObserverPort, ReaderPort, WriterPort } from "../ring/ports.ts";
import { RingBuffer } from "../ring/ring_buffer.ts";
import type { OwnerStatus, RingStatus } from "../ring/ring_status.ts";
import type { FunctionPlan, Plan } from "../setup/plan.ts";

/** A row of a ring's owner table that belongs to a worker. */
export interface OwnedRow {
  /** Name of the ring. */
  readonly ring: string;
  /** Number of the row, as `OwnerStatus` has it. */
  readonly owner: number;
}

/** Ports of one worker, each with its own row. */
export interface WorkerPorts {
  readonly sources: readonly ReaderPort[];
  readonly sinks: readonly WriterPort[];
  readonly observes: readonly ObserverPort[];
}

/** Makes the rings of a plan and steers them together. */
export class RunRings {
  readonly #plan: Plan;
  readonly #rings = new Map<string, RingBuffer>();
  /** Port of a ring's reader group by ring and function. */
  readonly #groups = new Map<string, ReaderPort>();

  /** @param plan What rings there shall be; {@linkcode RunRings.create} makes them. */
  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** Makes all rings with their reader groups. Throws a `RingError` if there is no room for them. */
  async create(): Promise<void> {
    for (const [index, ring] of this.#plan.rings.entries()) {
      const buffer = await RingBuffer.create({
        name: ring.name,
        slots: ring.slots,
        valuesPerSlot: ring.layout.valuesPerSlot,
        fields: fieldsOf(ring.layout),
        writers: ring.writers,
        limit: index === 0 ? this.#plan.runEvents : 0,
        pause: ring.pause,
      });
      this.#rings.set(ring.name, buffer);
      for (const { name, functions } of ring.groups) {
        const port = buffer.newReaderGroup(name);
        for (const reader of functions) this.#groups.set(readerKey(ring.name, reader), port);
      }
    }
  }

  /** Rings by name, in setup order. */
  get byName(): ReadonlyMap<string, RingBuffer> {
    return this.#rings;
  }

  /** The rings that importers feed. */
  get roots(): RingBuffer[] {
    return this.#plan.rings.filter((ring) => ring.isRoot).map((ring) => this.#ring(ring.name));
  }

  /** Counters of all rings by name, in setup order. */
  statuses(): Map<string, RingStatus> {
    return new Map([...this.#rings].map(([name, ring]) => [name, ring.status()]));
  }

  /** Reserves rows for one worker of a function. */
  portsFor(plan: FunctionPlan): WorkerPorts {
    return {
      sources: plan.sources.map((name) => this.#ring(name).reserve(this.#groups.get(readerKey(name, plan.name))!)),
      sinks: plan.sinks.map((name) => this.#ring(name).reserve(this.#ring(name).newWriter())),
      observes: plan.observes.map((name) => this.#ring(name).newObserver()),
    };
  }

  /**
   * Hands on what the owner of a row held. Only for an owner that has ended for good.
   *
   * @returns How many slots became void and how many events are offered again; zeros if it had signed off itself.
   */
  recover({ ring, owner }: OwnedRow): { voided: number; redelivered: number } {
    const buffer = this.#ring(ring);
    if (rowOf(buffer.status(), owner).state === "gone") return { voided: 0, redelivered: 0 };
    return buffer.recover(owner);
  }

  /**
   * Lets go of a reader group whose last worker has ended, so that it no longer holds the ring back.
   *
   * @returns True if the ring was still going on.
   */
  detach(ring: string, group: string): boolean {
    const buffer = this.#ring(ring);
    const { ended, closing, aborted, groups } = buffer.status();
    const { held, unread } = groups.find(({ name }) => name === group)!;
    if (!ended || held + unread > 0) buffer.detachGroup(group);
    return !ended && !closing && !aborted;
  }

  /** Removes all rings. May be repeated. */
  close(): void {
    for (const ring of this.#rings.values()) ring.close();
  }

  #ring(name: string): RingBuffer {
    return this.#rings.get(name)!;
  }
}

/** The owner's row in a ring's status. */
export function rowOf(status: RingStatus, owner: number): OwnerStatus {
  return status.owners.find((row) => row.owner === owner)!;
}

function readerKey(ring: string, functionName: string): string {
  return JSON.stringify([ring, functionName]);
}

function fieldsOf(layout: RecordLayout): FieldSpecification {
  return layout.isSingle
    ? layout.fields[0].type.name
    : new Map(layout.fields.map((field) => [field.name, field.type.name]));
}

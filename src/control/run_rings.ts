/** All rings of a run. */
import type { FieldSpecification, RecordLayout } from "../record/record_layout.ts";
import type { ObserverPort, ReaderPort, WriterPort } from "../ring/ports.ts";
import { RingBuffer } from "../ring/ring_buffer.ts";
import { RingError } from "../ring/ring_error.ts";
import type { OwnerStatus, Recovery, RingStatus, RingTally } from "../ring/ring_status.ts";
import type { FunctionPlan, Plan } from "../setup/plan.ts";
import type { HeldByWorker } from "./worker_death.ts";

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
  readonly #runDirectory: string;
  readonly #rings = new Map<string, RingBuffer>();
  /** Port of a ring's reader group by ring and function. */
  readonly #groups = new Map<string, ReaderPort>();
  /** Identities of events that dead owners held, by {@linkcode holdKey}. */
  readonly #heldAtEnd = new Map<string, readonly [low: number, high: number]>();

  /**
   * {@linkcode RunRings.create} makes them.
   *
   * @param plan What rings there shall be.
   * @param runDirectory Path of the run directory: as long as it exists, a killed run's rings are kept.
   */
  constructor(plan: Plan, runDirectory: string) {
    this.#plan = plan;
    this.#runDirectory = runDirectory;
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
        memories: ring.groups.length,
        runDirectory: this.#runDirectory,
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

  /** Counters of all rings by name, beside what their words say, when nobody is at work any more. */
  tally(): Map<string, RingTally> {
    return new Map([...this.#rings].map(([name, ring]) => [name, ring.tally()]));
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
   * Reserves rows for a worker that takes the place of one that has died. To be called before the dead one's rows are
   * recovered or closed: rings that it wrote into do not end then.
   *
   * @returns Null if a ring takes no further worker: it has ended, or has had as many as it can.
   */
  portsForSuccessor(plan: FunctionPlan): WorkerPorts | null {
    const sources: ReaderPort[] = [];
    const sinks: WriterPort[] = [];
    try {
      for (const name of plan.sinks) sinks.push(this.#ring(name).addWriter());
      for (const name of plan.sources) {
        sources.push(this.#ring(name).reserve(this.#groups.get(readerKey(name, plan.name))!));
      }
    } catch (error) {
      if (!(error instanceof RingError)) throw error;
      this.giveBack({ sources, sinks, observes: [] });
      return null;
    }
    return { sources, sinks, observes: plan.observes.map((name) => this.#ring(name).newObserver()) };
  }

  /**
   * Reserves a row for whoever saves the events of a ring in place of a function's workers.
   *
   * @throws {RingError} If the ring has had as many owners as it can.
   */
  portInPlaceOf(ring: string, functionName: string): ReaderPort {
    const port = this.#ring(ring).reserve(this.#groups.get(readerKey(ring, functionName))!);
    this.#ring(ring).markSaver(port.owner!);
    return port;
  }

  /** Gives back ports that were reserved and will not be opened. */
  giveBack(ports: WorkerPorts): void {
    for (const { ring, owner } of [...ports.sources, ...ports.sinks]) this.recover({ ring, owner: owner! });
  }

  /** Hands on what the owner of a row held. Only for an owner that has ended for good. */
  recover({ ring, owner }: OwnedRow): Recovery {
    const held = this.#ring(ring).heldOrigin(owner);
    if (held !== null) this.#heldAtEnd.set(holdKey(ring, owner), held);
    return this.#ring(ring).recover(owner);
  }

  /** Tells the owner of a row to sign off while the ring goes on. */
  retire({ ring, owner }: OwnedRow): void {
    this.#ring(ring).retire(owner);
  }

  /** All events that are held, the oldest one of each owner, by {@linkcode holdKey}. */
  heldEvents(): Map<string, HeldByWorker & { readonly sequence: number }> {
    const held = new Map<string, HeldByWorker & { readonly sequence: number }>();
    for (const [ring, buffer] of this.#rings) {
      for (const { owner, sequence, counter } of buffer.heldEvents()) {
        const key = holdKey(ring, owner);
        const known = held.get(key);
        if (known === undefined || sequence < known.sequence) held.set(key, { ring, counter, sequence });
      }
    }
    return held;
  }

  /** How many events the owners of some rows of one ring have published together. */
  publishedBy(rows: readonly OwnedRow[]): number {
    return rows.reduce((sum, { ring, owner }) => sum + rowOf(this.#ring(ring).status(), owner).published, 0);
  }

  /** How many events the owner of a row has released as processed. */
  processedBy({ ring, owner }: OwnedRow): number {
    return rowOf(this.#ring(ring).status(), owner).processed;
  }

  /** Identity of the event that the owner of a row held when it was recovered; null if it held none. */
  heldAtEnd({ ring, owner }: OwnedRow): readonly [low: number, high: number] | null {
    return this.#heldAtEnd.get(holdKey(ring, owner)) ?? null;
  }

  /** Which event is held through one of some rows, the oldest one of the first ring; null if none is. */
  heldBy(rows: readonly OwnedRow[]): HeldByWorker | null {
    for (const { ring, owner } of rows) {
      const counter = this.#ring(ring).heldCounter(owner);
      if (counter !== null) return { ring, counter };
    }
    return null;
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

/** Key of an owner's row in {@linkcode RunRings.heldEvents}. */
export function holdKey(ring: string, owner: number): string {
  return `${owner} ${ring}`;
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

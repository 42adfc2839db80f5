import type { MonitorSetup, RawState } from "../../src/monitor/messages.ts";
import { MonitorService, TICK_MS } from "../../src/monitor/monitor_service.ts";
import { PageClient } from "../../src/monitor/page_client.ts";
import type { ToPage } from "../../src/monitor/protocol.ts";
import { decodeFrame } from "../../src/monitor/page/wave_frame.js";
import { assert, assertEquals, assertGreater } from "../../src/std/assert.js";
import { RingBuffer } from "../../src/ring/ring_buffer.ts";
import { Reader } from "../../src/ring/reader.ts";
import { Writer } from "../../src/ring/writer.ts";

/** A service on one ring, with a clock that only the test moves. */
class Fixture implements Disposable {
  readonly ring: RingBuffer;
  readonly writer: Writer;
  readonly service: MonitorService;
  nowMs = 1000;
  commands: string[] = [];

  private constructor(ring: RingBuffer) {
    this.ring = ring;
    this.writer = new Writer(ring.newWriter());
    const setup: MonitorSetup = {
      hello: {
        type: "hello",
        protocol: 1,
        version: "0",
        run: "r",
        runDirectory: "/r",
        host: "h",
        beganMs: 0,
        runEvents: 0,
        runtimeS: 0,
        rings: [{
          name: "RB_1",
          slots: 4,
          valuesPerSlot: 8,
          fields: [{ name: "chA", type: "float32" }],
          isRoot: true,
          pause: "wait",
        }],
        functions: [{
          ...{ name: "Fkt_1", functionName: "f", workers: 1, sources: [], observes: [], isDisplay: false },
          sinks: ["RB_1"],
        }],
        scopes: [],
        flowSvg: "",
        arrows: [],
      },
      observers: [ring.newObserver()],
      displays: [],
      address: { hostname: "127.0.0.1", port: 0, isExact: false },
      token: null,
    };
    this.service = new MonitorService(setup, {
      now: () => this.nowMs,
      warn: () => {},
      command: (command) => {
        this.commands.push(command);
        return Promise.resolve({ ok: true, text: `did ${command}` });
      },
    });
  }

  static async create(): Promise<Fixture> {
    const fields = { chA: "float32" };
    return new Fixture(await RingBuffer.create({ name: "RB_1", slots: 4, valuesPerSlot: 8, fields }));
  }

  publish(counter: number): void {
    this.writer.getNewBuffer()!.chA.fill(counter);
    this.writer.setMetadata(counter, 100 + counter / 10, 0);
    this.writer.processBuffer();
  }

  state(isOver = false): RawState {
    const statuses = new Map([["RB_1", this.ring.status()]]);
    const { slots, published, discarded, filled } = statuses.get("RB_1")!;
    const ring = { name: "RB_1", slots, published, discarded, filled, rateHz: 7, deadtime: NaN };
    return {
      timeMs: 1e12 + this.nowMs,
      snapshot: {
        ...({ restarts: 0 }),
        state: "Running",
        activeS: this.nowMs / 1000,
        pausedS: 0,
        progress: null,
        rings: [ring],
        workersLeft: 0,
        workers: 0,
        failures: 0,
      },
      stopReason: null,
      statuses,
      workers: [],
      isOver,
    };
  }

  [Symbol.dispose](): void {
    this.service.close();
    this.writer.close();
    this.ring.close();
  }
}

/** A page that acknowledges what it gets, or not. */
class FakePage {
  readonly messages: ToPage[] = [];
  readonly counters: number[] = [];
  bytes = 0;
  readonly client: PageClient;

  constructor(acknowledges: boolean) {
    this.client = new PageClient({
      bufferedAmount: 0,
      readyState: 1,
      close: () => {},
      send: (data) => {
        this.bytes += data.length;
        if (typeof data === "string") {
          const message = JSON.parse(data) as ToPage;
          this.messages.push(message);
          if (acknowledges && message.type === "state") this.client.acknowledge("state", message.seq);
        } else {
          const frame = decodeFrame(data.slice().buffer)!;
          if (frame.kind === "waveform") this.counters.push(frame.counter);
          if (acknowledges) this.client.acknowledge("frame", frame.seq);
        }
      },
    });
  }

  of(type: ToPage["type"]): ToPage[] {
    return this.messages.filter((message) => message.type === type);
  }
}

Deno.test("MonitorService sends a page everything so far, then the newest waveforms only", async () => {
  using fixture = await Fixture.create();
  const { service } = fixture;
  service.takeLog({ timeMs: 1, level: "info", source: "run", text: "begun" });
  service.board.put({ entry: "Fkt_1", worker: 0, life: 0, name: "n" }, { kind: "value", title: "N", value: 3 });
  service.takeState(fixture.state());
  const page = new FakePage(true);
  service.addClient(page.client);
  assertEquals(page.messages.map((message) => message.type), ["hello", "history", "log", "panel", "state"]);
  fixture.publish(0);
  service.tick();
  assertEquals(page.counters, []);
  await service.takeMessage(page.client, { type: "scope", ring: "RB_1", on: true });
  service.tick();
  assertEquals(page.counters, [0]);
  for (const counter of [1, 2, 3]) fixture.publish(counter);
  fixture.nowMs += TICK_MS;
  service.tick();
  fixture.nowMs += TICK_MS;
  service.tick();
  assertEquals(page.counters, [0, 3]);
  await service.takeMessage(page.client, { type: "scope", ring: "RB_1", on: false });
  fixture.publish(4);
  fixture.nowMs += TICK_MS;
  service.tick();
  assertEquals(page.counters, [0, 3]);
  await service.takeMessage(page.client, { type: "command", id: 5, command: "pause" });
  assertEquals(fixture.commands, ["pause"]);
  assertEquals(page.of("reply"), [{ type: "reply", id: 5, ok: true, text: "did pause" }]);
});

Deno.test("MonitorService folds every event that it finds, and sends the latest records", async () => {
  using fixture = await Fixture.create();
  const { service } = fixture;
  const page = new FakePage(true);
  service.addClient(page.client);
  await service.takeMessage(page.client, { type: "fold", ring: "RB_1", on: true, low: -1, high: 20 });
  await service.takeMessage(page.client, { type: "records", ring: "RB_1", on: true });
  for (let counter = 0; counter < 10; counter++) {
    fixture.publish(counter);
    fixture.nowMs += TICK_MS;
    service.tick();
  }
  fixture.nowMs += 1000;
  service.tick();
  assertEquals(page.client.folds.get("RB_1")!.map.waveforms, 10);
  const records = page.of("records").at(-1)!;
  assert(records.type === "records");
  assertEquals(records.rows.map((row) => row[0]), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  assertEquals(records.columns, ["counter", "timestamp", "chA"]);
});

Deno.test("MonitorService keeps a bounded memory over an hour, also for a page that takes nothing", async () => {
  using fixture = await Fixture.create();
  const { service } = fixture;
  const [deaf, eager] = [new FakePage(false), new FakePage(true)];
  for (const page of [deaf, eager]) {
    service.addClient(page.client);
    await service.takeMessage(page.client, { type: "scope", ring: "RB_1", on: true });
  }
  for (let s = 0; s < 3600; s++) {
    fixture.publish(s);
    service.takeLog({ timeMs: s, level: "info", source: "run", text: `line ${s}` });
    for (let i = 0; i < 4; i++) {
      service.takeState(fixture.state());
      fixture.nowMs += 250;
      service.tick();
    }
  }
  assertEquals(service.log.length, 1000);
  assert(service.history.size < 1500, String(service.history.size));
  assert(deaf.bytes < 10_000, String(deaf.bytes));
  assertEquals(deaf.counters.length, 2);
  assertGreater(eager.counters.length, 3500);
  const points = eager.of("history").slice(1).flatMap((message) => message.type === "history" ? message.timesMs : []);
  assertEquals(new Set(points).size, points.length);
  assertGreater(points.length, 3500);
  const lines = eager.of("log").flatMap((message) => message.type === "log" ? message.entries : []);
  assertEquals(lines.length, 3600);
});

Deno.test("MonitorService tells all that is left when the run is over", async () => {
  using fixture = await Fixture.create();
  const { service } = fixture;
  const page = new FakePage(true);
  service.takeState(fixture.state());
  service.addClient(page.client);
  service.takeLog({ timeMs: 1, level: "info", source: "run", text: "done" });
  service.board.put({ entry: "Fkt_1", worker: 0, life: 0, name: "n" }, { kind: "value", title: "N", value: 3 });
  service.takeState(fixture.state(true));
  assertEquals(page.messages.slice(3).map((message) => message.type), ["panel", "log", "state"]);
  fixture.nowMs += 5000;
  service.tick();
  assertEquals(page.messages.at(-1)!.type, "state");
});

Deno.test("MonitorService measures a flow in one way, and shows none when the run is over", async () => {
  using fixture = await Fixture.create();
  const { service, ring } = fixture;
  const reader = ring.newReaderGroup("Fkt_2");
  using taker = new Reader(reader);
  const { owner } = ring.status().owners.find(({ kind }) => kind === "writer")!;
  const worker = { worker: 0, state: "running" as const, ok: false, isStopped: false, host: null };
  const workers = [{ ...worker, name: "Fkt_1", sourceRows: [], sinkRows: [{ ring: "RB_1", owner }] }];
  let counter = 0;
  const lookAfter = (ms: number, events: number, isOver = false) => {
    for (let i = 0; i < events; i++) {
      fixture.publish(counter++);
      taker.next({ timeoutMs: 0 });
    }
    fixture.nowMs += ms;
    service.takeState({ ...fixture.state(isOver), workers });
    const { rings, functions } = service.state!;
    return [rings[0].rateHz, functions[0].outHz[0]];
  };
  lookAfter(0, 0);
  assertEquals(lookAfter(500, 50), [100, 100]);
  assertEquals(lookAfter(90, 30), [80 / 0.59, 80 / 0.59]);
  for (let i = 0; i < 30; i++) lookAfter(100, i);
  const [ofRing, ofFunction] = lookAfter(100, 7);
  assertEquals(ofRing, ofFunction);
  assertEquals(lookAfter(100, 0, true), [0, 0]);
});

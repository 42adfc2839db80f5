import { InstrumentLost } from "../../drivers/instrument.ts";
import {
  COMMAND,
  COMMAND_BYTES,
  decodeCommand,
  encodeCommands,
  SAMPLE_BYTES,
  STATUS_BYTES,
  SURPLUS_SAMPLES,
} from "../../drivers/redpitaya/commands.ts";
import type { ByteConnection } from "../../drivers/redpitaya/receive_buffer.ts";
import { RedPitaya, type RedPitayaSettings, type RedPitayaTimes } from "../../drivers/redpitaya/red_pitaya.ts";
import { SimulatedServer } from "../../drivers/redpitaya/simulator/simulated_server.ts";
import { countingSample, type SimulatorSettings } from "../../drivers/redpitaya/simulator/simulator_settings.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../src/std/assert.js";

const SETTINGS: RedPitayaSettings = {
  decimation: 4,
  negated: [false, false],
  triggerSource: 0,
  triggerSlope: "rising",
  triggerMode: "normal",
  triggerLevel: 200,
  preSamples: 3,
  samples: 7,
};
const TIMES: RedPitayaTimes = { quietMs: 5, answerMs: 1000, settleMs: 2000 };
const EVENT_BYTES = (SETTINGS.samples + SURPLUS_SAMPLES) * SAMPLE_BYTES;

function waveform(event: number, samples = SETTINGS.samples): number[] {
  return Array.from({ length: 2 * samples }, (_, i) => countingSample(event, i >> 1, i & 1));
}

function eventBytes(event: number): Uint8Array {
  return new Uint8Array(new Int16Array(waveform(event, SETTINGS.samples + SURPLUS_SAMPLES)).buffer);
}

/** Takes so many waveforms out; copies. */
async function takeEvents(device: RedPitaya, count: number): Promise<number[][]> {
  const taken: number[][] = [];
  while (taken.length < count) {
    const events = await device.receive(2000);
    assert(events > 0, `only ${taken.length} of ${count} events came`);
    for (let i = 0; i < events; i++) taken.push([...device.waveforms(i)]);
    device.take(events);
  }
  return taken;
}

/** A device on a server; the first request is made. */
async function onServer<T>(
  simulator: SimulatorSettings,
  use: (device: RedPitaya, server: SimulatedServer) => Promise<T>,
  settings: Partial<RedPitayaSettings> = {},
): Promise<T> {
  await using server = new SimulatedServer({ signal: "counting", ...simulator });
  const device = await RedPitaya.open(server.address, { ...SETTINGS, ...settings }, TIMES);
  try {
    return await use(device, server);
  } finally {
    device.close();
  }
}

/** A connection on which an exchange comes in given pieces, each as soon as somebody reads. */
class PiecewiseConnection implements ByteConnection {
  readonly written: number[] = [];
  readonly #pieces: Uint8Array[] = [];
  #reader: (() => void) | null = null;

  send(...pieces: readonly Uint8Array[]): void {
    this.#pieces.push(...pieces.filter(({ length }) => length > 0));
    this.#reader?.();
  }

  async read(target: Uint8Array): Promise<number | null> {
    if (this.#pieces.length === 0) await new Promise<void>((resolve) => this.#reader = resolve);
    const piece = this.#pieces.shift()!;
    assert(piece.length <= target.length);
    target.set(piece);
    return piece.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    this.written.push(...bytes);
    return Promise.resolve(bytes.length);
  }

  close(): void {
    this.#reader?.();
  }
}

Deno.test("encodeCommands() puts code, channel and value into one little-endian word", () => {
  assertEquals([...encodeCommands([{ code: 31, value: 100 }])], [100, 0, 0, 0, 0, 0, 0, 31]);
  assertEquals([...encodeCommands([{ code: 5, channel: 1, value: 1 }])], [1, 0, 0, 0, 0, 0, 16, 5]);
  assertEquals([...encodeCommands([{ code: 16, value: -2 }])], [254, 255, 255, 255, 255, 255, 15, 16]);
  assertEquals(decodeCommand(encodeCommands([{ code: 5, channel: 1, value: 7 }])), { code: 5, channel: 1, value: 7 });
});

Deno.test("RedPitaya.setUp() sends what mimoCoRB2 sends", async () => {
  const connection = new PiecewiseConnection();
  const settings: RedPitayaSettings = {
    ...SETTINGS,
    negated: [true, false],
    triggerSource: 1,
    triggerSlope: "falling",
    triggerMode: "auto",
    triggerLevel: -5,
  };
  const device = new RedPitaya(connection, { name: "test", settings, times: TIMES });
  setTimeout(() => connection.send(new Uint8Array(STATUS_BYTES)), 20);
  await device.setUp();
  const sent = Array.from(
    { length: connection.written.length / COMMAND_BYTES },
    (_, i) => decodeCommand(new Uint8Array(connection.written.slice(i * COMMAND_BYTES, (i + 1) * COMMAND_BYTES))),
  ).map(({ code, channel, value }) => [code, channel, value]);
  assertEquals(sent, [
    [COMMAND.resetScope, 0, 0],
    [COMMAND.readStatus, 0, 0],
    [18, 0, 107],
    [17, 0, 3],
    [4, 0, 4],
    [5, 0, 1],
    [5, 1, 0],
    [13, 1, 0],
    [14, 0, 1],
    [15, 0, 1],
    [16, 0, 2 ** 52 - 5],
  ]);
});

Deno.test("RedPitaya reads status and three events the same when they are split at every position", async () => {
  const events = [eventBytes(0), eventBytes(1), eventBytes(2)];
  const stream = new Uint8Array(3 * EVENT_BYTES);
  events.forEach((bytes, i) => stream.set(bytes, i * EVENT_BYTES));
  const status = new Uint8Array(STATUS_BYTES);
  status[32] = 1;
  for (let at = 0; at <= STATUS_BYTES; at++) {
    const connection = new PiecewiseConnection();
    const device = new RedPitaya(connection, { name: "test", settings: SETTINGS, times: TIMES });
    connection.send(status.subarray(0, at), status.subarray(at));
    assertEquals((await device.readStatus()).isWaiting, true);
  }
  for (let at = 0; at <= stream.length; at++) {
    const connection = new PiecewiseConnection();
    const device = new RedPitaya(connection, { name: "test", settings: SETTINGS, times: TIMES });
    connection.send(stream.subarray(0, at), stream.subarray(at));
    assertEquals(await takeEvents(device, 3), [waveform(0), waveform(1), waveform(2)], `split at ${at}`);
  }
});

Deno.test("RedPitaya reads events the same in pieces of every size", async () => {
  const stream = new Uint8Array([...eventBytes(0), ...eventBytes(1)]);
  for (let size = 1; size <= EVENT_BYTES + 1; size++) {
    const connection = new PiecewiseConnection();
    const device = new RedPitaya(connection, { name: "test", settings: SETTINGS, times: TIMES });
    for (let at = 0; at < stream.length; at += size) connection.send(stream.subarray(at, at + size));
    assertEquals(await takeEvents(device, 2), [waveform(0), waveform(1)], `pieces of ${size}`);
  }
});

Deno.test("RedPitaya reads events when each is split at another position, over TCP", async () => {
  const count = EVENT_BYTES + 10;
  const taken = await onServer({ split: true }, async (device) => {
    await device.arm();
    await device.request(count);
    return await takeEvents(device, count);
  });
  taken.forEach((samples, event) => assertEquals(samples, waveform(event)));
});

for (const segment_bytes of [1, 2, 3, 5, 7, 11, 64, EVENT_BYTES - 1, EVENT_BYTES + 1]) {
  Deno.test(`RedPitaya reads events in segments of ${segment_bytes} bytes, over TCP`, async () => {
    const count = segment_bytes < 8 ? 20 : 200;
    const taken = await onServer({ segment_bytes }, async (device) => {
      await device.arm();
      await device.request(count);
      return await takeEvents(device, count);
    });
    taken.forEach((samples, event) => assertEquals(samples, waveform(event)));
  });
}

Deno.test("RedPitaya.arm() throws away what is left of a set that another connection asked for", async () => {
  await onServer({}, async (first, server) => {
    await first.arm();
    await first.request(500);
    await takeEvents(first, 3);
    first.close();
    const settings = { ...SETTINGS, samples: 20 };
    const second = await RedPitaya.open(server.address, settings, TIMES);
    await second.arm();
    const before = server.scope.captures;
    await second.request(5);
    const [samples] = await takeEvents(second, 1);
    // What came first is a whole waveform of the new length, taken after arming.
    const event = Array.from({ length: before + 1 }, (_, n) => n).findLast((n) =>
      countingSample(n, 0, 0) === samples[0]
    );
    assert(event !== undefined);
    assertEquals(samples, waveform(event, 20));
    second.close();
  });
});

Deno.test("RedPitaya.arm() throws away what has come before, also an odd number of bytes", async () => {
  await onServer({}, async (device, server) => {
    await device.arm();
    await device.request(50);
    await takeEvents(device, 1);
    while (server.scope.captures < 50) await new Promise((resolve) => setTimeout(resolve, 5));
    assert(await device.arm() > 0);
    await device.request(2);
    assertEquals((await takeEvents(device, 1))[0], waveform(50));
  });
  const connection = new PiecewiseConnection();
  const device = new RedPitaya(connection, { name: "test", settings: SETTINGS, times: TIMES });
  setTimeout(() => connection.send(new Uint8Array(3)), 1);
  await device.receive(2);
  assertEquals(await device.arm(), 3);
  connection.send(eventBytes(0));
  assertEquals(await takeEvents(device, 1), [waveform(0)]);
});

Deno.test("RedPitaya.receive() tells that the server has closed the connection", async () => {
  for (const disconnect_within of [false, true]) {
    await onServer({ disconnect_after: 4, disconnect_within }, async (device) => {
      await device.arm();
      await device.request(10);
      await takeEvents(device, 4);
      await assertRejects(() => device.receive(2000), InstrumentLost, "has closed the connection");
    });
  }
});

Deno.test("RedPitaya.receive() tells that the rest of an event does not come", async () => {
  await using server = new SimulatedServer({ signal: "counting", stall_after: 2 });
  const device = await RedPitaya.open(server.address, SETTINGS, { ...TIMES, answerMs: 100 });
  await device.arm();
  await device.request(10);
  await takeEvents(device, 2);
  const error = await assertRejects(async () => {
    for (let n = 0; n < 100; n++) await device.receive(20);
  }, InstrumentLost);
  assertStringIncludes(error.message, `has sent ${EVENT_BYTES / 2} of the ${EVENT_BYTES} bytes of an event`);
  device.close();
});

for (
  const [answer, text] of [
    ["none", "answered 0 of 36 bytes to command 11"],
    ["short", "answered 20 of 36 bytes to command 11"],
    ["endless", "sends data that were not asked for"],
  ] as const
) {
  Deno.test(`RedPitaya.open() refuses a server whose answer is ${answer}`, async () => {
    await using server = new SimulatedServer({ answer });
    const times = { quietMs: 20, answerMs: 100, settleMs: 100 };
    await assertRejects(() => RedPitaya.open(server.address, SETTINGS, times), InstrumentLost, text);
  });
}

Deno.test("RedPitaya.open() says what to look at when nobody listens", async () => {
  const server = new SimulatedServer();
  const { address } = server;
  await server.close();
  const error = await assertRejects(() => RedPitaya.open(address, SETTINGS, TIMES), InstrumentLost);
  assertStringIncludes(
    error.message,
    `Cannot connect to Red Pitaya 127.0.0.1:${address.port}: expected its DAQ server`,
  );
});

Deno.test("RedPitaya.readHistogram() gives the pulse heights of the time in which it ran", async () => {
  await onServer({ signal: "pulses", rate_Hz: 20_000, height: 1000, seed: 1 }, async (device) => {
    await device.startHistogram(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const bins = await device.readHistogram(0);
    const { timers } = await device.readStatus();
    const pulses = bins.reduce((sum, n) => sum + n, 0);
    const ranS = timers[0] * 8e-9;
    assert(pulses > 0 && Math.abs(pulses - 20_000 * ranS) <= 0.2 * 20_000 * ranS, `${pulses} in ${ranS} s`);
    const inPeak = bins.subarray(850, 1150).reduce((sum, n) => sum + n, 0);
    assert(inPeak > 0.3 * pulses && inPeak < 0.4 * pulses);
    assertEquals((await device.readHistogram(1)).every((n) => n === 0), true);
  });
});

for (
  const [decimation, negated, slope, level] of [[1, false, "rising", 200], [4, false, "rising", 300], [
    8,
    true,
    "falling",
    -200,
  ], [16, false, "falling", 200]] as const
) {
  Deno.test(`a simulated Red Pitaya triggers at ${level}, ${slope}, decimation ${decimation}`, async () => {
    const settings: Partial<RedPitayaSettings> = {
      decimation,
      negated: [negated, false],
      triggerSlope: slope,
      triggerLevel: level,
      samples: 100,
      preSamples: 40,
    };
    const taken = await onServer(
      { signal: "pulses", rate_Hz: 0, noise: 0, seed: 7 },
      async (device) => {
        await device.arm();
        await device.request(20);
        return await takeEvents(device, 20);
      },
      settings,
    );
    for (const samples of taken) {
      const before = samples[2 * 39];
      const at = samples[2 * 40];
      // Rounding to whole counts may hide the crossing by half a count.
      assert(slope === "rising" ? before <= level && at >= level - 1 : before >= level && at <= level + 1);
    }
  });
}

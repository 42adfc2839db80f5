/** Every documented status of the PicoScope libraries: what provokes it, and what the driver makes of it. */
import { InstrumentLost } from "../../drivers/instrument.ts";
import type { Argument } from "../../drivers/picoscope/driver_library.ts";
import { loadFamily, openScope } from "../../drivers/picoscope/find_scopes.ts";
import type { FamilyName } from "../../drivers/picoscope/families.ts";
import {
  describeStatus,
  isLost,
  isPowerState,
  PicoError,
  PowerSourceChanged,
} from "../../drivers/picoscope/pico_status.ts";
import { DOCUMENTED_STATUSES } from "../../drivers/picoscope/status_codes.ts";
import { Unit } from "../../drivers/picoscope/unit.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../src/std/assert.js";
import {
  memoryFor,
  openSimulated,
  scopeSettings,
  SERIAL,
  simulate,
  type Simulated,
  takeSet,
} from "../unit/picoscope_fixture.ts";

const OK = 0;
const NOT_FOUND = 3;
const BUSY = 0x27;
const NO_SAMPLES = 0x25;
const DRIVER_FUNCTION = 0x43;

const hex = (status: number) => `0x${status.toString(16)}`;

for (const [status, name] of DOCUMENTED_STATUSES.filter(([status]) => status !== OK && status !== DRIVER_FUNCTION)) {
  Deno.test(`Scope answers PICO_${name} with the right error`, async () => {
    using simulated = await simulate("ps5000a", { rate_hz: 5000 });
    const scope = await openSimulated("ps5000a", simulated);
    const expected = isPowerState(status) ? PowerSourceChanged : isLost(status) ? InstrumentLost : PicoError;
    const memory = memoryFor(2, 2, 1000);
    try {
      for (const call of ["RunBlock", "IsReady", "GetValuesBulk"]) {
        scope.configure(scopeSettings(), 2);
        simulated.simulator.set("", "fail", `${call}=${hex(status)}*1`);
        // Not ready yet: it is asked again.
        if (call === "IsReady" && (status === BUSY || status === NO_SAMPLES)) {
          await takeSet(scope, memory);
          continue;
        }
        const error = await assertRejects(() => takeSet(scope, memory), Error);
        assert(error instanceof expected, `${call}: ${error.name} ${error.message}`);
        assertStringIncludes(error.message, describeStatus(status));
      }
      // It has not suffered by that.
      scope.configure(scopeSettings(), 2);
      await takeSet(scope, memory);
    } finally {
      await scope.close();
    }
  });
}

for (const [status, name] of DOCUMENTED_STATUSES.filter(([status]) => status !== OK && status !== DRIVER_FUNCTION)) {
  if (isPowerState(status)) continue;
  Deno.test(`openScope() answers PICO_${name} with its meaning`, async () => {
    using simulated = await simulate("ps3000a", { open_status: hex(status) });
    const error = await assertRejects(() => openSimulated("ps3000a", simulated), Error);
    assert(error instanceof (isLost(status) || status === NOT_FOUND ? InstrumentLost : PicoError), error.name);
    assertStringIncludes(error.message, describeStatus(status));
    simulated.simulator.set("", "open_status", 0);
    await (await openSimulated("ps3000a", simulated)).close();
  });
}

Deno.test("DriverLibrary repeats a call that meets PICO_DRIVER_FUNCTION until it gets through", async () => {
  using simulated = await simulate("ps5000a", { rate_hz: 5000 });
  const scope = await openSimulated("ps5000a", simulated);
  scope.configure(scopeSettings(), 2);
  for (const call of ["RunBlock", "IsReady", "GetValuesBulk", "GetTriggerInfoBulk"]) {
    simulated.simulator.set("", "fail", `${call}=0x43*3`);
    await takeSet(scope, memoryFor(2, 2, 1000));
    assert(scope.readTriggerTimes(2) !== null);
  }
  await scope.close();
});

/** One thing that a library refuses: the call as the header has it, after the handle. */
interface Cause {
  readonly desc: string;
  readonly status: number | readonly number[];
  readonly call: (unit: Unit) => number;
}

const word = () => new Int32Array(2);
const pair = (unit: Unit, name: string, ...args: Argument[]) => unit.call(name, ...args);

const CAUSES: readonly Cause[] = [
  { desc: "a NULL pointer", status: 0x16, call: (unit) => pair(unit, "IsReady", null) },
  { desc: "a channel that the unit lacks", status: 0x10, call: (unit) => pair(unit, "SetChannel", 7, 1, 1, 5, 0) },
  { desc: "a range that the unit lacks", status: 0x0F, call: (unit) => pair(unit, "SetChannel", 0, 1, 1, 12, 0) },
  { desc: "a coupling that there is not", status: 0x45, call: (unit) => pair(unit, "SetChannel", 0, 1, 2, 5, 0) },
  { desc: "an offset that is too large", status: 0x50, call: (unit) => pair(unit, "SetChannel", 0, 1, 1, 3, 0.3) },
  {
    desc: "a timebase that four channels do not allow",
    status: 0x0E,
    call: (unit) => pair(unit, "GetTimebase2", 0, 1000, new Float32Array(1), word(), 0),
  },
  {
    desc: "more samples than a segment holds",
    status: 0x1D,
    call: (unit) => pair(unit, "RunBlock", 0, 2 ** 30, 10, null, 0, null, null),
  },
  {
    desc: "no samples at all",
    status: [0x0D, 0x194],
    call: (unit) => pair(unit, "RunBlock", 0, 0, 10, null, 0, null, null),
  },
  { desc: "no memory segments", status: 0x0D, call: (unit) => pair(unit, "MemorySegments", 0, word()) },
  { desc: "too many memory segments", status: 0x1E, call: (unit) => pair(unit, "MemorySegments", 2 ** 31, word()) },
  { desc: "no captures", status: [0x0D, 0x213], call: (unit) => pair(unit, "SetNoOfCaptures", 0) },
  {
    desc: "more captures than memory segments",
    status: 0x42,
    call: (unit) => {
      unit.check("split", "MemorySegments", 2, word());
      unit.check("ask", "SetNoOfCaptures", 3);
      return pair(unit, "RunBlock", 0, 100, 10, null, 0, null, null);
    },
  },
  {
    desc: "a memory segment that there is not",
    status: 0x26,
    call: (unit) => pair(unit, "RunBlock", 0, 100, 10, null, 99, null, null),
  },
  {
    desc: "reading before anything was captured",
    status: [0x18, 0x24, 0x25],
    call: (unit) => pair(unit, "GetValues", 0, Uint32Array.of(100), 1, 0, 0, new Int16Array(1)),
  },
  {
    desc: "a start behind the last sample",
    status: 0x28,
    call: (unit) => {
      capture(unit);
      register(unit);
      return pair(unit, "GetValues", 1000, Uint32Array.of(100), 1, 0, 0, new Int16Array(1));
    },
  },
  {
    desc: "reading without registered memory",
    status: 0x46,
    call: (unit) => {
      capture(unit);
      return pair(unit, "GetValues", 0, Uint32Array.of(100), 1, 0, 0, new Int16Array(1));
    },
  },
  {
    desc: "a down-sampling ratio of 0",
    status: 0x40,
    call: (unit) => {
      capture(unit);
      register(unit);
      return pair(unit, "GetValues", 0, Uint32Array.of(100), 0, 2, 0, new Int16Array(1));
    },
  },
  {
    desc: "a resolution that there is not",
    status: [0x120, 0x17B],
    call: (unit) => pair(unit, "SetDeviceResolution", 9),
  },
  { desc: "a resolution with too many channels", status: 0x121, call: (unit) => pair(unit, "SetDeviceResolution", 4) },
  {
    desc: "unit information that there is not",
    status: 0x29,
    call: (unit) => pair(unit, "GetUnitInfo", new Uint8Array(9), 9, word(), 99),
  },
  {
    desc: "an output voltage that the generator lacks",
    status: [0x2E, 0x39],
    call: (unit) => generate(unit, 0, 9_000_000),
  },
  {
    desc: "an offset that the generator lacks",
    status: [0x2E, 0x38],
    call: (unit) => generate(unit, 9_000_000, 100_000),
  },
  {
    desc: "a simple trigger on a window",
    status: [0x0D, 0x60, 0x17D],
    call: (unit) => pair(unit, "SetSimpleTrigger", 1, 0, 0, 9, 0, 0),
  },
  { desc: "a unit that was unplugged", status: 0x07, call: (unit) => pair(unit, "PingUnit") },
];

/** Memory of the tests, kept as long as the process: the libraries write to it. */
const MEMORY = memoryFor(1, 4, 1000)[0];

function capture(unit: Unit): void {
  unit.check("split", "MemorySegments", 1, word());
  unit.check("ask", "SetNoOfCaptures", 1);
  unit.check("trigger", "SetSimpleTrigger", 0, 0, 0, 2, 0, 0);
  unit.check("run", "RunBlock", 0, 1000, 10, null, 0, null, null);
  while (!unit.isReady());
}

function register(unit: Unit): void {
  MEMORY.forEach(({ address }, i) => unit.check("register", "SetDataBuffer", i, address, 1000, 0, 0));
}

function generate(unit: Unit, offsetUv: number, peakToPeakUv: number): number {
  return unit.call("SetSigGenBuiltInV2", offsetUv, peakToPeakUv, 0, 1000, 1000, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

async function withUnit(family: FamilyName, use: (unit: Unit, simulated: Simulated) => void): Promise<void> {
  using simulated = await simulate(family);
  const library = loadFamily(family, simulated.path);
  const handle = new Int16Array(1);
  assertEquals(await library.callLater("OpenUnit", handle, null, 0), OK);
  const unit = new Unit(library, handle[0]);
  try {
    use(unit, simulated);
  } finally {
    await unit.close();
  }
}

for (const { desc, status, call } of CAUSES) {
  const wanted = [status].flat();
  Deno.test(`the library answers ${desc} with ${wanted.map(describeStatus)[0].split(" ")[0]}`, () =>
    withUnit("ps5000a", (unit, { simulator }) => {
      if (desc.includes("unplugged")) simulator.set(SERIAL, "unplug", "now");
      const found = call(unit);
      assert(wanted.includes(found), `found ${describeStatus(found)}`);
    }));
}

Deno.test("the library answers a closed handle with PICO_INVALID_HANDLE", async () => {
  using simulated = await simulate("ps3000a");
  const library = loadFamily("ps3000a", simulated.path);
  assertEquals(library.call("Stop", 77), 0x0C);
  const scope = await openSimulated("ps3000a", simulated);
  await scope.close();
  assertEquals(library.call("PingUnit", 1), 0x0C);
});

Deno.test("openScope() answers a second opening of the same unit with InstrumentLost", async () => {
  using simulated = await simulate("ps3000a");
  const scope = await openSimulated("ps3000a", simulated);
  await assertRejects(() => openSimulated("ps3000a", simulated), InstrumentLost, "PICO_NOT_FOUND");
  await scope.close();
});

Deno.test("openScope() takes a unit that opens slowly without blocking the thread", async () => {
  using simulated = await simulate("ps5000a", { open_delay_ms: 200 });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  const scope = await openScope({ family: "ps5000a", libraryPath: simulated.path });
  clearInterval(timer);
  await scope.close();
  assert(ticks > 5, `${ticks} ticks`);
});

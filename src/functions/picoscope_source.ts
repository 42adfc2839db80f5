/** Source of waveforms from a PicoScope. */
import { InstrumentLost } from "../../drivers/instrument.ts";
import type { FamilyName } from "../../drivers/picoscope/families.ts";
import { loadFamily, openScope } from "../../drivers/picoscope/find_scopes.ts";
import type { Scope } from "../../drivers/picoscope/scope.ts";
import { Simulator, simulatorLibraryPath } from "../../drivers/picoscope/simulator/open_simulator.ts";
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { readSourceSettings, type SourceSettings } from "./picoscope/source_settings.ts";
import { SourceReport } from "./picoscope/source_report.ts";
import { SetTaker } from "./picoscope/take_sets.ts";
import { StreamTaker } from "./picoscope/take_stream.ts";
import type { TakerParts } from "./picoscope/taker_parts.ts";
import { runInstrument } from "./run_instrument.ts";
import { warnOfCounts } from "./warn_of_counts.ts";

const SIMULATED_FAMILY: FamilyName = "ps5000a";

/**
 * Writes what a PicoScope captures into its sink: one field per channel, mV in `float32` and `float64` fields, ADC counts in
 * `int16` fields. Its families are those of the libraries ps2000a, ps3000a, ps4000a, ps5000a, ps6000a and psospa.
 *
 * Configuration: `device` (`auto`, `simulated` or a serial number), the channels, the time between samples and the trigger;
 * `docs/picoscope.md` has all keys. Those of mimoCoRB2's PicoScope source and of picoDAQ are understood. Everything is
 * checked before a device is opened.
 *
 * Sets of captures are taken in one go, and the next set is armed before the last one is converted. Times within a set are
 * those of the device's trigger counter; where it has none they are spread evenly. Dead time is the time in which no trigger
 * could be accepted: during a capture, between sets, and while the device was gone. A device that is unplugged is waited for
 * and set up again.
 *
 * The scale of the data and what the device has made of the settings is in `<ring>_scale.yaml` in the run directory; see
 * {@linkcode readWaveformScale}.
 */
export const picoscopeSource: DaqFunction = checkedFunction(readSourceSettings, async (context, settings) => {
  if (settings.unknownKeys !== null) context.log.warn(settings.unknownKeys);
  warnOfCounts(context, settings.fields.filter((_, i) => settings.isRaw[i]), {
    scale: `the mV of a count are in ${context.sinks[0].name}_scale.yaml in the run directory`,
    remedy: "for mV give these fields the type float32",
  });
  const report = new SourceReport(context, settings);
  /** Serial number of the device, once it is known: it must be that one which comes back. */
  let known: { serial: string; family: FamilyName } | null = null;
  try {
    await runInstrument<Taker>(context, {
      open: async (sink) => {
        const scope = await openDevice(context, settings, known);
        known = { serial: scope.serial, family: scope.family };
        if (scope.powerNotice !== "") context.log.warn(`${scope.description}: ${scope.powerNotice}`);
        return await setUp(context, { settings, scope, sink, report });
      },
      take: async (taker) => {
        try {
          await taker.run();
        } catch (error) {
          if (error instanceof InstrumentLost) report.lost();
          throw error;
        }
      },
      reconnectS: settings.reconnectS,
    });
  } finally {
    report.end();
  }
});

type Taker = SetTaker | StreamTaker;

async function setUp(
  context: FunctionContext,
  parts: TakerParts,
): Promise<Taker> {
  try {
    return parts.settings.mode === "streaming" ? new StreamTaker(context, parts) : new SetTaker(context, parts);
  } catch (error) {
    await parts.scope.close();
    throw error;
  }
}

async function openDevice(
  { log }: FunctionContext,
  { device: { device, family, libraryPath, simulator } }: SourceSettings,
  known: { serial: string; family: FamilyName } | null,
): Promise<Scope> {
  if (device !== "simulated") {
    const serial = known?.serial ?? (device === "auto" ? null : device);
    return openScope({ family: known?.family ?? family, libraryPath, serial, onNotice: (text) => log.info(text) });
  }
  const simulated = family ?? SIMULATED_FAMILY;
  const path = await simulatorLibraryPath(simulated);
  loadFamily(simulated, path);
  if (known === null) setUpSimulator(path, simulator);
  return openScope({ family: simulated, libraryPath: path, serial: known?.serial ?? null });
}

/** The library must be loaded already: its state ends with its last user. */
function setUpSimulator(path: string, settings: ReadonlyMap<string, string>): void {
  using simulator = new Simulator(path);
  for (const [key, value] of settings) {
    // Another source of this process may use a unit of it already.
    if (simulator.get("", key) !== value) simulator.set("", key, value);
  }
}

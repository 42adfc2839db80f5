/** What tests with simulated PicoScopes share. */
import { closeLibraries, loadFamily } from "../../drivers/picoscope/find_scopes.ts";
import type { FamilyName } from "../../drivers/picoscope/families.ts";
import { openScope } from "../../drivers/picoscope/find_scopes.ts";
import { type SampleMemory, sampleMemory } from "../../drivers/picoscope/sample_memory.ts";
import type { Scope } from "../../drivers/picoscope/scope.ts";
import {
  CHANNEL_NAMES,
  type ChannelSettings,
  type ScopeSettings,
  type TriggerTerm,
} from "../../drivers/picoscope/scope_settings.ts";
import { Simulator, simulatorLibraryPath } from "../../drivers/picoscope/simulator/open_simulator.ts";

/** Serial number of the unit that each simulated library has if nothing else is said. */
export const SERIAL = "TEST/0001";

/** A model of each family, with 4 channels or more. */
export const MODELS: Readonly<Record<FamilyName, string>> = {
  ps2000a: "2406B",
  ps3000a: "3406D",
  ps4000a: "4824A",
  ps5000a: "5444D",
  ps6000a: "6404E",
  psospa: "3418E",
};

/** A simulated library with one unit, and what it can be told. */
export interface Simulated extends Disposable {
  readonly path: string;
  readonly simulator: Simulator;
}

/**
 * Loads a simulated library afresh.
 *
 * @param knobs Properties of the simulated unit.
 */
export async function simulate(
  family: FamilyName,
  knobs: Readonly<Record<string, string | number>> = {},
): Promise<Simulated> {
  const path = await simulatorLibraryPath(family);
  loadFamily(family, path);
  const simulator = new Simulator(path);
  simulator.set("", "devices", `${MODELS[family]}=${SERIAL}`);
  simulator.set("", "speed", 0);
  for (const [key, value] of Object.entries(knobs)) simulator.set("", key, value);
  return {
    path,
    simulator,
    [Symbol.dispose]: () => {
      simulator.close();
      closeLibraries();
    },
  };
}

/** Opens the simulated unit. */
export function openSimulated(family: FamilyName, { path }: Simulated): Promise<Scope> {
  return openScope({ family, libraryPath: path, serial: SERIAL });
}

/** Channels with a range of ±500 mV. */
export function channels(count: number, changes: Partial<ChannelSettings> = {}): ChannelSettings[] {
  return CHANNEL_NAMES.slice(0, count).map((channel) => ({
    channel,
    rangeMv: 500,
    coupling: "DC",
    offsetMv: 0,
    bandwidthMhz: null,
    ...changes,
  }));
}

/** A rising edge. */
export function rising(levelMv: number, changes: Partial<TriggerTerm> = {}): TriggerTerm {
  return { kind: "level", source: "A", direction: "rising", levelMv, hysteresisMv: null, ...changes } as TriggerTerm;
}

/** Settings for two channels with 1000 samples of about 100 ns. */
export function scopeSettings(changes: Partial<ScopeSettings> = {}): ScopeSettings {
  return {
    resolutionBits: null,
    channels: channels(2),
    samples: 1000,
    preSamples: 200,
    sampleTimeNs: 100,
    timebase: null,
    sampleTimeTolerance: 0.1,
    trigger: { groups: [[rising(60)]], delayNs: 0, autoMs: 0 },
    generator: null,
    ...changes,
  };
}

/** Memory for captures, by capture, then channel. */
export function memoryFor(captures: number, channelCount: number, samples: number): SampleMemory[][] {
  return Array.from(
    { length: captures },
    () => Array.from({ length: channelCount }, () => sampleMemory(new Int16Array(samples))),
  );
}

/** Waits until a set is complete, or a time is over. */
export async function untilReady(scope: Scope, timeoutMs = 5000): Promise<boolean> {
  const endMs = performance.now() + timeoutMs;
  while (performance.now() < endMs) {
    if (scope.isReady()) return true;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return false;
}

/** Takes one set and gives its samples. */
export async function takeSet(scope: Scope, memory: SampleMemory[][]): Promise<void> {
  scope.register({ from: 0, count: memory.length }, (capture, channel) => memory[capture][channel]);
  scope.arm();
  if (!await untilReady(scope)) throw new Error("the set was not complete in time");
  await scope.read(0, memory.length);
}

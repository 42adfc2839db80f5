/** Everything that the configuration of a Red Pitaya source says, checked before a connection is made. */
import {
  ADC_SAMPLE_NS,
  DECIMATIONS,
  type InputName,
  INPUTS,
  MOST_SAMPLES,
  SERVER_PORT,
  SURPLUS_SAMPLES,
  TRIGGER_LEVEL,
} from "../../../drivers/redpitaya/commands.ts";
import type { RedPitayaSettings } from "../../../drivers/redpitaya/red_pitaya.ts";
import {
  readSimulatorSettings,
  type SimulatorSettings,
} from "../../../drivers/redpitaya/simulator/simulator_settings.ts";
import type { RecordLayout } from "../../record/record_layout.ts";
import type { FunctionContext } from "../../worker/context.ts";
import { FunctionSettings } from "../../worker/function_settings.ts";
import { requireWiring } from "../../worker/wiring.ts";
import { ConfigKeys } from "../config_keys.ts";
import { ProblemList } from "../problem_list.ts";
import { checkKeyNames } from "../unknown_keys.ts";

const SIMULATED = "simulated";
/** The server counts requested events in an int32. */
const MOST_EVENTS = 1_000_000;
const DEFAULT_SET = 100;
const HOST_KEYS = ["host", "ip"];

/** All keys of the source. */
const SOURCE_KEYS: readonly string[] = [
  ...["device", ...HOST_KEYS, "port", "simulator", "answer_timeout_s", "silence_timeout_s", "reconnect_timeout_s"],
  ...["sample_rate", "decimation", "sample_time_ns", "number_of_samples", "set_size", "mV_per_count"],
  ...["number_of_samples_before_trigger", "pre_trigger_samples", "negator_IN1", "negator_IN2"],
  ...["trigger_source", "trigger_slope", "trigger_mode", "trigger_level", "trigger_level_mV"],
];

/** One field of the ring. */
export interface SourceField {
  readonly name: string;
  /** Number of its input, from 0. */
  readonly input: number;
  /** What a count is multiplied with. */
  readonly scale: number;
  /** True if that gives mV; otherwise the field holds counts. */
  readonly isMv: boolean;
}

/** All settings of a source. */
export interface SourceSettings {
  /** Null: a simulated device. */
  readonly address: { readonly hostname: string; readonly port: number } | null;
  readonly simulator: SimulatorSettings;
  readonly device: RedPitayaSettings;
  readonly fields: readonly SourceField[];
  /** Events that are asked for at once. */
  readonly setSize: number;
  /** mV of a count; null: not known. */
  readonly mvPerCount: number | null;
  readonly sampleTimeNs: number;
  /** The server is connected anew after so long without an event; Infinity: never. */
  readonly silenceMs: number;
  /** How long an answer is waited for. */
  readonly answerMs: number;
  /** How long a device that is gone is waited for; Infinity: until the run ends. */
  readonly reconnectS: number;
  /** Keys that are not known, as a text for the log; null: none. */
  readonly unknownKeys: string | null;
}

/**
 * Reads and checks the configuration.
 *
 * @throws {TypeError} If something is wrong: names all of it.
 */
export function readSourceSettings(context: FunctionContext): SourceSettings {
  requireWiring(context, { sinks: 1 });
  const problems = new ProblemList(context.functionName);
  const keys = new ConfigKeys(new FunctionSettings(context), problems);
  const [{ layout }] = context.sinks;
  const mvPerCount = keys.settings.value("mV_per_count") === null
    ? null
    : keys.quantity([["mV_per_count", 1]], { above: 0 });
  const fields = readFields(layout, mvPerCount, problems);
  const samples = readSamples(keys, layout);
  const decimation = readDecimation(keys);
  const silenceS = keys.quantity([["silence_timeout_s", 1]], { fallback: 60, min: 0 });
  const reconnectS = keys.quantity([["reconnect_timeout_s", 1]], { fallback: 0, min: 0 });
  const result: SourceSettings = {
    ...readDevice(keys),
    device: {
      decimation,
      negated: [keys.flag("negator_IN1", false), keys.flag("negator_IN2", false)],
      triggerSource: INPUTS.indexOf(keys.choice<InputName>(["trigger_source"], INPUTS, "IN1")),
      triggerSlope: keys.choice(["trigger_slope"], ["rising", "falling"], "rising"),
      triggerMode: keys.choice(["trigger_mode"], ["normal", "auto"], "normal"),
      triggerLevel: readLevel(keys, mvPerCount),
      preSamples: keys.quantity([["number_of_samples_before_trigger", 1], ["pre_trigger_samples", 1]], {
        min: 0,
        max: samples - 1,
        integer: true,
      }),
      samples,
    },
    fields,
    setSize: keys.quantity([["set_size", 1]], { fallback: DEFAULT_SET, min: 1, max: MOST_EVENTS, integer: true }),
    mvPerCount,
    sampleTimeNs: ADC_SAMPLE_NS * decimation,
    silenceMs: silenceS === 0 ? Infinity : 1000 * silenceS,
    answerMs: 1000 * keys.quantity([["answer_timeout_s", 1]], { fallback: 5, above: 0 }),
    reconnectS: reconnectS === 0 ? Infinity : reconnectS,
    unknownKeys: checkKeyNames(context, keys, SOURCE_KEYS),
  };
  problems.throwIfAny();
  return result;
}

function readDevice(keys: ConfigKeys): Pick<SourceSettings, "address" | "simulator"> {
  const device = keys.word(["device"], "");
  const isSimulated = device.toLowerCase() === SIMULATED;
  if (isSimulated && keys.usedKey(HOST_KEYS) !== null) {
    keys.problems.expect(keys.usedKey(HOST_KEYS)!, {
      expected: 'absent where "device" is "simulated"',
      found: keys.word(HOST_KEYS, ""),
    });
  }
  const hostname = isSimulated ? "" : keys.word(device === "" ? HOST_KEYS : ["device", ...HOST_KEYS], "").trim();
  if (!isSimulated && (hostname === "" || /[\s/]/.test(hostname))) {
    keys.problems.expect(keys.usedKey(HOST_KEYS) ?? "host", {
      expected: 'the name or address of the Red Pitaya (or "device" to be "simulated")',
      found: hostname === "" ? null : hostname,
    });
  }
  const port = keys.quantity([["port", 1]], { fallback: SERVER_PORT, min: 1, max: 65_535, integer: true });
  const found = keys.problems.try({}, () => keys.settings.mapping("simulator"));
  const simulator = readSimulatorSettings(
    found,
    (key, expected) => keys.problems.expect(`simulator.${key}`, { expected, found: found[key] }),
  );
  return { address: isSimulated ? null : { hostname, port }, simulator };
}

/** By their names, or in the order of the inputs. */
function readFields(layout: RecordLayout, mvPerCount: number | null, problems: ProblemList): SourceField[] {
  const { fields } = layout;
  const named = fields.map(({ name }) => INPUTS.findIndex((input) => input === name.toUpperCase()));
  const areNamed = named.every((input) => input >= 0) && new Set(named).size === named.length;
  if (fields.length > INPUTS.length) {
    problems.add(
      new TypeError(
        `Cannot fill the ring from a Red Pitaya: expected one or two fields, for ${INPUTS.join(" and ")}, found ${
          fields.map(({ name }) => name).join(", ")
        }`,
      ),
    );
  }
  return fields.map(({ name, type }, i) => {
    if (type.name !== "int16" && type.name !== "float32" && type.name !== "float64") {
      problems.add(
        new TypeError(
          `Cannot fill field "${name}" from a Red Pitaya: expected int16 (counts), float32 or float64, found ${type.name}`,
        ),
      );
    }
    const isMv = type.name !== "int16" && mvPerCount !== null;
    return { name, input: areNamed ? named[i] : i, scale: isMv ? mvPerCount : 1, isMv };
  });
}

/** The ring decides; the key may say the same. */
function readSamples(keys: ConfigKeys, { valuesPerSlot }: RecordLayout): number {
  const samples = keys.quantity([["number_of_samples", 1]], { fallback: valuesPerSlot, min: 1, integer: true });
  const most = MOST_SAMPLES - SURPLUS_SAMPLES;
  if (samples !== valuesPerSlot && !Number.isNaN(samples)) {
    keys.problems.expect("number_of_samples", {
      expected: `${valuesPerSlot}, the values in a slot of the ring`,
      found: samples,
    });
  }
  if (valuesPerSlot > most) {
    keys.problems.expect("number_of_samples", { expected: `at most ${most}`, found: valuesPerSlot });
  }
  return valuesPerSlot;
}

function readDecimation(keys: ConfigKeys): number {
  const used = keys.usedKey(["sample_rate", "decimation", "sample_time_ns"]) ?? "sample_rate";
  const factor = used === "sample_time_ns" ? 1 / ADC_SAMPLE_NS : 1;
  const decimation = keys.quantity([[used, factor]]);
  if (!DECIMATIONS.some((known) => known === decimation) && !Number.isNaN(decimation)) {
    const values = DECIMATIONS.map((known) => known / factor).join(", ");
    keys.problems.expect(used, {
      expected: factor === 1
        ? `one of ${values}: so many samples of 8 ns are averaged into one`
        : `one of ${values} (ns)`,
      found: keys.settings.value(used),
    });
  }
  return decimation;
}

function readLevel(keys: ConfigKeys, mvPerCount: number | null): number {
  const inMv = keys.settings.value("trigger_level_mV") !== null;
  if (inMv && mvPerCount === null) {
    keys.problems.expect("mV_per_count", { expected: 'a number, since "trigger_level_mV" is given', found: null });
    return 0;
  }
  if (!inMv) return keys.quantity([["trigger_level", 1], ["trigger_level_mV", 1]], { ...TRIGGER_LEVEL, integer: true });
  const levelMv = keys.quantity([["trigger_level_mV", 1], ["trigger_level", 1]]);
  const level = Math.round(levelMv / mvPerCount!);
  if (level < TRIGGER_LEVEL.min || level > TRIGGER_LEVEL.max) {
    const [least, most] = [TRIGGER_LEVEL.min, TRIGGER_LEVEL.max].map((counts) => counts * mvPerCount!);
    keys.problems.expect("trigger_level_mV", { expected: `within ${least} to ${most} mV`, found: levelMv });
  }
  return level;
}

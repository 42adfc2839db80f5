/** All keys of both dialects, with their defaults and meanings. The one place for them: messages and docs use it too. */
import type { FailurePolicy, Isolation, PauseMode } from "./plan.ts";
import { booleanKey, integerKey, numberKey, partsKey, textKey, wordKey } from "./setup_key.ts";

/** Largest number of slots of a ring, and of values of a field in a slot. */
const MOST_SLOTS = 2 ** 24;
const MOST_VALUES = 2 ** 28;
/** Workers of one function; the owner table of a ring has room for 512 writers and readers in all. */
const MOST_WORKERS = 256;

/** Each start takes a row of a ring's owner table, which has 512. */
const MOST_RESTARTS = 500;

const SLOT_LIMITS = { minimum: 1, maximum: MOST_SLOTS };
const VALUE_LIMITS = { minimum: 1, maximum: MOST_VALUES };
const WORKER_LIMITS = { minimum: 1, maximum: MOST_WORKERS, default: 1 };
const EVENT_LIMITS = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0, defaultText: "0 (no limit)" };
const TIME_LIMITS = { minimum: 0, default: 0, defaultText: "0 (no limit)" };

const FILE = { expects: "the name of a file" };
const FOLDER = { expects: "the name of a folder" };
const CONFIG = {
  expects: "a mapping, the name of a file, or a list of both",
  kinds: ["map", "scalar", "list"] as const,
  defaultText: "empty",
};
const RING_LIST = { expects: "a list of ring names", kinds: ["list", "scalar"] as const, defaultText: "empty" };
const FIELDS = {
  kinds: ["map", "scalar"] as const,
  isRequired: true,
  meaning: "fields of a record; a single type stands for one field named `data`",
};

/** Keys that this program adds to both dialects. */
export const OWN_KEYS = {
  isolation: wordKey<Isolation>("isolation", {
    words: ["thread", "process"],
    default: "thread",
    meaning: "where workers run; at the top of a setup for all functions, or in a function's entry",
  }),
  onFailure: wordKey<FailurePolicy>("on_failure", {
    words: ["stop", "restart", "continue"],
    default: "stop",
    meaning:
      "what a failed worker means for the run; at the top of a setup for all functions, or in a function's entry",
  }),
  restartLimit: integerKey("restart_limit", {
    minimum: 0,
    maximum: MOST_RESTARTS,
    default: 5,
    meaning:
      "how often `on_failure: restart` starts each worker anew; at the top of a setup for all functions, or in a function's entry",
  }),
  watchdogS: numberKey("watchdog_s", {
    minimum: 0,
    default: 10,
    defaultText: "10 (0: off)",
    meaning:
      "seconds in one event after which a worker is reported; at the top of a setup for all functions, or in a function's entry",
  }),
  pause: wordKey<PauseMode>("pause", {
    words: ["wait", "discard"],
    defaultText: "wait (v1), discard (v2)",
    meaning:
      "what importers do with events while the run is paused; at the top of a setup for all rings, or in a ring's entry",
  }),
  seed: integerKey("seed", {
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    defaultText: "none",
    meaning:
      "becomes `seed` of the function's configuration; at the top of a setup for all importers that have none of their own",
  }),
};

/** Top of a setup in the v1 dialect. */
export const V1_KEYS = {
  rings: partsKey("RingBuffer", {
    expects: 'a list of rings ("- RB_1:")',
    kinds: ["list"],
    isRequired: true,
    meaning: "list of the rings `RB_1`, `RB_2`, … in this order; the first one counts the events of the run",
  }),
  functions: partsKey("Functions", {
    expects: 'a list of functions ("- Fkt_main:", "- Fkt_1:")',
    kinds: ["list"],
    isRequired: true,
    meaning: "list of `Fkt_main`, then the functions `Fkt_1`, `Fkt_2`, … in this order",
  }),
  configs: partsKey("FunctionConfigs", {
    expects: "a mapping of function names to their configurations",
    kinds: ["map"],
    defaultText: "empty",
    meaning: "configurations by function name",
  }),
  output: textKey("output_directory", {
    ...FOLDER,
    default: "target",
    meaning: "folder for run directories, from the working directory",
  }),
  keyboard: booleanKey("KBD_control", { default: true, meaning: "steer the run by keys" }),
  page: booleanKey("GUI_control", { default: true, meaning: "serve the live page, unless `--web` says otherwise" }),
};

/** A ring in the v1 dialect. */
export const V1_RING_KEYS = {
  slots: integerKey("number_of_slots", { ...SLOT_LIMITS, meaning: "events that the ring holds at most" }),
  values: integerKey("channel_per_slot", {
    ...VALUE_LIMITS,
    meaning: "values of each field in an event: samples of a waveform, 1 for parameters",
  }),
  fields: partsKey("data_type", { ...FIELDS, expects: 'fields ("1: [name, type]"), or one type' }),
};

/** `Fkt_main` in the v1 dialect. */
export const V1_MAIN_KEYS = {
  configFile: textKey("config_file", {
    ...FILE,
    defaultText: "none",
    default: "",
    meaning: "file with the configurations of all functions by name, and the section `general`",
  }),
  runEvents: integerKey("runevents", { ...EVENT_LIMITS, meaning: "events in the first ring that end the run" }),
  runtime: numberKey("runtime", { ...TIME_LIMITS, meaning: "active seconds that end the run" }),
};

/** A function in the v1 dialect. */
export const V1_FUNCTION_KEYS = {
  fileName: textKey("file_name", { ...FILE, meaning: "module of the function, without extension" }),
  functionName: textKey("fkt_name", {
    expects: "the name of a function",
    misprints: ["kt_name"],
    meaning: "name of the exported function, and of its section in configuration files",
  }),
  workers: integerKey("num_process", { ...WORKER_LIMITS, meaning: "number of identical workers" }),
  assignments: partsKey("RB_assign", {
    expects: 'a mapping of rings to "read", "write" or "observe"',
    kinds: ["map"],
    defaultText: "empty",
    meaning: "what the function does with which rings: `read`, `write` or `observe`",
  }),
  configFile: textKey("config_file", {
    ...FILE,
    defaultText: "none",
    default: "",
    meaning: "file that is the function's whole configuration",
  }),
};

/** Top of a setup in the v2 dialect. */
export const V2_KEYS = {
  rings: partsKey("Buffers", {
    expects: "a mapping of ring names to rings",
    kinds: ["map"],
    isRequired: true,
    meaning: "rings by name; the first one counts the events of the run",
  }),
  functions: partsKey("Workers", {
    expects: "a mapping of names to functions",
    kinds: ["map"],
    isRequired: true,
    meaning: "functions by name",
  }),
  baseConfig: partsKey("base_config", { ...CONFIG, meaning: "configuration that all functions get" }),
  target: textKey("target_directory", {
    ...FOLDER,
    default: "target",
    meaning: "folder for run directories, from the setup's folder; `~` is your own folder",
  }),
  runEvents: integerKey("runevents", {
    ...EVENT_LIMITS,
    meaning: "events in the first ring that end the run (own key)",
  }),
  runtime: numberKey("runtime", { ...TIME_LIMITS, meaning: "active seconds that end the run (own key)" }),
  keyboard: booleanKey("KBD_control", { default: true, meaning: "steer the run by keys (own key)" }),
  page: booleanKey("GUI_control", {
    default: true,
    meaning: "serve the live page, unless `--web` says otherwise (own key)",
  }),
};

/** A ring in the v2 dialect. */
export const V2_RING_KEYS = {
  slots: integerKey("slot_count", { ...SLOT_LIMITS, meaning: "events that the ring holds at most" }),
  values: integerKey("data_length", {
    ...VALUE_LIMITS,
    meaning: "values of each field in an event: samples of a waveform, 1 for parameters",
  }),
  fields: partsKey("data_dtype", { ...FIELDS, expects: 'fields ("name: type"), or one type' }),
};

/** A function in the v2 dialect. */
export const V2_FUNCTION_KEYS = {
  file: textKey("file", {
    ...FILE,
    default: "",
    defaultText: "none",
    meaning: "module of the function; without it, `function` names a ready-made one",
  }),
  functionName: textKey("function", {
    expects: "the name of a function",
    meaning: "name of the exported function, or `module.function` of a ready-made one",
  }),
  config: partsKey("config", { ...CONFIG, meaning: "configuration, laid over `base_config` key by key" }),
  workers: integerKey("number_of_processes", { ...WORKER_LIMITS, meaning: "number of identical workers" }),
  // Early setups of mimoCoRB2 have the names of v1's arguments.
  sources: partsKey("sources", {
    ...RING_LIST,
    misprints: ["source_list"],
    meaning: "rings that the function reads",
  }),
  sinks: partsKey("sinks", { ...RING_LIST, misprints: ["sink_list"], meaning: "rings that it writes" }),
  observes: partsKey("observes", {
    ...RING_LIST,
    misprints: ["observe_list"],
    meaning: "rings of which it looks at copies",
  }),
};

/** Words of one dialect at places of the other: what is to be written there. */
export const ELSEWHERE = {
  v1: {
    top: {
      Buffers: "RingBuffer",
      Workers: "Functions",
      base_config: "FunctionConfigs",
      target_directory: "output_directory",
      runtime: "Functions[0].Fkt_main.runtime",
      runevents: "Functions[0].Fkt_main.runevents",
      config_file: "Functions[0].Fkt_main.config_file",
    },
    ring: { slot_count: "number_of_slots", data_length: "channel_per_slot", data_dtype: "data_type" },
    main: { config: "config_file" },
    function: {
      file: "file_name",
      function: "fkt_name",
      number_of_processes: "num_process",
      config: "config_file",
      sources: "RB_assign",
      sinks: "RB_assign",
      observes: "RB_assign",
    },
  },
  v2: {
    top: {
      RingBuffer: "Buffers",
      Functions: "Workers",
      FunctionConfigs: "base_config",
      output_directory: "target_directory",
      config: "base_config",
    },
    ring: { number_of_slots: "slot_count", channel_per_slot: "data_length", data_type: "data_dtype" },
    function: {
      file_name: "file",
      fkt_name: "function",
      num_process: "number_of_processes",
      config_file: "config",
      RB_assign: "sources",
    },
  },
} as const;

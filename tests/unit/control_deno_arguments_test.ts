import { denoArguments, type ProgramStart } from "../../src/control/deno_arguments.ts";
import { assertEquals } from "../../src/std/assert.js";

const ENTRY = "file:///package/src/worker/process_entry.ts";

/** `deno run -A run_daq.ts setup.yaml` in /home/daq, with a configuration in /home/daq. */
function start(part: Partial<ProgramStart> = {}): ProgramStart {
  return {
    commandLine: ["deno", "run", "-A", "run_daq.ts", "setup.yaml"],
    mainModule: "file:///home/daq/run_daq.ts",
    args: ["setup.yaml"],
    workingDirectory: "/home/daq",
    isGranted: () => true,
    exists: (path) => path === "/home/daq/deno.json",
    ...part,
  };
}

const CONFIG = ["--config", "/home/daq/deno.json"];
const REST = ["--quiet", ENTRY, "setup.yaml"];

Deno.test("denoArguments() starts a module with the program's flags, configuration and arguments", async (t) => {
  const cases: [desc: string, commandLine: string, expected: string[]][] = [
    ["deno run", "deno run -A run_daq.ts setup.yaml", ["-A", ...CONFIG]],
    ["deno without run", "deno -A run_daq.ts setup.yaml", ["-A", ...CONFIG]],
    ["flags before the word run", "deno --quiet run -A run_daq.ts", ["-A", ...CONFIG]],
    ["an absolute path", "deno run -A /home/daq/run_daq.ts", ["-A", ...CONFIG]],
    ["a URL", "deno run -A file:///home/daq/run_daq.ts", ["-A", ...CONFIG]],
    ["partial permissions", "deno run --allow-read=/data --allow-ffi run_daq.ts", [
      "--allow-read=/data",
      "--allow-ffi",
      ...CONFIG,
    ]],
    ["flags with a value behind them", "deno run -A --v8-flags=--max-old-space-size=99 --cert my.pem run_daq.ts", [
      "-A",
      "--v8-flags=--max-old-space-size=99",
      "--cert",
      "my.pem",
      ...CONFIG,
    ]],
    ["its own configuration", "deno run -A --config other.json run_daq.ts", ["-A", "--config", "other.json"]],
    ["no configuration", "deno run -A --no-config run_daq.ts", ["-A", "--no-config"]],
    ["what only the program itself needs", "deno run -A -q --watch --inspect-brk=1 -r --reload=npm: run_daq.ts", [
      "-A",
      ...CONFIG,
    ]],
  ];
  for (const [desc, commandLine, expected] of cases) {
    await t.step(desc, () => {
      assertEquals(denoArguments(ENTRY, start({ commandLine: commandLine.split(" ") })), ["run", ...expected, ...REST]);
    });
  }
});

Deno.test("denoArguments() takes the program's permissions where its command line says nothing of them", () => {
  const unknown = { commandLine: null };
  // "deno run test …" would run a task of that name.
  const test = { commandLine: ["deno", "test", "-A", "run_daq.ts"] };
  assertEquals(denoArguments(ENTRY, start(unknown)), ["run", "-A", ...CONFIG, ...REST]);
  assertEquals(denoArguments(ENTRY, start(test)), ["run", "-A", ...CONFIG, ...REST]);
  const some = start({ ...unknown, isGranted: (name) => name === "ffi" || name === "read" });
  assertEquals(denoArguments(ENTRY, some), ["run", "--allow-read", "--allow-ffi", ...CONFIG, ...REST]);
});

Deno.test("denoArguments() looks for the configuration from the main module's folder on upwards", () => {
  const found = (part: Partial<ProgramStart>) =>
    denoArguments(ENTRY, start({ commandLine: null, ...part })).slice(2, -3);
  assertEquals(found({ mainModule: "file:///home/daq/deep/er/main.ts" }), CONFIG);
  assertEquals(found({ exists: (path) => path === "/deno.jsonc" }), ["--config", "/deno.jsonc"]);
  assertEquals(found({ exists: () => false }), ["--no-config"]);
  // Of a main module from elsewhere the working directory counts.
  assertEquals(found({ mainModule: "https://jsr.io/@mimocorb/daq/1.0.0/run_daq.ts" }), CONFIG);
  assertEquals(
    found({ mainModule: "file:///with%20blank/main.ts", exists: (path) => path === "/with blank/deno.json" }),
    [
      "--config",
      "/with blank/deno.json",
    ],
  );
});

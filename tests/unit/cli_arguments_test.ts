import { DEFAULT_SETUP, HELP, parseArguments, type RunArguments } from "../../src/cli/arguments.ts";
import { assert, assertEquals, assertMatch, fail } from "../../src/std/assert.js";

const DEFAULTS: RunArguments = {
  setupFile: DEFAULT_SETUP,
  verbose: 2,
  debug: false,
  runEvents: undefined,
  runtimeS: undefined,
  output: undefined,
  deadlineS: undefined,
  isolation: undefined,
  dryRun: false,
  keyboard: true,
  web: undefined,
  keepOpen: false,
};

function refusal(line: string): string {
  const request = parseArguments(line.split(" "));
  return request.kind === "refused" ? request.message : fail(`"${line}" was accepted: ${JSON.stringify(request)}`);
}

Deno.test("parseArguments() takes v1's defaults when nothing is given", () => {
  assertEquals(parseArguments([]), { kind: "run", arguments: DEFAULTS });
});

Deno.test("parseArguments() reads every option in each of its spellings", async (t) => {
  const cases: [line: string, expected: Partial<RunArguments>][] = [
    ["spin_setup.yaml", { setupFile: "spin_setup.yaml" }],
    ["-v 1", { verbose: 1 }],
    ["-v0", { verbose: 0 }],
    ["--verbose=2", { verbose: 2 }],
    ["-d", { debug: true }],
    ["--debug", { debug: true }],
    ["--runevents 1000", { runEvents: 1000 }],
    ["--runevents=0", { runEvents: 0 }],
    ["--runtime 2.5", { runtimeS: 2.5 }],
    ["--output some/where", { output: "some/where" }],
    ["-o here", { output: "here" }],
    ["--deadline 3", { deadlineS: 3 }],
    ["--isolation process", { isolation: "process" }],
    ["--isolation=thread", { isolation: "thread" }],
    ["--dry-run", { dryRun: true }],
    ["--no-keyboard", { keyboard: false }],
    ["--dry-run 12.yaml -v 1", { dryRun: true, setupFile: "12.yaml", verbose: 1 }],
    ["42", { setupFile: "42" }],
    ["--web off", { web: null }],
    ["--web 8100", { web: { hostname: "127.0.0.1", port: 8100, isExact: true } }],
    ["--web=0.0.0.0:80", { web: { hostname: "0.0.0.0", port: 80, isExact: true } }],
    ["--web [::1]:8055", { web: { hostname: "::1", port: 8055, isExact: true } }],
    ["--keep-open", { keepOpen: true }],
  ];
  for (const [line, expected] of cases) {
    await t.step(line, () => {
      assertEquals(parseArguments(line.split(" ")), { kind: "run", arguments: { ...DEFAULTS, ...expected } });
    });
  }
});

Deno.test("parseArguments() refuses bad values and says what it expected and found", () => {
  assertMatch(refusal("-v 3"), /--verbose: expected 0, 1 or 2, found "3"/);
  assertMatch(refusal("--runevents many"), /--runevents: expected an integer of at least 0, found "many"/);
  assertMatch(refusal("--runevents 1.5"), /--runevents: .*found "1.5"/);
  assertMatch(refusal("--runevents -5"), /--runevents: .*found "-5"/);
  assertMatch(refusal("-v -1"), /--verbose: .*found "-1"/);
  assertMatch(refusal("--web anywhere"), /--web: expected off, a port or HOST:PORT, found "anywhere"/);
  assertMatch(refusal("--web 70000"), /--web: .*found "70000"/);
  assertMatch(refusal("--runtime -0.5"), /--runtime: .*found "-0.5"/);
  assertMatch(refusal("--runtime inf"), /--runtime: .*found "inf"/);
  assertMatch(refusal("--isolation container"), /--isolation: expected "thread" or "process", found "container"/);
  assertMatch(refusal("--deadline 0"), /--deadline: .*above 0, found "0"/);
  assertMatch(refusal("--runevents"), /--runevents: expected a value after it, found none/);
  assertMatch(refusal("--output --dry-run"), /--output: expected a value after it, found none/);
  assertMatch(refusal("a.yaml b.yaml"), /expected one setup file, found "a.yaml", "b.yaml"/);
});

Deno.test("parseArguments() suggests the nearest option", () => {
  assertMatch(refusal("--runevnts=5"), /found "--runevnts"; did you mean "--runevents"\?/);
  assertMatch(refusal("--dryrun"), /did you mean "--dry-run"\?/);
  assertMatch(refusal("--no-keybord"), /did you mean "--no-keyboard"\?/);
  assertMatch(refusal("-x"), /found "-x"; --help lists all of them/);
});

Deno.test("parseArguments() reports all problems at once", () => {
  assertEquals(refusal("--frobnicate -v 7 --runtime no").split("\n").length, 3);
});

Deno.test("parseArguments() gives help and version before anything else", () => {
  assertEquals(parseArguments(["--help", "-v", "9"]), { kind: "help" });
  assertEquals(parseArguments(["-h"]), { kind: "help" });
  assertEquals(parseArguments(["x.yaml", "--version"]), { kind: "version" });
});

Deno.test("HELP names every option", () => {
  for (const option of ["verbose", "debug", "runevents", "runtime", "output", "deadline", "dry-run", "no-keyboard"]) {
    assert(HELP.includes(`--${option}`), option);
  }
});

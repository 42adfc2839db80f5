import { assertEquals, assertThrows } from "../../src/std/assert.js";
import { claimedFiles, claimRunFile, claimSharedRunFile, runFile, sharedRunFile } from "../../src/worker/run_file.ts";
import { makeContext } from "./worker_fixture.ts";

function path(name: string, workerNumber = 0, runDirectory = "/run"): string {
  const { context } = makeContext({ task: { runDirectory, workerNumber } });
  return runFile(context, name, ".txt");
}

Deno.test("runFile() puts files into the run directory, one per worker", () => {
  assertEquals(path("pulses"), "/run/pulses.txt");
  assertEquals(path("pulses.txt"), "/run/pulses.txt");
  assertEquals(path("pulses", 2), "/run/pulses_2.txt");
  assertEquals(path("pulse heights..a"), "/run/pulse heights..a.txt");
});

Deno.test("runFile() makes the folders in a name", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assertEquals(path("spin/top", 0, folder), `${folder}/spin/top.txt`);
    assertEquals(Deno.statSync(`${folder}/spin`).isDirectory, true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (const name of ["", "../pulses", "/etc/passwd", "a/../../b", "a//b", "a\\b", "a\0b", "."]) {
  Deno.test(`runFile() refuses the name ${JSON.stringify(name)}`, () => {
    assertThrows(() => path(name), TypeError, 'Cannot configure "test_function": expected a file name inside');
  });
}

Deno.test("runFile() throws when the name is that of a file that every run writes", () => {
  assertThrows(() => path("log"), TypeError, 'found "log.txt", which every run writes itself');
});

Deno.test("runFile() throws when a link in the run directory leads out of it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["run/inside", "outside"]) await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    await Deno.symlink(`${folder}/outside`, `${folder}/run/away`);
    await Deno.symlink(`${folder}/run/inside`, `${folder}/run/near`);
    await Deno.symlink(`${folder}/outside/pulses.txt`, `${folder}/run/pulses.txt`);
    await Deno.symlink(`${folder}/run`, `${folder}/also`);
    const run = `${folder}/run`;
    assertThrows(() => path("away/pulses", 0, run), TypeError, 'found "away/pulses.txt", where a link leads elsewhere');
    assertThrows(() => path("away/deep/pulses", 0, run), TypeError, "where a link leads elsewhere");
    assertThrows(() => path("pulses", 0, run), TypeError, "where a link leads elsewhere");
    assertEquals(path("near/pulses", 0, run), `${run}/near/pulses.txt`);
    assertEquals(path("heights", 0, `${folder}/also`), `${folder}/also/heights.txt`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("runFile() refuses names that are too long for a file system, and the folder of recovered events", () => {
  assertThrows(() => path("ü".repeat(101)), TypeError, "of at most 200 bytes, found 202 in");
  assertEquals(path("ü".repeat(100)).length, "/run/.txt".length + 100);
  assertThrows(() => path("recovered/RB_1"), TypeError, "expected a file name inside the run directory");
});

Deno.test("claimRunFile() notes one file per worker, claimSharedRunFile() one for all", () => {
  const claims = [0, 1].map((workerNumber) => {
    const { context } = makeContext({ task: { workerNumber } });
    claimRunFile(context, "pulses.txt", ".txt");
    claimRunFile(context, "pulses", ".txt");
    claimSharedRunFile(context, "table", "");
    return claimedFiles(context);
  });
  assertEquals(claims, [["pulses.txt", "table"], ["pulses_1.txt"]]);
  assertEquals(claimedFiles(makeContext().context), []);
  const { context } = makeContext({ task: { runDirectory: "/run", workerNumber: 3 } });
  assertEquals(sharedRunFile(context, "table", ""), "/run/table");
});

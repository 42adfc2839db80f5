import { assertEquals, assertThrows } from "../../src/std/assert.js";
import { runFile } from "../../src/worker/run_file.ts";
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

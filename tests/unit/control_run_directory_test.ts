import { basename, join } from "node:path";
import { createRunDirectory, namesOfCopies, runDirectoryName } from "../../src/control/run_directory.ts";
import { assert, assertEquals, assertRejects } from "../../src/std/assert.js";

const MOMENT = new Date(2026, 2, 1, 4, 5, 9);

Deno.test("runDirectoryName() pads every part", () => {
  assertEquals(runDirectoryName("lifetime", MOMENT), "lifetime_2026-03-01_040509");
});

Deno.test("createRunDirectory() never gives one directory twice", async () => {
  const target = join(await Deno.makeTempDir(), "new", "target");
  const paths = await Promise.all([0, 1, 2].map(() => createRunDirectory(target, "spin", MOMENT)));
  assertEquals(paths.map((path) => basename(path)).sort(), [
    "spin_2026-03-01_040509",
    "spin_2026-03-01_040509_1",
    "spin_2026-03-01_040509_2",
  ]);
  for (const path of paths) assert((await Deno.stat(path)).isDirectory);
  await Deno.remove(target, { recursive: true });
});

Deno.test("createRunDirectory() says what to do when the folder cannot be written", async () => {
  const file = await Deno.makeTempFile();
  const error = await assertRejects(() => createRunDirectory(join(file, "below"), "spin", MOMENT), Error, "--output");
  assert(error.message.includes(file), error.message);
  await Deno.remove(file);
});

Deno.test("namesOfCopies() keeps files of the same name apart", () => {
  const names = namesOfCopies([
    "/a/setup.yaml",
    "/a/config/x.yaml",
    "/b/x.yaml",
    "/c/x.yaml",
    "/a/config/x.yaml",
    "/c/x",
  ]);
  assertEquals([...names], [
    ["/a/setup.yaml", "setup_1.yaml"],
    ["/a/config/x.yaml", "x.yaml"],
    ["/b/x.yaml", "x_1.yaml"],
    ["/c/x.yaml", "x_2.yaml"],
    ["/c/x", "x"],
  ]);
});

Deno.test("namesOfCopies() keeps clear of the files that the run writes itself", () => {
  const names = namesOfCopies(["/a/run.yaml", "/a/run_1.yaml", "/a/log.txt", "/a/.hidden", "/b/.hidden"]);
  assertEquals([...names.values()], ["run_1.yaml", "run_1_1.yaml", "log_1.txt", ".hidden", ".hidden_1"]);
});

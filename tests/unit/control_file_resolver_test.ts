import { join } from "node:path";
import { FileResolver } from "../../src/control/file_resolver.ts";
import { assertEquals, assertMatch } from "../../src/std/assert.js";

Deno.test("FileResolver reads each file once, so that plan and copy are the same text", async () => {
  const directory = await Deno.makeTempDir();
  const path = join(directory, "setup.yaml");
  await Deno.writeTextFile(path, "first");
  const resolver = new FileResolver();
  assertEquals(resolver.readText(path), "first");
  await Deno.writeTextFile(path, "second");
  assertEquals(resolver.readText(path), "first");
  assertEquals(new FileResolver().readText(path), "second");
  await Deno.remove(directory, { recursive: true });
});

Deno.test("FileResolver tells files from folders and from nothing", async () => {
  const directory = await Deno.makeTempDir();
  await Deno.mkdir(join(directory, "folder"));
  await Deno.writeTextFile(join(directory, "b.yaml"), "");
  await Deno.writeFile(join(directory, "a.bin"), new Uint8Array([0xff]));
  const resolver = new FileResolver();
  assertEquals(["b.yaml", "folder", "c"].map((name) => resolver.exists(join(directory, name))), [true, false, false]);
  assertEquals(resolver.list(directory), ["a.bin", "b.yaml"]);
  assertEquals(resolver.list(join(directory, "c")), []);
  assertEquals([resolver.readText(join(directory, "c")), resolver.readText(join(directory, "folder"))], [null, null]);
  assertEquals(resolver.readText(join(directory, "a.bin")), "\ufffd");
  await Deno.remove(directory, { recursive: true });
});

Deno.test("FileResolver finds ready-made functions", () => {
  const resolver = new FileResolver();
  assertMatch(resolver.readyMade("exporters", "save_to_txt")!.module, /^file:.*save_to_txt\.ts$/);
  assertEquals(resolver.readyMade("exporters", "save_to_nothing"), null);
  assertEquals(resolver.readyMadeNames().includes("exporters.save_to_txt"), true);
});

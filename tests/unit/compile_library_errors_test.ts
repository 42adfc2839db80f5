/** Compiling C at first use: cache, and messages when it cannot be done. */
import { compileLibrary } from "../../drivers/compile_library.ts";
import { assert, assertEquals, assertNotEquals, assertRejects } from "../../src/std/assert.js";

const ANSWER = {
  "answer.c": '#include "answer.h"\n__attribute__((visibility("default"))) int answer(void) { return ANSWER; }\n',
  "answer.h": "#define ANSWER 42\n",
};

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function files(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), (entry) => entry.name);
}

Deno.test("compileLibrary() compiles sources with headers into a library that can be called", async () => {
  await withFolder(async (cacheDirectory) => {
    const path = await compileLibrary("answer", ANSWER, { cacheDirectory: `${cacheDirectory}/not/there/yet` });
    const library = Deno.dlopen(path, { answer: { parameters: [], result: "i32" } });
    assertEquals(library.symbols.answer(), 42);
    library.close();
  });
});

Deno.test("compileLibrary() compiles once per content, compiler and flags, and leaves no other file", async () => {
  await withFolder(async (cacheDirectory) => {
    const path = await compileLibrary("answer", ANSWER, { cacheDirectory });
    const made = Deno.statSync(path).mtime;
    assertEquals(await compileLibrary("answer", ANSWER, { cacheDirectory }), path);
    assertEquals(Deno.statSync(path).mtime, made);
    const other = await compileLibrary("answer", { ...ANSWER, "answer.h": "#define ANSWER 43\n" }, { cacheDirectory });
    const flagged = await compileLibrary("answer", ANSWER, { cacheDirectory, flags: ["-O0"] });
    assertNotEquals(other, path);
    assertNotEquals(flagged, path);
    assertEquals(files(cacheDirectory).sort(), [path, other, flagged].map((name) => name.split("/").pop()!).sort());
  });
});

Deno.test("compileLibrary() may run several times at once", async () => {
  await withFolder(async (cacheDirectory) => {
    const paths = await Promise.all([0, 1, 2, 3].map(() => compileLibrary("answer", ANSWER, { cacheDirectory })));
    assertEquals(new Set(paths).size, 1);
    assertEquals(files(cacheDirectory).length, 1);
  });
});

Deno.test("compileLibrary() says what to install when there is no compiler, and leaves nothing behind", async () => {
  await withFolder(async (cacheDirectory) => {
    const error = await assertRejects(
      () => compileLibrary("answer", ANSWER, { compiler: "no-such-cc", cacheDirectory }),
      Error,
      'Cannot compile the helper "answer": expected a C compiler, found no command "no-such-cc"',
    );
    assert(error.message.includes("sudo apt install gcc") && error.message.includes("set CC"), error.message);
    assertEquals(files(cacheDirectory), []);
  });
});

Deno.test("compileLibrary() shows the compiler's words when it fails, and leaves nothing behind", async () => {
  await withFolder(async (cacheDirectory) => {
    const error = await assertRejects(
      () => compileLibrary("answer", { "answer.c": "int answer(void) { return nonsense; }" }, { cacheDirectory }),
      Error,
      'Cannot compile the helper "answer"',
    );
    assert(/answer\.c:1:\d+: error:.*nonsense/s.test(error.message), error.message);
    await assertRejects(
      () => compileLibrary("answer", ANSWER, { cacheDirectory, flags: ["--no-such-flag"] }),
      Error,
      "no-such-flag",
    );
    assertEquals(files(cacheDirectory), []);
  });
});

Deno.test("compileLibrary() says which folder it cannot write, and what to set", async () => {
  await withFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    const error = await assertRejects(
      () => compileLibrary("answer", ANSWER, { cacheDirectory: `${folder}/file/cache` }),
      Error,
      `cannot write to the cache folder "${folder}/file/cache"`,
    );
    assert(error.message.includes("set XDG_CACHE_HOME"), error.message);
  });
});

Deno.test("compileLibrary() takes no library from a folder that others may write to", async () => {
  const module = JSON.stringify(import.meta.resolve("../../drivers/compile_library.ts"));
  const script = `import { compileLibrary } from ${module};
    console.log(await compileLibrary("answer", ${JSON.stringify(ANSWER)}).catch((error) => error.message));`;
  await withFolder(async (folder) => {
    const compile = async () => {
      const { stdout } = await new Deno.Command("env", {
        args: ["-u", "HOME", "-u", "XDG_CACHE_HOME", Deno.execPath(), "eval", script],
        env: { TMPDIR: folder, DENO_DIR: `${folder}/deno`, NO_COLOR: "1" },
      }).output();
      return new TextDecoder().decode(stdout).trim();
    };
    const cache = `${folder}/mimocorb-${Deno.uid()}`;
    assert((await compile()).startsWith(`${cache}/answer-`));
    assertEquals(Deno.statSync(cache).mode! & 0o777, 0o700);
    Deno.chmodSync(cache, 0o777);
    const message = await compile();
    assert(message.includes("expected a cache folder that only you may write to"), message);
    assert(message.includes("set XDG_CACHE_HOME"), message);
  });
});

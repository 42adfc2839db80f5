/** The binding against the C header: tables that are written by hand drift apart unless something compares them. */
import { openRingLibrary } from "../../drivers/shm_ring/open.ts";
import {
  COUNTS_LENGTH,
  MAX_OWNERS,
  NAME_BYTES,
  OWNER_BYTES,
  OWNER_COUNTS_LENGTH,
  PAUSE_DISCARD,
  PAUSE_WAIT,
  REDELIVERED_BIT,
  RING_ABI,
  RING_CODE,
  RING_SYMBOLS,
  ROLE_READER,
  ROLE_WRITER,
  SLOT_HEADER_BYTES,
  SPEC_BYTES,
} from "../../drivers/shm_ring/symbols.ts";
import { compileLibrary } from "../../drivers/compile_library.ts";
import { assert, assertEquals, assertThrows } from "../../src/std/assert.js";

const FOLDER = new URL("../../drivers/shm_ring/", import.meta.url);
const header = Deno.readTextFileSync(new URL("ring.h", FOLDER));

const FFI_TYPES: [pattern: RegExp, type: string][] = [
  [/^struct shm_ring \*/, "pointer"],
  [/^void \*copy/, "buffer"],
  [/\*/, "buffer"],
  [/^int32_t /, "i32"],
  [/^double /, "f64"],
];

function ffiType(declaration: string): string {
  return FFI_TYPES.find(([pattern]) => pattern.test(declaration))![1];
}

Deno.test("RING_SYMBOLS has the functions of ring.h, in its order, with its types", () => {
  const declared = Array.from(
    header.matchAll(/^SHM_RING_API (.*?)\b(shm_ring_\w+)\(([^)]*)\);/gms),
    ([, result, name, parameters]) => ({
      name,
      result: result.includes("*") ? "pointer" : ffiType(result),
      parameters: parameters === "void" ? [] : parameters.split(",").map((p) => ffiType(p.trim())),
    }),
  );
  assert(declared.length > 25);
  assertEquals(
    Object.entries(RING_SYMBOLS).map(([name, { result, parameters }]) => ({
      name,
      result: result as string,
      parameters: Array.from(parameters as readonly string[]),
    })),
    declared,
  );
});

function constant(name: string): number {
  const found = new RegExp(`(?:#define ${name}|\\b${name} =) (-?(?:0x)?[0-9A-Fa-f]+)`).exec(header);
  assert(found !== null, name);
  return Number(found[1]);
}

Deno.test("the binding's constants are those of ring.h", () => {
  const codes = {
    ended: "ENDED",
    timedOut: "TIMED_OUT",
    paused: "PAUSED",
    notARing: "NOT_A_RING",
    wrongAbi: "WRONG_ABI",
    noOwnerRow: "NO_OWNER_ROW",
    tooManyWriters: "TOO_MANY_WRITERS",
    tooManyGroups: "TOO_MANY_GROUPS",
    alreadyStarted: "ALREADY_STARTED",
    misuse: "MISUSE",
    truncated: "TRUNCATED",
  };
  assertEquals(Object.keys(codes), Object.keys(RING_CODE));
  for (const [key, name] of Object.entries(codes)) {
    assertEquals(RING_CODE[key as keyof typeof RING_CODE] as number, constant(`SHM_RING_${name}`), name);
  }
  assertEquals([RING_ABI, MAX_OWNERS, NAME_BYTES, SLOT_HEADER_BYTES, REDELIVERED_BIT], [
    constant("SHM_RING_ABI"),
    constant("SHM_RING_MAX_OWNERS"),
    constant("SHM_RING_NAME_BYTES"),
    constant("SHM_RING_SLOT_HEADER_BYTES"),
    constant("SHM_RING_REDELIVERED"),
  ]);
  assertEquals([PAUSE_WAIT, PAUSE_DISCARD, ROLE_WRITER, ROLE_READER], [
    constant("SHM_RING_WAIT"),
    constant("SHM_RING_DISCARD"),
    constant("SHM_RING_WRITER"),
    constant("SHM_RING_READER"),
  ]);
  for (
    const [struct, bytes] of [
      ["shm_ring_owner", OWNER_BYTES],
      ["shm_ring_spec", SPEC_BYTES],
      ["shm_ring_counts", COUNTS_LENGTH * 8],
      ["shm_ring_owner_counts", OWNER_COUNTS_LENGTH * 8],
    ]
  ) {
    const asserted = new RegExp(`_Static_assert\\(sizeof\\(struct ${struct}\\) == ([0-9 *]+),`).exec(header)![1];
    assertEquals(asserted.split("*").reduce((product, factor) => product * Number(factor), 1), bytes, struct as string);
  }
});

/** The memory-order labels, such as [PUBLISH], and the files where each stands. */
Deno.test("every memory-order label of the C code stands on both of its sides", () => {
  const places = new Map<string, number>();
  for (const entry of Deno.readDirSync(FOLDER)) {
    if (!/\.[ch]$/.test(entry.name)) continue;
    const source = Deno.readTextFileSync(new URL(entry.name, FOLDER));
    for (const [, label] of source.matchAll(/\[([A-Z][A-Z ]+)\]/g)) places.set(label, (places.get(label) ?? 0) + 1);
  }
  places.delete("SHM_RING_MAX_GROUPS");
  assert(places.size >= 8, `found only ${[...places.keys()].join(", ")}`);
  for (const [label, count] of places) assert(count >= 2, `[${label}] stands alone`);
  const docs = Deno.readTextFileSync(new URL("../../docs/ring.md", FOLDER));
  for (const label of places.keys()) assert(docs.includes(`[${label}]`), `[${label}] is not in docs/ring.md`);
});

Deno.test({
  name: "openRingLibrary() refuses a helper of another version and says what to do",
  sanitizeResources: false, // a refused library stays loaded
  async fn() {
    const folder = Deno.makeTempDirSync();
    try {
      const sources: Record<string, string> = {};
      for (const entry of Deno.readDirSync(FOLDER)) {
        if (/\.[ch]$/.test(entry.name)) sources[entry.name] = Deno.readTextFileSync(new URL(entry.name, FOLDER));
      }
      sources["ring.h"] = sources["ring.h"].replace("#define SHM_RING_ABI 3", "#define SHM_RING_ABI 77");
      const path = await compileLibrary("shm_ring", sources, { cacheDirectory: folder });
      const error = assertThrows(() => openRingLibrary(path), Error, "Cannot use the shared-memory helper");
      assert(error.message.includes("found 77, ") && error.message.includes("remove the file"), error.message);

      const other = await compileLibrary("other", { "other.c": "int other(void) { return 1; }" }, {
        cacheDirectory: folder,
      });
      assertThrows(() => openRingLibrary(other), Error, `Cannot load the shared-memory helper "${other}"`);
      assertThrows(() => openRingLibrary(`${folder}/none.so`), Error, "remove the file to compile it again");
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

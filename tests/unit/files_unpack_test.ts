import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { openByteSource } from "../../src/files/byte_source.ts";
import { assertEquals, assertThrows, fail } from "../../src/std/assert.js";

const DATA = `${import.meta.dirname}/../data/files/`;

/** Reads everything, with buffers of another size each time. */
function readAll(path: string, sizes: readonly number[] = [100_003]): Uint8Array {
  const source = openByteSource(path);
  const parts: Uint8Array[] = [];
  try {
    for (let i = 0;; i++) {
      const part = new Uint8Array(sizes[i % sizes.length]);
      const length = source.read(part);
      parts.push(part.subarray(0, length));
      if (length < part.length) break;
    }
  } finally {
    source.close();
  }
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function withFile<T>(bytes: Uint8Array, run: (path: string) => T): T {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeFileSync(path, bytes);
    return run(path);
  } finally {
    Deno.removeSync(path);
  }
}

/** Bytes with short and long repeats, which use all parts of the packers. */
const compressible = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 900 })).map(([piece, times]) =>
      Uint8Array.from({ length: piece.length * times }, (_, i) => piece[i % piece.length])
    ),
  ),
  { maxLength: 30 },
).map((pieces) => Uint8Array.from(pieces.flatMap((piece) => [...piece])));

Deno.test("openByteSource() unpacks what gzip packed, at any level and strategy", () => {
  fc.assert(fc.property(
    compressible,
    fc.integer({ min: 0, max: 9 }),
    fc.integer({ min: 0, max: 4 }),
    fc.integer({ min: 1, max: 70_000 }),
    (bytes, level, strategy, size) => {
      const found = withFile(gzipSync(bytes, { level, strategy }), (path) => readAll(path, [size, 17]));
      assertEquals(found, bytes);
    },
  ));
});

Deno.test("openByteSource() unpacks a long gzip file that spans many windows", () => {
  let state = 1;
  const bytes = Uint8Array.from({ length: 1_000_000 }, (_, i) => {
    state = Math.imul(state, 48271) >>> 0;
    return i % 3 === 0 ? state >>> 24 : i >> 7;
  });
  for (const level of [1, 6]) assertEquals(withFile(gzipSync(bytes, { level }), (path) => readAll(path)), bytes);
});

Deno.test("openByteSource() joins the members of a gzip file and ignores zeros behind them", () => {
  const packed = [gzipSync(Uint8Array.of(1, 2, 3)), gzipSync(new Uint8Array(0)), gzipSync(Uint8Array.of(4)), [0, 0, 0]];
  const bytes = Uint8Array.from(packed.flatMap((part) => [...part]));
  assertEquals(withFile(bytes, (path) => readAll(path)), Uint8Array.of(1, 2, 3, 4));
});

Deno.test("openByteSource() reads a plain file as it is", () => {
  for (const length of [0, 1, 5, 300_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
    assertEquals(withFile(bytes, (path) => readAll(path)), bytes);
  }
});

Deno.test("openByteSource() throws naming the file when gzip data end early", () => {
  const packed = gzipSync(Uint8Array.from({ length: 5000 }, (_, i) => i * i));
  for (const left of [3, 15, 40, packed.length - 9, packed.length - 1]) {
    withFile(packed.subarray(0, left), (path) => {
      assertThrows(() => readAll(path), Error, `Cannot read "${path}": expected the rest of its gzip data`);
    });
  }
});

/** Reads a damaged file: it throws naming the file, or nothing that counts was damaged. */
function assertRefusedOr(found: (bytes: Uint8Array) => void, damaged: Uint8Array): void {
  withFile(damaged, (path) => {
    let bytes: Uint8Array;
    try {
      bytes = readAll(path);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith(`Cannot read "${path}"`))) throw error;
      return;
    }
    found(bytes);
  });
}

Deno.test("openByteSource() never returns wrong bytes from damaged gzip data", () => {
  const wanted = Uint8Array.from({ length: 3000 }, (_, i) => i % 50 + i / 100);
  const packed = gzipSync(wanted);
  fc.assert(
    fc.property(fc.integer({ min: 4, max: packed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const damaged = packed.slice();
      damaged[at] ^= flip;
      assertRefusedOr((bytes) => assertEquals(bytes, wanted), damaged);
    }),
  );
  const checksum = packed.slice();
  checksum[packed.length - 8] ^= 1;
  assertRefusedOr(() => fail("a wrong checksum was not seen"), checksum);
});

Deno.test("openByteSource() unpacks a bzip2 file of two streams with runs", () => {
  const wanted = Deno.readFileSync(`${DATA}runs.bin`);
  for (const sizes of [[100_000], [1], [3, 258]]) assertEquals(readAll(`${DATA}runs.bin.bz2`, sizes), wanted);
});

Deno.test("openByteSource() unpacks a bzip2 archive", () => {
  assertEquals(readAll(`${DATA}v1_recording.tar.bz2`), Deno.readFileSync(`${DATA}v1_recording.tar`));
});

Deno.test("openByteSource() never returns wrong bytes from damaged bzip2 data", () => {
  const packed = Deno.readFileSync(`${DATA}runs.bin.bz2`);
  const wanted = Deno.readFileSync(`${DATA}runs.bin`);
  fc.assert(
    fc.property(fc.integer({ min: 4, max: packed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const damaged = packed.slice();
      damaged[at] ^= flip;
      // A stream that no longer begins like one is taken for padding behind the one before.
      assertRefusedOr((bytes) => assertEquals(bytes, wanted.subarray(0, bytes.length)), damaged);
    }),
  );
});

Deno.test("openByteSource() throws naming the file when bzip2 data end early", () => {
  const packed = Deno.readFileSync(`${DATA}runs.bin.bz2`);
  withFile(packed.subarray(0, 200), (path) => {
    assertThrows(() => readAll(path), Error, `Cannot read "${path}": expected the rest of its bzip2 data`);
  });
});

Deno.test("openByteSource() refuses other packers by name", () => {
  const kinds: [string, number[]][] = [["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0]], ["zstd", [
    0x28,
    0xb5,
    0x2f,
    0xfd,
  ]]];
  for (const [name, magic] of kinds) {
    withFile(Uint8Array.from(magic), (path) => {
      assertThrows(() => openByteSource(path), Error, `"${path}": expected a plain, gzip or bzip2 file, found ${name}`);
    });
  }
});

Deno.test("openByteSource() names a file that does not exist", () => {
  assertThrows(
    () => openByteSource("/nowhere/a.tar"),
    Error,
    `Cannot read "/nowhere/a.tar": expected an existing file`,
  );
});

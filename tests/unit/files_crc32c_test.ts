import { crc32c, crc32cOfWords } from "../../src/files/crc32c.ts";
import { Random } from "../../src/pulses/random.ts";
import { assertEquals } from "../../src/std/assert.js";

Deno.test("crc32c() gives the values of RFC 3720, B.4", () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assertEquals(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assertEquals(crc32c(ascending), 0x46dd794e);
  assertEquals(crc32c(ascending.toReversed()), 0x113fdb5c);
  assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  assertEquals(crc32c(new Uint8Array()), 0);
});

Deno.test("crc32cOfWords() gives the same as crc32c() from any word to any other", () => {
  const random = new Random("crc32c");
  const words = Int32Array.from({ length: 200 }, () => Math.floor(random.uniform() * 2 ** 32) | 0);
  const bytes = new Uint8Array(words.buffer);
  for (let from = 0; from < 20; from++) {
    for (let to = from; to < words.length; to += 1 + (to - from) % 5) {
      assertEquals(crc32cOfWords(words, from, to) >>> 0, crc32c(bytes.subarray(4 * from, 4 * to)), `${from} to ${to}`);
    }
  }
});

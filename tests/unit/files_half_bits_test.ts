import { float32BitsOfHalves, halfBits } from "../../src/files/half_bits.ts";
import { assert, assertEquals } from "../../src/std/assert.js";

Deno.test("float32BitsOfHalves() gives equal numbers, and halfBits() all of their bits back", () => {
  const bits = float32BitsOfHalves();
  const floats = new Float32Array(bits.buffer as ArrayBuffer);
  const halves = new Float16Array(Uint16Array.from({ length: 65536 }, (_, half) => half).buffer);
  for (let half = 0; half < 65536; half++) {
    assert(Object.is(floats[half], halves[half]), String(half));
    assertEquals(halfBits(bits[half]), half);
  }
});

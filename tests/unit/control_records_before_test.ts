import { recordsBefore } from "../../src/control/records_before.ts";
import { assertEquals } from "../../src/std/assert.js";

Deno.test("recordsBefore() adds what a life has released to what it had found in its file", () => {
  assertEquals(recordsBefore([]), 0);
  assertEquals(recordsBefore([{ found: 0, processed: 7, heldAny: true }]), 7);
  const first = { found: 0, processed: 7, heldAny: true };
  // The event that the first life held was written, and counts as a double in the second life.
  assertEquals(recordsBefore([first, { found: 8, processed: 4, heldAny: true }]), 12);
  assertEquals(recordsBefore([first, { found: 7, processed: 4, heldAny: false }]), 11);
});

Deno.test("recordsBefore() passes over a life that did nothing, and does not guess what one did that said nothing", () => {
  const first = { found: 0, processed: 7, heldAny: true };
  assertEquals(recordsBefore([first, { found: null, processed: 0, heldAny: false }]), 7);
  assertEquals(recordsBefore([first, { found: null, processed: 0, heldAny: true }]), null);
  assertEquals(recordsBefore([first, { found: null, processed: 2, heldAny: false }]), null);
  const silent = { found: null, processed: 2, heldAny: false };
  assertEquals(recordsBefore([first, silent, { found: null, processed: 0, heldAny: false }]), null);
});

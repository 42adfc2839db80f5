/** A clock that all threads share, in nanoseconds. */
const libc = Deno.dlopen("libc.so.6", {
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
});
const CLOCK_MONOTONIC = 1;
const words = new Int32Array(4);

/** Nanoseconds of the monotonic clock; exact in a double for a hundred days after boot. */
export function monotonicNs(): number {
  libc.symbols.clock_gettime(CLOCK_MONOTONIC, words);
  return ((words[1] * 4294967296) + (words[0] >>> 0)) * 1e9 + words[2];
}

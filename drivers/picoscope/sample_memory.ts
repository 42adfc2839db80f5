/** Memory for samples that a library writes to after the call in which it was given. */

/** An array of samples with its address, which costs more to find out than to use. */
export interface SampleMemory {
  /** The samples; held as long as the memory is registered, and never resized. */
  readonly samples: Int16Array<ArrayBuffer>;
  /** Where they are. */
  readonly address: Deno.PointerValue;
}

/** Finds the address of an array: of one that was made for the purpose, or of a ring's column. */
export function sampleMemory(samples: Int16Array<ArrayBuffer>): SampleMemory {
  return { samples, address: Deno.UnsafePointer.of(samples) };
}

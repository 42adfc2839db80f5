/** The C functions of the shared-memory helper, in the order of `ring.h`. */

/** Symbol table for `Deno.dlopen`; each parameter with its C type. */
export const RING_SYMBOLS = {
  shm_ring_abi: { parameters: [], result: "i32" },
  shm_ring_sizeof_owner: { parameters: [], result: "i32" },
  shm_ring_sizeof_spec: { parameters: [], result: "i32" },
  shm_ring_sizeof_counts: { parameters: [], result: "i32" },
  shm_ring_sizeof_owner_counts: { parameters: [], result: "i32" },
  shm_ring_create: {
    parameters: [
      "buffer", // const char *segment
      "buffer", // const char *name
      "buffer", // const char *layout
      "buffer", // const char *run_directory
      "buffer", // const struct shm_ring_spec *spec
      "buffer", // int32_t *error
    ],
    result: "pointer", // struct shm_ring *
  },
  shm_ring_attach: {
    parameters: [
      "buffer", // const char *segment
      "buffer", // int32_t *error
    ],
    result: "pointer", // struct shm_ring *
  },
  shm_ring_close: { parameters: ["pointer"], result: "i32" },
  shm_ring_unlink: { parameters: ["buffer" /* const char *segment */], result: "i32" },
  shm_ring_base: { parameters: ["pointer"], result: "pointer" },
  shm_ring_bytes: { parameters: ["pointer"], result: "f64" },
  shm_ring_info: { parameters: ["pointer", "i32" /* int32_t what */], result: "f64" },
  shm_ring_new_group: { parameters: ["pointer", "buffer" /* const char *name */], result: "i32" },
  shm_ring_reserve: {
    parameters: [
      "pointer",
      "i32", // int32_t role
      "i32", // int32_t group
    ],
    result: "i32",
  },
  shm_ring_add_writer: { parameters: ["pointer"], result: "i32" },
  shm_ring_take_role: { parameters: ["pointer", "i32" /* int32_t row */], result: "i32" },
  shm_ring_mark_saver: { parameters: ["pointer", "i32" /* int32_t row */], result: "i32" },
  shm_ring_sign_off: { parameters: ["pointer"], result: "i32" },
  shm_ring_claim: {
    parameters: [
      "pointer",
      "i32", // int32_t most
      "i32", // int32_t timeout_ms
      "buffer", // int32_t *first
    ],
    result: "i32",
  },
  shm_ring_publish: { parameters: ["pointer"], result: "i32" },
  shm_ring_next_slot: { parameters: ["pointer", "i32" /* int32_t timeout_ms */], result: "i32" },
  shm_ring_abort: { parameters: ["pointer"], result: "i32" },
  shm_ring_wait_paused: { parameters: ["pointer", "i32" /* int32_t timeout_ms */], result: "i32" },
  shm_ring_take: {
    parameters: [
      "pointer",
      "i32", // int32_t most
      "i32", // int32_t outcome
      "i32", // int32_t timeout_ms
      "buffer", // int32_t *first
    ],
    result: "i32",
  },
  shm_ring_next_event: {
    parameters: [
      "pointer",
      "i32", // int32_t outcome
      "i32", // int32_t timeout_ms
    ],
    result: "i32",
  },
  shm_ring_release: { parameters: ["pointer", "i32" /* int32_t outcome */], result: "i32" },
  shm_ring_remembers: { parameters: ["pointer"], result: "i32" },
  shm_ring_remember: { parameters: ["pointer"], result: "i32" },
  shm_ring_data_available: { parameters: ["pointer"], result: "i32" },
  shm_ring_observe: {
    parameters: [
      "pointer",
      "buffer", // void *copy
      "i32", // int32_t timeout_ms
    ],
    result: "i32",
  },
  shm_ring_pause: { parameters: ["pointer", "i32" /* int32_t paused */], result: "i32" },
  shm_ring_set_closing: { parameters: ["pointer"], result: "i32" },
  shm_ring_set_aborted: { parameters: ["pointer"], result: "i32" },
  shm_ring_detach_group: { parameters: ["pointer", "i32" /* int32_t group */], result: "i32" },
  shm_ring_retire: { parameters: ["pointer", "i32" /* int32_t row */], result: "i32" },
  shm_ring_flags: { parameters: ["pointer"], result: "i32" },
  shm_ring_recover: {
    parameters: [
      "pointer",
      "i32", // int32_t row
      "buffer", // int32_t *failed
    ],
    result: "i32",
  },
  shm_ring_held_events: { parameters: ["pointer", "buffer" /* double *held */], result: "i32" },
  shm_ring_unfinished: {
    parameters: [
      "pointer",
      "buffer", // double *sequence
      "buffer", // uint32_t *groups
    ],
    result: "i32",
  },
  shm_ring_status: { parameters: ["pointer", "buffer" /* struct shm_ring_counts *counts */], result: "i32" },
  shm_ring_owner_status: {
    parameters: [
      "pointer",
      "i32", // int32_t row
      "buffer", // struct shm_ring_owner_counts *counts
    ],
    result: "i32",
  },
  shm_ring_held_by_group: { parameters: ["pointer", "i32" /* int32_t group */], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The helper's functions, ready to be called. */
export type RingSymbols = Deno.DynamicLibrary<typeof RING_SYMBOLS>["symbols"];

/** Constants of `ring.h`. */
export const RING_ABI = 3;
export const RING_CODE = {
  ended: -1001,
  timedOut: -1002,
  paused: -1003,
  notARing: -1004,
  wrongAbi: -1005,
  noOwnerRow: -1006,
  tooManyWriters: -1007,
  tooManyGroups: -1008,
  alreadyStarted: -1009,
  misuse: -1010,
  truncated: -1011,
} as const;
/** Added to the slot number of an event that was delivered before. */
export const REDELIVERED_BIT = 0x40000000;
export const ROLE_WRITER = 1;
export const ROLE_READER = 2;
export const PAUSE_WAIT = 0;
export const PAUSE_DISCARD = 1;
export const SLOT_HEADER_BYTES = 64;
export const MAX_GROUPS = 16;
export const MAX_OWNERS = 512;
export const MAX_SLOTS = 2 ** 30;
export const NAME_BYTES = 64;
export const OWNER_BYTES = 256;
export const SPEC_BYTES = 48;
export const COUNTS_LENGTH = 14;
export const OWNER_COUNTS_LENGTH = 13;
/** What {@linkcode RingSymbols.shm_ring_info} can be asked. */
export const RING_INFO = {
  slots: 0,
  slotBytes: 1,
  dataOffset: 2,
  layoutOffset: 3,
  layoutBytes: 4,
  ownersOffset: 5,
  nameOffset: 6,
  groupNamesOffset: 7,
  groups: 8,
  limit: 9,
  pauseMode: 10,
  writers: 11,
  runDirectoryOffset: 12,
  runDirectoryBytes: 13,
  creatorPid: 14,
  creatorStart: 15,
  head: 16,
} as const;

/*
 * shm_ring: a ring buffer in POSIX shared memory with several writers, reader groups and observers.
 *
 * The algorithm, step by step with the state before and after, is in docs/ring.md. In short: sequences 0, 1, 2, ... are
 * laid over the slots round and round. One 64-bit word per slot says how far its present sequence has come, one word per
 * slot and reader group says who has it. All words change by compare-and-swap or by their only holder, and hold the
 * sequence, so that a late change can never hit the slot's next lap. Everything else (head, cursors) is a hint that
 * whoever finds it behind moves on. A thread or process may therefore end at any instruction: what it held is named in
 * the words, and shm_ring_recover() hands it on.
 *
 * Threads: a handle (struct shm_ring) is used by one thread at a time. Any number of handles, threads and processes may
 * work on one segment. Calls with a time-out block the calling thread; all others return at once.
 * Ownership: shm_ring_create() and shm_ring_attach() allocate a handle, shm_ring_close() frees it. No other memory changes
 * hands. Nothing is printed, no signal handler is set, there is no global state.
 * Returns: 0 or more on success; negative: -errno of the operating system (above -1000), or a code of enum shm_ring_code.
 */
#ifndef SHM_RING_H
#define SHM_RING_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define SHM_RING_API __attribute__((visibility("default")))
#define SHM_RING_MAGIC 0x42526F436F6D696DULL /* "mimoCoRB" */
#define SHM_RING_ABI 3
#define SHM_RING_MAX_GROUPS 16
#define SHM_RING_MAX_OWNERS 512
#define SHM_RING_NAME_BYTES 64
#define SHM_RING_SLOT_HEADER_BYTES 64
#define SHM_RING_MEMORY_SETS 8192 /* of a group's memory; an origin belongs to one of them */
#define SHM_RING_MEMORY_WAYS 8    /* origins that a set holds: one cache line */
#define SHM_RING_MEMORY_MARKS 256 /* places for records in work */
#define SHM_RING_MEMORY_WORDS (SHM_RING_MEMORY_SETS * SHM_RING_MEMORY_WAYS + SHM_RING_MEMORY_MARKS)
#define SHM_RING_REDELIVERED 0x40000000 /* added to the slot number that a reader gets */
#define SHM_RING_WRITERS_ENDED 0x80000000u /* in the header's `writers`: no writer can be added any more */

enum shm_ring_code {
    SHM_RING_ENDED = -1001,         /* no more events, or no more room for any: sign off */
    SHM_RING_TIMED_OUT = -1002,     /* nothing happened in time */
    SHM_RING_PAUSED = -1003,        /* the ring is paused and its writers wait */
    SHM_RING_NOT_A_RING = -1004,    /* the segment is something else, or not finished */
    SHM_RING_WRONG_ABI = -1005,     /* made by another version of this helper */
    SHM_RING_NO_OWNER_ROW = -1006,  /* the owner table is full */
    SHM_RING_TOO_MANY_WRITERS = -1007,
    SHM_RING_TOO_MANY_GROUPS = -1008,
    SHM_RING_ALREADY_STARTED = -1009, /* a reader group must come before the first claim */
    SHM_RING_MISUSE = -1010,        /* wrong role, or a slot is held, or none is */
    SHM_RING_TRUNCATED = -1011,     /* the segment is not as long as its header says */
};

enum { SHM_RING_WAIT = 0, SHM_RING_DISCARD = 1 };                              /* what writers do in a pause */
enum { SHM_RING_NO_ROLE = 0, SHM_RING_WRITER = 1, SHM_RING_READER = 2 };
enum { SHM_RING_ROW_EMPTY = 0, SHM_RING_ROW_RESERVED = 1, SHM_RING_ROW_ACTIVE = 2, SHM_RING_ROW_GONE = 3 };
enum { SHM_RING_PROCESSED = 0, SHM_RING_REJECTED = 1, SHM_RING_FAILED = 2, SHM_RING_DOUBLE = 3, SHM_RING_OUTCOMES = 4 };

/* First bytes of each slot, before its columns. Written by the holder of the claim, read by holders of the event. */
struct shm_ring_slot_header {
    int64_t counter;   /* of the event, from 0, given by the importer */
    double timestamp;  /* UTC seconds; negative: not set yet */
    double deadtime;   /* fraction of the time since the event before */
    uint32_t flags;    /* 1: derived from an event that was delivered again */
    uint32_t reserved;
    uint64_t origin;   /* identity of the record, the same if it is made a second time; claim: sequence + 1 */
    uint32_t reserved2[6];
};

/*
 * One row per owner: a writer or a reader. The counters are changed by the owner alone, or by who recovers it.
 * Each group of {what is about to be done, target, counter} is stored in that order around the words themselves, so that
 * recover() can tell a change that was made but not yet counted (docs/ring.md, "Counting through a crash").
 */
struct shm_ring_owner {
    _Alignas(64) _Atomic uint32_t state; /* SHM_RING_ROW_... */
    _Atomic uint32_t role;               /* SHM_RING_WRITER or SHM_RING_READER */
    _Atomic uint32_t group;
    int32_t pid;
    int32_t tid;
    _Atomic uint32_t retired; /* its owner shall sign off although the ring goes on */
    _Atomic uint32_t saves;   /* it reads in place of dead readers: what it releases as processed was only saved */
    uint32_t reserved[9];

    _Alignas(64) _Atomic uint64_t publish_first; /* writer: first sequence being published */
    _Atomic uint64_t publish_target;
    _Atomic uint64_t published;
    _Atomic uint64_t void_sequence;
    _Atomic uint64_t void_target;
    _Atomic uint64_t voided;
    _Atomic uint64_t discarded;
    _Atomic double deadtime_sum; /* a crash may leave it, waited_ns and redelivered without the last step */

    _Alignas(64) _Atomic uint64_t release_first; /* reader: first sequence being released * 4 + outcome */
    _Atomic uint64_t waited_ns;                  /* writers: for space; readers: for data */
    _Atomic uint64_t release_target[SHM_RING_OUTCOMES];
    _Alignas(64) _Atomic uint64_t released[SHM_RING_OUTCOMES];
    _Atomic uint64_t redelivered; /* events that this reader held and that were handed back */
    uint64_t reserved2[3];
};

/* A counter to sleep on. sleepers is set by whoever is about to sleep and cleared by whoever wakes all. */
struct shm_ring_event {
    _Atomic uint32_t key;
    _Atomic uint32_t sleepers;
};

struct shm_ring_group {
    _Alignas(128) _Atomic uint64_t cursor; /* hint: all sequences below have been taken or were void */
    _Alignas(64) _Atomic uint64_t handed_back; /* grows after words below the cursor have become available again */
    _Atomic uint64_t searched; /* hint: all words of the first `searched` hand-backs have been taken again */
};

/* Start of the segment. What is constant after creation comes first; `ready` is stored last, with release. */
struct shm_ring_header {
    uint64_t magic;
    uint32_t abi;
    _Atomic uint32_t ready;
    uint64_t total_bytes;
    uint64_t slots;
    uint64_t slot_bytes; /* distance of slots: header and columns */
    uint64_t owners_offset;
    uint64_t states_offset;
    uint64_t group_words_offset; /* SHM_RING_MAX_GROUPS runs of `slots` words */
    uint64_t data_offset;        /* `slots` slots and one more, for events discarded in a pause */
    uint64_t layout_offset;      /* record layout as JSON */
    uint64_t layout_bytes;
    uint64_t limit; /* events that may be published; 0: without limit */
    uint32_t pause_mode;
    int32_t creator_pid;
    uint64_t creator_start; /* as in the segment's name */
    uint64_t run_directory_offset;
    uint64_t run_directory_bytes; /* 0: there is none */
    char name[SHM_RING_NAME_BYTES];
    char group_names[SHM_RING_MAX_GROUPS][SHM_RING_NAME_BYTES];
    uint64_t memories_offset; /* SHM_RING_MEMORY_WORDS words per memory */
    uint64_t memories;        /* the first so many groups have a memory */

    _Alignas(128) _Atomic uint64_t head; /* hint: all sequences below have been claimed */

    /* Read at every call, written rarely. */
    _Alignas(128) _Atomic uint32_t closing;
    _Atomic uint32_t aborted;
    _Atomic uint32_t paused;
    _Atomic uint32_t ended; /* all writers have gone */
    _Atomic uint32_t groups;
    _Atomic uint32_t detached; /* bit per group that no longer holds slots back */
    _Atomic uint32_t owners;   /* rows in use are below this */
    _Atomic uint32_t busy;     /* rows in state ACTIVE, about: how many threads may compete for processors */
    _Atomic uint32_t writer_rows; /* rows given to writers, at most `writers` */
    _Atomic uint32_t writers;     /* how many will sign on; SHM_RING_WRITERS_ENDED is added when all have gone */
    _Atomic uint64_t voided_hint;  /* at most the sum of the rows' `voided` */
    _Atomic uint64_t highest_fill; /* sampled */

    _Alignas(128) struct shm_ring_event data_event; /* readers sleep here; woken by publish */
    struct shm_ring_event observer_event;           /* observers; woken by publish */
    _Alignas(128) struct shm_ring_event space_event; /* writers; woken by a slot set free, resume, void */

    struct shm_ring_group group[SHM_RING_MAX_GROUPS];
};

/* What a new ring shall be; filled in by the binding. */
struct shm_ring_spec {
    uint64_t slots;
    uint64_t record_bytes; /* of all columns of one record, a multiple of 64 */
    uint64_t limit;
    uint64_t creator_start; /* start time of this process, clock ticks since boot */
    uint32_t writers;
    uint32_t pause_mode;
    uint32_t memories; /* groups that can remember which records they are done with */
    uint32_t reserved;
};

/* Counters of a ring, see shm_ring_status(). All doubles: exact up to 2^53. */
struct shm_ring_counts {
    double published, voided, discarded, filled, highest_fill, deadtime_sum, writer_wait_s;
    double paused, closing, ended, aborted, groups, owners, detached;
};

/* Counters of one owner row, see shm_ring_owner_status(). */
struct shm_ring_owner_counts {
    double state, role, group, published, voided, discarded, redelivered, wait_s, released[SHM_RING_OUTCOMES], saves;
};

struct shm_ring;

_Static_assert(sizeof(struct shm_ring_slot_header) == SHM_RING_SLOT_HEADER_BYTES, "slot header fills one cache line");
_Static_assert(sizeof(struct shm_ring_owner) == 256, "an owner row is four cache lines");
_Static_assert(sizeof(struct shm_ring_spec) == 48, "the binding writes this structure");
_Static_assert(sizeof(struct shm_ring_counts) == 14 * 8, "the binding reads this structure");
_Static_assert(sizeof(struct shm_ring_owner_counts) == 13 * 8, "the binding reads this structure");
_Static_assert(sizeof(struct shm_ring_group) == 128, "cursor and hand-back counter on lines of their own");
_Static_assert(offsetof(struct shm_ring_header, run_directory_offset) == 112, "whoever sweeps segments reads it there");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit words are lock-free");

/* Version and sizes, compared by the binding before anything else is called. */
SHM_RING_API int32_t shm_ring_abi(void);
SHM_RING_API int32_t shm_ring_sizeof_owner(void);
SHM_RING_API int32_t shm_ring_sizeof_spec(void);
SHM_RING_API int32_t shm_ring_sizeof_counts(void);
SHM_RING_API int32_t shm_ring_sizeof_owner_counts(void);

/*
 * As long as they live, the program that makes a segment, and every other process that has it open, hold a shared lock
 * (flock) on its file: whoever gets an exclusive one knows that all of them have ended, also those of other containers.
 *
 * Makes a segment and its ring. All texts are NUL-terminated UTF-8; segment begins with "/", run_directory may be empty.
 * Returns a handle without role, or NULL and *error: -EEXIST, -ENOSPC (/dev/shm is full), -ENOMEM, -EINVAL ...
 */
SHM_RING_API struct shm_ring *shm_ring_create(const char *segment, const char *name, const char *layout,
                                              const char *run_directory, const struct shm_ring_spec *spec,
                                              int32_t *error);
/* Opens an existing ring. NULL and *error: -ENOENT, SHM_RING_NOT_A_RING, SHM_RING_WRONG_ABI, SHM_RING_TRUNCATED ... */
SHM_RING_API struct shm_ring *shm_ring_attach(const char *segment, int32_t *error);
/*
 * Signs off if the handle has a role, and frees it. The mapping is replaced by empty pages, never taken away, so that a
 * view that somebody still has reads zeros instead of ending the program. The segment itself stays: shm_ring_unlink().
 */
SHM_RING_API int32_t shm_ring_close(struct shm_ring *ring);
SHM_RING_API int32_t shm_ring_unlink(const char *segment);
/* Start of the mapping, and its bytes. */
SHM_RING_API void *shm_ring_base(struct shm_ring *ring);
SHM_RING_API double shm_ring_bytes(struct shm_ring *ring);
/* Values of the header by number: 0 slots, 1 slot_bytes, 2 data_offset, 3 layout_offset, 4 layout_bytes, 5 owners_offset,
 * 6 offset of name, 7 offset of group_names, 8 groups, 9 limit, 10 pause_mode, 11 writers, 12 run_directory_offset,
 * 13 run_directory_bytes, 14 creator_pid, 15 creator_start, 16 sequences claimed so far. */
SHM_RING_API double shm_ring_info(struct shm_ring *ring, int32_t what);

/* Adds a reader group. Returns its number, SHM_RING_TOO_MANY_GROUPS or SHM_RING_ALREADY_STARTED. Creator only. */
SHM_RING_API int32_t shm_ring_new_group(struct shm_ring *ring, const char *name);
/* Reserves an owner row for a writer or a reader of a group. Returns its number. Any thread. */
SHM_RING_API int32_t shm_ring_reserve(struct shm_ring *ring, int32_t role, int32_t group);
/*
 * Raises the number of writers by one and reserves the row of the new one, in place of a writer that died: to be called
 * before that one is recovered, so that the ring does not end in between. Returns the row's number, SHM_RING_ENDED once
 * the ring has ended, or SHM_RING_NO_OWNER_ROW. Any thread.
 */
SHM_RING_API int32_t shm_ring_add_writer(struct shm_ring *ring);
/* Makes this handle the owner of a reserved row. */
SHM_RING_API int32_t shm_ring_take_role(struct shm_ring *ring, int32_t row);
/* Notes in a reader's row that its owner only saves events, before it takes the first one: whoever does the books sees it. */
SHM_RING_API int32_t shm_ring_mark_saver(struct shm_ring *ring, int32_t row);
/* Aborts or hands back what is held, and marks the row as gone. */
SHM_RING_API int32_t shm_ring_sign_off(struct shm_ring *ring);

/*
 * Writer: claims up to `most` consecutive slots and returns how many, at least one; the number of the first slot is
 * stored at *first (slots follow each other, wrapping at `slots`). Waits up to timeout_ms (negative: for ever).
 * SHM_RING_ENDED, SHM_RING_TIMED_OUT, SHM_RING_PAUSED, SHM_RING_MISUSE (slots are still held).
 * In a discarding pause, *first is `slots`: a scratch slot, counted as discarded when published.
 */
SHM_RING_API int32_t shm_ring_claim(struct shm_ring *ring, int32_t most, int32_t timeout_ms, int32_t *first);
/* Writer: publishes all slots held, sets missing timestamps to now. Returns how many. */
SHM_RING_API int32_t shm_ring_publish(struct shm_ring *ring);
/* Writer: publish, then claim one slot; returns its number. The one call of a writer's loop. */
SHM_RING_API int32_t shm_ring_next_slot(struct shm_ring *ring, int32_t timeout_ms);
/* Writer: gives the held slots back as void. Returns how many. */
SHM_RING_API int32_t shm_ring_abort(struct shm_ring *ring);
/* Writer: waits while the ring is paused. 0, or SHM_RING_TIMED_OUT, SHM_RING_ENDED. */
SHM_RING_API int32_t shm_ring_wait_paused(struct shm_ring *ring, int32_t timeout_ms);

/*
 * Reader: releases what is held with `outcome`, then takes up to `most` consecutive events and returns how many, at least
 * one; *first is the number of the first slot, plus SHM_RING_REDELIVERED if it was delivered before (such events come one
 * by one). Waits up to timeout_ms. SHM_RING_ENDED, SHM_RING_TIMED_OUT.
 */
SHM_RING_API int32_t shm_ring_take(struct shm_ring *ring, int32_t most, int32_t outcome, int32_t timeout_ms, int32_t *first);
/* Reader: the same for one event; returns the slot number. The one call of a reader's loop. */
SHM_RING_API int32_t shm_ring_next_event(struct shm_ring *ring, int32_t outcome, int32_t timeout_ms);
/* Reader: releases all that is held. Returns how many. */
SHM_RING_API int32_t shm_ring_release(struct shm_ring *ring, int32_t outcome);
/*
 * Reader: 1 if the group remembers a record of the same origin as the first event held, 0 if it does not or has no memory;
 * 2 if another reader of the group has asked the same and has neither remembered nor released its record: ask again in a
 * moment.
 */
SHM_RING_API int32_t shm_ring_remembers(struct shm_ring *ring);
/*
 * Reader: has the group remember the origins of the events held; it forgets the oldest ones. What two readers store at the
 * same moment may displace one origin more. Returns how many.
 */
SHM_RING_API int32_t shm_ring_remember(struct shm_ring *ring);
/* Reader: 1 if an event could be taken now, 0 if not; may be outdated at once. */
SHM_RING_API int32_t shm_ring_data_available(struct shm_ring *ring);

/*
 * Observer: copies the newest event that is newer than the last one copied by this handle (header and columns, slot_bytes
 * in all) to `copy`. Never torn. 0, SHM_RING_TIMED_OUT, SHM_RING_ENDED. Needs no role and holds nothing back.
 */
SHM_RING_API int32_t shm_ring_observe(struct shm_ring *ring, void *copy, int32_t timeout_ms);

/* Control. */
SHM_RING_API int32_t shm_ring_pause(struct shm_ring *ring, int32_t paused);
SHM_RING_API int32_t shm_ring_set_closing(struct shm_ring *ring); /* claims end; readers drain */
SHM_RING_API int32_t shm_ring_set_aborted(struct shm_ring *ring); /* every call ends */
SHM_RING_API int32_t shm_ring_detach_group(struct shm_ring *ring, int32_t group);
/*
 * Tells the owner of a row to sign off while the ring goes on: its claims, or its takes, give SHM_RING_ENDED from now on,
 * also those that are waiting. What a reader holds then stays its own until it releases it.
 */
SHM_RING_API int32_t shm_ring_retire(struct shm_ring *ring, int32_t row);
/* Bits: 1 paused, 2 closing (or this handle's row is retired), 4 aborted, 8 ended, 16 this handle's last slot was the scratch slot. */
SHM_RING_API int32_t shm_ring_flags(struct shm_ring *ring);
/*
 * Hands on what an owner held that has ended for good: its claims become void, its held events available again (or, if a
 * reader of the group had died with them before, released as failed), its counters are set right, its row is marked as
 * gone. May be repeated, also after a recoverer died in the middle. Must not be called while the owner may still run, nor
 * by two at a time. Returns the number of events handed back to the group; *failed, if not NULL, gets the other number.
 */
SHM_RING_API int32_t shm_ring_recover(struct shm_ring *ring, int32_t row, int32_t *failed);
/*
 * What each owner holds now: held[2 * row] is the lowest sequence, or -1, and held[2 * row + 1] the counter in its slot.
 * `held` has room for SHM_RING_MAX_OWNERS rows. Returns how many were filled in. Looks at each word once.
 */
SHM_RING_API int32_t shm_ring_held_events(struct shm_ring *ring, double *held);
/*
 * Finds the first event at or after *sequence that a group which is not detached has not finished. Returns its slot's
 * number, plus SHM_RING_REDELIVERED if such a group had it before; *groups gets a bit per such group, *sequence the next
 * sequence to look at. SHM_RING_ENDED: there is none. For a ring in which nobody is at work.
 */
SHM_RING_API int32_t shm_ring_unfinished(struct shm_ring *ring, double *sequence, uint32_t *groups);
/* Fills *counts. Exact when nobody is at work, else each number is right for some moment during the call. */
SHM_RING_API int32_t shm_ring_status(struct shm_ring *ring, struct shm_ring_counts *counts);
/* The same for one owner row. SHM_RING_MISUSE if there is no such row. */
SHM_RING_API int32_t shm_ring_owner_status(struct shm_ring *ring, int32_t row, struct shm_ring_owner_counts *counts);
/* Events that readers of a group hold now. */
SHM_RING_API int32_t shm_ring_held_by_group(struct shm_ring *ring, int32_t group);

#endif

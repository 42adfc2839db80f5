/* Words of slots and groups, the handle, and what the parts of the helper share. Not for users. */
#ifndef SHM_RING_WORDS_H
#define SHM_RING_WORDS_H

#include "ring.h"
#include "wait.h"

/*
 * Some reads of data race with a writer, are meant to, and are used only if a word proves them whole [TORN]. The thread
 * sanitizer does not understand the fences that make this harmless: it must not look there.
 */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define THREAD_SANITIZER
#define NOT_WATCHED __attribute__((no_sanitize("thread")))
#else
#define NOT_WATCHED
#endif

/*
 * A word: sequence (48 bits) | owner (12) | extra (2) | phase (2).
 *
 *   slot:   FREE(s) or PUBLISHED(s-slots), all groups released --claim--> CLAIMED(s,w) --publish--> PUBLISHED(s)
 *                                          FREE(s+slots) <--abort, recover--'                 void: readers skip it
 *   group:  older than s, or AVAILABLE(s) --take--> HELD(s,r) --release--> RELEASED(s)
 *                                 ^-----recover, sign off-----'       extra: why it was handed back; 0: it was not
 *
 * Sequences only grow. "Older than s" stands for AVAILABLE(s), so that publishing touches no word of any group. That all
 * groups have released a slot is read from their words by the writer that wants it: only writers change a slot's word, only
 * readers a group's.
 */
enum { SLOT_FREE = 0, SLOT_CLAIMED = 1, SLOT_PUBLISHED = 2 };
enum { EVENT_AVAILABLE = 0, EVENT_HELD = 1, EVENT_RELEASED = 2 };
enum { READER_LEFT = 1, READER_DIED = 2 }; /* bits of extra */

#define SEQUENCE_SHIFT 16
#define OWNER_SHIFT 4
#define EXTRA_SHIFT 2
#define OWNER_MASK 0xFFFu
#define EXTRA_MASK 3u
#define PHASE_MASK 3u

_Static_assert(SHM_RING_MAX_OWNERS <= OWNER_MASK + 1, "owner numbers fit into a word");

typedef uint64_t word_t;

static inline word_t make_word(uint64_t sequence, unsigned owner, unsigned extra, unsigned phase)
{
    return sequence << SEQUENCE_SHIFT | (uint64_t)owner << OWNER_SHIFT | extra << EXTRA_SHIFT | phase;
}
static inline uint64_t word_sequence(word_t word) { return word >> SEQUENCE_SHIFT; }
static inline unsigned word_owner(word_t word) { return (unsigned)(word >> OWNER_SHIFT) & OWNER_MASK; }
static inline unsigned word_extra(word_t word) { return (unsigned)(word >> EXTRA_SHIFT) & EXTRA_MASK; }
static inline unsigned word_phase(word_t word) { return (unsigned)word & PHASE_MASK; }

/* A group's word says that the event of this sequence can be had. */
static inline int is_available(word_t word, uint64_t sequence)
{
    return word_sequence(word) < sequence ||
           (word_sequence(word) == sequence && word_phase(word) == EVENT_AVAILABLE);
}

/* A process's or thread's view of a ring. Slots held are `held` consecutive sequences from `held_first`. */
struct shm_ring {
    struct shm_ring_header *header;
    struct shm_ring_owner *owners;
    _Atomic word_t *states;
    _Atomic word_t *group_words; /* of this reader's group */
    char *data;
    uint64_t slots;
    uint64_t slot_mask; /* slots - 1 if slots is a power of two, else 0 */
    uint64_t slot_bytes;
    uint64_t bytes;
    int32_t file; /* locked as long as this process has the ring open; -1: another handle of the process does it */
    int32_t row; /* -1: no role */
    uint32_t role;
    uint32_t group;
    uint64_t held_first;
    uint32_t held;
    _Atomic uint64_t *in_work; /* this reader's mark in its group's memory; NULL: none */
    uint32_t scratch; /* the slot held is the scratch slot */
    uint64_t observed; /* observer: one more than the last sequence copied */
    int32_t processors;
    int64_t usual_wait_ns;
    int64_t no_spin_before_ns; /* another thread wanted this processor a moment ago */
};

static inline uint64_t slot_of(const struct shm_ring *ring, uint64_t sequence)
{
    return ring->slot_mask ? sequence & ring->slot_mask : sequence % ring->slots;
}
static inline uint64_t next_slot_of(const struct shm_ring *ring, uint64_t slot)
{
    return slot + 1 == ring->slots ? 0 : slot + 1;
}
static inline struct shm_ring_slot_header *slot_header(const struct shm_ring *ring, uint64_t slot)
{
    return (struct shm_ring_slot_header *)(ring->data + slot * ring->slot_bytes);
}
static inline struct shm_ring_owner *own_row(const struct shm_ring *ring) { return &ring->owners[ring->row]; }
/* True if this handle's owner shall sign off. A little later is as good; before sleeping it is read behind [SLEEP]. */
static inline int is_retired(const struct shm_ring *ring)
{
    return ring->row >= 0 && atomic_load_explicit(&own_row(ring)->retired, memory_order_relaxed);
}
static inline _Atomic word_t *words_of_group(const struct shm_ring *ring, uint32_t group)
{
    char *first = (char *)ring->header + ring->header->group_words_offset;
    return (_Atomic word_t *)first + (uint64_t)group * ring->slots;
}

/*
 * Moves a hint forward to `target`; it never goes back. To know where to begin to look, it may be read relaxed.
 * [HINT] Release, for who concludes from the hint what the words below it say: tickets_left() (through the load in
 * try_claim()) and group_at_end(), which load it with acquire. Who moves it has seen those words, whoever changed them.
 */
static inline void advance(_Atomic uint64_t *hint, uint64_t target)
{
    uint64_t seen = atomic_load_explicit(hint, memory_order_relaxed);
    while (seen < target &&
           !atomic_compare_exchange_weak_explicit(hint, &seen, target, memory_order_release, memory_order_relaxed)) {
    }
}

/*
 * Counters around a crash: only the row's owner (or its recoverer) writes, so plain arithmetic is enough; release order
 * keeps the stores in the order of the program, which is what recover() relies on.
 */
static inline uint64_t peek(_Atomic uint64_t *counter) { return atomic_load_explicit(counter, memory_order_relaxed); }
static inline void put(_Atomic uint64_t *counter, uint64_t value)
{
    atomic_store_explicit(counter, value, memory_order_release);
}

/* Releases events that the row holds, counted in this order so that a death in the middle can be counted later. */
static inline void release_events(const struct shm_ring *ring, struct shm_ring_owner *owner, _Atomic word_t *words,
                                  uint64_t first, uint32_t count, int32_t outcome)
{
    uint64_t target = peek(&owner->released[outcome]) + count;
    put(&owner->release_first, first << 2 | (uint64_t)outcome);
    put(&owner->release_target[outcome], target);
    uint64_t slot = slot_of(ring, first);
    for (uint32_t i = 0; i < count; i++) {
        /* [RELEASE] pairs with the load in released_by_all(). */
        atomic_store_explicit(&words[slot], make_word(first + i, 0, 0, EVENT_RELEASED), memory_order_release);
        slot = next_slot_of(ring, slot);
    }
    put(&owner->released[outcome], target);
}

/*
 * [SLEEP] A sleeper stores `sleepers`, then looks once more; a waker makes its change, then looks at `sleepers`. Both
 * sides have a full fence between the two, so at least one of them sees the other. Who clears the flag wakes everybody.
 */
static inline void full_fence(void) { atomic_thread_fence(memory_order_seq_cst); }

static inline void wake_now(struct shm_ring_event *event)
{
    atomic_store_explicit(&event->sleepers, 0, memory_order_relaxed);
    /* After the flag: who sleeps on the new key has set the flag again, or sees the change. */
    atomic_fetch_add_explicit(&event->key, 1, memory_order_seq_cst);
    futex_wake_all(&event->key);
}

/* Call after full_fence() [SLEEP]. */
static inline void wake_sleepers(struct shm_ring_event *event)
{
    if (atomic_load_explicit(&event->sleepers, memory_order_relaxed)) wake_now(event);
}

/* One waiting call: when it began, when it must give up. */
struct waiting {
    int64_t began_ns;
    int64_t counted_ns;  /* up to here it is in the owner's counter */
    int64_t deadline_ns; /* INT64_MAX: never */
};

struct waiting waiting_begin(int32_t timeout_ms);
/* Waits for a change of `event`; `key` was read before the caller's last look. False: the time is over. */
int waiting_sleep(const struct waiting *waiting, struct shm_ring_event *event, uint32_t key);
/* Reads the key and says that somebody is about to sleep; the caller then looks once more. */
uint32_t waiting_announce(struct shm_ring_event *event);
/* How long to look again and again before sleeping: nothing where threads outnumber processors. */
int64_t spin_budget_ns(const struct shm_ring *ring, int64_t now_ns);
/* Lets a moment pass and offers the processor to others. Returns the time, INT64_MAX if spinning is of no use now. */
int64_t spin_pause(struct shm_ring *ring, int64_t now_ns);
/* Adds what has passed to the owner's counter, so that a long wait shows while it lasts. */
void waiting_count(struct shm_ring *ring, struct waiting *waiting);
/* Adds the rest to the owner's counter, and learns from the whole. */
void waiting_end(struct shm_ring *ring, const struct waiting *waiting, int64_t not_counted_ns);

/* True if every group that is not detached has released this sequence. */
int released_by_all(struct shm_ring *ring, uint64_t slot, uint64_t sequence);
/* One past the highest claimed sequence; moves the hint on if a claimer died before it did. */
uint64_t true_head(struct shm_ring *ring);
/* Marks the ring as ended if all writers have gone. */
int check_end(struct shm_ring *ring);
uint64_t sum_voided(struct shm_ring *ring);
/* Slots that are claimed, or published and not released by all groups. */
uint64_t count_filled(struct shm_ring *ring);
/* Turns CLAIMED(sequence, row) into void and counts it in the row. */
void make_void(struct shm_ring *ring, uint32_t row, uint64_t sequence);
/* Turns HELD(sequence, row) into available again and counts it in the row. `reason`: READER_LEFT or READER_DIED. */
void hand_back(struct shm_ring *ring, uint32_t row, uint64_t sequence, unsigned reason);
void wake_everybody(struct shm_ring *ring);
/* Removes this reader's mark of a record in work. */
void end_work(struct shm_ring *ring);
/* Removes the marks of a reader that is dead. */
void end_work_of(struct shm_ring *ring, uint32_t row);

#endif

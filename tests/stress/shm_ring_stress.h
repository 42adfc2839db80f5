/*
 * What the stress programs of the shared-memory ring share: stamped events, a book of who saw which event, and the check
 * at the end of a round. They look into the ring's words (words.h) to count independently of its counters.
 */
#ifndef SHM_RING_STRESS_H
#define SHM_RING_STRESS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "words.h"

#define MOST_GROUPS 3
#define RECORD_BYTES 256
#define RECORD_WORDS (RECORD_BYTES / 8)

static char current_segment[96];

/* Says what is wrong and ends the program, without leaving the segment behind. */
#define FAIL(...) \
    (fprintf(stderr, "shm_ring stress: " __VA_ARGS__), fputc('\n', stderr), fflush(NULL), shm_ring_unlink(current_segment), abort())
#define CHECK(condition, ...) ((condition) ? (void)0 : FAIL(__VA_ARGS__))

/* xorshift64*: small, and each worker has its own. */
static inline uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1DULL;
}
static inline uint32_t random_below(uint64_t *state, uint32_t bound)
{
    return (uint32_t)((random_next(state) >> 32) * bound >> 32);
}
static inline int one_in(uint64_t *state, uint32_t chance) { return chance > 0 && random_below(state, chance) == 0; }
static inline uint64_t random_seed(uint64_t seed, uint64_t worker)
{
    uint64_t state = (seed + 1) * 0x9E3779B97F4A7C15ULL ^ (worker + 1) * 0xBF58476D1CE4E5B9ULL;
    for (int i = 0; i < 4; i++) random_next(&state);
    return state | 1;
}

/* Every word of an event's record says whose it is and where it belongs. */
static inline uint64_t stamp(uint64_t id, uint64_t word) { return (id + 1) * 0x9E3779B97F4A7C15ULL + word; }
static inline void write_stamps(void *record, uint64_t id)
{
    for (uint64_t i = 0; i < RECORD_WORDS; i++) ((uint64_t *)record)[i] = stamp(id, i);
}
static inline void check_stamps(const void *record, uint64_t id, const char *who)
{
    for (uint64_t i = 0; i < RECORD_WORDS; i++) {
        CHECK(((const uint64_t *)record)[i] == stamp(id, i), "%s: event %llu is torn at word %llu", who,
              (unsigned long long)id, (unsigned long long)i);
    }
}

/* What became of an event's number, as far as its writer came to say. */
enum { ID_UNUSED, ID_CLAIMED, ID_PUBLISHING, ID_PUBLISHED, ID_VOID };

/* In memory that all threads and processes share. */
struct book {
    _Atomic uint64_t next_id;
    uint64_t ids;
    _Atomic uint8_t *state;              /* by id */
    _Atomic uint8_t *fresh[MOST_GROUPS]; /* deliveries without the redelivered flag, by group and id */
    _Atomic uint8_t *again[MOST_GROUPS]; /* deliveries with it */
    _Atomic uint8_t *deaths[MOST_GROUPS]; /* readers that died with it; with the second one it is given up */
    uint8_t buried[SHM_RING_MAX_OWNERS];  /* owners whose deaths are in the book */
};

#define BOOK_TABLES (1 + 3 * MOST_GROUPS)

/* A book for events 0 to ids - 1, on BOOK_TABLES * ids bytes of zeros. */
static inline void open_book(struct book *book, _Atomic uint8_t *tables, uint64_t ids)
{
    book->ids = ids;
    book->state = tables;
    for (int group = 0; group < MOST_GROUPS; group++) {
        book->fresh[group] = tables + (1 + group) * ids;
        book->again[group] = tables + (1 + MOST_GROUPS + group) * ids;
        book->deaths[group] = tables + (1 + 2 * MOST_GROUPS + group) * ids;
    }
}

static inline void book_delivery(struct book *book, uint32_t group, uint64_t id, int redelivered)
{
    CHECK(id < book->ids, "group %u got an event of unknown number %llu", group, (unsigned long long)id);
    CHECK(atomic_load(&book->state[id]) != ID_VOID, "group %u got event %llu, which is void", group, (unsigned long long)id);
    if (redelivered) {
        atomic_fetch_or(&book->again[group][id], 1);
    } else {
        CHECK(atomic_fetch_add(&book->fresh[group][id], 1) == 0, "group %u got event %llu twice without flag", group,
              (unsigned long long)id);
    }
}

/* To be called before a dead owner is recovered: what it died with. */
static inline void book_death(struct shm_ring *ring, struct book *book, int32_t row)
{
    struct shm_ring_owner *owner = &ring->owners[row];
    if (owner->role != SHM_RING_READER || book->buried[row]) return;
    book->buried[row] = 1;
    for (uint64_t slot = 0; slot < ring->slots; slot++) {
        word_t word = words_of_group(ring, owner->group)[slot];
        if (word_phase(word) != EVENT_HELD || word_owner(word) != (unsigned)row) continue;
        uint64_t id = (uint64_t)slot_header(ring, slot)->counter;
        CHECK(id < book->ids, "owner %d died with an event of unknown number %llu", row, (unsigned long long)id);
        CHECK(atomic_fetch_add(&book->deaths[owner->group][id], 1) < 2, "a third reader died with event %llu",
              (unsigned long long)id);
    }
}

/* Recovers whoever has not gone yet; all of them are dead. */
static inline void recover_all(struct shm_ring *ring, struct book *book)
{
    struct shm_ring_owner_counts owner;
    for (int32_t row = 0; shm_ring_owner_status(ring, row, &owner) == 0; row++) {
        if (owner.state == SHM_RING_ROW_GONE) continue;
        book_death(ring, book, row);
        CHECK(shm_ring_recover(ring, row, NULL) >= 0, "cannot recover owner %d", row);
    }
}

/* Marks in `rest`, a bit per group, the events that are unfinished; checks that they are whole and in order. */
static inline void find_unfinished(struct shm_ring *ring, const struct book *book, uint8_t *rest)
{
    double sequence = 0, before = 0;
    uint32_t groups = 0;
    int32_t slot;
    while ((slot = shm_ring_unfinished(ring, &sequence, &groups)) >= 0) {
        struct shm_ring_slot_header *event = slot_header(ring, (uint64_t)(slot & ~SHM_RING_REDELIVERED));
        uint64_t id = (uint64_t)event->counter;
        CHECK(sequence > before && groups > 0, "unfinished events are not in order");
        CHECK(id < book->ids && rest[id] == 0, "event %llu is unfinished twice", (unsigned long long)id);
        check_stamps(event + 1, id, "an unfinished event");
        rest[id] = (uint8_t)groups;
        before = sequence;
    }
    CHECK(slot == SHM_RING_ENDED, "unfinished() gave %d", slot);
}

/*
 * The books of a ring in which nobody is at work and nobody is left to be recovered. Counts from the ring's words, from its
 * counters and from the deliveries must agree. If it is said to be drained, nothing may be unfinished. Returns the number
 * of published events.
 */
static inline uint64_t check_books(struct shm_ring *ring, const struct book *book, int is_drained)
{
    struct shm_ring_header *header = ring->header;
    struct shm_ring_counts counts;
    struct shm_ring_owner_counts owner;
    shm_ring_status(ring, &counts);
    uint64_t head = true_head(ring), published = 0, voided = 0, released[MOST_GROUPS] = { 0 };
    for (int32_t row = 0; row < (int32_t)header->owners; row++) {
        CHECK(shm_ring_owner_status(ring, row, &owner) == 0, "no owner row %d", row);
        CHECK(owner.state == SHM_RING_ROW_GONE, "owner row %d is in state %g", row, owner.state);
        published += (uint64_t)owner.published;
        voided += (uint64_t)owner.voided;
        for (int outcome = 0; outcome < SHM_RING_OUTCOMES; outcome++) {
            if (owner.role == SHM_RING_READER) released[(int)owner.group] += (uint64_t)owner.released[outcome];
        }
    }
    for (uint64_t slot = 0; slot < ring->slots; slot++) {
        CHECK(word_phase(ring->states[slot]) != SLOT_CLAIMED, "slot %d is still claimed", (int)slot);
    }
    CHECK(published == head - voided, "owners published %llu, but the words say %llu - %llu", (unsigned long long)published,
          (unsigned long long)head, (unsigned long long)voided);
    CHECK(counts.published == (double)published && counts.voided == (double)voided, "status() says %g published, %g void",
          counts.published, counts.voided);
    uint64_t ids = book->next_id < book->ids ? book->next_id : book->ids;
    uint8_t *rest = calloc(book->ids, 1);
    CHECK(rest, "no memory");
    find_unfinished(ring, book, rest);
    for (uint32_t group = 0; group < header->groups; group++) {
        if (header->detached >> group & 1) continue;
        uint64_t seen = 0, unfinished = 0;
        for (uint64_t id = 0; id < ids; id++) {
            int is_left = rest[id] >> group & 1;
            int was_seen = book->fresh[group][id] + book->again[group][id] > 0 || book->deaths[group][id] > 1;
            unfinished += (uint64_t)is_left;
            seen += was_seen || is_left;
            CHECK(book->deaths[group][id] < 2 || !is_left, "event %llu was offered again after two deaths", (unsigned long long)id);
            CHECK(book->state[id] != ID_PUBLISHED || was_seen || is_left, "group %u never got event %llu", group,
                  (unsigned long long)id);
            CHECK(book->state[id] != ID_VOID || !(was_seen || is_left), "group %u got void event %llu", group,
                  (unsigned long long)id);
        }
        CHECK(shm_ring_held_by_group(ring, (int32_t)group) == 0, "group %u still holds events", group);
        CHECK(!is_drained || unfinished == 0, "group %u has not finished %llu events", group, (unsigned long long)unfinished);
        CHECK(released[group] + unfinished == published, "group %u released %llu and left %llu of %llu events", group,
              (unsigned long long)released[group], (unsigned long long)unfinished, (unsigned long long)published);
        CHECK(seen == published, "group %u saw %llu different events of %llu", group, (unsigned long long)seen,
              (unsigned long long)published);
    }
    free(rest);
    return published;
}

/* Makes a ring whose segment's name says whose it is, so that it is swept if this program is killed. */
static inline struct shm_ring *new_ring(struct shm_ring_spec spec, uint32_t groups)
{
    static int made = 0;
    char stat[1024] = "";
    FILE *file = fopen("/proc/self/stat", "r");
    CHECK(file && fgets(stat, sizeof stat, file), "cannot read /proc/self/stat");
    fclose(file);
    char *field = strrchr(stat, ')') + 1;
    for (int i = 3; i < 22; i++) field = strchr(field + 1, ' '); /* to field 22, the start time */
    snprintf(current_segment, sizeof current_segment, "/mimocorb-%d-%llu-%d-stress", getpid(), strtoull(field, NULL, 10),
             made++);
    int32_t error = 0;
    spec.record_bytes = RECORD_BYTES;
    struct shm_ring *ring = shm_ring_create(current_segment, "stress", "{}", "", &spec, &error);
    CHECK(ring, "cannot create a ring: %d", error);
    for (uint32_t group = 0; group < groups; group++) {
        char name[16];
        snprintf(name, sizeof name, "g%u", group);
        CHECK(shm_ring_new_group(ring, name) == (int32_t)group, "cannot add group %u", group);
    }
    return ring;
}

static inline void remove_ring(struct shm_ring *ring)
{
    shm_ring_unlink(current_segment);
    shm_ring_close(ring);
}

/*
 * Another handle on the same mapping. The thread sanitizer knows words by their address, so threads that it is to watch
 * must not have a mapping each. Freed with free(), after shm_ring_sign_off().
 */
static inline struct shm_ring *share_mapping(const struct shm_ring *ring)
{
    struct shm_ring *copy = malloc(sizeof *copy);
    CHECK(copy, "no memory");
    *copy = *ring;
    copy->row = -1;
    copy->held = copy->scratch = copy->role = 0;
    copy->observed = 0;
    return copy;
}

#endif

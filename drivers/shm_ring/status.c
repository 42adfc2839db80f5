/* Counters, and who holds what: for whoever watches a ring, or takes over what is left of one. */
#include "words.h"

uint64_t sum_voided(struct shm_ring *ring)
{
    uint64_t sum = 0;
    uint32_t rows = atomic_load(&ring->header->owners);
    for (uint32_t row = 0; row < rows; row++) {
        sum += atomic_load_explicit(&ring->owners[row].voided, memory_order_acquire);
    }
    return sum;
}

uint64_t count_filled(struct shm_ring *ring)
{
    uint64_t filled = 0;
    for (uint64_t slot = 0; slot < ring->slots; slot++) {
        word_t state = atomic_load_explicit(&ring->states[slot], memory_order_acquire);
        filled += word_phase(state) == SLOT_CLAIMED ||
                  (word_phase(state) == SLOT_PUBLISHED && !released_by_all(ring, slot, word_sequence(state)));
    }
    return filled;
}

int32_t shm_ring_status(struct shm_ring *ring, struct shm_ring_counts *counts)
{
    struct shm_ring_header *header = ring->header;
    uint64_t published = 0, voided = 0, discarded = 0, waited_ns = 0;
    double deadtime_sum = 0;
    uint32_t rows = atomic_load(&header->owners);
    for (uint32_t row = 0; row < rows; row++) {
        struct shm_ring_owner *owner = &ring->owners[row];
        if (owner->role != SHM_RING_WRITER) continue;
        published += peek(&owner->published);
        voided += peek(&owner->voided);
        discarded += peek(&owner->discarded);
        waited_ns += peek(&owner->waited_ns);
        deadtime_sum += atomic_load_explicit(&owner->deadtime_sum, memory_order_relaxed);
    }
    uint64_t filled = count_filled(ring);
    advance(&header->highest_fill, filled);
    *counts = (struct shm_ring_counts){
        .published = (double)published,
        .voided = (double)voided,
        .discarded = (double)discarded,
        .filled = (double)filled,
        .highest_fill = (double)peek(&header->highest_fill),
        .deadtime_sum = deadtime_sum,
        .writer_wait_s = 1e-9 * (double)waited_ns,
        .paused = atomic_load(&header->paused),
        .closing = atomic_load(&header->closing),
        .ended = atomic_load(&header->ended),
        .aborted = atomic_load(&header->aborted),
        .groups = atomic_load(&header->groups),
        .owners = rows,
        .detached = atomic_load(&header->detached),
    };
    return 0;
}

int32_t shm_ring_owner_status(struct shm_ring *ring, int32_t row, struct shm_ring_owner_counts *counts)
{
    if (row < 0 || (uint32_t)row >= atomic_load(&ring->header->owners)) return SHM_RING_MISUSE;
    struct shm_ring_owner *owner = &ring->owners[row];
    *counts = (struct shm_ring_owner_counts){
        .state = atomic_load(&owner->state),
        .role = owner->role,
        .group = owner->group,
        .published = (double)peek(&owner->published),
        .voided = (double)peek(&owner->voided),
        .discarded = (double)peek(&owner->discarded),
        .redelivered = (double)peek(&owner->redelivered),
        .wait_s = 1e-9 * (double)peek(&owner->waited_ns),
        .saves = atomic_load(&owner->saves),
    };
    for (int outcome = 0; outcome < SHM_RING_OUTCOMES; outcome++) {
        counts->released[outcome] = (double)peek(&owner->released[outcome]);
    }
    return 0;
}

int32_t shm_ring_held_by_group(struct shm_ring *ring, int32_t group)
{
    if (group < 0 || (uint32_t)group >= atomic_load(&ring->header->groups)) return SHM_RING_MISUSE;
    _Atomic word_t *words = words_of_group(ring, (uint32_t)group);
    int32_t held = 0;
    for (uint64_t slot = 0; slot < ring->slots; slot++) {
        held += word_phase(atomic_load_explicit(&words[slot], memory_order_relaxed)) == EVENT_HELD;
    }
    return held;
}

/* The counter in a slot's header; its writer may be setting it at this moment [TORN]. */
NOT_WATCHED static double counter_racing(const struct shm_ring *ring, uint64_t slot)
{
    return (double)*(const volatile int64_t *)&slot_header(ring, slot)->counter;
}

/* The lowest sequence of each owner's words in one run of words. */
static void lowest_of_owners(const struct shm_ring *ring, _Atomic word_t *words, unsigned phase, uint64_t *lowest)
{
    for (uint64_t slot = 0; slot < ring->slots; slot++) {
        word_t word = atomic_load_explicit(&words[slot], memory_order_acquire);
        unsigned owner = word_owner(word);
        if (word_phase(word) != phase || owner >= SHM_RING_MAX_OWNERS) continue;
        if (word_sequence(word) < lowest[owner]) lowest[owner] = word_sequence(word);
    }
}

int32_t shm_ring_held_events(struct shm_ring *ring, double *held)
{
    uint64_t lowest[SHM_RING_MAX_OWNERS];
    uint32_t rows = atomic_load(&ring->header->owners), groups = atomic_load(&ring->header->groups);
    for (uint32_t row = 0; row < SHM_RING_MAX_OWNERS; row++) lowest[row] = UINT64_MAX;
    lowest_of_owners(ring, ring->states, SLOT_CLAIMED, lowest);
    for (uint32_t group = 0; group < groups; group++) {
        lowest_of_owners(ring, words_of_group(ring, group), EVENT_HELD, lowest);
    }
    for (uint32_t row = 0; row < rows; row++) {
        struct shm_ring_owner *owner = &ring->owners[row];
        held[2 * row] = held[2 * row + 1] = -1;
        if (lowest[row] == UINT64_MAX || owner->group >= SHM_RING_MAX_GROUPS) continue;
        int is_writer = owner->role == SHM_RING_WRITER;
        uint64_t slot = slot_of(ring, lowest[row]);
        _Atomic word_t *word = is_writer ? &ring->states[slot] : &words_of_group(ring, owner->group)[slot];
        word_t before = atomic_load_explicit(word, memory_order_acquire);
        double counter = counter_racing(ring, slot);
        /* [TORN] pairs with the fence after a claim: if the counter is that of a later lap, the word has changed. */
        atomic_thread_fence(memory_order_acquire);
        word_t after = atomic_load_explicit(word, memory_order_relaxed);
        if (before != after || word_phase(after) != (is_writer ? SLOT_CLAIMED : EVENT_HELD) ||
            word_owner(after) != row || word_sequence(after) != lowest[row]) {
            continue; /* it has gone on */
        }
        held[2 * row] = (double)lowest[row];
        held[2 * row + 1] = counter;
    }
    return (int32_t)rows;
}

int32_t shm_ring_unfinished(struct shm_ring *ring, double *sequence, uint32_t *groups)
{
    struct shm_ring_header *header = ring->header;
    uint32_t detached = atomic_load(&header->detached), count = atomic_load(&header->groups);
    uint64_t head = true_head(ring), first = *sequence > 0 ? (uint64_t)*sequence : 0;
    if (head > ring->slots && first < head - ring->slots) first = head - ring->slots;
    for (; first < head; first++) {
        uint64_t slot = slot_of(ring, first);
        if (atomic_load(&ring->states[slot]) != make_word(first, 0, 0, SLOT_PUBLISHED)) continue;
        uint32_t waiting = 0;
        int was_delivered = 0;
        for (uint32_t group = 0; group < count; group++) {
            word_t word = atomic_load(&words_of_group(ring, group)[slot]);
            if (detached >> group & 1 || word == make_word(first, 0, 0, EVENT_RELEASED)) continue;
            waiting |= 1u << group;
            was_delivered |= !is_available(word, first) || (word_sequence(word) == first && word_extra(word) > 0);
        }
        if (waiting == 0) continue;
        *sequence = (double)(first + 1);
        *groups = waiting;
        return (int32_t)slot | (was_delivered ? SHM_RING_REDELIVERED : 0);
    }
    return SHM_RING_ENDED;
}

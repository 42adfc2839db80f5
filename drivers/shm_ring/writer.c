/* Writers: claim, publish, abort. */
#include "words.h"

/* Value of try_claim(): no slot is free now. */
enum { RING_FULL = 0 };

uint64_t true_head(struct shm_ring *ring)
{
    uint64_t head = atomic_load_explicit(&ring->header->head, memory_order_relaxed);
    for (;;) {
        word_t state = atomic_load_explicit(&ring->states[slot_of(ring, head)], memory_order_acquire);
        if (word_sequence(state) < head || (word_sequence(state) == head && word_phase(state) == SLOT_FREE)) break;
        head++;
    }
    advance(&ring->header->head, head);
    return head;
}

/* True if a group holds slots back. */
static int has_groups(struct shm_ring *ring)
{
    uint32_t groups = atomic_load_explicit(&ring->header->groups, memory_order_relaxed);
    return ((1u << groups) - 1) & ~atomic_load_explicit(&ring->header->detached, memory_order_relaxed);
}

int released_by_all(struct shm_ring *ring, uint64_t slot, uint64_t sequence)
{
    uint32_t groups = atomic_load_explicit(&ring->header->groups, memory_order_relaxed);
    uint32_t detached = atomic_load_explicit(&ring->header->detached, memory_order_acquire);
    for (uint32_t group = 0; group < groups; group++) {
        if (detached >> group & 1) continue;
        /* [RELEASE] pairs with the store in release_held(): the reader's last look at the data comes before. */
        word_t word = atomic_load_explicit(&words_of_group(ring, group)[slot], memory_order_acquire);
        if (word != make_word(sequence, 0, 0, EVENT_RELEASED)) return 0;
    }
    return 1;
}

/* Slots made void, and those about to be: more than sum_voided() while one is being made. */
static uint64_t sum_void_targets(struct shm_ring *ring)
{
    uint64_t sum = 0;
    uint32_t rows = atomic_load(&ring->header->owners);
    for (uint32_t row = 0; row < rows; row++) {
        sum += atomic_load_explicit(&ring->owners[row].void_target, memory_order_acquire);
    }
    return sum;
}

/*
 * Tickets left under the ring's limit for a claim of `sequence`: every void slot gives its ticket back. 0: none now, but
 * a claim that is still open may become void; negative: none ever.
 */
static int64_t tickets_left(struct shm_ring *ring, uint64_t sequence)
{
    struct shm_ring_header *header = ring->header;
    int64_t left = (int64_t)(header->limit + peek(&header->voided_hint) - sequence);
    if (left > 0) return left;
    uint64_t voided = sum_voided(ring);
    advance(&header->voided_hint, voided);
    left = (int64_t)(header->limit + voided - sequence);
    if (left > 0) return left;
    for (uint64_t slot = 0; slot < ring->slots; slot++) {
        word_t state = atomic_load_explicit(&ring->states[slot], memory_order_acquire);
        if (word_phase(state) == SLOT_CLAIMED) return 0;
    }
    /* A claim that became void between the sum and the look at its slot had been announced before, if not yet counted. */
    return sum_void_targets(ring) == voided ? -1 : 0;
}

static void sample_fill(struct shm_ring *ring, uint64_t head)
{
    uint32_t groups = atomic_load_explicit(&ring->header->groups, memory_order_relaxed);
    uint32_t detached = atomic_load_explicit(&ring->header->detached, memory_order_relaxed);
    uint64_t lowest = head;
    for (uint32_t group = 0; group < groups; group++) {
        if (detached >> group & 1) continue;
        uint64_t cursor = peek(&ring->header->group[group].cursor);
        if (cursor < lowest) lowest = cursor;
    }
    uint64_t fill = head - lowest + 1;
    advance(&ring->header->highest_fill, fill > ring->slots ? ring->slots : fill);
}

/* Claims up to `most` consecutive slots. Returns how many, RING_FULL, SHM_RING_ENDED or SHM_RING_PAUSED. */
static int32_t try_claim(struct shm_ring *ring, int32_t most, int32_t *first)
{
    struct shm_ring_header *header = ring->header;
    if (atomic_load(&header->closing) || is_retired(ring)) return SHM_RING_ENDED;
    if (atomic_load_explicit(&header->paused, memory_order_relaxed)) {
        if (header->pause_mode == SHM_RING_WAIT) return SHM_RING_PAUSED;
        ring->scratch = 1;
        ring->held = 1;
        *first = (int32_t)ring->slots;
        return 1;
    }
    unsigned owner = (unsigned)ring->row;
    /* [HINT] acquire: pairs with advance(); tickets_left() must see every claim below the head. */
    uint64_t sequence = atomic_load_explicit(&header->head, memory_order_acquire);
    uint64_t slot = slot_of(ring, sequence);
    int32_t count = 0;
    if ((uint64_t)most > ring->slots) most = (int32_t)ring->slots;
    while (count < most) {
        if (header->limit) {
            int64_t left = tickets_left(ring, sequence);
            if (left <= 0) {
                if (count > 0) break;
                return left < 0 ? SHM_RING_ENDED : RING_FULL;
            }
        }
        word_t state = atomic_load_explicit(&ring->states[slot], memory_order_acquire);
        int is_free = state == make_word(sequence, 0, 0, SLOT_FREE) ||
                      (state == make_word(sequence - ring->slots, 0, 0, SLOT_PUBLISHED) &&
                       released_by_all(ring, slot, sequence - ring->slots));
        if (is_free) {
            /* Release: an observer that sees data of the new lap sees this claim when it looks again [TORN]. */
            if (atomic_compare_exchange_strong_explicit(&ring->states[slot], &state,
                                                        make_word(sequence, owner, 0, SLOT_CLAIMED),
                                                        memory_order_acq_rel, memory_order_relaxed)) {
                if (count == 0) {
                    ring->held_first = sequence;
                    *first = (int32_t)slot;
                }
                count++;
                sequence++;
                slot = next_slot_of(ring, slot);
                continue;
            }
        }
        if (count > 0) break;
        if (word_sequence(state) >= sequence) {
            /* Somebody has claimed this sequence; its claimer may have died before it moved the head. */
            advance(&header->head, sequence + 1);
            sequence = atomic_load_explicit(&header->head, memory_order_acquire); /* [HINT] */
            slot = slot_of(ring, sequence);
            continue;
        }
        /* The groups' words may have been those of a later lap already, when others have passed in between. */
        if (atomic_load_explicit(&ring->states[slot], memory_order_acquire) != state) continue;
        return RING_FULL;
    }
    advance(&header->head, sequence);
    if ((sequence & 15) < (uint64_t)count) sample_fill(ring, sequence - 1);
    ring->held = (uint32_t)count;
    ring->scratch = 0;
    /* [TORN] Data are written after the claim is visible; pairs with the fence in try_observe(). */
    atomic_thread_fence(memory_order_release);
    return count;
}

static void prepare_headers(struct shm_ring *ring, int32_t first)
{
    uint64_t slot = (uint64_t)first;
    uint64_t published = peek(&own_row(ring)->published);
    for (uint32_t i = 0; i < ring->held; i++) {
        struct shm_ring_slot_header *header = slot_header(ring, slot);
        /* For writers that set no metadata; what was aborted or discarded leaves no gap. */
        header->counter = (int64_t)(published + i);
        header->timestamp = -1;
        header->deadtime = 0;
        header->flags = 0;
        /* Unique in the ring, and never 0; whoever derives the record from an event sets a better one. */
        header->origin = ring->held_first + i + 1;
        slot = next_slot_of(ring, slot);
    }
}

static int32_t claim_waiting(struct shm_ring *ring, int32_t most, int32_t timeout_ms, int32_t *first)
{
    struct shm_ring_event *space = &ring->header->space_event;
    struct waiting waiting = waiting_begin(timeout_ms);
    int64_t now = waiting.began_ns, spin_end = now + spin_budget_ns(ring, now);
    int32_t claimed = RING_FULL, in_time = 1;
    while (claimed == RING_FULL && now < spin_end) {
        now = spin_pause(ring, now);
        claimed = try_claim(ring, most, first);
    }
    int64_t paused_ns = 0;
    if (claimed == RING_FULL && peek(&ring->header->highest_fill) < ring->slots) {
        advance(&ring->header->highest_fill, count_filled(ring));
    }
    while (claimed == RING_FULL || (claimed == SHM_RING_PAUSED && in_time)) {
        uint32_t key = waiting_announce(space);
        claimed = try_claim(ring, most, first);
        if (claimed != RING_FULL && claimed != SHM_RING_PAUSED) break;
        int64_t slept_from = claimed == SHM_RING_PAUSED ? clock_ns() : 0;
        in_time = waiting_sleep(&waiting, space, key);
        if (slept_from) paused_ns += clock_ns() - slept_from;
        if (!in_time && claimed == RING_FULL) claimed = SHM_RING_TIMED_OUT;
    }
    waiting_end(ring, &waiting, paused_ns);
    return claimed;
}

int32_t shm_ring_claim(struct shm_ring *ring, int32_t most, int32_t timeout_ms, int32_t *first)
{
    if (ring->role != SHM_RING_WRITER || ring->row < 0 || ring->held || most < 1) return SHM_RING_MISUSE;
    int32_t claimed = try_claim(ring, most, first);
    if ((claimed == RING_FULL || claimed == SHM_RING_PAUSED) && timeout_ms != 0) {
        claimed = claim_waiting(ring, most, timeout_ms, first);
    }
    if (claimed == RING_FULL) return SHM_RING_TIMED_OUT;
    if (claimed > 0) prepare_headers(ring, *first);
    return claimed;
}

int32_t shm_ring_publish(struct shm_ring *ring)
{
    if (ring->role != SHM_RING_WRITER || ring->row < 0) return SHM_RING_MISUSE;
    struct shm_ring_owner *owner = own_row(ring);
    struct shm_ring_header *header = ring->header;
    uint32_t count = ring->held;
    if (count == 0) return 0;
    ring->held = 0;
    if (ring->scratch) {
        ring->scratch = 0;
        put(&owner->discarded, peek(&owner->discarded) + 1);
        return 1;
    }
    uint64_t slot = slot_of(ring, ring->held_first);
    double now = 0, deadtime = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct shm_ring_slot_header *event = slot_header(ring, slot);
        if (event->timestamp < 0) event->timestamp = now = now > 0 ? now : utc_s();
        if (event->deadtime > 0) deadtime += event->deadtime; /* negative: not known */
        slot = next_slot_of(ring, slot);
    }
    uint64_t target = peek(&owner->published) + count;
    put(&owner->publish_first, ring->held_first);
    put(&owner->publish_target, target);
    slot = slot_of(ring, ring->held_first);
    for (uint32_t i = 0; i < count; i++) {
        /* [PUBLISH] release: pairs with the loads of readers and observers, which then see the data. */
        atomic_store_explicit(&ring->states[slot], make_word(ring->held_first + i, 0, 0, SLOT_PUBLISHED),
                              memory_order_release);
        slot = next_slot_of(ring, slot);
    }
    put(&owner->published, target);
    atomic_store_explicit(&owner->deadtime_sum,
                          atomic_load_explicit(&owner->deadtime_sum, memory_order_relaxed) + deadtime,
                          memory_order_relaxed);

    full_fence(); /* [SLEEP] */
    wake_sleepers(&header->data_event);
    wake_sleepers(&header->observer_event);
    /* A writer may sleep until an open claim is published: at the limit, and where no group will release the slot. */
    if (header->limit || !has_groups(ring)) wake_sleepers(&header->space_event);
    return (int32_t)count;
}

int32_t shm_ring_next_slot(struct shm_ring *ring, int32_t timeout_ms)
{
    int32_t first = 0, done = shm_ring_publish(ring);
    if (done >= 0) done = shm_ring_claim(ring, 1, timeout_ms, &first);
    return done < 0 ? done : first;
}

void make_void(struct shm_ring *ring, uint32_t row, uint64_t sequence)
{
    struct shm_ring_owner *owner = &ring->owners[row];
    word_t claimed = make_word(sequence, row, 0, SLOT_CLAIMED);
    uint64_t target = peek(&owner->voided) + 1;
    put(&owner->void_sequence, sequence);
    put(&owner->void_target, target);
    if (atomic_compare_exchange_strong(&ring->states[slot_of(ring, sequence)], &claimed,
                                       make_word(sequence + ring->slots, 0, 0, SLOT_FREE))) {
        put(&owner->voided, target);
    }
}

int32_t shm_ring_abort(struct shm_ring *ring)
{
    if (ring->role != SHM_RING_WRITER || ring->row < 0) return SHM_RING_MISUSE;
    int32_t count = (int32_t)ring->held;
    if (!ring->scratch) {
        for (int32_t i = 0; i < count; i++) make_void(ring, (uint32_t)ring->row, ring->held_first + (uint64_t)i);
    }
    ring->held = 0;
    ring->scratch = 0;
    full_fence(); /* [SLEEP] Readers may wait for just this sequence, writers for the ticket. */
    wake_sleepers(&ring->header->data_event);
    wake_sleepers(&ring->header->space_event);
    return count;
}

int32_t shm_ring_wait_paused(struct shm_ring *ring, int32_t timeout_ms)
{
    struct shm_ring_event *space = &ring->header->space_event;
    struct waiting waiting = waiting_begin(timeout_ms);
    for (;;) {
        uint32_t key = waiting_announce(space);
        if (atomic_load(&ring->header->closing) || is_retired(ring)) return SHM_RING_ENDED;
        if (!atomic_load(&ring->header->paused)) return 0;
        if (!waiting_sleep(&waiting, space, key)) return SHM_RING_TIMED_OUT;
    }
}

/* Readers: take, release, and the end of a group. */
#include "words.h"

/* Value of try_take(): nothing to take now. */
enum { NOTHING = 0 };

/* Why the event was handed back; older words stand for an event that was not. */
static unsigned why_handed_back(word_t word, uint64_t sequence)
{
    return word_sequence(word) == sequence ? word_extra(word) : 0;
}

/* Takes the event of one slot for this reader, if its word is still the one `seen`. */
static int try_hold(struct shm_ring *ring, uint64_t slot, uint64_t sequence, word_t seen)
{
    word_t held = make_word(sequence, (unsigned)ring->row, why_handed_back(seen, sequence), EVENT_HELD);
    return atomic_compare_exchange_strong_explicit(&ring->group_words[slot], &seen, held, memory_order_acq_rel,
                                                   memory_order_relaxed);
}

/* First slot from `slot` on whose event was handed back, and its group word; `slots` if there is none. */
static uint64_t find_handed_back(const struct shm_ring *ring, uint64_t slot, word_t *word)
{
    for (; slot < ring->slots; slot++) {
        *word = atomic_load_explicit(&ring->group_words[slot], memory_order_acquire);
        if (word_phase(*word) != EVENT_AVAILABLE || word_extra(*word) == 0) continue;
        /* [PUBLISH] acquire: the data of an event that another reader held. */
        word_t state = atomic_load_explicit(&ring->states[slot], memory_order_acquire);
        if (state == make_word(word_sequence(*word), 0, 0, SLOT_PUBLISHED)) break;
    }
    return slot;
}

/* Takes an event below the cursor that was handed back. */
static int32_t take_handed_back(struct shm_ring *ring, int32_t *first)
{
    struct shm_ring_group *group = &ring->header->group[ring->group];
    /* [HANDED BACK] acquire: pairs with the increment in hand_back(). */
    uint64_t seen = atomic_load_explicit(&group->handed_back, memory_order_acquire);
    if (seen <= peek(&group->searched)) return NOTHING;
    word_t word;
    for (uint64_t slot = 0; (slot = find_handed_back(ring, slot, &word)) < ring->slots; slot++) {
        if (!try_hold(ring, slot, word_sequence(word), word)) continue;
        ring->held_first = word_sequence(word);
        ring->held = 1;
        *first = (int32_t)slot | SHM_RING_REDELIVERED;
        return 1;
    }
    /* None left of those that were counted before this search. Both numbers only grow: setting one back to zero instead
     * would make this store valid again for a reader that slept through a whole round of hand-backs. */
    advance(&group->searched, seen);
    return NOTHING;
}

/* Takes up to `most` consecutive events. Returns how many, or NOTHING. */
static int32_t try_take(struct shm_ring *ring, int32_t most, int32_t *first)
{
    struct shm_ring_group *group = &ring->header->group[ring->group];
    if (peek(&group->handed_back) > peek(&group->searched) && take_handed_back(ring, first)) return 1;
    uint64_t sequence = atomic_load_explicit(&group->cursor, memory_order_relaxed);
    uint64_t slot = slot_of(ring, sequence);
    int32_t count = 0;
    if ((uint64_t)most > ring->slots) most = (int32_t)ring->slots;
    while (count < most) {
        /* [PUBLISH] acquire: pairs with the store in shm_ring_publish(). */
        word_t state = atomic_load_explicit(&ring->states[slot], memory_order_acquire);
        int is_published = state == make_word(sequence, 0, 0, SLOT_PUBLISHED);
        if (is_published) {
            word_t word = atomic_load_explicit(&ring->group_words[slot], memory_order_relaxed);
            unsigned why = why_handed_back(word, sequence);
            if (count > 0 && why) break; /* such events come one by one, flagged */
            if (is_available(word, sequence) && try_hold(ring, slot, sequence, word)) {
                if (count == 0) {
                    ring->held_first = sequence;
                    *first = (int32_t)slot | (why ? SHM_RING_REDELIVERED : 0);
                    if (why) most = 1;
                }
                count++;
                sequence++;
                slot = next_slot_of(ring, slot);
                continue;
            }
        }
        if (count > 0) break;
        if (!is_published && word_sequence(state) <= sequence) return NOTHING;
        /* Taken by another reader of the group (who may have died before it moved the cursor), or void. */
        advance(&group->cursor, sequence + 1);
        sequence = atomic_load_explicit(&group->cursor, memory_order_relaxed);
        slot = slot_of(ring, sequence);
    }
    advance(&group->cursor, sequence);
    ring->held = (uint32_t)count;
    return count;
}

static void release_held(struct shm_ring *ring, int32_t outcome)
{
    if (ring->held == 0) return;
    release_events(ring, own_row(ring), ring->group_words, ring->held_first, ring->held, outcome);
    ring->held = 0;
    if (ring->in_work) end_work(ring);
    full_fence(); /* [SLEEP] */
    wake_sleepers(&ring->header->space_event);
    /* At the end, readers of the group wait for the last event to be released. */
    if (atomic_load_explicit(&ring->header->ended, memory_order_relaxed)) wake_sleepers(&ring->header->data_event);
}

/*
 * True if this group will get no more events: all writers are gone, all sequences were taken, and no other reader holds
 * an event that could be handed back.
 */
static int group_at_end(struct shm_ring *ring)
{
    if (!check_end(ring)) return 0;
    uint64_t head = true_head(ring);
    struct shm_ring_group *group = &ring->header->group[ring->group];
    /* [HINT] acquire: pairs with advance(); events below the cursor that others hold must show in their words. */
    uint64_t cursor = atomic_load_explicit(&group->cursor, memory_order_acquire);
    for (; cursor < head; cursor++) {
        uint64_t slot = slot_of(ring, cursor);
        word_t state = atomic_load_explicit(&ring->states[slot], memory_order_acquire);
        if (word_sequence(state) > cursor) continue;
        if (is_available(atomic_load_explicit(&ring->group_words[slot], memory_order_acquire), cursor)) return 0;
    }
    for (uint64_t slot = 0; slot < ring->slots; slot++) {
        word_t word = atomic_load_explicit(&ring->group_words[slot], memory_order_acquire);
        if (word_phase(word) == EVENT_HELD) return 0;
        if (word_phase(word) == EVENT_AVAILABLE && word_extra(word) > 0) return 0;
    }
    return 1;
}

static int is_over(const struct shm_ring *ring)
{
    return atomic_load_explicit(&ring->header->aborted, memory_order_relaxed) ||
           (atomic_load_explicit(&ring->header->detached, memory_order_relaxed) >> ring->group & 1) || is_retired(ring);
}

static int32_t take_waiting(struct shm_ring *ring, int32_t most, int32_t timeout_ms, int32_t *first)
{
    struct shm_ring_event *data = &ring->header->data_event;
    struct waiting waiting = waiting_begin(timeout_ms);
    int64_t now = waiting.began_ns, spin_end = now + spin_budget_ns(ring, now);
    int32_t taken = NOTHING;
    while (taken == NOTHING && now < spin_end) {
        now = spin_pause(ring, now);
        taken = try_take(ring, most, first);
    }
    while (taken == NOTHING) {
        uint32_t key = waiting_announce(data);
        if (is_over(ring)) taken = SHM_RING_ENDED;
        else if ((taken = try_take(ring, most, first)) != NOTHING) break;
        else if (group_at_end(ring)) taken = SHM_RING_ENDED;
        else if (!waiting_sleep(&waiting, data, key)) taken = SHM_RING_TIMED_OUT;
        else waiting_count(ring, &waiting);
    }
    waiting_end(ring, &waiting, 0);
    return taken;
}

int32_t shm_ring_take(struct shm_ring *ring, int32_t most, int32_t outcome, int32_t timeout_ms, int32_t *first)
{
    if (ring->role != SHM_RING_READER || ring->row < 0 || most < 1) return SHM_RING_MISUSE;
    if (outcome < 0 || outcome >= SHM_RING_OUTCOMES) return SHM_RING_MISUSE;
    release_held(ring, outcome);
    if (is_over(ring)) return SHM_RING_ENDED;
    int32_t taken = try_take(ring, most, first);
    if (taken != NOTHING) return taken;
    if (timeout_ms == 0) return group_at_end(ring) ? SHM_RING_ENDED : SHM_RING_TIMED_OUT;
    return take_waiting(ring, most, timeout_ms, first);
}

int32_t shm_ring_next_event(struct shm_ring *ring, int32_t outcome, int32_t timeout_ms)
{
    int32_t first = 0, taken = shm_ring_take(ring, 1, outcome, timeout_ms, &first);
    return taken < 0 ? taken : first;
}

int32_t shm_ring_release(struct shm_ring *ring, int32_t outcome)
{
    if (ring->role != SHM_RING_READER || ring->row < 0 || outcome < 0 || outcome >= SHM_RING_OUTCOMES) {
        return SHM_RING_MISUSE;
    }
    int32_t count = (int32_t)ring->held;
    release_held(ring, outcome);
    return count;
}

int32_t shm_ring_data_available(struct shm_ring *ring)
{
    if (ring->role != SHM_RING_READER) return SHM_RING_MISUSE;
    struct shm_ring_group *group = &ring->header->group[ring->group];
    if (is_over(ring)) return 0;
    if (peek(&group->handed_back) > peek(&group->searched)) {
        word_t word;
        if (find_handed_back(ring, 0, &word) < ring->slots) return 1;
    }
    for (uint64_t sequence = peek(&group->cursor);; sequence++) {
        uint64_t slot = slot_of(ring, sequence);
        word_t state = atomic_load_explicit(&ring->states[slot], memory_order_acquire);
        if (state == make_word(sequence, 0, 0, SLOT_PUBLISHED)) {
            word_t word = atomic_load_explicit(&ring->group_words[slot], memory_order_relaxed);
            if (is_available(word, sequence)) return 1;
        } else if (word_sequence(state) <= sequence) {
            return 0;
        }
    }
}

/* After the death of an owner: what it held is handed on, what it did is counted. */
#include "words.h"

void hand_back(struct shm_ring *ring, uint32_t row, uint64_t sequence, unsigned reason)
{
    struct shm_ring_owner *owner = &ring->owners[row];
    _Atomic word_t *word = &words_of_group(ring, owner->group)[slot_of(ring, sequence)];
    word_t held = atomic_load_explicit(word, memory_order_acquire);
    if (word_phase(held) != EVENT_HELD || word_owner(held) != row || word_sequence(held) != sequence) return;
    /* Release: what the reader before may have read comes before what the next one does. */
    atomic_store_explicit(word, make_word(sequence, 0, word_extra(held) | reason, EVENT_AVAILABLE), memory_order_release);
    put(&owner->redelivered, peek(&owner->redelivered) + 1);
    /* [HANDED BACK] after the word: a reader that sees the number finds the word. */
    atomic_fetch_add_explicit(&ring->header->group[owner->group].handed_back, 1, memory_order_release);
}

/* An owner that died between changing words and counting them: what was changed is counted now. */
static void finish_counting(struct shm_ring *ring, uint32_t row)
{
    struct shm_ring_owner *owner = &ring->owners[row];
    uint64_t published = peek(&owner->published), target = peek(&owner->publish_target);
    if (target > published) {
        uint64_t first = peek(&owner->publish_first), done = 0;
        for (uint64_t sequence = first; sequence < first + (target - published); sequence++) {
            word_t state = atomic_load_explicit(&ring->states[slot_of(ring, sequence)], memory_order_acquire);
            done += state != make_word(sequence, row, 0, SLOT_CLAIMED);
        }
        put(&owner->publish_target, published + done);
        put(&owner->published, published + done);
    }
    if (peek(&owner->void_target) > peek(&owner->voided)) {
        uint64_t sequence = peek(&owner->void_sequence);
        word_t state = atomic_load_explicit(&ring->states[slot_of(ring, sequence)], memory_order_acquire);
        if (state == make_word(sequence, row, 0, SLOT_CLAIMED)) put(&owner->void_target, peek(&owner->voided));
        else put(&owner->voided, peek(&owner->void_target));
    }
    if (owner->role != SHM_RING_READER) return;
    uint64_t release = peek(&owner->release_first), outcome = release & 3, first = release >> 2;
    uint64_t released = peek(&owner->released[outcome]);
    target = peek(&owner->release_target[outcome]);
    if (target > released) {
        _Atomic word_t *words = words_of_group(ring, owner->group);
        uint64_t done = 0;
        for (uint64_t sequence = first; sequence < first + (target - released); sequence++) {
            word_t word = atomic_load_explicit(&words[slot_of(ring, sequence)], memory_order_acquire);
            int is_held = word_sequence(word) == sequence && word_phase(word) == EVENT_HELD && word_owner(word) == row;
            done += !is_held;
        }
        put(&owner->release_target[outcome], released + done);
        put(&owner->released[outcome], released + done);
    }
}

/* Returns how many events of a dead reader were handed back; *failed counts those of which it was the second death. */
static int32_t recover_reader(struct shm_ring *ring, uint32_t row, int32_t *failed)
{
    struct shm_ring_owner *owner = &ring->owners[row];
    _Atomic word_t *words = words_of_group(ring, owner->group);
    int32_t handed_on = 0;
    for (uint64_t slot = 0; slot < ring->slots; slot++) {
        word_t word = atomic_load_explicit(&words[slot], memory_order_acquire);
        if (word_phase(word) != EVENT_HELD || word_owner(word) != row) continue;
        if (word_extra(word) & READER_DIED) {
            release_events(ring, owner, words, word_sequence(word), 1, SHM_RING_FAILED);
            ++*failed;
        } else {
            hand_back(ring, row, word_sequence(word), READER_DIED);
            handed_on++;
        }
    }
    /* Again: an earlier recoverer may have died between a word and this number. */
    atomic_fetch_add_explicit(&ring->header->group[owner->group].handed_back, 1, memory_order_release);
    return handed_on;
}

static void recover_writer(struct shm_ring *ring, uint32_t row)
{
    for (uint64_t slot = 0; slot < ring->slots; slot++) {
        word_t word = atomic_load_explicit(&ring->states[slot], memory_order_acquire);
        if (word_phase(word) == SLOT_CLAIMED && word_owner(word) == row) make_void(ring, row, word_sequence(word));
    }
}

int32_t shm_ring_recover(struct shm_ring *ring, int32_t row, int32_t *failed)
{
    if (row < 0 || row >= SHM_RING_MAX_OWNERS || row == ring->row) return SHM_RING_MISUSE;
    struct shm_ring_owner *owner = &ring->owners[row];
    uint32_t role = owner->role;
    if (atomic_load(&owner->state) == SHM_RING_ROW_EMPTY || owner->group >= SHM_RING_MAX_GROUPS) return SHM_RING_MISUSE;
    int32_t handed_on = 0, given_up = 0;
    finish_counting(ring, (uint32_t)row);
    if (role == SHM_RING_WRITER) recover_writer(ring, (uint32_t)row);
    else if (role == SHM_RING_READER) {
        handed_on = recover_reader(ring, (uint32_t)row, &given_up);
        end_work_of(ring, (uint32_t)row);
    }
    /* The row goes last: until then the ring cannot end, and who repeats this call finds it. */
    if (atomic_exchange(&owner->state, SHM_RING_ROW_GONE) == SHM_RING_ROW_ACTIVE) {
        atomic_fetch_sub(&ring->header->busy, 1);
    }
    check_end(ring);
    wake_everybody(ring);
    if (failed) *failed = given_up;
    return handed_on;
}

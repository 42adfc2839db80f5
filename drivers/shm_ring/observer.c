/* Observers: copies of the newest event, taken without holding anything back. */
#include <string.h>

#include "words.h"

/* A writer that overtakes every copy is tried this often at least before the time-out counts. */
#define LEAST_COPIES 16

/* Copies bytes that a writer may be changing; what is copied is used only if the slot's state proves it whole [TORN]. */
#ifdef THREAD_SANITIZER
NOT_WATCHED static void copy_racing(void *to, const void *from, uint64_t bytes)
{
    for (uint64_t i = 0; i < bytes / 8; i++) ((uint64_t *)to)[i] = ((const volatile uint64_t *)from)[i];
}
#else
static void copy_racing(void *to, const void *from, uint64_t bytes) { memcpy(to, from, bytes); }
#endif

/* Looks until it has a whole copy (1), there is nothing newer than the last one, or the time is over (0). */
static int try_observe(struct shm_ring *ring, void *copy, const struct waiting *waiting)
{
    for (int copies = 1;; copies++) {
        uint64_t head = true_head(ring);
        uint64_t lowest = head > ring->slots ? head - ring->slots : 0;
        if (lowest < ring->observed) lowest = ring->observed;
        uint64_t sequence = head;
        int overtaken = 0;
        while (sequence > lowest && !overtaken) {
            sequence--;
            uint64_t slot = slot_of(ring, sequence);
            word_t published = make_word(sequence, 0, 0, SLOT_PUBLISHED);
            /* [PUBLISH] acquire: pairs with the store in shm_ring_publish(). */
            word_t state = atomic_load_explicit(&ring->states[slot], memory_order_acquire);
            if (state == published) {
                copy_racing(copy, slot_header(ring, slot), ring->slot_bytes);
                /* [TORN] pairs with the fence after the claim: if a byte of the next lap was copied, the claim shows. */
                atomic_thread_fence(memory_order_acquire);
                state = atomic_load_explicit(&ring->states[slot], memory_order_relaxed);
                if (state == published) {
                    ring->observed = sequence + 1;
                    return 1;
                }
                overtaken = 1;
            }
            /* Claimed for a later lap: there are newer events than all that this look could find. */
            if (word_sequence(state) > sequence && word_phase(state) != SLOT_FREE) overtaken = 1;
        }
        if (!overtaken || (copies >= LEAST_COPIES && clock_ns() >= waiting->deadline_ns)) return 0;
    }
}

int32_t shm_ring_observe(struct shm_ring *ring, void *copy, int32_t timeout_ms)
{
    struct shm_ring_header *header = ring->header;
    struct waiting waiting = waiting_begin(timeout_ms);
    for (;;) {
        if (try_observe(ring, copy, &waiting)) return 0;
        uint32_t key = waiting_announce(&header->observer_event);
        /* The end is looked at first: what was published before it is then still seen. */
        int over = check_end(ring) || atomic_load(&header->aborted);
        if (try_observe(ring, copy, &waiting)) return 0;
        if (over) return SHM_RING_ENDED;
        if (!waiting_sleep(&waiting, &header->observer_event, key)) return SHM_RING_TIMED_OUT;
    }
}

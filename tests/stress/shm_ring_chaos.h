/*
 * Included before everything else (-include shm_ring_chaos.h), this puts a rare pause before each atomic operation of the
 * ring, so that threads meet in the middle of every step of the protocol, not only where the scheduler happens to stop them.
 */
#ifndef SHM_RING_CHAOS_H
#define SHM_RING_CHAOS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

static inline void chaos(void)
{
    static _Thread_local uint32_t state;
    if (state == 0) state = (uint32_t)gettid() * 2654435761u | 1; /* another for each thread */
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    if ((state & 0xFF) == 0) usleep(state >> 23);
    else if ((state & 0x1F) == 0) sched_yield();
}

#ifdef __clang__
#define CHAOS_LOAD __c11_atomic_load
#define CHAOS_STORE __c11_atomic_store
#define CHAOS_SWAP __c11_atomic_compare_exchange_strong
#else
#define CHAOS_LOAD(word, order) \
    __extension__({ __typeof__((void)0, *(word)) loaded; __atomic_load(word, &loaded, order); loaded; })
#define CHAOS_STORE(word, value, order) \
    __extension__({ __typeof__((void)0, *(word)) stored = (value); __atomic_store(word, &stored, order); })
#define CHAOS_SWAP(word, seen, wanted, order, else_order) \
    __atomic_compare_exchange_n(word, seen, wanted, 0, order, else_order)
#endif

#undef atomic_load
#undef atomic_load_explicit
#undef atomic_store_explicit
#undef atomic_compare_exchange_strong
#undef atomic_compare_exchange_strong_explicit
#define atomic_load(word) (chaos(), CHAOS_LOAD(word, __ATOMIC_SEQ_CST))
#define atomic_load_explicit(word, order) (chaos(), CHAOS_LOAD(word, order))
#define atomic_store_explicit(word, value, order) (chaos(), CHAOS_STORE(word, value, order))
#define atomic_compare_exchange_strong(word, seen, wanted) \
    (chaos(), CHAOS_SWAP(word, seen, wanted, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
#define atomic_compare_exchange_strong_explicit(word, seen, wanted, order, else_order) \
    (chaos(), CHAOS_SWAP(word, seen, wanted, order, else_order))

#endif

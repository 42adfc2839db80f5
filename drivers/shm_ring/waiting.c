/* How calls wait: spinning, sleeping, waking. */
#include <sched.h>

#include "words.h"

struct waiting waiting_begin(int32_t timeout_ms)
{
    int64_t now = clock_ns();
    return (struct waiting){ now, now, timeout_ms < 0 ? INT64_MAX : now + timeout_ms * 1000000LL };
}

uint32_t waiting_announce(struct shm_ring_event *event)
{
    uint32_t key = atomic_load_explicit(&event->key, memory_order_seq_cst);
    atomic_store_explicit(&event->sleepers, 1, memory_order_relaxed);
    full_fence(); /* [SLEEP] */
    return key;
}

int waiting_sleep(const struct waiting *waiting, struct shm_ring_event *event, uint32_t key)
{
    int64_t left_ns = waiting->deadline_ns == INT64_MAX ? WAIT_SLICE_NS : waiting->deadline_ns - clock_ns();
    if (left_ns <= 0) return 0;
    futex_wait(&event->key, key, left_ns < WAIT_SLICE_NS ? left_ns : WAIT_SLICE_NS);
    return 1;
}

/*
 * Looking again and again pays if the wait is short, and if no other thread wants the processor. How long this handle's
 * waits last is known from the last ones; waits that are mostly longer than MAX_SPIN_NS are slept through at once. That
 * another thread wants the processor shows when it is offered and comes back late: then all waits are slept through for
 * a while, because a sleeper that is woken is let in at once, and a thread that spins has to queue.
 */
#define MAX_SPIN_NS 100000
#define SHORT_SPIN_NS 2000
#define LATE_NS 500000 /* the least time slice of another thread */
#define NO_SPIN_NS 10000000

int64_t spin_budget_ns(const struct shm_ring *ring, int64_t now_ns)
{
    /* Signed: an owner that died while signing on was perhaps taken off without having been added. */
    int32_t busy = (int32_t)atomic_load_explicit(&ring->header->busy, memory_order_relaxed);
    if (busy > ring->processors || now_ns < ring->no_spin_before_ns) return 0;
    return ring->usual_wait_ns < MAX_SPIN_NS ? MAX_SPIN_NS : SHORT_SPIN_NS;
}

int64_t spin_pause(struct shm_ring *ring, int64_t now_ns)
{
    for (int i = 0; i < 8; i++) cpu_relax();
    sched_yield();
    int64_t later_ns = clock_ns();
    if (later_ns - now_ns < LATE_NS) return later_ns;
    ring->no_spin_before_ns = later_ns + NO_SPIN_NS;
    return INT64_MAX;
}

static void count_wait(struct shm_ring *ring, int64_t waited_ns)
{
    _Atomic uint64_t *total = &own_row(ring)->waited_ns;
    put(total, peek(total) + (uint64_t)waited_ns);
}

void waiting_count(struct shm_ring *ring, struct waiting *waiting)
{
    int64_t now = clock_ns();
    count_wait(ring, now - waiting->counted_ns);
    waiting->counted_ns = now;
}

void waiting_end(struct shm_ring *ring, const struct waiting *waiting, int64_t not_counted_ns)
{
    int64_t now = clock_ns(), waited_ns = now - waiting->began_ns - not_counted_ns;
    int64_t bounded_ns = waited_ns < 4 * MAX_SPIN_NS ? waited_ns : 4 * MAX_SPIN_NS;
    ring->usual_wait_ns += (bounded_ns - ring->usual_wait_ns) / 4;
    count_wait(ring, now - waiting->counted_ns - not_counted_ns);
}

void wake_everybody(struct shm_ring *ring)
{
    full_fence(); /* [SLEEP] */
    wake_now(&ring->header->data_event);
    wake_now(&ring->header->observer_event);
    wake_now(&ring->header->space_event);
}

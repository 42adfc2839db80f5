/*
 * Memories of groups: which records a group is done with, so that one that is made a second time is recognized, whichever
 * reader of the group had the first one, and also if that one is dead.
 *
 * A memory is a table of sets. Each origin belongs to one set, which holds its newest origins, the last one first. A reader
 * that dies while it stores one leaves an origin twice, never one too few.
 *
 * Beside it stand marks of what is in work: whoever asks for an origin marks it until it has remembered or released the
 * record, so that two readers that have the same record at the same time do not both find it new. A mark is
 * origin << 12 | row + 1; recover() removes those of the dead. Two origins that share a place only go unmarked.
 */
#include "words.h"

#define ROW_BITS 12

_Static_assert((SHM_RING_MEMORY_SETS & (SHM_RING_MEMORY_SETS - 1)) == 0, "a set is found with a mask");
_Static_assert((SHM_RING_MEMORY_MARKS & (SHM_RING_MEMORY_MARKS - 1)) == 0, "a mark is found with a mask");
_Static_assert(SHM_RING_MAX_OWNERS < 1 << ROW_BITS, "a mark has room for a row");

/* Memory of a group, NULL if it has none: first its sets, then its marks. */
static _Atomic uint64_t *memory_of(const struct shm_ring *ring, uint32_t group)
{
    const struct shm_ring_header *header = ring->header;
    if (group >= header->memories) return NULL;
    return (_Atomic uint64_t *)((char *)ring->header + header->memories_offset) + group * (uint64_t)SHM_RING_MEMORY_WORDS;
}

/* Number of a place for an origin. Those of records that were not derived are consecutive, all others are mixed well. */
static uint64_t place_of(uint64_t origin, uint64_t places) { return (origin ^ origin >> 32) & (places - 1); }

static _Atomic uint64_t *set_of(_Atomic uint64_t *memory, uint64_t origin)
{
    return memory + place_of(origin, SHM_RING_MEMORY_SETS) * SHM_RING_MEMORY_WAYS;
}

static _Atomic uint64_t *marks_of(_Atomic uint64_t *memory)
{
    return memory + SHM_RING_MEMORY_SETS * SHM_RING_MEMORY_WAYS;
}

void end_work(struct shm_ring *ring)
{
    /* [IN WORK] release: whoever marks the origin next sees that it is remembered. */
    if (ring->in_work) atomic_store_explicit(ring->in_work, 0, memory_order_release);
    ring->in_work = NULL;
}

void end_work_of(struct shm_ring *ring, uint32_t row)
{
    _Atomic uint64_t *memory = memory_of(ring, ring->owners[row].group);
    for (uint32_t i = 0; memory && i < SHM_RING_MEMORY_MARKS; i++) {
        uint64_t mark = peek(&marks_of(memory)[i]);
        if ((mark & ((1u << ROW_BITS) - 1)) != row + 1) continue;
        atomic_compare_exchange_strong(&marks_of(memory)[i], &mark, 0); /* [IN WORK] */
    }
}

int32_t shm_ring_remembers(struct shm_ring *ring)
{
    if (ring->role != SHM_RING_READER || ring->row < 0 || ring->held == 0) return SHM_RING_MISUSE;
    _Atomic uint64_t *memory = memory_of(ring, ring->group);
    if (!memory) return 0;
    uint64_t origin = slot_header(ring, slot_of(ring, ring->held_first))->origin;
    end_work(ring);
    _Atomic uint64_t *mark = marks_of(memory) + place_of(origin, SHM_RING_MEMORY_MARKS);
    uint64_t own = origin << ROW_BITS | ((uint64_t)ring->row + 1), seen = 0;
    /* [IN WORK] acquire: what the reader before has remembered. */
    if (atomic_compare_exchange_strong_explicit(mark, &seen, own, memory_order_acq_rel, memory_order_acquire)) {
        ring->in_work = mark;
    } else if (seen >> ROW_BITS == own >> ROW_BITS && !atomic_load(&ring->header->aborted)) {
        return 2;
    }
    _Atomic uint64_t *set = set_of(memory, origin);
    for (uint32_t i = 0; i < SHM_RING_MEMORY_WAYS; i++) {
        if (peek(&set[i]) != origin) continue;
        end_work(ring);
        return 1;
    }
    return 0;
}

int32_t shm_ring_remember(struct shm_ring *ring)
{
    if (ring->role != SHM_RING_READER || ring->row < 0) return SHM_RING_MISUSE;
    _Atomic uint64_t *memory = memory_of(ring, ring->group);
    if (!memory) return 0;
    for (uint32_t held = 0; held < ring->held; held++) {
        uint64_t origin = slot_header(ring, slot_of(ring, ring->held_first + held))->origin;
        _Atomic uint64_t *set = set_of(memory, origin);
        for (uint32_t i = SHM_RING_MEMORY_WAYS - 1; i > 0; i--) put(&set[i], peek(&set[i - 1]));
        put(&set[0], origin);
    }
    end_work(ring);
    return (int32_t)ring->held;
}

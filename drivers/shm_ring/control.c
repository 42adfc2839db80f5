/* Steering: pause, closing, the end at once, detached groups. */
#include "words.h"

int32_t shm_ring_pause(struct shm_ring *ring, int32_t paused)
{
    atomic_store(&ring->header->paused, paused != 0);
    wake_everybody(ring);
    return 0;
}

int32_t shm_ring_set_closing(struct shm_ring *ring)
{
    atomic_store(&ring->header->closing, 1);
    check_end(ring);
    wake_everybody(ring);
    return 0;
}

int32_t shm_ring_set_aborted(struct shm_ring *ring)
{
    atomic_store(&ring->header->closing, 1);
    atomic_store(&ring->header->aborted, 1);
    check_end(ring);
    wake_everybody(ring);
    return 0;
}

int32_t shm_ring_detach_group(struct shm_ring *ring, int32_t group)
{
    if (group < 0 || (uint32_t)group >= atomic_load(&ring->header->groups)) return SHM_RING_MISUSE;
    atomic_fetch_or(&ring->header->detached, 1u << group);
    wake_everybody(ring);
    return 0;
}

int32_t shm_ring_retire(struct shm_ring *ring, int32_t row)
{
    if (row < 0 || row >= SHM_RING_MAX_OWNERS) return SHM_RING_MISUSE;
    atomic_store(&ring->owners[row].retired, 1);
    wake_everybody(ring);
    return 0;
}

int32_t shm_ring_flags(struct shm_ring *ring)
{
    struct shm_ring_header *header = ring->header;
    int closing = atomic_load(&header->closing) != 0 || is_retired(ring);
    return (atomic_load(&header->paused) != 0) | closing << 1 |
           (atomic_load(&header->aborted) != 0) << 2 | (atomic_load(&header->ended) != 0) << 3 |
           (ring->scratch != 0) << 4;
}

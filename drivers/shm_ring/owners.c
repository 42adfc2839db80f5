/* Owners: rows of the owner table, signing on and off, and the end that comes when all writers have gone. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/syscall.h>

#include "words.h"

int check_end(struct shm_ring *ring)
{
    struct shm_ring_header *header = ring->header;
    /* [END] acquire: pairs with the store below, by whoever came first. */
    if (atomic_load_explicit(&header->ended, memory_order_acquire)) return 1;
    uint32_t writers = atomic_load(&header->writers);
    do {
        if (writers & SHM_RING_WRITERS_ENDED) break; /* who came first has not stored `ended` yet, or died before */
        /* Full order [ACTIVE]: `closing` is looked at before the rows; a writer does it the other way round. */
        int closing = atomic_load(&header->closing) != 0;
        uint32_t gone = 0, active = 0, rows = atomic_load(&header->owners);
        for (uint32_t row = 0; row < rows; row++) {
            if (ring->owners[row].role != SHM_RING_WRITER) continue;
            uint32_t state = atomic_load(&ring->owners[row].state);
            gone += state == SHM_RING_ROW_GONE;
            active += state == SHM_RING_ROW_ACTIVE;
        }
        if (gone < writers && !(closing && active == 0)) return 0;
        /* In one step with the number that was compared: a writer is added either before the end, or never. */
    } while (!atomic_compare_exchange_strong(&header->writers, &writers, writers | SHM_RING_WRITERS_ENDED));
    /* [END] release: who sees the end sees every claim and publication before it, as seen here through the rows. */
    atomic_store_explicit(&header->ended, 1, memory_order_release);
    return 1;
}

int32_t shm_ring_new_group(struct shm_ring *ring, const char *name)
{
    struct shm_ring_header *header = ring->header;
    if (true_head(ring) != 0) return SHM_RING_ALREADY_STARTED;
    uint32_t group = atomic_load(&header->groups);
    if (group == SHM_RING_MAX_GROUPS) return SHM_RING_TOO_MANY_GROUPS;
    if (strlen(name) >= SHM_RING_NAME_BYTES) return -EINVAL;
    strcpy(header->group_names[group], name);
    atomic_store(&header->groups, group + 1);
    return (int32_t)group;
}

/* Finds an empty row and reserves it; it has no role yet. */
static int32_t reserve_row(struct shm_ring *ring)
{
    struct shm_ring_header *header = ring->header;
    for (uint32_t row = 0; row < SHM_RING_MAX_OWNERS; row++) {
        uint32_t empty = SHM_RING_ROW_EMPTY;
        if (!atomic_compare_exchange_strong(&ring->owners[row].state, &empty, SHM_RING_ROW_RESERVED)) continue;
        uint32_t rows = atomic_load(&header->owners);
        while (rows < row + 1 && !atomic_compare_exchange_weak(&header->owners, &rows, row + 1)) {
        }
        return (int32_t)row;
    }
    return SHM_RING_NO_OWNER_ROW;
}

int32_t shm_ring_reserve(struct shm_ring *ring, int32_t role, int32_t group)
{
    struct shm_ring_header *header = ring->header;
    if ((role != SHM_RING_WRITER && role != SHM_RING_READER) ||
        (role == SHM_RING_READER && (group < 0 || (uint32_t)group >= atomic_load(&header->groups)))) {
        return SHM_RING_MISUSE;
    }
    if (role == SHM_RING_WRITER) {
        uint32_t rows = atomic_load(&header->writer_rows);
        do {
            if (rows >= (atomic_load(&header->writers) & ~SHM_RING_WRITERS_ENDED)) return SHM_RING_TOO_MANY_WRITERS;
        } while (!atomic_compare_exchange_weak(&header->writer_rows, &rows, rows + 1));
    }
    int32_t row = reserve_row(ring);
    if (row >= 0) {
        ring->owners[row].group = (uint32_t)(role == SHM_RING_READER ? group : 0);
        ring->owners[row].role = (uint32_t)role;
    } else if (role == SHM_RING_WRITER) {
        atomic_fetch_sub(&header->writer_rows, 1);
    }
    return row;
}

int32_t shm_ring_add_writer(struct shm_ring *ring)
{
    struct shm_ring_header *header = ring->header;
    int32_t row = reserve_row(ring);
    if (row < 0) return row;
    uint32_t writers = atomic_load(&header->writers);
    do {
        if (writers & SHM_RING_WRITERS_ENDED) {
            atomic_store(&ring->owners[row].state, SHM_RING_ROW_GONE);
            return SHM_RING_ENDED;
        }
    } while (!atomic_compare_exchange_weak(&header->writers, &writers, writers + 1));
    atomic_fetch_add(&header->writer_rows, 1);
    /* Last: a row that counts as a writer's is one more than was expected only if the number was not raised before. */
    ring->owners[row].role = SHM_RING_WRITER;
    return row;
}

int32_t shm_ring_take_role(struct shm_ring *ring, int32_t row)
{
    if (ring->row >= 0 || row < 0 || row >= SHM_RING_MAX_OWNERS) return SHM_RING_MISUSE;
    struct shm_ring_owner *owner = &ring->owners[row];
    uint32_t reserved = SHM_RING_ROW_RESERVED;
    /* Full order [ACTIVE]: a writer is active before it looks at `closing`; check_end() looks in the other order. */
    if (!atomic_compare_exchange_strong(&owner->state, &reserved, SHM_RING_ROW_ACTIVE)) return SHM_RING_MISUSE;
    atomic_fetch_add(&ring->header->busy, 1);
    owner->pid = getpid();
    owner->tid = (int32_t)syscall(SYS_gettid);
    ring->row = row;
    ring->role = owner->role;
    ring->group = owner->group;
    ring->group_words = words_of_group(ring, owner->group);
    return 0;
}

int32_t shm_ring_mark_saver(struct shm_ring *ring, int32_t row)
{
    if (row < 0 || row >= SHM_RING_MAX_OWNERS || ring->owners[row].role != SHM_RING_READER) return SHM_RING_MISUSE;
    atomic_store(&ring->owners[row].saves, 1);
    return 0;
}

int32_t shm_ring_sign_off(struct shm_ring *ring)
{
    if (ring->row < 0) return SHM_RING_MISUSE;
    if (ring->role == SHM_RING_WRITER) shm_ring_abort(ring);
    else {
        for (uint32_t i = 0; i < ring->held; i++) hand_back(ring, (uint32_t)ring->row, ring->held_first + i, READER_LEFT);
        end_work(ring);
    }
    ring->held = 0;
    atomic_store(&own_row(ring)->state, SHM_RING_ROW_GONE);
    atomic_fetch_sub(&ring->header->busy, 1);
    ring->row = -1;
    check_end(ring);
    wake_everybody(ring);
    return 0;
}

/* Life of a segment and of a handle; roles; waiting; control flags; counters. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "words.h"

#define POPULATE_BELOW_BYTES (256u << 20)

int32_t shm_ring_abi(void) { return SHM_RING_ABI; }
int32_t shm_ring_sizeof_owner(void) { return sizeof(struct shm_ring_owner); }
int32_t shm_ring_sizeof_spec(void) { return sizeof(struct shm_ring_spec); }
int32_t shm_ring_sizeof_counts(void) { return sizeof(struct shm_ring_counts); }
int32_t shm_ring_sizeof_owner_counts(void) { return sizeof(struct shm_ring_owner_counts); }

static uint64_t align_up(uint64_t bytes, uint64_t alignment) { return (bytes + alignment - 1) / alignment * alignment; }

static int32_t online_processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static struct shm_ring *open_mapping(int file, uint64_t bytes, int32_t *error)
{
    int populate = bytes < POPULATE_BELOW_BYTES ? MAP_POPULATE : 0;
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | populate, file, 0);
    struct shm_ring *ring = base == MAP_FAILED ? NULL : calloc(1, sizeof *ring);
    if (!ring) {
        *error = -ENOMEM;
        if (base != MAP_FAILED) munmap(base, bytes);
        return NULL;
    }
    ring->header = base;
    ring->bytes = bytes;
    ring->row = -1;
    ring->processors = online_processors();
    return ring;
}

static void find_parts(struct shm_ring *ring)
{
    struct shm_ring_header *header = ring->header;
    char *base = (char *)header;
    ring->owners = (struct shm_ring_owner *)(base + header->owners_offset);
    ring->states = (_Atomic word_t *)(base + header->states_offset);
    ring->data = base + header->data_offset;
    ring->slots = header->slots;
    ring->slot_mask = (header->slots & (header->slots - 1)) == 0 ? header->slots - 1 : 0;
    ring->slot_bytes = header->slot_bytes;
}

struct shm_ring *shm_ring_create(const char *segment, const char *name, const char *layout,
                                 const struct shm_ring_spec *spec, int32_t *error)
{
    *error = -EINVAL;
    if (spec->slots < 1 || spec->slots > 1u << 30 || spec->record_bytes == 0 || spec->record_bytes % 64 != 0 ||
        spec->writers < 1 || spec->writers > SHM_RING_MAX_OWNERS || strlen(name) >= SHM_RING_NAME_BYTES) {
        return NULL;
    }
    uint64_t slot_bytes = SHM_RING_SLOT_HEADER_BYTES + spec->record_bytes;
    uint64_t layout_bytes = strlen(layout);
    uint64_t owners_offset = align_up(sizeof(struct shm_ring_header), 256);
    uint64_t states_offset = owners_offset + SHM_RING_MAX_OWNERS * sizeof(struct shm_ring_owner);
    uint64_t group_words_offset = align_up(states_offset + spec->slots * 8, 128);
    uint64_t layout_offset = align_up(group_words_offset + SHM_RING_MAX_GROUPS * spec->slots * 8, 128);
    uint64_t data_offset = align_up(layout_offset + layout_bytes + 1, 4096);
    uint64_t data_bytes, bytes;
    if (__builtin_mul_overflow(spec->slots + 1, slot_bytes, &data_bytes) ||
        __builtin_add_overflow(data_offset, data_bytes, &bytes) || bytes > INT64_MAX / 2) {
        *error = -EFBIG;
        return NULL;
    }

    int file = shm_open(segment, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        *error = -errno;
        return NULL;
    }
    /* Every page exists from here on: a full /dev/shm is an error now and not a SIGBUS in the middle of a run. */
    int failed;
    while ((failed = posix_fallocate(file, 0, (off_t)bytes)) == EINTR) {
    }
    struct shm_ring *ring = NULL;
    if (failed) *error = -failed;
    else ring = open_mapping(file, bytes, error);
    close(file);
    if (!ring) {
        shm_unlink(segment);
        return NULL;
    }

    struct shm_ring_header *header = ring->header;
    header->magic = SHM_RING_MAGIC;
    header->abi = SHM_RING_ABI;
    header->total_bytes = bytes;
    header->slots = spec->slots;
    header->slot_bytes = slot_bytes;
    header->owners_offset = owners_offset;
    header->states_offset = states_offset;
    header->group_words_offset = group_words_offset;
    header->data_offset = data_offset;
    header->layout_offset = layout_offset;
    header->layout_bytes = layout_bytes;
    header->limit = spec->limit;
    header->writers = spec->writers;
    header->pause_mode = spec->pause_mode;
    header->creator_pid = getpid();
    strcpy(header->name, name);
    memcpy((char *)header + layout_offset, layout, layout_bytes + 1);
    find_parts(ring);
    for (uint64_t slot = 0; slot < ring->slots; slot++) {
        atomic_store_explicit(&ring->states[slot], make_word(slot, 0, 0, SLOT_FREE), memory_order_relaxed);
    }
    /* [READY] pairs with the load in shm_ring_attach(): who sees it sees the header and the words. */
    atomic_store_explicit(&header->ready, 1, memory_order_release);
    *error = 0;
    return ring;
}

struct shm_ring *shm_ring_attach(const char *segment, int32_t *error)
{
    int file = shm_open(segment, O_RDWR | O_CLOEXEC, 0);
    if (file < 0) {
        *error = -errno;
        return NULL;
    }
    struct stat status;
    *error = fstat(file, &status) == 0 ? 0 : -errno;
    struct shm_ring *ring = NULL;
    if (*error == 0) {
        uint64_t bytes = (uint64_t)status.st_size;
        *error = SHM_RING_NOT_A_RING;
        if (bytes >= sizeof(struct shm_ring_header)) ring = open_mapping(file, bytes, error);
    }
    close(file);
    if (!ring) return NULL;
    struct shm_ring_header *header = ring->header;
    /* [READY] pairs with the last store of shm_ring_create(). */
    int ready = header->magic == SHM_RING_MAGIC && atomic_load_explicit(&header->ready, memory_order_acquire);
    if (!ready) *error = SHM_RING_NOT_A_RING;
    else if (header->abi != SHM_RING_ABI) *error = SHM_RING_WRONG_ABI;
    else if (header->total_bytes != ring->bytes) *error = SHM_RING_NOT_A_RING;
    else {
        find_parts(ring);
        *error = 0;
        return ring;
    }
    munmap(header, ring->bytes);
    free(ring);
    return NULL;
}

int32_t shm_ring_close(struct shm_ring *ring)
{
    if (ring->row >= 0) shm_ring_sign_off(ring);
    mmap(ring->header, ring->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    free(ring);
    return 0;
}

int32_t shm_ring_unlink(const char *segment) { return shm_unlink(segment) == 0 ? 0 : -errno; }
void *shm_ring_base(struct shm_ring *ring) { return ring->header; }
double shm_ring_bytes(struct shm_ring *ring) { return (double)ring->bytes; }

double shm_ring_info(struct shm_ring *ring, int32_t what)
{
    struct shm_ring_header *header = ring->header;
    switch (what) {
    case 0: return (double)header->slots;
    case 1: return (double)header->slot_bytes;
    case 2: return (double)header->data_offset;
    case 3: return (double)header->layout_offset;
    case 4: return (double)header->layout_bytes;
    case 5: return (double)header->owners_offset;
    case 6: return (double)offsetof(struct shm_ring_header, name);
    case 7: return (double)offsetof(struct shm_ring_header, group_names);
    case 8: return (double)atomic_load(&header->groups);
    case 9: return (double)header->limit;
    case 10: return (double)header->pause_mode;
    case 11: return (double)header->writers;
    default: return SHM_RING_MISUSE;
    }
}

/* ---- roles ---- */

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

int32_t shm_ring_reserve(struct shm_ring *ring, int32_t role, int32_t group)
{
    struct shm_ring_header *header = ring->header;
    if ((role != SHM_RING_WRITER && role != SHM_RING_READER) ||
        (role == SHM_RING_READER && (group < 0 || (uint32_t)group >= atomic_load(&header->groups)))) {
        return SHM_RING_MISUSE;
    }
    if (role == SHM_RING_WRITER) {
        uint32_t writers = atomic_load(&header->writer_rows);
        do {
            if (writers >= header->writers) return SHM_RING_TOO_MANY_WRITERS;
        } while (!atomic_compare_exchange_weak(&header->writer_rows, &writers, writers + 1));
    }
    for (uint32_t row = 0; row < SHM_RING_MAX_OWNERS; row++) {
        struct shm_ring_owner *owner = &ring->owners[row];
        uint32_t empty = SHM_RING_ROW_EMPTY;
        if (atomic_compare_exchange_strong(&owner->state, &empty, SHM_RING_ROW_RESERVED)) {
            owner->role = (uint32_t)role;
            owner->group = (uint32_t)(role == SHM_RING_READER ? group : 0);
            uint32_t rows = atomic_load(&header->owners);
            while (rows < row + 1 && !atomic_compare_exchange_weak(&header->owners, &rows, row + 1)) {
            }
            return (int32_t)row;
        }
    }
    if (role == SHM_RING_WRITER) atomic_fetch_sub(&header->writer_rows, 1);
    return SHM_RING_NO_OWNER_ROW;
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

int32_t shm_ring_sign_off(struct shm_ring *ring)
{
    if (ring->row < 0) return SHM_RING_MISUSE;
    if (ring->role == SHM_RING_WRITER) shm_ring_abort(ring);
    else {
        for (uint32_t i = 0; i < ring->held; i++) hand_back(ring, (uint32_t)ring->row, ring->held_first + i);
    }
    ring->held = 0;
    atomic_store(&own_row(ring)->state, SHM_RING_ROW_GONE);
    atomic_fetch_sub(&ring->header->busy, 1);
    ring->row = -1;
    check_end(ring);
    wake_everybody(ring);
    return 0;
}

/* ---- waiting ---- */

struct waiting waiting_begin(int32_t timeout_ms)
{
    int64_t now = clock_ns();
    return (struct waiting){ now, timeout_ms < 0 ? INT64_MAX : now + timeout_ms * 1000000LL };
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

void waiting_end(struct shm_ring *ring, const struct waiting *waiting, int64_t not_counted_ns)
{
    int64_t waited_ns = clock_ns() - waiting->began_ns - not_counted_ns;
    int64_t bounded_ns = waited_ns < 4 * MAX_SPIN_NS ? waited_ns : 4 * MAX_SPIN_NS;
    ring->usual_wait_ns += (bounded_ns - ring->usual_wait_ns) / 4;
    _Atomic uint64_t *total = &own_row(ring)->waited_ns;
    put(total, peek(total) + (uint64_t)waited_ns);
}

void wake_everybody(struct shm_ring *ring)
{
    full_fence(); /* [SLEEP] */
    wake_now(&ring->header->data_event);
    wake_now(&ring->header->observer_event);
    wake_now(&ring->header->space_event);
}

/* ---- control ---- */

int check_end(struct shm_ring *ring)
{
    struct shm_ring_header *header = ring->header;
    /* [END] acquire: pairs with the store below, by whoever came first. */
    if (atomic_load_explicit(&header->ended, memory_order_acquire)) return 1;
    /* Full order [ACTIVE]: `closing` is looked at before the rows; a writer does it the other way round. */
    int closing = atomic_load(&header->closing) != 0;
    uint32_t gone = 0, active = 0, rows = atomic_load(&header->owners);
    for (uint32_t row = 0; row < rows; row++) {
        if (ring->owners[row].role != SHM_RING_WRITER) continue;
        uint32_t state = atomic_load(&ring->owners[row].state);
        gone += state == SHM_RING_ROW_GONE;
        active += state == SHM_RING_ROW_ACTIVE;
    }
    if (gone < header->writers && !(closing && active == 0)) return 0;
    /* [END] release: who sees the end sees every claim and publication before it, as seen here through the rows. */
    atomic_store_explicit(&header->ended, 1, memory_order_release);
    return 1;
}

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

int32_t shm_ring_flags(struct shm_ring *ring)
{
    struct shm_ring_header *header = ring->header;
    return (atomic_load(&header->paused) != 0) | (atomic_load(&header->closing) != 0) << 1 |
           (atomic_load(&header->aborted) != 0) << 2 | (atomic_load(&header->ended) != 0) << 3 |
           (ring->scratch != 0) << 4;
}

/* ---- counters ---- */

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

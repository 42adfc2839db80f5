/* Life of a segment and of a handle. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
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
    ring->file = file;
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

/* Where the parts of a segment lie. */
struct geometry {
    uint64_t slot_bytes, owners, states, group_words, memories, layout, run_directory, data, total_bytes;
};

static int32_t plan_segment(uint64_t slots, uint64_t record_bytes, uint64_t layout_bytes, uint64_t run_directory_bytes,
                            uint64_t memories, struct geometry *plan)
{
    if (slots < 1 || slots > 1u << 30 || record_bytes == 0 || record_bytes % 64 != 0) return -EINVAL;
    if (memories > SHM_RING_MAX_GROUPS) return -EINVAL;
    plan->slot_bytes = SHM_RING_SLOT_HEADER_BYTES + record_bytes;
    plan->owners = align_up(sizeof(struct shm_ring_header), 256);
    plan->states = plan->owners + SHM_RING_MAX_OWNERS * sizeof(struct shm_ring_owner);
    plan->group_words = align_up(plan->states + slots * 8, 128);
    plan->memories = align_up(plan->group_words + SHM_RING_MAX_GROUPS * slots * 8, 128);
    plan->layout = plan->memories + memories * SHM_RING_MEMORY_WORDS * 8;
    plan->run_directory = plan->layout + layout_bytes + 1;
    plan->data = align_up(plan->run_directory + run_directory_bytes + 1, 4096);
    uint64_t data_bytes;
    if (__builtin_mul_overflow(slots + 1, plan->slot_bytes, &data_bytes) ||
        __builtin_add_overflow(plan->data, data_bytes, &plan->total_bytes) || plan->total_bytes > INT64_MAX / 2) {
        return -EFBIG;
    }
    return 0;
}

struct shm_ring *shm_ring_create(const char *segment, const char *name, const char *layout, const char *run_directory,
                                 const struct shm_ring_spec *spec, int32_t *error)
{
    struct geometry plan;
    *error = -EINVAL;
    if (spec->writers < 1 || spec->writers > SHM_RING_MAX_OWNERS || strlen(name) >= SHM_RING_NAME_BYTES) return NULL;
    uint64_t layout_bytes = strlen(layout), run_directory_bytes = strlen(run_directory);
    *error = plan_segment(spec->slots, spec->record_bytes, layout_bytes, run_directory_bytes, spec->memories, &plan);
    if (*error) return NULL;

    int file = shm_open(segment, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        *error = -errno;
        return NULL;
    }
    /* Before it has a length: a file of length 0 may be one that is not locked yet. */
    flock(file, LOCK_SH | LOCK_NB);
    /* Every page exists from here on: a full /dev/shm is an error now and not a SIGBUS in the middle of a run. */
    int failed;
    while ((failed = posix_fallocate(file, 0, (off_t)plan.total_bytes)) == EINTR) {
    }
    struct shm_ring *ring = NULL;
    if (failed) *error = -failed;
    else ring = open_mapping(file, plan.total_bytes, error);
    if (!ring) {
        close(file);
        shm_unlink(segment);
        return NULL;
    }

    struct shm_ring_header *header = ring->header;
    header->magic = SHM_RING_MAGIC;
    header->abi = SHM_RING_ABI;
    header->total_bytes = plan.total_bytes;
    header->slots = spec->slots;
    header->slot_bytes = plan.slot_bytes;
    header->owners_offset = plan.owners;
    header->states_offset = plan.states;
    header->group_words_offset = plan.group_words;
    header->memories_offset = plan.memories;
    header->memories = spec->memories;
    header->data_offset = plan.data;
    header->layout_offset = plan.layout;
    header->layout_bytes = layout_bytes;
    header->limit = spec->limit;
    header->pause_mode = spec->pause_mode;
    header->creator_pid = getpid();
    header->creator_start = spec->creator_start;
    header->run_directory_offset = plan.run_directory;
    header->run_directory_bytes = run_directory_bytes;
    header->writers = spec->writers;
    strcpy(header->name, name);
    memcpy((char *)header + plan.layout, layout, layout_bytes + 1);
    memcpy((char *)header + plan.run_directory, run_directory, run_directory_bytes + 1);
    find_parts(ring);
    for (uint64_t slot = 0; slot < ring->slots; slot++) {
        atomic_store_explicit(&ring->states[slot], make_word(slot, 0, 0, SLOT_FREE), memory_order_relaxed);
    }
    /* [READY] pairs with the load in shm_ring_attach(): who sees it sees the header and the words. */
    atomic_store_explicit(&header->ready, 1, memory_order_release);
    *error = 0;
    return ring;
}

/* 0 if the header is one that shm_ring_create() may have made for a segment of this length. */
static int32_t check_header(struct shm_ring_header *header, uint64_t bytes)
{
    /* [READY] pairs with the last store of shm_ring_create(). */
    if (header->magic != SHM_RING_MAGIC || !atomic_load_explicit(&header->ready, memory_order_acquire)) {
        return SHM_RING_NOT_A_RING;
    }
    if (header->abi != SHM_RING_ABI) return SHM_RING_WRONG_ABI;
    if (header->total_bytes != bytes) return SHM_RING_TRUNCATED;
    struct geometry plan;
    if (header->layout_bytes > bytes || header->run_directory_bytes > bytes ||
        plan_segment(header->slots, header->slot_bytes - SHM_RING_SLOT_HEADER_BYTES, header->layout_bytes,
                     header->run_directory_bytes, header->memories, &plan) != 0) {
        return SHM_RING_NOT_A_RING;
    }
    int fits = plan.total_bytes == bytes && plan.owners == header->owners_offset && plan.states == header->states_offset &&
               plan.group_words == header->group_words_offset && plan.memories == header->memories_offset &&
               plan.data == header->data_offset &&
               plan.layout == header->layout_offset && plan.run_directory == header->run_directory_offset &&
               atomic_load(&header->groups) <= SHM_RING_MAX_GROUPS && atomic_load(&header->owners) <= SHM_RING_MAX_OWNERS;
    return fits ? 0 : SHM_RING_NOT_A_RING;
}

struct shm_ring *shm_ring_attach(const char *segment, int32_t *error)
{
    int file = shm_open(segment, O_RDWR | O_CLOEXEC, 0);
    if (file < 0) {
        *error = -errno;
        return NULL;
    }
    struct stat status;
    uint64_t magic = 0;
    struct shm_ring *ring = NULL;
    if (fstat(file, &status) != 0 || pread(file, &magic, sizeof magic, 0) < 0) *error = -errno;
    else if (magic != SHM_RING_MAGIC) *error = SHM_RING_NOT_A_RING;
    else if ((uint64_t)status.st_size < sizeof(struct shm_ring_header)) *error = SHM_RING_TRUNCATED;
    else ring = open_mapping(file, (uint64_t)status.st_size, error);
    if (!ring) {
        close(file);
        return NULL;
    }
    *error = check_header(ring->header, ring->bytes);
    /* Threads of the creator need no lock of their own; whoever recovers the ring holds an exclusive one already. */
    if (*error != 0 || ring->header->creator_pid == getpid() || flock(file, LOCK_SH | LOCK_NB) != 0) {
        close(file);
        ring->file = -1;
    }
    if (*error == 0) {
        find_parts(ring);
        return ring;
    }
    munmap(ring->header, ring->bytes);
    free(ring);
    return NULL;
}

int32_t shm_ring_close(struct shm_ring *ring)
{
    if (ring->row >= 0) shm_ring_sign_off(ring);
    mmap(ring->header, ring->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    if (ring->file >= 0) close(ring->file);
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
    case 11: return (double)(atomic_load(&header->writers) & ~SHM_RING_WRITERS_ENDED);
    case 12: return (double)header->run_directory_offset;
    case 13: return (double)header->run_directory_bytes;
    case 14: return (double)header->creator_pid;
    case 15: return (double)header->creator_start;
    case 16: return (double)true_head(ring);
    default: return SHM_RING_MISUSE;
    }
}

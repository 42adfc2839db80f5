/* What the compiler calls under -fsanitize=thread, made into kill points. Is itself compiled without that flag. */
#define _GNU_SOURCE
#include "kill_points.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST_MAPPINGS 16

static struct kill_point *table;
static struct {
    const char *from, *to;
} mappings[MOST_MAPPINGS];
static int mapping_count;

static int role, armed_signal;
static uint64_t left;              /* points, or visits of the armed place, until the signal */
static uintptr_t armed_place;      /* 0: any */

void kill_points_begin(void)
{
    void *memory = mmap(NULL, KILL_MOST_POINTS * sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) abort();
    table = memory;
}

struct kill_point *kill_points_table(void) { return table; }
void kill_points_role(int new_role) { role = new_role; }

void kill_points_arm_count(uint64_t n, int signal)
{
    left = n;
    armed_place = 0;
    armed_signal = signal;
}

void kill_points_arm_place(uintptr_t place, uint64_t n)
{
    left = n;
    armed_place = place;
    armed_signal = SIGKILL;
}

void kill_points_disarm(void) { armed_signal = 0; }

static struct kill_point *find_point(uintptr_t place)
{
    uint64_t start = (uint64_t)place * 0x9E3779B97F4A7C15ULL >> 32;
    for (uint64_t i = 0; i < KILL_MOST_POINTS; i++) {
        struct kill_point *point = &table[(start + i) % KILL_MOST_POINTS];
        uintptr_t found = 0;
        if (atomic_load(&point->place) == place || atomic_compare_exchange_strong(&point->place, &found, place) ||
            found == place) {
            return point;
        }
    }
    abort();
}

static void visit(uintptr_t place)
{
    if (!table) return;
    struct kill_point *point = find_point(place);
    atomic_fetch_add_explicit(&point->visits[role], 1, memory_order_relaxed);
    if (armed_signal == 0 || (armed_place != 0 && armed_place != place) || left-- > 0) return;
    int signal = armed_signal;
    armed_signal = 0;
    atomic_fetch_add_explicit(&point->kills[role], 1, memory_order_relaxed);
    kill(getpid(), signal);
}

static int by_place(const void *a, const void *b)
{
    uintptr_t left_place = atomic_load(&((struct kill_point *)a)->place), right_place = atomic_load(&((struct kill_point *)b)->place);
    return (left_place > right_place) - (left_place < right_place);
}

void kill_points_list(void)
{
    struct kill_point *sorted = malloc(KILL_MOST_POINTS * sizeof *sorted);
    if (!sorted) abort();
    for (int i = 0; i < KILL_MOST_POINTS; i++) sorted[i] = table[i];
    qsort(sorted, KILL_MOST_POINTS, sizeof *sorted, by_place);
    for (int i = 0; i < KILL_MOST_POINTS; i++) {
        if (sorted[i].place == 0) continue;
        printf("point 0x%lx", (unsigned long)sorted[i].place);
        for (int r = 0; r < KILL_ROLES; r++) {
            printf(" %llu/%llu", (unsigned long long)sorted[i].visits[r], (unsigned long long)sorted[i].kills[r]);
        }
        putchar('\n');
    }
    free(sorted);
}

static void before_store(const volatile void *address, void *place)
{
    for (int i = 0; i < mapping_count; i++) {
        if ((const char *)address < mappings[i].from || (const char *)address >= mappings[i].to) continue;
        visit((uintptr_t)place);
        return;
    }
}

void kill_points_here(void) { visit((uintptr_t)__builtin_return_address(0)); }

/* ---- shared mappings and system calls, by the linker's --wrap ---- */

void *__real_mmap(void *address, size_t bytes, int protection, int flags, int file, off_t offset);
void *__wrap_mmap(void *address, size_t bytes, int protection, int flags, int file, off_t offset);
void *__wrap_mmap(void *address, size_t bytes, int protection, int flags, int file, off_t offset)
{
    char *memory = __real_mmap(address, bytes, protection, flags, file, offset);
    if (memory == MAP_FAILED) return memory;
    for (int i = 0; i < mapping_count; i++) {
        if (mappings[i].from < memory + bytes && memory < mappings[i].to) mappings[i] = mappings[--mapping_count];
    }
    if (file >= 0 && flags & MAP_SHARED) {
        if (mapping_count == MOST_MAPPINGS) abort();
        mappings[mapping_count].from = memory;
        mappings[mapping_count++].to = memory + bytes;
    }
    return memory;
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
    va_list arguments;
    va_start(arguments, number);
    long a[6];
    for (int i = 0; i < 6; i++) a[i] = va_arg(arguments, long);
    va_end(arguments);
    visit((uintptr_t)__builtin_return_address(0));
    return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* ---- the compiler's calls ---- */

void __tsan_init(void) {}
void __tsan_func_entry(void *caller) { (void)caller; }
void __tsan_func_exit(void) {}
void __tsan_read_range(void *address, unsigned long bytes) { (void)address, (void)bytes; }
void __tsan_write_range(void *address, unsigned long bytes)
{
    (void)bytes;
    before_store(address, __builtin_return_address(0));
}

#define PLAIN(bytes)                                                                                            \
    void __tsan_read##bytes(void *address) { (void)address; }                                                   \
    void __tsan_write##bytes(void *address) { before_store(address, __builtin_return_address(0)); }             \
    void __tsan_unaligned_read##bytes(void *address) { (void)address; }                                         \
    void __tsan_unaligned_write##bytes(void *address) { before_store(address, __builtin_return_address(0)); }   \
    void __tsan_volatile_read##bytes(void *address) { (void)address; }                                          \
    void __tsan_volatile_write##bytes(void *address) { before_store(address, __builtin_return_address(0)); }    \
    void __tsan_read_write##bytes(void *address) { before_store(address, __builtin_return_address(0)); }
PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

/* All of them in full order, which is what the processor does anyway, or more. */
#define FULL __ATOMIC_SEQ_CST
#define ATOMIC(bits, type)                                                                                      \
    type __tsan_atomic##bits##_load(const volatile type *at, int order)                                         \
    {                                                                                                           \
        (void)order;                                                                                            \
        return __atomic_load_n(at, FULL);                                                                       \
    }                                                                                                           \
    void __tsan_atomic##bits##_store(volatile type *at, type value, int order)                                  \
    {                                                                                                           \
        (void)order;                                                                                            \
        before_store(at, __builtin_return_address(0));                                                          \
        __atomic_store_n(at, value, FULL);                                                                      \
    }                                                                                                           \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile type *at, type *seen, type value, int a, int b)  \
    {                                                                                                           \
        (void)a, (void)b;                                                                                       \
        before_store(at, __builtin_return_address(0));                                                          \
        return __atomic_compare_exchange_n(at, seen, value, 0, FULL, FULL);                                     \
    }                                                                                                           \
    int __tsan_atomic##bits##_compare_exchange_weak(volatile type *at, type *seen, type value, int a, int b)    \
    {                                                                                                           \
        (void)a, (void)b;                                                                                       \
        before_store(at, __builtin_return_address(0));                                                          \
        return __atomic_compare_exchange_n(at, seen, value, 0, FULL, FULL);                                     \
    }                                                                                                           \
    type __tsan_atomic##bits##_compare_exchange_val(volatile type *at, type seen, type value, int a, int b)     \
    {                                                                                                           \
        (void)a, (void)b;                                                                                       \
        before_store(at, __builtin_return_address(0));                                                          \
        __atomic_compare_exchange_n(at, &seen, value, 0, FULL, FULL);                                           \
        return seen;                                                                                            \
    }                                                                                                           \
    CHANGE(bits, type, exchange, __atomic_exchange_n)                                                           \
    CHANGE(bits, type, fetch_add, __atomic_fetch_add)                                                           \
    CHANGE(bits, type, fetch_sub, __atomic_fetch_sub)                                                           \
    CHANGE(bits, type, fetch_and, __atomic_fetch_and)                                                           \
    CHANGE(bits, type, fetch_or, __atomic_fetch_or)
#define CHANGE(bits, type, name, builtin)                                                                       \
    type __tsan_atomic##bits##_##name(volatile type *at, type value, int order)                                 \
    {                                                                                                           \
        (void)order;                                                                                            \
        before_store(at, __builtin_return_address(0));                                                          \
        return builtin(at, value, FULL);                                                                        \
    }
ATOMIC(8, uint8_t)
ATOMIC(16, uint16_t)
ATOMIC(32, uint32_t)
ATOMIC(64, uint64_t)

void __tsan_atomic_thread_fence(int order)
{
    (void)order;
    __atomic_thread_fence(FULL);
}
void __tsan_atomic_signal_fence(int order) { (void)order; }

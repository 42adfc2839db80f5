/*
 * Kills whoever works on a ring, at any point between two stores and at any time, and looks whether the others go on and the
 * books close.
 *
 *   kill_ring SEED KILLS [list]
 *
 * Linked with kill_points.c. Each round makes a ring of random shape with writers, readers and observers, each a process.
 * Each is told a point where it kills itself, or is killed by the supervisor at a random time; so are the processes that
 * recover it, add a writer, pause, close, detach or shut down. Who dies is recovered and replaced. A round ends in one of
 * three ways: the ring is drained; it is shut down; or everybody is killed at once, and what is left is taken over as after
 * the death of a whole run. Then the books of the ring, its words and the readers' notes must agree.
 *
 * Ends with a line of JSON. With `list`, the kill points come before it.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "kill_points.h"
#include "shm_ring_stress.h"

#define MOST_WORKERS 14
#define MOST_ROWS 440 /* of a ring's 512; the rest is for what a round still needs at its end */
#define MOST_IDS (1u << 16)
#define MOST_RECOVERIES 200000
#ifndef ROUND_SECONDS
#define ROUND_SECONDS 30
#endif

enum { WRITER, READER, OBSERVER, RECOVERER, STEERER, SUPERVISOR }; /* roles, as kill points are counted */
enum { RUNNING, FINISHED, LEFT };                               /* LEFT: signed off early, to be replaced */
enum { DRAINED, SHUT_DOWN, ABANDONED };                         /* ends of a round */

struct shape {
    uint64_t slots, limit;
    uint32_t groups, writers, readers, observers, batch; /* readers of each group */
    uint32_t abort_chance, leave_chance, rest_chance;    /* one in ...; 0: never */
    int discards, closes_early, end;
};

/* Where a process kills itself. */
struct doom {
    uintptr_t place; /* 0: at any point */
    uint64_t count;  /* visits, or points, before that; UINT64_MAX: never */
    int once_more;   /* a reader: with an event that has cost one before, whatever else is said */
};

struct worker {
    struct play *play;
    int kind, row, is_retired;
    uint32_t group;
    uint64_t seed;
    pid_t pid; /* 0: has ended */
    struct doom doom;
    _Atomic int state;
};

/* In shared memory. */
struct play {
    struct shape shape;
    struct book book;
    _Atomic int stop; /* writers sign off */
    _Atomic uint64_t observations, redelivered;
    struct worker worker[MOST_WORKERS];
    uint32_t count;
    int32_t added; /* row of the writer that a child has added */
};

/* The supervisor's. */
static struct totals {
    uint64_t rounds, ends[3], events, given_up, kills_at_points, kills_at_times, recoveries;
    int64_t recovery_ns[MOST_RECOVERIES];
} totals;
static struct shm_ring *ring;
static uint64_t random_state, kills_left;
static int places_lost; /* a child died while it added a writer: the ring may not end by itself */

static uint32_t below(uint32_t bound) { return random_below(&random_state, bound); }
static int chance(uint32_t of) { return one_in(&random_state, of); }

/* ---- the workers ---- */

static void write_slowly(void *record, uint64_t id)
{
    for (uint64_t i = 0; i < RECORD_WORDS; i++) {
        if (i % 8 == 4) kill_points_here();
        ((uint64_t *)record)[i] = stamp(id, i);
    }
}

static void rest(struct worker *worker, uint64_t *random)
{
    if (!one_in(random, worker->play->shape.rest_chance)) return;
    if (one_in(random, 3)) usleep(random_below(random, 200));
    else sched_yield();
}

static int32_t some_ms(uint64_t *random) { return one_in(random, 2) ? -1 : (int32_t)random_below(random, 4); }

/* Writes event `id` into a slot; false if there are enough. */
static int fill(struct shm_ring *own, struct book *book, uint64_t slot, uint64_t *id)
{
    *id = atomic_fetch_add(&book->next_id, 1);
    if (*id >= book->ids) return 0;
    atomic_store(&book->state[*id], ID_CLAIMED);
    slot_header(own, slot)->counter = (int64_t)*id;
    write_slowly(slot_header(own, slot) + 1, *id);
    return 1;
}

static void write_batches(struct worker *worker, struct shm_ring *own, uint64_t *random)
{
    struct play *play = worker->play;
    uint64_t ids[64];
    while (!atomic_load(&play->stop)) {
        int32_t first, most = 1 + (int32_t)random_below(random, play->shape.batch);
        int32_t claimed = shm_ring_claim(own, most, some_ms(random), &first);
        if (claimed == SHM_RING_TIMED_OUT || claimed == SHM_RING_PAUSED) continue;
        if (claimed == SHM_RING_ENDED) return;
        CHECK(claimed > 0 && claimed <= most, "claim() gave %d", claimed);
        int is_void = one_in(random, play->shape.abort_chance), count = 0;
        if (first < (int32_t)own->slots) {
            uint64_t slot = (uint64_t)first;
            for (; count < claimed; count++, slot = next_slot_of(own, slot)) {
                if (!fill(own, &play->book, slot, &ids[count])) return; /* signing off makes void what is held */
            }
        }
        rest(worker, random);
        for (int i = 0; i < count; i++) atomic_store(&play->book.state[ids[i]], is_void ? ID_VOID : ID_PUBLISHING);
        int32_t done = is_void ? shm_ring_abort(own) : shm_ring_publish(own);
        CHECK(done == claimed, "publish() or abort() of %d slots gave %d", claimed, done);
        for (int i = 0; i < count && !is_void; i++) atomic_store(&play->book.state[ids[i]], ID_PUBLISHED);
        if (play->shape.limit == 0 && one_in(random, play->shape.leave_chance)) {
            shm_ring_claim(own, most, 0, &first); /* leaves with slots in its hands */
            worker->state = LEFT;
            return;
        }
    }
}

static void write_one_by_one(struct worker *worker, struct shm_ring *own, uint64_t *random)
{
    struct play *play = worker->play;
    uint64_t id = 0;
    int is_filled = 0;
    for (;;) {
        if (is_filled) atomic_store(&play->book.state[id], ID_PUBLISHING);
        int32_t slot = shm_ring_next_slot(own, some_ms(random));
        if (is_filled) atomic_store(&play->book.state[id], ID_PUBLISHED);
        is_filled = 0;
        if (slot == SHM_RING_ENDED || atomic_load(&play->stop)) return;
        if (slot < 0 || slot == (int32_t)own->slots) continue; /* nothing in time, or the scratch slot */
        if (!fill(own, &play->book, (uint64_t)slot, &id)) return;
        is_filled = 1;
        rest(worker, random);
    }
}

static void look_at_events(struct worker *worker, struct shm_ring *own, int32_t first, int32_t taken)
{
    uint64_t slot = (uint64_t)(first & ~SHM_RING_REDELIVERED);
    for (int32_t i = 0; i < taken; i++, slot = next_slot_of(own, slot)) {
        uint64_t id = (uint64_t)slot_header(own, slot)->counter;
        book_delivery(&worker->play->book, worker->group, id, first & SHM_RING_REDELIVERED);
        check_stamps(slot_header(own, slot) + 1, id, "a reader");
    }
    if (first & SHM_RING_REDELIVERED) {
        CHECK(taken == 1, "%d events at once were delivered again", taken);
        atomic_fetch_add(&worker->play->redelivered, 1);
        if (worker->doom.once_more) kill_points_arm_count(worker->seed % 12, SIGKILL);
    }
}

static void read_events(struct worker *worker, struct shm_ring *own, uint64_t *random)
{
    static const int32_t OUTCOMES[] = { SHM_RING_PROCESSED, SHM_RING_REJECTED, SHM_RING_DOUBLE }; /* failed: by recover */
    struct shape *shape = &worker->play->shape;
    int in_batches = one_in(random, 2);
    for (;;) {
        int32_t outcome = OUTCOMES[random_below(random, 3)], first = 0, taken = 1;
        if (in_batches) {
            taken = shm_ring_take(own, 1 + (int32_t)random_below(random, shape->batch), outcome, some_ms(random), &first);
        } else {
            first = shm_ring_next_event(own, outcome, some_ms(random));
            if (first < 0) taken = first;
        }
        if (taken == SHM_RING_TIMED_OUT) continue;
        if (taken == SHM_RING_ENDED) return;
        CHECK(taken > 0, "take() gave %d", taken);
        look_at_events(worker, own, first, taken);
        rest(worker, random);
        if (one_in(random, shape->leave_chance)) {
            worker->state = LEFT;
            return;
        }
        if (one_in(random, 4)) CHECK(shm_ring_release(own, outcome) == taken, "release() gave another number than take()");
    }
}

static void observe_events(struct worker *worker, struct shm_ring *own, uint64_t *random)
{
    char copy[SHM_RING_SLOT_HEADER_BYTES + RECORD_BYTES];
    for (;;) {
        int32_t result = shm_ring_observe(own, copy, some_ms(random));
        if (result == SHM_RING_ENDED) return;
        if (result == SHM_RING_TIMED_OUT) continue;
        CHECK(result == 0, "observe() gave %d", result);
        check_stamps(copy + SHM_RING_SLOT_HEADER_BYTES, (uint64_t)((struct shm_ring_slot_header *)copy)->counter, "an observer");
        atomic_fetch_add_explicit(&worker->play->observations, 1, memory_order_relaxed);
        rest(worker, random);
    }
}

static void meet_doom(int role, struct doom doom)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    kill_points_role(role);
    if (doom.count == UINT64_MAX) return;
    if (doom.place == 0) kill_points_arm_count(doom.count, SIGKILL);
    else kill_points_arm_place(doom.place, doom.count);
}

static void work(struct worker *shared)
{
    struct worker worker = *shared; /* the supervisor changes the shared one */
    uint64_t random = worker.seed;
    int32_t error = 0;
    struct shm_ring *own = shm_ring_attach(current_segment, &error);
    CHECK(own, "cannot attach: %d", error);
    meet_doom(worker.kind, worker.doom);
    worker.state = FINISHED;
    if (worker.kind == OBSERVER) {
        observe_events(&worker, own, &random);
    } else {
        CHECK(shm_ring_take_role(own, worker.row) == 0, "cannot sign on as owner %d", worker.row);
        if (worker.kind == READER) read_events(&worker, own, &random);
        else if (one_in(&random, 2)) write_one_by_one(&worker, own, &random);
        else write_batches(&worker, own, &random);
        shm_ring_sign_off(own);
    }
    kill_points_disarm();
    atomic_store(&shared->state, worker.state);
    _exit(0);
}

/* ---- the supervisor ---- */

/* A point that this role visits and where it has seldom been killed so far; or any number of points; or never. */
static struct doom some_doom(int role)
{
    struct kill_point *table = kill_points_table(), *best = NULL;
    if (kills_left == 0) return (struct doom){ 0, UINT64_MAX, 0 };
    int once_more = chance(2);
    if (chance(10)) return (struct doom){ 0, UINT64_MAX, once_more };
    if (chance(2)) return (struct doom){ 0, below(role < RECOVERER ? 300 : 30), once_more };
    uint32_t first = below(KILL_MOST_POINTS);
    for (uint32_t i = 0, seen = 0; i < KILL_MOST_POINTS && seen < 4; i++) {
        struct kill_point *point = &table[(first + i) % KILL_MOST_POINTS];
        if (point->place == 0 || point->visits[role] == 0) continue;
        if (!best || point->kills[role] < best->kills[role]) best = point;
        seen++;
    }
    if (!best) return (struct doom){ 0, below(30), once_more };
    return (struct doom){ best->place, chance(3) ? below(role < RECOVERER ? 50 : 6) : below(2), once_more };
}

static pid_t make_child(void)
{
    pid_t child = fork();
    CHECK(child >= 0, "cannot fork");
    return child;
}

/* Waits for a child; true if it was killed. */
static int wait_for(pid_t child)
{
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child, "a child is missing");
    if (WIFEXITED(status)) {
        CHECK(WEXITSTATUS(status) == 0, "a child ended with status %d", status);
        return 0;
    }
    CHECK(WTERMSIG(status) == SIGKILL, "a child ended with status %d", status);
    return 1;
}

static void count_kill(uint64_t *kind)
{
    ++*kind;
    if (kills_left > 0) kills_left--;
}

/* Lets a child do something, which it may not survive; the supervisor does it again. True if it was killed. */
static int let_child(int role, void (*act)(struct play *play, int32_t argument), struct play *play, int32_t argument)
{
    struct doom doom = some_doom(role);
    pid_t child = make_child();
    if (child == 0) {
        meet_doom(role, doom);
        act(play, argument);
        kill_points_disarm();
        _exit(0);
    }
    int is_dead = wait_for(child);
    if (is_dead) count_kill(&totals.kills_at_points);
    return is_dead;
}

static void do_recover(struct play *play, int32_t row)
{
    (void)play;
    shm_ring_recover(ring, row, NULL);
}
static void do_recover_all(struct play *play, int32_t none)
{
    (void)none;
    recover_all(ring, &play->book);
}
static void do_add_writer(struct play *play, int32_t none)
{
    (void)none;
    play->added = shm_ring_add_writer(ring);
}
static void do_pause(struct play *play, int32_t paused)
{
    (void)play;
    shm_ring_pause(ring, paused);
}
static void do_close(struct play *play, int32_t none)
{
    (void)play, (void)none;
    shm_ring_set_closing(ring);
}
static void do_shut_down(struct play *play, int32_t none)
{
    (void)play, (void)none;
    shm_ring_set_aborted(ring);
}
static void do_detach(struct play *play, int32_t group)
{
    (void)play;
    shm_ring_detach_group(ring, group);
}

static int32_t add_writer(struct play *play)
{
    if (chance(3)) {
        int is_dead = let_child(STEERER, do_add_writer, play, 0);
        if (!is_dead && play->added >= 0) return play->added;
        places_lost |= is_dead;
    }
    return shm_ring_add_writer(ring);
}

/* For an owner that has ended. */
static void recover(struct play *play, int32_t row)
{
    book_death(ring, &play->book, row);
    for (int tries = 0; tries < 3 && chance(3); tries++) let_child(RECOVERER, do_recover, play, row);
    int64_t began = clock_ns();
    CHECK(shm_ring_recover(ring, row, NULL) >= 0, "cannot recover owner %d", row);
    totals.recovery_ns[totals.recoveries++ % MOST_RECOVERIES] = clock_ns() - began;
}

static void start(struct worker *worker)
{
    worker->seed = random_next(&random_state);
    worker->doom = some_doom(worker->kind);
    atomic_store(&worker->state, RUNNING);
    pid_t child = make_child();
    if (child == 0) work(worker);
    worker->pid = child;
}

static int has_another_reader(const struct play *play, const struct worker *worker)
{
    for (uint32_t i = 0; i < play->count; i++) {
        const struct worker *other = &play->worker[i];
        if (other != worker && other->kind == READER && other->group == worker->group && other->pid != 0) return 1;
    }
    return 0;
}

/* A worker has ended: it is recovered, and replaced if it is still needed. */
static void bury(struct play *play, struct worker *worker, int is_dead)
{
    int old_row = worker->row;
    int is_needed = !worker->is_retired && (is_dead || worker->state == LEFT) && !ring->header->aborted;
    worker->pid = 0;
    if (worker->kind == WRITER && is_needed) {
        is_needed = !atomic_load(&play->stop);
        if (is_needed) {
            /* Who had signed off may have been the last one; else the ring cannot end before it is recovered. */
            int may_end = ring->header->closing || ring->owners[old_row].state == SHM_RING_ROW_GONE;
            worker->row = add_writer(play);
            CHECK(worker->row >= 0 || (worker->row == SHM_RING_ENDED && may_end), "cannot add a writer: %d", worker->row);
            is_needed = worker->row >= 0;
        }
    } else if (worker->kind == READER && is_needed) {
        is_needed = !is_dead || chance(2) || !has_another_reader(play, worker); /* the others can do without it */
    }
    if (worker->kind == READER && is_needed) {
        worker->row = shm_ring_reserve(ring, SHM_RING_READER, (int32_t)worker->group);
        CHECK(worker->row >= 0, "cannot reserve an owner row: %d", worker->row);
    }
    if (worker->kind != OBSERVER && (is_dead || chance(8))) recover(play, old_row); /* also of who has signed off */
    if (is_needed) start(worker);
}

/* Buries whoever has ended. Returns how many still work. */
static uint32_t reap(struct play *play)
{
    uint32_t running = 0;
    for (uint32_t i = 0; i < play->count; i++) {
        struct worker *worker = &play->worker[i];
        if (worker->pid == 0) continue;
        siginfo_t info = { .si_pid = 0 };
        CHECK(waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0, "a child is missing");
        if (info.si_pid != 0) {
            int is_dead = wait_for(worker->pid);
            if (is_dead) count_kill(&totals.kills_at_points);
            bury(play, worker, is_dead);
        }
        running += worker->pid != 0;
    }
    return running;
}

static void kill_at_some_time(struct play *play, struct worker *worker)
{
    if (worker->pid == 0) return;
    kill(worker->pid, SIGKILL);
    int is_dead = wait_for(worker->pid);
    if (is_dead) count_kill(&totals.kills_at_times);
    bury(play, worker, is_dead);
}

static void detach_group(struct play *play, uint32_t group)
{
    for (uint32_t i = 0; i < play->count; i++) {
        struct worker *worker = &play->worker[i];
        if (worker->kind != READER || worker->group != group) continue;
        worker->is_retired = 1;
        kill_at_some_time(play, worker);
    }
    let_child(STEERER, do_detach, play, (int32_t)group);
    shm_ring_detach_group(ring, (int32_t)group);
}

/* Sleeps until a child ends, at most `us`. False: nobody did. */
static int wait_for_somebody(uint32_t us)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    struct timespec timeout = { .tv_nsec = 1000L * us };
    return sigtimedwait(&set, NULL, &timeout) == SIGCHLD;
}

static struct shape random_shape(void)
{
    static const uint32_t SLOTS[] = { 1, 2, 3, 4, 5, 8, 30 };
    struct shape shape = {
        .slots = SLOTS[below(7)],
        .groups = below(8) % 4,
        .writers = 1 + below(3),
        .readers = 1 + below(2),
        .observers = below(3) / 2,
        .batch = chance(2) ? 1 : 1 + below(6),
        .abort_chance = chance(2) ? 0 : 2 + below(20),
        .leave_chance = chance(2) ? 0 : 20 + below(200),
        .rest_chance = 1 + below(8),
        .discards = chance(2),
        .closes_early = chance(6),
        .end = chance(4) ? SHUT_DOWN : chance(3) ? ABANDONED : DRAINED,
    };
    if (chance(4)) shape.limit = 1 + below(2000);
    return shape;
}

static void dump(void)
{
    struct shm_ring_header *header = ring->header;
    fprintf(stderr, "head %llu closing %u ended %u writers %u paused %u\n", (unsigned long long)header->head, header->closing,
            header->ended, header->writers, header->paused);
    for (uint64_t slot = 0; slot < ring->slots; slot++) {
        fprintf(stderr, "slot %2d state %llx groups", (int)slot, (unsigned long long)ring->states[slot]);
        for (uint32_t group = 0; group < header->groups; group++) {
            fprintf(stderr, " %llx", (unsigned long long)words_of_group(ring, group)[slot]);
        }
        fputc('\n', stderr);
    }
    for (uint32_t row = 0; row < header->owners; row++) {
        if (ring->owners[row].state == SHM_RING_ROW_GONE) continue;
        fprintf(stderr, "owner %u role %u state %u\n", row, ring->owners[row].role, ring->owners[row].state);
    }
}

static void start_all(struct play *play)
{
    struct shape *shape = &play->shape;
    uint32_t readers = shape->readers * shape->groups;
    play->count = 0;
    for (uint32_t i = 0; i < shape->writers + readers + shape->observers; i++) {
        struct worker *worker = &play->worker[play->count++];
        worker->play = play;
        worker->kind = i < shape->writers ? WRITER : i < shape->writers + readers ? READER : OBSERVER;
        worker->group = worker->kind == READER ? i % shape->groups : 0;
        worker->is_retired = 0;
        worker->row = -1;
        if (worker->kind != OBSERVER) {
            int role = worker->kind == WRITER ? SHM_RING_WRITER : SHM_RING_READER;
            worker->row = shm_ring_reserve(ring, role, (int32_t)worker->group);
            CHECK(worker->row >= 0, "cannot reserve an owner row: %d", worker->row);
        }
        start(worker);
    }
}

/* One of the things that a control does, now and then. */
static void steer(struct play *play)
{
    struct shape *shape = &play->shape;
    if (chance(12)) let_child(STEERER, do_pause, play, 1);
    else if (ring->header->paused) {
        let_child(STEERER, do_pause, play, 0);
        shm_ring_pause(ring, 0);
    } else if (shape->groups > 1 && ring->header->detached == 0 && chance(40)) {
        detach_group(play, below(shape->groups));
    } else if (chance(3)) {
        kill_at_some_time(play, &play->worker[below(play->count)]);
    }
}

static void kill_everybody(struct play *play)
{
    for (uint32_t i = 0; i < play->count; i++) {
        if (play->worker[i].pid != 0) kill(play->worker[i].pid, SIGKILL);
    }
    for (uint32_t i = 0; i < play->count; i++) {
        struct worker *worker = &play->worker[i];
        if (worker->pid != 0 && wait_for(worker->pid)) count_kill(&totals.kills_at_times);
        worker->pid = 0;
    }
    shm_ring_close(ring);
    int32_t error;
    ring = shm_ring_attach(current_segment, &error);
    CHECK(ring, "cannot open the ring of the dead: %d", error);
    for (int tries = 0; tries < 3 && chance(2); tries++) let_child(RECOVERER, do_recover_all, play, 0);
}

static uint32_t writers_at_work(const struct play *play)
{
    uint32_t writers = 0;
    for (uint32_t i = 0; i < play->count; i++) writers += play->worker[i].kind == WRITER && play->worker[i].pid != 0;
    return writers;
}

/* Lets them work and die until enough have died, then until nobody works any more. */
static void go_on(struct play *play, uint64_t kills)
{
    uint64_t enough = kills_left > kills ? kills_left - kills : 0, stop_at = enough + kills / 4;
    int64_t deadline = clock_ns() + ROUND_SECONDS * 1000000000LL;
    int is_calm = 0;
    uint64_t kept_back = 0; /* kills for later rounds, while nobody shall die any more in this one */
    while (reap(play) > 0) {
        if (clock_ns() > deadline) {
            dump();
            FAIL("a round of %d slots, %u writers, %u groups of %u readers does not end (event %llu)", (int)ring->slots,
                 play->shape.writers, play->shape.groups, play->shape.readers, (unsigned long long)play->book.next_id);
        }
        uint32_t rows = ring->header->owners;
        if (!is_calm && (kills_left <= stop_at || rows > MOST_ROWS - 60)) {
            if (play->shape.end == ABANDONED) return kill_everybody(play);
            if (play->shape.end == SHUT_DOWN) {
                let_child(STEERER, do_shut_down, play, 0);
                shm_ring_set_aborted(ring);
            } else if (play->shape.closes_early) {
                let_child(STEERER, do_close, play, 0);
                shm_ring_set_closing(ring);
            } else if (play->shape.limit == 0) {
                atomic_store(&play->stop, 1);
            }
        }
        if (!is_calm && (kills_left <= enough || rows > MOST_ROWS)) {
            is_calm = 1;
            kept_back = kills_left;
            kills_left = 0;
        }
        if (is_calm && ring->header->paused) shm_ring_pause(ring, 0);
        if (places_lost && writers_at_work(play) == 0) shm_ring_set_closing(ring);
        if (!wait_for_somebody(below(1500)) && !is_calm) steer(play);
    }
    kills_left += kept_back;
}

static void clear_book(struct book *book)
{
    uint64_t used = book->next_id < MOST_IDS ? book->next_id : MOST_IDS;
    memset((void *)book->state, 0, used);
    for (int group = 0; group < MOST_GROUPS; group++) {
        memset((void *)book->fresh[group], 0, used);
        memset((void *)book->again[group], 0, used);
        memset((void *)book->deaths[group], 0, used);
    }
    memset(book->buried, 0, sizeof book->buried);
    book->next_id = 0;
}

static void run_round(struct play *play)
{
    struct shape shape = play->shape = random_shape();
    struct shm_ring_spec spec = {
        .slots = shape.slots,
        .limit = shape.limit,
        .writers = shape.writers,
        .pause_mode = shape.discards ? SHM_RING_DISCARD : SHM_RING_WAIT,
    };
    ring = new_ring(spec, shape.groups);
    clear_book(&play->book);
    atomic_store(&play->stop, 0);
    places_lost = 0;
    start_all(play);
    go_on(play, 5 + below(60));
    recover_all(ring, &play->book); /* rows that were reserved and lost */
    int is_drained = !ring->header->aborted && shape.end != ABANDONED;
    uint64_t published = check_books(ring, &play->book, is_drained), given_up = 0, failed = 0;
    CHECK(!shape.limit || !is_drained || ring->header->closing || published == shape.limit,
          "%llu events published under a limit of %llu", (unsigned long long)published, (unsigned long long)shape.limit);
    for (uint32_t row = 0; row < ring->header->owners; row++) failed += ring->owners[row].released[SHM_RING_FAILED];
    for (uint32_t group = 0; group < shape.groups; group++) {
        for (uint64_t id = 0; id < play->book.next_id && id < MOST_IDS; id++) given_up += play->book.deaths[group][id] > 1;
    }
    CHECK(failed == given_up, "%llu events counted as failed, but %llu were given up", (unsigned long long)failed,
          (unsigned long long)given_up);
    totals.given_up += given_up;
    totals.events += published;
    totals.rounds++;
    totals.ends[is_drained ? DRAINED : shape.end]++;
    remove_ring(ring);
}

static int by_size(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void report(struct play *play, uint64_t seed)
{
    uint64_t points = 0, pairs = 0, killed = 0, known = totals.recoveries < MOST_RECOVERIES ? totals.recoveries : MOST_RECOVERIES;
    for (int i = 0; i < KILL_MOST_POINTS; i++) {
        struct kill_point *point = &kill_points_table()[i];
        points += point->place != 0;
        for (int role = 0; role < SUPERVISOR; role++) {
            pairs += point->visits[role] > 0;
            killed += point->kills[role] > 0;
        }
    }
    qsort(totals.recovery_ns, known, sizeof *totals.recovery_ns, by_size);
    printf("{\"pid\":%d,\"seed\":%llu,\"kills\":%llu,\"atPoints\":%llu,\"atTimes\":%llu,\"points\":%llu,\"rolesAtPoints\":%llu,"
           "\"rolesKilledAtPoints\":%llu,\"rounds\":%llu,\"drained\":%llu,\"shutDown\":%llu,\"abandoned\":%llu,\"events\":%llu,"
           "\"redelivered\":%llu,\"givenUp\":%llu,\"observations\":%llu,\"recoveries\":%llu,\"recoveryMedianUs\":%.1f,"
           "\"recoveryMaxUs\":%.1f}\n",
           getpid(), (unsigned long long)seed, (unsigned long long)(totals.kills_at_points + totals.kills_at_times),
           (unsigned long long)totals.kills_at_points, (unsigned long long)totals.kills_at_times, (unsigned long long)points,
           (unsigned long long)pairs, (unsigned long long)killed, (unsigned long long)totals.rounds,
           (unsigned long long)totals.ends[DRAINED], (unsigned long long)totals.ends[SHUT_DOWN],
           (unsigned long long)totals.ends[ABANDONED], (unsigned long long)totals.events,
           (unsigned long long)play->redelivered, (unsigned long long)totals.given_up, (unsigned long long)play->observations,
           (unsigned long long)totals.recoveries, known ? 1e-3 * (double)totals.recovery_ns[known / 2] : 0,
           known ? 1e-3 * (double)totals.recovery_ns[known - 1] : 0);
}

int main(int count, char **arguments)
{
    CHECK(count >= 3, "usage: kill_ring SEED KILLS [list]");
    uint64_t seed = strtoull(arguments[1], NULL, 10), kills = strtoull(arguments[2], NULL, 10), told = 0;
    random_state = random_seed(seed, 0);
    kills_left = kills;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill_points_begin();
    kill_points_role(SUPERVISOR);
    size_t bytes = sizeof(struct play) + BOOK_TABLES * MOST_IDS;
    struct play *play = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(play != MAP_FAILED, "no memory");
    open_book(&play->book, (_Atomic uint8_t *)(play + 1), MOST_IDS);
    while (kills_left > 0) {
        run_round(play);
        uint64_t done = kills - kills_left;
        if (done / 5000 > told) fprintf(stderr, "%llu of %llu kills\n", (unsigned long long)done, (unsigned long long)kills);
        told = done / 5000;
    }
    if (count > 3) kill_points_list();
    report(play, seed);
    return 0;
}

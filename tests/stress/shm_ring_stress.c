/*
 * Stress of the shared-memory ring: writers, readers and observers as threads or as processes, some of which die.
 *
 *   shm_ring_stress threads|ends|processes SECONDS SEED [KILLS]
 *
 * Each round makes a ring of random shape, lets the workers run until the ring has ended and is drained, and checks its
 * books. In threads, a death is a worker that stops using its handle between two calls; in processes it is SIGKILL, at any
 * instruction. Whoever died is recovered and replaced. `processes` goes on until both SECONDS and KILLS are reached. `ends`
 * is `threads` with very many rounds of one to three events: begin and end of a ring are where the rare things happen.
 * Some rounds are abandoned: all die, the ring is opened anew by its name, and what is unfinished is looked at.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "shm_ring_stress.h"

#define MOST_WORKERS 12
#define MOST_ROWS 480 /* of a ring's 512; the rest is for what a round still needs at its end */
#define MOST_IDS (1u << 20)
#ifndef ROUND_SECONDS
#define ROUND_SECONDS 30
#endif

enum { WRITER, READER, OBSERVER };
enum { RUNNING, FINISHED, LEFT, DEAD }; /* LEFT: a reader that went with an event in its hands */

/* What a round is like. */
struct shape {
    uint64_t slots, limit, ids;
    uint32_t groups, writers, readers, observers; /* readers of each group */
    uint32_t batch;                               /* largest */
    uint32_t abort_chance, leave_chance, death_chance, rest_chance; /* one in ...; 0: never */
    int closes_early;                                               /* while the workers still sign on */
    int is_abandoned;
};

struct worker {
    struct round *round;
    int kind, row;
    int stays; /* one writer does, so that a limit is reached */
    uint32_t group;
    uint64_t seed;
    struct shm_ring *ring;
    pthread_t thread;
    pid_t pid;
    _Atomic int state;
};

/* In shared memory. */
struct round {
    struct shape shape;
    struct book book;
    _Atomic int stop; /* writers sign off */
    _Atomic int calm; /* nobody dies or leaves any more */
    _Atomic int doomed; /* everybody dies */
    _Atomic uint64_t observations, redelivered;
    struct worker worker[MOST_WORKERS];
};

static int in_processes, only_ends;

static int is_doomed(struct worker *worker) { return atomic_load(&worker->round->doomed); }

static int happens(struct worker *worker, uint64_t *random, uint32_t chance)
{
    return one_in(random, chance) && !atomic_load(&worker->round->calm);
}

static int dies(struct worker *worker, uint64_t *random)
{
    return is_doomed(worker) || happens(worker, random, worker->round->shape.death_chance);
}

static void rest(struct worker *worker, uint64_t *random)
{
    if (!one_in(random, worker->round->shape.rest_chance)) return;
    if (one_in(random, 4)) usleep(random_below(random, 300));
    else sched_yield();
}

/* Claims, stamps, publishes or aborts. DEAD: stopped between two calls. */
static int write_events(struct worker *worker, uint64_t *random)
{
    struct round *round = worker->round;
    struct book *book = &round->book;
    struct shm_ring *ring = worker->ring;
    while (!atomic_load(&round->stop)) {
        int32_t first, most = 1 + (int32_t)random_below(random, round->shape.batch);
        int32_t timeout_ms = one_in(random, 2) ? -1 : (int32_t)random_below(random, 20);
        int32_t claimed = shm_ring_claim(ring, most, timeout_ms, &first);
        if (is_doomed(worker)) return DEAD;
        if (claimed == SHM_RING_TIMED_OUT) continue;
        if (claimed == SHM_RING_ENDED) break;
        CHECK(claimed > 0 && claimed <= most, "claim() gave %d", claimed);
        uint64_t begin = atomic_fetch_add(&book->next_id, (uint64_t)claimed), end = begin + (uint64_t)claimed;
        if (end > book->ids) {
            for (uint64_t id = begin; id < end && id < book->ids; id++) atomic_store(&book->state[id], ID_VOID);
            break; /* signing off makes void what is held */
        }
        uint64_t slot = (uint64_t)first;
        for (uint64_t id = begin; id < end; id++, slot = next_slot_of(ring, slot)) {
            atomic_store(&book->state[id], ID_CLAIMED);
            slot_header(ring, slot)->counter = (int64_t)id;
            write_stamps(slot_header(ring, slot) + 1, id);
        }
        rest(worker, random);
        if (dies(worker, random)) return DEAD;
        if (!worker->stays && happens(worker, random, round->shape.leave_chance)) {
            /* Leaves with slots in its hands, and is not replaced. */
            for (uint64_t id = begin; id < end; id++) atomic_store(&book->state[id], ID_VOID);
            break;
        }
        int is_void = one_in(random, round->shape.abort_chance);
        for (uint64_t id = begin; id < end; id++) atomic_store(&book->state[id], is_void ? ID_VOID : ID_PUBLISHING);
        int32_t done = is_void ? shm_ring_abort(ring) : shm_ring_publish(ring);
        CHECK(done == claimed, "publish() or abort() of %d slots gave %d", claimed, done);
        if (!is_void) {
            for (uint64_t id = begin; id < end; id++) atomic_store(&book->state[id], ID_PUBLISHED);
        }
        if (dies(worker, random)) return DEAD;
        rest(worker, random);
    }
    return FINISHED;
}

static void look_at_events(struct worker *worker, int32_t first, int32_t taken, int book_them)
{
    struct shm_ring *ring = worker->ring;
    uint64_t slot = (uint64_t)(first & ~SHM_RING_REDELIVERED);
    for (int32_t i = 0; i < taken; i++, slot = next_slot_of(ring, slot)) {
        uint64_t id = (uint64_t)slot_header(ring, slot)->counter;
        if (book_them) book_delivery(&worker->round->book, worker->group, id, first & SHM_RING_REDELIVERED);
        check_stamps(slot_header(ring, slot) + 1, id, "a reader");
    }
}

static int read_events(struct worker *worker, uint64_t *random)
{
    struct round *round = worker->round;
    struct shm_ring *ring = worker->ring;
    for (;;) {
        int32_t first, most = 1 + (int32_t)random_below(random, round->shape.batch);
        int32_t outcome = (int32_t)random_below(random, SHM_RING_OUTCOMES);
        int32_t timeout_ms = one_in(random, 2) ? -1 : (int32_t)random_below(random, 20);
        int32_t taken = shm_ring_take(ring, most, outcome, timeout_ms, &first);
        if (is_doomed(worker)) return DEAD;
        if (taken == SHM_RING_TIMED_OUT) continue;
        if (taken == SHM_RING_ENDED) return FINISHED;
        CHECK(taken > 0 && taken <= most, "take() gave %d", taken);
        if (first & SHM_RING_REDELIVERED) {
            CHECK(taken == 1, "%d events at once were delivered again", taken);
            atomic_fetch_add(&round->redelivered, 1);
        }
        look_at_events(worker, first, taken, 1);
        rest(worker, random);
        if (dies(worker, random)) return DEAD;
        if (happens(worker, random, round->shape.leave_chance)) return LEFT;
        look_at_events(worker, first, taken, 0); /* still the same */
        if (one_in(random, 4)) {
            CHECK(shm_ring_release(ring, outcome) == taken, "release() gave another number than take()");
            if (dies(worker, random)) return DEAD;
        }
    }
}

static int observe_events(struct worker *worker, uint64_t *random)
{
    struct shm_ring *ring = worker->ring;
    char copy[SHM_RING_SLOT_HEADER_BYTES + RECORD_BYTES];
    for (;;) {
        int32_t result = shm_ring_observe(ring, copy, one_in(random, 2) ? -1 : (int32_t)random_below(random, 5));
        if (result == SHM_RING_ENDED) return FINISHED;
        if (result == SHM_RING_TIMED_OUT) continue;
        CHECK(result == 0, "observe() gave %d", result);
        check_stamps(copy + SHM_RING_SLOT_HEADER_BYTES, (uint64_t)((struct shm_ring_slot_header *)copy)->counter, "an observer");
        atomic_fetch_add_explicit(&worker->round->observations, 1, memory_order_relaxed);
        rest(worker, random);
    }
}

/* The worker's life; returns its last state. */
static int work(struct worker *worker)
{
    uint64_t random = worker->seed;
    int has_role = worker->kind != OBSERVER;
    if (has_role) CHECK(shm_ring_take_role(worker->ring, worker->row) == 0, "cannot sign on as owner %d", worker->row);
    int state = worker->kind == WRITER   ? write_events(worker, &random)
                : worker->kind == READER ? read_events(worker, &random)
                                         : observe_events(worker, &random);
    if (state != DEAD && has_role) shm_ring_sign_off(worker->ring);
    return state;
}

static void *work_in_thread(void *argument)
{
    struct worker *worker = argument;
    atomic_store(&worker->state, work(worker));
    return NULL;
}

static void work_in_child(struct worker *worker)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int32_t error = 0;
    struct worker mine = *worker; /* the parent looks at the shared one */
    mine.ring = shm_ring_attach(current_segment, &error);
    CHECK(mine.ring, "cannot attach: %d", error);
    atomic_store(&worker->state, work(&mine));
    _exit(0);
}

/* `is_another`: a writer in place of one that died, beyond those that the ring was created for. */
static void start(struct shm_ring *ring, struct worker *worker, uint64_t seed, int is_another)
{
    int role = worker->kind == WRITER ? SHM_RING_WRITER : SHM_RING_READER;
    worker->row = worker->kind == OBSERVER ? -1
                  : is_another             ? shm_ring_add_writer(ring)
                                           : shm_ring_reserve(ring, role, (int32_t)worker->group);
    CHECK(worker->kind == OBSERVER || worker->row >= 0, "cannot reserve an owner row: %d", worker->row);
    worker->seed = seed;
    atomic_store(&worker->state, RUNNING);
    if (in_processes) {
        pid_t child = fork();
        CHECK(child >= 0, "cannot fork");
        if (child == 0) work_in_child(worker);
        worker->pid = child; /* shared memory: only the parent writes it */
        return;
    }
    worker->ring = share_mapping(ring);
    CHECK(pthread_create(&worker->thread, NULL, work_in_thread, worker) == 0, "cannot make a thread");
}

static void finish(struct worker *worker)
{
    if (in_processes) {
        int status = 0;
        CHECK(waitpid(worker->pid, &status, 0) == worker->pid, "a child is missing");
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a child ended with status %d", status);
        worker->pid = 0;
        return;
    }
    pthread_join(worker->thread, NULL);
    free(worker->ring);
}

/* Recovers in a child that may itself be killed, then for good. */
static void recover_twice(struct shm_ring *ring, struct book *book, int row, uint64_t *random)
{
    book_death(ring, book, row);
    if (in_processes && one_in(random, 2)) {
        pid_t child = fork();
        CHECK(child >= 0, "cannot fork");
        if (child == 0) {
            shm_ring_recover(ring, row, NULL);
            _exit(0);
        }
        if (one_in(random, 2)) usleep(random_below(random, 400));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    CHECK(shm_ring_recover(ring, row, NULL) >= 0, "cannot recover owner %d", row);
}

static void kill_one(struct shm_ring *ring, struct worker *workers, uint32_t count, uint64_t *random, uint64_t *kills)
{
    struct worker *worker = &workers[random_below(random, count)];
    if (worker->pid == 0 || atomic_load(&worker->state) != RUNNING) return;
    kill(worker->pid, SIGKILL);
    int status = 0;
    waitpid(worker->pid, &status, 0);
    CHECK(WIFEXITED(status) || WTERMSIG(status) == SIGKILL, "a child ended with status %d", status);
    if (WIFEXITED(status)) { /* was quicker */
        CHECK(WEXITSTATUS(status) == 0, "a child ended with status %d", status);
        worker->pid = 0;
        return;
    }
    (*kills)++;
    worker->pid = 0;
    if (worker->kind != OBSERVER) recover_twice(ring, &worker->round->book, worker->row, random);
    atomic_store(&worker->state, DEAD);
}

static struct shape random_shape(uint64_t *random)
{
    static const uint32_t SLOTS[] = { 1, 2, 3, 4, 5, 7, 16, 100 };
    struct shape shape = {
        .slots = SLOTS[random_below(random, 8)],
        .groups = random_below(random, 8) % 3,
        .writers = 1 + random_below(random, 2),
        .readers = 1 + random_below(random, 3),
        .observers = random_below(random, 3),
        .batch = one_in(random, 2) ? 1 : 1 + random_below(random, 6),
        .abort_chance = one_in(random, 2) ? 0 : 2 + random_below(random, 20),
        .leave_chance = one_in(random, 2) ? 0 : 2 + random_below(random, 200),
        .death_chance = one_in(random, 2) ? 0 : 10 + random_below(random, 400),
        .rest_chance = random_below(random, 30),
    };
    shape.ids = one_in(random, 3) ? 1 + random_below(random, 3) : 1 + random_below(random, 20000);
    if (one_in(random, 4)) {
        shape.limit = shape.ids;
        shape.ids = MOST_IDS;
    }
    if (only_ends) {
        shape.limit = one_in(random, 2) ? 1 + random_below(random, 3) : 0;
        shape.ids = shape.limit ? MOST_IDS : 1 + random_below(random, 3);
        shape.abort_chance = one_in(random, 2) ? 0 : 2 + random_below(random, 4);
        shape.leave_chance = one_in(random, 2) ? 0 : 2 + random_below(random, 4);
        shape.death_chance = shape.rest_chance = 0;
        shape.closes_early = one_in(random, 3);
    }
    shape.is_abandoned = !only_ends && one_in(random, 6);
    if (in_processes) {
        shape.ids = MOST_IDS;
        shape.limit = 0;
        shape.death_chance = 0;
        shape.rest_chance = 1 + random_below(random, 6);
        shape.leave_chance = one_in(random, 2) ? 0 : 2000;
    }
    return shape;
}

static void dump(struct shm_ring *ring)
{
    struct shm_ring_header *header = ring->header;
    fprintf(stderr, "head %llu closing %u ended %u\n", (unsigned long long)header->head, header->closing, header->ended);
    for (uint64_t slot = 0; slot < ring->slots && slot < 16; slot++) {
        fprintf(stderr, "slot %2d state %llx groups", (int)slot, (unsigned long long)ring->states[slot]);
        for (uint32_t group = 0; group < header->groups; group++) {
            fprintf(stderr, " %llx", (unsigned long long)words_of_group(ring, group)[slot]);
        }
        fputc('\n', stderr);
    }
    for (uint32_t group = 0; group < header->groups; group++) {
        fprintf(stderr, "group %u cursor %llu handed back %llu searched %llu\n", group,
                (unsigned long long)header->group[group].cursor, (unsigned long long)header->group[group].handed_back,
                (unsigned long long)header->group[group].searched);
    }
    for (uint32_t row = 0; row < header->owners; row++) {
        if (ring->owners[row].state == SHM_RING_ROW_GONE) continue;
        fprintf(stderr, "owner %u role %u state %u\n", row, ring->owners[row].role, ring->owners[row].state);
    }
}

struct totals {
    uint64_t rounds, events, deaths, redelivered, observations;
};

static void clear_book(struct book *book, uint64_t ids)
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
    book->ids = ids;
}

/* Joins or reaps who has ended; recovers who died; replaces who is still needed. Returns 1 while the worker runs. */
static int tend(struct shm_ring *ring, struct worker *worker, uint64_t *random, uint64_t *deaths)
{
    int state = atomic_load(&worker->state), is_here = in_processes ? worker->pid != 0 : worker->ring != NULL;
    if (state == RUNNING) return 1;
    if (is_here) finish(worker);
    worker->ring = NULL;
    int is_needed = state == LEFT || (state == DEAD && worker->kind == READER) ||
                    (state == DEAD && worker->kind == WRITER && !atomic_load(&worker->round->stop));
    if (is_doomed(worker)) is_needed = 0;
    int old_row = worker->row, is_dead = is_here && state == DEAD;
    /* Before the dead one is recovered, so that the ring does not end in between; unless it closes itself. */
    int is_another = is_needed && is_dead && worker->kind == WRITER && !in_processes;
    if (is_another) start(ring, worker, random_next(random), 1);
    if (is_dead) {
        (*deaths)++;
        if (worker->kind != OBSERVER) recover_twice(ring, &worker->round->book, old_row, random);
    }
    if (is_needed && !is_another) start(ring, worker, random_next(random), 0);
    return is_needed;
}

static uint32_t start_all(struct shm_ring *ring, struct round *round, uint64_t *random)
{
    struct shape *shape = &round->shape;
    uint32_t count = 0, readers = shape->readers * shape->groups;
    for (uint32_t i = 0; i < shape->writers + readers + shape->observers; i++) {
        struct worker *worker = &round->worker[count++];
        worker->round = round;
        worker->kind = i < shape->writers ? WRITER : i < shape->writers + readers ? READER : OBSERVER;
        worker->stays = i == 0;
        worker->group = worker->kind == READER ? i % shape->groups : 0;
        start(ring, worker, random_next(random), 0);
    }
    return count;
}

/* What a control looks at while the others work. */
static void look_at_owners(struct shm_ring *ring)
{
    double held[2 * SHM_RING_MAX_OWNERS];
    int32_t rows = shm_ring_held_events(ring, held);
    for (int32_t row = 0; row < rows; row++) {
        CHECK(held[2 * row] == -1 || (held[2 * row] >= 0 && held[2 * row + 1] >= 0), "owner %d holds sequence %g with counter %g",
              row, held[2 * row], held[2 * row + 1]);
    }
}

/* Lets everybody die. Returns how many have. */
static uint64_t doom_all(struct shm_ring *ring, struct round *round, uint32_t count)
{
    uint64_t deaths = 0;
    atomic_store(&round->doomed, 1);
    if (!in_processes) shm_ring_set_aborted(ring); /* threads have to come out of their calls */
    for (uint32_t i = 0; in_processes && i < count; i++) {
        struct worker *worker = &round->worker[i];
        if (worker->pid == 0) continue;
        kill(worker->pid, SIGKILL);
        CHECK(waitpid(worker->pid, NULL, 0) == worker->pid, "a child is missing");
        worker->pid = 0;
        atomic_store(&worker->state, DEAD);
        deaths++;
    }
    return deaths;
}

static void run_round(struct round *round, uint64_t *random, uint64_t kills_wanted, struct totals *totals)
{
    struct shape shape = round->shape = random_shape(random);
    /* Who is killed may have signed off already, so that the ring cannot be told of another one: it is closed instead. */
    int closes = in_processes;
    struct shm_ring_spec spec = { .slots = shape.slots, .limit = shape.limit, .writers = closes ? 512 : shape.writers };
    struct shm_ring *ring = new_ring(spec, shape.groups);
    clear_book(&round->book, shape.ids);
    atomic_store(&round->stop, 0);
    atomic_store(&round->calm, 0);
    atomic_store(&round->doomed, 0);
    uint32_t count = start_all(ring, round, random), running = 1;
    if (shape.closes_early) {
        for (uint32_t spins = random_below(random, 2000); spins > 0; spins--) cpu_relax();
        shm_ring_set_closing(ring);
    }
    uint64_t deaths = 0;
    int64_t deadline = clock_ns() + ROUND_SECONDS * 1000000000LL;
    while (running > 0) {
        if (clock_ns() > deadline) {
            dump(ring);
            FAIL("a round of %d slots, %u writers, %u groups of %u readers does not end (event %llu)", (int)shape.slots,
                 shape.writers, shape.groups, shape.readers, (unsigned long long)round->book.next_id);
        }
        if (only_ends) sched_yield();
        else usleep(in_processes ? random_below(random, 2500) : 100);
        if (atomic_load(&ring->header->owners) > MOST_ROWS) atomic_store(&round->calm, 1);
        if (in_processes && deaths < kills_wanted && !round->calm) kill_one(ring, round->worker, count, random, &deaths);
        else if (in_processes) atomic_store(&round->stop, 1);
        uint32_t writers = 0;
        running = 0;
        for (uint32_t i = 0; i < count; i++) {
            int is_running = tend(ring, &round->worker[i], random, &deaths);
            running += (uint32_t)is_running;
            writers += is_running && round->worker[i].kind == WRITER;
        }
        if (closes && writers == 0) shm_ring_set_closing(ring);
        look_at_owners(ring);
        if (shape.is_abandoned && (one_in(random, 30) || round->calm)) deaths += doom_all(ring, round, count);
    }
    if (round->doomed) {
        int32_t error;
        shm_ring_close(ring);
        ring = shm_ring_attach(current_segment, &error);
        CHECK(ring, "cannot open the ring of the dead: %d", error);
        recover_all(ring, &round->book);
    }
    uint64_t published = check_books(ring, &round->book, !round->doomed);
    CHECK(!shape.limit || shape.closes_early || round->doomed || published == shape.limit, "%llu events published under a limit of %llu",
          (unsigned long long)published, (unsigned long long)shape.limit);
    totals->events += published;
    totals->rounds++;
    totals->deaths += deaths;
    remove_ring(ring);
}

static void on_alarm(int signal)
{
    (void)signal;
    static const char MESSAGE[] = "shm_ring stress: the watchdog ends the program\n";
    if (write(STDERR_FILENO, MESSAGE, sizeof MESSAGE - 1) < 0) _exit(4);
    shm_unlink(current_segment);
    _exit(3);
}

int main(int count, char **arguments)
{
    CHECK(count >= 4, "usage: shm_ring_stress threads|ends|processes SECONDS SEED [KILLS]");
    in_processes = strcmp(arguments[1], "processes") == 0;
    only_ends = strcmp(arguments[1], "ends") == 0;
    double seconds = atof(arguments[2]);
    uint64_t seed = strtoull(arguments[3], NULL, 10), kills = count > 4 ? strtoull(arguments[4], NULL, 10) : 0;
    uint64_t random = random_seed(seed, 0);
    signal(SIGALRM, on_alarm);
    alarm((unsigned)seconds + 120);

    struct round *round =
        mmap(NULL, sizeof *round + BOOK_TABLES * MOST_IDS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(round != MAP_FAILED, "no memory");
    open_book(&round->book, (_Atomic uint8_t *)(round + 1), MOST_IDS);
    struct totals totals = { 0 };
    int64_t end = clock_ns() + (int64_t)(seconds * 1e9);
    while (clock_ns() < end || totals.deaths < kills) {
        run_round(round, &random, 10 + random_below(&random, 70), &totals);
    }
    printf("%llu rounds, %llu events, %llu deaths, %llu delivered again, %llu observations\n",
           (unsigned long long)totals.rounds, (unsigned long long)totals.events, (unsigned long long)totals.deaths,
           (unsigned long long)round->redelivered, (unsigned long long)round->observations);
    return 0;
}

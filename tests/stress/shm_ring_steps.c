/*
 * Every step of the shared-memory ring: a child does one call, step by step. After each number of steps it is either killed
 * and recovered, or stopped while others go on, and then let go.
 *
 *   shm_ring_steps [STRIDE [OFFSET]]
 *
 * A step is an instruction (ptrace). Compiled with -DKILL_POINTS and linked as tests/fault/kill_points.h says, it is what
 * lies between two stores to shared memory, for which nothing need be traced. STRIDE 1, the default, stops at every step; 5
 * at every fifth from OFFSET on. Ends with 77 where processes may not be traced. The handles of all parties lie in shared
 * memory, so that the parent knows what the child holds.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "shm_ring_stress.h"
#ifdef KILL_POINTS
#include "kill_points.h"
#endif

#define SKIPPED 77
#ifndef SECONDS
#define SECONDS 600
#endif
#define MOST_IDS 64

/* Who takes part: two writers, two readers of group 0, one of group 1, and whoever stands beside. */
enum { WRITER_A, WRITER_B, READER_A, READER_B, READER_C, CONTROL, PARTIES };

struct cast {
    struct shm_ring party[PARTIES]; /* handles */
    int32_t row[PARTIES];
    struct book book;
    _Atomic uint8_t tables[BOOK_TABLES * MOST_IDS];
    int32_t result, first;
    int32_t ended; /* a reader of group 0 got the end */
    char copy[SHM_RING_SLOT_HEADER_BYTES + RECORD_BYTES];
};

struct scenario {
    const char *name;
    uint64_t slots, limit;
    int actor;                               /* is recovered after its death; CONTROL: nobody is */
    void (*prepare)(struct cast *cast);      /* before the child is made */
    void (*act)(struct cast *cast);          /* in the child, step by step */
    void (*meanwhile)(struct cast *cast);    /* while the child is stopped; NULL: it is killed instead */
    void (*afterwards)(struct cast *cast);   /* when the child has ended; may be NULL */
};

static struct shm_ring *ring_of(struct cast *cast, int party) { return &cast->party[party]; }

static void sign_on(struct cast *cast, int party)
{
    if (ring_of(cast, party)->row >= 0 || cast->party[party].held_first == UINT64_MAX) return;
    CHECK(shm_ring_take_role(ring_of(cast, party), cast->row[party]) == 0, "party %d cannot sign on", party);
}

/* Signs off; the handle is not used again. */
static void leave(struct cast *cast, int party)
{
    struct shm_ring *ring = ring_of(cast, party);
    if (ring->row >= 0) shm_ring_sign_off(ring);
    ring->held_first = UINT64_MAX;
}

static int32_t claim(struct cast *cast, int party, int32_t most)
{
    struct shm_ring *ring = ring_of(cast, party);
    int32_t first, claimed = shm_ring_claim(ring, most, 0, &first);
    uint64_t slot = (uint64_t)first;
    for (int32_t i = 0; i < claimed; i++, slot = next_slot_of(ring, slot)) {
        uint64_t id = atomic_fetch_add(&cast->book.next_id, 1);
        slot_header(ring, slot)->counter = (int64_t)id;
        write_stamps(slot_header(ring, slot) + 1, id);
    }
    return claimed;
}

static void publish(struct cast *cast, int party, int32_t most)
{
    CHECK(claim(cast, party, most) == most, "party %d cannot claim %d slots", party, most);
    CHECK(shm_ring_publish(ring_of(cast, party)) == most, "party %d cannot publish", party);
}

static void note(struct cast *cast, int party, int32_t taken, int32_t first)
{
    struct shm_ring *ring = ring_of(cast, party);
    uint64_t slot = (uint64_t)(first & ~SHM_RING_REDELIVERED);
    for (int32_t i = 0; i < taken; i++, slot = next_slot_of(ring, slot)) {
        uint64_t id = (uint64_t)slot_header(ring, slot)->counter;
        book_delivery(&cast->book, ring->group, id, first & SHM_RING_REDELIVERED);
        check_stamps(slot_header(ring, slot) + 1, id, "a reader");
    }
    if (taken == SHM_RING_ENDED && ring->group == 0) cast->ended = 1;
}

static int32_t take(struct cast *cast, int party, int32_t most, int32_t outcome)
{
    int32_t first = 0, taken = shm_ring_take(ring_of(cast, party), most, outcome, 0, &first);
    note(cast, party, taken, first);
    return taken;
}

/* Everybody finishes: more events come, everything is read, all sign off, and the books must close. */
static void settle(struct cast *cast, const struct scenario *scenario, const char *where, int step)
{
    struct shm_ring *control = ring_of(cast, CONTROL);
    struct shm_ring *writer_a = ring_of(cast, WRITER_A), *writer_b = ring_of(cast, WRITER_B);
    leave(cast, READER_A); /* hands back what it has */
    if (writer_a->row >= 0) shm_ring_publish(writer_a);
    leave(cast, WRITER_A);
    if (writer_b->row >= 0 && !writer_b->held && !scenario->limit && !control->header->paused) {
        for (int tries = 0; claim(cast, WRITER_B, 1) == SHM_RING_TIMED_OUT; tries++) {
            CHECK(tries < 10, "%s, %s step %d: the ring stays full", scenario->name, where, step);
            take(cast, READER_B, 1, SHM_RING_PROCESSED);
            take(cast, READER_C, 1, SHM_RING_PROCESSED);
        }
    }
    if (writer_b->row >= 0) shm_ring_publish(writer_b);
    leave(cast, WRITER_B);
    shm_ring_pause(control, 0);
    shm_ring_set_closing(control);
    int is_drained = !control->header->aborted;
    for (int reader = READER_B; reader <= READER_C; reader++) {
        if (ring_of(cast, reader)->row < 0) continue;
        int32_t taken;
        while ((taken = take(cast, reader, 2, SHM_RING_REJECTED)) > 0) {
        }
        CHECK(taken == SHM_RING_ENDED, "%s, %s step %d: reader %d gets %d instead of the end", scenario->name, where, step,
              reader, taken);
        leave(cast, reader);
    }
    for (int party = 0; party < CONTROL; party++) shm_ring_recover(control, cast->row[party], NULL); /* again: no difference */
    recover_all(control, &cast->book);
    check_books(control, &cast->book, is_drained);
}

/* ---- what may be done ---- */

static void act_claim(struct cast *cast) { cast->result = claim(cast, WRITER_A, 1); }
static void act_claim_batch(struct cast *cast) { cast->result = claim(cast, WRITER_A, 3); }
static void act_publish(struct cast *cast) { cast->result = shm_ring_publish(ring_of(cast, WRITER_A)); }
static void act_abort(struct cast *cast) { cast->result = shm_ring_abort(ring_of(cast, WRITER_A)); }
static void act_take(struct cast *cast) { cast->result = take(cast, READER_A, 1, SHM_RING_PROCESSED); }
static void act_take_batch(struct cast *cast) { cast->result = take(cast, READER_A, 3, SHM_RING_FAILED); }
static void act_release(struct cast *cast)
{
    cast->result = shm_ring_release(ring_of(cast, READER_A), SHM_RING_DOUBLE);
}
static void act_writer_leaves(struct cast *cast) { cast->result = shm_ring_sign_off(ring_of(cast, WRITER_A)); }
static void act_reader_leaves(struct cast *cast) { cast->result = shm_ring_sign_off(ring_of(cast, READER_A)); }
static void act_writer_signs_on(struct cast *cast)
{
    cast->result = shm_ring_take_role(ring_of(cast, WRITER_A), cast->row[WRITER_A]);
    if (cast->result == 0) cast->result = claim(cast, WRITER_A, 1);
}
static void act_recover_writer(struct cast *cast)
{
    cast->result = shm_ring_recover(ring_of(cast, CONTROL), cast->row[WRITER_A], NULL);
}
static void act_recover_reader(struct cast *cast)
{
    cast->result = shm_ring_recover(ring_of(cast, CONTROL), cast->row[READER_A], NULL);
}
static void act_next_slot(struct cast *cast)
{
    cast->result = shm_ring_next_slot(ring_of(cast, WRITER_A), 0);
    if (cast->result < 0) return;
    struct shm_ring_slot_header *header = slot_header(ring_of(cast, WRITER_A), (uint64_t)cast->result);
    header->counter = (int64_t)atomic_fetch_add(&cast->book.next_id, 1);
    write_stamps(header + 1, (uint64_t)header->counter);
}
static void act_claim_waiting(struct cast *cast)
{
    cast->result = shm_ring_claim(ring_of(cast, WRITER_A), 1, 1, &cast->first);
}
static void act_take_waiting(struct cast *cast)
{
    cast->result = shm_ring_take(ring_of(cast, READER_A), 1, SHM_RING_PROCESSED, 1, &cast->first);
    note(cast, READER_A, cast->result, cast->first);
}
static void act_wait_paused(struct cast *cast) { cast->result = shm_ring_wait_paused(ring_of(cast, WRITER_A), 1); }
static void act_pause(struct cast *cast) { cast->result = shm_ring_pause(ring_of(cast, CONTROL), 1); }
static void act_resume(struct cast *cast) { cast->result = shm_ring_pause(ring_of(cast, CONTROL), 0); }
static void act_shut_down(struct cast *cast) { cast->result = shm_ring_set_aborted(ring_of(cast, CONTROL)); }
static void act_detach(struct cast *cast) { cast->result = shm_ring_detach_group(ring_of(cast, CONTROL), 1); }
static void act_reserve(struct cast *cast)
{
    cast->result = shm_ring_reserve(ring_of(cast, CONTROL), SHM_RING_READER, 0);
}
static void act_add_writer(struct cast *cast) { cast->result = shm_ring_add_writer(ring_of(cast, CONTROL)); }
static void act_observe_waiting(struct cast *cast)
{
    cast->result = shm_ring_observe(ring_of(cast, CONTROL), cast->copy, 1);
}
static void act_held_events(struct cast *cast)
{
    static double held[2 * SHM_RING_MAX_OWNERS];
    int32_t row = cast->row[READER_B];
    cast->result = shm_ring_held_events(ring_of(cast, CONTROL), held);
    memcpy(cast->copy, &held[2 * row], 2 * sizeof *held);
}
static void act_close(struct cast *cast) { cast->result = shm_ring_set_closing(ring_of(cast, CONTROL)); }
static void act_observe(struct cast *cast) { cast->result = shm_ring_observe(ring_of(cast, CONTROL), cast->copy, 0); }
static void act_status(struct cast *cast)
{
    shm_ring_status(ring_of(cast, CONTROL), (struct shm_ring_counts *)cast->copy);
}

/* ---- how things stood before ---- */

static void all_sign_on(struct cast *cast)
{
    for (int party = 0; party < CONTROL; party++) sign_on(cast, party);
}
static void read_all(struct cast *cast)
{
    for (int reader = READER_A; reader <= READER_C; reader++) {
        while (take(cast, reader, 3, SHM_RING_PROCESSED) > 0) {
        }
    }
}
static void some_laps(struct cast *cast) /* so that batches wrap, and words are of several laps */
{
    all_sign_on(cast);
    for (int i = 0; i < 4; i++) {
        publish(cast, WRITER_B, 1);
        read_all(cast);
    }
}
static void one_claimed(struct cast *cast)
{
    some_laps(cast);
    CHECK(claim(cast, WRITER_A, 1) == 1, "cannot claim");
}
static void batch_claimed(struct cast *cast)
{
    some_laps(cast);
    CHECK(claim(cast, WRITER_A, 3) == 3, "cannot claim");
}
static void three_published(struct cast *cast)
{
    some_laps(cast);
    publish(cast, WRITER_B, 3);
}
static void batch_held(struct cast *cast)
{
    three_published(cast);
    CHECK(take(cast, READER_A, 3, 0) == 3, "cannot take");
}
static void one_held(struct cast *cast)
{
    three_published(cast);
    CHECK(take(cast, READER_A, 1, 0) == 1, "cannot take");
}
/* Reader B signs off with what it holds, and comes back as another owner. */
static void hand_back_all(struct cast *cast)
{
    struct shm_ring *control = ring_of(cast, CONTROL), *reader = ring_of(cast, READER_B);
    shm_ring_sign_off(reader);
    cast->row[READER_B] = shm_ring_reserve(control, SHM_RING_READER, 0);
    *reader = *control;
    sign_on(cast, READER_B);
}
/* Reader A holds an event that reader B has died with; B has come back as another owner. */
static void held_after_a_death(struct cast *cast)
{
    struct shm_ring *control = ring_of(cast, CONTROL), *reader = ring_of(cast, READER_B);
    three_published(cast);
    CHECK(take(cast, READER_B, 1, 0) == 1, "cannot take");
    book_death(control, &cast->book, cast->row[READER_B]);
    CHECK(shm_ring_recover(control, cast->row[READER_B], NULL) == 1, "nothing was handed back");
    cast->row[READER_B] = shm_ring_reserve(control, SHM_RING_READER, 0);
    *reader = *control;
    sign_on(cast, READER_B);
    CHECK(take(cast, READER_A, 1, 0) == 1, "cannot take");
}
static void held_at_the_end(struct cast *cast)
{
    batch_held(cast);
    leave(cast, WRITER_A);
    leave(cast, WRITER_B);
}
static void ring_full(struct cast *cast)
{
    three_published(cast);
    CHECK(claim(cast, WRITER_A, 1) == SHM_RING_TIMED_OUT, "the ring is not full");
}
static void paused(struct cast *cast)
{
    some_laps(cast);
    shm_ring_pause(ring_of(cast, CONTROL), 1);
}
static void group_without_readers(struct cast *cast)
{
    three_published(cast);
    leave(cast, READER_C);
}
static void held_by_b(struct cast *cast)
{
    three_published(cast);
    CHECK(take(cast, READER_B, 2, 0) == 2, "cannot take");
}
static void handed_back(struct cast *cast)
{
    three_published(cast);
    CHECK(take(cast, READER_B, 2, 0) == 2, "cannot take");
    hand_back_all(cast);
}
/* Events in slots 0 to 2 of 4, of which only the last is still to be read, and was handed back. */
static void last_handed_back(struct cast *cast)
{
    three_published(cast);
    CHECK(take(cast, READER_B, 2, 0) == 2 && take(cast, READER_B, 1, 0) == 1, "cannot take");
    hand_back_all(cast);
}
static void nothing(struct cast *cast) { (void)cast; }
static void limit_nearly_reached(struct cast *cast)
{
    all_sign_on(cast);
    publish(cast, WRITER_B, 1);
    CHECK(claim(cast, WRITER_A, 1) == 1, "cannot claim");
}
static void limit_nearly_reached_by_b(struct cast *cast)
{
    all_sign_on(cast);
    publish(cast, WRITER_A, 1);
    CHECK(claim(cast, WRITER_B, 1) == 1, "cannot claim");
}
static void a_reserved(struct cast *cast)
{
    for (int party = WRITER_B; party < CONTROL; party++) sign_on(cast, party);
    leave(cast, WRITER_B);
}
static void only_a_left(struct cast *cast)
{
    all_sign_on(cast);
    leave(cast, WRITER_B);
}
static void after_the_end(struct cast *cast)
{
    all_sign_on(cast);
    leave(cast, WRITER_A);
    leave(cast, WRITER_B);
}
static void empty_before_the_last(struct cast *cast)
{
    all_sign_on(cast);
    leave(cast, WRITER_A);
}

/* ---- what others do while it stands still ---- */

static void write_and_leave(struct cast *cast)
{
    publish(cast, WRITER_B, 1);
    leave(cast, WRITER_B);
}
static void claim_at_limit(struct cast *cast)
{
    int32_t claimed = claim(cast, WRITER_B, 1);
    CHECK(claimed != SHM_RING_ENDED, "a writer got the end although a ticket was coming back");
    if (claimed == 1) shm_ring_publish(ring_of(cast, WRITER_B));
}
static void limit_is_reached(struct cast *cast)
{
    struct shm_ring_counts counts;
    leave(cast, WRITER_A);
    shm_ring_status(ring_of(cast, CONTROL), &counts);
    if (counts.published == 1) claim_at_limit(cast);
    shm_ring_status(ring_of(cast, CONTROL), &counts);
    CHECK(counts.published == 2, "%g events published under a limit of 2", counts.published);
    CHECK(claim(cast, WRITER_B, 1) == SHM_RING_ENDED, "a writer does not get the end at the limit");
}
static void limit_is_reached_by_a(struct cast *cast)
{
    leave(cast, WRITER_B);
    CHECK(cast->result != SHM_RING_ENDED, "a writer got the end although a ticket was coming back");
    if (cast->result != 1) CHECK(claim(cast, WRITER_A, 1) == 1, "the last ticket is lost");
    shm_ring_publish(ring_of(cast, WRITER_A));
}
static void abort_and_leave(struct cast *cast) { leave(cast, WRITER_B); }
static void take_and_hand_back(struct cast *cast)
{
    if (take(cast, READER_B, 2, 0) > 0) hand_back_all(cast);
}
static void lap(struct cast *cast)
{
    for (int i = 0; i < 7; i++) {
        if (claim(cast, WRITER_B, 1) == 1) shm_ring_publish(ring_of(cast, WRITER_B));
        take(cast, READER_B, 1, SHM_RING_PROCESSED);
        take(cast, READER_C, 1, SHM_RING_PROCESSED);
    }
}
/* The event in the last slot is read, and one in the first slot is handed back: as often as before, but another one. */
static void hand_back_in_first_slot(struct cast *cast)
{
    struct shm_ring *writer = ring_of(cast, WRITER_B), *reader = ring_of(cast, READER_B);
    while (take(cast, READER_B, 1, 0) > 0) {
    }
    while (take(cast, READER_C, 1, 0) > 0) {
    }
    for (int i = 0; i < 2 && claim(cast, WRITER_B, 1) == 1; i++) shm_ring_publish(writer);
    while (take(cast, READER_B, 1, 0) > 0 && slot_of(reader, reader->held_first) != 0) {
    }
    if (reader->held) hand_back_all(cast);
}
static void sign_on_and_claim(struct cast *cast)
{
    sign_on(cast, WRITER_A);
    claim(cast, WRITER_A, 1);
    take(cast, READER_A, 1, 0);
}
static void sign_on_and_close(struct cast *cast)
{
    sign_on(cast, WRITER_A);
    claim(cast, WRITER_A, 1);
    shm_ring_set_closing(ring_of(cast, CONTROL));
}
static void both_leave(struct cast *cast)
{
    leave(cast, WRITER_A);
    leave(cast, WRITER_B);
}
static void add_another(struct cast *cast) { cast->first = shm_ring_add_writer(ring_of(cast, CONTROL)); }
static void close_and_look(struct cast *cast)
{
    shm_ring_set_closing(ring_of(cast, CONTROL));
    take(cast, READER_A, 1, 0);
}
static void claim_and_abort(struct cast *cast)
{
    for (int i = 0; i < 3; i++) {
        CHECK(claim(cast, WRITER_A, 1) == 1, "cannot claim");
        shm_ring_abort(ring_of(cast, WRITER_A));
    }
}

/* ---- what must hold then ---- */

/* A reader that got the end must have been right: nothing of its group may be open. */
static void end_is_the_end(struct cast *cast)
{
    struct shm_ring *control = ring_of(cast, CONTROL), *writer = ring_of(cast, WRITER_A);
    if (!cast->ended) return;
    CHECK(writer->row < 0 || writer->held == 0, "a reader got the end while a writer held a slot");
    for (uint64_t sequence = 0, head = true_head(control); sequence < head; sequence++) {
        uint64_t slot = slot_of(control, sequence);
        if (word_sequence(control->states[slot]) > sequence) continue;
        CHECK(word_sequence(words_of_group(control, 0)[slot]) == sequence &&
                  word_phase(words_of_group(control, 0)[slot]) != EVENT_AVAILABLE,
              "a reader got the end before event %llu", (unsigned long long)sequence);
    }
}
/* A writer is added before the end of the ring, and then it goes on, or after it, and then that is said. */
static void added_or_ended(struct cast *cast, int32_t row)
{
    struct shm_ring *control = ring_of(cast, CONTROL), *added = ring_of(cast, WRITER_A);
    both_leave(cast);
    if (row == SHM_RING_ENDED) {
        CHECK(control->header->ended, "a writer was refused although the ring goes on");
        return;
    }
    CHECK(row >= 0, "a writer was not added: %d", row);
    CHECK(!control->header->ended, "the ring has ended although a writer was added");
    cast->row[WRITER_A] = row;
    *added = *control;
    sign_on(cast, WRITER_A);
    publish(cast, WRITER_A, 1);
}
static void result_is_added_or_ended(struct cast *cast) { added_or_ended(cast, cast->result); }
static void other_is_added_or_ended(struct cast *cast) { added_or_ended(cast, cast->first); }
static void held_is_right(struct cast *cast)
{
    const double *held = (const double *)cast->copy;
    int is_open = held[0] < 0 || (held[0] >= 4 && held[1] == held[0]); /* in this play, ids are sequences */
    CHECK(is_open, "held_events() says that sequence %g with counter %g is held", held[0], held[1]);
}
static void event_is_given_up(struct cast *cast)
{
    struct shm_ring_owner_counts counts;
    shm_ring_owner_status(ring_of(cast, CONTROL), cast->row[READER_A], &counts);
    CHECK(counts.released[SHM_RING_FAILED] == 1, "%g events were given up instead of one", counts.released[SHM_RING_FAILED]);
}
static void copy_is_whole(struct cast *cast)
{
    if (cast->result != 0) return;
    check_stamps(cast->copy + SHM_RING_SLOT_HEADER_BYTES, (uint64_t)((struct shm_ring_slot_header *)cast->copy)->counter,
                 "an observer");
}
static void counts_are_sane(struct cast *cast)
{
    const struct shm_ring_counts *counts = (const struct shm_ring_counts *)cast->copy;
    CHECK(counts->published == 4 && counts->voided <= 3 && counts->filled <= 1, "status() says %g published, %g void, %g filled",
          counts->published, counts->voided, counts->filled);
}

static const struct scenario DEATHS[] = {
    { "claim", 3, 0, WRITER_A, some_laps, act_claim, NULL, NULL },
    { "claim of a batch", 3, 0, WRITER_A, some_laps, act_claim_batch, NULL, NULL },
    { "claim in a ring of one slot", 1, 0, WRITER_A, some_laps, act_claim, NULL, NULL },
    { "publish", 3, 0, WRITER_A, one_claimed, act_publish, NULL, NULL },
    { "publish of a batch", 3, 0, WRITER_A, batch_claimed, act_publish, NULL, NULL },
    { "abort of a batch", 3, 0, WRITER_A, batch_claimed, act_abort, NULL, NULL },
    { "writer's sign-off", 3, 0, WRITER_A, batch_claimed, act_writer_leaves, NULL, NULL },
    { "writer's sign-on", 3, 0, WRITER_A, a_reserved, act_writer_signs_on, NULL, NULL },
    { "take", 3, 0, READER_A, three_published, act_take, NULL, NULL },
    { "take of a batch", 3, 0, READER_A, three_published, act_take_batch, NULL, NULL },
    { "take of an event handed back", 3, 0, READER_A, handed_back, act_take, NULL, NULL },
    { "release of a batch", 3, 0, READER_A, batch_held, act_release, NULL, NULL },
    { "release and take", 3, 0, READER_A, one_held, act_take, NULL, NULL },
    { "reader's sign-off", 3, 0, READER_A, batch_held, act_reader_leaves, NULL, NULL },
    { "recovery of a writer", 3, 0, WRITER_A, batch_claimed, act_recover_writer, NULL, NULL },
    { "recovery of a reader", 3, 0, READER_A, batch_held, act_recover_reader, NULL, NULL },
    { "recovery of a reader with one event", 3, 0, READER_A, one_held, act_recover_reader, NULL, NULL },
    { "release of an event with which a reader had died", 3, 0, READER_A, held_after_a_death, act_release, NULL, NULL },
    { "recovery of a reader with such an event", 3, 0, READER_A, held_after_a_death, act_recover_reader, NULL,
      event_is_given_up },
    { "release at the end", 3, 0, READER_A, held_at_the_end, act_release, NULL, NULL },
    { "sign-off of a reader with such an event", 3, 0, READER_A, held_after_a_death, act_reader_leaves, NULL, NULL },
    { "publish and claim in one", 3, 0, WRITER_A, one_claimed, act_next_slot, NULL, NULL },
    { "claim that waits", 3, 0, WRITER_A, ring_full, act_claim_waiting, NULL, NULL },
    { "claim that waits in a pause", 3, 0, WRITER_A, paused, act_claim_waiting, NULL, NULL },
    { "wait for the end of a pause", 3, 0, WRITER_A, paused, act_wait_paused, NULL, NULL },
    { "take that waits", 3, 0, READER_A, some_laps, act_take_waiting, NULL, NULL },
    { "observe", 3, 0, CONTROL, three_published, act_observe, NULL, NULL },
    { "observe that waits", 3, 0, CONTROL, all_sign_on, act_observe_waiting, NULL, NULL },
    { "pause", 3, 0, CONTROL, three_published, act_pause, NULL, NULL },
    { "resume", 3, 0, CONTROL, paused, act_resume, NULL, NULL },
    { "close", 3, 0, CONTROL, three_published, act_close, NULL, NULL },
    { "shut down", 3, 0, CONTROL, batch_held, act_shut_down, NULL, NULL },
    { "detach", 3, 0, CONTROL, group_without_readers, act_detach, NULL, act_detach },
    { "reserve", 3, 0, CONTROL, some_laps, act_reserve, NULL, NULL },
    { "addition of a writer", 3, 0, CONTROL, three_published, act_add_writer, NULL, NULL },
    { "addition of a writer after the end", 3, 0, CONTROL, after_the_end, act_add_writer, NULL, NULL },
    { "status", 3, 0, CONTROL, batch_held, act_status, NULL, NULL },
};

static const struct scenario PAUSES[] = {
    { "take while the only event comes and the writer leaves", 2, 0, READER_A, empty_before_the_last, act_take,
      write_and_leave, end_is_the_end },
    { "abort at the limit while another writer claims", 4, 2, WRITER_A, limit_nearly_reached, act_abort, claim_at_limit,
      limit_is_reached },
    { "writer's sign-off at the limit while another claims", 4, 2, WRITER_A, limit_nearly_reached, act_writer_leaves,
      claim_at_limit, limit_is_reached },
    { "claim at the limit while another writer aborts", 4, 2, WRITER_A, limit_nearly_reached_by_b, act_claim,
      abort_and_leave, limit_is_reached_by_a },
    { "take of a batch while its events are handed back", 3, 0, READER_A, three_published, act_take_batch,
      take_and_hand_back, NULL },
    { "take of an event handed back while others are", 3, 0, READER_A, handed_back, act_take, lap, NULL },
    { "search of an event handed back while another one is", 4, 0, READER_A, last_handed_back, act_take,
      hand_back_in_first_slot, NULL },
    { "take while the ring laps", 3, 0, READER_A, some_laps, act_take, lap, NULL },
    { "claim while the ring laps", 3, 0, WRITER_A, some_laps, act_claim, lap, NULL },
    { "observe while the ring laps", 3, 0, CONTROL, three_published, act_observe, lap, copy_is_whole },
    { "close while a writer signs on", 3, 0, CONTROL, a_reserved, act_close, sign_on_and_claim, end_is_the_end },
    { "writer's sign-on while the ring is closed", 3, 0, CONTROL, a_reserved, act_writer_signs_on, close_and_look,
      end_is_the_end },
    { "take while a writer signs on and the ring is closed", 3, 0, READER_A, a_reserved, act_take, sign_on_and_close,
      end_is_the_end },
    { "status while claims are aborted", 3, 0, CONTROL, some_laps, act_status, claim_and_abort, counts_are_sane },
    { "writer's sign-off while the ring is closed", 3, 0, CONTROL, only_a_left, act_writer_leaves, close_and_look,
      end_is_the_end },
    { "addition of a writer while the others leave", 3, 0, CONTROL, all_sign_on, act_add_writer, both_leave,
      result_is_added_or_ended },
    { "writer's sign-off, the last one, while another is added", 3, 0, CONTROL, only_a_left, act_writer_leaves, add_another,
      other_is_added_or_ended },
    { "look at what is held while the ring laps", 3, 0, CONTROL, held_by_b, act_held_events, lap, held_is_right },
    { "nothing while the ring laps", 1, 0, CONTROL, some_laps, nothing, lap, NULL },
};

/* ---- the play ---- */

static struct cast *new_cast(const struct scenario *scenario)
{
    static struct cast *cast;
    if (!cast) cast = mmap(NULL, sizeof *cast, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(cast != MAP_FAILED, "no memory");
    memset((void *)cast, 0, sizeof *cast);
    open_book(&cast->book, cast->tables, MOST_IDS);
    struct shm_ring_spec spec = { .slots = scenario->slots, .limit = scenario->limit, .writers = 2 };
    struct shm_ring *ring = new_ring(spec, 2);
    ring->processors = -1; /* no spinning */
    for (int party = 0; party < PARTIES; party++) {
        cast->party[party] = *ring;
        int role = party <= WRITER_B ? SHM_RING_WRITER : SHM_RING_READER;
        if (party < CONTROL) cast->row[party] = shm_ring_reserve(ring, role, party == READER_C);
    }
    free(ring); /* its mapping lives on in the handles */
    scenario->prepare(cast);
    return cast;
}

static void end_cast(struct cast *cast)
{
    struct shm_ring *control = ring_of(cast, CONTROL);
    shm_ring_unlink(current_segment);
    munmap(control->header, control->bytes);
}

#ifdef KILL_POINTS
/* Starts a child that acts, and is killed or stopped before its store number `steps`. */
static pid_t start_child(struct cast *cast, const struct scenario *scenario, int steps)
{
    pid_t child = fork();
    CHECK(child >= 0, "cannot fork");
    if (child > 0) return child;
    kill_points_role(scenario->actor);
    kill_points_arm_count((uint64_t)steps, scenario->meanwhile ? SIGSTOP : SIGKILL);
    scenario->act(cast);
    kill_points_disarm();
    _exit(0);
}

/* Waits until the child has been killed or stopped; true if it came to its end before. */
static int walk(pid_t child, int steps)
{
    int status = 0;
    (void)steps;
    CHECK(waitpid(child, &status, WUNTRACED) == child, "a child is missing");
    if (WIFEXITED(status)) CHECK(WEXITSTATUS(status) == 0, "the child ended with status %d", status);
    else CHECK(WIFSTOPPED(status) || WTERMSIG(status) == SIGKILL, "the child ended with status %d", status);
    return WIFEXITED(status);
}

static void let_go(pid_t child) { kill(child, SIGCONT); }
static void make_dead(pid_t child) { (void)child; } /* is dead */
#else
/* Starts the child, stopped just before it acts; 0 if it may not be traced. */
static pid_t start_child(struct cast *cast, const struct scenario *scenario, int steps)
{
    (void)steps;
    pid_t child = fork();
    CHECK(child >= 0, "cannot fork");
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) _exit(SKIPPED);
        raise(SIGSTOP);
        scenario->act(cast);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSTOPPED(status) ? child : 0;
}

/* True if the child has ended within this number of steps. */
static int walk(pid_t child, int steps)
{
    int status = 0;
    for (int step = 0; step < steps; step++) {
        if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) != 0) exit(SKIPPED);
        waitpid(child, &status, 0);
        if (WIFEXITED(status)) return 1;
        if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGCONT) continue; /* from the shell, perhaps */
        CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP, "the child was stopped with status %d", status);
    }
    return 0;
}

static void let_go(pid_t child) { ptrace(PTRACE_CONT, child, NULL, NULL); }
static void make_dead(pid_t child)
{
    int status;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
}
#endif

/* Plays a scenario with the child stopped after `steps` steps. Returns 0 once it gets to its end before that. */
static int play(const struct scenario *scenario, int steps)
{
    struct cast *cast = new_cast(scenario);
    struct shm_ring *control = ring_of(cast, CONTROL);
    if (scenario->act == act_recover_reader) book_death(control, &cast->book, cast->row[READER_A]);
    pid_t child = start_child(cast, scenario, steps);
    if (child == 0) {
        end_cast(cast);
        exit(SKIPPED);
    }
    int is_over = walk(child, steps), status = 0;
    const char *where = scenario->meanwhile ? "stopped at" : "killed at";
    if (scenario->meanwhile && !is_over) {
        scenario->meanwhile(cast);
        let_go(child);
        waitpid(child, &status, 0);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s, %s step %d: the child ended with status %d", scenario->name,
              where, steps, status);
    } else if (!is_over) {
        make_dead(child);
        if (ring_of(cast, READER_B)->row >= 0 && take(cast, READER_B, 1, SHM_RING_PROCESSED) == SHM_RING_ENDED) {
            CHECK(shm_ring_held_by_group(control, 0) == 0 || control->header->aborted,
                  "%s, killed at step %d: a reader gets the end while a dead one holds events", scenario->name, steps);
        }
        if (scenario->actor != CONTROL) {
            book_death(control, &cast->book, cast->row[scenario->actor]);
            CHECK(shm_ring_recover(control, cast->row[scenario->actor], NULL) >= 0, "cannot recover");
            ring_of(cast, scenario->actor)->row = -1;
            ring_of(cast, scenario->actor)->held_first = UINT64_MAX;
        }
    }
    if (!is_over) {
        if (scenario->afterwards) scenario->afterwards(cast);
        settle(cast, scenario, where, steps);
    }
    end_cast(cast);
    return !is_over;
}

#ifdef KILL_POINTS
/* Kills a program that makes a ring; what it leaves is either no ring or a whole one. Returns 0 if it came to its end. */
static int play_creation(int steps)
{
    remove_ring(new_ring((struct shm_ring_spec){ .slots = 2, .writers = 1 }, 0)); /* for a name */
    pid_t child = fork();
    CHECK(child >= 0, "cannot fork");
    if (child == 0) {
        int32_t error;
        struct shm_ring_spec spec = { .slots = 2, .writers = 1, .record_bytes = RECORD_BYTES };
        kill_points_role(CONTROL);
        kill_points_arm_count((uint64_t)steps, SIGKILL);
        struct shm_ring *ring = shm_ring_create(current_segment, "creation", "{}", "/run", &spec, &error);
        shm_ring_new_group(ring, "g");
        kill_points_disarm();
        _exit(0);
    }
    int is_over = walk(child, steps);
    int32_t error = 0;
    struct shm_ring *ring = shm_ring_attach(current_segment, &error);
    CHECK(ring || error == SHM_RING_NOT_A_RING, "a half made ring gives %d", error);
    CHECK(ring || !is_over, "a finished ring cannot be opened");
    if (ring) {
        double sequence = 0;
        uint32_t groups;
        CHECK(shm_ring_unfinished(ring, &sequence, &groups) == SHM_RING_ENDED, "a new ring is not empty");
        CHECK(shm_ring_reserve(ring, SHM_RING_WRITER, 0) == 0, "a new ring cannot be used");
        shm_ring_close(ring);
    }
    shm_ring_unlink(current_segment);
    return !is_over;
}
#endif

int main(int count, char **arguments)
{
    int stride = count > 1 ? atoi(arguments[1]) : 1, offset = count > 2 ? atoi(arguments[2]) : 0;
    CHECK(stride > 0 && offset >= 0, "usage: shm_ring_steps [STRIDE [OFFSET]]");
    uint64_t deaths = 0, pauses = 0;
    alarm(SECONDS);
#ifdef KILL_POINTS
    kill_points_begin();
    kill_points_role(PARTIES); /* the parent */
    for (int step = offset % stride; play_creation(step); step += stride) deaths++;
#endif
    for (size_t i = 0; i < sizeof DEATHS / sizeof *DEATHS; i++) {
        for (int step = offset % stride; play(&DEATHS[i], step); step += stride) deaths++;
    }
    for (size_t i = 0; i < sizeof PAUSES / sizeof *PAUSES; i++) {
        for (int step = offset % stride; play(&PAUSES[i], step); step += stride) pauses++;
    }
    printf("%llu deaths and %llu stops, one at every %d steps\n", (unsigned long long)deaths, (unsigned long long)pauses,
           stride);
#ifdef KILL_POINTS
    kill_points_list();
#endif
    return 0;
}

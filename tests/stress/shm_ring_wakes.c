/*
 * Who sleeps is woken: for each call that may sleep, each change that ends its wait. To be compiled with a WAIT_SLICE_NS of
 * an hour, so that nobody wakes up by himself.
 *
 *   shm_ring_wakes
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>

#include "shm_ring_stress.h"

#ifndef SECONDS_TO_WAKE
#define SECONDS_TO_WAKE 20
#endif

static struct shm_ring *control, *writer, *other_writer, *reader, *other_reader, *elsewhere;
static int32_t first;

static int32_t sleep_in_claim(void) { return shm_ring_claim(writer, 1, -1, &first); }
static int32_t sleep_in_take(void) { return shm_ring_take(reader, 1, 0, -1, &first); }
static int32_t sleep_in_pause(void) { return shm_ring_wait_paused(writer, -1); }
static int32_t sleep_in_observe(void)
{
    static _Alignas(64) char copy[SHM_RING_SLOT_HEADER_BYTES + RECORD_BYTES];
    return shm_ring_observe(control, copy, -1);
}

static void claim_by(struct shm_ring *who) { CHECK(shm_ring_claim(who, 1, 0, &first) == 1, "cannot claim"); }
static void take_by(struct shm_ring *who) { CHECK(shm_ring_take(who, 1, 0, 0, &first) == 1, "cannot take"); }
static void write_one(void)
{
    claim_by(other_writer);
    shm_ring_publish(other_writer);
}

static void nothing(void) {}
static void ring_full(void)
{
    write_one();
    write_one();
}
static void all_claimed_without_groups(void)
{
    shm_ring_detach_group(control, 0);
    shm_ring_detach_group(control, 1);
    CHECK(shm_ring_claim(other_writer, 2, 0, &first) == 2, "cannot claim");
}
static void full_and_read_by_one(void)
{
    ring_full();
    take_by(reader);
    take_by(reader);
    shm_ring_release(reader, 0);
    take_by(elsewhere);
}
static void paused(void) { shm_ring_pause(control, 1); }
static void held_by_other(void)
{
    write_one();
    take_by(other_reader);
}
static void held_by_other_at_the_end(void)
{
    held_by_other();
    shm_ring_sign_off(other_writer);
    shm_ring_sign_off(writer);
}
/* The reader that is recovered next holds what another one has died with before. */
static void held_after_a_death(void)
{
    held_by_other();
    int32_t row = shm_ring_reserve(control, SHM_RING_READER, 0);
    CHECK(shm_ring_recover(control, other_reader->row, NULL) == 1, "nothing was handed back");
    other_reader->row = -1;
    other_reader->held = 0;
    CHECK(shm_ring_take_role(other_reader, row) == 0, "cannot sign on");
    take_by(other_reader);
}
static void held_after_a_death_at_the_end(void)
{
    held_after_a_death();
    shm_ring_sign_off(other_writer);
    shm_ring_sign_off(writer);
}
static void full_after_a_death(void)
{
    held_after_a_death();
    write_one();
    take_by(elsewhere);
    shm_ring_release(elsewhere, 0);
}
static void claimed_by_other(void) { claim_by(other_writer); }
static void claimed_before_published(void)
{
    claim_by(other_writer);
    claim_by(writer);
    shm_ring_publish(writer);
}
static void one_writer_left(void) { shm_ring_sign_off(writer); }

static void release_elsewhere(void) { shm_ring_release(elsewhere, 0); }
static void release_other(void) { shm_ring_release(other_reader, 0); }
static void other_leaves(void) { shm_ring_sign_off(other_reader); }
static void other_is_recovered(void) { shm_ring_recover(control, other_reader->row, NULL); }
static void other_writer_leaves(void) { shm_ring_sign_off(other_writer); }
static void other_writer_is_recovered(void) { shm_ring_recover(control, other_writer->row, NULL); }
static void publish_other(void) { shm_ring_publish(other_writer); }
static void abort_other(void) { shm_ring_abort(other_writer); }
static void detach_elsewhere(void) { shm_ring_detach_group(control, 1); }
static void detach(void) { shm_ring_detach_group(control, 0); }
static void resume(void) { shm_ring_pause(control, 0); }
static void close_ring(void) { shm_ring_set_closing(control); }
static void shut_down(void) { shm_ring_set_aborted(control); }

static const struct wake {
    const char *name;
    uint64_t limit;
    void (*before)(void);
    int32_t (*sleep)(void);
    void (*change)(void);
    int32_t result;
} WAKES[] = {
    { "claim, the last group releases", 0, full_and_read_by_one, sleep_in_claim, release_elsewhere, 1 },
    { "claim, the last group is detached", 0, full_and_read_by_one, sleep_in_claim, detach_elsewhere, 1 },
    { "claim, an event is given up", 0, full_after_a_death, sleep_in_claim, other_is_recovered, 1 },
    { "claim without groups, another writer publishes", 0, all_claimed_without_groups, sleep_in_claim, publish_other, 1 },
    { "claim without groups, another writer aborts", 0, all_claimed_without_groups, sleep_in_claim, abort_other, 1 },
    { "claim at the limit, the last claim is published", 1, claimed_by_other, sleep_in_claim, publish_other, SHM_RING_ENDED },
    { "claim at the limit, the last claim is aborted", 1, claimed_by_other, sleep_in_claim, abort_other, 1 },
    { "claim at the limit, its writer is recovered", 1, claimed_by_other, sleep_in_claim, other_writer_is_recovered, 1 },
    { "claim while paused, the pause ends", 0, paused, sleep_in_claim, resume, 1 },
    { "claim while paused, the ring is closed", 0, paused, sleep_in_claim, close_ring, SHM_RING_ENDED },
    { "claim in a full ring, it is closed", 0, ring_full, sleep_in_claim, close_ring, SHM_RING_ENDED },
    { "claim in a full ring, it is shut down", 0, ring_full, sleep_in_claim, shut_down, SHM_RING_ENDED },
    { "wait in a pause, it ends", 0, paused, sleep_in_pause, resume, 0 },
    { "wait in a pause, the ring is closed", 0, paused, sleep_in_pause, close_ring, SHM_RING_ENDED },
    { "take, an event is published", 0, nothing, sleep_in_take, write_one, 1 },
    { "take, the claim before an event is published", 0, claimed_before_published, sleep_in_take, publish_other, 1 },
    { "take, the claim before an event is aborted", 0, claimed_before_published, sleep_in_take, abort_other, 1 },
    { "take, the claim's writer leaves", 0, claimed_before_published, sleep_in_take, other_writer_leaves, 1 },
    { "take, the claim's writer is recovered", 0, claimed_before_published, sleep_in_take, other_writer_is_recovered, 1 },
    { "take, another reader hands back", 0, held_by_other, sleep_in_take, other_leaves, 1 },
    { "take, another reader is recovered", 0, held_by_other, sleep_in_take, other_is_recovered, 1 },
    { "take, the last writer leaves", 0, one_writer_left, sleep_in_take, other_writer_leaves, SHM_RING_ENDED },
    { "take, the last writer is recovered", 0, one_writer_left, sleep_in_take, other_writer_is_recovered, SHM_RING_ENDED },
    { "take at the end, the last event is released", 0, held_by_other_at_the_end, sleep_in_take, release_other,
      SHM_RING_ENDED },
    { "take at the end, the last event is handed back", 0, held_by_other_at_the_end, sleep_in_take, other_leaves, 1 },
    { "take at the end, the last event is given up", 0, held_after_a_death_at_the_end, sleep_in_take, other_is_recovered,
      SHM_RING_ENDED },
    { "take, the group is detached", 0, nothing, sleep_in_take, detach, SHM_RING_ENDED },
    { "take, the ring is shut down", 0, claimed_by_other, sleep_in_take, shut_down, SHM_RING_ENDED },
    { "observe, an event is published", 0, nothing, sleep_in_observe, write_one, 0 },
    { "observe, the last writer leaves", 0, one_writer_left, sleep_in_observe, other_writer_leaves, SHM_RING_ENDED },
    { "observe, the ring is shut down", 0, nothing, sleep_in_observe, shut_down, SHM_RING_ENDED },
};

static struct shm_ring *party(int32_t role, int32_t group)
{
    struct shm_ring *ring = share_mapping(control);
    CHECK(shm_ring_take_role(ring, shm_ring_reserve(control, role, group)) == 0, "cannot sign on");
    ring->processors = -1; /* no spinning */
    return ring;
}

static void *sleeper(void *wake) { return (void *)(intptr_t)((const struct wake *)wake)->sleep(); }

static void run(const struct wake *wake)
{
    struct shm_ring_spec spec = { .slots = 2, .limit = wake->limit, .writers = 2 };
    control = new_ring(spec, 2);
    writer = party(SHM_RING_WRITER, 0);
    other_writer = party(SHM_RING_WRITER, 0);
    reader = party(SHM_RING_READER, 0);
    other_reader = party(SHM_RING_READER, 0);
    elsewhere = party(SHM_RING_READER, 1);
    wake->before();
    struct shm_ring_header *header = control->header;
    struct shm_ring_event *event = wake->sleep == sleep_in_take      ? &header->data_event
                                   : wake->sleep == sleep_in_observe ? &header->observer_event
                                                                     : &header->space_event;
    atomic_store(&event->sleepers, 0);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, sleeper, (void *)wake) == 0, "cannot make a thread");
    while (!atomic_load(&event->sleepers)) usleep(100);
    usleep(1000); /* so that it sleeps, most likely */
    wake->change();
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += SECONDS_TO_WAKE;
    void *result;
    CHECK(pthread_timedjoin_np(thread, &result, &deadline) == 0, "nobody was woken: %s", wake->name);
    CHECK((int32_t)(intptr_t)result == wake->result, "%s: expected %d, found %d", wake->name, wake->result,
          (int32_t)(intptr_t)result);
    remove_ring(control);
    for (int i = 0; i < 5; i++) free((struct shm_ring *[]){ writer, other_writer, reader, other_reader, elsewhere }[i]);
}

int main(void)
{
    for (size_t i = 0; i < sizeof WAKES / sizeof *WAKES; i++) run(&WAKES[i]);
    printf("%d wake-ups\n", (int)(sizeof WAKES / sizeof *WAKES));
    return 0;
}

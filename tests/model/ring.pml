/*
 * The ring of drivers/shm_ring, step by step: what docs/ring.md calls a store, and each load that something is decided on,
 * is one atomic step here; beside it stands its number in that page, or the C function. What is modelled, what is not and
 * why that suffices: README.md. What is searched: model_configurations.ts.
 *
 * A process is one place of work. It works as an owner, may die before any of its stores (dying before a load or asleep is
 * the same as dying before the store after it, because a load leaves nothing behind), is recovered, where the recoverer may
 * die, too, and then comes back with a new owner row, or does not.
 */

/* ---- configuration ---- */
#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef WRITERS
#define WRITERS 1
#endif
#ifndef READERS /* of group 0; group 1 has one */
#define READERS 1
#endif
#ifndef GROUPS
#define GROUPS 1
#endif
#ifndef EVENTS /* claims of writer 0; with a limit, writers claim until they get "ended" */
#define EVENTS 3
#endif
#ifndef EVENTS_1 /* of writer 1 */
#define EVENTS_1 EVENTS
#endif
#ifndef LIMIT /* of the ring; 0: none */
#define LIMIT 0
#endif
#ifndef ABORTS /* claims that writer 0 may give back */
#define ABORTS 0
#endif
#ifndef WRITER_BATCH
#define WRITER_BATCH 1
#endif
#ifndef READER_BATCH
#define READER_BATCH 1
#endif
#ifndef WRITER_DEATHS /* of writer 0 and of who recovers it, in all */
#define WRITER_DEATHS 0
#endif
#ifndef WRITER_DEATHS_1 /* the same for writer 1 */
#define WRITER_DEATHS_1 0
#endif
#ifndef WRITER_RETURNS /* a new writer takes the place of a dead one */
#define WRITER_RETURNS 0
#endif
#ifndef READER_DEATHS /* of the first reader of group 0 and of who recovers it, in all */
#define READER_DEATHS 0
#endif
#ifndef READER_DEATHS_1 /* the same for its second reader */
#define READER_DEATHS_1 0
#endif
#ifndef READER_RETURNS /* a new reader takes the place of a dead one, or of one that left */
#define READER_RETURNS 1
#endif
#ifndef LEAVES /* how often the first reader of group 0 may sign off with an event in its hands */
#define LEAVES 0
#endif
#ifndef DETACHES /* group 0 is detached when its reader has died */
#define DETACHES 0
#endif
#ifndef OBSERVERS
#define OBSERVERS 0
#endif
#ifndef CONTROL /* 1: setEnding(), 2: shutdown(), 3: pause() and resume(), 4: all are killed */
#define CONTROL 0
#endif
#ifndef BROKEN
#define BROKEN 0
#endif

#include "broken.pml"
#include "segment.pml"
#include "recover.pml"
#include "writer.pml"
#include "reader.pml"
#include "observer.pml"

/* ---- begin, and the books at the end ---- */

inline count_bits(mask)
{
    n = 0;
    k = 0;
    do
    :: k < 8 -> n = n + ((mask >> k) & 1); k++
    :: else -> break
    od;
    k = 0
}

init {
    byte n, g, s;

    d_step {
        k = 0;
        do
        :: k < SLOTS -> slot[k] = word(k, 0, 0, FREE); k++
        :: else -> break
        od;
        k = 0;
        do
        :: k < ROWS -> row[k] = (k < WRITERS -> RESERVED : NO_ROW); k++
        :: else -> break
        od;
        k = 0;
        not_over = WRITERS + ALL_READERS + OBSERVERS + (CONTROL > 0)
    };
    atomic {
        run Writer(0, EVENTS, ABORTS, WRITER_DEATHS);
#if WRITERS == 2
        run Writer(1, EVENTS_1, 0, WRITER_DEATHS_1);
#endif
#if GROUPS >= 1
        run Reader(WRITERS, WRITERS, 0, LEAVES, READER_DEATHS);
#if READERS == 2
        run Reader(WRITERS + 1, WRITERS + 1, 0, 0, READER_DEATHS_1);
#endif
#endif
#if GROUPS == 2
        run Reader(WRITERS + READERS, WRITERS + READERS, 1, 0, 0);
#endif
#if OBSERVERS
        run Observer(WRITERS + ALL_READERS);
#endif
#if CONTROL
        run Control();
#endif
        skip
    };
    not_over == 0;
    d_step {
        assert(ended);
        k = 0;
        do
        :: k < SLOTS -> assert(phase_of(slot[k]) != CLAIMED); k++
        :: else -> break
        od;
        k = 0;
        count_bits(was_published);
        assert(counted_published == n);
#if LIMIT
        assert(n == LIMIT);
#endif
        count_bits(was_void);
        assert(counted_voided == n);
        assert((was_published & was_void) == 0);
        assert((was_published | was_void) == bit(counted_published + counted_voided) - 1); /* head = published + void */
#if CONTROL != 1 && CONTROL != 2 && CONTROL != 4 && LIMIT == 0 && WRITER_DEATHS <= WRITER_RETURNS && WRITER_DEATHS_1 == 0
        assert(counted_published + counted_voided == EVENTS + (WRITERS == 2 -> EVENTS_1 : 0));
#endif
#if GROUPS
        g = 0;
        do
        :: g < GROUPS ->
            count_bits(was_released[g]);
            assert(counted_released[g] == n);
            k = 0;
            do
            :: k < SLOTS -> assert(phase_of(taken[g * SLOTS + k]) != HELD); k++
            :: else -> break
            od;
            k = 0;
#if CONTROL == 2 || CONTROL == 4
            s = 0; /* what is left can be found, and whether somebody had it */
            do
            :: s < counted_published + counted_voided ->
                if
                :: (was_published & bit(s)) && !(was_released[g] & bit(s)) ->
                    assert(slot[s % SLOTS] == word(s, 0, 0, PUBLISHED));
                    assert(is_available(taken[g * SLOTS + s % SLOTS], s));
                    assert((why_back(taken[g * SLOTS + s % SLOTS], s) > 0) == ((was_delivered[g] & bit(s)) != 0))
                :: else
                fi;
                s++
            :: else -> break
            od;
            s = 0;
#else
            if
            :: DETACHES && g == 0
            :: else -> assert(was_released[g] == was_published && was_delivered[g] == was_published)
            fi;
#endif
            g++
        :: else -> break
        od;
        g = 0
#endif
    }
}

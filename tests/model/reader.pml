/* Readers: reader.c. */

#if GROUPS
#if BROKEN == TAKE_BY_STORE
#define may_take true
#elif BROKEN == TAKE_WITHOUT_SEQUENCE
#define may_take (without_sequence(my_word(s)) == without_sequence(w))
#else
#define may_take (my_word(s) == w)
#endif

/* What must be true when a reader takes sequence q, and what is true from then on. */
inline takes(q, flagged)
{
    assert(!reading[group * SLOTS + (q) % SLOTS]);
    assert(!filling[(q) % SLOTS]);
    assert(was_published & bit(q));
    assert(slot[(q) % SLOTS] == word(q, 0, 0, PUBLISHED));
    assert((flagged) == ((was_delivered[group] & bit(q)) != 0));
    assert((flagged) || was_delivered[group] < bit(q)); /* in their order */
    reading[group * SLOTS + (q) % SLOTS] = true;
    was_delivered[group] = was_delivered[group] | bit(q)
}

proctype Reader(byte place; byte me; byte group; byte leaves; byte deaths)
{
    byte s, first, held, i, h, t;
    short w;
    byte release_first, release_outcome, release_target[2], released[2];
    byte gone_rows, active_rows, seen_writers;
    bool is_closing, is_over, is_back, is_dead;

    /* ---- Take, try_take() ---- */
look:
#if CONTROL == 2
    atomic { if :: aborted -> goto leave :: else fi };
#endif
#if HAND_BACKS
    h = handed_back[group];
#if BROKEN == SEARCH_RESETS
    atomic { if :: h == 0 -> goto from_cursor :: else fi };
#else
    atomic { if :: h <= searched[group] -> h = 0; goto from_cursor :: else fi };
    h = handed_back[group]; /* take_handed_back() */
    atomic { if :: h <= searched[group] -> h = 0; goto from_cursor :: else fi };
#endif
search:
    atomic {
        w = taken[group * SLOTS + i]; /* find_handed_back() */
        if :: phase_of(w) == AVAILABLE && why_of(w) > 0 :: else -> goto search_next fi
    };
    atomic { if :: slot[i] == word(sequence_of(w), 0, 0, PUBLISHED) :: else -> goto search_next fi };
    if
    :: atomic { /* Take (1) */
            taken[group * SLOTS + i] == w ->
            taken[group * SLOTS + i] = word(sequence_of(w), me, why_of(w), HELD);
            first = sequence_of(w);
            held = 1;
            takes(first, true);
            waits[place] = AWAKE;
            w = 0; i = 0; h = 0;
            goto have
        }
    :: taken[group * SLOTS + i] != w
    or_die
    fi;
search_next:
    atomic { w = 0; i++; if :: i < SLOTS -> goto search :: else -> i = 0 fi };
#if BROKEN == SEARCH_RESETS
    if :: atomic { if :: handed_back[group] == h -> handed_back[group] = 0 :: else fi; h = 0 } or_die fi;
#else
    advance(searched[group], h);
    h = 0;
#endif
from_cursor:
#endif
    s = cursor[group];
at_cursor:
    atomic {
        w = slot[s % SLOTS];
        if
        :: w == word(s, 0, 0, PUBLISHED) -> w = 0
        :: w != word(s, 0, 0, PUBLISHED) && held > 0 -> w = 0; goto took
        :: w != word(s, 0, 0, PUBLISHED) && held == 0 && sequence_of(w) <= s -> w = 0; goto nothing
        :: else -> w = 0; goto next_sequence
        fi
    };
    atomic {
        w = my_word(s);
        if
        :: held > 0 && (why_back(w, s) > 0 || !is_available(w, s)) -> w = 0; goto took
        :: held == 0 && !is_available(w, s) -> w = 0; goto next_sequence
        :: else
        fi
    };
    if
    :: atomic { /* Take (1) */
            may_take ->
            t = why_back(w, s);
            w = 0;
            assert(sequence_of(my_word(s)) <= s);
            my_word(s) = word(s, me, t, HELD);
            takes(s, t > 0);
            waits[place] = AWAKE;
            if :: held == 0 -> first = s :: else fi;
            held++;
            s++;
#if READER_BATCH > 1
            if :: held < READER_BATCH && t == 0 -> goto at_cursor :: else fi;
#endif
            t = 0;
            goto took
        }
    :: atomic { !may_take -> w = 0; if :: held > 0 -> goto took :: else fi }
    or_die
    fi;
next_sequence:
#if BROKEN != CURSOR_NOT_HELPED
    advance(cursor[group], s + 1);
#endif
    s = cursor[group];
    goto at_cursor;
took:
    advance(cursor[group], s); /* Take (2) */
    s = 0;
have:
#if LEAVES
    atomic { if :: leaves > 0 -> leaves--; is_back = true; goto hand_on :: true fi };
#endif

    /* ---- Release ---- */
    if :: atomic { release_first = first; release_outcome = PROCESSED } or_die fi; /* (1) */
    if :: release_target[PROCESSED] = released[PROCESSED] + held or_die fi; /* (2) */
release_next:
    if
    :: atomic { /* (3) */
            assert(sequence_of(my_word(first + i)) == first + i && phase_of(my_word(first + i)) == HELD);
            assert(owner_of(my_word(first + i)) == me);
            my_word(first + i) = word(first + i, 0, 0, RELEASED);
            was_released[group] = was_released[group] | bit(first + i);
#if BROKEN == RELEASE_BEFORE_READ
            goto last_read;
#endif
            reading[group * SLOTS + (first + i) % SLOTS] = false;
            i++;
            if :: i < held -> goto release_next :: else -> i = 0; first = 0; held = 0 fi
        }
    or_die
    fi;
#if BROKEN == RELEASE_BEFORE_READ
    goto released_all;
last_read:
    atomic {
        reading[group * SLOTS + (first + i) % SLOTS] = false;
        i++;
        if :: i < held -> goto release_next :: else -> i = 0; first = 0; held = 0 fi
    };
released_all:
#endif
    if :: released[PROCESSED] = release_target[PROCESSED] or_die fi; /* (4) */
    wake_sleepers(SPACE); /* (5) */
    if
    :: ended -> wake_sleepers(DATA)
    :: !ended
    fi;
    goto look;

nothing: /* take_waiting() */
    atomic { s = 0; if :: waits[place] == AWAKE -> skip :: else -> goto at_end fi };
again_announce:
    announce(DATA);
#if BROKEN == NO_LOOK_BEFORE_SLEEP
    goto asleep;
#endif
    goto look;

    /* ---- group_at_end() ---- */
at_end:
    check_end();
    atomic { if :: is_over -> is_over = false :: else -> goto asleep fi };
    h = head;
true_head:
    atomic {
        w = slot[h % SLOTS];
        if
        :: sequence_of(w) < h || w == word(h, 0, 0, FREE) -> w = 0
        :: else -> w = 0; h++; goto true_head
        fi
    };
    advance(head, h);
    s = cursor[group];
unread:
    atomic {
        if :: s >= h -> s = 0; h = 0; goto open_words :: else fi;
        w = slot[s % SLOTS];
        if :: sequence_of(w) > s -> w = 0; s++; goto unread :: else -> w = 0 fi
    };
    atomic {
        w = my_word(s);
        if
#if BROKEN == OLD_WORD_IS_TAKEN
        :: sequence_of(w) == s && phase_of(w) == AVAILABLE -> w = 0; s = 0; h = 0; goto asleep
#else
        :: is_available(w, s) -> w = 0; s = 0; h = 0; goto asleep
#endif
        :: else -> w = 0; s++; goto unread
        fi
    };
open_words:
#if BROKEN != END_WHILE_HELD
    atomic { if :: is_open(taken[group * SLOTS]) -> goto asleep :: else fi };
#if SLOTS > 1
    atomic { if :: is_open(taken[group * SLOTS + 1]) -> goto asleep :: else fi };
#endif
#if SLOTS > 2
    atomic { if :: is_open(taken[group * SLOTS + 2]) -> goto asleep :: else fi };
#endif
#endif
    atomic { assert(was_released[group] == was_published); goto leave }; /* the end: nothing is left, nor can be */
asleep:
    sleep();
    goto again_announce;

leave:
    atomic { waits[place] = AWAKE; s = 0; goto gone };

#if LEAVES
hand_on: /* Sign off (1) */
    do
    :: i < held ->
#if BROKEN == LEAVING_IS_DYING
        hand_back(first + i, READER_DIED);
#else
        hand_back(first + i, READER_LEFT);
#endif
        i++
    :: else -> break
    od;
    atomic { i = 0; first = 0; held = 0 };
#endif
#if ANY_DEATHS
    goto gone;

    /* ---- Recover ---- */
dead:
    atomic {
        deaths--;
        waits[place] = AWAKE;
        s = 0; t = 0; i = 0; h = 0; held = 0; first = 0;
        is_closing = false; gone_rows = 0; active_rows = 0; seen_writers = 0; is_over = false;
        is_back = true;
        is_dead = true;
        k = 0;
        do
        :: k < SLOTS ->
            w = taken[group * SLOTS + k];
            if :: phase_of(w) == HELD && owner_of(w) == me -> reading[group * SLOTS + k] = false :: else fi;
            k++
        :: else -> break
        od;
        k = 0;
        w = 0
    };
#if HAND_BACKS
    recover_reader();
#endif
#endif

gone: /* nobody looks at the state of a reader's row */
    check_end();
    is_over = false;
    wake_everybody();
#if DETACHES
    if
    :: is_back && group == 0 ->
        detached = true;
        wake_everybody()
    :: else
    fi;
#endif
    atomic {
        counted_released[group] = counted_released[group] + released[PROCESSED] + released[FAILED];
        released[PROCESSED] = 0; released[FAILED] = 0;
        release_target[PROCESSED] = 0; release_target[FAILED] = 0; release_first = 0; release_outcome = 0;
        if
        :: is_back && READER_RETURNS && !DETACHES -> is_back = false; is_dead = false; me = me + ALL_READERS; goto look
        :: else -> not_over--
        fi
    };
end_reader:
    false
}
#endif


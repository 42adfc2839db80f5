/* Recover: what is done for an owner after its death, or again after that of an earlier recoverer; and what goes with it. */

/* Abort, make_void(). */
inline make_void(q)
{
    if :: void_sequence = q or_die fi; /* (1) */
    if :: my_void_target = my_voided + 1 or_die fi; /* (2) */
    if
    :: atomic { /* (3) */
            slot[(q) % SLOTS] == word(q, me, 0, CLAIMED) ->
#if BROKEN == FREE_SAME_SEQUENCE
            slot[(q) % SLOTS] = word(q, 0, 0, FREE);
#else
            slot[(q) % SLOTS] = word((q) + SLOTS, 0, 0, FREE);
#endif
            filling[(q) % SLOTS] = false;
            was_void = was_void | bit(q)
        }
    or_die
    fi;
    if :: my_voided = my_void_target or_die fi /* (4) */
}

/*
 * Add a writer: before recover, for the place of a dead writer. Not if the ring has ended. Nobody dies here: that would be
 * the control, and with it the run.
 */
inline add_writer()
{
    if
    :: place == 0 && me == 0 && !returns && !(stated_writers & WRITERS_ENDED) ->
        row[WRITERS] = RESERVED; /* (1) */
        s = stated_writers;
        do
        :: s & WRITERS_ENDED -> row[WRITERS] = NO_ROW; break
        :: else ->
            if
            :: atomic { stated_writers == s -> stated_writers++; returns = true; break } /* (3) */
            :: atomic { stated_writers != s -> s = stated_writers }
            fi
        od;
        s = 0
    :: else
    fi
}

/* Recover 1. and 2. for a writer. */
inline recover_writer()
{
#if BROKEN != NOT_COUNTED
    if
    :: publish_target > published -> /* finish_counting() */
        s = publish_first;
        do
        :: s < publish_first + publish_target - published ->
            atomic { t = t + (slot[s % SLOTS] != word(s, me, 0, CLAIMED)); s++ }
        :: else -> break
        od;
        s = 0;
        if :: publish_target = published + t or_die fi;
        if :: atomic { published = published + t; t = 0 } or_die fi
    :: else
    fi;
    if
    :: my_void_target > my_voided ->
        if
        :: slot[void_sequence % SLOTS] == word(void_sequence, me, 0, CLAIMED) ->
            if :: my_void_target = my_voided or_die fi
        :: slot[void_sequence % SLOTS] != word(void_sequence, me, 0, CLAIMED) ->
            if :: my_voided = my_void_target or_die fi
        fi
    :: else
    fi;
#endif
#if BROKEN != NOT_MADE_VOID
    do
    :: i < SLOTS ->
        if
        :: atomic { phase_of(slot[i]) == CLAIMED && owner_of(slot[i]) == me -> s = sequence_of(slot[i]) };
            make_void(s);
            s = 0
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0
#else
    skip
#endif
}

#if GROUPS && HAND_BACKS
/* Hand back. (2), a counter that is in no equation, is left out. */
inline hand_back(q, reason)
{
    if
    :: atomic { /* (1) */
            assert(sequence_of(my_word(q)) == q && phase_of(my_word(q)) == HELD && owner_of(my_word(q)) == me);
            my_word(q) = word(q, 0, why_of(my_word(q)) | reason, AVAILABLE);
            reading[group * SLOTS + (q) % SLOTS] = false;
            if
            :: is_dead -> assert(!(died_once[group] & bit(q))); died_once[group] = died_once[group] | bit(q)
            :: else
            fi
        }
    or_die
    fi;
#if BROKEN != BACK_NOT_TOLD
    if :: handed_back[group] = handed_back[group] + 1 or_die fi /* (3) */
#endif
}

/* finish_counting() for a reader. */
inline finish_counting_released()
{
    if
    :: release_target[release_outcome] > released[release_outcome] ->
        s = release_first;
        do
        :: s < release_first + release_target[release_outcome] - released[release_outcome] ->
            atomic { w = my_word(s); t = t + (w != word(s, me, why_of(w), HELD)); w = 0; s++ }
        :: else -> break
        od;
        s = 0;
        if :: release_target[release_outcome] = released[release_outcome] + t or_die fi;
        if :: atomic { released[release_outcome] = released[release_outcome] + t; t = 0 } or_die fi
    :: else
    fi
}

/* Recover 2. for one event of a dead reader: it is handed back or, after a second death, (1) to (4), given up. */
inline hand_on_or_fail(q)
{
    if
#if BROKEN != DEATHS_NOT_LIMITED
    :: why_of(my_word(q)) & READER_DIED ->
        assert(died_once[group] & bit(q));
        if :: atomic { release_first = q; release_outcome = FAILED } or_die fi; /* (1) */
        if :: release_target[FAILED] = released[FAILED] + 1 or_die fi; /* (2) */
        if
        :: atomic { /* (3) */
                assert(phase_of(my_word(q)) == HELD && owner_of(my_word(q)) == me);
                my_word(q) = word(q, 0, 0, RELEASED);
                was_released[group] = was_released[group] | bit(q)
            }
        or_die
        fi;
        if :: released[FAILED] = release_target[FAILED] or_die fi /* (4) */
    :: !(why_of(my_word(q)) & READER_DIED) ->
#else
    :: true ->
#endif
        hand_back(q, READER_DIED)
    fi
}

/* Recover 1. and 2. for a reader. */
inline recover_reader()
{
#if BROKEN != NOT_COUNTED && BROKEN != COUNTED_LATE
    finish_counting_released();
#endif
#if BROKEN != NOT_HANDED_BACK
    do
    :: i < SLOTS ->
        if
        :: atomic {
                phase_of(taken[group * SLOTS + i]) == HELD && owner_of(taken[group * SLOTS + i]) == me ->
                s = sequence_of(taken[group * SLOTS + i])
            };
            hand_on_or_fail(s);
            s = 0
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0;
#endif
#if BROKEN == COUNTED_LATE
    finish_counting_released();
#endif
#if BROKEN != BACK_NOT_TOLD && BROKEN != BACK_NOT_TOLD_AGAIN
    if :: handed_back[group] = handed_back[group] + 1 or_die fi;
#endif
}
#endif

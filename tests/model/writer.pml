/* Writers: writer.c. */

#if GROUPS == 0 && OBSERVERS == 0
#define all_is_read true
#elif GROUPS == 0
#define all_is_read all_is_seen
#elif GROUPS == 1 && OBSERVERS == 0
#define all_is_read (was_released[0] == was_published)
#elif GROUPS == 1
#define all_is_read (was_released[0] == was_published && all_is_seen)
#else
#define all_is_read (was_released[0] == was_published && was_released[1] == was_published)
#endif

#if BROKEN == CLAIM_BY_STORE
#define may_claim true
#elif BROKEN == CLAIM_WITHOUT_SEQUENCE
#define may_claim (without_sequence(slot[s % SLOTS]) == without_sequence(w))
#else
#define may_claim (slot[s % SLOTS] == w)
#endif

proctype Writer(byte place; byte left; byte aborts; byte deaths)
{
    byte me = place, s, first, held, i, t;
    short w;
    byte publish_first, publish_target, published, void_sequence, own_voided, own_void_target;
    byte gone_rows, active_rows, seen_writers;
    bool is_closing, is_over, is_detached, saw_sleepers, returns;

sign_on:
    if :: row[me] = ACTIVE or_die fi; /* Sign on (1) */

next_claim:
    atomic {
        if
        :: left == 0 -> goto leave
#if CONTROL != 2 && DETACHES == 0
        :: left == 0 -> goto wait_for_readers
#endif
        :: else
        fi
    };

    /* ---- Claim, try_claim() ---- */
look:
#if CONTROL == 1 || CONTROL == 2
    atomic { if :: closing -> goto leave :: else fi };
#endif
#if CONTROL == 3
    atomic { if :: paused -> goto not_claimed :: else fi };
#endif
    s = head;
look_at_slot:
#if LIMIT
    atomic { if :: LIMIT + voided_hint > s -> goto has_ticket :: else fi }; /* tickets_left() */
    t = voided[0];
#if WRITERS == 2
    t = t + voided[1];
#endif
    advance(voided_hint, t);
    atomic {
        if
        :: LIMIT + t > s -> t = 0; goto has_ticket
        :: LIMIT + t <= s && held > 0 -> t = 0; goto claimed
        :: else
        fi
    };
    atomic { if :: phase_of(slot[0]) == CLAIMED -> t = 0; goto not_claimed :: else fi };
#if SLOTS > 1
    atomic { if :: phase_of(slot[1]) == CLAIMED -> t = 0; goto not_claimed :: else fi };
#endif
#if SLOTS > 2
    atomic { if :: phase_of(slot[2]) == CLAIMED -> t = 0; goto not_claimed :: else fi };
#endif
#if BROKEN == TICKET_FORGOTTEN
    i = voided[0];
#if WRITERS == 2
    i = i + voided[1];
#endif
#else
    i = void_target[0];
#if WRITERS == 2
    i = i + void_target[1];
#endif
#endif
    atomic {
        if
        :: i == t -> i = 0; t = 0; goto leave
        :: else -> i = 0; t = 0; goto not_claimed
        fi
    };
has_ticket:
#endif
    atomic {
        w = slot[s % SLOTS];
        if
        :: w == word(s, 0, 0, FREE) -> goto swap
        :: s >= SLOTS && w == word(s - SLOTS, 0, 0, PUBLISHED)
        :: else -> goto not_free
        fi
    };
#if DETACHES
    is_detached = detached; /* released_by_all() */
#endif
#if GROUPS >= 1
    atomic { if :: is_detached || taken[s % SLOTS] == word(s - SLOTS, 0, 0, RELEASED) :: else -> goto not_free fi };
#endif
#if GROUPS == 2 && BROKEN != CLAIM_UNRELEASED
    atomic { if :: taken[SLOTS + s % SLOTS] == word(s - SLOTS, 0, 0, RELEASED) :: else -> goto not_free fi };
#endif
swap:
    if
    :: atomic { /* Claim (1) */
            may_claim ->
            assert(sequence_of(slot[s % SLOTS]) <= s);
            slot[s % SLOTS] = word(s, me, 0, CLAIMED);
            w = 0;
            is_detached = false;
            waits[place] = AWAKE;
            /* Nobody else may touch the data from here on, nor has had this sequence. */
            assert(!filling[s % SLOTS]);
            filling[s % SLOTS] = true;
#if GROUPS >= 1 && DETACHES
            assert(detached || !reading[s % SLOTS]);
#elif GROUPS >= 1
            assert(!reading[s % SLOTS]);
#endif
#if GROUPS == 2
            assert(!reading[SLOTS + s % SLOTS]);
#endif
            assert(!((was_published | was_void) & bit(s)));
            assert(s < 8); /* more do not fit into the sets of the check */
            if :: held == 0 -> first = s :: else fi;
            held++;
            s++;
            left = (LIMIT -> left : left - 1);
#if WRITER_BATCH > 1
            if :: held < WRITER_BATCH && left > 0 -> goto look_at_slot :: else fi;
#endif
            goto claimed
        }
    :: atomic { !may_claim -> w = slot[s % SLOTS] }
    or_die
    fi;
not_free:
    atomic {
        is_detached = false;
        if
        :: held > 0 -> w = 0; goto claimed
        :: held == 0 && sequence_of(w) >= s -> w = 0
        :: else -> goto look_at_slot_again
        fi
    };
#if BROKEN == HEAD_NOT_HELPED
    goto not_claimed;
#endif
    advance(head, s + 1); /* the head is behind */
    s = head;
    goto look_at_slot;
look_at_slot_again:
    atomic { if :: slot[s % SLOTS] != w -> w = 0; goto look_at_slot :: else -> w = 0; goto not_claimed fi };
not_claimed:
    atomic { s = 0; if :: waits[place] == AWAKE -> skip :: else -> goto asleep fi };
again_announce:
    announce(SPACE);
#if BROKEN == NO_LOOK_BEFORE_SLEEP
    goto asleep;
#endif
    goto look;
asleep:
    sleep();
    goto again_announce;

claimed:
    advance(head, s); /* Claim (2) */
    s = 0;
#if OBSERVERS
    data[(first % SLOTS) * 2] = first + 1; /* Claim (4), and what the user writes */
    data[(first % SLOTS) * 2 + 1] = first + 1;
#endif
    atomic { if :: aborts > 0 -> aborts--; goto give_back :: true fi };

    /* ---- Publish ---- */
    if :: publish_first = first or_die fi; /* (2) */
    if :: publish_target = published + held or_die fi; /* (3) */
#if BROKEN == COUNTED_FIRST
    if :: published = publish_target or_die fi;
#endif
#if BROKEN == SLEEPERS_SEEN_EARLY
    saw_sleepers = sleepers[DATA];
#endif
publish_next:
    if
    :: atomic { /* (4) */
            assert(slot[(first + i) % SLOTS] == word(first + i, me, 0, CLAIMED));
            slot[(first + i) % SLOTS] = word(first + i, 0, 0, PUBLISHED);
            was_published = was_published | bit(first + i);
#if BROKEN == PUBLISH_BEFORE_WRITE
            goto publish_more;
#endif
            filling[(first + i) % SLOTS] = false;
#if BROKEN == PUBLISH_TOUCHES_GROUPS
            goto publish_more;
#endif
            i++;
            if :: i < held -> goto publish_next :: else -> i = 0; first = 0; held = 0 fi
        }
    or_die
    fi;
#if BROKEN == PUBLISH_BEFORE_WRITE || BROKEN == PUBLISH_TOUCHES_GROUPS
    goto published_all;
publish_more:
    atomic {
#if BROKEN == PUBLISH_TOUCHES_GROUPS
        taken[(first + i) % SLOTS] = word(first + i, 0, 0, AVAILABLE);
#endif
        filling[(first + i) % SLOTS] = false;
        i++;
        if :: i < held -> goto publish_next :: else -> i = 0; first = 0; held = 0 fi
    };
published_all:
#endif
    if :: published = publish_target or_die fi; /* (5) */
#if BROKEN == SLEEPERS_SEEN_EARLY
    if :: saw_sleepers -> wake_now(DATA) :: else fi;
    saw_sleepers = false;
#elif GROUPS
    wake_sleepers(DATA); /* (7) */
#endif
#if OBSERVERS
    wake_sleepers(OBSERVE);
#endif
#if LIMIT || GROUPS == 0
    wake_sleepers(SPACE);
#elif DETACHES && GROUPS == 1
    if :: detached -> wake_sleepers(SPACE) :: !detached fi; /* has_groups() */
#endif
    goto next_claim;

    /* ---- Abort ---- */
give_back:
    do
    :: i < held -> make_void(first + i); i++
    :: else -> break
    od;
    atomic { i = 0; first = 0; held = 0 };
#if GROUPS && BROKEN != VOID_NOT_TOLD
    wake_sleepers(DATA);
#endif
    wake_sleepers(SPACE);
    goto next_claim;

#if CONTROL != 2 && DETACHES == 0
wait_for_readers: /* as if the next event came much later: that may not keep anybody from those that are there */
    if :: all_is_read or_killed fi;
#endif

    /* ---- Sign off (1): nothing is held, so of abort only the waking is left ---- */
leave:
    atomic { waits[place] = AWAKE; s = 0; left = 0 };
#if GROUPS
    wake_sleepers(DATA);
#endif
    wake_sleepers(SPACE);
    goto gone;

#if ANY_DEATHS
    /* ---- Recover: by somebody else, after the owner's death or that of an earlier recoverer ---- */
dead:
    atomic {
        deaths--;
        waits[place] = AWAKE;
        s = 0; w = 0; t = 0; i = 0; held = 0; first = 0;
        is_closing = false; gone_rows = 0; active_rows = 0; seen_writers = 0; is_over = false; is_detached = false; saw_sleepers = false;
        k = 0;
        do
        :: k < SLOTS -> if :: slot[k] % 128 == word(0, me, 0, CLAIMED) -> filling[k] = false :: else fi; k++
        :: else -> break
        od;
        k = 0
    };
#if WRITER_RETURNS && BROKEN != WRITER_ADDED_LATE
    add_writer();
#endif
    recover_writer();
#endif

gone: /* Sign off (2) to (5); recover 3., 4. */
    if :: row[me] = GONE or_die fi;
    check_end();
    is_over = false;
    wake_everybody();
#if BROKEN == WRITER_ADDED_LATE
    add_writer();
#endif
    atomic {
        counted_published = counted_published + published;
#if LIMIT == 0
        counted_voided = counted_voided + own_voided;
#endif
        published = 0; publish_target = 0; publish_first = 0; void_sequence = 0;
#if LIMIT == 0
        own_voided = 0; own_void_target = 0;
#endif
        if
        :: returns && me == 0 -> me = WRITERS; goto sign_on
        :: else ->
#if WRITER_RETURNS && CONTROL != 1 && CONTROL != 2
            assert(left == 0 || me != 0); /* a dead writer is replaced, unless it has done all */
#endif
#if LIMIT
            counted_voided = counted_voided + voided[place];
#endif
            not_over--
        fi
    };
end_writer:
    false
}


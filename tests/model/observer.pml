/* Observers (observer.c), and the control: setEnding(), shutdown(), pause() and resume(), or the death of all. */

#if OBSERVERS
/* shm_ring_observe() again and again, without time-out. */

proctype Observer(byte place)
{
    byte h, s, lowest, copy0, copy1;
    byte gone_rows, active_rows, seen_writers, deaths;
    short w;
    bool is_closing, is_over, was_over;

look: /* try_observe() */
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
    atomic {
        lowest = (h > SLOTS -> h - SLOTS : 0);
        if :: lowest < observed -> lowest = observed :: else fi;
        s = h;
        h = 0
    };
down:
    atomic {
        if
        :: s <= lowest -> s = 0; lowest = 0; goto nothing
        :: else -> s--
        fi;
        w = slot[s % SLOTS];
        if
        :: w == word(s, 0, 0, PUBLISHED) -> w = 0
        :: w != word(s, 0, 0, PUBLISHED) && sequence_of(w) > s && phase_of(w) != FREE -> w = 0; goto look_again
        :: else -> w = 0; goto down
        fi
    };
    copy0 = data[(s % SLOTS) * 2]; /* Observe 2. */
    copy1 = data[(s % SLOTS) * 2 + 1];
    atomic { /* Observe 3. */
        if
#if BROKEN == NOT_LOOKED_AGAIN
        :: true ->
#else
        :: slot[s % SLOTS] == word(s, 0, 0, PUBLISHED) ->
#endif
            assert(copy0 == s + 1 && copy1 == s + 1);
            assert(was_published & bit(s));
            assert(s >= observed);
            observed = s + 1;
            copy0 = 0; copy1 = 0; s = 0; lowest = 0; was_over = false;
            waits[place] = AWAKE;
            goto look
        :: else -> copy0 = 0; copy1 = 0; goto look_again
        fi
    };
look_again:
    atomic { s = 0; lowest = 0; goto look };
nothing:
    atomic { if :: was_over -> goto leave :: waits[place] == AWAKE && !was_over -> skip :: else -> goto asleep fi };
again_announce:
    announce(OBSERVE);
    check_end();
#if CONTROL == 2
    was_over = aborted;
#endif
    atomic { was_over = was_over || is_over; is_over = false; goto look };
asleep:
    sleep();
    goto again_announce;
leave:
    atomic { /* what is still in the ring has been seen */
#if CONTROL != 2
        assert(all_is_seen);
#endif
        waits[place] = AWAKE;
        not_over--
    };
#if ANY_DEATHS
dead: /* never: neither dies here */
#endif
end_observer:
    false
}
#endif

#if CONTROL
proctype Control()
{
    byte gone_rows, active_rows, seen_writers, deaths;
    bool is_closing, is_over;

#if CONTROL == 3
    paused = true;
    wake_everybody();
    paused = false;
#elif CONTROL == 4
    killed = true;
    goto done;
#else
    closing = true;
#if CONTROL == 2
    aborted = true;
#endif
    check_end();
#endif
    wake_everybody();
done:
    not_over--;
#if ANY_DEATHS
dead: /* never: neither dies here */
#endif
end_control:
    false
}
#endif


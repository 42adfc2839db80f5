/* The segment: words, rows, events to sleep on, and the end that comes when all writers have gone. */

#define ANY_DEATHS (WRITER_DEATHS + WRITER_DEATHS_1 + READER_DEATHS + READER_DEATHS_1 > 0)
#define HAND_BACKS (READER_DEATHS + READER_DEATHS_1 + LEAVES > 0)
#if GROUPS
#define ALL_READERS (READERS + GROUPS - 1)
#else
#define ALL_READERS 0
#endif

/* ---- words: sequence, owner, why handed back (group words), phase ---- */
#define word(s, o, x, p) ((s) * 128 + (o) * 16 + (x) * 4 + (p))
#define sequence_of(w) ((w) / 128)
#define owner_of(w) (((w) / 16) % 8)
#define why_of(w) (((w) / 4) % 4)
#define phase_of(w) ((w) % 4)
#define without_sequence(w) ((w) % 128)
#define FREE 0
#define CLAIMED 1
#define PUBLISHED 2
#define AVAILABLE 0
#define HELD 1
#define RELEASED 2
#define is_available(w, s) (sequence_of(w) < (s) || (sequence_of(w) == (s) && phase_of(w) == AVAILABLE))
#define why_back(w, s) (sequence_of(w) == (s) -> why_of(w) : 0)
#define is_open(w) (phase_of(w) == HELD || (phase_of(w) == AVAILABLE && why_of(w) > 0))
#define READER_LEFT 1
#define READER_DIED 2

/* ---- the segment ---- */
short slot[SLOTS];
#if GROUPS
short taken[GROUPS * SLOTS]; /* group words */
byte cursor[GROUPS];
#if HAND_BACKS
byte handed_back[GROUPS], searched[GROUPS];
#endif
#endif
byte head;
bool ended;
#if CONTROL == 1 || CONTROL == 2
bool closing;
#endif
#if CONTROL == 2
bool aborted;
#endif
#if CONTROL == 3
bool paused;
#endif
#if CONTROL == 4
bool killed; /* known to the check only: nobody has to wait any more */
#endif
#if DETACHES
bool detached; /* group 0 */
#endif
#if LIMIT
byte voided_hint;
byte voided[WRITERS], void_target[WRITERS]; /* a place's rows share one, which leaves the sums as they are */
#endif
#if OBSERVERS
#define is_seen(i) (phase_of(slot[i]) != PUBLISHED || sequence_of(slot[i]) < observed)
#if SLOTS == 1
#define all_is_seen is_seen(0)
#elif SLOTS == 2
#define all_is_seen (is_seen(0) && is_seen(1))
#else
#define all_is_seen (is_seen(0) && is_seen(1) && is_seen(2))
#endif
byte observed; /* the observer's: one more than the last sequence copied */
byte data[SLOTS * 2]; /* two words per event; otherwise `filling` and `reading` below stand for the data */
#endif

#define RESERVED 0
#define ACTIVE 1
#define GONE 2
#define NO_ROW 3
#define ROWS (WRITERS + WRITER_RETURNS)
#define WRITERS_ENDED 16
byte stated_writers = WRITERS; /* `writers` of the header */
byte row[ROWS]; /* of writers; nobody looks at the state of a reader's row */

/*
 * Events to sleep on. Of a key, only this matters to a sleeper: has it changed since I read it? So each waiter has its own
 * view of it, which is the same for all but the number of bits.
 */
#define SPACE 0
#define DATA 1
#define OBSERVE 2
bool sleepers[3];
#define AWAKE 0
#define KEY_READ 1
#define KEY_CHANGED 2
#define ASLEEP 3
#define PLACES (WRITERS + ALL_READERS + OBSERVERS)
byte waits[PLACES];
#define first_waiter(event) (event == SPACE -> 0 : (event == DATA -> WRITERS : WRITERS + ALL_READERS))
#define last_waiter(event) (event == SPACE -> WRITERS : (event == DATA -> WRITERS + ALL_READERS : WRITERS + ALL_READERS + 1))
hidden byte k;

/* ---- what only the check knows ---- */
#define bit(s) (1 << (s))
byte was_published, was_void; /* a bit per sequence */
bool filling[SLOTS]; /* a writer may write the slot's data */
#if GROUPS
byte was_delivered[GROUPS], was_released[GROUPS];
bool reading[GROUPS * SLOTS]; /* a reader may read them */
byte counted_released[GROUPS];
#if HAND_BACKS
byte died_once[GROUPS]; /* recovered from a dead reader */
#endif
#endif
byte counted_published, counted_voided, not_over;

#if ANY_DEATHS
#define or_die :: deaths > 0 -> goto dead
#else
#define or_die
#endif

#if CONTROL == 4
#define or_killed :: killed && deaths > 0 -> goto dead
#else
#define or_killed
#endif

#define advance(hint, target) if :: atomic { hint < (target) -> hint = (target) } :: hint >= (target) or_die fi

/* ---- sleeping and waking ---- */

inline wake_now(event)
{
    if :: sleepers[event] = false or_die fi;
    if
    :: d_step { /* the key */
            k = first_waiter(event);
            do
            :: k < last_waiter(event) ->
                if :: waits[k] == KEY_READ -> waits[k] = KEY_CHANGED :: else fi;
                k++
            :: else -> break
            od;
            k = 0
        }
    or_die
    fi;
    if
    :: d_step { /* futex_wake */
            k = first_waiter(event);
            do
            :: k < last_waiter(event) ->
                if :: waits[k] == ASLEEP -> waits[k] = AWAKE :: else fi;
                k++
            :: else -> break
            od;
            k = 0
        }
    or_die
    fi
}

inline wake_sleepers(event)
{
    if
    :: sleepers[event] -> wake_now(event)
    :: !sleepers[event]
    fi
}

inline wake_everybody()
{
#if GROUPS
    wake_now(DATA);
#endif
#if OBSERVERS
    wake_now(OBSERVE);
#endif
    wake_now(SPACE)
}

/* waiting_announce(): the caller then looks once more. */
inline announce(event)
{
    waits[place] = KEY_READ;
    if :: sleepers[event] = true or_die fi
}

/*
 * futex_wait(): whoever returns from it announces again. Who dies asleep may as well die before; and must not be able to die
 * here, because the search would take that for a way on where nobody will ever wake it.
 */
inline sleep()
{
#if BROKEN == KEY_READ_LATE
    waits[place] = KEY_READ;
#endif
    if
    :: atomic { waits[place] == KEY_READ -> waits[place] = ASLEEP };
        if :: waits[place] == AWAKE or_killed fi
    :: atomic { waits[place] != KEY_READ -> waits[place] = AWAKE }
    or_die
    fi
}

/* ---- the end of the stream ---- */

#define look_at_row(r) gone_rows = gone_rows + (row[r] == GONE); active_rows = active_rows + (row[r] == ACTIVE)

inline check_end()
{
    if
    :: atomic { ended -> is_over = true }
    :: !ended ->
        seen_writers = stated_writers;
        do
        :: atomic { seen_writers & WRITERS_ENDED -> is_over = true; break }
        :: else ->
#if (CONTROL == 1 || CONTROL == 2) && BROKEN != CLOSING_SEEN_LATE
            is_closing = closing;
#endif
            atomic { look_at_row(0) };
#if ROWS > 1
            atomic { look_at_row(1) };
#endif
#if ROWS > 2
            atomic { look_at_row(2) };
#endif
#if (CONTROL == 1 || CONTROL == 2) && BROKEN == CLOSING_SEEN_LATE
            is_closing = closing;
#endif
            atomic {
                is_over = (gone_rows >= seen_writers || (is_closing && active_rows == 0));
                gone_rows = 0;
                active_rows = 0;
                is_closing = false;
                if :: is_over :: else -> break fi
            };
            if
#if BROKEN == ENDED_IN_TWO_STEPS
            :: atomic { true -> stated_writers = stated_writers | WRITERS_ENDED; break }
#else
            :: atomic { stated_writers == seen_writers -> stated_writers = stated_writers | WRITERS_ENDED; break }
            :: atomic { stated_writers != seen_writers -> seen_writers = stated_writers; is_over = false }
#endif
            or_die
            fi
        od;
        seen_writers = 0;
        if
        :: is_over -> if :: ended = true or_die fi
        :: else
        fi
    fi
}

/* ---- fields of rows and groups, as their processes name them ---- */
#if LIMIT
#define my_voided voided[place]
#define my_void_target void_target[place]
#else
#define my_voided own_voided
#define my_void_target own_void_target
#endif
#define PROCESSED 0 /* outcomes; the others are counted as processed is */
#define FAILED 1
#define my_word(q) taken[group * SLOTS + (q) % SLOTS]

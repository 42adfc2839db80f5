/* What may be broken on purpose: -DBROKEN=NAME. */
#define CLAIM_BY_STORE         1   /* a writer claims by a store */
#define CLAIM_WITHOUT_SEQUENCE 2   /* the claim's CAS compares the phase only */
#define CLAIM_UNRELEASED       3   /* a writer looks at the first group only */
#define TAKE_BY_STORE          4   /* a reader takes by a store */
#define TAKE_WITHOUT_SEQUENCE  5   /* the take's CAS compares all but the sequence */
#define RELEASE_BEFORE_READ    6   /* a reader releases, then reads the data for the last time */
#define PUBLISH_BEFORE_WRITE   7   /* a writer publishes, then writes the data */
#define PUBLISH_TOUCHES_GROUPS 8   /* publish makes the groups' words AVAILABLE(s) after the slot's */
#define HEAD_NOT_HELPED        9   /* a writer does not move on a head left behind by another */
#define CURSOR_NOT_HELPED      10  /* a reader does not move on a cursor left behind by another */
#define KEY_READ_LATE          11  /* the key of the event is read after the last look */
#define NO_LOOK_BEFORE_SLEEP   12  /* a sleeper does not look again after it has set `sleepers` */
#define SLEEPERS_SEEN_EARLY    13  /* publish looks at `sleepers` before its store */
#define VOID_NOT_TOLD          14  /* an abort does not wake readers */
#define END_WHILE_HELD         15  /* a reader gets the end without a look at held events */
#define OLD_WORD_IS_TAKEN      16  /* a reader at the end takes a word of an older lap for that of a taken event */
#define CLOSING_SEEN_LATE      17  /* check_end() looks at the rows, then at `closing` */
#define ENDED_IN_TWO_STEPS     18  /* check_end() says that no writer can be added without comparing their number */
#define WRITER_ADDED_LATE      19  /* the number of writers is raised after the dead one was recovered */
#define SEARCH_RESETS          20  /* "none left to search for" is stored as zero hand-backs */
#define BACK_NOT_TOLD          21  /* a search is not asked for when something was handed back */
#define BACK_NOT_TOLD_AGAIN    22  /* recover does not raise `handed_back` once more */
#define NOT_HANDED_BACK        23  /* recover forgets what a reader held */
#define DEATHS_NOT_LIMITED     24  /* recover hands an event back however many readers have died with it */
#define LEAVING_IS_DYING       25  /* a hand-back at sign off uses up the chance that a death leaves */
#define NOT_MADE_VOID          26  /* recover forgets what a writer held */
#define FREE_SAME_SEQUENCE     27  /* a void slot becomes FREE(s), to be claimed again */
#define NOT_COUNTED            28  /* recover does not finish the counting */
#define COUNTED_FIRST          29  /* a writer's counter is stored before the words */
#define COUNTED_LATE           30  /* recover finishes the counting after it has handed back */
#define NOT_LOOKED_AGAIN       31  /* an observer does not look at the word again after copying */
#define TICKET_FORGOTTEN       32  /* a writer at the limit overlooks a claim that has just become void */

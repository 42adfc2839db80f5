/* What all calls share; see units.c. */
#ifndef PICOSIM_LIBRARY_H
#define PICOSIM_LIBRARY_H

#include "simulator.h"

enum { MAX_FAILURES = 16, FUNCTION_NAME = 64 };

struct failure { /* a status that a function is to give */
    char function[FUNCTION_NAME]; /* without the family */
    uint32_t status;
    long times; /* 0: not in use */
};

struct library {
    pthread_mutex_t mutex;
    pthread_cond_t idle;
    int busy; /* a call is in progress: everything belongs to it. Else to whoever holds the mutex */
    int refuses; /* a second call gets DRIVER_FUNCTION; else it waits */
    int threads; /* that have still to call back */
    struct unit *units;
    struct session *session[MAX_SESSIONS];
    int16_t next_handle;
    struct knobs defaults;
    struct signal *given;
    struct failure failure[MAX_FAILURES];
    uint32_t enumerate_status;
    uint64_t calls, wrong_calls;
    char last_wrong[96];
    /* OpenUnitAsync */
    int opening; /* 1: in progress, 2: its result waits to be fetched */
    double opened_at_s;
    char opening_serial[64];
    int opening_any;
    uint32_t opening_resolution;
};

extern struct library library;

/* Lets happen what was to happen by now: units plugged out and in again at a set time. */
void update_units(void);

#endif

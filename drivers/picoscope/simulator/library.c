/* One call at a time, counts of calls, and failures to order. */
#include "library.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct library library = {
    .mutex = PTHREAD_MUTEX_INITIALIZER, .idle = PTHREAD_COND_INITIALIZER, .refuses = 1, .next_handle = 16384};

static pthread_once_t loaded = PTHREAD_ONCE_INIT;
static _Thread_local int is_in_callback;

double wall_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void sleep_s(double seconds)
{
    if (!(seconds > 0)) return;
    struct timespec left = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
}

void set_in_callback(int in_callback)
{
    is_in_callback = in_callback;
}

void lock_library(void)
{
    pthread_once(&loaded, load_environment);
    pthread_mutex_lock(&library.mutex);
}

void unlock_library(void)
{
    pthread_mutex_unlock(&library.mutex);
}

void lock_when_idle(void)
{
    lock_library();
    /* From inside a callback the thread's own call is in progress. */
    while (library.busy && !is_in_callback) pthread_cond_wait(&library.idle, &library.mutex);
}

struct session *find_session(int16_t handle)
{
    for (int i = 0; i < MAX_SESSIONS; i++) {
        if (library.session[i] != NULL && library.session[i]->handle == handle) return library.session[i];
    }
    return NULL;
}

/* ---- ordered failures -------------------------------------------------------------------------------------------------- */

int set_failure(const char *text)
{
    struct failure failure = {.times = 1};
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text || equals - text >= FUNCTION_NAME) return -2;
    memcpy(failure.function, text, (size_t)(equals - text));
    char *end;
    failure.status = (uint32_t)strtoul(equals + 1, &end, 0);
    if (end == equals + 1) return -2;
    if (*end == '*') failure.times = strtol(end + 1, &end, 10);
    if (*end != 0 || failure.times < 0) return -2;
    struct failure *free_place = NULL;
    for (int i = 0; i < MAX_FAILURES; i++) {
        struct failure *place = &library.failure[i];
        if (place->times > 0 && strcmp(place->function, failure.function) == 0) free_place = place;
        if (place->times == 0 && free_place == NULL) free_place = place;
    }
    if (free_place == NULL) return -2;
    *free_place = failure;
    return 0;
}

static uint32_t ordered_failure(const char *function)
{
    const char *name = function + strlen(TEXT(FAMILY));
    for (int i = 0; i < MAX_FAILURES; i++) {
        struct failure *failure = &library.failure[i];
        if (failure->times == 0 || strcmp(failure->function, name) != 0) continue;
        failure->times--;
        return failure->status;
    }
    return PICO_OK;
}

/* ---- begin and end of calls -------------------------------------------------------------------------------------------- */

/* True if a status tells of a mistake of the caller. */
static int is_wrong(uint32_t status)
{
    static const uint16_t wrong[] = {0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x12, 0x16, 0x17, 0x18, 0x19, 0x1D, 0x1E, 0x1F,
                                     0x20, 0x22, 0x23, 0x24, 0x25, 0x26, 0x28, 0x29, 0x2B, 0x2E, 0x30, 0x35, 0x37, 0x38,
                                     0x39, 0x3B, 0x3C, 0x40, 0x42, 0x43, 0x45, 0x46, 0x47, 0x48, 0x49, 0x50, 0x5E, 0x5F,
                                     0x60, 0x10D, 0x11B, 0x120, 0x121, 0x122, 0x15E, 0x17A, 0x17B, 0x17C, 0x181, 0x18C, 0x194,
                                     0x195, 0x211, 0x213, 0x300};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (wrong[i] == status) return 1;
    }
    return 0;
}

static void count_wrong(const char *function, uint32_t status)
{
    library.wrong_calls++;
    snprintf(library.last_wrong, sizeof library.last_wrong, "%s 0x%X", function, (unsigned)status);
}

uint32_t finish(struct call *call, uint32_t status)
{
    pthread_mutex_lock(&library.mutex);
    if (!call->injected && is_wrong(status)) count_wrong(call->function, status);
    if (call->entered) {
        library.busy = 0;
        pthread_cond_broadcast(&library.idle);
    }
    pthread_mutex_unlock(&library.mutex);
    return status;
}

uint32_t begin_library(struct call *call, const char *function)
{
    *call = (struct call){.function = function};
    lock_library();
    library.calls++;
    if (is_in_callback) {
        call->status = PICO_USER_CALLBACK;
    } else if (library.busy && library.refuses) {
        call->status = PICO_DRIVER_FUNCTION;
    } else {
        while (library.busy) pthread_cond_wait(&library.idle, &library.mutex);
        library.busy = 1;
        call->entered = 1;
        call->status = ordered_failure(function);
        call->injected = call->status != PICO_OK;
    }
    unlock_library();
    return call->status;
}

/* Happens to units by themselves: plugged out and in again at a set time. */
void update_units(void)
{
    double now = wall_s();
    for (struct unit *unit = library.units; unit != NULL; unit = unit->next) {
        if (unit->unplug_at_s >= 0 && now >= unit->unplug_at_s) unplug_unit(unit);
        if (unit->replug_at_s >= 0 && now >= unit->replug_at_s) replug_unit(unit);
    }
}

static uint32_t touch(struct session *session)
{
    struct unit *unit = session->unit;
    unit->calls++;
    if (unit->unplug_calls >= 0 && unit->unplug_calls-- < 1) unplug_unit(unit);
    if (session->is_dead) return PICO_NOT_RESPONDING;
    double wait = unit->knobs.call_latency_us * 1e-6 + unit->knobs.stall_ms * 1e-3;
    unit->knobs.stall_ms = 0;
    sleep_s(wait);
    return PICO_OK;
}

uint32_t begin(struct call *call, int16_t handle, const char *function, unsigned flags)
{
    if (begin_library(call, function) != PICO_OK) return call->status;
    update_units();
    call->session = find_session(handle);
    if (call->session == NULL) {
        call->status = PICO_INVALID_HANDLE;
    } else if (flags & TOUCHES_DEVICE) {
        uint32_t status = touch(call->session);
        if (!(flags & EVEN_DEAD)) call->status = status;
    }
    if (call->status == PICO_OK && !(flags & ANY_POWER)) call->status = call->session->power_pending;
    return call->status;
}

/* Callbacks from threads of their own: the end of a run, and data that were asked for asynchronously. */
#define _GNU_SOURCE
#include "library.h"
#include <dlfcn.h>
#include <stdlib.h>

#define LOOK_EVERY_S 200e-6

struct watch {
    int16_t handle;
    uint64_t run;
    block_ready_t ready;
    void *parameter;
};

/* True when the run is over; says how. Called while no vendor's function is in progress. */
static int is_over(const struct watch *watch, uint32_t *status)
{
    struct session *session = find_session(watch->handle);
    *status = PICO_CANCELLED;
    if (session == NULL || session->run != watch->run) return 1;
    advance_block(session);
    if (session->is_dead) {
        *status = PICO_NOT_RESPONDING;
        return 1;
    }
    *status = session->end_status;
    return session->mode != CAPTURING;
}

static void thread_ends(void)
{
    lock_library();
    library.threads--;
    unlock_library();
}

static void *watch_until_ready(void *argument)
{
    struct watch *watch = argument;
    uint32_t status;
    for (;;) {
        lock_when_idle();
        update_units();
        int over = is_over(watch, &status);
        unlock_library();
        if (over) break;
        sleep_s(LOOK_EVERY_S);
    }
    set_in_callback(1);
    watch->ready(watch->handle, status, watch->parameter);
    set_in_callback(0);
    free(watch);
    thread_ends();
    return NULL;
}

/* Keeps the library in memory for good: a thread of its may still have to return when the program closes it. */
static void stay_loaded(void)
{
    static int stays;
    Dl_info info;
    if (stays || dladdr((void *)&watch_run, &info) == 0) return;
    dlopen(info.dli_fname, RTLD_NOW | RTLD_NODELETE | RTLD_NOLOAD);
    stays = 1;
}

static void start_thread(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    lock_library();
    library.threads++;
    stay_loaded();
    unlock_library();
    int error = pthread_create(&thread, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    if (error == 0) return;
    free(argument);
    thread_ends();
}

void watch_run(struct session *session)
{
    struct watch *watch = malloc(sizeof *watch);
    if (watch == NULL) return;
    *watch = (struct watch){session->handle, session->run, session->ready, session->ready_parameter};
    start_thread(watch_until_ready, watch);
}

struct data_call {
    void *callback;
    int16_t handle;
    uint32_t status;
    uint64_t samples;
    int16_t overflow;
    void *parameter;
};

typedef void (*data_ready_t)(int16_t, uint32_t, uint32_t, int16_t, void *);
typedef void (*data_ready64_t)(int16_t, uint32_t, uint64_t, int16_t, void *);

static void *call_back(void *argument)
{
    struct data_call *call = argument;
    lock_when_idle();
    unlock_library();
    set_in_callback(1);
    if (IS_A_FAMILY) {
        ((data_ready_t)call->callback)(call->handle, call->status, (uint32_t)call->samples, call->overflow, call->parameter);
    } else {
        ((data_ready64_t)call->callback)(call->handle, call->status, call->samples, call->overflow, call->parameter);
    }
    set_in_callback(0);
    free(call);
    thread_ends();
    return NULL;
}

void call_data_ready(void *callback, int16_t handle, uint32_t status, uint64_t samples, int16_t overflow, void *parameter)
{
    struct data_call *call = malloc(sizeof *call);
    if (call == NULL) return;
    *call = (struct data_call){callback, handle, status, samples, overflow, parameter};
    start_thread(call_back, call);
}

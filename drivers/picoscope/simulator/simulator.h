/*
 * A simulated PicoScope library: the same functions, statuses and data as the vendor's library of one family.
 *
 * Built once per family, with -DFAMILY=ps2000a, ps3000a, ps4000a, ps5000a (their functions are in a_*.c) or ps6000a, psospa
 * (in e_*.c); everything else is shared. What differs in behaviour between families and models is in models.c.
 *
 * A *unit* is a simulated instrument: it may be plugged in or not, has a power state, a signal and knobs. Opening it makes
 * a *session* with a handle. A session that has seen its unit unplugged is dead for ever, as with the real driver.
 * A *capture* is one record of pre + post samples around a trigger, kept in one memory segment; a *run* is what one
 * RunBlock or RunStreaming starts. Captures are numbered from 0 since the session was opened.
 *
 * Nothing runs in the background: whenever a call looks at a session, what has happened until then is worked out
 * (advance_block(), advance_stream()). All times of a run are whole samples. The clock is the wall clock, times `speed`; with
 * speed 0, whatever is waited for has already happened.
 *
 * Threads: one call at a time; a second one gets DRIVER_FUNCTION, a call from inside a callback USER_CALLBACK. Block and data
 * callbacks come from a thread of their own, if a function was given. The streaming callback comes from inside the call.
 *
 * Beside the vendor's functions the library exports picosim_set, picosim_get, picosim_waveforms, picosim_expected,
 * picosim_expected_stream and picosim_capture (control.c): knobs, and the values that a test should find.
 *
 * Not simulated: digital ports, equivalent-time sampling, pulse-width qualifiers (checked and remembered, not evaluated),
 * probes, bandwidth limits (remembered).
 */
#ifndef PICOSIM_SIMULATOR_H
#define PICOSIM_SIMULATOR_H

#include "models.h"
#include "signal.h"
#include "status.h"
#include <pthread.h>
#include <stddef.h>

#define PICOSIM_API __attribute__((visibility("default")))

struct unit;
struct session;

/* ---- state ------------------------------------------------------------------------------------------------------------ */

struct unit {
    struct unit *next;
    const struct model *model;
    char serial[32];
    int present; /* in the list of devices */
    int plugged;
    enum power power;
    struct knobs knobs;
    unsigned generation; /* grows with each change of a knob */
    struct signal *signal; /* NULL: to be made */
    struct signal *given;
    double unplug_calls, unplug_captures, unplug_at_s, replug_at_s, replug_after_s; /* negative: not set */
    double wall_base_s, sim_base_ns;
    /* totals since the library was loaded */
    uint64_t calls, captures, runs, lost, missed;
};

struct buffer {
    void *max;
    void *min;
    uint64_t length;
    uint32_t mode;
    uint32_t type; /* enum data_type */
};

struct segment {
    struct pool *pool; /* NULL: nothing captured */
    uint64_t capture;
    uint64_t trigger_at; /* samples since the start of the run */
    uint64_t time_stamp; /* the same with another origin in each run */
    uint64_t missed;
    uint32_t row;
    uint8_t forced;
    uint8_t first_of_run;
    uint16_t overflow; /* from the knob */
};

enum mode { IDLE, CAPTURING, READY, CANCELLED, STREAMING, STREAMED };

struct transfer { /* an overlapped one, in force for the runs that follow */
    int set;
    uint64_t start, wanted, from, to, ratio;
    uint32_t mode;
    void *samples; /* uint32_t or uint64_t */
    int16_t *overflow;
};

struct stream {
    uint64_t run;
    uint64_t dt_ps;
    uint32_t units;
    double start_ns;
    uint64_t max_pre, max_post;
    int auto_stop;
    uint64_t ratio;
    uint32_t mode;
    uint64_t overview;
    uint64_t delivered; /* raw samples handed over or lost, so all after this are still to come */
    uint64_t position;  /* in the overview buffer */
    uint64_t end;       /* raw samples after which the run is over; UINT64_MAX: not known yet */
    int triggered;
    int finished;
    uint64_t triggered_at;
    struct trigger_state state;
    uint64_t lost_until; /* samples before this have been lost, as far as they were not handed over */
    int stalled; /* a loss has still to be reported */
    struct scale scale[MAX_CHANNELS];
    struct signal *signal;
};

struct generator {
    uint32_t wave, sweep, trigger_type, trigger_source;
    double pk_to_pk_v, offset_v, frequency_hz, stop_hz, increment_hz, dwell_s;
    uint64_t cycles, arbitrary;
};

struct stream_queue; /* e_stream.c */

struct session {
    int16_t handle;
    struct unit *unit;
    int is_dead;
    uint32_t power_pending; /* status that must be acknowledged first */
    uint32_t usb_powered;
    uint32_t resolution;
    struct channel channel[MAX_CHANNELS];
    struct trigger trigger;
    int pulse_width_enabled;
    uint64_t segments, captures_wanted;
    struct segment *segment;
    struct buffer *buffers[2]; /* raw, reduced; [segment][channel] or NULL */
    enum mode mode;
    uint32_t end_status; /* of the last run, for its callback */
    /* block */
    struct pool *pool;
    uint64_t captures; /* completed since the session was opened */
    uint64_t run, run_captures, run_segment, run_done, processed;
    uint64_t arm;      /* samples since the start of the run */
    int planned;
    unsigned plan_generation;
    uint64_t plan_trigger, plan_end;
    int plan_forced, plan_never;
    double run_start_ns;
    uint64_t origin; /* of the time-stamp counter */
    block_ready_t ready;
    void *ready_parameter;
    struct transfer transfer;
    struct stream stream;
    struct stream_queue *queue;
    char generator[256];
    uint32_t generator_source;
    struct generator setting; /* ps6000a, psospa: not yet applied */
    int led;
    int edge_detect;
};

enum { HOST_ONLY = 0, TOUCHES_DEVICE = 1, ANY_POWER = 2, EVEN_DEAD = 4 };

struct call {
    const char *function;
    struct session *session;
    uint32_t status;
    int entered, injected;
};

/* ---- library.c -------------------------------------------------------------------------------------------------------- */

/* Begins a call of a function with a handle. Returns 0, or the status to finish with. */
uint32_t begin(struct call *call, int16_t handle, const char *function, unsigned flags);
/* The same for functions without a handle. */
uint32_t begin_library(struct call *call, const char *function);
uint32_t finish(struct call *call, uint32_t status);

#define BEGIN(flags)                                                                                                   \
    struct call call;                                                                                                  \
    if (begin(&call, handle, __func__, (flags))) return finish(&call, call.status);                                    \
    struct session *session = call.session;                                                                            \
    (void)session
#define END(status) return finish(&call, (status))
#define REQUIRE(condition, status)                                                                                     \
    do {                                                                                                               \
        if (!(condition)) return finish(&call, (status));                                                              \
    } while (0)

struct session *find_session(int16_t handle);
int set_failure(const char *text);
void lock_library(void);
void unlock_library(void);
/* Between other threads' calls; for what is not a vendor's function. */
void lock_when_idle(void);
void set_in_callback(int in_callback);
double wall_s(void);
void sleep_s(double seconds);

/* ---- open.c ----------------------------------------------------------------------------------------------------------- */

/* Opens a unit, any if `serial` is NULL; at its own resolution if `resolution` is UINT32_MAX. */
uint32_t open_session(const char *serial, uint32_t resolution, int16_t *handle);
uint32_t start_opening(const char *serial, uint32_t resolution, int16_t *started);
uint32_t opening_progress(int16_t *handle, int16_t *percent, int16_t *complete);
uint32_t close_session(struct session *session);
uint32_t enumerate_units(int16_t *count, char *serials, int16_t *length);

/* ---- units.c ---------------------------------------------------------------------------------------------------------- */

struct unit *first_unit(void);
struct unit *find_unit(const char *serial);
/* The session that has a unit open; if there is none, a dead one; or NULL. */
struct session *session_of_unit(const struct unit *unit);
int set_devices(const char *list);
struct signal *signal_of_unit(struct unit *unit);
double sim_now_ns(struct unit *unit);
void set_sim_now(struct unit *unit, double now_ns);
void unplug_unit(struct unit *unit);
void replug_unit(struct unit *unit);
void set_unit_power(struct unit *unit, enum power power);
/* State of the supply as the interface numbers it. */
uint32_t power_status(const struct unit *unit);
uint32_t change_power(struct session *session, uint32_t state);
uint32_t unit_info(int16_t handle, char *text, int16_t length, int16_t *required, uint32_t info, const char *function);

/* ---- callbacks.c ------------------------------------------------------------------------------------------------------ */

/* Calls `ready` from a thread of its own when the run is over. */
void watch_run(struct session *session);
/* Calls a data callback from a thread of its own. */
void call_data_ready(void *callback, int16_t handle, uint32_t status, uint64_t samples, int16_t overflow, void *parameter);

/* ---- control.c -------------------------------------------------------------------------------------------------------- */

void load_environment(void);

/* ---- block.c ----------------------------------------------------------------------------------------------------------- */

int enabled_channels(const struct session *session);
uint32_t set_segments(struct session *session, uint64_t segments);
uint64_t samples_per_segment(const struct session *session);
void forget_data(struct session *session);
void free_session_data(struct session *session);
int is_busy(const struct session *session);
uint32_t check_timebase(const struct session *session, uint32_t timebase, uint64_t *dt_ps);
uint32_t check_trigger_sources(const struct session *session);
uint32_t run_block(struct session *session, uint64_t pre, uint64_t post, uint32_t timebase, uint64_t segment,
                   block_ready_t ready, void *parameter, double *busy_ms);
uint32_t is_ready(struct session *session, int16_t *ready);
void advance_block(struct session *session);
uint32_t stop(struct session *session);
uint32_t register_buffer(struct session *session, int channel, const struct buffer *buffer, uint64_t segment);

/* ---- read.c ------------------------------------------------------------------------------------------------------------ */

uint32_t get_values(struct session *session, uint64_t start, uint64_t *samples, uint64_t ratio, uint32_t mode,
                    uint64_t from, uint64_t to, int is_bulk, int16_t *overflow);
uint32_t set_transfer(struct session *session, const struct transfer *transfer);
/* Carries an overlapped transfer out; the run is over. */
void transfer_now(struct session *session);
uint32_t max_ratio(struct session *session, uint64_t samples, uint32_t mode, uint64_t segment, uint64_t *ratio);
/* Reduces raw samples. Returns how many values were written. */
uint64_t reduce(const int16_t *raw, uint64_t count, uint64_t ratio, uint32_t mode, int16_t *max, int16_t *min, uint64_t room);
/* The same into values of a type (enum data_type); int8 are the upper bytes. */
uint64_t convert_values(const int16_t *raw, uint64_t count, uint64_t ratio, uint32_t mode, uint32_t type, void *max, void *min,
                        uint64_t room);
uint32_t find_segment(struct session *session, uint64_t index, struct segment **segment);
/* Time from the trigger to the next sample. */
double trigger_offset_ps(const struct segment *segment);
/* Waits as long as USB would take. */
void usb_delay(struct session *session, uint64_t bytes);
uint64_t count_segments(const struct session *session, uint64_t from, uint64_t to);

/* ---- conditions.c ------------------------------------------------------------------------------------------------------ */

/* Index of a trigger source that the interface numbers so, or -1. */
int source_index(const struct session *session, uint32_t channel);
uint32_t set_simple_trigger(struct session *session, int enable, uint32_t channel, int threshold, uint32_t direction,
                            uint64_t delay, uint64_t auto_us);
/* Takes thresholds over; `mode` is NULL where directions say it. */
uint32_t set_threshold(struct session *session, const struct threshold *threshold, const uint32_t *mode);
uint32_t set_direction(struct session *session, uint32_t channel, uint32_t direction, const uint32_t *mode);
uint32_t set_conditions(struct session *session, const struct condition *conditions, int16_t count, uint32_t action);
/* One structure of `words` states each: A, B, C, D, external, auxiliary, pulse width, and digital. */
uint32_t set_states(struct session *session, const uint32_t *states, int16_t count, int words);
uint32_t set_pulse_width(struct session *session, const void *conditions, int16_t count, uint32_t lower, uint32_t upper,
                         uint32_t type);

/* ---- stream.c ---------------------------------------------------------------------------------------------------------- */

double unit_ps(uint32_t unit);
/* Interval that the instrument takes for the one asked for, in whole steps of its clock. */
uint32_t choose_stream_interval(const struct session *session, double wanted_ps, uint64_t *dt_ps);
uint32_t start_stream(struct session *session, uint64_t dt_ps, uint64_t pre, uint64_t post, int auto_stop, uint64_t ratio,
                      uint32_t mode);
/* Raw samples that could be handed over now, or a status (0x1C, ...) in `status`. Takes losses into account. */
uint64_t stream_available(struct session *session, uint32_t *status);
/*
 * Looks for the trigger in the next `count` samples; sets *at to its index in them, or -1. Returns how many of them belong
 * to the run.
 */
uint64_t stream_trigger(struct session *session, uint64_t count, int64_t *at);
/* ADC values of the next `count` samples of a channel. Returns 1 if any is clipped. */
int render_chunk(struct session *session, int channel, uint64_t count, int16_t *out);

#endif

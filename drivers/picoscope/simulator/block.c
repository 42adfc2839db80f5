/*
 * Block mode: memory segments and runs of captures.
 *
 * Within a run time is counted in samples. Capture by capture: armed, then at least `pre` samples, then the time until the
 * next event (exponential, so it does not matter since when one waits), then `post` samples, then the dead time until it is
 * armed again. The trigger rate is that of the events, times the fraction of waveforms that the trigger takes.
 */
#include "library.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STAMP_BITS 56
enum { GAPS = 1, ORIGINS = 2, MISSES = 3 }; /* uses of random numbers */

int enabled_channels(const struct session *session)
{
    int count = 0;
    for (int channel = 0; channel < MAX_CHANNELS; channel++) count += session->channel[channel].enabled != 0;
    return count;
}

int is_busy(const struct session *session)
{
    return session->mode == CAPTURING || session->mode == STREAMING;
}

/* ---- segments ---------------------------------------------------------------------------------------------------------- */

void forget_data(struct session *session)
{
    for (uint64_t i = 0; i < session->segments && session->segment != NULL; i++) {
        if (session->segment[i].pool == NULL) continue;
        drop_pool(session->segment[i].pool);
        session->segment[i].pool = NULL;
    }
    if (session->mode == READY || session->mode == STREAMED || session->mode == CANCELLED) session->mode = IDLE;
    session->run_done = 0;
}

void free_session_data(struct session *session)
{
    forget_data(session);
    drop_pool(session->pool);
    drop_signal(session->stream.signal);
    free(session->segment);
    for (int i = 0; i < 2; i++) free(session->buffers[i]);
    free(session->queue);
}

uint64_t samples_per_segment(const struct session *session)
{
    int channels = enabled_channels(session);
    return memory_samples(session->unit->model, session->resolution) / session->segments / (uint64_t)memory_share(channels);
}

uint32_t set_segments(struct session *session, uint64_t segments)
{
    struct segment *segment = calloc(segments, sizeof *segment);
    if (segment == NULL) return PICO_MEMORY_FAIL;
    for (int i = 0; i < 2; i++) {
        if (session->buffers[i] == NULL) continue;
        struct buffer *buffers = calloc(segments * MAX_CHANNELS, sizeof *buffers);
        if (buffers == NULL) {
            free(segment);
            return PICO_MEMORY_FAIL;
        }
        uint64_t kept = segments < session->segments ? segments : session->segments;
        memcpy(buffers, session->buffers[i], kept * MAX_CHANNELS * sizeof *buffers);
        free(session->buffers[i]);
        session->buffers[i] = buffers;
    }
    forget_data(session);
    free(session->segment);
    session->segment = segment;
    session->segments = segments;
    return PICO_OK;
}

uint32_t register_buffer(struct session *session, int channel, const struct buffer *buffer, uint64_t segment)
{
    if (segment >= session->segments) return PICO_SEGMENT_OUT_OF_RANGE;
    struct buffer **table = &session->buffers[buffer->mode != RATIO_NONE];
    if (*table == NULL) {
        if (buffer->max == NULL && buffer->min == NULL) return PICO_OK;
        *table = calloc(session->segments * MAX_CHANNELS, sizeof **table);
        if (*table == NULL) return PICO_MEMORY_FAIL;
    }
    (*table)[segment * MAX_CHANNELS + (uint64_t)channel] = *buffer;
    return PICO_OK;
}

/* ---- a run ------------------------------------------------------------------------------------------------------------- */

uint32_t check_timebase(const struct session *session, uint32_t timebase, uint64_t *dt_ps)
{
    const struct model *model = session->unit->model;
    *dt_ps = timebase_ps(model, session->resolution, timebase);
    if (*dt_ps == 0) return PICO_INVALID_TIMEBASE;
    uint64_t fastest = fastest_ps(model, session->resolution, enabled_channels(session));
    if (fastest == 0) return PICO_INVALID_NUMBER_CHANNELS_FOR_RESOLUTION;
    return *dt_ps < fastest ? PICO_INVALID_TIMEBASE : PICO_OK;
}

uint32_t check_trigger_sources(const struct session *session)
{
    for (int channel = 0; channel < MAX_CHANNELS; channel++) {
        if (uses_source(&session->trigger, channel) && !session->channel[channel].enabled) {
            return FAMILY_NUMBER >= 6 ? PICO_TRIGGER_CHANNEL_NOT_ENABLED : PICO_INVALID_TRIGGER_CHANNEL;
        }
    }
    return PICO_OK;
}

static struct capture_settings settings_of(const struct session *session, uint64_t pre, uint64_t post, uint64_t dt_ps)
{
    struct capture_settings settings;
    memset(&settings, 0, sizeof settings);
    memcpy(settings.channel, session->channel, sizeof settings.channel);
    settings.trigger = session->trigger;
    settings.dt_ps = dt_ps;
    settings.pre = pre;
    settings.post = post;
    settings.resolution = session->resolution;
    settings.channels = (uint32_t)enabled_channels(session);
    return settings;
}

/* The pool for these settings: the last one, if it still fits. */
static uint32_t find_pool(struct session *session, const struct capture_settings *settings)
{
    struct signal *signal = signal_of_unit(session->unit);
    if (signal == NULL) return PICO_MEMORY_FAIL;
    struct pool *pool = session->pool;
    if (pool != NULL && pool->signal == signal && memcmp(&pool->settings, settings, sizeof *settings) == 0) return PICO_OK;
    drop_pool(pool);
    session->pool = make_pool(signal, settings, (uint64_t)(session->unit->knobs.cache_mb * 1e6));
    return session->pool == NULL ? PICO_MEMORY_FAIL : PICO_OK;
}

uint32_t run_block(struct session *session, uint64_t pre, uint64_t post, uint32_t timebase, uint64_t segment,
                   block_ready_t ready, void *parameter, double *busy_ms)
{
    struct unit *unit = session->unit;
    uint64_t dt_ps;
    uint32_t status = check_timebase(session, timebase, &dt_ps);
    if (status != PICO_OK) return status;
    if (enabled_channels(session) == 0) {
        return FAMILY_NUMBER >= 5 ? PICO_NO_CHANNELS_OR_PORTS_ENABLED : PICO_INVALID_CHANNEL;
    }
    if ((status = check_trigger_sources(session)) != PICO_OK) return status;
    if (segment >= session->segments) return PICO_SEGMENT_OUT_OF_RANGE;
    if (session->captures_wanted > session->segments - segment) return PICO_NOT_ENOUGH_SEGMENTS;
    if (pre + post > samples_per_segment(session)) return PICO_TOO_MANY_SAMPLES;
    struct capture_settings settings = settings_of(session, pre, post, dt_ps);
    if ((status = find_pool(session, &settings)) != PICO_OK) return status;
    session->mode = CAPTURING;
    session->end_status = PICO_OK;
    session->run = unit->runs++;
    session->run_captures = session->captures_wanted;
    session->run_segment = segment;
    session->run_done = 0;
    session->processed = 0;
    session->arm = 0;
    session->planned = 0;
    session->run_start_ns = sim_now_ns(unit);
    session->origin = unit->knobs.stamp_origin >= 0 ? (uint64_t)unit->knobs.stamp_origin
                                                    : mix(session->pool->signal->key ^ mix(session->run * 4 + ORIGINS));
    session->ready = ready;
    session->ready_parameter = parameter;
    *busy_ms = (double)(pre + post) * (double)dt_ps * 1e-9 * (double)session->run_captures;
    if (ready != NULL) watch_run(session);
    return PICO_OK;
}

static double random_number(const struct session *session, uint64_t capture, int use)
{
    return uniform_at(session->pool->signal->key ^ mix((uint64_t)use), capture);
}

static double samples_of_ns(const struct session *session, double ns)
{
    return ns * 1000 / (double)session->pool->settings.dt_ps;
}

/* Samples from now until an event triggers; infinite: never. */
static double samples_to_event(const struct session *session)
{
    const struct pool *pool = session->pool;
    const struct signal *signal = pool->signal;
    double gap = INFINITY;
    if (pool->accepted > 0 && session->unit->knobs.triggers > 0 && signal->rate_hz > 0) {
        double fraction = signal->kind == SIGNAL_RAMP ? 1 : (double)pool->accepted / signal->waveforms;
        double gap_ns = -log(random_number(session, session->captures, GAPS)) * 1e9 / (signal->rate_hz * fraction);
        gap = floor(samples_of_ns(session, gap_ns));
    }
    return gap;
}

/* Works out when the next capture will be triggered, searching from sample `search` of the run on. */
static void plan_capture(struct session *session, uint64_t search)
{
    const struct capture_settings *settings = &session->pool->settings;
    const struct trigger *trigger = &settings->trigger;
    double gap = trigger->enabled ? samples_to_event(session) : 0;
    session->plan_forced = !trigger->enabled;
    if (session->pool->quiet_trigger >= 0 && gap > (double)session->pool->quiet_trigger) {
        gap = (double)session->pool->quiet_trigger;
        session->plan_forced = 1;
    }
    double most = trigger->auto_us > 0 ? floor(samples_of_ns(session, (double)trigger->auto_us * 1000)) : INFINITY;
    if (trigger->enabled && gap > most) {
        gap = most;
        session->plan_forced = 1;
    }
    session->planned = 1;
    session->plan_generation = session->unit->generation;
    session->plan_never = !(gap < 1e18);
    if (session->plan_never) return;
    session->plan_trigger = search + (uint64_t)gap;
    session->plan_end = session->plan_trigger + trigger->delay + settings->post;
}

static uint64_t draw_poisson(double mean, double uniform)
{
    double probability = exp(-mean);
    double sum = probability;
    uint64_t count = 0;
    while (sum < uniform && count < 1000) {
        probability *= mean / (double)++count;
        sum += probability;
    }
    return count;
}

static void complete_capture(struct session *session)
{
    struct unit *unit = session->unit;
    struct segment *segment = &session->segment[session->run_segment + session->run_done];
    struct pool *pool = hold_pool(session->pool);
    drop_pool(segment->pool);
    double rearm = floor(samples_of_ns(session, unit->knobs.rearm_ns));
    double dead_ns = (rearm + (double)pool->samples) * (double)pool->settings.dt_ps / 1000;
    double missed = session->run_done == 0 || !pool->settings.trigger.enabled ? 0 : dead_ns * 1e-9 * pool->signal->rate_hz;
    *segment = (struct segment){
        .pool = pool,
        .capture = session->captures,
        .trigger_at = session->plan_trigger,
        .time_stamp = (session->origin + session->plan_trigger) & ((1ULL << STAMP_BITS) - 1),
        .missed = draw_poisson(missed < 100 ? missed : 100, random_number(session, session->captures, MISSES)),
        .row = row_of_capture(pool, session->captures, session->plan_forced),
        .forced = (uint8_t)session->plan_forced,
        .first_of_run = session->run_done == 0,
        .overflow = (uint16_t)unit->knobs.overflow,
    };
    unit->missed += segment->missed;
    unit->captures++;
    session->captures++;
    session->run_done++;
    session->arm = session->plan_end + (uint64_t)rearm + pool->settings.trigger.holdoff;
    session->planned = 0;
    if (unit->unplug_captures >= 0 && unit->unplug_captures-- < 1) unplug_unit(unit);
}

static void end_run(struct session *session)
{
    session->mode = READY;
    if (session->unit->knobs.speed == 0) {
        double end_ns = (double)session->arm * (double)session->pool->settings.dt_ps / 1000;
        set_sim_now(session->unit, session->run_start_ns + end_ns);
    }
    if (session->transfer.set) transfer_now(session);
}

void advance_block(struct session *session)
{
    struct unit *unit = session->unit;
    if (session->mode != CAPTURING || session->is_dead || unit->knobs.stall > 0) return;
    double now = unit->knobs.speed == 0 ? INFINITY : samples_of_ns(session, sim_now_ns(unit) - session->run_start_ns);
    while (session->run_done < session->run_captures && !session->is_dead) {
        uint64_t search = session->arm + session->pool->settings.pre;
        if (!session->planned) plan_capture(session, search);
        if (session->plan_generation != unit->generation) {
            /* A knob was turned while waiting: as memory-less as the events are, the waiting begins anew. */
            plan_capture(session, now > (double)search && now < 1e18 ? (uint64_t)now : search);
        }
        if (session->plan_never || (double)session->plan_end > now) return;
        complete_capture(session);
    }
    if (session->run_done == session->run_captures) end_run(session);
}

uint32_t is_ready(struct session *session, int16_t *ready)
{
    advance_block(session);
    if (session->is_dead) return PICO_NOT_RESPONDING;
    *ready = session->mode == READY;
    switch (session->mode) {
    case IDLE:
    case STREAMING:
    case STREAMED:
        return PICO_NO_SAMPLES_AVAILABLE;
    case CANCELLED:
        return PICO_CANCELLED;
    default:
        return PICO_OK;
    }
}

uint32_t stop(struct session *session)
{
    advance_block(session);
    if (session->mode == CAPTURING) {
        session->mode = CANCELLED;
        session->end_status = PICO_CANCELLED;
    }
    if (session->mode == STREAMING) session->mode = STREAMED;
    session->transfer.set = 0;
    return session->is_dead ? PICO_NOT_RESPONDING : PICO_OK;
}

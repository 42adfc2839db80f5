/*
 * Streaming, as far as all families have it in common: how many samples there are by now, losses, trigger and end.
 *
 * The instrument samples from the start of the run on; `delivered` of the samples have been handed over or lost. What waits
 * for longer than `stream_buffer` samples is lost.
 */
#include "library.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEVER UINT64_MAX
#define LOST_DATA INT16_MIN

double unit_ps(uint32_t unit)
{
    static const double ps[] = {1e-3, 1, 1e3, 1e6, 1e9, 1e12};
    return ps[unit];
}

uint32_t choose_stream_interval(const struct session *session, double wanted_ps, uint64_t *dt_ps)
{
    const struct model *model = session->unit->model;
    double step = (double)stream_step_ps(model);
    double fastest = (double)stream_fastest_ps(model, session->resolution, enabled_channels(session));
    if (!(wanted_ps >= fastest * (1 - 1e-9) && wanted_ps <= 1e15)) return PICO_INVALID_SAMPLE_INTERVAL;
    *dt_ps = (uint64_t)(floor(wanted_ps / step + 0.5) * step);
    return PICO_OK;
}

uint32_t start_stream(struct session *session, uint64_t dt_ps, uint64_t pre, uint64_t post, int auto_stop, uint64_t ratio,
                      uint32_t mode)
{
    struct unit *unit = session->unit;
    struct signal *signal = signal_of_unit(unit);
    if (signal == NULL) return PICO_MEMORY_FAIL;
    forget_data(session);
    drop_signal(session->stream.signal);
    session->stream = (struct stream){
        .run = unit->runs++,
        .dt_ps = dt_ps,
        .start_ns = sim_now_ns(unit),
        .max_pre = pre,
        .max_post = post,
        .auto_stop = auto_stop,
        .ratio = mode == RATIO_NONE ? 1 : ratio,
        .mode = mode,
        .end = auto_stop && !session->trigger.enabled ? pre + post : NEVER,
        .signal = hold_signal(signal),
    };
    for (int channel = 0; channel < MAX_CHANNELS; channel++) {
        session->stream.scale[channel] = make_scale(signal, &session->channel[channel], session->resolution);
    }
    session->mode = STREAMING;
    session->end_status = PICO_OK;
    return PICO_OK;
}

static uint64_t sampled_by_now(struct session *session)
{
    const struct stream *stream = &session->stream;
    struct unit *unit = session->unit;
    if (unit->knobs.stall > 0) return stream->delivered;
    if (unit->knobs.speed == 0) return NEVER;
    double samples = floor((sim_now_ns(unit) - stream->start_ns) * 1000 / (double)stream->dt_ps);
    return samples < (double)stream->delivered ? stream->delivered : (uint64_t)samples;
}

/* Samples up to `until` are lost: left out, or replaced by the mark of lost data. */
static void lose_until(struct session *session, uint64_t until)
{
    struct stream *stream = &session->stream;
    until -= (until - stream->delivered) % stream->ratio;
    uint64_t from = stream->lost_until > stream->delivered ? stream->lost_until : stream->delivered;
    if (until <= from) return;
    session->unit->lost += until - from;
    stream->lost_until = until;
    if (session->unit->knobs.lost_marker > 0) return;
    stream->delivered = until;
    stream->stalled = 1;
}

uint64_t stream_available(struct session *session, uint32_t *status)
{
    struct stream *stream = &session->stream;
    struct knobs *knobs = &session->unit->knobs;
    uint64_t sampled = sampled_by_now(session);
    *status = PICO_OK;
    if (sampled > stream->end) sampled = stream->end;
    if (sampled != NEVER && (double)(sampled - stream->delivered) > knobs->stream_buffer) {
        lose_until(session, sampled - (uint64_t)knobs->stream_buffer);
    }
    if (knobs->lose > 0 && !stream->finished) {
        uint64_t until = stream->delivered + (uint64_t)knobs->lose;
        lose_until(session, until > stream->end ? stream->end : until);
        knobs->lose = 0;
    }
    if (stream->stalled) {
        stream->stalled = 0;
        *status = PICO_BUFFER_STALL;
        return 0;
    }
    return sampled > stream->delivered ? sampled - stream->delivered : 0;
}

int render_chunk(struct session *session, int channel, uint64_t count, int16_t *out)
{
    const struct stream *stream = &session->stream;
    int max = stream->scale[channel].max;
    int clipped = 0;
    render_stream(stream->signal, stream->run, channel, stream->delivered, count, (double)stream->dt_ps / 1000,
                  &stream->scale[channel], out);
    uint64_t lost = stream->lost_until > stream->delivered ? stream->lost_until - stream->delivered : 0;
    for (uint64_t i = 0; i < count; i++) {
        if (i < lost) out[i] = LOST_DATA;
        else clipped |= out[i] >= max || out[i] <= -max;
    }
    return clipped;
}

/* Index of the trigger in the next `count` samples, or -1. */
static int64_t search_trigger(struct session *session, uint64_t count)
{
    enum { PART = 256 };
    struct stream *stream = &session->stream;
    int16_t values[MAX_CHANNELS][PART];
    int16_t now[SOURCES] = {0};
    for (uint64_t done = 0; done < count; done += PART) {
        uint64_t part = count - done < PART ? count - done : PART;
        uint64_t first = stream->delivered + done;
        for (int channel = 0; channel < MAX_CHANNELS; channel++) {
            if (!uses_source(&session->trigger, channel)) continue;
            render_stream(stream->signal, stream->run, channel, first, part, (double)stream->dt_ps / 1000,
                          &stream->scale[channel], values[channel]);
        }
        for (uint64_t i = 0; i < part; i++) {
            for (int channel = 0; channel < MAX_CHANNELS; channel++) {
                if (uses_source(&session->trigger, channel)) now[channel] = values[channel][i];
            }
            int fires = trigger_step(&session->trigger, &stream->state, now);
            if (fires && first + i >= stream->max_pre) return (int64_t)(done + i);
        }
    }
    return -1;
}

uint64_t stream_trigger(struct session *session, uint64_t count, int64_t *at)
{
    struct stream *stream = &session->stream;
    *at = -1;
    if (!session->trigger.enabled || stream->triggered) return count;
    *at = search_trigger(session, count);
    if (*at < 0) {
        uint64_t most = session->trigger.auto_us * 1000000 / stream->dt_ps;
        if (session->trigger.auto_us == 0 || stream->delivered + count < stream->max_pre + most) return count;
        *at = stream->max_pre + most > stream->delivered ? (int64_t)(stream->max_pre + most - stream->delivered) : 0;
        if ((uint64_t)*at >= count) *at = (int64_t)count - 1;
    }
    stream->triggered = 1;
    stream->triggered_at = stream->delivered + (uint64_t)*at;
    if (stream->auto_stop) stream->end = stream->triggered_at + stream->max_post;
    if (stream->end - stream->delivered < count) count = stream->end - stream->delivered;
    return count;
}

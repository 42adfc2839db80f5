/*
 * The captures that a signal can give with some settings. Each is worked out when it is first wanted and kept, so that
 * reading captures costs no more than copying.
 */
#include "simulator.h"
#include <stdlib.h>
#include <string.h>

#define EXT_PULSE_NS 100
#define EXT_PULSE_ADC 13107 /* 2 V of 5 V */
#define NOISE_SEARCH 4096
#define NO_TRIGGER INT64_MIN

struct scale make_scale(const struct signal *signal, const struct channel *channel, uint32_t resolution)
{
    struct scale scale;
    scale.step = 1 << (16 - resolution_bits(resolution));
    scale.max = max_adc(resolution);
    scale.steps_per_mv = (double)scale.max / scale.step / channel->range_mv;
    scale.most = (double)((scale.max + scale.step - 1) / scale.step);
    scale.least = -scale.most;
    scale.offset_mv = channel->offset_mv - (channel->coupling == 0 ? signal->baseline_mv * signal->gain : 0);
    return scale;
}

static double interval_ns(const struct pool *pool)
{
    return (double)pool->settings.dt_ps / 1000;
}

static int16_t ext_value(const struct pool *pool, int64_t index)
{
    if (index == 0) return EXT_PULSE_ADC;
    return index > 0 && (double)index * interval_ns(pool) < EXT_PULSE_NS ? EXT_PULSE_ADC : 0;
}

/* First sample of [first, end) at which a waveform triggers. Returns NO_TRIGGER if none does. */
static int64_t find_trigger(const struct pool *pool, uint32_t waveform, int64_t first, int64_t end)
{
    const struct trigger *trigger = &pool->settings.trigger;
    struct trigger_state state = {0};
    int16_t values[SOURCES] = {0};
    int used[SOURCES];
    for (int source = 0; source < SOURCES; source++) used[source] = uses_source(trigger, source);
    for (int64_t index = first; index < end; index++) {
        for (int channel = 0; channel < MAX_CHANNELS; channel++) {
            if (!used[channel]) continue;
            values[channel] =
                waveform_sample(pool->signal, waveform, channel, index, interval_ns(pool), &pool->scale[channel]);
        }
        if (used[SOURCE_EXT]) values[SOURCE_EXT] = ext_value(pool, index);
        if (trigger_step(trigger, &state, values)) return index;
    }
    return NO_TRIGGER;
}

static void add_row(struct pool *pool, uint32_t waveform, int64_t trigger_at)
{
    struct row *row = &pool->row[pool->rows++];
    row->waveform = (int32_t)waveform;
    row->at = trigger_at + (int64_t)pool->settings.trigger.delay - (int64_t)pool->settings.pre;
}

/* A row that shows the waveform from its first sample. */
static void add_free_row(struct pool *pool, uint32_t waveform)
{
    pool->row[pool->rows++] = (struct row){.waveform = (int32_t)waveform};
}

static void find_rows(struct pool *pool)
{
    const struct signal *signal = pool->signal;
    if (signal->kind == SIGNAL_RAMP) {
        add_free_row(pool, 0);
        pool->accepted = 1;
        return;
    }
    if (pool->settings.trigger.enabled) {
        for (uint32_t waveform = 0; waveform < signal->waveforms; waveform++) {
            int64_t end = waveform_length(signal, waveform, interval_ns(pool));
            int64_t at = find_trigger(pool, waveform, -1, end);
            if (at != NO_TRIGGER) add_row(pool, waveform, at < 0 ? 0 : at);
        }
    }
    pool->accepted = pool->rows;
    if (signal->kind == SIGNAL_WAVEFORMS) {
        for (uint32_t waveform = 0; waveform < signal->waveforms; waveform++) add_free_row(pool, waveform);
        return;
    }
    for (uint32_t i = 0; i < QUIET_WAVEFORMS; i++) add_free_row(pool, signal->waveforms + i);
    if (pool->settings.trigger.enabled) pool->quiet_trigger = find_trigger(pool, signal->waveforms, 0, NOISE_SEARCH);
}

struct pool *make_pool(struct signal *signal, const struct capture_settings *settings, uint64_t most_bytes)
{
    struct pool *pool = calloc(1, sizeof *pool);
    size_t rows = signal->kind == SIGNAL_RAMP ? 1 : 2 * (size_t)signal->waveforms + QUIET_WAVEFORMS;
    struct row *row = calloc(rows, sizeof *row);
    if (pool == NULL || row == NULL) {
        free(pool);
        free(row);
        return NULL;
    }
    pool->references = 1;
    pool->signal = hold_signal(signal);
    pool->settings = *settings;
    pool->samples = settings->pre + settings->post;
    pool->most_bytes = most_bytes;
    pool->row = row;
    pool->quiet_trigger = -1;
    for (int channel = 0; channel < MAX_CHANNELS; channel++) {
        pool->scale[channel] = make_scale(signal, &settings->channel[channel], settings->resolution);
    }
    find_rows(pool);
    return pool;
}

struct pool *hold_pool(struct pool *pool)
{
    pool->references++;
    return pool;
}

void drop_pool(struct pool *pool)
{
    if (pool == NULL || --pool->references > 0) return;
    for (uint32_t i = 0; i < pool->rows; i++) free(pool->row[i].data);
    free(pool->row);
    drop_signal(pool->signal);
    free(pool);
}

uint32_t row_of_capture(const struct pool *pool, uint64_t capture, int forced)
{
    const struct signal *signal = pool->signal;
    if (signal->kind == SIGNAL_RAMP) return 0;
    uint32_t others = pool->rows - pool->accepted;
    int is_given = signal->kind == SIGNAL_WAVEFORMS;
    if (forced) return pool->accepted + (uint32_t)((is_given ? capture : mix(signal->key ^ capture)) % others);
    return (uint32_t)((is_given ? capture : mix(signal->key ^ mix(capture))) % pool->accepted);
}

static void render(const struct pool *pool, const struct row *row, uint64_t capture, int channel, uint64_t first,
                   uint64_t count, int16_t *out)
{
    const struct scale *scale = &pool->scale[channel];
    if (pool->signal->kind == SIGNAL_RAMP) {
        for (uint64_t i = 0; i < count; i++) out[i] = ramp_value(capture, channel, first + i, scale->step);
        return;
    }
    render_waveform(pool->signal, (uint32_t)row->waveform, channel, row->at + (int64_t)first, count, interval_ns(pool), scale,
                    out);
}

static int is_clipped(const int16_t *values, uint64_t count, int max)
{
    int clipped = 0;
    for (uint64_t i = 0; i < count; i++) clipped |= values[i] >= max || values[i] <= -max;
    return clipped;
}

/* Values of all enabled channels of a row, kept; NULL if there is no room for them. */
static int16_t *cached_row(struct pool *pool, struct row *row)
{
    if (row->data != NULL) return row->data;
    if (pool->signal->kind == SIGNAL_RAMP) return NULL;
    uint64_t bytes = pool->settings.channels * pool->samples * sizeof(int16_t);
    if (pool->cached_bytes + bytes > pool->most_bytes) return NULL;
    row->data = malloc(bytes);
    if (row->data == NULL) return NULL;
    pool->cached_bytes += bytes;
    int16_t *out = row->data;
    for (int channel = 0; channel < MAX_CHANNELS; channel++) {
        if (!pool->settings.channel[channel].enabled) continue;
        render(pool, row, 0, channel, 0, pool->samples, out);
        if (is_clipped(out, pool->samples, pool->scale[channel].max)) row->clipped |= 1u << channel;
        out += pool->samples;
    }
    return row->data;
}

int copy_capture(struct pool *pool, uint32_t index, uint64_t capture, int channel, uint64_t first, uint64_t count, int16_t *out)
{
    struct row *row = &pool->row[index];
    const int16_t *data = cached_row(pool, row);
    if (data == NULL) {
        render(pool, row, capture, channel, first, count, out);
        return pool->signal->kind == SIGNAL_RAMP ? 0 : is_clipped(out, count, pool->scale[channel].max);
    }
    for (int before = 0; before < channel; before++) {
        if (pool->settings.channel[before].enabled) data += pool->samples;
    }
    memcpy(out, data + first, count * sizeof(int16_t));
    return row->clipped >> channel & 1 ? is_clipped(out, count, pool->scale[channel].max) : 0;
}

int16_t expected_sample(const struct pool *pool, uint64_t capture, int forced, int channel, uint64_t sample)
{
    const struct scale *scale = &pool->scale[channel];
    if (pool->signal->kind == SIGNAL_RAMP) return ramp_value(capture, channel, sample, scale->step);
    const struct row *row = &pool->row[row_of_capture(pool, capture, forced)];
    return waveform_sample(pool->signal, (uint32_t)row->waveform, channel, row->at + (int64_t)sample, interval_ns(pool), scale);
}

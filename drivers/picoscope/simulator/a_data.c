/* ps2000a to ps5000a: buffers, block mode, streaming. */
#include "a_api.h"
#include <math.h>
#include <stdlib.h>

static int is_ratio_mode(uint32_t mode)
{
    return mode == RATIO_NONE || mode == RATIO_AGGREGATE || mode == RATIO_DECIMATE || mode == RATIO_AVERAGE;
}

/* ---- buffers ----------------------------------------------------------------------------------------------------------- */

static uint32_t set_buffers(struct session *session, uint32_t channel, int16_t *max, int16_t *min, int32_t length,
                            uint32_t segment, uint32_t mode)
{
    if (channel >= (uint32_t)session->unit->model->channels) return PICO_INVALID_CHANNEL;
    if (!is_ratio_mode(mode)) return PICO_RATIO_MODE_NOT_SUPPORTED;
    if (length < 0 || ((max != NULL || min != NULL) && length == 0)) return PICO_INVALID_PARAMETER;
    struct buffer buffer = {.max = max, .min = min, .length = (uint64_t)length, .mode = mode, .type = TYPE_INT16};
    return register_buffer(session, (int)channel, &buffer, segment);
}

#if FAMILY_NUMBER == 2
typedef int32_t channel_or_port_t;
#else
typedef uint32_t channel_or_port_t;
#endif

FN(SetDataBuffer)(int16_t handle, channel_or_port_t channel, int16_t *buffer, int32_t length, uint32_t segment, uint32_t mode)
{
    BEGIN(HOST_ONLY);
    END(set_buffers(session, (uint32_t)channel, buffer, NULL, length, segment, mode));
}

FN(SetDataBuffers)(int16_t handle, channel_or_port_t channel, int16_t *max, int16_t *min, int32_t length, uint32_t segment,
                   uint32_t mode)
{
    BEGIN(HOST_ONLY);
    END(set_buffers(session, (uint32_t)channel, max, min, length, segment, mode));
}

/* ---- block mode -------------------------------------------------------------------------------------------------------- */

FN(RunBlock)(int16_t handle, int32_t pre, int32_t post, uint32_t timebase OVERSAMPLE, int32_t *busy_ms, uint32_t segment,
             block_ready_t ready, void *parameter)
{
    BEGIN(TOUCHES_DEVICE);
    IGNORE_OVERSAMPLE;
    advance_block(session);
    REQUIRE(session->mode != STREAMING, PICO_BUSY);
    REQUIRE(session->mode != CAPTURING || session->unit->knobs.strict == 0, PICO_BUSY);
    REQUIRE(pre >= 0 && post >= 0 && (int64_t)pre + post > 0, PICO_INVALID_PARAMETER);
    double busy = 0;
    uint32_t status = run_block(session, (uint64_t)pre, (uint64_t)post, timebase, segment, ready, parameter, &busy);
    if (status == PICO_OK && busy_ms != NULL) *busy_ms = busy > INT32_MAX ? INT32_MAX : (int32_t)ceil(busy);
    END(status);
}

FN(IsReady)(int16_t handle, int16_t *ready)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(ready != NULL, PICO_NULL_PARAMETER);
    END(is_ready(session, ready));
}

FN(Stop)(int16_t handle)
{
    BEGIN(TOUCHES_DEVICE | ANY_POWER);
    END(stop(session));
}

static uint32_t get(struct session *session, uint32_t start, uint32_t *samples, uint32_t ratio, uint32_t mode, uint32_t from,
                    uint32_t to, int is_bulk, int16_t *overflow)
{
    if (samples == NULL) return PICO_NULL_PARAMETER;
    uint64_t count = *samples;
    session->transfer.set = 0;
    uint32_t status = get_values(session, start, &count, ratio, mode, from, to, is_bulk, overflow);
    if (status == PICO_OK) *samples = (uint32_t)count;
    return status;
}

FN(GetValues)(int16_t handle, uint32_t start, uint32_t *samples, uint32_t ratio, uint32_t mode, uint32_t segment,
              int16_t *overflow)
{
    BEGIN(TOUCHES_DEVICE);
    END(get(session, start, samples, ratio, mode, segment, segment, 0, overflow));
}

FN(GetValuesBulk)(int16_t handle, uint32_t *samples, uint32_t from, uint32_t to, uint32_t ratio, uint32_t mode,
                  int16_t *overflow)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(overflow != NULL, PICO_NULL_PARAMETER);
    END(get(session, 0, samples, ratio, mode, from, to, 1, overflow));
}

FN(GetValuesAsync)(int16_t handle, uint32_t start, uint32_t samples, uint32_t ratio, uint32_t mode, uint32_t segment,
                   void *data_ready, void *parameter)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(data_ready != NULL, PICO_NULL_PARAMETER);
    int16_t overflow = 0;
    uint32_t status = get(session, start, &samples, ratio, mode, segment, segment, 0, &overflow);
    if (status == PICO_OK) call_data_ready(data_ready, handle, status, samples, overflow, parameter);
    END(status);
}

static uint32_t get_overlapped(struct session *session, uint32_t start, uint32_t *samples, uint32_t ratio, uint32_t mode,
                               uint32_t from, uint32_t to, int16_t *overflow)
{
    if (samples == NULL || overflow == NULL) return PICO_NULL_PARAMETER;
    struct transfer transfer = {.start = start,
                                .wanted = *samples,
                                .from = from,
                                .to = to,
                                .ratio = ratio,
                                .mode = mode,
                                .samples = samples,
                                .overflow = overflow};
    return set_transfer(session, &transfer);
}

FN(GetValuesOverlapped)(int16_t handle, uint32_t start, uint32_t *samples, uint32_t ratio, uint32_t mode, uint32_t segment,
                        int16_t *overflow)
{
    BEGIN(TOUCHES_DEVICE);
    END(get_overlapped(session, start, samples, ratio, mode, segment, segment, overflow));
}

FN(GetValuesOverlappedBulk)(int16_t handle, uint32_t start, uint32_t *samples, uint32_t ratio, uint32_t mode, uint32_t from,
                            uint32_t to, int16_t *overflow)
{
    BEGIN(TOUCHES_DEVICE);
    END(get_overlapped(session, start, samples, ratio, mode, from, to, overflow));
}

FN(GetMaxDownSampleRatio)(int16_t handle, uint32_t samples, uint32_t *ratio, uint32_t mode, uint32_t segment)
{
    BEGIN(HOST_ONLY);
    REQUIRE(ratio != NULL, PICO_NULL_PARAMETER);
    uint64_t most = 0;
    uint32_t status = max_ratio(session, samples, mode, segment, &most);
    if (status == PICO_OK) *ratio = (uint32_t)most;
    END(status);
}

/* ---- trigger times ----------------------------------------------------------------------------------------------------- */

/* Looks all segments up, so that nothing is written if one is not there. */
static uint32_t check_segments(struct session *session, uint32_t from, uint32_t to, uint64_t *count)
{
    struct segment *segment;
    advance_block(session);
    if (session->is_dead) return PICO_NOT_RESPONDING;
    if (from >= session->segments || to >= session->segments) return PICO_SEGMENT_OUT_OF_RANGE;
    *count = count_segments(session, from, to);
    for (uint64_t i = 0; i < *count; i++) {
        uint32_t status = find_segment(session, (from + i) % session->segments, &segment);
        if (status != PICO_OK) return status;
    }
    return PICO_OK;
}

static const struct segment *nth_segment(const struct session *session, uint32_t from, uint64_t i)
{
    return &session->segment[(from + i) % session->segments];
}

static void write_offsets(const struct session *session, uint32_t from, uint64_t count, uint32_t *upper, uint32_t *lower,
                          uint32_t *units)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t offset = (uint64_t)trigger_offset_ps(nth_segment(session, from, i));
        upper[i] = (uint32_t)(offset >> 32);
        lower[i] = (uint32_t)offset;
        units[i] = UNIT_PS;
    }
}

FN(GetTriggerTimeOffset)(int16_t handle, uint32_t *upper, uint32_t *lower, uint32_t *units, uint32_t segment)
{
    BEGIN(TOUCHES_DEVICE);
    uint64_t count;
    REQUIRE(upper != NULL && lower != NULL && units != NULL, PICO_NULL_PARAMETER);
    uint32_t status = check_segments(session, segment, segment, &count);
    if (status == PICO_OK) write_offsets(session, segment, count, upper, lower, units);
    END(status);
}

FN(GetValuesTriggerTimeOffsetBulk)(int16_t handle, uint32_t *upper, uint32_t *lower, uint32_t *units, uint32_t from,
                                   uint32_t to)
{
    BEGIN(TOUCHES_DEVICE);
    uint64_t count;
    REQUIRE(upper != NULL && lower != NULL && units != NULL, PICO_NULL_PARAMETER);
    uint32_t status = check_segments(session, from, to, &count);
    if (status == PICO_OK) write_offsets(session, from, count, upper, lower, units);
    END(status);
}

static void write_offsets64(const struct session *session, uint32_t from, uint64_t count, int64_t *times, uint32_t *units)
{
    for (uint64_t i = 0; i < count; i++) {
        times[i] = (int64_t)trigger_offset_ps(nth_segment(session, from, i));
        units[i] = UNIT_PS;
    }
}

FN(GetTriggerTimeOffset64)(int16_t handle, int64_t *time, uint32_t *units, uint32_t segment)
{
    BEGIN(TOUCHES_DEVICE);
    uint64_t count;
    REQUIRE(time != NULL && units != NULL, PICO_NULL_PARAMETER);
    uint32_t status = check_segments(session, segment, segment, &count);
    if (status == PICO_OK) write_offsets64(session, segment, count, time, units);
    END(status);
}

FN(GetValuesTriggerTimeOffsetBulk64)(int16_t handle, int64_t *times, uint32_t *units, uint32_t from, uint32_t to)
{
    BEGIN(TOUCHES_DEVICE);
    uint64_t count;
    REQUIRE(times != NULL && units != NULL, PICO_NULL_PARAMETER);
    uint32_t status = check_segments(session, from, to, &count);
    if (status == PICO_OK) write_offsets64(session, from, count, times, units);
    END(status);
}

#if FAMILY_NUMBER == 3 || FAMILY_NUMBER == 5
FN(GetTriggerInfoBulk)(int16_t handle, struct trigger_info *info, uint32_t from, uint32_t to)
{
    BEGIN(TOUCHES_DEVICE);
    uint64_t count;
    REQUIRE(info != NULL, PICO_NULL_PARAMETER);
    uint32_t status = check_segments(session, from, to, &count);
    REQUIRE(status == PICO_OK, status);
    for (uint64_t i = 0; i < count; i++) {
        const struct segment *segment = nth_segment(session, from, i);
        info[i] = (struct trigger_info){
            .status = segment->first_of_run ? PICO_DEVICE_TIME_STAMP_RESET : PICO_OK,
            .segment_index = (uint32_t)((from + i) % session->segments),
            .trigger_index = FAMILY_NUMBER == 5 ? (uint32_t)segment->pool->settings.pre : 0,
            .trigger_time = (int64_t)trigger_offset_ps(segment),
            .time_units = UNIT_PS,
            .time_stamp_counter = segment->time_stamp,
        };
    }
    END(PICO_OK);
}
#endif

/* ---- streaming --------------------------------------------------------------------------------------------------------- */

/* Overview buffer of a channel, or NULL. */
static const struct buffer *overview_of(const struct session *session, int channel, uint32_t mode)
{
    const struct buffer *table = session->buffers[mode != RATIO_NONE];
    if (table == NULL || !session->channel[channel].enabled) return NULL;
    const struct buffer *buffer = &table[channel];
    return (buffer->max != NULL || buffer->min != NULL) && buffer->mode == mode ? buffer : NULL;
}

static uint32_t check_overview(const struct session *session, uint32_t mode, uint32_t size)
{
    int found = 0;
    if (size == 0) return PICO_INVALID_BUFFER;
    for (int channel = 0; channel < MAX_CHANNELS; channel++) {
        const struct buffer *buffer = overview_of(session, channel, mode);
        if (buffer == NULL) continue;
        if (buffer->length != size) return PICO_INVALID_BUFFER;
        found = 1;
    }
    return found ? PICO_OK : PICO_BUFFERS_NOT_SET;
}

FN(RunStreaming)(int16_t handle, uint32_t *interval, uint32_t units, uint32_t pre, uint32_t post, int16_t auto_stop,
                 uint32_t ratio, uint32_t mode, uint32_t overview)
{
    BEGIN(TOUCHES_DEVICE);
    advance_block(session);
    REQUIRE(!is_busy(session), PICO_BUSY);
    REQUIRE(interval != NULL, PICO_NULL_PARAMETER);
    REQUIRE(units <= UNIT_S, PICO_INVALID_PARAMETER);
    REQUIRE(enabled_channels(session) > 0, PICO_INVALID_CHANNEL);
    uint64_t dt_ps;
    uint32_t status = choose_stream_interval(session, *interval * unit_ps(units), &dt_ps);
    REQUIRE(status == PICO_OK, status);
    REQUIRE(!auto_stop || (uint64_t)pre + post > 0, PICO_INVALID_PARAMETER);
    REQUIRE(is_ratio_mode(mode), PICO_RATIO_MODE_NOT_SUPPORTED);
    REQUIRE(mode == RATIO_NONE || ratio > 0, PICO_INVALID_SAMPLERATIO);
    status = check_trigger_sources(session);
    REQUIRE(status == PICO_OK, status);
    status = check_overview(session, mode, overview);
    REQUIRE(status == PICO_OK, status);
    status = start_stream(session, dt_ps, pre, post, auto_stop, ratio, mode);
    REQUIRE(status == PICO_OK, status);
    session->stream.overview = overview;
    *interval = (uint32_t)floor((double)dt_ps / unit_ps(units) + 0.5);
    END(PICO_OK);
}

/* Writes the next `count` samples of all channels into the overview buffers. Returns the mask of clipped channels. */
static unsigned write_overview(struct session *session, uint64_t count, uint64_t *bytes)
{
    struct stream *stream = &session->stream;
    unsigned clipped = 0;
    int16_t *raw = stream->mode == RATIO_NONE ? NULL : malloc(count * sizeof *raw);
    for (int channel = 0; channel < MAX_CHANNELS; channel++) {
        const struct buffer *buffer = overview_of(session, channel, stream->mode);
        if (buffer == NULL || (stream->mode != RATIO_NONE && raw == NULL)) continue;
        int16_t *max = buffer->max == NULL ? NULL : (int16_t *)buffer->max + stream->position;
        int16_t *min = buffer->min == NULL ? NULL : (int16_t *)buffer->min + stream->position;
        int16_t *out = raw != NULL ? raw : max != NULL ? max : min;
        if (render_chunk(session, channel, count, out)) clipped |= 1u << channel;
        if (raw != NULL) reduce(raw, count, stream->ratio, stream->mode, max, min, stream->overview - stream->position);
        *bytes += count * sizeof(int16_t);
    }
    free(raw);
    return clipped | (unsigned)session->unit->knobs.overflow;
}

/* Samples to hand over now: no more than fit before the buffer's end, and whole values. */
static uint64_t chunk_of(const struct session *session, uint64_t available)
{
    const struct stream *stream = &session->stream;
    uint64_t room = stream->overview - stream->position;
    double chunk = session->unit->knobs.stream_chunk;
    if (chunk > 0 && (double)room > chunk) room = (uint64_t)chunk;
    if (available / stream->ratio >= room) return room * stream->ratio;
    int is_end = stream->delivered + available == stream->end;
    return is_end ? available : available - available % stream->ratio;
}

FN(GetStreamingLatestValues)(int16_t handle, streaming_ready_t ready, void *parameter)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(session->mode == STREAMING, PICO_INVALID_CALL);
    REQUIRE(ready != NULL, PICO_NULL_PARAMETER);
    struct stream *stream = &session->stream;
    uint32_t status;
    uint64_t available = stream_available(session, &status);
    REQUIRE(status == PICO_OK, status);
    if (stream->finished) END(PICO_OK);
    int64_t trigger_at = -1;
    uint64_t count = chunk_of(session, available);
    if (count > 0) count = stream_trigger(session, count, &trigger_at);
    int is_end = stream->delivered + count >= stream->end;
    if (count == 0 && !is_end) END(PICO_OK);
    uint64_t bytes = 0;
    unsigned clipped = write_overview(session, count, &bytes);
    uint64_t made = (count + stream->ratio - 1) / stream->ratio;
    uint64_t start = stream->position;
    stream->delivered += count;
    stream->position = (stream->position + made) % stream->overview;
    stream->finished = is_end;
    usb_delay(session, bytes);
    set_in_callback(1);
    ready(handle, (int32_t)made, (uint32_t)start, (int16_t)clipped,
          trigger_at < 0 ? 0 : (uint32_t)((uint64_t)trigger_at / stream->ratio), trigger_at >= 0, (int16_t)is_end, parameter);
    set_in_callback(0);
    END(PICO_OK);
}

FN(NoOfStreamingValues)(int16_t handle, uint32_t *values)
{
    BEGIN(HOST_ONLY);
    REQUIRE(values != NULL, PICO_NULL_PARAMETER);
    REQUIRE(session->mode == STREAMING || session->mode == STREAMED, PICO_NO_SAMPLES_AVAILABLE);
    *values = (uint32_t)session->stream.delivered;
    END(PICO_OK);
}

/* ps6000a and psospa: buffers and block mode. */
#include "e_api.h"
#include <stdlib.h>
#include <string.h>

int e_ratio_mode(uint32_t mode)
{
    if (mode == E_RATIO_RAW) return RATIO_NONE;
    return mode == RATIO_AGGREGATE || mode == RATIO_DECIMATE || mode == RATIO_AVERAGE ? (int)mode : -1;
}

/* ---- buffers ----------------------------------------------------------------------------------------------------------- */

static void clear_buffers(struct session *session, uint64_t from, uint64_t to)
{
    for (int table = 0; table < 2; table++) {
        if (session->buffers[table] == NULL) continue;
        memset(session->buffers[table] + from * MAX_CHANNELS, 0, (to - from) * MAX_CHANNELS * sizeof(struct buffer));
    }
    if (from == 0) e_clear_queue(session);
}

static uint32_t set_buffers(struct session *session, uint32_t channel, const struct buffer *buffer, uint64_t waveform,
                            uint32_t mode, uint32_t action)
{
    const uint32_t known = ACTION_CLEAR | ACTION_ADD | E_CLEAR_THIS_BUFFER | E_CLEAR_BUFFERS_OF_WAVEFORM | E_CLEAR_READ_BUFFERS;
    if (action == 0 || (action & ~known) != 0) return PICO_INVALID_ACTION;
    if (channel >= (uint32_t)session->unit->model->channels) return PICO_INVALID_CHANNEL;
    if (e_ratio_mode(mode) < 0) return PICO_RATIO_MODE_NOT_SUPPORTED;
    if (buffer->type > TYPE_INT64) return PICO_INVALID_PARAMETER;
    if (waveform >= session->segments) return PICO_SEGMENT_OUT_OF_RANGE;
    if ((buffer->max != NULL || buffer->min != NULL) && buffer->length == 0) return PICO_NO_SAMPLES_REQUESTED;
    if (action & ACTION_CLEAR) clear_buffers(session, 0, session->segments);
    if (action & (E_CLEAR_BUFFERS_OF_WAVEFORM | E_CLEAR_READ_BUFFERS)) clear_buffers(session, waveform, waveform + 1);
    struct buffer registered = *buffer;
    registered.mode = (uint32_t)e_ratio_mode(mode);
    if (action & E_CLEAR_THIS_BUFFER) registered.max = registered.min = NULL;
    if (!(action & (ACTION_ADD | E_CLEAR_THIS_BUFFER))) return PICO_OK;
    uint32_t status = register_buffer(session, (int)channel, &registered, waveform);
    if (status == PICO_OK && waveform == 0 && (action & ACTION_ADD)) e_queue_buffer(session, (int)channel, &registered);
    return status;
}

#if IS_PSOSPA
typedef uint64_t buffer_length_t;
#else
typedef int32_t buffer_length_t;
#endif

FN(SetDataBuffer)(int16_t handle, uint32_t channel, void *buffer, buffer_length_t length, uint32_t type, uint64_t waveform,
                  uint32_t mode, uint32_t action)
{
    BEGIN(HOST_ONLY);
    REQUIRE((int64_t)length >= 0, PICO_INVALID_PARAMETER);
    struct buffer wanted = {.max = buffer, .length = (uint64_t)length, .type = type};
    END(set_buffers(session, channel, &wanted, waveform, mode, action));
}

FN(SetDataBuffers)(int16_t handle, uint32_t channel, void *max, void *min, buffer_length_t length, uint32_t type,
                   uint64_t waveform, uint32_t mode, uint32_t action)
{
    BEGIN(HOST_ONLY);
    REQUIRE((int64_t)length >= 0, PICO_INVALID_PARAMETER);
    struct buffer wanted = {.max = max, .min = min, .length = (uint64_t)length, .type = type};
    END(set_buffers(session, channel, &wanted, waveform, mode, action));
}

/* ---- block mode -------------------------------------------------------------------------------------------------------- */

FN(RunBlock)(int16_t handle, uint64_t pre, uint64_t post, uint32_t timebase, double *busy_ms, uint64_t segment,
             block_ready_t ready, void *parameter)
{
    BEGIN(TOUCHES_DEVICE);
    advance_block(session);
    REQUIRE(session->mode != STREAMING, PICO_NOT_AVAILABLE_WHEN_STREAMING_IS_RUNNING);
    REQUIRE(session->mode != CAPTURING || session->unit->knobs.strict == 0, PICO_BUSY);
    REQUIRE(pre + post > 0, PICO_NO_SAMPLES_REQUESTED);
    REQUIRE(pre < 1ULL << 40 && post < 1ULL << 40, PICO_TOO_MANY_SAMPLES);
    double busy = 0;
    uint32_t status = run_block(session, pre, post, timebase, segment, ready, parameter, &busy);
    if (status == PICO_OK && busy_ms != NULL) *busy_ms = busy;
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
    BEGIN(TOUCHES_DEVICE);
    struct transfer transfer = session->transfer; /* only StopUsingGetValuesOverlapped() ends it */
    uint32_t status = stop(session);
    session->transfer = transfer;
    END(status);
}

static uint32_t get(struct session *session, uint64_t start, uint64_t *samples, uint64_t ratio, uint32_t mode, uint64_t from,
                    uint64_t to, int is_bulk, int16_t *overflow)
{
    if (samples == NULL) return PICO_NULL_PARAMETER;
    if (e_ratio_mode(mode) < 0) return PICO_RATIO_MODE_NOT_SUPPORTED;
    return get_values(session, start, samples, ratio, (uint32_t)e_ratio_mode(mode), from, to, is_bulk, overflow);
}

FN(GetValues)(int16_t handle, uint64_t start, uint64_t *samples, uint64_t ratio, uint32_t mode, uint64_t segment,
              int16_t *overflow)
{
    BEGIN(TOUCHES_DEVICE);
    END(get(session, start, samples, ratio, mode, segment, segment, 0, overflow));
}

FN(GetValuesBulk)(int16_t handle, uint64_t start, uint64_t *samples, uint64_t from, uint64_t to, uint64_t ratio, uint32_t mode,
                  int16_t *overflow)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(overflow != NULL, PICO_NULL_PARAMETER);
    END(get(session, start, samples, ratio, mode, from, to, 1, overflow));
}

static uint32_t get_async(struct session *session, uint64_t start, uint64_t samples, uint64_t ratio, uint32_t mode,
                          uint64_t from, uint64_t to, void *data_ready, void *parameter)
{
    if (data_ready == NULL) return PICO_NULL_PARAMETER;
    if (from >= session->segments || to >= session->segments) return PICO_SEGMENT_OUT_OF_RANGE;
    int16_t *overflow = calloc(count_segments(session, from, to), sizeof *overflow);
    if (overflow == NULL) return PICO_MEMORY_FAIL;
    uint32_t status = get(session, start, &samples, ratio, mode, from, to, from != to, overflow);
    if (status == PICO_OK) call_data_ready(data_ready, session->handle, status, samples, overflow[0], parameter);
    free(overflow);
    return status;
}

FN(GetValuesAsync)(int16_t handle, uint64_t start, uint64_t samples, uint64_t ratio, uint32_t mode, uint64_t segment,
                   void *data_ready, void *parameter)
{
    BEGIN(TOUCHES_DEVICE);
    END(get_async(session, start, samples, ratio, mode, segment, segment, data_ready, parameter));
}

FN(GetValuesBulkAsync)(int16_t handle, uint64_t start, uint64_t samples, uint64_t from, uint64_t to, uint64_t ratio,
                       uint32_t mode, void *data_ready, void *parameter)
{
    BEGIN(TOUCHES_DEVICE);
    END(get_async(session, start, samples, ratio, mode, from, to, data_ready, parameter));
}

FN(GetValuesOverlapped)(int16_t handle, uint64_t start, uint64_t *samples, uint64_t ratio, uint32_t mode, uint64_t from,
                        uint64_t to, int16_t *overflow)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(samples != NULL && overflow != NULL, PICO_NULL_PARAMETER);
    REQUIRE(e_ratio_mode(mode) >= 0, PICO_RATIO_MODE_NOT_SUPPORTED);
    struct transfer transfer = {.start = start,
                                .wanted = *samples,
                                .from = from,
                                .to = to,
                                .ratio = ratio,
                                .mode = (uint32_t)e_ratio_mode(mode),
                                .samples = samples,
                                .overflow = overflow};
    END(set_transfer(session, &transfer));
}

FN(StopUsingGetValuesOverlapped)(int16_t handle)
{
    BEGIN(HOST_ONLY);
    session->transfer.set = 0;
    END(PICO_OK);
}

/* ---- trigger times ----------------------------------------------------------------------------------------------------- */

/* Looks all segments up, so that nothing is written if one is not there. */
static uint32_t check_segments(struct session *session, uint64_t from, uint64_t count)
{
    struct segment *segment;
    advance_block(session);
    if (session->is_dead) return PICO_NOT_RESPONDING;
    if (count == 0 || from >= session->segments || count > session->segments) return PICO_SEGMENT_OUT_OF_RANGE;
    for (uint64_t i = 0; i < count; i++) {
        uint32_t status = find_segment(session, (from + i) % session->segments, &segment);
        if (status != PICO_OK) return status;
    }
    return PICO_OK;
}

FN(GetTriggerInfo)(int16_t handle, struct pico_trigger_info *info, uint64_t first, uint64_t count)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(info != NULL, PICO_NULL_PARAMETER);
    uint32_t status = check_segments(session, first, count);
    REQUIRE(status == PICO_OK, status);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t index = (first + i) % session->segments;
        const struct segment *segment = &session->segment[index];
        info[i] = (struct pico_trigger_info){
            .status = segment->first_of_run ? PICO_DEVICE_TIME_STAMP_RESET : PICO_OK,
            .segment_index = index,
            .trigger_index = segment->pool->settings.pre,
            .trigger_time = trigger_offset_ps(segment),
            .time_units = UNIT_PS,
            .missed_triggers = segment->missed,
            .time_stamp_counter = segment->time_stamp,
        };
    }
    END(PICO_OK);
}

static void write_offsets(const struct session *session, uint64_t from, uint64_t count, int64_t *times, uint32_t *units)
{
    for (uint64_t i = 0; i < count; i++) {
        times[i] = (int64_t)trigger_offset_ps(&session->segment[(from + i) % session->segments]);
        units[i] = UNIT_PS;
    }
}

FN(GetTriggerTimeOffset)(int16_t handle, int64_t *time, uint32_t *units, uint64_t segment)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(time != NULL && units != NULL, PICO_NULL_PARAMETER);
    uint32_t status = check_segments(session, segment, 1);
    if (status == PICO_OK) write_offsets(session, segment, 1, time, units);
    END(status);
}

FN(GetValuesTriggerTimeOffsetBulk)(int16_t handle, int64_t *times, uint32_t *units, uint64_t from, uint64_t to)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(times != NULL && units != NULL, PICO_NULL_PARAMETER);
    REQUIRE(from < session->segments && to < session->segments, PICO_SEGMENT_OUT_OF_RANGE);
    uint64_t count = count_segments(session, from, to);
    uint32_t status = check_segments(session, from, count);
    if (status == PICO_OK) write_offsets(session, from, count, times, units);
    END(status);
}

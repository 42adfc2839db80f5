/*
 * ps6000a and psospa: streaming. Each channel has a queue of buffers; a full one is left behind, and when there is no other,
 * WAITING_FOR_DATA_BUFFERS is given until one is added.
 */
#include "e_api.h"
#include <stdlib.h>
#include <string.h>

void e_clear_queue(struct session *session)
{
    free(session->queue);
    session->queue = NULL;
}

void e_queue_buffer(struct session *session, int channel, const struct buffer *buffer)
{
    if (buffer->max == NULL && buffer->min == NULL) return;
    if (session->queue == NULL) session->queue = calloc(1, sizeof *session->queue);
    if (session->queue == NULL) return;
    struct queued_buffer *waiting = session->queue->channel[channel].waiting;
    int *count = &session->queue->channel[channel].count;
    if (*count == QUEUE) {
        memmove(waiting, waiting + 1, (QUEUE - 1) * sizeof *waiting);
        --*count;
        session->queue->channel[channel].position = 0;
    }
    waiting[(*count)++] = (struct queued_buffer){*buffer, session->queue->channel[channel].next_number++};
}

/* Oldest buffer of a channel that takes the stream's values, or NULL. */
static const struct queued_buffer *buffer_in_use(const struct session *session, int channel)
{
    const struct stream_queue *queue = session->queue;
    if (queue == NULL || queue->channel[channel].count == 0) return NULL;
    const struct queued_buffer *oldest = &queue->channel[channel].waiting[0];
    return oldest->buffer.mode == session->stream.mode ? oldest : NULL;
}

static void move_on(struct session *session, int channel, uint64_t values)
{
    struct stream_queue *queue = session->queue;
    queue->channel[channel].position += values;
    if (queue->channel[channel].position < queue->channel[channel].waiting[0].buffer.length) return;
    queue->channel[channel].position = 0;
    queue->channel[channel].count--;
    memmove(&queue->channel[channel].waiting[0], &queue->channel[channel].waiting[1],
            (size_t)queue->channel[channel].count * sizeof(struct queued_buffer));
}

FN(RunStreaming)(int16_t handle, double *interval, uint32_t units, uint64_t pre, uint64_t post, int16_t auto_stop,
                 uint64_t ratio, uint32_t mode)
{
    BEGIN(TOUCHES_DEVICE);
    advance_block(session);
    REQUIRE(!is_busy(session), session->mode == STREAMING ? PICO_NOT_AVAILABLE_WHEN_STREAMING_IS_RUNNING : PICO_BUSY);
    REQUIRE(interval != NULL, PICO_NULL_PARAMETER);
    REQUIRE(units <= UNIT_S, PICO_INVALID_PARAMETER);
    REQUIRE(enabled_channels(session) > 0, PICO_NO_CHANNELS_OR_PORTS_ENABLED);
    uint64_t dt_ps;
    uint32_t status = choose_stream_interval(session, *interval * unit_ps(units), &dt_ps);
    REQUIRE(status == PICO_OK, status);
    REQUIRE(!auto_stop || pre + post > 0, PICO_NO_SAMPLES_REQUESTED);
    int reduction = e_ratio_mode(mode);
    REQUIRE(reduction >= 0, PICO_RATIO_MODE_NOT_SUPPORTED);
    REQUIRE(reduction == RATIO_NONE || ratio > 0, PICO_INVALID_SAMPLERATIO);
    status = check_trigger_sources(session);
    REQUIRE(status == PICO_OK, status);
    REQUIRE(session->queue != NULL, PICO_BUFFERS_NOT_SET);
    status = start_stream(session, dt_ps, pre, post, auto_stop, ratio, (uint32_t)reduction);
    REQUIRE(status == PICO_OK, status);
    *interval = (double)dt_ps / unit_ps(units);
    END(PICO_OK);
}

/* Values that fit into the fullest buffer; 0 if a channel that is asked for has none. */
static uint64_t room_in_buffers(const struct session *session, const struct streaming_data_info *info, uint64_t infos)
{
    uint64_t room = UINT64_MAX;
    for (uint64_t i = 0; i < infos; i++) {
        if (buffer_in_use(session, (int)info[i].channel) == NULL) return 0;
    }
    for (int channel = 0; channel < MAX_CHANNELS; channel++) {
        const struct queued_buffer *buffer = buffer_in_use(session, channel);
        if (buffer == NULL || !session->channel[channel].enabled) continue;
        uint64_t left = buffer->buffer.length - session->queue->channel[channel].position;
        if (left < room) room = left;
    }
    double chunk = session->unit->knobs.stream_chunk;
    return chunk > 0 && (double)room > chunk ? (uint64_t)chunk : room;
}

static size_t bytes_of_type(uint32_t type)
{
    return type == TYPE_INT8 ? 1 : type == TYPE_INT16 ? 2 : type == TYPE_INT64 ? 8 : 4;
}

static void *at_position(void *data, uint64_t position, uint32_t type)
{
    return data == NULL ? NULL : (char *)data + position * bytes_of_type(type);
}

/* Writes the next `count` samples of a channel. Returns 1 if any is clipped. */
static int write_channel(struct session *session, int channel, uint64_t count, int16_t *raw)
{
    const struct stream *stream = &session->stream;
    const struct buffer *buffer = &buffer_in_use(session, channel)->buffer;
    uint64_t position = session->queue->channel[channel].position;
    int clipped = render_chunk(session, channel, count, raw);
    convert_values(raw, count, stream->ratio, stream->mode, buffer->type, at_position(buffer->max, position, buffer->type),
                   at_position(buffer->min, position, buffer->type), buffer->length - position);
    return clipped;
}

static uint32_t check_infos(const struct session *session, const struct streaming_data_info *info, uint64_t infos)
{
    if (infos == 0 || infos > MAX_CHANNELS) return PICO_INVALID_PARAMETER;
    for (uint64_t i = 0; i < infos; i++) {
        if (info[i].channel >= (uint32_t)session->unit->model->channels || !session->channel[info[i].channel].enabled) {
            return PICO_INVALID_CHANNEL;
        }
        if (e_ratio_mode(info[i].mode) != (int)session->stream.mode) return PICO_RATIO_MODE_BUFFER_NOT_SET;
    }
    return PICO_OK;
}

static void fill_infos(const struct session *session, struct streaming_data_info *info, uint64_t infos, uint64_t values)
{
    for (uint64_t i = 0; i < infos; i++) {
        const struct queued_buffer *buffer = buffer_in_use(session, (int)info[i].channel);
        info[i].samples = (int32_t)values;
        info[i].type = buffer->buffer.type;
        info[i].buffer_index = buffer->number;
        info[i].start_index = (int32_t)session->queue->channel[info[i].channel].position;
        info[i].overflow = 0;
    }
}

static uint32_t write_stream(struct session *session, struct streaming_data_info *info, uint64_t infos, uint64_t count)
{
    struct stream *stream = &session->stream;
    uint64_t values = (count + stream->ratio - 1) / stream->ratio;
    fill_infos(session, info, infos, values);
    int16_t *raw = malloc((count + 1) * sizeof *raw);
    if (raw == NULL) return PICO_MEMORY_FAIL;
    int ordered = (int)session->unit->knobs.overflow;
    uint64_t bytes = 0;
    for (int channel = 0; channel < MAX_CHANNELS; channel++) {
        if (!session->channel[channel].enabled || buffer_in_use(session, channel) == NULL) continue;
        int clipped = write_channel(session, channel, count, raw) | (ordered >> channel & 1);
        move_on(session, channel, values);
        for (uint64_t i = 0; i < infos; i++) {
            if (info[i].channel == (uint32_t)channel) info[i].overflow = (int16_t)clipped;
        }
        bytes += count * sizeof(int16_t);
    }
    free(raw);
    stream->delivered += count;
    usb_delay(session, bytes);
    return PICO_OK;
}

FN(GetStreamingLatestValues)(int16_t handle, struct streaming_data_info *info, uint64_t infos,
                             struct streaming_trigger_info *trigger)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(session->mode == STREAMING, PICO_INVALID_CALL);
    REQUIRE(info != NULL && trigger != NULL, PICO_NULL_PARAMETER);
    uint32_t status = check_infos(session, info, infos);
    REQUIRE(status == PICO_OK, status);
    struct stream *stream = &session->stream;
    for (uint64_t i = 0; i < infos; i++) info[i].samples = 0;
    *trigger = (struct streaming_trigger_info){0};
    uint64_t available = stream_available(session, &status);
    REQUIRE(status == PICO_OK, status);
    if (stream->finished) {
        trigger->auto_stop = 1;
        END(PICO_OK);
    }
    uint64_t room = room_in_buffers(session, info, infos);
    REQUIRE(room > 0, PICO_WAITING_FOR_DATA_BUFFERS);
    int is_last = stream->delivered + available == stream->end;
    uint64_t count = available / stream->ratio >= room ? room * stream->ratio
                                                       : available - (is_last ? 0 : available % stream->ratio);
    int64_t trigger_at = -1;
    if (count > 0) count = stream_trigger(session, count, &trigger_at);
    status = write_stream(session, info, infos, count);
    stream->finished = stream->delivered >= stream->end;
    trigger->triggered = trigger_at >= 0;
    trigger->triggered_at = trigger_at >= 0 ? (uint64_t)trigger_at / stream->ratio : 0;
    trigger->auto_stop = (int16_t)stream->finished;
    END(status);
}

FN(NoOfStreamingValues)(int16_t handle, uint64_t *values)
{
    BEGIN(HOST_ONLY);
    REQUIRE(values != NULL, PICO_NULL_PARAMETER);
    REQUIRE(session->mode == STREAMING || session->mode == STREAMED, PICO_NO_SAMPLES_AVAILABLE);
    *values = session->stream.delivered;
    END(PICO_OK);
}

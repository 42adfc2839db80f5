/* Reading captures: into registered buffers, whole or reduced, at once or as part of the run; and their trigger times. */
#include "library.h"
#include <math.h>
#include <stdlib.h>

static const struct buffer *buffer_of(const struct session *session, uint64_t segment, int channel, uint32_t mode)
{
    const struct buffer *table = session->buffers[mode != RATIO_NONE];
    if (table == NULL) return NULL;
    const struct buffer *buffer = &table[segment * MAX_CHANNELS + (uint64_t)channel];
    return (buffer->max != NULL || buffer->min != NULL) && buffer->mode == mode ? buffer : NULL;
}

static int16_t mean_of(const int16_t *raw, uint64_t count)
{
    int64_t sum = 0;
    for (uint64_t i = 0; i < count; i++) sum += raw[i];
    return (int16_t)floor((double)sum / (double)count + 0.5);
}

uint64_t reduce(const int16_t *raw, uint64_t count, uint64_t ratio, uint32_t mode, int16_t *max, int16_t *min, uint64_t room)
{
    uint64_t made = 0;
    for (uint64_t i = 0; i < count && made < room; i += ratio, made++) {
        uint64_t part = count - i < ratio ? count - i : ratio;
        if (mode == RATIO_AGGREGATE) {
            int16_t most = raw[i], least = raw[i];
            for (uint64_t k = 1; k < part; k++) {
                if (raw[i + k] > most) most = raw[i + k];
                if (raw[i + k] < least) least = raw[i + k];
            }
            if (max != NULL) max[made] = most;
            if (min != NULL) min[made] = least;
        } else {
            int16_t value = mode == RATIO_AVERAGE ? mean_of(raw + i, part) : raw[i];
            if (max != NULL) max[made] = value;
            if (min != NULL) min[made] = value;
        }
    }
    return made;
}

uint64_t count_segments(const struct session *session, uint64_t from, uint64_t to)
{
    return to >= from ? to - from + 1 : session->segments - from + to + 1;
}

uint32_t find_segment(struct session *session, uint64_t index, struct segment **segment)
{
    if (index >= session->segments) return PICO_SEGMENT_OUT_OF_RANGE;
    if (session->mode == CAPTURING) return PICO_DEVICE_SAMPLING;
    *segment = &session->segment[index];
    return (*segment)->pool == NULL ? PICO_NO_SAMPLES_AVAILABLE : PICO_OK;
}

double trigger_offset_ps(const struct segment *segment)
{
    const struct signal *signal = segment->pool->signal;
    if (segment->forced || signal->kind != SIGNAL_MUON) return 0;
    const struct row *row = &segment->pool->row[segment->row];
    return floor(signal->muon[row->waveform].phase * (double)segment->pool->settings.dt_ps);
}

void usb_delay(struct session *session, uint64_t bytes)
{
    double speed = session->unit->knobs.speed;
    double rate = session->unit->knobs.usb_bytes_per_s;
    if (rate > 0) sleep_s((double)bytes / rate / (speed > 0 ? speed : 1));
}

struct request {
    uint64_t start, wanted, ratio;
    uint32_t mode;
};

static void store_values(const int16_t *values, uint64_t count, uint32_t type, void *out)
{
    for (uint64_t i = 0; i < count; i++) {
        switch (type) {
        case TYPE_INT8:
            ((int8_t *)out)[i] = (int8_t)(values[i] >> 8);
            break;
        case TYPE_INT16:
            ((int16_t *)out)[i] = values[i];
            break;
        case TYPE_INT64:
            ((int64_t *)out)[i] = values[i];
            break;
        default:
            ((int32_t *)out)[i] = values[i];
        }
    }
}

uint64_t convert_values(const int16_t *raw, uint64_t count, uint64_t ratio, uint32_t mode, uint32_t type, void *max, void *min,
                        uint64_t room)
{
    if (type == TYPE_INT16) return reduce(raw, count, ratio, mode, max, min, room);
    uint64_t values = (count + ratio - 1) / ratio;
    int16_t *most = malloc(values * sizeof *most);
    int16_t *least = malloc(values * sizeof *least);
    uint64_t made = 0;
    if (most != NULL && least != NULL) {
        made = reduce(raw, count, ratio, mode, most, least, values < room ? values : room);
        if (max != NULL) store_values(most, made, type, max);
        if (min != NULL) store_values(least, made, type, min);
    }
    free(most);
    free(least);
    return made;
}

/* Writes one channel of a segment. Returns 1 if any sample is clipped. */
static int read_channel(const struct segment *segment, int channel, const struct buffer *buffer, const struct request *request,
                        uint64_t count)
{
    struct pool *pool = segment->pool;
    if (request->mode == RATIO_NONE && buffer->type == TYPE_INT16) {
        int16_t *out = buffer->max != NULL ? buffer->max : buffer->min;
        uint64_t part = count < buffer->length ? count : buffer->length;
        return copy_capture(pool, segment->row, segment->capture, channel, request->start, part, out);
    }
    int16_t *raw = malloc(count * sizeof *raw);
    if (raw == NULL) return 0;
    int clipped = copy_capture(pool, segment->row, segment->capture, channel, request->start, count, raw);
    uint64_t ratio = request->mode == RATIO_NONE ? 1 : request->ratio;
    convert_values(raw, count, ratio, request->mode, buffer->type, buffer->max, buffer->min, buffer->length);
    free(raw);
    return clipped;
}

/* Writes what has been asked for of one segment; returns the number of values of each channel, and clipped channels. */
static uint64_t read_segment(struct session *session, uint64_t index, const struct request *request, int16_t *overflow,
                             uint64_t *bytes)
{
    const struct segment *segment = &session->segment[index];
    uint64_t most = segment->pool->samples - request->start;
    uint64_t count = request->wanted < most ? request->wanted : most;
    unsigned clipped = segment->overflow;
    for (int channel = 0; channel < MAX_CHANNELS; channel++) {
        const struct buffer *buffer = buffer_of(session, index, channel, request->mode);
        if (buffer == NULL || !segment->pool->settings.channel[channel].enabled) continue;
        if (read_channel(segment, channel, buffer, request, count)) clipped |= 1u << channel;
        *bytes += count * sizeof(int16_t);
    }
    if (overflow != NULL) *overflow = (int16_t)clipped;
    return request->mode == RATIO_NONE ? count : (count + request->ratio - 1) / request->ratio;
}

static int has_buffers(const struct session *session, uint64_t segment, uint32_t mode)
{
    for (int channel = 0; channel < MAX_CHANNELS; channel++) {
        if (session->channel[channel].enabled && buffer_of(session, segment, channel, mode) != NULL) return 1;
    }
    return 0;
}

static uint32_t check_ratio(uint64_t ratio, uint32_t mode, uint64_t samples, int is_bulk)
{
    if (mode != RATIO_NONE && mode != RATIO_AGGREGATE && mode != RATIO_DECIMATE && mode != RATIO_AVERAGE) {
        return PICO_RATIO_MODE_NOT_SUPPORTED;
    }
    if (is_bulk && mode == RATIO_AGGREGATE && FAMILY_NUMBER == 2) return PICO_RAPID_NOT_SUPPORT_AGGREGATION;
    if (mode != RATIO_NONE && (ratio == 0 || ratio > samples)) return PICO_INVALID_SAMPLERATIO;
    return PICO_OK;
}

uint32_t get_values(struct session *session, uint64_t start, uint64_t *samples, uint64_t ratio, uint32_t mode,
                    uint64_t from, uint64_t to, int is_bulk, int16_t *overflow)
{
    struct segment *segment;
    advance_block(session);
    if (session->is_dead) return PICO_NOT_RESPONDING;
    if (from >= session->segments || to >= session->segments) return PICO_SEGMENT_OUT_OF_RANGE;
    uint32_t status = find_segment(session, from, &segment);
    if (status != PICO_OK) return status;
    if (*samples == 0) return FAMILY_NUMBER >= 5 ? PICO_NO_SAMPLES_REQUESTED : PICO_INVALID_PARAMETER;
    if (start >= segment->pool->samples) return PICO_STARTINDEX_INVALID;
    if ((status = check_ratio(ratio, mode, segment->pool->samples, is_bulk)) != PICO_OK) return status;
    uint64_t count = count_segments(session, from, to);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t index = (from + i) % session->segments;
        if (session->segment[index].pool == NULL) return PICO_SEGMENT_NOT_USED;
        if (start >= session->segment[index].pool->samples) return PICO_STARTINDEX_INVALID;
        if (!has_buffers(session, index, mode)) return PICO_BUFFERS_NOT_SET;
    }
    struct request request = {start, *samples, ratio, mode};
    uint64_t bytes = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t index = (from + i) % session->segments;
        *samples = read_segment(session, index, &request, overflow == NULL ? NULL : &overflow[i], &bytes);
    }
    session->processed = count;
    usb_delay(session, bytes);
    return PICO_OK;
}

static void write_count(const struct transfer *transfer, uint64_t count)
{
    if (IS_A_FAMILY) *(uint32_t *)transfer->samples = (uint32_t)count;
    else *(uint64_t *)transfer->samples = count;
}

/* The run is over and an overlapped transfer had been asked for. */
void transfer_now(struct session *session)
{
    const struct transfer *transfer = &session->transfer;
    uint64_t samples = transfer->wanted;
    uint32_t status = get_values(session, transfer->start, &samples, transfer->ratio, transfer->mode, transfer->from,
                                 transfer->to, 1, transfer->overflow);
    if (status == PICO_OK) write_count(transfer, samples);
    else session->end_status = status;
}

uint32_t set_transfer(struct session *session, const struct transfer *transfer)
{
    if (is_busy(session)) return PICO_DEVICE_SAMPLING;
    if (transfer->from >= session->segments || transfer->to >= session->segments) return PICO_SEGMENT_OUT_OF_RANGE;
    uint32_t status = check_ratio(transfer->ratio, transfer->mode, UINT64_MAX, 1);
    if (status != PICO_OK) return status;
    session->transfer = *transfer;
    session->transfer.set = 1;
    return PICO_OK;
}

uint32_t max_ratio(struct session *session, uint64_t samples, uint32_t mode, uint64_t segment, uint64_t *ratio)
{
    if (segment >= session->segments) return PICO_SEGMENT_OUT_OF_RANGE;
    uint32_t status = check_ratio(1, mode, UINT64_MAX, 0);
    if (status != PICO_OK) return status;
    if (samples > samples_per_segment(session) || samples == 0) return PICO_TOO_MANY_SAMPLES;
    *ratio = mode == RATIO_NONE ? 1 : samples;
    return PICO_OK;
}

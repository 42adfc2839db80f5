/* ps6000a and psospa: timebases and memory. */
#include "e_api.h"
#include <math.h>

/* ---- timebases --------------------------------------------------------------------------------------------------------- */

FN(GetTimebase)(int16_t handle, uint32_t timebase, uint64_t samples, double *interval_ns, uint64_t *most, uint64_t segment)
{
    BEGIN(HOST_ONLY);
    uint64_t dt_ps;
    uint32_t status = check_timebase(session, timebase, &dt_ps);
    REQUIRE(status == PICO_OK, status);
    REQUIRE(segment < session->segments, PICO_SEGMENT_OUT_OF_RANGE);
    uint64_t room = samples_per_segment(session);
    REQUIRE(samples <= room, PICO_TOO_MANY_SAMPLES);
    if (interval_ns != NULL) *interval_ns = (double)dt_ps / 1000;
    if (most != NULL) *most = room;
    END(PICO_OK);
}

static uint32_t check_flags(const struct session *session, uint32_t flags, uint32_t resolution, uint64_t *fastest)
{
    const struct model *model = session->unit->model;
    if (flags >> model->channels != 0) return PICO_INVALID_CHANNEL;
    if (flags == 0) return PICO_NO_CHANNELS_OR_PORTS_ENABLED;
    if (!e_is_resolution(resolution)) return PICO_INVALID_DEVICE_RESOLUTION;
    if (!has_resolution(model, resolution)) return PICO_RESOLUTION_NOT_SUPPORTED_BY_VARIANT;
    *fastest = fastest_ps(model, resolution, count_flags(flags));
    return PICO_OK;
}

FN(GetMinimumTimebaseStateless)(int16_t handle, uint32_t flags, uint32_t *timebase, double *interval_s, uint32_t resolution)
{
    BEGIN(HOST_ONLY);
    uint64_t fastest;
    REQUIRE(timebase != NULL && interval_s != NULL, PICO_NULL_PARAMETER);
    uint32_t status = check_flags(session, flags, resolution, &fastest);
    REQUIRE(status == PICO_OK, status);
    *timebase = first_timebase(session->unit->model, resolution, fastest);
    *interval_s = (double)timebase_ps(session->unit->model, resolution, *timebase) * 1e-12;
    END(PICO_OK);
}

static uint32_t nearest_interval(struct session *session, uint32_t flags, double wanted_s, int round_faster,
                                 uint32_t resolution, uint32_t *timebase, double *available_s)
{
    uint64_t fastest;
    if (timebase == NULL || available_s == NULL) return PICO_NULL_PARAMETER;
    if (!(wanted_s >= 0 && wanted_s < 1e3)) return PICO_INVALID_PARAMETER;
    uint32_t status = check_flags(session, flags, resolution, &fastest);
    if (status != PICO_OK) return status;
    const struct model *model = session->unit->model;
    uint64_t wanted = (uint64_t)floor(wanted_s * 1e12 + 0.5);
    *timebase = nearest_timebase(model, resolution, wanted, fastest);
    uint64_t found = timebase_ps(model, resolution, *timebase);
    if (round_faster && found > wanted && *timebase > 0) {
        if (timebase_ps(model, resolution, *timebase - 1) >= fastest) --*timebase;
    }
    *available_s = (double)timebase_ps(model, resolution, *timebase) * 1e-12;
    return PICO_OK;
}

#if IS_PSOSPA
FN(NearestSampleIntervalStateless)(int16_t handle, uint32_t flags, double wanted_s, uint8_t round_faster, uint32_t resolution,
                                   uint32_t *timebase, double *available_s)
{
    BEGIN(HOST_ONLY);
    END(nearest_interval(session, flags, wanted_s, round_faster, resolution, timebase, available_s));
}
#else
FN(NearestSampleIntervalStateless)(int16_t handle, uint32_t flags, double wanted_s, uint32_t resolution, uint32_t *timebase,
                                   double *available_s)
{
    BEGIN(HOST_ONLY);
    END(nearest_interval(session, flags, wanted_s, 0, resolution, timebase, available_s));
}

FN(ChannelCombinationsStateless)(int16_t handle, uint32_t *combinations, uint32_t *count, uint32_t resolution,
                                 uint32_t timebase)
{
    BEGIN(HOST_ONLY);
    const struct model *model = session->unit->model;
    REQUIRE(count != NULL, PICO_NULL_PARAMETER);
    REQUIRE(e_is_resolution(resolution), PICO_INVALID_DEVICE_RESOLUTION);
    REQUIRE(has_resolution(model, resolution), PICO_RESOLUTION_NOT_SUPPORTED_BY_VARIANT);
    uint32_t found = 0;
    for (uint32_t flags = 1; flags < 1u << model->channels; flags++) {
        if (timebase_ps(model, resolution, timebase) < fastest_ps(model, resolution, count_flags(flags))) continue;
        if (combinations != NULL && found < *count) combinations[found] = flags;
        found++;
    }
    *count = combinations != NULL && found > *count ? *count : found;
    END(PICO_OK);
}
#endif

/* ---- memory ------------------------------------------------------------------------------------------------------------ */

static uint32_t use_segments(struct session *session, uint64_t segments)
{
    advance_block(session);
    if (is_busy(session)) return PICO_BUSY;
    if (segments == 0) return PICO_INVALID_PARAMETER;
    if (segments > session->unit->model->max_segments) return PICO_TOO_MANY_SEGMENTS;
    return set_segments(session, segments);
}

FN(MemorySegments)(int16_t handle, uint64_t segments, uint64_t *most)
{
    BEGIN(HOST_ONLY);
    REQUIRE(most != NULL, PICO_NULL_PARAMETER);
    *most = 0;
    uint32_t status = use_segments(session, segments);
    if (status == PICO_OK) *most = memory_samples(session->unit->model, session->resolution) / segments;
    END(status);
}

static uint64_t segments_of(const struct session *session, uint64_t samples, uint32_t resolution)
{
    const struct model *model = session->unit->model;
    uint64_t segments = samples == 0 ? 0 : memory_samples(model, resolution) / samples;
    return segments < model->max_segments ? segments : model->max_segments;
}

FN(MemorySegmentsBySamples)(int16_t handle, uint64_t samples, uint64_t *most)
{
    BEGIN(HOST_ONLY);
    REQUIRE(most != NULL, PICO_NULL_PARAMETER);
    uint64_t segments = segments_of(session, samples, session->resolution);
    REQUIRE(segments > 0, samples == 0 ? PICO_NO_SAMPLES_REQUESTED : PICO_TOO_MANY_SAMPLES);
    uint32_t status = use_segments(session, segments);
    if (status == PICO_OK) *most = segments;
    END(status);
}

FN(QueryMaxSegmentsBySamples)(int16_t handle, uint64_t samples, uint32_t channels, uint64_t *most, uint32_t resolution)
{
    BEGIN(HOST_ONLY);
    REQUIRE(most != NULL, PICO_NULL_PARAMETER);
    REQUIRE(has_resolution(session->unit->model, resolution), PICO_INVALID_DEVICE_RESOLUTION);
    REQUIRE(samples > 0, PICO_NO_SAMPLES_REQUESTED);
    *most = segments_of(session, samples * (uint64_t)memory_share((int)channels), resolution);
    END(PICO_OK);
}

FN(GetMaximumAvailableMemory)(int16_t handle, uint64_t *samples, uint32_t resolution)
{
    BEGIN(HOST_ONLY);
    REQUIRE(samples != NULL, PICO_NULL_PARAMETER);
    REQUIRE(has_resolution(session->unit->model, resolution), PICO_INVALID_DEVICE_RESOLUTION);
    *samples = memory_samples(session->unit->model, resolution);
    END(PICO_OK);
}

FN(SetNoOfCaptures)(int16_t handle, uint64_t captures)
{
    BEGIN(HOST_ONLY);
    REQUIRE(!is_busy(session), PICO_BUSY);
    REQUIRE(captures > 0, PICO_ZERO_NUMBER_OF_CAPTURES_INVALID);
    REQUIRE(captures <= session->unit->model->max_segments, PICO_NO_OF_CAPTURES_OUT_OF_RANGE);
    session->captures_wanted = captures;
    END(PICO_OK);
}

/* Captures of the last run that are complete. */
FN(GetNoOfCaptures)(int16_t handle, uint64_t *captures)
{
    BEGIN(HOST_ONLY);
    REQUIRE(captures != NULL, PICO_NULL_PARAMETER);
    advance_block(session);
    *captures = session->run_done;
    END(PICO_OK);
}

FN(GetNoOfProcessedCaptures)(int16_t handle, uint64_t *captures)
{
    BEGIN(HOST_ONLY);
    REQUIRE(captures != NULL, PICO_NULL_PARAMETER);
    advance_block(session);
    *captures = session->processed;
    END(PICO_OK);
}

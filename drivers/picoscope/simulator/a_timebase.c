/* ps2000a to ps5000a: timebases and memory. */
#include "a_api.h"
#include <math.h>

/* ---- timebases --------------------------------------------------------------------------------------------------------- */

static uint32_t timebase_of(struct session *session, uint32_t timebase, int32_t samples, uint64_t *dt_ps, int32_t *most,
                            uint32_t segment)
{
    uint32_t status = check_timebase(session, timebase, dt_ps);
    if (status != PICO_OK) return status;
    if (segment >= session->segments) return PICO_SEGMENT_OUT_OF_RANGE;
    uint64_t room = samples_per_segment(session);
    if (samples < 0) return PICO_INVALID_PARAMETER;
    if ((uint64_t)samples > room) return PICO_TOO_MANY_SAMPLES;
    if (most != NULL) *most = room > INT32_MAX ? INT32_MAX : (int32_t)room;
    return PICO_OK;
}

FN(GetTimebase)(int16_t handle, uint32_t timebase, int32_t samples, int32_t *interval_ns OVERSAMPLE, int32_t *most,
                uint32_t segment)
{
    BEGIN(HOST_ONLY);
    IGNORE_OVERSAMPLE;
    uint64_t dt_ps;
    uint32_t status = timebase_of(session, timebase, samples, &dt_ps, most, segment);
    if (status == PICO_OK && interval_ns != NULL) *interval_ns = dt_ps / 1000 > INT32_MAX ? INT32_MAX : (int32_t)(dt_ps / 1000);
    END(status);
}

FN(GetTimebase2)(int16_t handle, uint32_t timebase, int32_t samples, float *interval_ns OVERSAMPLE, int32_t *most,
                 uint32_t segment)
{
    BEGIN(HOST_ONLY);
    IGNORE_OVERSAMPLE;
    uint64_t dt_ps;
    uint32_t status = timebase_of(session, timebase, samples, &dt_ps, most, segment);
    if (status == PICO_OK && interval_ns != NULL) *interval_ns = (float)((double)dt_ps / 1000);
    END(status);
}

#if FAMILY_NUMBER >= 4
static uint32_t check_flags(const struct session *session, uint32_t flags, uint32_t resolution, uint64_t *fastest)
{
    const struct model *model = session->unit->model;
    if (flags >> model->channels != 0) return PICO_INVALID_CHANNEL;
    if (flags == 0) return FAMILY_NUMBER == 5 ? PICO_NO_CHANNELS_OR_PORTS_ENABLED : PICO_INVALID_CHANNEL;
    if (resolution > 4) return PICO_INVALID_DEVICE_RESOLUTION;
    if (!has_resolution(model, resolution)) return PICO_RESOLUTION_NOT_SUPPORTED_BY_VARIANT;
    *fastest = fastest_ps(model, resolution, count_flags(flags));
    return *fastest == 0 ? PICO_INVALID_NUMBER_CHANNELS_FOR_RESOLUTION : PICO_OK;
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

FN(NearestSampleIntervalStateless)(int16_t handle, uint32_t flags, double wanted_s, uint32_t resolution, uint16_t use_ets,
                                   uint32_t *timebase, double *available_s)
{
    BEGIN(HOST_ONLY);
    uint64_t fastest;
    REQUIRE(timebase != NULL && available_s != NULL, PICO_NULL_PARAMETER);
    REQUIRE(!use_ets, PICO_ETS_NOT_SUPPORTED);
    REQUIRE(wanted_s >= 0 && wanted_s < 1e3, PICO_INVALID_PARAMETER);
    uint32_t status = check_flags(session, flags, resolution, &fastest);
    REQUIRE(status == PICO_OK, status);
    const struct model *model = session->unit->model;
    *timebase = nearest_timebase(model, resolution, (uint64_t)floor(wanted_s * 1e12 + 0.5), fastest);
    *available_s = (double)timebase_ps(model, resolution, *timebase) * 1e-12;
    END(PICO_OK);
}
#endif

#if FAMILY_NUMBER == 5
FN(ChannelCombinationsStateless)(int16_t handle, uint32_t *combinations, uint32_t *count, uint32_t resolution,
                                 uint32_t timebase, int16_t has_supply)
{
    BEGIN(HOST_ONLY);
    const struct model *model = session->unit->model;
    REQUIRE(count != NULL, PICO_NULL_PARAMETER);
    REQUIRE(has_resolution(model, resolution), PICO_INVALID_DEVICE_RESOLUTION);
    uint64_t dt_ps = timebase_ps(model, resolution, timebase);
    REQUIRE(dt_ps != 0, PICO_INVALID_TIMEBASE);
    int channels = model->channels > 2 && !has_supply ? 2 : model->channels;
    uint32_t found = 0;
    for (uint32_t flags = 1; flags < 1u << channels; flags++) {
        uint64_t fastest = fastest_ps(model, resolution, count_flags(flags));
        if (fastest == 0 || dt_ps < fastest) continue;
        if (combinations != NULL && found < *count) combinations[found] = flags;
        found++;
    }
    *count = combinations != NULL && found > *count ? *count : found;
    END(PICO_OK);
}
#endif

/* ---- memory ------------------------------------------------------------------------------------------------------------ */

FN(MemorySegments)(int16_t handle, uint32_t segments, int32_t *most)
{
    BEGIN(HOST_ONLY);
    advance_block(session);
    if (most != NULL) *most = 0;
    REQUIRE(!is_busy(session), PICO_BUSY);
    REQUIRE(most != NULL, PICO_NULL_PARAMETER);
    REQUIRE(segments > 0, PICO_INVALID_PARAMETER);
    REQUIRE(segments <= session->unit->model->max_segments, PICO_TOO_MANY_SEGMENTS);
    uint32_t status = set_segments(session, segments);
    REQUIRE(status == PICO_OK, status);
    /* What the channels in use will share. */
    uint64_t room = memory_samples(session->unit->model, session->resolution) / segments;
    *most = room > INT32_MAX ? INT32_MAX : (int32_t)room;
    END(PICO_OK);
}

FN(GetMaxSegments)(int16_t handle, uint32_t *segments)
{
    BEGIN(HOST_ONLY);
    REQUIRE(segments != NULL, PICO_NULL_PARAMETER);
    *segments = (uint32_t)session->unit->model->max_segments;
    END(PICO_OK);
}

FN(SetNoOfCaptures)(int16_t handle, uint32_t captures)
{
    BEGIN(HOST_ONLY);
    REQUIRE(!is_busy(session), PICO_BUSY);
    REQUIRE(captures > 0, FAMILY_NUMBER == 5 ? PICO_ZERO_NUMBER_OF_CAPTURES_INVALID : PICO_INVALID_PARAMETER);
    REQUIRE(captures <= session->unit->model->max_segments, PICO_TOO_MANY_SEGMENTS);
    session->captures_wanted = captures;
    END(PICO_OK);
}

/* Captures of the last run that are complete. */
FN(GetNoOfCaptures)(int16_t handle, uint32_t *captures)
{
    BEGIN(HOST_ONLY);
    REQUIRE(captures != NULL, PICO_NULL_PARAMETER);
    advance_block(session);
    *captures = (uint32_t)session->run_done;
    END(PICO_OK);
}

FN(GetNoOfProcessedCaptures)(int16_t handle, uint32_t *captures)
{
    BEGIN(HOST_ONLY);
    REQUIRE(captures != NULL, PICO_NULL_PARAMETER);
    advance_block(session);
    *captures = (uint32_t)session->processed;
    END(PICO_OK);
}

/* ps6000a and psospa: units, channels, resolution. */
#include "e_api.h"
#include <math.h>
#include <string.h>

/* ---- units ------------------------------------------------------------------------------------------------------------- */

int e_is_resolution(uint32_t resolution)
{
    return resolution <= 4 || resolution == 10;
}

static uint32_t open_unit(int16_t *handle, const int8_t *serial, uint32_t resolution, const char *function)
{
    struct call call;
    if (begin_library(&call, function)) return finish(&call, call.status);
    REQUIRE(handle != NULL, PICO_NULL_PARAMETER);
    REQUIRE(e_is_resolution(resolution), PICO_INVALID_DEVICE_RESOLUTION);
    END(open_session((const char *)serial, resolution, handle));
}

#if IS_PSOSPA
enum { POWER_DETAILS_BYTES = 49 };

FN(OpenUnit)(int16_t *handle, int8_t *serial, uint32_t resolution, void *power_details)
{
    if (power_details != NULL) memset(power_details, 0, POWER_DETAILS_BYTES);
    return open_unit(handle, serial, resolution, __func__);
}
#else
FN(OpenUnit)(int16_t *handle, int8_t *serial, uint32_t resolution)
{
    return open_unit(handle, serial, resolution, __func__);
}

FN(OpenUnitAsync)(int16_t *status, int8_t *serial, uint32_t resolution)
{
    struct call call;
    if (begin_library(&call, __func__)) return finish(&call, call.status);
    REQUIRE(status != NULL, PICO_NULL_PARAMETER);
    REQUIRE(e_is_resolution(resolution), PICO_INVALID_DEVICE_RESOLUTION);
    END(start_opening((const char *)serial, resolution, status));
}

FN(OpenUnitProgress)(int16_t *handle, int16_t *percent, int16_t *complete)
{
    struct call call;
    if (begin_library(&call, __func__)) return finish(&call, call.status);
    REQUIRE(handle != NULL && percent != NULL && complete != NULL, PICO_NULL_PARAMETER);
    END(opening_progress(handle, percent, complete));
}

FN(FlashLed)(int16_t handle, int16_t start)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(start >= -1, PICO_INVALID_PARAMETER);
    session->led = start;
    END(PICO_OK);
}
#endif

FN(CloseUnit)(int16_t handle)
{
    BEGIN(ANY_POWER);
    END(close_session(session));
}

FN(GetUnitInfo)(int16_t handle, int8_t *string, int16_t length, int16_t *required, uint32_t info)
{
    return unit_info(handle, (char *)string, length, required, info, __func__);
}

FN(EnumerateUnits)(int16_t *count, int8_t *serials, int16_t *length)
{
    struct call call;
    if (begin_library(&call, __func__)) return finish(&call, call.status);
    REQUIRE(count != NULL, PICO_NULL_PARAMETER);
    REQUIRE(serials == NULL || length != NULL, PICO_NULL_PARAMETER);
    END(enumerate_units(count, (char *)serials, length));
}

FN(PingUnit)(int16_t handle)
{
    BEGIN(TOUCHES_DEVICE);
    advance_block(session);
    END(is_busy(session) ? PICO_BUSY : PICO_OK);
}

/* ---- resolution -------------------------------------------------------------------------------------------------------- */

FN(SetDeviceResolution)(int16_t handle, uint32_t resolution)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(e_is_resolution(resolution), PICO_INVALID_DEVICE_RESOLUTION);
    REQUIRE(has_resolution(session->unit->model, resolution), PICO_RESOLUTION_NOT_SUPPORTED_BY_VARIANT);
    REQUIRE(!is_busy(session), PICO_BUSY);
    session->resolution = resolution;
    forget_data(session);
    END(PICO_OK);
}

FN(GetDeviceResolution)(int16_t handle, uint32_t *resolution)
{
    BEGIN(HOST_ONLY);
    REQUIRE(resolution != NULL, PICO_NULL_PARAMETER);
    *resolution = session->resolution;
    END(PICO_OK);
}

FN(GetAdcLimits)(int16_t handle, uint32_t resolution, int16_t *least, int16_t *most)
{
    BEGIN(HOST_ONLY);
    REQUIRE(e_is_resolution(resolution), PICO_INVALID_DEVICE_RESOLUTION);
    REQUIRE(has_resolution(session->unit->model, resolution), PICO_RESOLUTION_NOT_SUPPORTED_BY_VARIANT);
    REQUIRE(least != NULL || most != NULL, PICO_NULL_PARAMETER);
    if (least != NULL) *least = (int16_t)-max_adc(resolution);
    if (most != NULL) *most = (int16_t)max_adc(resolution);
    END(PICO_OK);
}

/* ---- channels ---------------------------------------------------------------------------------------------------------- */

enum { COUPLING_50_OHM = 50 };
#define MOST_MV_AT_50_OHM 5000

static uint32_t check_coupling(uint32_t coupling, double full_scale_mv)
{
    if (coupling > 1 && coupling != COUPLING_50_OHM) return PICO_INVALID_COUPLING;
    return coupling == COUPLING_50_OHM && full_scale_mv > MOST_MV_AT_50_OHM ? PICO_INVALID_VOLTAGE_RANGE : PICO_OK;
}

static uint32_t channel_on(struct session *session, uint32_t channel, uint32_t coupling, uint32_t range, double full_scale_mv,
                           double offset_v, uint32_t bandwidth)
{
    advance_block(session);
    if (is_busy(session)) return session->mode == STREAMING ? PICO_NOT_AVAILABLE_WHEN_STREAMING_IS_RUNNING : PICO_BUSY;
    if (channel >= (uint32_t)session->unit->model->channels) return PICO_INVALID_CHANNEL;
    uint32_t status = check_coupling(coupling, full_scale_mv);
    if (status != PICO_OK) return status;
    if (!(fabs(offset_v) <= offset_limit_v(full_scale_mv) * (1 + 1e-9))) return PICO_INVALID_ANALOGUE_OFFSET;
    session->channel[channel] = (struct channel){.enabled = 1,
                                                 .coupling = coupling,
                                                 .range = range,
                                                 .bandwidth = bandwidth,
                                                 .range_mv = full_scale_mv,
                                                 .offset_mv = offset_v * 1000};
    forget_data(session);
    return PICO_OK;
}

static int has_range(const struct session *session, uint32_t range)
{
    const struct model *model = session->unit->model;
    return range >= model->first_range && range <= model->last_range;
}

#if IS_PSOSPA
enum { PROBE_NONE_NV = 0, X1_PROBE_NV = 1, X10_PROBE_NV = 10 };

/* Index of the range from -limit to +limit nV at the input, or -1. */
static int find_range(const struct session *session, int64_t least_nv, int64_t most_nv, uint32_t type)
{
    if (type != PROBE_NONE_NV && type != X1_PROBE_NV && type != X10_PROBE_NV) return -1;
    if (least_nv != -most_nv) return -1;
    for (uint32_t range = 0; range < RANGES; range++) {
        double nv = range_mv[range] * 1e6 * (type == X10_PROBE_NV ? 10 : 1);
        if (has_range(session, range) && nv == (double)most_nv) return (int)range;
    }
    return -1;
}

FN(SetChannelOn)(int16_t handle, uint32_t channel, uint32_t coupling, int64_t least_nv, int64_t most_nv, uint32_t type,
                 double offset, uint32_t bandwidth)
{
    BEGIN(HOST_ONLY);
    int range = find_range(session, least_nv, most_nv, type);
    REQUIRE(range >= 0, PICO_INVALID_VOLTAGE_RANGE);
    END(channel_on(session, channel, coupling, (uint32_t)range, range_mv[range], offset, bandwidth));
}

FN(GetAnalogueOffsetLimits)(int16_t handle, int64_t least_nv, int64_t most_nv, uint32_t type, uint32_t coupling,
                            double *maximum, double *minimum)
{
    BEGIN(HOST_ONLY);
    int range = find_range(session, least_nv, most_nv, type);
    REQUIRE(range >= 0, PICO_INVALID_VOLTAGE_RANGE);
    uint32_t status = check_coupling(coupling, range_mv[range]);
    REQUIRE(status == PICO_OK, status);
    REQUIRE(maximum != NULL || minimum != NULL, PICO_NULL_PARAMETER);
    if (maximum != NULL) *maximum = offset_limit_v(range_mv[range]);
    if (minimum != NULL) *minimum = -offset_limit_v(range_mv[range]);
    END(PICO_OK);
}

FN(GetScalingValues)(int16_t handle, struct scaling_factors_of_range *values, int16_t count)
#else
FN(SetChannelOn)(int16_t handle, uint32_t channel, uint32_t coupling, uint32_t range, double offset, uint32_t bandwidth)
{
    BEGIN(HOST_ONLY);
    REQUIRE(has_range(session, range), PICO_INVALID_VOLTAGE_RANGE);
    END(channel_on(session, channel, coupling, range, range_mv[range], offset, bandwidth));
}

FN(GetAnalogueOffsetLimits)(int16_t handle, uint32_t range, uint32_t coupling, double *maximum, double *minimum)
{
    BEGIN(HOST_ONLY);
    REQUIRE(has_range(session, range), PICO_INVALID_VOLTAGE_RANGE);
    uint32_t status = check_coupling(coupling, range_mv[range]);
    REQUIRE(status == PICO_OK, status);
    REQUIRE(maximum != NULL || minimum != NULL, PICO_NULL_PARAMETER);
    if (maximum != NULL) *maximum = offset_limit_v(range_mv[range]);
    if (minimum != NULL) *minimum = -offset_limit_v(range_mv[range]);
    END(PICO_OK);
}

FN(GetScalingValues)(int16_t handle, struct scaling_factors *values, int16_t count)
#endif
{
    BEGIN(HOST_ONLY);
    REQUIRE(values != NULL, PICO_NULL_PARAMETER);
    for (int16_t i = 0; i < count; i++) {
        REQUIRE(values[i].channel < (uint32_t)session->unit->model->channels, PICO_INVALID_CHANNEL);
        values[i].offset = 0;
        values[i].scaling_factor = 1;
    }
    END(PICO_OK);
}

FN(SetChannelOff)(int16_t handle, uint32_t channel)
{
    BEGIN(HOST_ONLY);
    advance_block(session);
    REQUIRE(!is_busy(session), PICO_BUSY);
    REQUIRE(channel < (uint32_t)session->unit->model->channels, PICO_INVALID_CHANNEL);
    session->channel[channel].enabled = 0;
    forget_data(session);
    END(PICO_OK);
}

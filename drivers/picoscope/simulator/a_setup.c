/* ps2000a to ps5000a: units, channels, resolution. */
#include "a_api.h"
#include <math.h>

/* ---- units ------------------------------------------------------------------------------------------------------------- */

static uint32_t open_unit(int16_t *handle, const int8_t *serial, uint32_t resolution, const char *function)
{
    struct call call;
    if (begin_library(&call, function)) return finish(&call, call.status);
    REQUIRE(handle != NULL, PICO_NULL_PARAMETER);
    REQUIRE(resolution == UINT32_MAX || resolution <= 4, PICO_INVALID_DEVICE_RESOLUTION);
    END(open_session((const char *)serial, resolution, handle));
}

static uint32_t open_unit_async(int16_t *status, const int8_t *serial, uint32_t resolution, const char *function)
{
    struct call call;
    if (begin_library(&call, function)) return finish(&call, call.status);
    REQUIRE(status != NULL, PICO_NULL_PARAMETER);
    REQUIRE(resolution == UINT32_MAX || resolution <= 4, PICO_INVALID_DEVICE_RESOLUTION);
    END(start_opening((const char *)serial, resolution, status));
}

#if FAMILY_NUMBER == 5
FN(OpenUnit)(int16_t *handle, int8_t *serial, uint32_t resolution)
{
    return open_unit(handle, serial, resolution, __func__);
}

FN(OpenUnitAsync)(int16_t *status, int8_t *serial, uint32_t resolution)
{
    return open_unit_async(status, serial, resolution, __func__);
}
#else
FN(OpenUnit)(int16_t *handle, int8_t *serial)
{
    return open_unit(handle, serial, UINT32_MAX, __func__);
}

FN(OpenUnitAsync)(int16_t *status, int8_t *serial)
{
    return open_unit_async(status, serial, UINT32_MAX, __func__);
}
#endif

#if FAMILY_NUMBER == 4
FN(OpenUnitWithResolution)(int16_t *handle, int8_t *serial, uint32_t resolution)
{
    return open_unit(handle, serial, resolution, __func__);
}

FN(OpenUnitAsyncWithResolution)(int16_t *status, int8_t *serial, uint32_t resolution)
{
    return open_unit_async(status, serial, resolution, __func__);
}
#endif

FN(OpenUnitProgress)(int16_t *handle, int16_t *percent, int16_t *complete)
{
    struct call call;
    if (begin_library(&call, __func__)) return finish(&call, call.status);
    REQUIRE(handle != NULL && percent != NULL && complete != NULL, PICO_NULL_PARAMETER);
    END(opening_progress(handle, percent, complete));
}

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
    BEGIN(TOUCHES_DEVICE | ANY_POWER);
    advance_block(session);
    END(is_busy(session) ? PICO_BUSY : PICO_OK);
}

FN(FlashLed)(int16_t handle, int16_t start)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(start >= -1, PICO_INVALID_PARAMETER);
    REQUIRE(!is_busy(session), PICO_BUSY);
    session->led = start;
    END(PICO_OK);
}

#if FAMILY_NUMBER >= 4
FN(IsLedFlashing)(int16_t handle, int16_t *status)
{
    BEGIN(HOST_ONLY);
    REQUIRE(status != NULL, PICO_NULL_PARAMETER);
    *status = session->led != 0;
    END(PICO_OK);
}
#endif

#if FAMILY_NUMBER >= 3
FN(ChangePowerSource)(int16_t handle, uint32_t state)
{
    BEGIN(TOUCHES_DEVICE | ANY_POWER);
    END(change_power(session, state));
}

FN(CurrentPowerSource)(int16_t handle)
{
    BEGIN(ANY_POWER);
    END(power_status(session->unit));
}
#endif

/* ---- resolution -------------------------------------------------------------------------------------------------------- */

#if FAMILY_NUMBER >= 4
FN(SetDeviceResolution)(int16_t handle, uint32_t resolution)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(resolution <= 4, PICO_INVALID_DEVICE_RESOLUTION);
    REQUIRE(has_resolution(session->unit->model, resolution), PICO_RESOLUTION_NOT_SUPPORTED_BY_VARIANT);
    REQUIRE(!is_busy(session), PICO_BUSY);
    REQUIRE(fastest_ps(session->unit->model, resolution, enabled_channels(session)) != 0,
            PICO_INVALID_NUMBER_CHANNELS_FOR_RESOLUTION);
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
#endif

FN(MaximumValue)(int16_t handle, int16_t *value)
{
    BEGIN(ANY_POWER);
    REQUIRE(value != NULL, PICO_NULL_PARAMETER);
    *value = (int16_t)max_adc(session->resolution);
    END(PICO_OK);
}

FN(MinimumValue)(int16_t handle, int16_t *value)
{
    BEGIN(ANY_POWER);
    REQUIRE(value != NULL, PICO_NULL_PARAMETER);
    *value = (int16_t)-max_adc(session->resolution);
    END(PICO_OK);
}

/* ---- channels ---------------------------------------------------------------------------------------------------------- */

static int has_range(const struct session *session, uint32_t range)
{
    const struct model *model = session->unit->model;
    return range >= model->first_range && range <= model->last_range;
}

FN(SetChannel)(int16_t handle, uint32_t channel, int16_t enabled, uint32_t coupling, uint32_t range, float offset)
{
    BEGIN(HOST_ONLY);
    const struct model *model = session->unit->model;
    advance_block(session);
    REQUIRE(!is_busy(session), PICO_BUSY);
    REQUIRE(channel < (uint32_t)model->channels, PICO_INVALID_CHANNEL);
    REQUIRE(!enabled || !session->usb_powered || channel < 2, PICO_CHANNEL_DISABLED_DUE_TO_USB_POWERED);
    REQUIRE(coupling <= 1, PICO_INVALID_COUPLING);
    REQUIRE(has_range(session, range), PICO_INVALID_VOLTAGE_RANGE);
    REQUIRE(fabs((double)offset) <= offset_limit_v(range_mv[range]) * (1 + 1e-6), PICO_INVALID_ANALOGUE_OFFSET);
    int others = enabled_channels(session) - (session->channel[channel].enabled != 0);
    REQUIRE(!enabled || fastest_ps(model, session->resolution, others + 1) != 0,
            PICO_INVALID_NUMBER_CHANNELS_FOR_RESOLUTION);
    struct channel *setting = &session->channel[channel];
    setting->enabled = enabled != 0;
    setting->coupling = coupling;
    setting->range = range;
    setting->range_mv = range_mv[range];
    setting->offset_mv = (double)offset * 1000;
    forget_data(session);
    END(PICO_OK);
}

#if FAMILY_NUMBER >= 3
FN(SetBandwidthFilter)(int16_t handle, uint32_t channel, uint32_t bandwidth)
{
    BEGIN(HOST_ONLY);
    REQUIRE(channel < (uint32_t)session->unit->model->channels, PICO_INVALID_CHANNEL);
    REQUIRE(bandwidth <= (FAMILY_NUMBER == 4 ? 3 : 1), PICO_BANDWIDTH_NOT_SUPPORTED);
    session->channel[channel].bandwidth = bandwidth;
    END(PICO_OK);
}
#endif

FN(GetAnalogueOffset)(int16_t handle, uint32_t range, uint32_t coupling, float *maximum, float *minimum)
{
    BEGIN(HOST_ONLY);
    REQUIRE(has_range(session, range), PICO_INVALID_VOLTAGE_RANGE);
    REQUIRE(coupling <= 1, PICO_INVALID_COUPLING);
    REQUIRE(maximum != NULL || minimum != NULL, PICO_NULL_PARAMETER);
    if (maximum != NULL) *maximum = (float)offset_limit_v(range_mv[range]);
    if (minimum != NULL) *minimum = (float)-offset_limit_v(range_mv[range]);
    END(PICO_OK);
}

FN(GetChannelInformation)(int16_t handle, uint32_t info, int32_t probe, int32_t *ranges, int32_t *length, int32_t channel)
{
    BEGIN(HOST_ONLY);
    const struct model *model = session->unit->model;
    (void)probe;
    REQUIRE(info == 0, PICO_INVALID_INFO);
    REQUIRE(length != NULL, PICO_NULL_PARAMETER);
    REQUIRE(channel >= 0 && channel < model->channels, PICO_INVALID_CHANNEL);
    int32_t count = (int32_t)(model->last_range - model->first_range + 1);
    if (ranges != NULL) {
        if (count > *length) count = *length;
        for (int32_t i = 0; i < count; i++) ranges[i] = (int32_t)model->first_range + i;
    }
    *length = count;
    END(PICO_OK);
}

#if FAMILY_NUMBER != 4
FN(GetScalingValues)(int16_t handle, struct scaling_factors *values, int16_t count)
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
#endif

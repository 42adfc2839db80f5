/* ps6000a and psospa: functions that the simulated models refuse, as models without the option do. */
#include "e_api.h"

/* A function that does nothing but check its handle. */
#define REFUSES(name, status, ...)                                                                                     \
    FN(name)(int16_t handle __VA_OPT__(, ) __VA_ARGS__)                                                                \
    {                                                                                                                  \
        BEGIN(HOST_ONLY);                                                                                              \
        END(status);                                                                                                   \
    }

#pragma GCC diagnostic ignored "-Wunused-parameter"

/* ---- digital ports: no simulated model has any ------------------------------------------------------------------------- */

#if IS_PSOSPA
REFUSES(SetDigitalPortOn, PICO_NOT_USED, uint32_t port, double threshold)
#else
REFUSES(SetDigitalPortOn, PICO_NOT_USED, uint32_t port, int16_t *thresholds, int16_t count, uint32_t hysteresis)
#endif
REFUSES(SetDigitalPortOff, PICO_NOT_USED, uint32_t port)
REFUSES(SetPulseWidthDigitalPortProperties, PICO_NOT_USED, uint32_t port, void *directions, int16_t count)
REFUSES(SetTriggerDigitalPortProperties, PICO_NOT_USED, uint32_t port, void *directions, int16_t count)

FN(SetOutputEdgeDetect)(int16_t handle, int16_t state)
{
    BEGIN(HOST_ONLY);
    session->edge_detect = state != 0;
    END(PICO_OK);
}

FN(QueryOutputEdgeDetect)(int16_t handle, int16_t *state)
{
    BEGIN(HOST_ONLY);
    REQUIRE(state != NULL, PICO_NULL_PARAMETER);
    *state = (int16_t)session->edge_detect;
    END(PICO_OK);
}

/* ---- protection of 50 ohm inputs: never tripped ------------------------------------------------------------------------ */

#pragma pack(push, 1)
struct tripped {
    uint32_t channel;
    uint8_t tripped;
};
#pragma pack(pop)

static uint32_t report_trips(const struct session *session, struct tripped *trips, uint8_t count)
{
    if (trips == NULL) return PICO_NULL_PARAMETER;
    if (count > session->unit->model->channels) return PICO_INVALID_PARAMETER;
    for (uint8_t i = 0; i < count; i++) trips[i] = (struct tripped){i, 0};
    return PICO_OK;
}

FN(ReportAllChannelsOvervoltageTripStatus)(int16_t handle, struct tripped *trips, uint8_t count)
{
    BEGIN(TOUCHES_DEVICE);
    END(report_trips(session, trips, count));
}

FN(ResetChannelsAndReportAllChannelsOvervoltageTripStatus)(int16_t handle, struct tripped *trips, uint8_t count)
{
    BEGIN(TOUCHES_DEVICE);
    END(report_trips(session, trips, count));
}

/* ---- firmware and lamps ------------------------------------------------------------------------------------------------ */

REFUSES(CheckForUpdate, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, void *current, void *update, uint16_t *required)
REFUSES(StartFirmwareUpdate, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, void *progress)

#if IS_PSOSPA
FN(SetLedBrightness)(int16_t handle, uint8_t brightness)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(brightness <= 100, PICO_INVALID_PARAMETER);
    END(PICO_OK);
}

REFUSES(SetLedColours, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, void *colours, uint32_t count)
REFUSES(SetLedStates, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, void *states, uint32_t count)
REFUSES(SetAuxIoMode, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, uint32_t mode)

FN(GetVariantDetails)(int8_t *variant, int16_t variant_length, int8_t *text, int32_t *length, uint32_t format)
{
    struct call call;
    if (begin_library(&call, __func__)) return finish(&call, call.status);
    END(PICO_NOT_SUPPORTED_BY_THIS_DEVICE);
}
#endif

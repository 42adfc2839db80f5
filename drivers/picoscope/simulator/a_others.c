/* ps2000a to ps5000a: functions that the simulated models refuse, as models without the option do. */
#include "a_api.h"

/* A function that does nothing but check its handle. */
#define REFUSES(name, status, ...)                                                                                     \
    FN(name)(int16_t handle __VA_OPT__(, ) __VA_ARGS__)                                                                \
    {                                                                                                                  \
        BEGIN(HOST_ONLY);                                                                                              \
        END(status);                                                                                                   \
    }

#pragma GCC diagnostic ignored "-Wunused-parameter"

/* ---- equivalent-time sampling: can only be switched off ---------------------------------------------------------------- */

FN(SetEts)(int16_t handle, uint32_t mode, int16_t cycles, int16_t interleave, int32_t *sample_time_ps)
{
    BEGIN(HOST_ONLY);
    END(mode == 0 ? PICO_OK : PICO_ETS_NOT_SUPPORTED);
}

REFUSES(SetEtsTimeBuffer, PICO_ETS_NOT_SUPPORTED, int64_t *buffer, int32_t length)
REFUSES(SetEtsTimeBuffers, PICO_ETS_NOT_SUPPORTED, uint32_t *upper, uint32_t *lower, int32_t length)

#if FAMILY_NUMBER == 3
REFUSES(GetMaxEtsValues, PICO_ETS_NOT_SUPPORTED, int16_t *cycles, int16_t *interleave)
#endif

/* ---- digital edges: a switch that has no effect without ports ---------------------------------------------------------- */

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

#if FAMILY_NUMBER != 4
/* No simulated model has digital ports. */
REFUSES(SetDigitalPort, PICO_NOT_USED, uint32_t port, int16_t enabled, int16_t level)
REFUSES(SetPulseWidthDigitalPortProperties, PICO_NOT_USED, void *directions, int16_t count)
REFUSES(SetTriggerDigitalPortProperties, PICO_NOT_USED, void *directions, int16_t count)
/* For devices of 8 bits only, and raw bytes. */
REFUSES(SetUnscaledDataBuffers, PICO_NOT_USED, uint32_t channel, int8_t *max, int8_t *min, int32_t length, uint32_t segment,
        uint32_t mode)
#endif

#if FAMILY_NUMBER == 2
REFUSES(SetDigitalAnalogTriggerOperand, PICO_NOT_USED, uint32_t operand)
#endif

#if FAMILY_NUMBER <= 3
REFUSES(HoldOff, PICO_NOT_USED, uint64_t holdoff, uint32_t type)
#endif

#if FAMILY_NUMBER == 4
REFUSES(ApplyResistanceScaling, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, uint32_t channel, uint32_t range, int16_t *max,
        int16_t *min, uint32_t length, int16_t *overflow)
REFUSES(CalibrateProbe, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, uint32_t channel, void *probe)
REFUSES(ConnectDetect, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, void *sensors, int16_t count)
REFUSES(DeviceMetaData, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, int8_t *settings, int32_t *length, uint32_t type,
        uint32_t operation, uint32_t format)
REFUSES(GetCommonModeOverflow, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, uint16_t *overflow)
REFUSES(GetString, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, uint32_t which, int8_t *string, int32_t *length)
REFUSES(RegisterProbeLedColour, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, uint32_t probe, void *colours, uint16_t count)
REFUSES(SetCalibrationPins, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, uint32_t state, uint32_t wave, double frequency,
        uint32_t amplitude, uint32_t offset)
REFUSES(SetChannelLed, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, void *states, uint16_t count)
REFUSES(SetFrequencyCounter, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, uint32_t channel, int16_t enabled, uint32_t range,
        int16_t major, int16_t minor)
REFUSES(SetProbeLedColour, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, void *colours, uint16_t count)
REFUSES(SetProbeLedDefaults, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, int16_t defaults)

/* There are no probes whose coming and going could be reported. */
FN(SetProbeInteractionCallback)(int16_t handle, void *callback)
{
    BEGIN(HOST_ONLY);
    END(PICO_OK);
}
#endif

#if FAMILY_NUMBER == 5
REFUSES(CheckForUpdate, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, void *current, void *update, uint16_t *required)
REFUSES(StartFirmwareUpdate, PICO_NOT_SUPPORTED_BY_THIS_DEVICE, void *progress)
#endif

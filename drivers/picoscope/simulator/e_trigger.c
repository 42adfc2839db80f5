/* ps6000a and psospa: triggers. */
#include "e_api.h"

#define MOST_DELAY 1000000000000ULL

FN(SetSimpleTrigger)(int16_t handle, int16_t enable, uint32_t channel, int16_t threshold, uint32_t direction, uint64_t delay,
                     uint32_t auto_us)
{
    BEGIN(HOST_ONLY);
    REQUIRE(delay <= MOST_DELAY, PICO_TRIGGER_DELAY_OUT_OF_RANGE);
    END(set_simple_trigger(session, enable, channel, threshold, direction, delay, auto_us));
}

static uint32_t set_properties(struct session *session, const struct threshold *properties, int16_t count, uint32_t auto_us)
{
    if (count < 0) return PICO_INVALID_PARAMETER;
    if (count > 0 && properties == NULL) return PICO_NULL_PARAMETER;
    if (count > SOURCES) return PICO_TOO_MANY_TRIGGER_CHANNELS;
    for (int16_t i = 0; i < count; i++) {
        uint32_t status = set_threshold(session, &properties[i], NULL);
        if (status != PICO_OK) return status;
    }
    session->trigger.auto_us = auto_us;
    return PICO_OK;
}

#if IS_PSOSPA
FN(SetTriggerChannelProperties)(int16_t handle, struct threshold *properties, int16_t count, uint32_t auto_us)
{
    BEGIN(HOST_ONLY);
    END(set_properties(session, properties, count, auto_us));
}

FN(SetTriggerHoldoffCounterBySamples)(int16_t handle, uint64_t samples)
{
    BEGIN(HOST_ONLY);
    session->trigger.holdoff = samples;
    END(PICO_OK);
}
#else
FN(SetTriggerChannelProperties)(int16_t handle, struct threshold *properties, int16_t count, int16_t aux_output,
                                uint32_t auto_us)
{
    BEGIN(HOST_ONLY);
    (void)aux_output;
    END(set_properties(session, properties, count, auto_us));
}
#endif

FN(SetTriggerChannelConditions)(int16_t handle, struct condition *conditions, int16_t count, uint32_t action)
{
    BEGIN(HOST_ONLY);
    END(set_conditions(session, conditions, count, action));
}

FN(SetTriggerChannelDirections)(int16_t handle, struct direction_of_source *directions, int16_t count)
{
    BEGIN(HOST_ONLY);
    REQUIRE(count >= 0, PICO_INVALID_PARAMETER);
    REQUIRE(count == 0 || directions != NULL, PICO_NULL_PARAMETER);
    for (int16_t i = 0; i < count; i++) {
        uint32_t status = set_direction(session, directions[i].source, directions[i].direction, &directions[i].mode);
        REQUIRE(status == PICO_OK, status);
    }
    END(PICO_OK);
}

FN(SetTriggerDelay)(int16_t handle, uint64_t delay)
{
    BEGIN(HOST_ONLY);
    REQUIRE(delay <= MOST_DELAY, PICO_TRIGGER_DELAY_OUT_OF_RANGE);
    session->trigger.delay = delay;
    END(PICO_OK);
}

FN(TriggerWithinPreTriggerSamples)(int16_t handle, uint32_t state)
{
    BEGIN(HOST_ONLY);
    REQUIRE(state <= 1, PICO_INVALID_PARAMETER);
    END(PICO_OK);
}

/* ---- pulse width: remembered, not evaluated ---------------------------------------------------------------------------- */

FN(SetPulseWidthQualifierProperties)(int16_t handle, uint32_t lower, uint32_t upper, uint32_t type)
{
    BEGIN(HOST_ONLY);
    REQUIRE(type <= 4 && (type < 3 || lower <= upper), PICO_PULSE_WIDTH_QUALIFIER);
    END(PICO_OK);
}

FN(SetPulseWidthQualifierConditions)(int16_t handle, struct condition *conditions, int16_t count, uint32_t action)
{
    BEGIN(HOST_ONLY);
    REQUIRE(action >= 1 && action <= 3, PICO_INVALID_ACTION);
    END(set_pulse_width(session, conditions, count, 0, 0, 1));
}

FN(SetPulseWidthQualifierDirections)(int16_t handle, struct direction_of_source *directions, int16_t count)
{
    BEGIN(HOST_ONLY);
    REQUIRE(count >= 0 && (count == 0 || directions != NULL), PICO_PULSE_WIDTH_QUALIFIER);
    END(PICO_OK);
}

/* ps2000a to ps5000a: triggers. */
#include "a_api.h"

FN(SetSimpleTrigger)(int16_t handle, int16_t enable, uint32_t channel, int16_t threshold, uint32_t direction, uint32_t delay,
                     int16_t auto_ms)
{
    BEGIN(HOST_ONLY);
    REQUIRE(auto_ms >= 0, PICO_INVALID_PARAMETER);
    END(set_simple_trigger(session, enable, channel, threshold, direction, delay, (uint64_t)auto_ms * 1000));
}

FN(SetTriggerChannelProperties)(int16_t handle, struct threshold_with_mode *properties, int16_t count, int16_t aux_output,
                                int32_t auto_ms)
{
    BEGIN(HOST_ONLY);
    (void)aux_output;
    REQUIRE(count >= 0, PICO_INVALID_PARAMETER);
    REQUIRE(count == 0 || properties != NULL, PICO_NULL_PARAMETER);
    REQUIRE(count <= SOURCES, PICO_TOO_MANY_TRIGGER_CHANNELS);
    REQUIRE(auto_ms >= 0, PICO_INVALID_PARAMETER);
    for (int16_t i = 0; i < count; i++) {
        uint32_t status = set_threshold(session, &properties[i].threshold, &properties[i].mode);
        REQUIRE(status == PICO_OK, status);
    }
    session->trigger.auto_us = (uint64_t)auto_ms * 1000;
    END(PICO_OK);
}

#if FAMILY_NUMBER == 4
FN(SetTriggerChannelDirections)(int16_t handle, struct direction_of_channel *directions, int16_t count)
{
    BEGIN(HOST_ONLY);
    REQUIRE(count >= 0, PICO_INVALID_PARAMETER);
    REQUIRE(count == 0 || directions != NULL, PICO_NULL_PARAMETER);
    for (int16_t i = 0; i < count; i++) {
        uint32_t status = set_direction(session, directions[i].channel, directions[i].direction, NULL);
        REQUIRE(status == PICO_OK, status);
    }
    END(PICO_OK);
}
#else
FN(SetTriggerChannelDirections)(int16_t handle, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t ext, uint32_t aux)
{
    BEGIN(HOST_ONLY);
    const uint32_t directions[] = {a, b, c, d, ext, aux};
    for (int i = 0; i < 6; i++) REQUIRE(directions[i] <= NEGATIVE_RUNT, PICO_INVALID_TRIGGER_DIRECTION);
    for (uint32_t i = 0; i < 6; i++) {
        if (source_index(session, i) >= 0) set_direction(session, i, directions[i], NULL);
    }
    END(PICO_OK);
}
#endif

#if FAMILY_NUMBER != 4
FN(SetTriggerChannelConditions)(int16_t handle, uint32_t *conditions, int16_t count)
{
    BEGIN(HOST_ONLY);
    END(set_states(session, conditions, count, FAMILY_NUMBER == 2 ? 8 : 7));
}
#endif

#if FAMILY_NUMBER == 3
FN(SetTriggerChannelConditionsV2)(int16_t handle, uint32_t *conditions, int16_t count)
{
    BEGIN(HOST_ONLY);
    END(set_states(session, conditions, count, 8));
}
#endif

#if FAMILY_NUMBER == 4
FN(SetTriggerChannelConditions)(int16_t handle, struct condition *conditions, int16_t count, uint32_t info)
{
    BEGIN(HOST_ONLY);
    END(set_conditions(session, conditions, count, info));
}
#endif

#if FAMILY_NUMBER == 5
FN(SetTriggerChannelConditionsV2)(int16_t handle, struct condition *conditions, int16_t count, uint32_t info)
{
    BEGIN(HOST_ONLY);
    END(set_conditions(session, conditions, count, info));
}

FN(SetTriggerChannelDirectionsV2)(int16_t handle, struct direction_of_source *directions, uint16_t count)
{
    BEGIN(HOST_ONLY);
    REQUIRE(count == 0 || directions != NULL, PICO_NULL_PARAMETER);
    for (uint16_t i = 0; i < count; i++) {
        uint32_t status = set_direction(session, directions[i].source, directions[i].direction, &directions[i].mode);
        REQUIRE(status == PICO_OK, status);
    }
    END(PICO_OK);
}

FN(SetTriggerChannelPropertiesV2)(int16_t handle, struct threshold *properties, int16_t count, int16_t aux_output)
{
    BEGIN(HOST_ONLY);
    (void)aux_output;
    REQUIRE(count >= 0, PICO_INVALID_PARAMETER);
    REQUIRE(count == 0 || properties != NULL, PICO_NULL_PARAMETER);
    REQUIRE(count <= SOURCES, PICO_TOO_MANY_TRIGGER_CHANNELS);
    for (int16_t i = 0; i < count; i++) {
        uint32_t status = set_threshold(session, &properties[i], NULL);
        REQUIRE(status == PICO_OK, status);
    }
    END(PICO_OK);
}

FN(SetAutoTriggerMicroSeconds)(int16_t handle, uint64_t auto_us)
{
    BEGIN(HOST_ONLY);
    session->trigger.auto_us = auto_us;
    END(PICO_OK);
}

FN(TriggerWithinPreTriggerSamples)(int16_t handle, uint32_t state)
{
    BEGIN(HOST_ONLY);
    REQUIRE(state <= 1, PICO_INVALID_PARAMETER);
    END(PICO_OK);
}
#endif

FN(SetTriggerDelay)(int16_t handle, uint32_t delay)
{
    BEGIN(HOST_ONLY);
    session->trigger.delay = delay;
    END(PICO_OK);
}

FN(IsTriggerOrPulseWidthQualifierEnabled)(int16_t handle, int16_t *trigger_enabled, int16_t *pulse_width_enabled)
{
    BEGIN(HOST_ONLY);
    REQUIRE(trigger_enabled != NULL && pulse_width_enabled != NULL, PICO_NULL_PARAMETER);
    *trigger_enabled = (int16_t)session->trigger.enabled;
    *pulse_width_enabled = (int16_t)session->pulse_width_enabled;
    END(PICO_OK);
}

/* ---- pulse width: remembered, not evaluated ---------------------------------------------------------------------------- */

#if FAMILY_NUMBER != 4
FN(SetPulseWidthQualifier)(int16_t handle, void *conditions, int16_t count, uint32_t direction, uint32_t lower, uint32_t upper,
                           uint32_t type)
{
    BEGIN(HOST_ONLY);
    REQUIRE(direction <= NEGATIVE_RUNT, PICO_PULSE_WIDTH_QUALIFIER);
    END(set_pulse_width(session, conditions, count, lower, upper, type));
}
#endif

#if FAMILY_NUMBER == 3
FN(SetPulseWidthQualifierV2)(int16_t handle, void *conditions, int16_t count, uint32_t direction, uint32_t lower,
                             uint32_t upper, uint32_t type)
{
    BEGIN(HOST_ONLY);
    REQUIRE(direction <= NEGATIVE_RUNT, PICO_PULSE_WIDTH_QUALIFIER);
    END(set_pulse_width(session, conditions, count, lower, upper, type));
}
#endif

#if FAMILY_NUMBER >= 4
FN(SetPulseWidthQualifierConditions)(int16_t handle, struct condition *conditions, int16_t count, uint32_t info)
{
    BEGIN(HOST_ONLY);
    REQUIRE(info >= 1 && info <= 3, PICO_PULSE_WIDTH_QUALIFIER);
    END(set_pulse_width(session, conditions, count, 0, 0, 1));
}
#endif

#if FAMILY_NUMBER == 4
FN(SetPulseWidthQualifierProperties)(int16_t handle, uint32_t direction, uint32_t lower, uint32_t upper, uint32_t type)
{
    BEGIN(HOST_ONLY);
    REQUIRE(direction <= NEGATIVE_RUNT && type <= 4 && (type < 3 || lower <= upper), PICO_PULSE_WIDTH_QUALIFIER);
    END(PICO_OK);
}
#elif FAMILY_NUMBER == 5
FN(SetPulseWidthQualifierProperties)(int16_t handle, uint32_t lower, uint32_t upper, uint32_t type)
{
    BEGIN(HOST_ONLY);
    REQUIRE(type <= 4 && (type < 3 || lower <= upper), PICO_PULSE_WIDTH_QUALIFIER);
    END(PICO_OK);
}

FN(SetPulseWidthQualifierDirections)(int16_t handle, struct direction_of_source *directions, int16_t count)
{
    BEGIN(HOST_ONLY);
    REQUIRE(count >= 0 && (count == 0 || directions != NULL), PICO_PULSE_WIDTH_QUALIFIER);
    END(PICO_OK);
}
#endif

/* Setting triggers: the checks that all families have in common. */
#include "library.h"
#include <stdlib.h>
#include <string.h>

#if FAMILY_NUMBER >= 6
enum { EXTERNAL = 1000, AUXILIARY = 1001 };
#elif FAMILY_NUMBER == 4
enum { EXTERNAL = 8, AUXILIARY = 9 };
#else
enum { EXTERNAL = 4, AUXILIARY = 5 };
#endif

enum { NOT_ENABLED = FAMILY_NUMBER >= 6 ? PICO_TRIGGER_CHANNEL_NOT_ENABLED : PICO_INVALID_TRIGGER_CHANNEL };

int source_index(const struct session *session, uint32_t channel)
{
    if (channel < (uint32_t)session->unit->model->channels) return (int)channel;
    if (channel == EXTERNAL) return SOURCE_EXT;
    if (channel == AUXILIARY) return SOURCE_AUX;
    return -1;
}

static int is_enabled(const struct session *session, int source)
{
    return source >= MAX_CHANNELS || session->channel[source].enabled;
}

static int is_in_range(const struct session *session, int source, int threshold)
{
    return abs(threshold) <= (source >= MAX_CHANNELS ? INT16_MAX : max_adc(session->resolution));
}

/* Edges need a little hysteresis, or noise would trigger them. */
static uint16_t built_in_hysteresis(const struct session *session)
{
    int step = 1 << (16 - resolution_bits(session->resolution));
    return (uint16_t)(step < 64 ? 64 : step);
}

static void switch_off(struct trigger *trigger)
{
    trigger->enabled = 0;
    trigger->groups = 0;
}

uint32_t set_simple_trigger(struct session *session, int enable, uint32_t channel, int threshold, uint32_t direction,
                            uint64_t delay, uint64_t auto_us)
{
    struct trigger *trigger = &session->trigger;
    if (!enable) {
        switch_off(trigger);
        return PICO_OK;
    }
    int source = source_index(session, channel);
    if (source < 0) return PICO_INVALID_TRIGGER_CHANNEL;
    if (!is_enabled(session, source)) return NOT_ENABLED;
    if (direction > RISING_OR_FALLING) return PICO_INVALID_TRIGGER_DIRECTION;
    if (!is_in_range(session, source, threshold)) {
        return FAMILY_NUMBER >= 5 ? PICO_THRESHOLD_OUT_OF_RANGE : PICO_INVALID_PARAMETER;
    }
    memset(trigger, 0, sizeof *trigger);
    trigger->enabled = 1;
    trigger->groups = 1;
    trigger->group[0][source] = IS_TRUE;
    trigger->source[source] = (struct trigger_source){.direction = direction,
                                                      .upper = (int16_t)threshold,
                                                      .lower = (int16_t)threshold,
                                                      .upper_hysteresis = built_in_hysteresis(session),
                                                      .lower_hysteresis = built_in_hysteresis(session)};
    trigger->delay = delay;
    trigger->auto_us = auto_us;
    return PICO_OK;
}

uint32_t set_threshold(struct session *session, const struct threshold *threshold, const uint32_t *mode)
{
    int source = source_index(session, threshold->channel);
    if (source < 0) return PICO_INVALID_TRIGGER_CHANNEL;
    if (mode != NULL && *mode > WINDOW) return PICO_INVALID_TRIGGER_PROPERTY;
    if (!is_in_range(session, source, threshold->upper) || !is_in_range(session, source, threshold->lower)) {
        return FAMILY_NUMBER >= 5 ? PICO_THRESHOLD_OUT_OF_RANGE : PICO_INVALID_TRIGGER_PROPERTY;
    }
    if (mode != NULL && *mode == WINDOW && threshold->upper < threshold->lower) return PICO_INVALID_TRIGGER_PROPERTY;
    struct trigger_source *setting = &session->trigger.source[source];
    setting->upper = threshold->upper;
    setting->lower = threshold->lower;
    setting->upper_hysteresis = threshold->upper_hysteresis;
    setting->lower_hysteresis = threshold->lower_hysteresis;
    if (mode != NULL) setting->mode = *mode;
    return PICO_OK;
}

uint32_t set_direction(struct session *session, uint32_t channel, uint32_t direction, const uint32_t *mode)
{
    int source = source_index(session, channel);
    if (source < 0) return PICO_INVALID_TRIGGER_CHANNEL;
    if (direction > NEGATIVE_RUNT) return PICO_INVALID_TRIGGER_DIRECTION;
    if (mode != NULL && (*mode > WINDOW || (*mode == WINDOW && direction > RISING_OR_FALLING))) {
        return PICO_INVALID_TRIGGER_DIRECTION;
    }
    session->trigger.source[source].direction = direction;
    if (mode != NULL) session->trigger.source[source].mode = *mode;
    return PICO_OK;
}

/* One more group of conditions; NULL if there are too many. */
static uint8_t *new_group(struct trigger *trigger)
{
    if (trigger->groups == MAX_GROUPS) return NULL;
    uint8_t *group = trigger->group[trigger->groups++];
    memset(group, DONT_CARE, SOURCES);
    trigger->enabled = 1;
    return group;
}

static uint32_t set_state(struct session *session, uint8_t *group, uint32_t channel, uint32_t state)
{
    int source = source_index(session, channel);
    if (state > IS_FALSE) return PICO_CONDITIONS;
    if (source < 0 || (state != DONT_CARE && !is_enabled(session, source))) return PICO_INVALID_CONDITION_CHANNEL;
    group[source] = (uint8_t)state;
    return PICO_OK;
}

static uint32_t add_conditions(struct session *session, const struct condition *conditions, int16_t count)
{
    uint8_t *group = new_group(&session->trigger);
    if (group == NULL) return PICO_CONDITIONS;
    for (int16_t i = 0; i < count; i++) {
        if (conditions[i].source == PULSE_WIDTH_SOURCE || conditions[i].source == DIGITAL_SOURCE) continue;
        uint32_t status = set_state(session, group, conditions[i].source, conditions[i].condition);
        if (status != PICO_OK) return status;
    }
    return PICO_OK;
}

uint32_t set_conditions(struct session *session, const struct condition *conditions, int16_t count, uint32_t action)
{
    if (count < 0) return PICO_INVALID_PARAMETER;
    if (count > 0 && conditions == NULL) return PICO_NULL_PARAMETER;
    if (action == 0 || action > (ACTION_CLEAR | ACTION_ADD)) {
        return FAMILY_NUMBER >= 6 ? PICO_INVALID_ACTION : PICO_INVALID_PARAMETER;
    }
    struct trigger before = session->trigger;
    if (action & ACTION_CLEAR) switch_off(&session->trigger);
    uint32_t status = count > 0 && (action & ACTION_ADD) ? add_conditions(session, conditions, count) : PICO_OK;
    if (status != PICO_OK) session->trigger = before;
    return status;
}

static uint32_t add_states(struct session *session, const uint32_t *states, int words)
{
    uint8_t *group = new_group(&session->trigger);
    if (group == NULL) return PICO_CONDITIONS;
    for (int i = 0; i < words; i++) {
        if (states[i] > IS_FALSE) return PICO_CONDITIONS;
        if (states[i] == DONT_CARE || i > AUXILIARY) continue; /* pulse width and digital are not evaluated */
        uint32_t status = set_state(session, group, (uint32_t)i, states[i]);
        if (status != PICO_OK) return status;
    }
    return PICO_OK;
}

uint32_t set_states(struct session *session, const uint32_t *states, int16_t count, int words)
{
    if (count < 0) return PICO_INVALID_PARAMETER;
    if (count > 0 && states == NULL) return PICO_NULL_PARAMETER;
    struct trigger before = session->trigger;
    switch_off(&session->trigger);
    for (int16_t i = 0; i < count; i++) {
        uint32_t status = add_states(session, states + i * words, words);
        if (status == PICO_OK) continue;
        session->trigger = before;
        return status;
    }
    return PICO_OK;
}

uint32_t set_pulse_width(struct session *session, const void *conditions, int16_t count, uint32_t lower, uint32_t upper,
                         uint32_t type)
{
    if (count < 0 || type > 4) return PICO_PULSE_WIDTH_QUALIFIER;
    if (count > 0 && conditions == NULL) return PICO_NULL_PARAMETER;
    if (type >= 3 && lower > upper) return PICO_PULSE_WIDTH_QUALIFIER;
    session->pulse_width_enabled = count > 0 && type != 0;
    return PICO_OK;
}

/*
 * When a trigger fires: level, edge, window and runt conditions of several channels.
 *
 * An edge holds from the sample that crosses the threshold until the signal has gone back over the hysteresis, so that
 * edges of several channels can coincide. The trigger fires where a whole group of conditions begins to hold.
 */
#include "simulator.h"

enum { ARMED_UP = 1, ARMED_DOWN = 2, RUNT_UP = 4, RUNT_DOWN = 8 };

int uses_source(const struct trigger *trigger, int source)
{
    if (!trigger->enabled) return 0;
    for (int group = 0; group < trigger->groups; group++) {
        if (trigger->group[group][source] != DONT_CARE) return 1;
    }
    return 0;
}

static int step_rising(uint8_t *seen, int holds, int value, int threshold, int hysteresis)
{
    if (value < threshold - hysteresis) {
        *seen |= ARMED_UP;
        return 0;
    }
    if ((*seen & ARMED_UP) && value >= threshold) {
        *seen &= (uint8_t)~ARMED_UP;
        return 1;
    }
    return holds;
}

static int step_falling(uint8_t *seen, int holds, int value, int threshold, int hysteresis)
{
    if (value > threshold + hysteresis) {
        *seen |= ARMED_DOWN;
        return 0;
    }
    if ((*seen & ARMED_DOWN) && value <= threshold) {
        *seen &= (uint8_t)~ARMED_DOWN;
        return 1;
    }
    return holds;
}

/* A pulse that gets over the first threshold but, before it comes back, not over the second. */
static int step_runt(uint8_t *seen, int value, int first, int second)
{
    if (value < first) {
        int fires = (*seen & RUNT_UP) != 0;
        *seen = ARMED_UP;
        return fires;
    }
    if (value >= second) {
        *seen = 0;
    } else if (*seen & ARMED_UP) {
        *seen = RUNT_UP;
    }
    return 0;
}

static int step_level(const struct trigger_source *source, uint8_t *seen, int holds, int value)
{
    switch (source->direction) {
    case ABOVE:
        return value > source->upper;
    case BELOW:
        return value < source->upper;
    case RISING:
        return step_rising(seen, holds, value, source->upper, source->upper_hysteresis);
    case FALLING:
        return step_falling(seen, holds, value, source->upper, source->upper_hysteresis);
    case RISING_OR_FALLING: {
        int up = step_rising(seen, 0, value, source->upper, source->upper_hysteresis);
        int down = step_falling(seen, 0, value, source->upper, source->upper_hysteresis);
        return up || down;
    }
    case ABOVE_LOWER:
        return value > source->lower;
    case BELOW_LOWER:
        return value < source->lower;
    case RISING_LOWER:
        return step_rising(seen, holds, value, source->lower, source->lower_hysteresis);
    case FALLING_LOWER:
        return step_falling(seen, holds, value, source->lower, source->lower_hysteresis);
    case POSITIVE_RUNT:
        return step_runt(seen, value, source->lower, source->upper);
    default:
        return step_runt(seen, -value, -source->upper, -source->lower);
    }
}

static int step_window(const struct trigger_source *source, uint8_t *seen, int value)
{
    int is_inside = value >= source->lower && value <= source->upper;
    int is_clearly_outside =
        value > source->upper + source->upper_hysteresis || value < source->lower - source->lower_hysteresis;
    int is_clearly_inside =
        value < source->upper - source->upper_hysteresis && value > source->lower + source->lower_hysteresis;
    int enters = (*seen & ARMED_UP) && is_inside;
    int exits = (*seen & ARMED_DOWN) && !is_inside;
    if (enters) *seen &= (uint8_t)~ARMED_UP;
    if (exits) *seen &= (uint8_t)~ARMED_DOWN;
    if (is_clearly_outside) *seen |= ARMED_UP;
    if (is_clearly_inside) *seen |= ARMED_DOWN;
    switch (source->direction) {
    case ABOVE:
        return is_inside;
    case BELOW:
        return !is_inside;
    case RISING:
        return enters;
    case FALLING:
        return exits;
    default:
        return enters || exits;
    }
}

/* Edges of a window hold as long as the signal stays where it went. */
static int holds_on(const struct trigger_source *source, int holds, int value)
{
    int is_inside = value >= source->lower && value <= source->upper;
    if (source->direction == RISING) return holds && is_inside;
    if (source->direction == FALLING) return holds && !is_inside;
    return 0;
}

int trigger_step(const struct trigger *trigger, struct trigger_state *state, const int16_t *values)
{
    int fires = 0;
    if (!state->started) {
        for (int index = 0; index < SOURCES; index++) {
            if (uses_source(trigger, index)) state->used |= 1u << index;
        }
        state->started = 1;
    }
    for (int index = 0; index < SOURCES; index++) {
        if (!(state->used >> index & 1)) continue;
        const struct trigger_source *source = &trigger->source[index];
        int holds = state->holds[index];
        if (source->mode == WINDOW) {
            holds = step_window(source, &state->seen[index], values[index]) || holds_on(source, holds, values[index]);
        } else {
            holds = step_level(source, &state->seen[index], holds, values[index]);
        }
        state->holds[index] = (uint8_t)holds;
    }
    for (int group = 0; group < trigger->groups; group++) {
        int holds = 0;
        for (int index = 0; index < SOURCES; index++) {
            int wanted = trigger->group[group][index];
            if (wanted == DONT_CARE) continue;
            holds = state->holds[index] == (wanted == IS_TRUE);
            if (!holds) break;
        }
        if (holds && !state->holds_group[group]) fires = 1;
        state->holds_group[group] = (uint8_t)holds;
    }
    return fires;
}

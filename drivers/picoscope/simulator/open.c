/* Finding, opening and closing units. */
#include "library.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_RANGE 8 /* +-5 V */

static int is_open(const struct unit *unit)
{
    struct session *session = session_of_unit(unit);
    return session != NULL && !session->is_dead;
}

static int is_available(const struct unit *unit)
{
    return unit->present && unit->plugged && !is_open(unit);
}

static void start_session(struct session *session, uint32_t resolution)
{
    const struct model *model = session->unit->model;
    session->resolution = resolution;
    /* All channels are in use, or as many as the resolution allows. */
    int most = model->channels;
    while (most > 1 && fastest_ps(model, resolution, most) == 0) most--;
    for (int channel = 0; channel < model->channels; channel++) {
        session->channel[channel] = (struct channel){.enabled = channel < most,
                                                     .coupling = 1,
                                                     .range = DEFAULT_RANGE,
                                                     .range_mv = range_mv[DEFAULT_RANGE]};
    }
    session->captures_wanted = 1;
    uint32_t power = power_status(session->unit);
    if (FAMILY_NUMBER >= 3 && FAMILY_NUMBER <= 5 && power != PICO_OK && power != PICO_POWER_SUPPLY_CONNECTED) {
        session->power_pending = power;
    }
}

static uint32_t make_session(struct unit *unit, uint32_t resolution, int16_t *handle)
{
    int place = 0;
    while (place < MAX_SESSIONS && library.session[place] != NULL) place++;
    if (place == MAX_SESSIONS) return PICO_MAX_UNITS_OPENED;
    if (!has_resolution(unit->model, resolution)) return PICO_RESOLUTION_NOT_SUPPORTED_BY_VARIANT;
    struct session *session = calloc(1, sizeof *session);
    if (session == NULL) return PICO_MEMORY_FAIL;
    session->unit = unit;
    start_session(session, resolution);
    if (set_segments(session, 1) != PICO_OK) {
        free(session);
        return PICO_MEMORY_FAIL;
    }
    session->handle = library.next_handle;
    library.next_handle = library.next_handle == INT16_MAX ? 1 : (int16_t)(library.next_handle + 1);
    library.session[place] = session;
    *handle = session->handle;
    return session->power_pending;
}

static uint32_t default_resolution(const struct unit *unit)
{
    uint32_t resolution = 0;
    while (!has_resolution(unit->model, resolution)) resolution++;
    return resolution;
}

uint32_t open_session(const char *serial, uint32_t resolution, int16_t *handle)
{
    update_units();
    *handle = 0;
    for (struct unit *unit = library.units; unit != NULL; unit = unit->next) {
        if (!is_available(unit) || (serial != NULL && strcmp(serial, unit->serial) != 0)) continue;
        sleep_s(unit->knobs.open_delay_ms * 1e-3);
        if (unit->knobs.open_status != 0) {
            *handle = -1;
            return (uint32_t)unit->knobs.open_status;
        }
        return make_session(unit, resolution == UINT32_MAX ? default_resolution(unit) : resolution, handle);
    }
    return PICO_NOT_FOUND;
}

uint32_t start_opening(const char *serial, uint32_t resolution, int16_t *started)
{
    *started = 0;
    if (library.opening) return 0x05; /* OPEN_OPERATION_IN_PROGRESS */
    library.opening = 1;
    library.opening_any = serial == NULL;
    snprintf(library.opening_serial, sizeof library.opening_serial, "%s", serial == NULL ? "" : serial);
    library.opening_resolution = resolution;
    double delay = 0;
    for (struct unit *unit = library.units; unit != NULL; unit = unit->next) {
        if (unit->present && unit->knobs.open_delay_ms * 1e-3 > delay) delay = unit->knobs.open_delay_ms * 1e-3;
    }
    library.opened_at_s = wall_s() + delay;
    *started = 1;
    return PICO_OK;
}

uint32_t opening_progress(int16_t *handle, int16_t *percent, int16_t *complete)
{
    *handle = 0;
    *complete = 0;
    if (!library.opening) {
        *percent = 0;
        return PICO_INVALID_CALL;
    }
    if (wall_s() < library.opened_at_s) {
        *percent = 50;
        return PICO_OK;
    }
    library.opening = 0;
    *percent = 100;
    *complete = 1;
    update_units();
    for (struct unit *unit = library.units; unit != NULL; unit = unit->next) {
        if (!is_available(unit)) continue;
        if (!library.opening_any && strcmp(library.opening_serial, unit->serial) != 0) continue;
        if (unit->knobs.open_status != 0) {
            *handle = -1;
            return (uint32_t)unit->knobs.open_status;
        }
        uint32_t resolution = library.opening_resolution;
        return make_session(unit, resolution == UINT32_MAX ? default_resolution(unit) : resolution, handle);
    }
    return PICO_NOT_FOUND;
}

uint32_t close_session(struct session *session)
{
    for (int i = 0; i < MAX_SESSIONS; i++) {
        if (library.session[i] == session) library.session[i] = NULL;
    }
    free_session_data(session);
    free(session);
    return PICO_OK;
}

uint32_t enumerate_units(int16_t *count, char *serials, int16_t *length)
{
    update_units();
    if (library.enumerate_status != PICO_OK) return library.enumerate_status;
    char text[1024] = "";
    size_t used = 0;
    *count = 0;
    for (struct unit *unit = library.units; unit != NULL; unit = unit->next) {
        if (!is_available(unit) || used + sizeof unit->serial + 2 > sizeof text) continue;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? "," : "", unit->serial);
        ++*count;
    }
    if (serials != NULL && length != NULL && *length > 0) {
        size_t room = (size_t)*length - 1;
        memcpy(serials, text, used < room ? used : room);
        serials[used < room ? used : room] = 0;
    }
    if (length != NULL) *length = (int16_t)(used + 1);
    return *count == 0 ? PICO_NOT_FOUND : PICO_OK;
}

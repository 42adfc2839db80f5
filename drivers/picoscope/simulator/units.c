/* Units: which there are, whether they are plugged in, power, and what they say about themselves. */
#include "library.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRIVER_VERSION "2.1.0.687"

/* ---- the list of units ------------------------------------------------------------------------------------------------- */

struct unit *first_unit(void)
{
    for (struct unit *unit = library.units; unit != NULL; unit = unit->next) {
        if (unit->present) return unit;
    }
    return NULL;
}

struct unit *find_unit(const char *serial)
{
    for (struct unit *unit = library.units; unit != NULL; unit = unit->next) {
        if (strcmp(unit->serial, serial) == 0) return unit;
    }
    return NULL;
}

struct session *session_of_unit(const struct unit *unit)
{
    struct session *found = NULL;
    for (int i = 0; i < MAX_SESSIONS; i++) {
        struct session *session = library.session[i];
        if (session != NULL && session->unit == unit && (found == NULL || found->is_dead)) found = session;
    }
    return found;
}

static const struct model *find_model(const char *name)
{
    for (int i = 0; i < model_count; i++) {
        if (strcmp(models[i].name, name) == 0) return &models[i];
    }
    return NULL;
}

static struct unit *add_unit(const struct model *model, const char *serial)
{
    struct unit *unit = find_unit(serial);
    if (unit == NULL) {
        unit = calloc(1, sizeof *unit);
        if (unit == NULL) return NULL;
        snprintf(unit->serial, sizeof unit->serial, "%s", serial);
        unit->knobs = library.defaults;
        unit->unplug_calls = unit->unplug_captures = -1;
        unit->unplug_at_s = unit->replug_at_s = unit->replug_after_s = -1;
        unit->plugged = 1;
        unit->wall_base_s = wall_s();
        struct unit **end = &library.units;
        while (*end != NULL) end = &(*end)->next;
        *end = unit;
    }
    unit->model = model;
    unit->present = 1;
    return unit;
}

int set_devices(const char *list)
{
    char text[1024];
    if (strlen(list) >= sizeof text) return -2;
    strcpy(text, list);
    for (struct unit *unit = library.units; unit != NULL; unit = unit->next) unit->present = 0;
    if (strcmp(text, "none") == 0) return 0;
    char *rest = text;
    for (char *entry; (entry = strtok_r(rest, ",", &rest)) != NULL;) {
        char *equals = strchr(entry, '=');
        if (equals == NULL || equals[1] == 0) return -2;
        *equals = 0;
        const struct model *model = find_model(entry);
        if (model != NULL && add_unit(model, equals + 1) == NULL) return -2;
    }
    return 0;
}

/* FNV-1a. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = 14695981039346656037ULL;
    for (; *text != 0; text++) hash = (hash ^ (unsigned char)*text) * 1099511628211ULL;
    return hash;
}

struct signal *signal_of_unit(struct unit *unit)
{
    if (unit->signal != NULL) return unit->signal;
    const struct signal *given = unit->given != NULL ? unit->given : library.given;
    uint64_t key = mix((uint64_t)unit->knobs.seed ^ hash_of(unit->serial));
    if (unit->knobs.kind == SIGNAL_WAVEFORMS && given != NULL) {
        unit->signal = make_given_signal(given, &unit->knobs, key);
    } else {
        unit->signal = make_muon_signal(&unit->knobs, key);
        if (unit->signal != NULL && unit->signal->kind == SIGNAL_WAVEFORMS) unit->signal->kind = SIGNAL_MUON;
    }
    return unit->signal;
}

/* ---- the clock --------------------------------------------------------------------------------------------------------- */

double sim_now_ns(struct unit *unit)
{
    return unit->sim_base_ns + (wall_s() - unit->wall_base_s) * 1e9 * unit->knobs.speed;
}

void set_sim_now(struct unit *unit, double now_ns)
{
    unit->sim_base_ns = now_ns;
    unit->wall_base_s = wall_s();
}

/* ---- plugs and power --------------------------------------------------------------------------------------------------- */

void unplug_unit(struct unit *unit)
{
    unit->plugged = 0;
    unit->unplug_at_s = unit->unplug_calls = unit->unplug_captures = -1;
    unit->replug_at_s = unit->replug_after_s >= 0 ? wall_s() + unit->replug_after_s : -1;
    unit->replug_after_s = -1;
    for (int i = 0; i < MAX_SESSIONS; i++) {
        if (library.session[i] != NULL && library.session[i]->unit == unit) library.session[i]->is_dead = 1;
    }
}

void replug_unit(struct unit *unit)
{
    unit->plugged = 1;
    unit->replug_at_s = -1;
}

uint32_t power_status(const struct unit *unit)
{
    switch (unit->power) {
    case POWER_USB:
    case POWER_UNDERVOLTAGE:
        return PICO_POWER_SUPPLY_NOT_CONNECTED;
    case POWER_USB2:
        return PICO_USB3_0_DEVICE_NON_USB3_0_PORT;
    case POWER_PSU:
        return PICO_POWER_SUPPLY_CONNECTED;
    default:
        return unit->model->has_supply ? PICO_POWER_SUPPLY_CONNECTED : PICO_OK;
    }
}

void set_unit_power(struct unit *unit, enum power power)
{
    uint32_t before = power_status(unit);
    unit->power = power;
    uint32_t after = power_status(unit);
    struct session *session = session_of_unit(unit);
    if (session == NULL || session->is_dead || before == after || FAMILY_NUMBER < 3 || FAMILY_NUMBER > 5) return;
    forget_data(session);
    session->mode = IDLE;
    session->end_status = after;
    session->power_pending = after;
}

uint32_t change_power(struct session *session, uint32_t state)
{
    uint32_t actual = power_status(session->unit);
    if (state != PICO_POWER_SUPPLY_CONNECTED && state != PICO_POWER_SUPPLY_NOT_CONNECTED &&
        state != PICO_USB3_0_DEVICE_NON_USB3_0_PORT) {
        return PICO_INVALID_PARAMETER;
    }
    if (state != actual) return PICO_POWER_SUPPLY_REQUEST_INVALID;
    if (session->unit->power == POWER_UNDERVOLTAGE) return PICO_POWER_SUPPLY_UNDERVOLTAGE;
    session->power_pending = PICO_OK;
    session->usb_powered = state == PICO_POWER_SUPPLY_NOT_CONNECTED;
    for (int channel = 2; channel < MAX_CHANNELS && session->usb_powered; channel++) session->channel[channel].enabled = 0;
    return PICO_OK;
}

/* ---- information ------------------------------------------------------------------------------------------------------- */

static const char *info_text(const struct session *session, uint32_t info)
{
    static const char *const fixed[] = {DRIVER_VERSION, "3.0",       "1",          NULL,       NULL, "18May18",
                                        "1.2",          "1",         "1",          "1.7.13.0", "1.0.64.0", NULL,
                                        NULL,           NULL,        "simulator",  "1.0.0.0",  NULL};
    if (info == 3) return session->unit->model->name;
    if (info == 4) return session->unit->serial;
    return fixed[info];
}

uint32_t unit_info(int16_t handle, char *text, int16_t length, int16_t *required, uint32_t info, const char *function)
{
    struct call call;
    if (begin_library(&call, function)) return finish(&call, call.status);
    struct session *session = find_session(handle);
    REQUIRE(session != NULL || info == 0, PICO_INVALID_HANDLE);
    REQUIRE(info <= 0x10, PICO_INVALID_INFO);
    const char *words = info_text(session, info);
    REQUIRE(words != NULL, PICO_INFO_UNAVAILABLE);
    REQUIRE(text != NULL || required != NULL, PICO_NULL_PARAMETER);
    size_t size = strlen(words) + 1;
    if (required != NULL) *required = (int16_t)size;
    if (text == NULL) END(PICO_OK);
    REQUIRE(length >= (int16_t)size, PICO_STRING_BUFFER_TO_SMALL);
    memcpy(text, words, size);
    END(PICO_OK);
}

__attribute__((destructor)) static void free_library(void)
{
    if (library.threads > 0) return; /* they still need it */
    for (int i = 0; i < MAX_SESSIONS; i++) {
        if (library.session[i] == NULL) continue;
        free_session_data(library.session[i]);
        free(library.session[i]);
    }
    while (library.units != NULL) {
        struct unit *unit = library.units;
        library.units = unit->next;
        drop_signal(unit->signal);
        drop_signal(unit->given);
        free(unit);
    }
    drop_signal(library.given);
}

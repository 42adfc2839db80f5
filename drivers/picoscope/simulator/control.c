/*
 * Control of the simulation: functions that the vendor's library does not have.
 *
 * A target is "" for all units and those still to come, or a serial number. Keys: those of knobs.c, and here
 *   devices           MODEL=SERIAL,... ; models of other families are skipped; "none"
 *   waveform_file     path of a file as in signal.c; also sets signal=waveforms
 *   power             ok, psu, usb, usb2, undervoltage; while open: as if the supply were plugged in or out
 *   unplug            now, calls:N, captures:N, after:SECONDS
 *   replug            now, after:SECONDS (after the unplugging, or from now if it is already unplugged)
 *   fail              FUNCTION=STATUS or FUNCTION=STATUS*TIMES; the function's name without the family
 *   enumerate_status  what EnumerateUnits gives
 *   concurrent        refuse (DRIVER_FUNCTION), wait
 * At loading, an environment variable PICOSIM_KEY (in capitals) sets each of them for all units.
 */
#include "library.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DONE = PICO_OK, UNKNOWN = PICO_INVALID_PARAMETER, NO_TARGET = PICO_NOT_FOUND };

static void forget_signal(struct unit *unit)
{
    drop_signal(unit->signal);
    unit->signal = NULL;
}

/* ---- settings of units ------------------------------------------------------------------------------------------------- */

static int set_power(struct unit *unit, const char *value)
{
    static const char *const names[] = {"ok", "psu", "usb", "usb2", "undervoltage"};
    for (int i = 0; i < (int)(sizeof names / sizeof names[0]); i++) {
        if (strcmp(names[i], value) != 0) continue;
        set_unit_power(unit, (enum power)i);
        return 0;
    }
    return -2;
}

/* Number behind "name:". Returns -1 if the value does not begin so. */
static double number_after(const char *value, const char *name)
{
    size_t length = strlen(name);
    if (strncmp(value, name, length) != 0) return -1;
    char *end;
    double number = strtod(value + length, &end);
    return end == value + length || *end != 0 || !(number >= 0) ? -1 : number;
}

static int set_unplug(struct unit *unit, const char *value)
{
    double number;
    if (strcmp(value, "now") == 0) unplug_unit(unit);
    else if ((number = number_after(value, "calls:")) >= 0) unit->unplug_calls = number;
    else if ((number = number_after(value, "captures:")) >= 0) unit->unplug_captures = number;
    else if ((number = number_after(value, "after:")) >= 0) unit->unplug_at_s = wall_s() + number;
    else return -2;
    return 0;
}

static int set_replug(struct unit *unit, const char *value)
{
    double seconds = number_after(value, "after:");
    if (strcmp(value, "now") == 0) replug_unit(unit);
    else if (seconds < 0) return -2;
    else if (unit->plugged) unit->replug_after_s = seconds;
    else unit->replug_at_s = wall_s() + seconds;
    return 0;
}

static int set_of_unit(struct unit *unit, const char *key, const char *value)
{
    unit->generation++;
    if (strcmp(key, "power") == 0) return set_power(unit, value);
    if (strcmp(key, "unplug") == 0) return set_unplug(unit, value);
    if (strcmp(key, "replug") == 0) return set_replug(unit, value);
    int changes_signal = 0;
    set_sim_now(unit, sim_now_ns(unit));
    int result = set_knob(&unit->knobs, key, value, &changes_signal);
    if (changes_signal) forget_signal(unit);
    return result;
}

static int set_given(struct unit *unit, struct signal *given)
{
    int changes;
    struct signal **place = unit == NULL ? &library.given : &unit->given;
    drop_signal(*place);
    *place = hold_signal(given);
    struct knobs *knobs = unit == NULL ? &library.defaults : &unit->knobs;
    if (unit != NULL) {
        unit->generation++;
        forget_signal(unit);
    }
    return set_knob(knobs, "signal", "waveforms", &changes);
}

static int give_waveforms(struct unit *unit, struct signal *given)
{
    if (given == NULL) return -2;
    if (unit != NULL) {
        set_given(unit, given);
    } else {
        set_given(NULL, given);
        for (struct unit *each = library.units; each != NULL; each = each->next) set_given(each, given);
    }
    drop_signal(given);
    return 0;
}

static int set_library(const char *key, const char *value, int *known)
{
    *known = 1;
    if (strcmp(key, "devices") == 0) return set_devices(value);
    if (strcmp(key, "fail") == 0) return set_failure(value);
    if (strcmp(key, "enumerate_status") == 0) {
        library.enumerate_status = (uint32_t)strtoul(value, NULL, 0);
        return 0;
    }
    if (strcmp(key, "concurrent") == 0) {
        if (strcmp(value, "refuse") != 0 && strcmp(value, "wait") != 0) return -2;
        library.refuses = value[0] == 'r';
        return 0;
    }
    *known = 0;
    return 0;
}

static int set_all(const char *key, const char *value)
{
    int known;
    int result = set_library(key, value, &known);
    if (known) return result;
    int changes_signal = 0;
    int is_action = strcmp(key, "power") == 0 || strcmp(key, "unplug") == 0 || strcmp(key, "replug") == 0;
    if (!is_action && (result = set_knob(&library.defaults, key, value, &changes_signal)) != 0) return result;
    for (struct unit *unit = library.units; unit != NULL; unit = unit->next) {
        if ((result = set_of_unit(unit, key, value)) != 0) return result;
    }
    return 0;
}

static uint32_t set_value(const char *target, const char *key, const char *value)
{
    struct unit *unit = target[0] == 0 ? NULL : find_unit(target);
    if (target[0] != 0 && unit == NULL) return NO_TARGET;
    int result;
    if (strcmp(key, "waveform_file") == 0) result = give_waveforms(unit, read_waveform_file(value));
    else result = unit == NULL ? set_all(key, value) : set_of_unit(unit, key, value);
    return result == 0 ? DONE : UNKNOWN;
}

/* ---- environment ------------------------------------------------------------------------------------------------------- */

static const char *environment(const char *key)
{
    char name[64] = "PICOSIM_";
    size_t at = strlen(name);
    for (; *key != 0 && at + 1 < sizeof name; key++) name[at++] = (char)toupper((unsigned char)*key);
    name[at] = 0;
    const char *value = getenv(name);
    return value == NULL || value[0] == 0 ? NULL : value;
}

static void set_from_environment(const char *key)
{
    const char *value = environment(key);
    if (value != NULL) set_value("", key, value);
}

void load_environment(void)
{
    static const char *const others[] = {"waveform_file", "power",  "unplug", "replug", "fail",
                                         "enumerate_status", "concurrent"};
    char serial[32];
    library.defaults = default_knobs;
    for (int i = 0; i < knob_count(); i++) set_from_environment(knob_name(i));
    const char *devices = environment("devices");
    char own[64];
    snprintf(serial, sizeof serial, "SIM%d/0001", FAMILY_NUMBER);
    snprintf(own, sizeof own, "%s=%s", models[0].name, serial);
    set_devices(devices != NULL ? devices : own);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) set_from_environment(others[i]);
}

/* ---- exported functions ------------------------------------------------------------------------------------------------ */

/* Turns a knob. Returns 0, 3 if there is no such unit, 13 if there is no such key or it does not take the value. */
PICOSIM_API uint32_t picosim_set(const char *target, const char *key, const char *value)
{
    lock_when_idle();
    uint32_t result = set_value(target, key, value);
    unlock_library();
    return result;
}

static uint64_t count_handles(void)
{
    uint64_t count = 0;
    for (int i = 0; i < MAX_SESSIONS; i++) count += library.session[i] != NULL;
    return count;
}

static int library_number(const char *key, uint64_t *number)
{
    if (strcmp(key, "calls") == 0) *number = library.calls;
    else if (strcmp(key, "wrong_calls") == 0) *number = library.wrong_calls;
    else if (strcmp(key, "handles") == 0) *number = count_handles();
    else if (strcmp(key, "threads") == 0) *number = (uint64_t)library.threads;
    else return -1;
    return 0;
}

static int unit_number(const struct unit *unit, const char *key, uint64_t *number)
{
    if (strcmp(key, "device_calls") == 0) *number = unit->calls;
    else if (strcmp(key, "captures") == 0) *number = unit->captures;
    else if (strcmp(key, "runs") == 0) *number = unit->runs;
    else if (strcmp(key, "lost_samples") == 0) *number = unit->lost;
    else if (strcmp(key, "missed") == 0) *number = unit->missed;
    else if (strcmp(key, "plugged") == 0) *number = (uint64_t)unit->plugged;
    else return -1;
    return 0;
}

static int text_of(const struct unit *unit, const char *key, char *text, size_t size)
{
    uint64_t number;
    struct session *session = unit == NULL ? NULL : session_of_unit(unit);
    if (strcmp(key, "last_wrong_call") == 0) snprintf(text, size, "%s", library.last_wrong);
    else if (strcmp(key, "generator") == 0) snprintf(text, size, "%s", session == NULL ? "" : session->generator);
    else if (library_number(key, &number) == 0) snprintf(text, size, "%" PRIu64, number);
    else if (unit != NULL && unit_number(unit, key, &number) == 0) snprintf(text, size, "%" PRIu64, number);
    else return get_knob(unit == NULL ? &library.defaults : &unit->knobs, key, text, size);
    return 0;
}

/* Value of a knob or a count as text, with NUL. Returns its length without it, or -1: no such unit or key. */
PICOSIM_API int32_t picosim_get(const char *target, const char *key, char *text, int32_t size)
{
    char words[512] = "";
    lock_when_idle();
    struct unit *unit = target[0] == 0 ? first_unit() : find_unit(target);
    int result = target[0] != 0 && unit == NULL ? -1 : text_of(unit, key, words, sizeof words);
    unlock_library();
    if (result != 0) return -1;
    if (size > 0) snprintf(text, (size_t)size, "%s", words);
    return (int32_t)strlen(words);
}

/*
 * Gives the waveforms that the inputs show: int16 ADC counts (is_adc) or float32 mV, [waveform][channel][sample]. Copied.
 * Returns as picosim_set().
 */
PICOSIM_API uint32_t picosim_waveforms(const char *target, const void *data, uint32_t is_adc, uint32_t waveforms,
                                       uint32_t channels, uint32_t samples, double interval_ns)
{
    if (waveforms == 0 || channels == 0 || channels > MAX_CHANNELS || samples == 0 || !(interval_ns >= 0)) return UNKNOWN;
    struct signal given = {.waveforms = waveforms,
                           .is_adc = is_adc != 0,
                           .given_channels = channels,
                           .given_samples = samples,
                           .interval_ns = interval_ns,
                           .adc = (int16_t *)data,
                           .mv = (float *)data};
    lock_when_idle();
    struct unit *unit = target[0] == 0 ? NULL : find_unit(target);
    uint32_t result = NO_TARGET;
    if (target[0] == 0 || unit != NULL) {
        result = give_waveforms(unit, make_given_signal(&given, &library.defaults, 0)) == 0 ? DONE : UNKNOWN;
    }
    unlock_library();
    return result;
}

/*
 * ADC values [first, first + count) that a capture must have with the settings of the last RunBlock, worked out afresh.
 * `forced`: it was not triggered (auto-trigger, or no trigger). Returns their number or -1: no run yet, or out of range.
 */
PICOSIM_API int32_t picosim_expected(const char *target, uint32_t channel, double capture, uint32_t forced, uint32_t first,
                                     uint32_t count, int16_t *out)
{
    lock_when_idle();
    struct unit *unit = target[0] == 0 ? first_unit() : find_unit(target);
    struct session *session = unit == NULL ? NULL : session_of_unit(unit);
    const struct pool *pool = session == NULL ? NULL : session->pool;
    int32_t result = -1;
    if (pool != NULL && channel < MAX_CHANNELS && (uint64_t)first + count <= pool->samples && (forced || pool->accepted > 0)) {
        for (uint32_t i = 0; i < count; i++) {
            out[i] = expected_sample(pool, (uint64_t)capture, forced != 0, (int)channel, (uint64_t)first + i);
        }
        result = (int32_t)count;
    }
    unlock_library();
    return result;
}

/* ADC values [first, first + count) of the last stream. Returns their number or -1. */
PICOSIM_API int32_t picosim_expected_stream(const char *target, uint32_t channel, double first, uint32_t count, int16_t *out)
{
    lock_when_idle();
    struct unit *unit = target[0] == 0 ? first_unit() : find_unit(target);
    struct session *session = unit == NULL ? NULL : session_of_unit(unit);
    int32_t result = -1;
    if (session != NULL && session->stream.signal != NULL && channel < MAX_CHANNELS) {
        const struct stream *stream = &session->stream;
        render_stream(stream->signal, stream->run, (int)channel, (uint64_t)first, count, (double)stream->dt_ps / 1000,
                      &stream->scale[channel], out);
        result = (int32_t)count;
    }
    unlock_library();
    return result;
}

/*
 * What a segment holds: capture, waveform, index in it of the capture's first sample, forced, samples from the start of the
 * run to the trigger, missed events before it, time in ps from the trigger to the next sample. Returns 0 or -1: nothing.
 */
PICOSIM_API int32_t picosim_capture(const char *target, uint32_t index, double *out)
{
    lock_when_idle();
    struct unit *unit = target[0] == 0 ? first_unit() : find_unit(target);
    struct session *session = unit == NULL ? NULL : session_of_unit(unit);
    int32_t result = -1;
    if (session != NULL && index < session->segments && session->segment[index].pool != NULL) {
        const struct segment *segment = &session->segment[index];
        const struct row *row = &segment->pool->row[segment->row];
        const double values[] = {(double)segment->capture,    row->waveform,           (double)row->at, segment->forced,
                                 (double)segment->trigger_at, (double)segment->missed, trigger_offset_ps(segment)};
        memcpy(out, values, sizeof values);
        result = 0;
    }
    unlock_library();
    return result;
}

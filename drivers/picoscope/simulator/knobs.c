/*
 * The settings of a unit: their names, defaults and limits. Those that are not numbers are in control.c.
 *
 * time      speed              1     simulated seconds in a second; 0: as fast as possible, what is waited for has happened
 *           rearm_ns           1000  dead time of the instrument between captures
 *           stamp_origin       -1    first value of the time-stamp counter; negative: another one in each run
 * signal    signal             muon  muon, ramp, waveforms: see signal.c
 *           seed               1     of the signal and of all times, together with the serial number
 *           rate_hz            100   mean rate of events, at Poisson times; 0: none
 *           waveforms          64    number of different muon events
 *           pulse_mv           250   mean height of pulses, at the input; may be negative
 *           pulse_spread_mv    75    standard deviation of heights
 *           pulse_ns           400   length of pulses, four time constants
 *           noise_mv           8     full width of the noise
 *           baseline_mv        0     taken away by AC coupling
 *           decay_probability  0.1   that a muon stops
 *           hit_probability    0.95  that a channel sees a particle
 *           gain               1     factor to the signal, for overflows
 *           triggers           on    off: no event ever comes; the automatic trigger does
 *           cache_mb           256   memory for captures that have been worked out
 * faults    stall              off   on: captures do not get ready and streams give nothing
 *           stall_ms           0     so long takes the next call that touches the instrument
 *           call_latency_us    0     so long takes every such call
 *           usb_bytes_per_s    0     speed of data; 0: without limit
 *           open_delay_ms      0     so long takes opening
 *           open_status        0     what opening gives, if not 0; handle -1
 *           overflow           0     mask added to all overflow masks
 *           strict             off   on: RunBlock while capturing gives BUSY instead of beginning anew
 * streams   stream_buffer      2^24  samples of each channel that can wait in the instrument
 *           stream_chunk       0     most values handed over at a time; 0: as many as fit
 *           lost               stall what becomes of lost samples: stall (left out, BUFFER_STALL) or marker (-32768)
 *           lose               0     so many samples get lost at the next call
 */
#include "simulator.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OF_SIGNAL = 1, ON_OFF = 2, SIGNAL_NAME = 4, LOST_NAME = 8 };

struct knob {
    const char *key;
    size_t offset;
    double least, most;
    int flags;
};

#define KNOB(name, least, most, flags) {#name, offsetof(struct knobs, name), least, most, flags}
static const struct knob knobs_table[] = {
    KNOB(speed, 0, 1e9, 0),
    KNOB(seed, 0, 9e15, OF_SIGNAL),
    {"signal", offsetof(struct knobs, kind), 0, 2, OF_SIGNAL | SIGNAL_NAME},
    KNOB(rate_hz, 0, 1e12, OF_SIGNAL),
    KNOB(waveforms, 1, 65536, OF_SIGNAL),
    KNOB(noise_mv, 0, 1e6, OF_SIGNAL),
    KNOB(baseline_mv, -1e6, 1e6, OF_SIGNAL),
    KNOB(pulse_mv, -1e6, 1e6, OF_SIGNAL),
    KNOB(pulse_spread_mv, 0, 1e6, OF_SIGNAL),
    KNOB(pulse_ns, 0.1, 1e9, OF_SIGNAL),
    KNOB(decay_probability, 0, 1, OF_SIGNAL),
    KNOB(hit_probability, 0, 1, OF_SIGNAL),
    KNOB(gain, -1e6, 1e6, OF_SIGNAL),
    KNOB(triggers, 0, 1, ON_OFF),
    KNOB(rearm_ns, 0, 1e12, 0),
    KNOB(stall, 0, 1, ON_OFF),
    KNOB(stall_ms, 0, 1e6, 0),
    KNOB(call_latency_us, 0, 1e9, 0),
    KNOB(usb_bytes_per_s, 0, 1e15, 0),
    KNOB(open_delay_ms, 0, 1e6, 0),
    KNOB(open_status, 0, 4294967295.0, 0),
    KNOB(overflow, 0, 65535, 0),
    KNOB(stream_buffer, 1, 1e15, 0),
    {"lost", offsetof(struct knobs, lost_marker), 0, 1, LOST_NAME},
    KNOB(lose, 0, 1e15, 0),
    KNOB(stream_chunk, 0, 1e9, 0),
    KNOB(strict, 0, 1, ON_OFF),
    KNOB(stamp_origin, -1, 1e18, 0),
    KNOB(cache_mb, 0, 1e6, 0),
};

const struct knobs default_knobs = {
    .speed = 1,
    .seed = 1,
    .kind = SIGNAL_MUON,
    .rate_hz = 100,
    .waveforms = 64,
    .noise_mv = 8,
    .pulse_mv = 250,
    .pulse_spread_mv = 75,
    .pulse_ns = 400,
    .decay_probability = 0.1,
    .hit_probability = 0.95,
    .gain = 1,
    .triggers = 1,
    .rearm_ns = 1000,
    .stream_buffer = 16777216,
    .stamp_origin = -1,
    .cache_mb = 256,
};

static const char *const signal_names[] = {"muon", "ramp", "waveforms"};
static const char *const lost_names[] = {"stall", "marker"};
static const char *const switch_names[] = {"off", "on"};

static const struct knob *find_knob(const char *key)
{
    for (int i = 0; i < knob_count(); i++) {
        if (strcmp(knobs_table[i].key, key) == 0) return &knobs_table[i];
    }
    return NULL;
}

int knob_count(void)
{
    return sizeof knobs_table / sizeof knobs_table[0];
}

const char *knob_name(int index)
{
    return knobs_table[index].key;
}

/* The words that a knob takes; NULL: numbers. */
static const char *const *words_of(const struct knob *knob, int *count)
{
    *count = 2;
    if (knob->flags & ON_OFF) return switch_names;
    if (knob->flags & LOST_NAME) return lost_names;
    if (knob->flags & SIGNAL_NAME) {
        *count = 3;
        return signal_names;
    }
    *count = 0;
    return NULL;
}

static int parse_number(const char *text, double *number)
{
    char *end;
    errno = 0;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        *number = (double)strtoull(text, &end, 16);
    } else {
        *number = strtod(text, &end);
    }
    return errno == 0 && end != text && *end == 0 && isfinite(*number) ? 0 : -1;
}

int set_knob(struct knobs *knobs, const char *key, const char *value, int *changes_signal)
{
    const struct knob *knob = find_knob(key);
    if (knob == NULL) return -1;
    int count;
    const char *const *words = words_of(knob, &count);
    double number = -1;
    for (int i = 0; i < count; i++) {
        if (strcmp(words[i], value) == 0) number = i;
    }
    if (count == 0 && parse_number(value, &number) != 0) return -2;
    if (!(number >= knob->least && number <= knob->most)) return -2;
    *(double *)((char *)knobs + knob->offset) = number;
    if (knob->flags & OF_SIGNAL) *changes_signal = 1;
    return 0;
}

int get_knob(const struct knobs *knobs, const char *key, char *text, size_t size)
{
    const struct knob *knob = find_knob(key);
    if (knob == NULL) return -1;
    double number = *(const double *)((const char *)knobs + knob->offset);
    int count;
    const char *const *words = words_of(knob, &count);
    if (words != NULL) snprintf(text, size, "%s", words[(int)number]);
    else snprintf(text, size, "%.17g", number);
    return 0;
}

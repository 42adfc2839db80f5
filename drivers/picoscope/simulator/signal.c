/*
 * What the inputs show.
 *
 * muon: scintillator pulses of muons above a noisy baseline; in some events the muon stops (then only the two upper
 * channels see it) and an electron follows after an exponential time of mean 2197 ns, up or down. A pulse rises in one step
 * and falls with a time constant of pulse_ns/4, for pulse_ns. Noise is uniform. A unit has a fixed number of different
 * events; a stream is made of the same events at Poisson times, adding up where they overlap.
 *
 * ramp: ADC = step * ((37 * capture + 101 * channel + sample) mod 201 - 100), for tests that look at every sample; in a
 * stream, capture is the number of the run.
 *
 * waveforms: given ones, in mV (float32) or ADC counts (int16). Before its first sample a waveform has the value of its
 * first one, after the last that of the last. A stream plays all of them one after the other, again and again.
 *
 * Every value is a function of the signal's key and its place, so that any sample can be worked out alone.
 */
#include "simulator.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MUON_LIFETIME_NS 2197.0
#define SPIN_ASYMMETRY 0.03
#define SPIN_PERIOD_NS (0.85 * MUON_LIFETIME_NS)
#define CELL_EVENTS 0.5 /* mean number of events in a cell of a stream */

enum {
    UPPER_LAYERS = 2,
    ALL_LAYERS = 4,
    BLOCK = 1024,
    MOST_EVENTS_OF_CELL = 64,
    LONGEST_DECAY_LIFETIMES = 10,
    DECAY_CONSTANTS = 4,
    NO_WAVEFORM = -1,
};

uint64_t mix(uint64_t value)
{
    /* The finaliser of SplitMix64. */
    value += 0x9E3779B97F4A7C15ULL;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31);
}

double uniform_at(uint64_t key, uint64_t index)
{
    return (double)((mix(key ^ mix(index)) >> 11) + 1) * 0x1p-53;
}

struct dice {
    uint64_t key;
    uint64_t index;
};

static double roll(struct dice *dice)
{
    return uniform_at(dice->key, dice->index++);
}

static double roll_normal(struct dice *dice)
{
    double radius = sqrt(-2 * log(roll(dice)));
    return radius * cos(2 * M_PI * roll(dice));
}

static void add_pulse(struct muon_waveform *waveform, int channel, double start_ns, double height_mv)
{
    int *count = &waveform->pulses[channel];
    waveform->pulse[channel][*count] = (struct pulse){start_ns, height_mv};
    ++*count;
}

static void make_muon_waveform(struct muon_waveform *waveform, const struct knobs *knobs, uint64_t key)
{
    struct dice dice = {key, 0};
    memset(waveform, 0, sizeof *waveform);
    waveform->phase = 1 - roll(&dice);
    int stops = roll(&dice) <= knobs->decay_probability;
    double decay_ns = -MUON_LIFETIME_NS * log(roll(&dice));
    if (decay_ns > LONGEST_DECAY_LIFETIMES * MUON_LIFETIME_NS) decay_ns = LONGEST_DECAY_LIFETIMES * MUON_LIFETIME_NS;
    int up = roll(&dice) < 0.5 + 0.5 * SPIN_ASYMMETRY * cos(2 * M_PI * decay_ns / SPIN_PERIOD_NS);
    for (int channel = 0; channel < MAX_CHANNELS; channel++) {
        double height = knobs->pulse_mv + knobs->pulse_spread_mv * roll_normal(&dice);
        int is_hit = roll(&dice) <= knobs->hit_probability;
        if (is_hit && (!stops || channel < UPPER_LAYERS)) add_pulse(waveform, channel, 0, height);
        height = knobs->pulse_mv + knobs->pulse_spread_mv * roll_normal(&dice);
        is_hit = roll(&dice) <= knobs->hit_probability;
        int is_on_its_way = up ? channel < UPPER_LAYERS : channel >= UPPER_LAYERS && channel < ALL_LAYERS;
        if (stops && is_hit && is_on_its_way) add_pulse(waveform, channel, decay_ns, height);
    }
}

static struct signal *new_signal(const struct knobs *knobs, uint64_t key)
{
    struct signal *signal = calloc(1, sizeof *signal);
    if (signal == NULL) return NULL;
    signal->references = 1;
    signal->key = key;
    signal->kind = (enum signal_kind)knobs->kind;
    signal->rate_hz = knobs->rate_hz;
    signal->noise_mv = knobs->noise_mv;
    signal->baseline_mv = knobs->baseline_mv;
    signal->pulse_ns = knobs->pulse_ns;
    signal->gain = knobs->gain;
    return signal;
}

struct signal *make_muon_signal(const struct knobs *knobs, uint64_t key)
{
    struct signal *signal = new_signal(knobs, key);
    if (signal == NULL) return NULL;
    signal->waveforms = (uint32_t)knobs->waveforms;
    signal->muon = calloc(signal->waveforms + QUIET_WAVEFORMS, sizeof *signal->muon);
    if (signal->muon == NULL) {
        free(signal);
        return NULL;
    }
    for (uint32_t i = 0; i < signal->waveforms; i++) make_muon_waveform(&signal->muon[i], knobs, mix(key) ^ mix(i));
    return signal;
}

struct signal *make_given_signal(const struct signal *given, const struct knobs *knobs, uint64_t key)
{
    struct signal *signal = new_signal(knobs, key);
    if (signal == NULL) return NULL;
    size_t values = (size_t)given->waveforms * given->given_channels * given->given_samples;
    signal->waveforms = given->waveforms;
    signal->is_adc = given->is_adc;
    signal->given_channels = given->given_channels;
    signal->given_samples = given->given_samples;
    signal->interval_ns = given->interval_ns;
    void *copy = malloc(values * (given->is_adc ? sizeof(int16_t) : sizeof(float)));
    if (copy == NULL) {
        free(signal);
        return NULL;
    }
    if (given->is_adc) {
        signal->adc = memcpy(copy, given->adc, values * sizeof(int16_t));
    } else {
        signal->mv = memcpy(copy, given->mv, values * sizeof(float));
    }
    return signal;
}

struct signal *hold_signal(struct signal *signal)
{
    if (signal != NULL) signal->references++;
    return signal;
}

void drop_signal(struct signal *signal)
{
    if (signal == NULL || --signal->references > 0) return;
    free(signal->muon);
    free(signal->adc);
    free(signal->mv);
    free(signal);
}

/* ---- values ------------------------------------------------------------------------------------------------------------ */

int16_t quantise(double mv, const struct scale *scale)
{
    double steps = floor((mv + scale->offset_mv) * scale->steps_per_mv + 0.5);
    steps = steps < scale->least ? scale->least : steps > scale->most ? scale->most : steps;
    int adc = (int)steps * scale->step;
    return (int16_t)(adc > scale->max ? scale->max : adc < -scale->max ? -scale->max : adc);
}

static int16_t clip_adc(int adc, const struct scale *scale)
{
    return (int16_t)(adc > scale->max ? scale->max : adc < -scale->max ? -scale->max : adc);
}

int16_t ramp_value(uint64_t capture, int channel, uint64_t sample, int step)
{
    uint64_t phase = (capture % 201 * 37 + (uint64_t)channel * 101 + sample % 201) % 201;
    return (int16_t)(((int)phase - 100) * step);
}

static uint64_t noise_key(const struct signal *signal, uint64_t stream, int channel)
{
    return mix(signal->key ^ mix(stream * MAX_CHANNELS + (uint64_t)channel));
}

/* Four values of 16 bits from one number. */
static double noise_of(const struct signal *signal, uint64_t four, int64_t index)
{
    return ((double)(four >> 16 * (index & 3) & 0xFFFF) * 0x1p-16 - 0.5) * signal->noise_mv;
}

static double noise_at(const struct signal *signal, uint64_t key, int64_t index)
{
    return noise_of(signal, mix(key + (uint64_t)(index >> 2)), index);
}

static void fill_noise(const struct signal *signal, uint64_t key, int64_t first, int count, double *mv)
{
    uint64_t four = mix(key + (uint64_t)(first >> 2));
    for (int i = 0; i < count; i++) {
        int64_t index = first + i;
        if ((index & 3) == 0) four = mix(key + (uint64_t)(index >> 2));
        mv[i] = noise_of(signal, four, index);
    }
}

static double pulse_at(const struct signal *signal, const struct pulse *pulse, double time_ns)
{
    double time = time_ns - pulse->start_ns;
    if (time < 0 || time >= signal->pulse_ns) return 0;
    return pulse->height_mv * exp(-DECAY_CONSTANTS * time / signal->pulse_ns);
}

/* Adds the pulses of an event whose sample 0 is at index `at` of the block. */
static void add_pulses(const struct signal *signal, const struct muon_waveform *waveform, int channel, int64_t at,
                       double dt_ns, int count, double *mv)
{
    for (int p = 0; p < waveform->pulses[channel]; p++) {
        const struct pulse *pulse = &waveform->pulse[channel][p];
        double begin = floor(pulse->start_ns / dt_ns - waveform->phase) + (double)at - 1;
        double end = begin + signal->pulse_ns / dt_ns + 4;
        int64_t from = begin < 0 ? 0 : begin > count ? count : (int64_t)begin;
        int64_t to = end < 0 ? 0 : end > count ? count : (int64_t)end;
        for (int64_t i = from; i < to; i++) {
            mv[i] += pulse_at(signal, pulse, ((double)(i - at) + waveform->phase) * dt_ns);
        }
    }
}

static size_t given_row(const struct signal *signal, uint32_t waveform, int channel)
{
    return ((size_t)waveform * signal->given_channels + (size_t)channel) * signal->given_samples;
}

static uint32_t given_index(const struct signal *signal, int64_t index, double dt_ns)
{
    if (index < 0) return 0;
    double sample = (double)index;
    if (signal->interval_ns > 0) sample = floor(sample * dt_ns / signal->interval_ns + 1e-9);
    return sample >= signal->given_samples ? signal->given_samples - 1 : (uint32_t)sample;
}

static int16_t given_value(const struct signal *signal, size_t value, const struct scale *scale)
{
    if (signal->is_adc) return clip_adc(signal->adc[value], scale);
    return quantise((double)signal->mv[value] * signal->gain, scale);
}

static void render_given(const struct signal *signal, uint32_t waveform, int channel, int64_t first, uint64_t count,
                         double dt_ns, const struct scale *scale, int16_t *out)
{
    if ((uint32_t)channel >= signal->given_channels) {
        memset(out, 0, count * sizeof *out);
        return;
    }
    size_t row = given_row(signal, waveform, channel);
    for (uint64_t i = 0; i < count; i++) {
        out[i] = given_value(signal, row + given_index(signal, first + (int64_t)i, dt_ns), scale);
    }
}

void render_waveform(const struct signal *signal, uint32_t waveform, int channel, int64_t first, uint64_t count, double dt_ns,
                     const struct scale *scale, int16_t *out)
{
    if (signal->kind == SIGNAL_WAVEFORMS) {
        render_given(signal, waveform, channel, first, count, dt_ns, scale, out);
        return;
    }
    uint64_t key = noise_key(signal, waveform, channel);
    double mv[BLOCK];
    for (uint64_t done = 0; done < count;) {
        int block = count - done < BLOCK ? (int)(count - done) : BLOCK;
        int64_t index = first + (int64_t)done;
        fill_noise(signal, key, index, block, mv);
        add_pulses(signal, &signal->muon[waveform], channel, -index, dt_ns, block, mv);
        for (int i = 0; i < block; i++) out[done + (uint64_t)i] = quantise((mv[i] + signal->baseline_mv) * signal->gain, scale);
        done += (uint64_t)block;
    }
}

int16_t waveform_sample(const struct signal *signal, uint32_t waveform, int channel, int64_t index, double dt_ns,
                        const struct scale *scale)
{
    if (signal->kind == SIGNAL_WAVEFORMS) {
        if ((uint32_t)channel >= signal->given_channels) return 0;
        return given_value(signal, given_row(signal, waveform, channel) + given_index(signal, index, dt_ns), scale);
    }
    const struct muon_waveform *muon = &signal->muon[waveform];
    double mv = noise_at(signal, noise_key(signal, waveform, channel), index);
    double time_ns = ((double)index + muon->phase) * dt_ns;
    for (int p = 0; p < muon->pulses[channel]; p++) mv += pulse_at(signal, &muon->pulse[channel][p], time_ns);
    return quantise((mv + signal->baseline_mv) * signal->gain, scale);
}

int64_t waveform_length(const struct signal *signal, uint32_t waveform, double dt_ns)
{
    if (signal->kind == SIGNAL_WAVEFORMS) {
        double samples = signal->given_samples;
        if (signal->interval_ns > 0) samples = ceil(samples * signal->interval_ns / dt_ns);
        return samples < 1 ? 1 : (int64_t)samples;
    }
    double last_ns = 0;
    for (int channel = 0; channel < MAX_CHANNELS; channel++) {
        for (int p = 0; p < signal->muon[waveform].pulses[channel]; p++) {
            double end_ns = signal->muon[waveform].pulse[channel][p].start_ns + signal->pulse_ns;
            if (end_ns > last_ns) last_ns = end_ns;
        }
    }
    return (int64_t)(last_ns / dt_ns) + 2;
}

/* ---- streams ----------------------------------------------------------------------------------------------------------- */

/* Time is cut into cells of equal length; the events of a cell depend on its number only. */
struct cells {
    uint64_t key;
    uint64_t samples;
    double events; /* mean number in a cell */
    int64_t reach; /* samples over which an event extends */
};

static struct cells make_cells(const struct signal *signal, uint64_t run, double dt_ns)
{
    struct cells cells = {.key = mix(mix(signal->key ^ 0x57E4) ^ run)};
    double reach_ns = LONGEST_DECAY_LIFETIMES * MUON_LIFETIME_NS + signal->pulse_ns;
    double per_sample = signal->rate_hz * dt_ns * 1e-9;
    double samples = per_sample > 0 ? CELL_EVENTS / per_sample : 1e12;
    cells.reach = (int64_t)(reach_ns / dt_ns) + 2;
    cells.samples = samples < 16 ? 16 : samples > 1e12 ? 1000000000000ULL : (uint64_t)samples;
    cells.events = per_sample * (double)cells.samples;
    if (cells.events > MOST_EVENTS_OF_CELL / 2) cells.events = MOST_EVENTS_OF_CELL / 2;
    return cells;
}

static int events_of_cell(const struct cells *cells, uint64_t cell)
{
    uint64_t key = mix(cells->key ^ cell);
    double product = uniform_at(key, 0);
    double limit = exp(-cells->events);
    int count = 0;
    while (product > limit && count < MOST_EVENTS_OF_CELL) product *= uniform_at(key, (uint64_t)++count);
    return count;
}

static void add_events(const struct signal *signal, const struct cells *cells, int channel, uint64_t first, int count,
                       double dt_ns, double *mv)
{
    uint64_t reach = (uint64_t)cells->reach;
    uint64_t from = (first > reach ? first - reach : 0) / cells->samples;
    uint64_t to = (first + (uint64_t)count) / cells->samples;
    for (uint64_t cell = from; cell <= to; cell++) {
        int events = events_of_cell(cells, cell);
        uint64_t key = mix(cells->key ^ mix(cell));
        for (int event = 0; event < events; event++) {
            double place = 1 - uniform_at(key, (uint64_t)event * 2);
            uint64_t at = cell * cells->samples + (uint64_t)(place * (double)cells->samples);
            uint32_t waveform = (uint32_t)(mix(key + (uint64_t)event) % signal->waveforms);
            add_pulses(signal, &signal->muon[waveform], channel, (int64_t)at - (int64_t)first, dt_ns, count, mv);
        }
    }
}

static void render_given_stream(const struct signal *signal, int channel, uint64_t first, uint64_t count, double dt_ns,
                                const struct scale *scale, int16_t *out)
{
    uint64_t length = (uint64_t)waveform_length(signal, 0, dt_ns);
    for (uint64_t i = 0; i < count;) {
        uint64_t index = (first + i) % length;
        uint32_t waveform = (uint32_t)((first + i) / length % signal->waveforms);
        uint64_t part = length - index < count - i ? length - index : count - i;
        render_given(signal, waveform, channel, (int64_t)index, part, dt_ns, scale, out + i);
        i += part;
    }
}

void render_stream(const struct signal *signal, uint64_t run, int channel, uint64_t first, uint64_t count, double dt_ns,
                   const struct scale *scale, int16_t *out)
{
    if (signal->kind == SIGNAL_RAMP) {
        for (uint64_t i = 0; i < count; i++) out[i] = ramp_value(run, channel, first + i, scale->step);
        return;
    }
    if (signal->kind == SIGNAL_WAVEFORMS) {
        render_given_stream(signal, channel, first, count, dt_ns, scale, out);
        return;
    }
    struct cells cells = make_cells(signal, run, dt_ns);
    uint64_t key = noise_key(signal, mix(run) | 1ULL << 40, channel);
    double mv[BLOCK];
    for (uint64_t done = 0; done < count;) {
        int block = count - done < BLOCK ? (int)(count - done) : BLOCK;
        uint64_t index = first + done;
        fill_noise(signal, key, (int64_t)index, block, mv);
        if (signal->rate_hz > 0) add_events(signal, &cells, channel, index, block, dt_ns, mv);
        for (int i = 0; i < block; i++) out[done + (uint64_t)i] = quantise((mv[i] + signal->baseline_mv) * signal->gain, scale);
        done += (uint64_t)block;
    }
}

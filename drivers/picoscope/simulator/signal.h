/* What the inputs show, when it triggers, and the captures that it gives. */
#ifndef PICOSIM_SIGNAL_H
#define PICOSIM_SIGNAL_H

#include "models.h"

/* ---- signal.c ---------------------------------------------------------------------------------------------------------- */

struct pulse {
    double start_ns;
    double height_mv;
};

struct muon_waveform {
    double phase; /* of the event between two samples, 0 to 1 */
    int pulses[MAX_CHANNELS];
    struct pulse pulse[MAX_CHANNELS][MAX_PULSES];
};

/* What all channels of a unit show; never changed after it was made, kept while anything refers to it. */
struct signal {
    unsigned references;
    enum signal_kind kind;
    uint64_t key; /* of all random numbers */
    uint32_t waveforms;
    double rate_hz, noise_mv, baseline_mv, pulse_ns, gain;
    struct muon_waveform *muon;
    /* given waveforms, [waveform][channel][sample] */
    int is_adc;
    uint32_t given_channels, given_samples;
    double interval_ns; /* 0: one sample per sample of the instrument */
    int16_t *adc;
    float *mv;
};

struct scale {
    double steps_per_mv;
    double offset_mv; /* added before digitising */
    double least, most; /* steps */
    int step;           /* ADC counts */
    int max;            /* ADC counts */
};

struct signal *make_muon_signal(const struct knobs *knobs, uint64_t key);
struct signal *make_given_signal(const struct signal *given, const struct knobs *knobs, uint64_t key);
/* Reads a file (waveform_file.c) into a signal of given waveforms; NULL if it cannot be read or is none. */
struct signal *read_waveform_file(const char *path);
struct signal *hold_signal(struct signal *signal);
void drop_signal(struct signal *signal);

uint64_t mix(uint64_t value);
/* Random number from (0, 1], the same for the same arguments. */
double uniform_at(uint64_t key, uint64_t index);
int16_t quantise(double mv, const struct scale *scale);
/* ADC values of samples [first, first + count) of a waveform, sample 0 being the first one after the event began. */
void render_waveform(const struct signal *signal, uint32_t waveform, int channel, int64_t first, uint64_t count, double dt_ns,
                     const struct scale *scale, int16_t *out);
/* The same for one sample, worked out in another way. */
int16_t waveform_sample(const struct signal *signal, uint32_t waveform, int channel, int64_t index, double dt_ns,
                        const struct scale *scale);
/* ADC values of a stream, sample 0 being the first one of the run. */
void render_stream(const struct signal *signal, uint64_t run, int channel, uint64_t first, uint64_t count, double dt_ns,
                   const struct scale *scale, int16_t *out);
int16_t ramp_value(uint64_t capture, int channel, uint64_t sample, int step);
/* Samples after which nothing more happens in a waveform. */
int64_t waveform_length(const struct signal *signal, uint32_t waveform, double dt_ns);

/* ---- trigger.c --------------------------------------------------------------------------------------------------------- */

struct trigger_source {
    uint32_t direction;
    uint32_t mode;
    int16_t upper, lower;
    uint16_t upper_hysteresis, lower_hysteresis;
};

struct trigger {
    int enabled;
    int groups;
    uint8_t group[MAX_GROUPS][SOURCES]; /* enum condition_state; all of a group must hold, any group will do */
    struct trigger_source source[SOURCES];
    uint64_t delay;
    uint64_t auto_us;
    uint64_t holdoff;
};

/* How far the evaluation has come; all zero at its start. */
struct trigger_state {
    uint8_t seen[SOURCES];  /* bit 0: armed upwards, bit 1: armed downwards, bit 2, 3: runt begun */
    uint8_t holds[SOURCES];
    uint8_t holds_group[MAX_GROUPS];
    uint8_t started;
    uint32_t used; /* bit per source */
};

int uses_source(const struct trigger *trigger, int source);
/* Looks at one more sample of all sources. Returns 1 where the trigger fires. */
int trigger_step(const struct trigger *trigger, struct trigger_state *state, const int16_t *values);

/* ---- pool.c ------------------------------------------------------------------------------------------------------------ */

struct channel {
    int32_t enabled;
    uint32_t coupling;
    uint32_t range;
    uint32_t bandwidth;
    double range_mv;
    double offset_mv;
};

/* All that decides about the values of captures. */
struct capture_settings {
    struct channel channel[MAX_CHANNELS];
    struct trigger trigger;
    uint64_t dt_ps;
    uint64_t pre, post;
    uint32_t resolution;
    uint32_t channels;
};

struct row {
    int32_t waveform;
    int64_t at; /* index in the waveform of the first sample of the capture */
    int16_t *data; /* [channel][sample] of enabled channels, or NULL as long as nobody has wanted it */
    uint32_t clipped; /* channels with clipped samples somewhere */
};

/* The captures that can occur with some settings: first those that the trigger takes, then those without a trigger. */
struct pool {
    unsigned references;
    struct signal *signal;
    struct capture_settings settings;
    struct scale scale[MAX_CHANNELS];
    uint64_t samples;
    uint32_t accepted;
    uint32_t rows;
    int64_t quiet_trigger; /* samples until noise alone triggers; negative: never */
    uint64_t cached_bytes, most_bytes;
    struct row *row;
};

struct scale make_scale(const struct signal *signal, const struct channel *channel, uint32_t resolution);
struct pool *make_pool(struct signal *signal, const struct capture_settings *settings, uint64_t most_bytes);
struct pool *hold_pool(struct pool *pool);
void drop_pool(struct pool *pool);
uint32_t row_of_capture(const struct pool *pool, uint64_t capture, int forced);
/* Copies samples of one channel of a capture. Returns 1 if any of them is clipped. */
int copy_capture(struct pool *pool, uint32_t row, uint64_t capture, int channel, uint64_t first, uint64_t count, int16_t *out);
/* One value of a capture, worked out afresh. */
int16_t expected_sample(const struct pool *pool, uint64_t capture, int forced, int channel, uint64_t sample);

#endif

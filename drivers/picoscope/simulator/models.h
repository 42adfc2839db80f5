/* Families, models and knobs: what is set once for all that follows. */
#ifndef PICOSIM_MODELS_H
#define PICOSIM_MODELS_H

#include <stddef.h>
#include <stdint.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)
#define FAMILY_NUMBER_ps2000a 2
#define FAMILY_NUMBER_ps3000a 3
#define FAMILY_NUMBER_ps4000a 4
#define FAMILY_NUMBER_ps5000a 5
#define FAMILY_NUMBER_ps6000a 6
#define FAMILY_NUMBER_psospa 7
#define FAMILY_NUMBER JOIN(FAMILY_NUMBER_, FAMILY)
#define IS_A_FAMILY (FAMILY_NUMBER <= 5)

enum {
    MAX_CHANNELS = 8,
    SOURCE_EXT = MAX_CHANNELS, /* trigger sources: channels, then these */
    SOURCE_AUX,
    SOURCES,
    MAX_GROUPS = 16,   /* trigger conditions that are OR-ed */
    MAX_SESSIONS = 64, /* open handles of a process */
    QUIET_WAVEFORMS = 8,
    MAX_PULSES = 2,
    RANGES = 14,
};

/* ---- models.c ---------------------------------------------------------------------------------------------------------- */

struct model {
    const char *name;
    int channels;
    uint32_t first_range; /* indices into range_mv */
    uint32_t last_range;
    uint32_t resolutions; /* bit per resolution number of the interface */
    uint64_t memory;      /* samples at the least resolution */
    uint64_t max_segments;
    uint64_t fastest_ps;  /* of one channel at the least resolution */
    uint32_t has_supply; /* an input for a power supply */
    uint32_t has_generator; /* built-in and arbitrary waveforms */
    uint32_t timebases; /* which formula */
};

extern const struct model models[];
extern const int model_count;
extern const double range_mv[RANGES];

/* Interval in ps that a timebase means, whether or not the channels allow it; 0: no such timebase. */
uint64_t timebase_ps(const struct model *model, uint32_t resolution, uint32_t timebase);
/* Shortest interval with so many channels in use; 0: the resolution does not allow so many. */
uint64_t fastest_ps(const struct model *model, uint32_t resolution, int channels);
/* Shortest interval of streaming, and the unit of which intervals are multiples. */
uint64_t stream_fastest_ps(const struct model *model, uint32_t resolution, int channels);
uint64_t stream_step_ps(const struct model *model);
int has_resolution(const struct model *model, uint32_t resolution);
int resolution_bits(uint32_t resolution);
int max_adc(uint32_t resolution);
/* What `channels` in use divide the memory by. */
int memory_share(int channels);
uint64_t memory_samples(const struct model *model, uint32_t resolution);
double offset_limit_v(double range);
/* Channels in the flags of a "stateless" function. */
int count_flags(uint32_t flags);
/* First timebase of at least that interval; the one that is nearest to an interval and not faster than `fastest`. */
uint32_t first_timebase(const struct model *model, uint32_t resolution, uint64_t least_ps);
uint32_t nearest_timebase(const struct model *model, uint32_t resolution, uint64_t wanted_ps, uint64_t fastest);

/* ---- knobs.c ----------------------------------------------------------------------------------------------------------- */

enum power { POWER_OK, POWER_PSU, POWER_USB, POWER_USB2, POWER_UNDERVOLTAGE };
enum signal_kind { SIGNAL_MUON, SIGNAL_RAMP, SIGNAL_WAVEFORMS };

/* Settings of one unit; the table of their names is in knobs.c. */
struct knobs {
    double speed;
    double seed;
    double kind; /* enum signal_kind */
    double rate_hz;
    double waveforms;
    double noise_mv;
    double baseline_mv;
    double pulse_mv;
    double pulse_spread_mv;
    double pulse_ns;
    double decay_probability;
    double hit_probability;
    double gain;
    double triggers;
    double rearm_ns;
    double stall;
    double stall_ms;
    double call_latency_us;
    double usb_bytes_per_s;
    double open_delay_ms;
    double open_status;
    double overflow;
    double stream_buffer;
    double lost_marker;
    double lose;
    double stream_chunk;
    double strict;
    double stamp_origin;
    double cache_mb;
};

/* Sets one number of `knobs`. Returns 0, or -1 if there is no such key, -2 if the value is not one for it. */
int set_knob(struct knobs *knobs, const char *key, const char *value, int *changes_signal);
/* Value as text. Returns 0 or -1. */
int get_knob(const struct knobs *knobs, const char *key, char *text, size_t size);
extern const struct knobs default_knobs;
int knob_count(void);
const char *knob_name(int index);

#endif

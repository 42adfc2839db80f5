/* Models of each family: channels, ranges, memory, and which sample intervals they can do. */
#include "simulator.h"

const double range_mv[RANGES] = {10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000};

#define MEGA 1000000ULL
#define KIBI 1024ULL
#define ALL(resolution) (1u << (resolution))
enum { R8 = 0, R12 = 1, R14 = 2, R15 = 3, R16 = 4, R10 = 10 };
/* Formulas of timebases. */
enum { TB_1GS, TB_500MS, TB_200MS, TB_500MS_MSO, TB_80MS, TB_400MS, TB_FLEXIBLE, TB_5GS };

/* name, channels, ranges from and to, resolutions, samples of memory, segments, fastest, supply input, generator, timebases */
#if FAMILY_NUMBER == 2
const struct model models[] = {
    {"2408B", 4, 1, 10, ALL(R8), 128 * MEGA, 128 * KIBI, 1000, 0, 1, TB_1GS},
    {"2406B", 4, 1, 10, ALL(R8), 32 * MEGA, 32 * KIBI, 1000, 0, 1, TB_1GS},
    {"2208B", 2, 1, 10, ALL(R8), 128 * MEGA, 128 * KIBI, 1000, 0, 1, TB_1GS},
    {"2206B", 2, 1, 10, ALL(R8), 32 * MEGA, 32 * KIBI, 2000, 0, 1, TB_500MS},
    {"2205MSO", 2, 2, 10, ALL(R8), 48 * 1000, 128, 5000, 0, 1, TB_200MS},
};
#elif FAMILY_NUMBER == 3
const struct model models[] = {
    {"3406D", 4, 1, 10, ALL(R8), 512 * MEGA, 512 * KIBI, 1000, 1, 1, TB_1GS},
    {"3404D", 4, 1, 10, ALL(R8), 128 * MEGA, 128 * KIBI, 1000, 1, 1, TB_1GS},
    {"3403D", 4, 1, 10, ALL(R8), 64 * MEGA, 64 * KIBI, 1000, 1, 1, TB_1GS},
    {"3206D", 2, 1, 10, ALL(R8), 512 * MEGA, 512 * KIBI, 1000, 0, 1, TB_1GS},
    {"3204D", 2, 1, 10, ALL(R8), 128 * MEGA, 128 * KIBI, 1000, 0, 1, TB_1GS},
    {"3204B", 2, 2, 10, ALL(R8), 8 * MEGA, 10000, 2000, 0, 1, TB_500MS},
    {"3204MSO", 2, 2, 10, ALL(R8), 8 * MEGA, 10000, 2000, 0, 1, TB_500MS_MSO},
};
#elif FAMILY_NUMBER == 4
const struct model models[] = {
    {"4824A", 8, 0, 11, ALL(R12), 256 * MEGA, 10000, 12500, 0, 1, TB_80MS},
    {"4824", 8, 0, 11, ALL(R12), 256 * MEGA, 10000, 12500, 0, 1, TB_80MS},
    {"4444", 4, 0, 11, ALL(R12) | ALL(R14), 256 * MEGA, 10000, 2500, 1, 0, TB_400MS},
};
#elif FAMILY_NUMBER == 5
#define FLEXIBLE (ALL(R8) | ALL(R12) | ALL(R14) | ALL(R15) | ALL(R16))
const struct model models[] = {
    {"5444D", 4, 0, 10, FLEXIBLE, 512 * MEGA, 500000, 1000, 1, 1, TB_FLEXIBLE},
    {"5442D", 4, 0, 10, FLEXIBLE, 128 * MEGA, 250000, 1000, 1, 1, TB_FLEXIBLE},
    {"5244D", 2, 0, 10, FLEXIBLE, 512 * MEGA, 500000, 1000, 0, 1, TB_FLEXIBLE},
    {"5242D", 2, 0, 10, FLEXIBLE, 128 * MEGA, 250000, 1000, 0, 1, TB_FLEXIBLE},
};
#elif FAMILY_NUMBER == 6
const struct model models[] = {
    {"6824E", 8, 0, 10, ALL(R8) | ALL(R10) | ALL(R12), 4000 * MEGA, 2000000, 200, 0, 1, TB_5GS},
    {"6424E", 4, 0, 10, ALL(R8) | ALL(R10) | ALL(R12), 4000 * MEGA, 2000000, 200, 0, 1, TB_5GS},
    {"6404E", 4, 0, 10, ALL(R8), 2000 * MEGA, 2000000, 200, 0, 1, TB_5GS},
};
#else
const struct model models[] = {
    {"3418E", 4, 0, 10, ALL(R8) | ALL(R10), 2000 * MEGA, 2000000, 200, 0, 1, TB_5GS},
    {"3417E", 4, 0, 10, ALL(R8) | ALL(R10), 2000 * MEGA, 2000000, 200, 0, 1, TB_5GS},
};
#endif

const int model_count = sizeof models / sizeof models[0];

/* 2^timebase * first_ps up to `powers`, then (timebase - less) * step_ps. */
static uint64_t two_ranges(uint32_t timebase, uint32_t powers, uint64_t first, uint32_t less, uint64_t step)
{
    return timebase <= powers ? first << timebase : (timebase - less) * step;
}

static uint64_t flexible_timebase_ps(uint32_t resolution, uint32_t timebase)
{
    switch (resolution) {
    case R8:
        return two_ranges(timebase, 2, 1000, 2, 8000);
    case R12:
        if (timebase == 0) return 0;
        return timebase <= 3 ? 2000ULL << (timebase - 1) : (timebase - 3) * 16000ULL;
    case R14:
    case R15:
        return timebase < 3 ? 0 : (timebase - 2) * 8000ULL;
    default:
        return timebase < 4 ? 0 : (timebase - 3) * 16000ULL;
    }
}

uint64_t timebase_ps(const struct model *model, uint32_t resolution, uint32_t timebase)
{
    switch (model->timebases) {
    case TB_1GS:
        return two_ranges(timebase, 2, 1000, 2, 8000);
    case TB_500MS:
        return two_ranges(timebase, 2, 2000, 2, 16000);
    case TB_200MS:
        return timebase == 0 ? 5000 : timebase * 10000ULL;
    case TB_500MS_MSO:
        return two_ranges(timebase, 1, 2000, 1, 8000);
    case TB_80MS:
        return (timebase + 1ULL) * 12500;
    case TB_400MS:
        if (resolution == R14 && timebase < 3) return 0;
        return two_ranges(timebase, 3, 2500, 2, 20000);
    case TB_FLEXIBLE:
        return flexible_timebase_ps(resolution, timebase);
    default:
        return two_ranges(timebase, 4, 200, 4, 6400);
    }
}

int memory_share(int channels)
{
    return channels <= 1 ? 1 : channels == 2 ? 2 : channels <= 4 ? 4 : 8;
}

uint64_t fastest_ps(const struct model *model, uint32_t resolution, int channels)
{
    uint64_t share = (uint64_t)memory_share(channels);
    switch (model->timebases) {
    case TB_80MS:
        return channels <= 4 ? 12500 : 25000;
    case TB_400MS:
        return resolution == R14 ? 20000 : 2500 * share;
    case TB_FLEXIBLE:
        switch (resolution) {
        case R8:
            return 1000 * share;
        case R12:
            return 2000 * share;
        case R14:
            return 8000;
        case R15:
            return channels <= 2 ? 8000 : 0;
        default:
            return channels <= 1 ? 16000 : 0;
        }
    case TB_5GS:
        return model->fastest_ps * share * (resolution == R8 ? 1 : 2);
    default:
        return model->fastest_ps * share;
    }
}

/* Bytes over USB decide: the families' figures for 1, 2, 4 and 8 channels. */
uint64_t stream_fastest_ps(const struct model *model, uint32_t resolution, int channels)
{
    uint64_t share = (uint64_t)memory_share(channels);
    switch (FAMILY_NUMBER) {
    case 2:
    case 3:
        return 32000 * share; /* 31.25 MS/s in all */
    case 4:
        return share <= 2 ? 12500 : 6250 * share; /* 160 MS/s in all */
    case 5:
        return (resolution == R8 ? 8000 : 16000) * share;
    default:
        return 3200 * share;
    }
    (void)model;
}

uint64_t stream_step_ps(const struct model *model)
{
    switch (model->timebases) {
    case TB_80MS:
        return 12500;
    case TB_400MS:
        return 2500;
    case TB_5GS:
        return 200;
    default:
        return 1000;
    }
}

int has_resolution(const struct model *model, uint32_t resolution)
{
    return resolution < 32 && (model->resolutions >> resolution & 1);
}

int resolution_bits(uint32_t resolution)
{
    switch (resolution) {
    case R12:
        return 12;
    case R14:
        return 14;
    case R15:
        return 15;
    case R16:
        return 16;
    case R10:
        return 10;
    default:
        return 8;
    }
}

int max_adc(uint32_t resolution)
{
    if (resolution == R8) return 32512;
    if (FAMILY_NUMBER >= 6) return resolution == R10 ? 32704 : 32736;
    return 32767;
}

uint64_t memory_samples(const struct model *model, uint32_t resolution)
{
    return resolution == R8 || FAMILY_NUMBER == 4 ? model->memory : model->memory / 2;
}

double offset_limit_v(double range)
{
    if (range <= 200) return 0.25;
    if (range <= 2000) return 2.5;
    return FAMILY_NUMBER == 4 && range > 20000 ? 25 : 20;
}

int count_flags(uint32_t flags)
{
    int count = 0;
    for (int channel = 0; channel < MAX_CHANNELS; channel++) count += flags >> channel & 1;
    return count;
}

uint32_t first_timebase(const struct model *model, uint32_t resolution, uint64_t least_ps)
{
    uint32_t low = 0, high = UINT32_MAX;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (timebase_ps(model, resolution, middle) >= least_ps) high = middle;
        else low = middle + 1;
    }
    return low;
}

uint32_t nearest_timebase(const struct model *model, uint32_t resolution, uint64_t wanted_ps, uint64_t fastest)
{
    uint32_t slower = first_timebase(model, resolution, wanted_ps > fastest ? wanted_ps : fastest);
    if (slower == 0) return slower;
    uint64_t faster_ps = timebase_ps(model, resolution, slower - 1);
    uint64_t slower_ps = timebase_ps(model, resolution, slower);
    return faster_ps >= fastest && wanted_ps - faster_ps < slower_ps - wanted_ps ? slower - 1 : slower;
}

/* ps6000a and psospa: signal generator. Settings are checked, and remembered when applied; the inputs do not see them. */
#include "e_api.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum {
    LEAST_ARBITRARY = 10,
    MOST_ARBITRARY = 40960,
    WAVE_ARBITRARY = 0x10000000,
    SOURCE_SOFTWARE = 4,
};
#define MOST_V 5.0
#define MOST_HZ 50e6
#define LEAST_HZ 100e-6
#define CLOCK_HZ 200e6

static int is_wave(uint32_t wave)
{
    static const uint32_t waves[] = {0x11, 0x12,  0x13,   0x14,   0x15,   0x16,          0x17,
                                     0x18, 0x400, 0x1000, 0x2001, 0x2002, WAVE_ARBITRARY};
    for (size_t i = 0; i < sizeof waves / sizeof waves[0]; i++) {
        if (waves[i] == wave) return 1;
    }
    return 0;
}

FN(SigGenWaveform)(int16_t handle, uint32_t wave, int16_t *buffer, uint64_t length)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(is_wave(wave), PICO_SIG_GEN_PARAM);
    if (wave == WAVE_ARBITRARY) {
        REQUIRE(buffer != NULL, PICO_NULL_PARAMETER);
        REQUIRE(length >= LEAST_ARBITRARY && length <= MOST_ARBITRARY, PICO_SIG_GEN_PARAM);
    }
    session->setting.wave = wave;
    session->setting.arbitrary = wave == WAVE_ARBITRARY ? length : 0;
    END(PICO_OK);
}

FN(SigGenRange)(int16_t handle, double pk_to_pk, double offset)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(pk_to_pk >= 0 && pk_to_pk <= 2 * MOST_V, PICO_SIGGEN_PK_TO_PK);
    REQUIRE(fabs(offset) <= MOST_V, PICO_SIGGEN_OFFSET_VOLTAGE);
    REQUIRE(fabs(offset) + pk_to_pk / 2 <= MOST_V, PICO_SIGGEN_OUTPUT_OVER_VOLTAGE);
    session->setting.pk_to_pk_v = pk_to_pk;
    session->setting.offset_v = offset;
    END(PICO_OK);
}

FN(SigGenWaveformDutyCycle)(int16_t handle, double percent)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(percent >= 0 && percent <= 100, PICO_SIG_GEN_PARAM);
    END(PICO_OK);
}

static int is_frequency(double hz)
{
    return hz >= LEAST_HZ && hz <= MOST_HZ;
}

FN(SigGenFrequency)(int16_t handle, double hz)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(is_frequency(hz), PICO_SIG_GEN_PARAM);
    session->setting.frequency_hz = hz;
    END(PICO_OK);
}

FN(SigGenFrequencySweep)(int16_t handle, double stop_hz, double increment_hz, double dwell_s, uint32_t type)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(is_frequency(stop_hz) && increment_hz >= 0 && dwell_s > 0 && type <= 3, PICO_SIG_GEN_PARAM);
    session->setting.stop_hz = stop_hz;
    session->setting.increment_hz = increment_hz;
    session->setting.dwell_s = dwell_s;
    session->setting.sweep = type;
    END(PICO_OK);
}

FN(SigGenPhase)(int16_t handle, uint64_t delta)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(delta > 0, PICO_SIG_GEN_PARAM);
    END(PICO_OK);
}

FN(SigGenPhaseSweep)(int16_t handle, uint64_t stop, uint64_t increment, uint64_t dwell, uint32_t type)
{
    BEGIN(TOUCHES_DEVICE);
    (void)increment;
    REQUIRE(stop > 0 && dwell > 0 && type <= 3, PICO_SIG_GEN_PARAM);
    END(PICO_OK);
}

FN(SigGenTrigger)(int16_t handle, uint32_t type, uint32_t source, uint64_t cycles, uint64_t auto_ps)
{
    BEGIN(TOUCHES_DEVICE);
    (void)auto_ps;
    REQUIRE(type <= 3, PICO_SIG_GEN_PARAM);
    REQUIRE(source <= SOURCE_SOFTWARE, PICO_SIGGEN_TRIGGER_SOURCE);
    session->setting.trigger_type = type;
    session->setting.trigger_source = source;
    session->setting.cycles = cycles;
    END(PICO_OK);
}

FN(SigGenSoftwareTriggerControl)(int16_t handle, uint32_t state)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(state <= 3, PICO_SIG_GEN_PARAM);
    REQUIRE(session->generator_source == SOURCE_SOFTWARE, PICO_SIGGEN_TRIGGER_SOURCE);
    END(PICO_OK);
}

FN(SigGenPause)(int16_t handle)
{
    BEGIN(TOUCHES_DEVICE);
    END(PICO_OK);
}

FN(SigGenRestart)(int16_t handle)
{
    BEGIN(TOUCHES_DEVICE);
    END(PICO_OK);
}

#if !IS_PSOSPA
FN(SigGenFilter)(int16_t handle, uint32_t state)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(state <= 2, PICO_SIG_GEN_PARAM);
    END(PICO_OK);
}

FN(SigGenClockManual)(int16_t handle, double clock_hz, uint64_t prescale)
{
    BEGIN(TOUCHES_DEVICE);
    REQUIRE(clock_hz > 0 && clock_hz <= CLOCK_HZ && prescale > 0, PICO_SIG_GEN_PARAM);
    END(PICO_OK);
}
#endif

/* The generator's steps are small against a Hz; what is given back is what was asked for, to 1 part in 10^12. */
static uint32_t apply(struct session *session, int enabled, int sweeps, int triggers, double *frequency, double *stop_hz,
                      double *increment_hz, double *dwell_s)
{
    struct generator *setting = &session->setting;
    if (enabled && setting->wave == 0) return PICO_SIG_GEN_PARAM;
    if (frequency != NULL) *frequency = setting->frequency_hz;
    if (stop_hz != NULL) *stop_hz = setting->stop_hz;
    if (increment_hz != NULL) *increment_hz = setting->increment_hz;
    if (dwell_s != NULL) *dwell_s = setting->dwell_s;
    session->generator_source = triggers ? setting->trigger_source : 0;
    snprintf(session->generator, sizeof session->generator,
             "enabled=%d sweep_enabled=%d trigger_enabled=%d wave=%" PRIu32 " offset_v=%.9g pk_to_pk_v=%.9g frequency_hz=%.9g",
             enabled != 0, sweeps != 0, triggers != 0, setting->wave, setting->offset_v, setting->pk_to_pk_v,
             setting->frequency_hz);
    return PICO_OK;
}

#if IS_PSOSPA
FN(SigGenApply)(int16_t handle, int16_t enabled, int16_t sweeps, int16_t triggers, double *frequency, double *stop_hz,
                double *increment_hz, double *dwell_s)
{
    BEGIN(TOUCHES_DEVICE);
    END(apply(session, enabled, sweeps, triggers, frequency, stop_hz, increment_hz, dwell_s));
}
#else
FN(SigGenApply)(int16_t handle, int16_t enabled, int16_t sweeps, int16_t triggers, int16_t automatic_clock,
                int16_t override_clock, double *frequency, double *stop_hz, double *increment_hz, double *dwell_s)
{
    BEGIN(TOUCHES_DEVICE);
    (void)automatic_clock;
    (void)override_clock;
    END(apply(session, enabled, sweeps, triggers, frequency, stop_hz, increment_hz, dwell_s));
}
#endif

FN(SigGenLimits)(int16_t handle, uint32_t parameter, double *least, double *most, double *step)
{
    BEGIN(HOST_ONLY);
    /* 0: offset in V, 1: peak to peak in V, 2: frequency in Hz */
    REQUIRE(parameter <= 2, PICO_SIG_GEN_PARAM);
    const double lows[] = {-MOST_V, 0, LEAST_HZ};
    const double highs[] = {MOST_V, 2 * MOST_V, MOST_HZ};
    if (least != NULL) *least = lows[parameter];
    if (most != NULL) *most = highs[parameter];
    if (step != NULL) *step = 0;
    END(PICO_OK);
}

static uint32_t frequency_limits(uint32_t wave, double *least, double *most)
{
    if (!is_wave(wave)) return PICO_SIG_GEN_PARAM;
    if (least != NULL) *least = LEAST_HZ;
    if (most != NULL) *most = MOST_HZ;
    return PICO_OK;
}

#pragma GCC diagnostic ignored "-Wunused-parameter"

#if IS_PSOSPA
FN(SigGenFrequencyLimits)(int16_t handle, uint32_t wave, uint64_t *samples, double *least, double *most, double *step,
                          double *least_increment, double *least_dwell, double *most_dwell)
#else
FN(SigGenFrequencyLimits)(int16_t handle, uint32_t wave, uint64_t *samples, double *start, int16_t sweeps, double *clock,
                          double *least, double *most, double *step, double *least_increment, double *least_dwell,
                          double *most_dwell)
#endif
{
    BEGIN(HOST_ONLY);
    END(frequency_limits(wave, least, most));
}

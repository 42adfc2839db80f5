/* ps2000a to ps5000a: signal generator. Settings are checked and remembered; the inputs do not see them. */
#include "a_api.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MOST_OFFSET_UV = 2000000,
    MOST_PK_TO_PK_UV = 4000000,
    MOST_OUTPUT_UV = 2000000,
    MOST_FREQUENCY_HZ = 20000000,
    MOST_WAVE = FAMILY_NUMBER >= 4 ? 9 : 8,
    LEAST_ARBITRARY = 10,
    MOST_ARBITRARY = 32768,
    SOURCE_SOFTWARE = 4,
};

struct sweep {
    double start, stop, increment, dwell;
    uint32_t type, operation, shots, sweeps, trigger_type, trigger_source;
};

static uint32_t check_output(int32_t offset_uv, uint32_t pk_to_pk_uv)
{
    if (offset_uv > MOST_OFFSET_UV || offset_uv < -MOST_OFFSET_UV) return PICO_SIGGEN_OFFSET_VOLTAGE;
    if (pk_to_pk_uv > MOST_PK_TO_PK_UV) return PICO_SIGGEN_PK_TO_PK;
    return (uint32_t)abs(offset_uv) + pk_to_pk_uv / 2 > MOST_OUTPUT_UV ? PICO_SIGGEN_OUTPUT_OVER_VOLTAGE : PICO_OK;
}

static uint32_t check_sweep(const struct sweep *sweep)
{
    int is_in_range = sweep->start >= 0 && sweep->start <= MOST_FREQUENCY_HZ && sweep->stop >= 0 &&
                      sweep->stop <= MOST_FREQUENCY_HZ && sweep->increment >= 0 && sweep->dwell >= 0;
    if (!is_in_range || sweep->type > 3 || sweep->operation > 2 || sweep->trigger_type > 3) return PICO_SIG_GEN_PARAM;
    if (sweep->trigger_source > SOURCE_SOFTWARE) return PICO_SIGGEN_TRIGGER_SOURCE;
    return sweep->shots > 0 && sweep->sweeps > 0 ? PICO_SHOTS_SWEEPS_WARNING : PICO_OK;
}

static uint32_t built_in(struct session *session, int32_t offset_uv, uint32_t pk_to_pk_uv, uint32_t wave,
                         const struct sweep *sweep)
{
    if (!session->unit->model->has_generator) return PICO_NO_SIGNAL_GENERATOR;
    uint32_t status = check_output(offset_uv, pk_to_pk_uv);
    if (status != PICO_OK) return status;
    if (wave > MOST_WAVE) return PICO_SIG_GEN_PARAM;
    if ((status = check_sweep(sweep)) != PICO_OK) return status;
    snprintf(session->generator, sizeof session->generator,
             "wave=%" PRIu32 " offset_uv=%" PRId32 " pk_to_pk_uv=%" PRIu32
             " start_hz=%.9g stop_hz=%.9g increment_hz=%.9g dwell_s=%.9g sweep=%" PRIu32 " operation=%" PRIu32 " shots=%" PRIu32
             " sweeps=%" PRIu32 " trigger_type=%" PRIu32 " trigger_source=%" PRIu32,
             wave, offset_uv, pk_to_pk_uv, sweep->start, sweep->stop, sweep->increment, sweep->dwell, sweep->type,
             sweep->operation, sweep->shots, sweep->sweeps, sweep->trigger_type, sweep->trigger_source);
    session->generator_source = sweep->trigger_source;
    return PICO_OK;
}

#if FAMILY_NUMBER <= 3
typedef int16_t wave_t;
#else
typedef uint32_t wave_t;
#endif
#if FAMILY_NUMBER == 4
typedef double frequency_t;
#else
typedef float frequency_t;
#endif

FN(SetSigGenBuiltIn)(int16_t handle, int32_t offset_uv, uint32_t pk_to_pk_uv, wave_t wave, frequency_t start, frequency_t stop,
                     frequency_t increment, frequency_t dwell, uint32_t type, uint32_t operation, uint32_t shots,
                     uint32_t sweeps, uint32_t trigger_type, uint32_t trigger_source, int16_t ext_threshold)
{
    BEGIN(TOUCHES_DEVICE);
    (void)ext_threshold;
    struct sweep sweep = {start, stop, increment, dwell, type, operation, shots, sweeps, trigger_type, trigger_source};
    END(built_in(session, offset_uv, pk_to_pk_uv, (uint32_t)wave, &sweep));
}

#if FAMILY_NUMBER != 4
FN(SetSigGenBuiltInV2)(int16_t handle, int32_t offset_uv, uint32_t pk_to_pk_uv, wave_t wave, double start, double stop,
                       double increment, double dwell, uint32_t type, uint32_t operation, uint32_t shots, uint32_t sweeps,
                       uint32_t trigger_type, uint32_t trigger_source, int16_t ext_threshold)
{
    BEGIN(TOUCHES_DEVICE);
    (void)ext_threshold;
    struct sweep sweep = {start, stop, increment, dwell, type, operation, shots, sweeps, trigger_type, trigger_source};
    END(built_in(session, offset_uv, pk_to_pk_uv, (uint32_t)wave, &sweep));
}
#endif

FN(SetSigGenPropertiesBuiltIn)(int16_t handle, double start, double stop, double increment, double dwell, uint32_t type,
                               uint32_t shots, uint32_t sweeps, uint32_t trigger_type, uint32_t trigger_source,
                               int16_t ext_threshold)
{
    BEGIN(TOUCHES_DEVICE);
    (void)ext_threshold;
    struct sweep sweep = {start, stop, increment, dwell, type, 0, shots, sweeps, trigger_type, trigger_source};
    uint32_t status = check_sweep(&sweep);
    if (status == PICO_OK) session->generator_source = trigger_source;
    END(status);
}

FN(SetSigGenArbitrary)(int16_t handle, int32_t offset_uv, uint32_t pk_to_pk_uv, uint32_t start_phase, uint32_t stop_phase,
                       uint32_t phase_increment, uint32_t dwell, int16_t *waveform, int32_t size, uint32_t type,
                       uint32_t operation, uint32_t index_mode, uint32_t shots, uint32_t sweeps, uint32_t trigger_type,
                       uint32_t trigger_source, int16_t ext_threshold)
{
    BEGIN(TOUCHES_DEVICE);
    (void)ext_threshold;
    (void)phase_increment;
    (void)dwell;
    REQUIRE(session->unit->model->has_generator, PICO_AWG_NOT_SUPPORTED);
    REQUIRE(waveform != NULL, PICO_NULL_PARAMETER);
    REQUIRE(size >= LEAST_ARBITRARY && size <= MOST_ARBITRARY && index_mode <= 1, PICO_SIG_GEN_PARAM);
    uint32_t status = check_output(offset_uv, pk_to_pk_uv);
    REQUIRE(status == PICO_OK, status);
    struct sweep sweep = {0, 0, 0, 0, type, operation, shots, sweeps, trigger_type, trigger_source};
    status = check_sweep(&sweep);
    REQUIRE(status == PICO_OK, status);
    snprintf(session->generator, sizeof session->generator,
             "arbitrary=%" PRId32 " offset_uv=%" PRId32 " pk_to_pk_uv=%" PRIu32 " start_phase=%" PRIu32 " stop_phase=%" PRIu32,
             size, offset_uv, pk_to_pk_uv, start_phase, stop_phase);
    session->generator_source = trigger_source;
    END(PICO_OK);
}

FN(SetSigGenPropertiesArbitrary)(int16_t handle, uint32_t start_phase, uint32_t stop_phase, uint32_t phase_increment,
                                 uint32_t dwell, uint32_t type, uint32_t shots, uint32_t sweeps, uint32_t trigger_type,
                                 uint32_t trigger_source, int16_t ext_threshold)
{
    BEGIN(TOUCHES_DEVICE);
    (void)start_phase;
    (void)stop_phase;
    (void)phase_increment;
    (void)dwell;
    (void)ext_threshold;
    REQUIRE(session->unit->model->has_generator, PICO_AWG_NOT_SUPPORTED);
    struct sweep sweep = {0, 0, 0, 0, type, 0, shots, sweeps, trigger_type, trigger_source};
    uint32_t status = check_sweep(&sweep);
    if (status == PICO_OK) session->generator_source = trigger_source;
    END(status);
}

FN(SigGenArbitraryMinMaxValues)(int16_t handle, int16_t *least, int16_t *most, uint32_t *least_size, uint32_t *most_size)
{
    BEGIN(HOST_ONLY);
    REQUIRE(session->unit->model->has_generator, PICO_AWG_NOT_SUPPORTED);
    REQUIRE(least != NULL && most != NULL && least_size != NULL && most_size != NULL, PICO_NULL_PARAMETER);
    *least = INT16_MIN;
    *most = INT16_MAX;
    *least_size = LEAST_ARBITRARY;
    *most_size = MOST_ARBITRARY;
    END(PICO_OK);
}

/* Phase step of a 32-bit accumulator that runs at 20 MHz through a waveform of `length` values. */
FN(SigGenFrequencyToPhase)(int16_t handle, double frequency, uint32_t index_mode, uint32_t length, uint32_t *phase)
{
    BEGIN(HOST_ONLY);
    REQUIRE(session->unit->model->has_generator, PICO_AWG_NOT_SUPPORTED);
    REQUIRE(phase != NULL, PICO_NULL_PARAMETER);
    REQUIRE(index_mode <= 1 && length >= LEAST_ARBITRARY && length <= MOST_ARBITRARY, PICO_SIG_GEN_PARAM);
    REQUIRE(frequency >= 0 && frequency <= MOST_FREQUENCY_HZ, PICO_SIG_GEN_PARAM);
    *phase = (uint32_t)(frequency / MOST_FREQUENCY_HZ * 4294967295.0 * length / MOST_ARBITRARY);
    END(PICO_OK);
}

FN(SigGenSoftwareControl)(int16_t handle, int16_t state)
{
    BEGIN(TOUCHES_DEVICE);
    (void)state;
    REQUIRE(session->generator_source == SOURCE_SOFTWARE, PICO_SIGGEN_TRIGGER_SOURCE);
    END(PICO_OK);
}

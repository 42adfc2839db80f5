/*
 * Uses a simulated library in many ways, for memory checkers: compiled together with its sources. A second thread gets in
 * the way. Arguments: how often.
 */
#include "library.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALL(name) JOIN(FAMILY, name)
#define CHECK(status) check((status), #status, __LINE__)

uint32_t picosim_set(const char *target, const char *key, const char *value);
int32_t picosim_get(const char *target, const char *key, char *text, int32_t size);
uint32_t picosim_waveforms(const char *, const void *, uint32_t, uint32_t, uint32_t, uint32_t, double);
int32_t picosim_expected(const char *, uint32_t, double, uint32_t, uint32_t, uint32_t, int16_t *);
int32_t picosim_capture(const char *target, uint32_t index, double *out);
uint32_t CALL(CloseUnit)(int16_t);
uint32_t CALL(PingUnit)(int16_t);
uint32_t CALL(Stop)(int16_t);
uint32_t CALL(IsReady)(int16_t, int16_t *);
#if IS_A_FAMILY
uint32_t CALL(OpenUnit)(int16_t *, int8_t *, uint32_t);
uint32_t CALL(MemorySegments)(int16_t, uint32_t, int32_t *);
uint32_t CALL(SetNoOfCaptures)(int16_t, uint32_t);
uint32_t CALL(SetChannel)(int16_t, uint32_t, int16_t, uint32_t, uint32_t, float);
uint32_t CALL(SetSimpleTrigger)(int16_t, int16_t, uint32_t, int16_t, uint32_t, uint32_t, int16_t);
uint32_t CALL(SetDataBuffers)(int16_t, uint32_t, int16_t *, int16_t *, int32_t, uint32_t, uint32_t);
uint32_t CALL(RunBlock)(int16_t, int32_t, int32_t, uint32_t, int32_t *, uint32_t, block_ready_t, void *);
uint32_t CALL(GetValuesBulk)(int16_t, uint32_t *, uint32_t, uint32_t, uint32_t, uint32_t, int16_t *);
uint32_t CALL(RunStreaming)(int16_t, uint32_t *, uint32_t, uint32_t, uint32_t, int16_t, uint32_t, uint32_t, uint32_t);
uint32_t CALL(GetStreamingLatestValues)(int16_t, streaming_ready_t, void *);
#else
#define RAW 0x80000000u
uint32_t CALL(OpenUnit)(int16_t *, int8_t *, uint32_t, void *);
uint32_t CALL(MemorySegments)(int16_t, uint64_t, uint64_t *);
uint32_t CALL(SetNoOfCaptures)(int16_t, uint64_t);
uint32_t CALL(SetChannelOff)(int16_t, uint32_t);
uint32_t CALL(SetSimpleTrigger)(int16_t, int16_t, uint32_t, int16_t, uint32_t, uint64_t, uint32_t);
uint32_t CALL(SetDataBuffers)(int16_t, uint32_t, void *, void *, uint64_t, uint32_t, uint64_t, uint32_t, uint32_t);
uint32_t CALL(RunBlock)(int16_t, uint64_t, uint64_t, uint32_t, double *, uint64_t, block_ready_t, void *);
uint32_t CALL(GetValuesBulk)(int16_t, uint64_t, uint64_t *, uint64_t, uint64_t, uint64_t, uint32_t, int16_t *);
uint32_t CALL(RunStreaming)(int16_t, double *, uint32_t, uint64_t, uint64_t, int16_t, uint64_t, uint32_t);
uint32_t CALL(GetStreamingLatestValues)(int16_t, struct streaming_data_info *, uint64_t, struct streaming_trigger_info *);
#endif

enum { SEGMENTS = 20, SAMPLES = 300, CHANNELS = 2 };

static int16_t data[2][SEGMENTS][CHANNELS][SAMPLES];
static int called;
static _Atomic int over;

static void check(uint32_t status, const char *what, int line)
{
    if (status == PICO_OK) return;
    fprintf(stderr, "line %d: %s gave 0x%X\n", line, what, (unsigned)status);
    exit(1);
}

static int16_t open_unit(void)
{
    int16_t handle;
#if IS_A_FAMILY
    CHECK(CALL(OpenUnit)(&handle, NULL, 0));
    for (uint32_t channel = 0; channel < 4; channel++) CHECK(CALL(SetChannel)(handle, channel, channel < CHANNELS, 1, 6, 0));
#else
    char details[49];
    CHECK(CALL(OpenUnit)(&handle, NULL, 0, details));
    for (uint32_t channel = CHANNELS; channel < 4; channel++) CHECK(CALL(SetChannelOff)(handle, channel));
#endif
    return handle;
}

static void set_up(int16_t handle, uint32_t segments, uint32_t mode)
{
#if IS_A_FAMILY
    int32_t most;
#else
    uint64_t most;
#endif
    CHECK(CALL(MemorySegments)(handle, segments, &most));
    CHECK(CALL(SetNoOfCaptures)(handle, segments));
    CHECK(CALL(SetSimpleTrigger)(handle, 1, 0, 2000, RISING, 0, 0));
    for (uint32_t segment = 0; segment < segments; segment++) {
        for (uint32_t channel = 0; channel < CHANNELS; channel++) {
            int16_t *max = data[0][segment][channel], *min = data[1][segment][channel];
#if IS_A_FAMILY
            CHECK(CALL(SetDataBuffers)(handle, channel, max, min, SAMPLES, segment, mode));
#else
            uint32_t action = segment + channel == 0 ? ACTION_CLEAR | ACTION_ADD : ACTION_ADD;
            CHECK(CALL(SetDataBuffers)(handle, channel, max, min, SAMPLES, TYPE_INT16, segment, mode ? mode : RAW, action));
#endif
        }
    }
}

static void is_called(int16_t handle, uint32_t status, void *parameter)
{
    (void)handle;
    (void)parameter;
    if (status == PICO_OK) __atomic_fetch_add(&called, 1, __ATOMIC_SEQ_CST);
}

static uint32_t run(int16_t handle, block_ready_t ready)
{
    return CALL(RunBlock)(handle, 100, SAMPLES - 100, 4, NULL, 0, ready, NULL);
}

static void capture(int16_t handle, uint32_t segments, uint32_t mode, int calls)
{
    int16_t is_ready = 0, overflow[SEGMENTS], expected[SAMPLES];
    CHECK(run(handle, calls % 4 == 0 ? is_called : NULL));
    while (!is_ready) CHECK(CALL(IsReady)(handle, &is_ready));
#if IS_A_FAMILY
    uint32_t samples = SAMPLES;
    CHECK(CALL(GetValuesBulk)(handle, &samples, 0, segments - 1, 7, mode, overflow));
#else
    uint64_t samples = SAMPLES;
    CHECK(CALL(GetValuesBulk)(handle, 0, &samples, 0, segments - 1, 7, mode ? mode : RAW, overflow));
#endif
    if (mode != RATIO_NONE) return;
    double held[7];
    for (uint32_t segment = 0; segment < segments; segment++) {
        if (picosim_capture("", segment, held) != 0) check(1, "picosim_capture", __LINE__);
        picosim_expected("", 1, held[0], held[3] != 0, 0, SAMPLES, expected);
        if (memcmp(expected, data[0][segment][1], sizeof expected) != 0) check(1, "the data", __LINE__);
    }
}

#if IS_A_FAMILY
static void stream_ready(int16_t handle, int32_t samples, uint32_t start, int16_t overflow, uint32_t at, int16_t triggered,
                         int16_t auto_stop, void *parameter)
{
    (void)handle;
    (void)overflow;
    (void)at;
    (void)triggered;
    (void)parameter;
    if (start + (uint32_t)samples > SAMPLES) check(1, "the place in the buffer", __LINE__);
    __atomic_fetch_add(&called, auto_stop, __ATOMIC_SEQ_CST);
}

static void stream(int16_t handle)
{
    uint32_t interval = 1000;
    CHECK(CALL(RunStreaming)(handle, &interval, UNIT_NS, 0, 5000, 1, 1, RATIO_NONE, SAMPLES));
    for (int i = 0; i < 20; i++) CHECK(CALL(GetStreamingLatestValues)(handle, stream_ready, NULL));
    CHECK(CALL(Stop)(handle));
}
#else
static void stream(int16_t handle)
{
    double interval = 1000;
    struct streaming_data_info info[CHANNELS] = {{.channel = 0, .mode = RAW, .type = TYPE_INT16},
                                                 {.channel = 1, .mode = RAW, .type = TYPE_INT16}};
    struct streaming_trigger_info trigger;
    set_up(handle, 1, RATIO_NONE);
    CHECK(CALL(RunStreaming)(handle, &interval, UNIT_NS, 0, 5000, 0, 1, RAW));
    for (int i = 0; i < 20; i++) {
        uint32_t status = CALL(GetStreamingLatestValues)(handle, info, CHANNELS, &trigger);
        if (status != PICO_WAITING_FOR_DATA_BUFFERS) CHECK(status);
        for (uint32_t channel = 0; channel < CHANNELS && status != PICO_OK; channel++) {
            CHECK(CALL(SetDataBuffers)(handle, channel, data[0][1][channel], NULL, SAMPLES, TYPE_INT16, 0, RAW, ACTION_ADD));
        }
    }
    CHECK(CALL(Stop)(handle));
}
#endif

/* Looks and calls while the other thread works; with concurrent=wait, both get their turn. */
static void *disturb(void *handle)
{
    char text[64];
    while (!over) {
        picosim_get("", "captures", text, sizeof text);
        CALL(PingUnit)(*(int16_t *)handle);
        sleep_s(100e-6);
    }
    return NULL;
}

int main(int count, char **argument)
{
    int rounds = count > 1 ? atoi(argument[1]) : 3;
    CHECK(picosim_set("", "concurrent", "wait"));
    CHECK(picosim_set("", "speed", "0"));
    for (int round = 0; round < rounds; round++) {
        int16_t handle = open_unit();
        pthread_t other;
        over = 0;
        pthread_create(&other, NULL, disturb, &handle);
        for (uint32_t segments = SEGMENTS; segments > 1; segments /= 3) {
            set_up(handle, segments, RATIO_NONE);
            for (int i = 0; i < 10; i++) capture(handle, segments, RATIO_NONE, i);
            CHECK(picosim_set("", "seed", segments % 2 ? "5" : "6"));
            set_up(handle, segments, RATIO_AGGREGATE);
            capture(handle, segments, RATIO_AGGREGATE, 1);
        }
        static const int16_t given[2][CHANNELS][50] = {{{0, 0, 9000}}, {{0, 0, 0, 9000}}};
        CHECK(picosim_waveforms("", given, 1, 2, CHANNELS, 50, 0));
        set_up(handle, SEGMENTS, RATIO_NONE);
        capture(handle, SEGMENTS, RATIO_NONE, 0);
        CHECK(picosim_set("", "signal", "muon"));
        stream(handle);
        CHECK(picosim_set("", "triggers", "off"));
        set_up(handle, 2, RATIO_NONE);
        CHECK(run(handle, is_called));
        if (round % 2) CHECK(CALL(Stop)(handle));
        else CHECK(picosim_set("", "unplug", "now"));
        over = 1;
        pthread_join(other, NULL);
        CHECK(CALL(CloseUnit)(handle));
        CHECK(picosim_set("", "replug", "now"));
        CHECK(picosim_set("", "triggers", "on"));
    }
    char text[64] = "";
    while (strcmp(text, "0") != 0) picosim_get("", "threads", text, sizeof text);
    picosim_get("", "handles", text, sizeof text);
    printf("%s handles\n", text);
    return 0;
}

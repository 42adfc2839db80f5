/* Status codes of the vendor's interface that the simulator gives, and the structures of its interface. */
#ifndef PICOSIM_STATUS_H
#define PICOSIM_STATUS_H

#include <stdint.h>

enum pico_status {
    PICO_OK = 0x00,
    PICO_MAX_UNITS_OPENED = 0x01,
    PICO_MEMORY_FAIL = 0x02,
    PICO_NOT_FOUND = 0x03,
    PICO_NOT_RESPONDING = 0x07,
    PICO_INVALID_HANDLE = 0x0C,
    PICO_INVALID_PARAMETER = 0x0D,
    PICO_INVALID_TIMEBASE = 0x0E,
    PICO_INVALID_VOLTAGE_RANGE = 0x0F,
    PICO_INVALID_CHANNEL = 0x10,
    PICO_INVALID_TRIGGER_CHANNEL = 0x11,
    PICO_INVALID_CONDITION_CHANNEL = 0x12,
    PICO_NO_SIGNAL_GENERATOR = 0x13,
    PICO_NULL_PARAMETER = 0x16,
    PICO_STRING_BUFFER_TO_SMALL = 0x19,
    PICO_ETS_NOT_SUPPORTED = 0x1A,
    PICO_BUFFER_STALL = 0x1C,
    PICO_TOO_MANY_SAMPLES = 0x1D,
    PICO_TOO_MANY_SEGMENTS = 0x1E,
    PICO_PULSE_WIDTH_QUALIFIER = 0x1F,
    PICO_CONDITIONS = 0x22,
    PICO_USER_CALLBACK = 0x23,
    PICO_DEVICE_SAMPLING = 0x24,
    PICO_NO_SAMPLES_AVAILABLE = 0x25,
    PICO_SEGMENT_OUT_OF_RANGE = 0x26,
    PICO_BUSY = 0x27,
    PICO_STARTINDEX_INVALID = 0x28,
    PICO_INVALID_INFO = 0x29,
    PICO_INFO_UNAVAILABLE = 0x2A,
    PICO_INVALID_SAMPLE_INTERVAL = 0x2B,
    PICO_MEMORY = 0x2D,
    PICO_SIG_GEN_PARAM = 0x2E,
    PICO_SHOTS_SWEEPS_WARNING = 0x2F,
    PICO_SIGGEN_TRIGGER_SOURCE = 0x30,
    PICO_SIGGEN_OUTPUT_OVER_VOLTAGE = 0x35,
    PICO_INVALID_BUFFER = 0x37,
    PICO_SIGGEN_OFFSET_VOLTAGE = 0x38,
    PICO_SIGGEN_PK_TO_PK = 0x39,
    PICO_CANCELLED = 0x3A,
    PICO_SEGMENT_NOT_USED = 0x3B,
    PICO_INVALID_CALL = 0x3C,
    PICO_NOT_USED = 0x3F,
    PICO_INVALID_SAMPLERATIO = 0x40,
    PICO_NOT_ENOUGH_SEGMENTS = 0x42,
    PICO_DRIVER_FUNCTION = 0x43,
    PICO_INVALID_COUPLING = 0x45,
    PICO_BUFFERS_NOT_SET = 0x46,
    PICO_RATIO_MODE_NOT_SUPPORTED = 0x47,
    PICO_RAPID_NOT_SUPPORT_AGGREGATION = 0x48,
    PICO_INVALID_TRIGGER_PROPERTY = 0x49,
    PICO_INVALID_ANALOGUE_OFFSET = 0x50,
    PICO_NOT_USED_IN_THIS_CAPTURE_MODE = 0x5E,
    PICO_TOO_MANY_TRIGGER_CHANNELS = 0x5F,
    PICO_INVALID_TRIGGER_DIRECTION = 0x60,
    PICO_BANDWIDTH_NOT_SUPPORTED = 0x10D,
    PICO_AWG_NOT_SUPPORTED = 0x10F,
    PICO_POWER_SUPPLY_CONNECTED = 0x119,
    PICO_POWER_SUPPLY_NOT_CONNECTED = 0x11A,
    PICO_POWER_SUPPLY_REQUEST_INVALID = 0x11B,
    PICO_POWER_SUPPLY_UNDERVOLTAGE = 0x11C,
    PICO_USB3_0_DEVICE_NON_USB3_0_PORT = 0x11E,
    PICO_NOT_SUPPORTED_BY_THIS_DEVICE = 0x11F,
    PICO_INVALID_DEVICE_RESOLUTION = 0x120,
    PICO_INVALID_NUMBER_CHANNELS_FOR_RESOLUTION = 0x121,
    PICO_CHANNEL_DISABLED_DUE_TO_USB_POWERED = 0x122,
    PICO_NO_CHANNELS_OR_PORTS_ENABLED = 0x15E,
    PICO_RATIO_MODE_BUFFER_NOT_SET = 0x17A,
    PICO_RESOLUTION_NOT_SUPPORTED_BY_VARIANT = 0x17B,
    PICO_THRESHOLD_OUT_OF_RANGE = 0x17C,
    PICO_TRIGGER_CHANNEL_NOT_ENABLED = 0x181,
    PICO_NO_OF_CAPTURES_OUT_OF_RANGE = 0x185,
    PICO_CHANNEL_COMBINATION_NOT_VALID_IN_THIS_RESOLUTION = 0x18C,
    PICO_NO_SAMPLES_REQUESTED = 0x194,
    PICO_INVALID_ACTION = 0x195,
    PICO_WAITING_FOR_DATA_BUFFERS = 0x197,
    PICO_NOT_AVAILABLE_WHEN_STREAMING_IS_RUNNING = 0x211,
    PICO_ZERO_NUMBER_OF_CAPTURES_INVALID = 0x213,
    PICO_TRIGGER_DELAY_OUT_OF_RANGE = 0x300,
    PICO_DEVICE_TIME_STAMP_RESET = 0x01000000,
};

/* Reduction of data; RAW is how the 6000a interface calls NONE. */
enum ratio_mode { RATIO_NONE = 0, RATIO_AGGREGATE = 1, RATIO_DECIMATE = 2, RATIO_AVERAGE = 4 };
enum time_unit { UNIT_FS = 0, UNIT_PS = 1, UNIT_NS = 2, UNIT_US = 3, UNIT_MS = 4, UNIT_S = 5 };
enum direction {
    ABOVE = 0, /* also INSIDE of a window */
    BELOW = 1, /* OUTSIDE */
    RISING = 2, /* ENTER */
    FALLING = 3, /* EXIT */
    RISING_OR_FALLING = 4, /* ENTER_OR_EXIT */
    ABOVE_LOWER = 5,
    BELOW_LOWER = 6,
    RISING_LOWER = 7,
    FALLING_LOWER = 8,
    POSITIVE_RUNT = 9,
    NEGATIVE_RUNT = 10,
};
enum threshold_mode { LEVEL = 0, WINDOW = 1 };
enum condition_state { DONT_CARE = 0, IS_TRUE = 1, IS_FALSE = 2 };
enum { ACTION_CLEAR = 1, ACTION_ADD = 2 };
enum data_type { TYPE_INT8 = 0, TYPE_INT16 = 1, TYPE_INT32 = 2, TYPE_UINT32 = 3, TYPE_INT64 = 4 };
enum { PULSE_WIDTH_SOURCE = 0x10000000, DIGITAL_SOURCE = 0x10000001 };

#pragma pack(push, 1)
struct trigger_info { /* ps3000a, ps5000a */
    uint32_t status;
    uint32_t segment_index;
    uint32_t trigger_index; /* reserved in ps3000a */
    int64_t trigger_time;
    int16_t time_units;
    int16_t reserved;
    uint64_t time_stamp_counter;
};
struct pico_trigger_info { /* ps6000a, psospa */
    uint32_t status;
    uint64_t segment_index;
    uint64_t trigger_index;
    double trigger_time;
    uint32_t time_units;
    uint64_t missed_triggers;
    uint64_t time_stamp_counter;
};
struct condition {
    uint32_t source;
    uint32_t condition;
};
struct direction_of_source {
    uint32_t source;
    uint32_t direction;
    uint32_t mode;
};
struct direction_of_channel { /* ps4000a */
    uint32_t channel;
    uint32_t direction;
};
struct threshold {
    int16_t upper;
    uint16_t upper_hysteresis;
    int16_t lower;
    uint16_t lower_hysteresis;
    uint32_t channel;
};
struct threshold_with_mode {
    struct threshold threshold;
    uint32_t mode;
};
struct scaling_factors {
    uint32_t channel;
    uint32_t range;
    int16_t offset;
    double scaling_factor;
};
struct scaling_factors_of_range {
    uint32_t channel;
    int64_t range_min;
    int64_t range_max;
    uint32_t range_type;
    int16_t offset;
    double scaling_factor;
};
struct streaming_data_info {
    uint32_t channel;
    uint32_t mode;
    uint32_t type;
    int32_t samples;
    uint64_t buffer_index;
    int32_t start_index;
    int16_t overflow;
};
struct streaming_trigger_info {
    uint64_t triggered_at;
    int16_t triggered;
    int16_t auto_stop;
};
#pragma pack(pop)

_Static_assert(sizeof(struct trigger_info) == 32, "TRIGGER_INFO of ps3000a and ps5000a");
_Static_assert(sizeof(struct pico_trigger_info) == 48, "PICO_TRIGGER_INFO");
_Static_assert(sizeof(struct condition) == 8, "CONDITION");
_Static_assert(sizeof(struct direction_of_source) == 12, "DIRECTION");
_Static_assert(sizeof(struct threshold) == 12, "TRIGGER_CHANNEL_PROPERTIES_V2");
_Static_assert(sizeof(struct threshold_with_mode) == 16, "TRIGGER_CHANNEL_PROPERTIES");
_Static_assert(sizeof(struct scaling_factors) == 18, "SCALING_FACTORS_VALUES");
_Static_assert(sizeof(struct scaling_factors_of_range) == 34, "SCALING_FACTORS_FOR_RANGE_TYPES_VALUES");
_Static_assert(sizeof(struct streaming_data_info) == 30, "STREAMING_DATA_INFO");
_Static_assert(sizeof(struct streaming_trigger_info) == 12, "STREAMING_DATA_TRIGGER_INFO");

typedef void (*block_ready_t)(int16_t handle, uint32_t status, void *parameter);
typedef void (*streaming_ready_t)(int16_t handle, int32_t samples, uint32_t start_index, int16_t overflow,
                                  uint32_t triggered_at, int16_t triggered, int16_t auto_stop, void *parameter);

#endif

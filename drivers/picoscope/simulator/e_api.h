/* Names of the functions of ps6000a and psospa. */
#ifndef PICOSIM_E_API_H
#define PICOSIM_E_API_H

#include "library.h"

#define FN(name) PICOSIM_API uint32_t JOIN(FAMILY, name)
#define IS_PSOSPA (FAMILY_NUMBER == 7)

#define E_RATIO_RAW 0x80000000u

enum {
    E_CLEAR_THIS_BUFFER = 0x1000,
    E_CLEAR_BUFFERS_OF_WAVEFORM = 0x2000,
    E_CLEAR_READ_BUFFERS = 0x4000,
    QUEUE = 64, /* streaming buffers of a channel that can wait */
};

struct queued_buffer {
    struct buffer buffer;
    uint64_t number; /* since the stream began, or the buffers were cleared */
};

/* Buffers for streaming, oldest first. */
struct stream_queue {
    struct {
        struct queued_buffer waiting[QUEUE];
        int count;
        uint64_t next_number;
        uint64_t position; /* in the oldest one */
    } channel[MAX_CHANNELS];
};

int e_is_resolution(uint32_t resolution);
/* The mode as the rest of the simulator numbers it; -1: not supported. */
int e_ratio_mode(uint32_t mode);
void e_queue_buffer(struct session *session, int channel, const struct buffer *buffer);
void e_clear_queue(struct session *session);

#endif

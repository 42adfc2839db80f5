/*
 * Waveform files, either text or binary.
 *   text: a line per sample with the channels' mV, separated by commas, blanks or semicolons; an empty line begins the next
 *         waveform; lines that begin with # are skipped.
 *   binary, little-endian: "PICOSIM1", u32 waveforms, u32 channels, u32 samples, u32 kind (0: float32 mV, 1: int16 ADC),
 *         f64 interval in ns (0: one sample per sample of the instrument), then the values [waveform][channel][sample].
 */
#include "simulator.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct header {
    char magic[8];
    uint32_t waveforms, channels, samples, kind;
    double interval_ns;
};

static struct signal *read_binary(FILE *file, const struct header *header)
{
    uint64_t values = (uint64_t)header->waveforms * header->channels * header->samples;
    if (values == 0 || header->channels > MAX_CHANNELS || header->kind > 1 || !(header->interval_ns >= 0)) return NULL;
    struct signal *signal = calloc(1, sizeof *signal);
    size_t size = header->kind == 1 ? sizeof(int16_t) : sizeof(float);
    void *data = malloc(values * size);
    if (signal == NULL || data == NULL || fread(data, size, values, file) != values) {
        free(signal);
        free(data);
        return NULL;
    }
    signal->references = 1;
    signal->waveforms = header->waveforms;
    signal->given_channels = header->channels;
    signal->given_samples = header->samples;
    signal->interval_ns = header->interval_ns;
    signal->is_adc = header->kind == 1;
    if (signal->is_adc) signal->adc = data;
    else signal->mv = data;
    return signal;
}

struct table {
    float *value; /* [sample of all waveforms][channel] */
    size_t lines, room;
    uint32_t channels, samples, waveforms;
};

/* Numbers of a line, added to the table. Returns their count, 0 for an empty line, -1 if it is none. */
static int read_line(char *line, struct table *table)
{
    char *at = line;
    int count = 0;
    for (;;) {
        at += strspn(at, " \t,;\r\n");
        if (*at == 0) break;
        char *end;
        float value = strtof(at, &end);
        if (end == at || count == MAX_CHANNELS) return -1;
        if (table->lines == table->room) {
            size_t room = table->room == 0 ? 1024 : 2 * table->room;
            float *grown = realloc(table->value, room * MAX_CHANNELS * sizeof(float));
            if (grown == NULL) return -1;
            table->value = grown;
            table->room = room;
        }
        table->value[table->lines * MAX_CHANNELS + (size_t)count++] = value;
        at = end;
    }
    return count;
}

/* A waveform is complete. Returns -1 if it has another length than the first. */
static int end_waveform(struct table *table, uint32_t *samples)
{
    if (*samples == 0) return 0;
    if (table->waveforms > 0 && *samples != table->samples) return -1;
    table->samples = *samples;
    table->waveforms++;
    *samples = 0;
    return 0;
}

static int read_table(FILE *file, struct table *table)
{
    char line[4096];
    uint32_t samples = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#') continue;
        int count = read_line(line, table);
        if (count < 0) return -1;
        if (count == 0) {
            if (end_waveform(table, &samples) != 0) return -1;
            continue;
        }
        if (table->lines == 0) table->channels = (uint32_t)count;
        if ((uint32_t)count != table->channels) return -1;
        table->lines++;
        samples++;
    }
    return end_waveform(table, &samples) != 0 || table->waveforms == 0 ? -1 : 0;
}

static struct signal *signal_of_table(const struct table *table)
{
    struct signal *signal = calloc(1, sizeof *signal);
    float *mv = malloc(table->lines * table->channels * sizeof(float));
    if (signal == NULL || mv == NULL) {
        free(signal);
        free(mv);
        return NULL;
    }
    signal->references = 1;
    signal->waveforms = table->waveforms;
    signal->given_channels = table->channels;
    signal->given_samples = table->samples;
    signal->mv = mv;
    for (size_t line = 0; line < table->lines; line++) {
        uint32_t waveform = (uint32_t)(line / table->samples);
        for (uint32_t channel = 0; channel < table->channels; channel++) {
            mv[((size_t)waveform * table->channels + channel) * table->samples + line % table->samples] =
                table->value[line * MAX_CHANNELS + channel];
        }
    }
    return signal;
}

struct signal *read_waveform_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    struct signal *signal = NULL;
    struct header header;
    if (fread(&header, sizeof header, 1, file) == 1 && memcmp(header.magic, "PICOSIM1", 8) == 0) {
        signal = read_binary(file, &header);
    } else {
        rewind(file);
        struct table table = {0};
        if (read_table(file, &table) == 0) signal = signal_of_table(&table);
        free(table.value);
    }
    fclose(file);
    return signal;
}

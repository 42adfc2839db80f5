/* Names and argument lists of the functions of ps2000a, ps3000a, ps4000a and ps5000a. */
#ifndef PICOSIM_A_API_H
#define PICOSIM_A_API_H

#include "library.h"

#define FN(name) PICOSIM_API uint32_t JOIN(FAMILY, name)

/* ps2000a and ps3000a have an argument for oversampling, which the hardware does not use. */
#if FAMILY_NUMBER <= 3
#define OVERSAMPLE , int16_t oversample
#define IGNORE_OVERSAMPLE (void)oversample
#else
#define OVERSAMPLE
#define IGNORE_OVERSAMPLE (void)0
#endif

#endif

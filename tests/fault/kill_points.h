/*
 * Kill points between every two stores to shared memory, without a change to the helper's source: it is compiled with
 * -fsanitize=thread, which puts a call before each access to memory, and linked with kill_points.c instead of the
 * sanitizer's own library. A point is a store (or read-modify-write) to a shared mapping, or a system call: just before it
 * is made, the process may be killed or stopped. Points are told apart by their places in the code.
 *
 * To link: -Wl,--wrap=syscall,--wrap=mmap
 */
#ifndef KILL_POINTS_H
#define KILL_POINTS_H

#include <stdatomic.h>
#include <stdint.h>

#define KILL_MOST_POINTS 512
#define KILL_ROLES 8

/* One place in the code, in memory that all processes share. */
struct kill_point {
    _Atomic uintptr_t place; /* return address; 0: not used */
    _Atomic uint64_t visits[KILL_ROLES], kills[KILL_ROLES];
};

/* Makes the table; before the first fork. */
void kill_points_begin(void);
/* The table; points are found in no particular order. */
struct kill_point *kill_points_table(void);
/* What this process is, for the counts by role. */
void kill_points_role(int role);
/* From now on raises the signal before the n-th point (from 0). */
void kill_points_arm_count(uint64_t n, int signal);
/* From now on raises SIGKILL before the n-th visit (from 0) of one point. */
void kill_points_arm_place(uintptr_t place, uint64_t n);
void kill_points_disarm(void);
/* Prints a line per point, in the order of their places: `point PLACE visits/kills of role 0, of role 1 ...`. */
void kill_points_list(void);
/* A point that is no store of the helper: in the user's own writing of an event's data. */
void kill_points_here(void);

#endif

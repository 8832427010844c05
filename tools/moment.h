/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The moment that is looked at: now, or one of the past, on whatever machine.
 */
#ifndef SHMSTAT_TOOLS_MOMENT_H
#define SHMSTAT_TOOLS_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct moment - a moment of the past, and the machine it was on
 * @time: in microseconds since 1970
 * @uptime: in microseconds since that machine booted
 * @hertz: its clock ticks a second
 * @pagesize: its pages, in bytes
 * @boot: tells its boots from each other
 */
struct moment {
	int64_t time;
	int64_t uptime;
	int64_t hertz;
	int64_t pagesize;
	char boot[40];
};

void moment_set(const struct moment *past);
bool moment_is_past(void);
int64_t moment_time(void);
struct moment moment_get(void);
double moment_passed(const struct moment *from, const struct moment *to);
uint64_t moment_ticks(void);
uint64_t moment_pagesize(void);

#endif /* SHMSTAT_TOOLS_MOMENT_H */

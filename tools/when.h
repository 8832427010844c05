/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Points in time, as people give and read them.
 */
#ifndef SHMSTAT_TOOLS_WHEN_H
#define SHMSTAT_TOOLS_WHEN_H

#include <stdint.h>

int64_t when_parse(const char *option, const char *text);
char *when_text(int64_t time);
char *when_age(int64_t time);

#endif /* SHMSTAT_TOOLS_WHEN_H */

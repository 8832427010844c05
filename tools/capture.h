/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a sample has beside the tables: files of the machine, as far as the commands
 * use them.
 */
#ifndef SHMSTAT_TOOLS_CAPTURE_H
#define SHMSTAT_TOOLS_CAPTURE_H

#include <stdbool.h>

#include "store_write.h"
#include "table.h"

struct wanted;

struct wanted *wanted_new(void);
void wanted_begin(struct wanted *wanted);
void wanted_table(struct wanted *wanted, const struct table *table);
void wanted_row(struct wanted *wanted, const struct cell *cells);
void wanted_free(struct wanted *wanted);
bool capture(struct wanted *wanted, struct writer *writer, double seconds,
	     const volatile int *stop);

#endif /* SHMSTAT_TOOLS_CAPTURE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Expressions that choose lines of a list, as those of lsfd --filter.
 */
#ifndef SHMSTAT_TOOLS_FILTER_H
#define SHMSTAT_TOOLS_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "output.h"

struct filter;

struct filter *filter_new(const char *expression, const struct output *output);
uint64_t filter_with(const struct filter *filter);
size_t filter_things(struct filter *filter, const void *all,
		     const void **things, size_t count);
void filter_free(struct filter *filter);

#endif /* SHMSTAT_TOOLS_FILTER_H */

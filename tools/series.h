/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which cgroups, file systems and objects have time series of their own. Their
 * names are chosen by others, and Prometheus keeps each name that it ever saw.
 */
#ifndef SHMSTAT_TOOLS_SERIES_H
#define SHMSTAT_TOOLS_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "columns.h"

/* Metrics of an entry, of whatever sort. */
#define MAX_VALUES	8
#define NO_VALUE	UINT64_MAX

/**
 * struct entry - a cgroup, file system or object
 * @labels: its labels as they are written, without braces
 * @memory: what it is ranked by, in bytes
 * @values: one for each metric, or NO_VALUE
 * @known: whether it was listed in the previous file
 */
struct entry {
	char *labels;
	uint64_t memory;
	uint64_t values[MAX_VALUES];
	bool known;
};

/**
 * struct series - those of one sort
 * @of: what they are, for series_put_credit()
 * @columns: of text, their labels; all others, a metric each; ended by one without
 *	a name
 * @list: the entries; series_choose() puts the chosen ones first
 * @count: how many
 * @room: how many there is room for
 * @chosen: how many were chosen
 * @credit: what is left for new names, in seconds
 */
struct series {
	const char *of;
	const struct column *columns;
	struct entry *list;
	size_t count;
	size_t room;
	size_t chosen;
	uint64_t credit;
};

void series_put_family(FILE *out, const struct column *column);
void series_add(struct series *series, const void *all, const void *thing,
		uint64_t memory);
void series_choose(struct series *series, size_t max, const char *previous,
		   uint64_t age);
void series_choose_all(struct series *series);
void series_put(FILE *out, const struct series *series);
void series_put_credit(FILE *out, const struct series *series);
uint64_t series_others(const struct series *series, size_t value);
void series_free(struct series *series);

#endif /* SHMSTAT_TOOLS_SERIES_H */

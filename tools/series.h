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

#define MAX_VALUES	3
#define NO_VALUE	UINT64_MAX

/**
 * struct family - a metric
 * @name: its name
 * @unit: its unit, or NULL
 * @help: what it tells
 */
struct family {
	const char *name;
	const char *unit;
	const char *help;
};

/**
 * struct entry - a cgroup, file system or object
 * @labels: its labels as they are written, without braces
 * @memory: what it is ranked by, in bytes
 * @values: one for each family, or NO_VALUE
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
 * @families: a metric for each of @values, ended by one without a name
 * @list: the entries; series_choose() puts the chosen ones first
 * @count: how many
 * @room: for how many there is room
 * @chosen: how many were chosen
 * @credit: what is left for new names, in seconds
 */
struct series {
	const char *of;
	const struct family *families;
	struct entry *list;
	size_t count;
	size_t room;
	size_t chosen;
	uint64_t credit;
};

char *label_text(const char *value);
void put_family(FILE *out, const struct family *family);

struct entry *series_add(struct series *series);
void series_choose(struct series *series, size_t max, const char *previous,
		   uint64_t age);
void series_put(FILE *out, const struct series *series);
void series_put_credit(FILE *out, const struct series *series);
uint64_t series_others(const struct series *series, size_t value);
void series_free(struct series *series);

#endif /* SHMSTAT_TOOLS_SERIES_H */

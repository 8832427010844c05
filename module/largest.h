/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The largest of many things, in bounded memory.
 */
#ifndef SHMSTAT_LARGEST_H
#define SHMSTAT_LARGEST_H

#include "budget.h"

/**
 * struct shmstat_weight - the weight of one of the largest
 * @weight: what things are ordered by
 * @place: where the caller keeps the thing, from 0 to the maximum - 1
 */
struct shmstat_weight {
	u64 weight;
	u32 place;
};

/**
 * struct shmstat_largest - the largest of many things
 * @items: a heap with the smallest of them at the top; in descending order after
 *	shmstat_largest_sort()
 * @max: maximum number of items
 * @count: number of items
 */
struct shmstat_largest {
	struct shmstat_weight *items;
	u32 max;
	u32 count;
};

int shmstat_largest_init(struct shmstat_largest *largest,
			 struct shmstat_budget *budget, u32 max);
void shmstat_largest_free(struct shmstat_largest *largest,
			  struct shmstat_budget *budget);
bool shmstat_largest_takes(const struct shmstat_largest *largest, u64 weight);
u32 shmstat_largest_add(struct shmstat_largest *largest, u64 weight);
void shmstat_largest_sort(struct shmstat_largest *largest);

#endif /* SHMSTAT_LARGEST_H */

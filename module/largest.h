/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The largest of many things, in bounded memory.
 */
#ifndef SHMSTAT_LARGEST_H
#define SHMSTAT_LARGEST_H

#include "budget.h"

/**
 * struct shmstat_weighed - one of the largest
 * @weight: what it is ordered by
 * @what: what it is, a number or a pointer of the caller's
 */
struct shmstat_weighed {
	u64 weight;
	unsigned long what;
};

/**
 * struct shmstat_largest - the largest of many things
 * @items: a heap with the smallest on top; after shmstat_largest_sort() in
 *	descending order
 * @room: how many are kept
 * @count: how many of @items are set
 * @seen: out of how many
 */
struct shmstat_largest {
	struct shmstat_weighed *items;
	u32 room;
	u32 count;
	u32 seen;
};

int shmstat_largest_init(struct shmstat_largest *largest,
			 struct shmstat_budget *budget, u32 room);
void shmstat_largest_free(struct shmstat_largest *largest,
			  struct shmstat_budget *budget);
bool shmstat_largest_takes(const struct shmstat_largest *largest, u64 weight);
bool shmstat_largest_add(struct shmstat_largest *largest, u64 weight,
			 unsigned long what, unsigned long *out);
void shmstat_largest_sort(struct shmstat_largest *largest);

#endif /* SHMSTAT_LARGEST_H */

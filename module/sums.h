/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the objects add up to, by kind and page size.
 */
#ifndef SHMSTAT_SUMS_H
#define SHMSTAT_SUMS_H

#include "snapshot.h"

/**
 * struct shmstat_sum - one line of a sum
 * @label: a kind, or what else is summed
 * @pagesize: bytes of the pages; those of another size are not mixed in
 * @objects: how many; like @size and @swapped SHMSTAT_NONE in the line of the
 *	kernel's own counter
 * @size: bytes, as fstat(2) has them
 * @resident: bytes in page cache
 * @swapped: bytes in swap
 */
struct shmstat_sum {
	const char *label;
	u64 pagesize;
	u64 objects;
	u64 size;
	u64 resident;
	u64 swapped;
};

/**
 * struct shmstat_sums - what the objects of a snapshot add up to
 * @kinds: a &struct shmstat_sum for each kind of page-sized objects, in their
 *	order, then one for each kind and size of huge pages that exists
 * @total: of all page-sized objects, those that Shmem counts
 */
struct shmstat_sums {
	struct shmstat_rows kinds;
	struct shmstat_sum total;
};

void shmstat_sums_init(struct shmstat_sums *sums,
		       struct shmstat_budget *budget);
int shmstat_sums_add(struct shmstat_sums *sums,
		     const struct shmstat_super *super,
		     const struct shmstat_object *obj);
int shmstat_sums_finish(struct shmstat_sums *sums,
			const struct shmstat_snapshot *snap);
void shmstat_sums_free(struct shmstat_sums *sums);

#endif /* SHMSTAT_SUMS_H */

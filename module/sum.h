/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the objects add up to, by kind and page size.
 */
#ifndef SHMSTAT_SUM_H
#define SHMSTAT_SUM_H

#include "shmstat.h"

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
	u32 pagesize;
	u64 objects;
	u64 size;
	u64 resident;
	u64 swapped;
};

int shmstat_sum_objects(struct shmstat_snapshot *snap,
			struct shmstat_rows *sums);
const struct shmstat_sum *shmstat_sum_total(const struct shmstat_rows *sums);

#endif /* SHMSTAT_SUM_H */

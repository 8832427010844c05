/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sums of the objects by kind and page size, and the kernel's own counter.
 */
#ifndef SHMSTAT_SUMS_H
#define SHMSTAT_SUMS_H

#include <linux/types.h>

#include "object.h"
#include "rows.h"
#include "super.h"

/**
 * struct shmstat_sum - the sum of some objects
 * @label: name of the kind, "total" or "nr_shmem"
 * @pagesize: bytes of a page; objects of another page size are not included
 * @objects: number of objects; this, @size and @swapped are SHMSTAT_NONE for
 *	nr_shmem
 * @size: bytes, as in fstat(2)
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
 * struct shmstat_sums - the sums of all objects
 * @kinds: of the objects in pages of PAGE_SIZE, by &enum shmstat_kind
 * @total: of all objects in pages of PAGE_SIZE, which are those that Shmem counts
 * @huge: a &struct shmstat_sum for each kind and size of huge page that exists
 * @nr_shmem: the kernel's counter, bytes
 * @nr_shmem_lag: what CPUs have not yet added to @nr_shmem, bytes; can be negative
 */
struct shmstat_sums {
	struct shmstat_sum kinds[SHMSTAT_NR_KINDS];
	struct shmstat_sum total;
	struct shmstat_rows huge;
	u64 nr_shmem;
	s64 nr_shmem_lag;
};

void shmstat_sums_init(struct shmstat_sums *sums,
		       struct shmstat_budget *budget);
int shmstat_sums_add(struct shmstat_sums *sums,
		     const struct shmstat_super *super,
		     const struct shmstat_object *obj);
void shmstat_sums_read_counter(struct shmstat_sums *sums);
int shmstat_sums_finish(struct shmstat_sums *sums,
			const struct shmstat_supers *supers);
void shmstat_sums_free(struct shmstat_sums *sums);

#endif /* SHMSTAT_SUMS_H */

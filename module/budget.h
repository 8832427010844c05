/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory that one read may allocate.
 */
#ifndef SHMSTAT_BUDGET_H
#define SHMSTAT_BUDGET_H

#include <linux/gfp.h>
#include <linux/types.h>

/*
 * For every allocation of a read: it is charged to the reader's memory cgroup,
 * reclaims, and fails rather than invoke an OOM killer. vmalloc() is not used,
 * as it ignores these flags for its page tables.
 */
#define SHMSTAT_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* The module parameter "memory", in MiB; see shmstat_budget_init(). */
extern unsigned int shmstat_memory;

/**
 * struct shmstat_budget - what a read may still allocate
 * @limit: bytes that may be allocated at a time
 * @left: bytes of @limit that are not allocated
 * @exceeded: an allocation failed because it was larger than @left
 * @memory_is_short: @limit is below the module parameter because little memory
 *	is available
 */
struct shmstat_budget {
	u64 limit;
	u64 left;
	bool exceeded;
	bool memory_is_short;
};

void shmstat_budget_init(struct shmstat_budget *budget);
void *shmstat_alloc(struct shmstat_budget *budget, size_t size);
void shmstat_free(struct shmstat_budget *budget, void *memory, size_t size);
void *shmstat_alloc_page(struct shmstat_budget *budget);
void shmstat_free_page(struct shmstat_budget *budget, void *page);

#endif /* SHMSTAT_BUDGET_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory that one read may take.
 */
#ifndef SHMSTAT_BUDGET_H
#define SHMSTAT_BUDGET_H

#include <linux/gfp.h>
#include <linux/types.h>

/*
 * Every allocation of a read: charged to the reader's memory cgroup, tried hard,
 * and given up before the OOM killer, the machine's or the cgroup's, is asked.
 * Never through vmalloc(), whose page tables ignore these flags.
 */
#define SHMSTAT_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* The module parameter, in MiB; see shmstat_budget_init(). */
extern unsigned int shmstat_memory;

/**
 * struct shmstat_budget - what a read may still allocate
 * @limit: bytes in all
 * @left: bytes not allocated so far
 * @exceeded: whether more than @left was asked for
 * @short_of: whether @limit is what it is because memory is short
 */
struct shmstat_budget {
	u64 limit;
	u64 left;
	bool exceeded;
	bool short_of;
};

void shmstat_budget_init(struct shmstat_budget *budget);
void *shmstat_alloc(struct shmstat_budget *budget, size_t size);
void shmstat_free(struct shmstat_budget *budget, void *memory, size_t size);
void *shmstat_alloc_page(struct shmstat_budget *budget);
void shmstat_free_page(struct shmstat_budget *budget, void *page);

#endif /* SHMSTAT_BUDGET_H */

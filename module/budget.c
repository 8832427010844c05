// SPDX-License-Identifier: GPL-2.0
/*
 * The memory that one read may allocate. Users can create any number of
 * objects, so the records of them need a limit.
 */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "budget.h"

unsigned int shmstat_memory;

/**
 * shmstat_budget_init - set the limit for a read
 * @budget: the budget
 *
 * The limit is the module parameter "memory", or half of the available memory
 * if that is less, because reclaim would take the rest from others. It is never
 * below a quarter of the parameter, so that nobody can prevent a read by filling
 * memory.
 *
 * Context: Process context.
 */
void shmstat_budget_init(struct shmstat_budget *budget)
{
	u64 available = (u64)max(si_mem_available(), 0L) << PAGE_SHIFT;
	u64 memory = (u64)READ_ONCE(shmstat_memory) * SZ_1M;

	budget->limit = clamp(available / 2, memory / 4, memory);
	budget->memory_is_short = budget->limit < memory;
	budget->left = budget->limit;
	budget->exceeded = false;
}

static bool take(struct shmstat_budget *budget, size_t size)
{
	if (size > budget->left) {
		budget->exceeded = true;
		return false;
	}
	budget->left -= size;
	return true;
}

/**
 * shmstat_alloc - allocate zeroed, physically contiguous memory
 * @budget: the read's budget
 * @size: bytes, at most a few pages
 *
 * Context: Process context, may sleep.
 * Return: the memory; NULL if the budget or the memory does not suffice.
 */
void *shmstat_alloc(struct shmstat_budget *budget, size_t size)
{
	void *memory;

	if (!take(budget, size))
		return NULL;
	memory = kzalloc(size, SHMSTAT_GFP);
	if (!memory)
		budget->left += size;
	return memory;
}

/**
 * shmstat_free - free memory of shmstat_alloc()
 * @budget: the budget it was allocated from
 * @memory: the memory, or NULL
 * @size: bytes that were allocated
 *
 * Context: Any.
 */
void shmstat_free(struct shmstat_budget *budget, void *memory, size_t size)
{
	if (!memory)
		return;
	kfree(memory);
	budget->left += size;
}

/**
 * shmstat_alloc_page - allocate a page
 * @budget: the read's budget
 *
 * Context: Process context, may sleep.
 * Return: the page, not zeroed; NULL if the budget or the memory does not
 *	suffice.
 */
void *shmstat_alloc_page(struct shmstat_budget *budget)
{
	void *page;

	if (!take(budget, PAGE_SIZE))
		return NULL;
	page = (void *)__get_free_page(SHMSTAT_GFP);
	if (!page)
		budget->left += PAGE_SIZE;
	return page;
}

/**
 * shmstat_free_page - free a page of shmstat_alloc_page()
 * @budget: the budget it was allocated from
 * @page: the page
 *
 * Context: Any.
 */
void shmstat_free_page(struct shmstat_budget *budget, void *page)
{
	free_page((unsigned long)page);
	budget->left += PAGE_SIZE;
}

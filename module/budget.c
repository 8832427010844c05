// SPDX-License-Identifier: GPL-2.0
/*
 * The memory that one read may take. What users create is without bound, so
 * what is stored of it has to have one.
 */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "budget.h"

unsigned int shmstat_memory;

/**
 * shmstat_budget_init - give a read its memory
 * @budget: the budget
 *
 * The limit is the module parameter, or half of what is available where that is
 * less: reclaim for the rest would take it from others. A quarter of the
 * parameter it is always, so that nobody can blind a reader by filling memory.
 *
 * Context: Process context.
 */
void shmstat_budget_init(struct shmstat_budget *budget)
{
	u64 available = (u64)max(si_mem_available(), 0L) << PAGE_SHIFT;
	u64 memory = (u64)READ_ONCE(shmstat_memory) * SZ_1M;

	budget->limit = clamp(available / 2, memory / 4, memory);
	budget->short_of = budget->limit < memory;
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
 * shmstat_alloc - allocate zeroed memory in one piece
 * @budget: the read's
 * @size: bytes; a few pages at most, as they have to be contiguous
 *
 * Context: Process context, may sleep.
 * Return: the memory, or NULL.
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
 * shmstat_free - free what shmstat_alloc() returned
 * @budget: the same as there
 * @memory: the memory, or NULL
 * @size: the same as there
 *
 * Context: Process context.
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
 * @budget: the read's
 *
 * Context: Process context, may sleep.
 * Return: the page, not zeroed, or NULL.
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
 * shmstat_free_page - free what shmstat_alloc_page() returned
 * @budget: the same as there
 * @page: the page
 *
 * Context: Any.
 */
void shmstat_free_page(struct shmstat_budget *budget, void *page)
{
	free_page((unsigned long)page);
	budget->left += PAGE_SIZE;
}

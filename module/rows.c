// SPDX-License-Identifier: GPL-2.0
/*
 * A growing array of records. Single pages are enough for it, so that a million
 * objects need no large contiguous allocation.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "rows.h"

/**
 * shmstat_rows_init - make an empty array
 * @rows: the array
 * @budget: the read's budget
 * @size: bytes of a record, at most a page
 *
 * Context: Any.
 */
void shmstat_rows_init(struct shmstat_rows *rows,
		       struct shmstat_budget *budget, size_t size)
{
	*rows = (struct shmstat_rows) {
		.budget = budget,
		.size = size,
		.per_page = PAGE_SIZE / size,
	};
}

static int grow_tree(struct shmstat_rows *rows)
{
	u32 room = max(2 * rows->room, 4U);
	void ***tree = shmstat_alloc(rows->budget, room * sizeof(*tree));

	if (!tree)
		return -ENOMEM;
	if (rows->room)
		memcpy(tree, rows->tree, rows->room * sizeof(*tree));
	shmstat_free(rows->budget, rows->tree, rows->room * sizeof(*tree));
	rows->tree = tree;
	rows->room = room;
	return 0;
}

static int add_page(struct shmstat_rows *rows)
{
	u32 branch = rows->used / SHMSTAT_FANOUT;
	void *page;

	if (branch == rows->room && grow_tree(rows))
		return -ENOMEM;
	if (!rows->tree[branch])
		rows->tree[branch] = shmstat_alloc_page(rows->budget);
	if (!rows->tree[branch])
		return -ENOMEM;
	page = shmstat_alloc_page(rows->budget);
	if (!page)
		return -ENOMEM;
	rows->tree[branch][rows->used++ % SHMSTAT_FANOUT] = page;
	return 0;
}

/**
 * shmstat_rows_add - append a zeroed record
 * @rows: the array
 *
 * Context: Process context, may sleep.
 * Return: the record, whose address stays the same until shmstat_rows_free();
 *	NULL if there is no memory.
 */
void *shmstat_rows_add(struct shmstat_rows *rows)
{
	if (rows->count == U32_MAX)
		return NULL;
	if (rows->count / rows->per_page == rows->used && add_page(rows))
		return NULL;
	rows->count++;
	return memset(shmstat_rows_at(rows, rows->count - 1), 0, rows->size);
}

/**
 * shmstat_rows_free - free all records
 * @rows: the array; empty and ready for use afterwards
 *
 * Context: Process context, may sleep.
 */
void shmstat_rows_free(struct shmstat_rows *rows)
{
	u32 branch;

	while (rows->used) {
		rows->used--;
		shmstat_free_page(rows->budget,
				  rows->tree[rows->used / SHMSTAT_FANOUT]
					    [rows->used % SHMSTAT_FANOUT]);
		cond_resched();
	}
	for (branch = 0; branch < rows->room && rows->tree[branch]; branch++)
		shmstat_free_page(rows->budget, rows->tree[branch]);
	shmstat_free(rows->budget, rows->tree,
		     rows->room * sizeof(*rows->tree));
	rows->tree = NULL;
	rows->room = 0;
	rows->count = 0;
}

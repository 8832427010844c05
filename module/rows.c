// SPDX-License-Identifier: GPL-2.0
/*
 * Growing storage of a snapshot. It is allocated by single pages, so that a
 * million objects need no large piece of memory.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "rows.h"

/**
 * shmstat_rows_init - make an empty array
 * @rows: the array
 * @budget: what to allocate from
 * @size: bytes of a record, at most a page
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
 * shmstat_rows_add - append a record of zeroes
 * @rows: the array
 *
 * Context: Process context, may sleep.
 * Return: the record, which stays where it is; NULL if there is no memory.
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
 * @rows: the array; it is empty afterwards
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

/* Of a page, or of what a string needs that does not fit into one. */
struct piece {
	struct list_head list;
	size_t size;
	char text[];
};

/**
 * shmstat_strings_init - make an empty store of strings
 * @strings: the store
 * @budget: what to allocate from
 */
void shmstat_strings_init(struct shmstat_strings *strings,
			  struct shmstat_budget *budget)
{
	strings->budget = budget;
	INIT_LIST_HEAD(&strings->pieces);
	strings->free = NULL;
	strings->left = 0;
}

static int add_piece(struct shmstat_strings *strings, size_t len)
{
	size_t size = max_t(size_t, PAGE_SIZE, sizeof(struct piece) + len);
	struct piece *piece = shmstat_alloc(strings->budget, size);

	if (!piece)
		return -ENOMEM;
	piece->size = size;
	list_add(&piece->list, &strings->pieces);
	strings->free = piece->text;
	strings->left = size - sizeof(*piece);
	return 0;
}

/**
 * shmstat_strings_add - keep a copy of a string
 * @strings: the store
 * @text: the string
 * @len: its length, some pages at most
 *
 * Context: Process context, may sleep.
 * Return: the copy, terminated by NUL; NULL if there is no memory.
 */
const char *shmstat_strings_add(struct shmstat_strings *strings,
				const char *text, size_t len)
{
	char *copy;

	if (len + 1 > strings->left && add_piece(strings, len + 1))
		return NULL;
	copy = strings->free;
	memcpy(copy, text, len);
	copy[len] = '\0';
	strings->free += len + 1;
	strings->left -= len + 1;
	return copy;
}

/**
 * shmstat_strings_free - free all strings
 * @strings: the store
 *
 * Context: Process context, may sleep.
 */
void shmstat_strings_free(struct shmstat_strings *strings)
{
	struct piece *piece, *next;

	list_for_each_entry_safe(piece, next, &strings->pieces, list) {
		shmstat_free(strings->budget, piece, piece->size);
		cond_resched();
	}
	shmstat_strings_init(strings, strings->budget);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a snapshot is stored in: arrays and strings that grow by pages, within
 * the budget of the read.
 */
#ifndef SHMSTAT_ROWS_H
#define SHMSTAT_ROWS_H

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/types.h>

#include "budget.h"

/* Pages that one page of pointers leads to. */
#define SHMSTAT_FANOUT	(PAGE_SIZE / sizeof(void *))

/**
 * struct shmstat_rows - an array of records of one size
 * @budget: what it is allocated from
 * @tree: pages of pointers to the pages that hold records
 * @room: how many pages of pointers @tree has room for
 * @used: how many pages hold records
 * @size: bytes of a record
 * @per_page: records in a page
 * @count: records in all; may be reduced, to forget the last ones
 */
struct shmstat_rows {
	struct shmstat_budget *budget;
	void ***tree;
	u32 room;
	u32 used;
	u32 size;
	u32 per_page;
	u32 count;
};

void shmstat_rows_init(struct shmstat_rows *rows,
		       struct shmstat_budget *budget, size_t size);
void *shmstat_rows_add(struct shmstat_rows *rows);
void shmstat_rows_free(struct shmstat_rows *rows);

/**
 * shmstat_rows_at - find a record by its number
 * @rows: the array
 * @nr: the number, from 0
 *
 * Return: the record, or NULL past the end.
 */
static inline void *shmstat_rows_at(const struct shmstat_rows *rows, u32 nr)
{
	u32 page = nr / rows->per_page;

	if (nr >= rows->count)
		return NULL;
	return rows->tree[page / SHMSTAT_FANOUT][page % SHMSTAT_FANOUT] +
	       nr % rows->per_page * rows->size;
}

/**
 * struct shmstat_strings - strings that live as long as their snapshot
 * @budget: what they are allocated from
 * @pieces: the pieces of memory that hold them
 * @free: where the next string goes
 * @left: bytes left there
 */
struct shmstat_strings {
	struct shmstat_budget *budget;
	struct list_head pieces;
	char *free;
	size_t left;
};

void shmstat_strings_init(struct shmstat_strings *strings,
			  struct shmstat_budget *budget);
const char *shmstat_strings_add(struct shmstat_strings *strings,
				const char *text, size_t len);
void shmstat_strings_free(struct shmstat_strings *strings);

#endif /* SHMSTAT_ROWS_H */

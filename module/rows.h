/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A growing array of records, allocated by single pages.
 */
#ifndef SHMSTAT_ROWS_H
#define SHMSTAT_ROWS_H

#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/types.h>

#include "budget.h"

/* A missing value in a record; tables print it as "-". */
#define SHMSTAT_NONE	U64_MAX

/* Used as the number of a record where there is none. */
#define SHMSTAT_NO_ROW	U32_MAX

/* Pointers to pages of records that fit in a page. */
#define SHMSTAT_FANOUT	(PAGE_SIZE / sizeof(void *))

/**
 * struct shmstat_rows - an array of records of one size
 * @budget: the read's budget
 * @tree: array of pages, each full of pointers to pages of records
 * @room: number of pages that @tree has room for
 * @used: number of pages of records
 * @size: bytes of a record
 * @per_page: records in a page
 * @count: number of records; may be reduced, to remove the last ones
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
 * shmstat_rows_at - get a record by its number
 * @rows: the array
 * @nr: the number, from 0
 *
 * Context: Any.
 * Return: the record; NULL if there is none, as for SHMSTAT_NO_ROW.
 */
static inline void *shmstat_rows_at(const struct shmstat_rows *rows, u32 nr)
{
	u32 page = nr / rows->per_page;

	if (nr >= rows->count)
		return NULL;
	return rows->tree[page / SHMSTAT_FANOUT][page % SHMSTAT_FANOUT] +
	       nr % rows->per_page * rows->size;
}

#endif /* SHMSTAT_ROWS_H */

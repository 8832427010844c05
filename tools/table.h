/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A table of /proc/shmstat as it was at one moment.
 */
#ifndef SHMSTAT_TOOLS_TABLE_H
#define SHMSTAT_TOOLS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "pool.h"

/**
 * struct table - what a file held
 * @name: the file's
 * @pool: the texts in it; its own, or that of several tables
 * @own: whether the pool is freed with the table
 * @names: of the columns that were kept, numbers of the pool
 * @cells: the rows of these
 * @columns: how many a row has
 * @kept: how many rows are in @cells
 * @room: how many there is room for
 * @which: which of these each row of the table is, where rows repeat; or NULL
 * @which_room: for how many of these there is room
 * @rows: how many rows
 * @ticks: when its reading began, in clock ticks since the machine booted
 */
struct table {
	char *name;
	struct pool *pool;
	bool own;
	uint32_t *names;
	uint32_t *cells;
	size_t columns;
	size_t kept;
	size_t room;
	uint32_t *which;
	size_t which_room;
	size_t rows;
	uint64_t ticks;
};

/**
 * struct cell - a cell of a row that is being read
 * @text: where it starts
 * @length: of it
 */
struct cell {
	const char *text;
	size_t length;
};

/**
 * struct table_plan - what of a table is wanted
 * @name: the file's
 * @columns: columns it has to have
 * @count: how many of these
 * @taken: the first so many are not kept, only handed to @take
 * @repeats: what is kept of a row is mostly what is kept of others
 * @take: called for each row, which table->rows numbers; where no columns are given,
 *	with all of them, and no row is kept
 * @context: handed to @take
 */
struct table_plan {
	const char *name;
	const char *const *columns;
	size_t count;
	size_t taken;
	bool repeats;
	void (*take)(void *context, const struct table *table,
		     const struct cell *cells);
	void *context;
};

/**
 * struct row - a row of a table of /proc/shmstat
 * @table: the table
 * @nr: which row
 */
struct row {
	const struct table *table;
	size_t nr;
};

/* Called, if set, before the program ends because a table cannot be read. */
extern void (*table_failing)(void);

bool table_is_numeric(const char *table, const char *column);
void table_load(struct table *table, const char *name);
void tables_load(struct table *const *tables, struct pool *pool,
		 const struct table_plan *plans, size_t count);
char *tables_try(struct table *const *tables, struct pool *pool,
		 const struct table_plan *plans, size_t count);
void table_load_extents(struct table *table, const char *id);
void table_free(struct table *table);
void table_damaged(const struct table *table, size_t row, const char *what,
		   const struct cell *cell) __attribute__((noreturn));
uint64_t table_parse(const struct table *table, const struct cell *cell);
int table_column(const struct table *table, const char *name);
const char *table_cell(const struct table *table, size_t row, int column);
const char *table_value(const char *text);
uint64_t table_number(const struct table *table, size_t row, int column);

/* Whether that stands in a cell. */
static inline bool cell_is(const struct cell *cell, const char *text)
{
	return cell->length == strlen(text) &&
	       !memcmp(cell->text, text, cell->length);
}

/* The number of a cell's text in the pool. */
static inline uint32_t table_word(const struct table *table, size_t row,
				  int column)
{
	size_t kept = table->which ? table->which[row] : row;

	return table->cells[kept * table->columns + column];
}

#endif /* SHMSTAT_TOOLS_TABLE_H */

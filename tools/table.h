/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A table of /proc/shmstat as it was at one moment.
 */
#ifndef SHMSTAT_TOOLS_TABLE_H
#define SHMSTAT_TOOLS_TABLE_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct table - what a file held
 * @text: the file, its blanks and newlines turned into ends of strings
 * @cells: the cells of all lines, the names of the columns first
 * @columns: how many a line has
 * @rows: how many lines, without the names
 */
struct table {
	char *text;
	char **cells;
	size_t columns;
	size_t rows;
};

/* Where /proc is. The tests have one that was recorded. */
#define PROC_FOLDER	"/proc"
extern const char *proc_folder;

/* Called, if set, before the program ends because a table cannot be read. */
extern void (*table_failing)(void);

void table_load(struct table *table, const char *name);
void table_load_extents(struct table *table, const char *id);
void table_free(struct table *table);
int table_column(const struct table *table, const char *name);
const char *table_cell(const struct table *table, size_t row, int column);
const char *table_value(const char *text);
uint64_t table_number(const struct table *table, size_t row, int column);

#endif /* SHMSTAT_TOOLS_TABLE_H */

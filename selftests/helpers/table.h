/* SPDX-License-Identifier: GPL-2.0 */
/*
 * shmstat's files: which there are, and tables with their cells.
 */
#ifndef HELPERS_TABLE_H
#define HELPERS_TABLE_H

#include <stdbool.h>

#define PROC		"/proc/shmstat/"
#define DEBUGFS		"/sys/kernel/debug/"
#define REPORT		DEBUGFS "shmstat"
#define MODULE		"/sys/module/shmstat/"

#define MAX_FILES	32

/* Paths of files that were found at run time, in alphabetical order. */
struct files {
	int count;
	char *path[MAX_FILES];
};

/*
 * The tables that /proc/shmstat lists, without those that expect a question
 * (extents and snapshot can be written, the others not). Ends the test if there
 * is none.
 */
struct files plain_tables(void);
/* The same and the report. */
struct files plain_files(void);
/* The report and every table. */
struct files all_files(void);
/* The last part of a path. */
const char *name_of(const char *path);

/*
 * Opens a file and, where it expects a question, asks it: extents about this
 * object, snapshot for the tables that take longest to collect. -1 with errno.
 */
int open_and_ask(const char *path, const char *id);

/* A table in memory; cell[row][column], as printed. */
struct table {
	char *text;
	int columns;
	int rows;
	char **name;
	char ***cell;
};

/* NULL with errno, EBADMSG if a line has more or fewer fields than columns. */
struct table *table_read(const char *name);
/* Takes over the text, which comes from malloc(). */
struct table *table_parse(char *text);
/*
 * The tables that /proc/shmstat/snapshot has in it when asked for these names, in
 * the order of the names. Returns 0, or -1 with errno.
 */
int snapshot_read(const char *names, struct table **tables, int count);
void table_free(struct table *t);
bool has_column(const struct table *t, const char *column);
/* These end the test if there is no such column, or no number in it. */
const char *cell(const struct table *t, int row, const char *column);
unsigned long long number(const struct table *t, int row, const char *column);

/* The row whose column has this value, from a row on; -1 if none. */
int row_with(const struct table *t, int from, const char *column,
	     const char *value);
#define for_each_row_with(row, t, column, value)			\
	for (row = row_with(t, 0, column, value); row >= 0;		\
	     row = row_with(t, row + 1, column, value))
/* How many rows have this value, and what another column of theirs adds up to. */
int count_with(const struct table *t, const char *column, const char *value);
unsigned long long sum_with(const struct table *t, const char *summand,
			    const char *column, const char *value);
unsigned long long table_sum(const struct table *t, const char *column);

/* How many kinds there are: the first rows of "summary", a kind each. */
int count_kinds(const struct table *summary);

/* Undoes the \ooo of text columns, in place. */
char *unescape(char *text);

#endif /* HELPERS_TABLE_H */

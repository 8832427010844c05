/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What reading and writing a file of samples share.
 */
#ifndef SHMSTAT_TOOLS_STORE_DB_H
#define SHMSTAT_TOOLS_STORE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The columns of a table before its own: of rows, and of those of files. */
#define ROW_COLUMNS	"first", "until", "fork", "line"

/* Texts that are kept in memory, a power of two. */
#define STORE_TEXTS	0x10000

/**
 * struct store_columns - a table's own columns
 * @table: its name
 * @names: of the columns
 * @text: for each, whether its cells are numbers of texts
 * @count: how many
 */
struct store_columns {
	char *table;
	char **names;
	bool *text;
	size_t count;
};

/**
 * struct store_text - a text that was read
 * @nr: its number, 0 if there is none here
 * @value: the text
 */
struct store_text {
	int64_t nr;
	char *value;
};

/**
 * struct store - a file of samples that is read
 * @path: its path
 * @db: the database
 * @text: finds a text by its number
 * @texts: those that were found last
 * @reading: whether the file is read as it was at one moment
 */
struct store {
	char *path;
	sqlite3 *db;
	sqlite3_stmt *text;
	struct store_text *texts;
	bool reading;
};

void store_init(struct store *store, const char *path);
void store_release(struct store *store);
void store_distrust(sqlite3 *db);
sqlite3_stmt *store_prepare(sqlite3 *db, const char *format, ...);
int store_columns(sqlite3 *db, const char *table, struct store_columns *found);
void store_columns_free(struct store_columns *columns);
char *store_list(const struct store_columns *columns, const char *format);
const char *store_text(struct store *store, int64_t nr, int *error);
const char *store_cell(struct store *store, const struct store_columns *columns,
		       sqlite3_stmt *row, size_t column, int *error);

#endif /* SHMSTAT_TOOLS_STORE_DB_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Copies what can be read of a damaged database into one that can be asked anything.
 */
#include <err.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "salvage.h"
#include "store_db.h"
#include "xalloc.h"

/* Rows one behind another that cannot be read, before the rest is given up. */
#define MAX_LOST	100000

static void copy_row(sqlite3_stmt *from, sqlite3_stmt *to)
{
	int i;

	/* Behind the row's own number. */
	for (i = 1; i < sqlite3_column_count(from); i++)
		sqlite3_bind_value(to, i, sqlite3_column_value(from, i));
	sqlite3_step(to);
	sqlite3_reset(to);
}

/*
 * Copies the rows that can be read, one by one by their numbers. Returns how many
 * can not, as far as that is known.
 */
static size_t copy_rows(sqlite3_stmt *from, sqlite3_stmt *to)
{
	size_t all_lost = 0, lost = 0;
	int64_t next = INT64_MIN;
	int result;

	do {
		sqlite3_reset(from);
		sqlite3_bind_int64(from, 1, next);
		while ((result = sqlite3_step(from)) == SQLITE_ROW) {
			next = sqlite3_column_int64(from, 0);
			all_lost += lost;
			lost = 0;
			copy_row(from, to);
			next++;
		}
		/* Rows have numbers from 1 on. */
		next = next < 1 ? 1 : next + 1;
		lost++;
	} while (result != SQLITE_DONE && lost < MAX_LOST);
	return all_lost + (result != SQLITE_DONE);
}

static void copy_table(sqlite3 *db, sqlite3 *copy, const char *path,
		       const struct salvaged *table)
{
	char *marks = xstrdup("?"), *sql;
	sqlite3_stmt *from, *to;
	size_t lost = 1;
	const char *c;

	for (c = strchr(table->columns, ','); c; c = strchr(c + 1, ',')) {
		char *more = xasprintf("%s, ?", marks);

		free(marks);
		marks = more;
	}
	sql = xasprintf("CREATE TABLE %s(%s)", table->name, table->columns);
	sqlite3_exec(copy, sql, NULL, NULL, NULL);
	free(sql);
	from = store_prepare(db, "SELECT rowid, %s FROM %s WHERE rowid >= ?1 ORDER BY rowid",
			     table->columns, table->name);
	to = store_prepare(copy, "INSERT INTO %s VALUES(%s)", table->name, marks);
	if (from && to)
		lost = copy_rows(from, to);
	if (lost)
		warnx("%s: damaged: %zu or more rows of %.*s are lost", path,
		      lost, (int)strcspn(table->name, "_"), table->name);
	sqlite3_finalize(from);
	sqlite3_finalize(to);
	free(marks);
}

/**
 * salvage - copy what can be read of a damaged database
 * @db: the database
 * @path: of its file, for messages, which say how much is lost
 * @tables: those that are wanted, ended by one without a name
 *
 * Return: the copy, which is in memory or in a file without a name.
 */
sqlite3 *salvage(sqlite3 *db, const char *path, const struct salvaged *tables)
{
	sqlite3 *copy;

	if (sqlite3_open("", &copy) ||
	    sqlite3_exec(copy, "PRAGMA journal_mode = OFF; BEGIN", NULL, NULL,
			 NULL))
		errx(1, "%s", sqlite3_errmsg(copy));
	for (; tables->name; tables++)
		copy_table(db, copy, path, tables);
	return copy;
}

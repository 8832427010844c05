// SPDX-License-Identifier: GPL-2.0
/*
 * What reading and writing a file of samples share.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "store_db.h"
#include "xalloc.h"

/* What is there before the database is opened. */
void store_init(struct store *store, const char *path)
{
	store->path = xstrdup(path);
	store->texts = xcalloc(STORE_TEXTS, sizeof(*store->texts));
}

/* Closes the database as well. */
void store_release(struct store *store)
{
	size_t i;

	for (i = 0; i < STORE_TEXTS; i++)
		free(store->texts[i].value);
	sqlite3_finalize(store->text);
	sqlite3_close(store->db);
	free(store->texts);
	free(store->path);
}

/**
 * store_distrust - let nothing of a file run that somebody else wrote
 * @db: the database
 *
 * Views and triggers may never end. What is asked for are tables alone.
 */
void store_distrust(sqlite3 *db)
{
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
}

/**
 * store_prepare - make a statement
 * @db: the database
 * @format: what it is, as sqlite3_mprintf() takes it
 *
 * Return: the statement; NULL if there is no such table, or another error.
 */
sqlite3_stmt *store_prepare(sqlite3 *db, const char *format, ...)
{
	sqlite3_stmt *statement = NULL;
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = xcheck(sqlite3_vmprintf(format, arguments));
	va_end(arguments);
	sqlite3_prepare_v2(db, text, -1, &statement, NULL);
	sqlite3_free(text);
	return statement;
}

static bool is_text(sqlite3 *db, const char *table, const char *column)
{
	sqlite3_stmt *row = store_prepare(db,
		"SELECT 1 FROM pragma_foreign_key_list('%q_row') WHERE \"table\" = 'text' AND \"from\" = %Q",
		table, column);
	bool found = row && sqlite3_step(row) == SQLITE_ROW;

	sqlite3_finalize(row);
	return found;
}

/**
 * store_columns - a table's own columns
 * @db: the database
 * @table: the table
 * @found: what is filled; store_columns_free() it
 *
 * Return: SQLITE_OK, also where there is no such table and so no column; or an error.
 */
int store_columns(sqlite3 *db, const char *table, struct store_columns *found)
{
	static const char *const others[] = { ROW_COLUMNS };
	const size_t skip = sizeof(others) / sizeof(others[0]);
	sqlite3_stmt *row = store_prepare(db,
		"SELECT name FROM pragma_table_info('%q_row') WHERE cid >= %d ORDER BY cid",
		table, (int)skip);
	size_t room = 0, text_room = 0;
	int error;

	*found = (struct store_columns){ .table = xstrdup(table) };
	if (!row)
		return sqlite3_errcode(db);
	while ((error = sqlite3_step(row)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(row, 0);

		found->names = xgrow(found->names, found->count, &room,
				     sizeof(*found->names));
		found->text = xgrow(found->text, found->count, &text_room,
				    sizeof(*found->text));
		found->names[found->count] = xstrdup(name ?: "");
		found->text[found->count++] = is_text(db, table, name ?: "");
	}
	sqlite3_finalize(row);
	return error == SQLITE_DONE ? SQLITE_OK : error;
}

void store_columns_free(struct store_columns *columns)
{
	size_t i;

	for (i = 0; i < columns->count; i++)
		free(columns->names[i]);
	free(columns->names);
	free(columns->text);
	free(columns->table);
	*columns = (struct store_columns){};
}

/* All columns, each as sqlite3_mprintf() makes it of its name; to be freed. */
char *store_list(const struct store_columns *columns, const char *format)
{
	size_t length, i;
	char *list;
	FILE *out = xmemstream(&list, &length);

	for (i = 0; i < columns->count; i++) {
		char *text = xcheck(sqlite3_mprintf(format, columns->names[i]));

		fputs(text, out);
		sqlite3_free(text);
	}
	xfclose(out);
	return list;
}

/**
 * store_text - a text by its number
 * @store: where
 * @nr: the number
 * @error: is set where it cannot be read
 *
 * Return: the text, until the next call; NULL if it cannot be read.
 */
const char *store_text(struct store *store, int64_t nr, int *error)
{
	struct store_text *text = &store->texts[nr & (STORE_TEXTS - 1)];
	const char *value;
	int ret;

	if (text->nr == nr)
		return text->value;
	if (!store->text)
		store->text = store_prepare(store->db,
					    "SELECT value FROM text WHERE text = ?");
	if (!store->text) {
		*error = SQLITE_CORRUPT;
		return NULL;
	}
	sqlite3_bind_int64(store->text, 1, nr);
	ret = sqlite3_step(store->text);
	value = ret == SQLITE_ROW ?
		(const char *)sqlite3_column_text(store->text, 0) : NULL;
	if (value) {
		free(text->value);
		*text = (struct store_text){ nr, xstrdup(value) };
	} else {
		*error = ret == SQLITE_DONE || ret == SQLITE_ROW ?
			 SQLITE_CORRUPT : ret;
	}
	sqlite3_reset(store->text);
	return value ? text->value : NULL;
}

/**
 * store_cell - what stands in a row, as a table has it
 * @store: where
 * @columns: the table's
 * @row: the row: its number, then the columns
 * @column: which of these
 * @error: is set where it cannot be read
 *
 * Return: the text, until the next call; NULL if it cannot be read.
 */
const char *store_cell(struct store *store, const struct store_columns *columns,
		       sqlite3_stmt *row, size_t column, int *error)
{
	const char *text;

	if (sqlite3_column_type(row, column + 1) == SQLITE_NULL)
		return "-";
	if (columns->text[column])
		return store_text(store, sqlite3_column_int64(row, column + 1),
				  error);
	text = (const char *)sqlite3_column_text(row, column + 1);
	if (!text)
		*error = SQLITE_CORRUPT;
	return text;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the tables of /proc/shmstat, see shmstat(5). Columns are found by name,
 * so that one that is new, or missing, does no harm.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "table.h"

const char *proc_folder = PROC_FOLDER;
void (*table_failing)(void);

static void __attribute__((noreturn, format(printf, 1, 2)))
fail(const char *format, ...)
{
	va_list arguments;

	if (table_failing)
		table_failing();
	va_start(arguments, format);
	verrx(1, format, arguments);
}

static void __attribute__((noreturn)) explain(const char *path)
{
	const char *why = strerror(errno);
	char folder[PATH_MAX];
	bool gone;

	snprintf(folder, sizeof(folder), "%s/shmstat", proc_folder);
	gone = errno == ENOENT && access(folder, F_OK);
	if (gone)
		fail("there is no %s: the module is not loaded; load it with 'modprobe shmstat'",
		     folder);
	if (errno == EPERM || errno == EACCES)
		fail("%s: only root, with CAP_SYS_ADMIN, may read it", path);
	fail("%s: %s", path, why);
}

/*
 * The size is not known before: 0 is what stat(2) says of it. A file that has to
 * be asked is told the question.
 */
static char *read_whole(const char *path, const char *question, size_t *length)
{
	size_t size = 1 << 20;
	char *text = malloc(size);
	ssize_t got;
	int fd;

	fd = open(path, (question ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		explain(path);
	if (question && write(fd, question, strlen(question)) < 0) {
		if (errno == ENOENT)
			fail("%s: no object has this id", question);
		explain(path);
	}
	*length = 0;
	while (text && (got = read(fd, text + *length, size - *length - 1))) {
		if (got < 0)
			explain(path);
		*length += got;
		if (*length == size - 1) {
			size *= 2;
			text = realloc(text, size);
		}
	}
	if (!text)
		explain(path);
	text[*length] = '\0';
	close(fd);
	return text;
}

static size_t count(const char *text, char c)
{
	size_t n = 0;

	while ((text = strchr(text, c))) {
		text++;
		n++;
	}
	return n;
}

static void load(struct table *table, const char *name, const char *question)
{
	size_t length, lines, cell = 0, line;
	char *path, *at, *end;

	if (asprintf(&path, "%s/shmstat/%s", proc_folder, name) < 0)
		explain(name);
	table->text = read_whole(path, question, &length);
	lines = count(table->text, '\n');
	if (strlen(table->text) != length)
		fail("%s: not a table: there is a zero byte in it", path);
	if (!lines || table->text[length - 1] != '\n')
		fail("%s: not a table: its last line has no end", path);

	at = table->text;
	end = strchr(at, '\n');
	*end = '\0';
	table->columns = count(at, ' ') + 1;
	*end = '\n';
	table->rows = lines - 1;
	table->cells = calloc(lines * table->columns, sizeof(char *));
	if (!table->cells)
		explain(path);
	for (line = 0; line < lines; line++) {
		size_t column;

		for (column = 1; column <= table->columns; column++) {
			char stop = column < table->columns ? ' ' : '\n';

			end = at + strcspn(at, "\n ");
			if (*end != stop || end == at)
				fail("%s: line %zu has not the %zu columns of the first one",
				     path, line + 1, table->columns);
			*end = '\0';
			table->cells[cell++] = at;
			at = end + 1;
		}
	}
	free(path);
}

/**
 * table_load - read a table
 * @table: what is filled; table_free() it
 * @name: the file's
 *
 * Ends the program, with an explanation, if that cannot be read or is no table.
 */
void table_load(struct table *table, const char *name)
{
	load(table, name, NULL);
}

/**
 * table_load_extents - read where an object is resident, swapped, and a hole
 * @table: what is filled; table_free() it
 * @id: the object's
 *
 * Ends the program, with an explanation, if that cannot be read. A file of
 * recorded tables takes no question; there is one for each object.
 */
void table_load_extents(struct table *table, const char *id)
{
	char name[100];

	snprintf(name, sizeof(name), "extents.%s", id);
	if (!strcmp(proc_folder, PROC_FOLDER))
		load(table, "extents", id);
	else
		load(table, name, NULL);
}

void table_free(struct table *table)
{
	free(table->cells);
	free(table->text);
	*table = (struct table){};
}

/**
 * table_column - where a column is
 * @table: the table
 * @name: the column's
 *
 * Return: its number, or -1 if this version of the module has none.
 */
int table_column(const struct table *table, const char *name)
{
	size_t column;

	for (column = 0; column < table->columns; column++)
		if (!strcmp(table->cells[column], name))
			return column;
	return -1;
}

/**
 * table_cell - what stands in a table
 * @table: the table
 * @row: from 0, without the names
 * @column: from table_column()
 *
 * Return: the text as the kernel wrote it; "-" for no value or no such column.
 */
const char *table_cell(const struct table *table, size_t row, int column)
{
	return column < 0 ? "-" :
	       table->cells[(row + 1) * table->columns + column];
}

/* NULL for the kernel's "-", which is no value. */
const char *table_value(const char *text)
{
	return strcmp(text, "-") ? text : NULL;
}

/* A number; 0 where there is none. */
uint64_t table_number(const struct table *table, size_t row, int column)
{
	return strtoull(table_cell(table, row, column), NULL, 10);
}

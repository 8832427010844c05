// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the tables of /proc/shmstat, see shmstat(5), as they come. Columns are
 * found by name: one that is new does no harm, one that is needed and missing
 * ends the program, as does whatever no such table holds.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beside.h"
#include "moment.h"
#include "process.h"
#include "table.h"
#include "text.h"
#include "xalloc.h"

/* Columns of a table, and bytes of a line. */
#define MAX_COLUMNS	256
#define MAX_LINE	(64U << 20)

void (*table_failing)(void);

/* Where to go on after a failure, which is said there; NULL to end the program. */
static jmp_buf *trying;
static char *failure;

static void __attribute__((noreturn, format(printf, 1, 2)))
fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (trying) {
		xcheck(vasprintf(&failure, format, arguments) < 0 ? NULL :
		       failure);
		longjmp(*trying, 1);
	}
	if (table_failing)
		table_failing();
	verrx(1, format, arguments);
}

/* The version of the module that is loaded. */
static const char *module_version(void)
{
	FILE *file = beside_file("sys/module/shmstat/version");
	static char version[40];

	strcpy(version, "(unknown)");

	if (file) {
		if (fgets(version, sizeof(version), file))
			version[strcspn(version, "\n")] = '\0';
		fclose(file);
	}
	return version;
}

/* The file of a table could not be opened or read. */
static void __attribute__((noreturn)) explain(const char *path, int error)
{
	const char *why = strerror(error);
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s/shmstat", proc_dir);

	if (error == ENOENT && moment_is_past())
		fail("the table '%s' was not recorded", strrchr(path, '/') + 1);
	if (error == ENOENT && access(dir, F_OK))
		fail("there is no %s: the module is not loaded; load it with 'modprobe shmstat'%s",
		     dir, ", or 'make load' where it was built");
	if (error == ENOENT)
		fail("%s: %s; command %s and module %s do not fit", path, why,
		     VERSION, module_version());
	if (error == EPERM || error == EACCES)
		fail("%s: only root may read it, with CAP_SYS_ADMIN in the initial user namespace",
		     path);
	if (error == ENOMEM)
		fail("%s: %s; see the kernel's log and 'memory' in shmstat(5)",
		     path, why);
	fail("%s: %s", path, why);
}

static void __attribute__((noreturn)) lacks(const char *table,
					    const char *column)
{
	fail("table '%s' has no column '%s': command %s and module %s do not fit",
	     table, column, VERSION, module_version());
}

/* Columns that are decimal numbers; some of extents are addresses in others. */
bool table_is_numeric(const char *table, const char *column)
{
	static const char *const numeric[] = {
		"pagesize", "size", "objects", "resident", "swapped", "uid",
		"gid", "nlink", "pid", "fds", "maps", "handles", "cgroup",
		"offset", "past_eof", "dirty", "writeback", "active", "mapped",
		"mlocked", "huge", "ipcns", "shmid", "nattch", "cpid", "lpid",
		"length", "order", "node", "bytes_used", "bytes_limit",
		"inodes_used", "inodes_limit", "btime", "mtime", "ctime",
		"atime", "dtime", NULL
	};
	static const char *const of_extents[] = { "start", "swap", NULL };

	return is_one_of(column, numeric) ||
	       (!strcmp(table, "extents") && is_one_of(column, of_extents));
}

/* As the module writes one, which JSON takes as it is: without zeroes before. */
static bool is_number(const struct cell *cell)
{
	uint64_t number = 0;
	size_t i;

	if (cell->length > 1 && *cell->text == '0')
		return false;
	for (i = 0; i < cell->length; i++) {
		unsigned int digit = (unsigned char)cell->text[i] - '0';

		if (digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, digit, &number))
			return false;
	}
	return cell->length;
}

/**
 * struct reader - a table on its way
 * @table: what is filled
 * @plan: what of it is wanted; all of it if there are no columns
 * @line: lines so far
 * @columns: how many the first of them has
 * @wanted: for each of these, which of the plan's it is, or -1
 * @numeric: whether it is a number
 * @unique: whether it is another in each row
 * @last: the last row's cells, as many repeat
 * @by_cells: finds whole rows, where these repeat
 */
struct reader {
	struct table *table;
	const struct table_plan *plan;
	size_t line;
	size_t columns;
	int wanted[MAX_COLUMNS];
	bool numeric[MAX_COLUMNS];
	bool unique[MAX_COLUMNS];
	uint32_t last[MAX_COLUMNS];
	struct hash by_cells;
};

/**
 * table_damaged - end the program because of what stands in a table
 * @table: the table
 * @row: which, from 0
 * @what: what is expected instead
 * @cell: what stands there
 */
void table_damaged(const struct table *table, size_t row, const char *what,
		   const struct cell *cell)
{
	char text[60];
	size_t i;

	for (i = 0; i < cell->length && i < sizeof(text) - 1; i++)
		text[i] = cell->text[i] > ' ' && cell->text[i] < 127 ?
			  cell->text[i] : '?';
	text[i] = '\0';
	fail("%s/shmstat/%s: damaged: line %zu: '%s' is no %s", proc_dir,
	     table->name, row + 2, text, what);
}

/* Cuts a line into its cells: printable ASCII with one space between two. */
static size_t split(struct reader *reader, const char *at, const char *end,
		    struct cell *cells)
{
	size_t count = 0;

	while (count < MAX_COLUMNS) {
		struct cell *cell = &cells[count++];

		cell->text = at;
		while (*at > ' ' && *at < 127)
			at++;
		cell->length = at - cell->text;
		if (at != end && *at != ' ')
			fail("%s/shmstat/%s: damaged: line %zu: byte \\%03o, which no table has",
			     proc_dir, reader->table->name, reader->line,
			     (unsigned char)*at);
		if (!cell->length)
			break;
		if (at == end)
			return count;
		at++;
	}
	fail("%s/shmstat/%s: not a table: line %zu has an empty column, or more than %d",
	     proc_dir, reader->table->name, reader->line, MAX_COLUMNS);
}

/* The first line: names of columns. */
static void find_columns(struct reader *reader, const struct cell *cells)
{
	const struct table_plan *plan = reader->plan;
	struct table *table = reader->table;
	bool all = !plan->columns;
	size_t nr, i;

	table->columns = all ? reader->columns : plan->count - plan->taken;
	table->names = xcalloc(table->columns, sizeof(*table->names));
	for (i = 0; i < reader->columns; i++) {
		uint32_t name = pool_add(table->pool, cells[i].text,
					 cells[i].length);
		const char *text = pool_text(table->pool, name);

		reader->wanted[i] = all ? (int)i : -1;
		reader->numeric[i] = table_is_numeric(plan->name, text);
		reader->unique[i] = !strcmp(text, "name");
		if (all)
			table->names[i] = name;
	}
	for (nr = 0; nr < plan->count; nr++) {
		const char *name = plan->columns[nr];

		for (i = 0; i < reader->columns; i++)
			if (cell_is(&cells[i], name))
				break;
		if (i == reader->columns)
			lacks(plan->name, name);
		reader->wanted[i] = nr;
		if (nr >= plan->taken)
			table->names[nr - plan->taken] =
				pool_add(table->pool, name, strlen(name));
	}
}

static uint32_t keep(struct reader *reader, size_t column,
		     const struct cell *cell)
{
	struct table *table = reader->table;
	const char *last = pool_text(table->pool, reader->last[column]);

	if (!strncmp(last, cell->text, cell->length) && !last[cell->length])
		return reader->last[column];
	if (reader->numeric[column] && !is_number(cell) &&
	    !cell_is(cell, "-"))
		table_damaged(table, table->rows, "number", cell);
	reader->last[column] = reader->unique[column] ?
		pool_append(table->pool, cell->text, cell->length) :
		pool_add(table->pool, cell->text, cell->length);
	return reader->last[column];
}

static uint32_t *kept_row(const struct table *table, size_t nr)
{
	return &table->cells[nr * table->columns];
}

/* Which of those that are kept a row is that was put behind them: itself if new. */
static uint32_t find_row(struct reader *reader)
{
	struct table *table = reader->table;
	size_t size = table->columns * sizeof(*table->cells), at;
	const uint32_t *row = kept_row(table, table->kept);
	uint32_t key, nr;

	if (table->rows) {
		nr = table->which[table->rows - 1];
		if (!memcmp(kept_row(table, nr), row, size))
			return nr;
	}
	key = hash_bytes((const char *)row, size);
	for (at = hash_first(&reader->by_cells, key);
	     hash_used(&reader->by_cells, at);
	     at = hash_next(&reader->by_cells, at))
		if (hash_nr(&reader->by_cells, at, key, &nr) &&
		    !memcmp(kept_row(table, nr), row, size))
			return nr;
	hash_add(&reader->by_cells, key, table->kept);
	return table->kept++;
}

static void keep_row(struct reader *reader)
{
	struct table *table = reader->table;

	if (!reader->plan->repeats) {
		table->kept++;
		return;
	}
	table->which = xgrow(table->which, table->rows, &table->which_room,
			     sizeof(*table->which));
	table->which[table->rows] = find_row(reader);
}

static void read_line(struct reader *reader, const char *at, const char *end)
{
	struct cell cells[MAX_COLUMNS], taken[MAX_COLUMNS];
	const struct table_plan *plan = reader->plan;
	struct table *table = reader->table;
	size_t count, i;
	uint32_t *row;

	reader->line++;
	count = split(reader, at, end, cells);
	if (reader->line == 1) {
		reader->columns = count;
		find_columns(reader, cells);
		return;
	}
	if (count != reader->columns)
		fail("%s/shmstat/%s: line %zu has not the %zu columns of the first one",
		     proc_dir, table->name, reader->line, reader->columns);
	if (plan->take && !plan->columns) {
		plan->take(plan->context, table, cells);
		table->rows++;
		return;
	}
	table->cells = xgrow(table->cells, table->kept, &table->room,
			     table->columns * sizeof(*table->cells));
	row = kept_row(table, table->kept);
	for (i = 0; i < count; i++) {
		int wanted = reader->wanted[i];

		if (wanted < 0)
			continue;
		if ((size_t)wanted < plan->taken)
			taken[wanted] = cells[i];
		else
			row[wanted - plan->taken] = keep(reader, i, &cells[i]);
	}
	keep_row(reader);
	if (plan->take)
		plan->take(plan->context, table, taken);
	if (table->rows++ == UINT32_MAX - 1)
		fail("%s/shmstat/%s: more than 4 billion lines", proc_dir,
		     table->name);
}

/**
 * struct source - a file that is read line by line
 * @path: its path
 * @question: what it is asked, or NULL
 * @fd: the file, opened
 * @buffer: what was read of it
 * @size: of the buffer, without room for a NUL at the end
 * @used: bytes in the buffer
 * @at: where the next line starts
 */
struct source {
	char *path;
	char *question;
	int fd;
	char *buffer;
	size_t size;
	size_t used;
	size_t at;
};

/* There is one at a time, which is closed after a failure as well. */
static struct source the_source = { .fd = -1 };

/* Asks first what a file that answers wants to be asked; frees the question. */
static void source_open(struct source *source, const char *file,
			char *question)
{
	*source = (struct source){
		.path = xasprintf("%s/shmstat/%s", proc_dir, file),
		.question = question,
		.size = 256 << 10,
	};
	source->fd = open(source->path, (question ? O_RDWR : O_RDONLY) |
			  O_CLOEXEC);
	if (source->fd < 0)
		explain(source->path, errno);
	if (question && write(source->fd, question, strlen(question)) < 0) {
		if (errno == ENOENT)
			fail("%s: no object has this id", question);
		explain(source->path, errno);
	}
	source->buffer = xmalloc(source->size + 1);
}

static void source_close(struct source *source)
{
	if (source->fd >= 0)
		close(source->fd);
	free(source->buffer);
	free(source->question);
	free(source->path);
	*source = (struct source){ .fd = -1 };
}

/* Reads more behind a line that has not ended; the file's size is not known. */
static bool source_fill(struct source *source)
{
	ssize_t got;

	memmove(source->buffer, source->buffer + source->at,
		source->used - source->at);
	source->used -= source->at;
	source->at = 0;
	if (source->used == source->size) {
		source->size *= 2;
		if (source->size > MAX_LINE)
			fail("%s: not a table: a line does not end",
			     source->path);
		source->buffer = xreallocarray(source->buffer,
					       source->size + 1, 1);
	}
	got = read(source->fd, source->buffer + source->used,
		   source->size - source->used);
	if (got < 0)
		explain(source->path, errno);
	source->used += got;
	return got;
}

/* The next line, without the newline at its end; NULL behind the last one. */
static const char *source_line(struct source *source, const char **end)
{
	size_t seen = 0;
	char *newline;

	do {
		char *start = source->buffer + source->at;

		newline = memchr(start + seen, '\n',
				 source->used - source->at - seen);
		if (newline) {
			*newline = '\0';
			*end = newline;
			source->at = newline + 1 - source->buffer;
			return start;
		}
		seen = source->used - source->at;
	} while (source_fill(source));
	if (seen)
		fail("%s: not a table: its last line has no end", source->path);
	return NULL;
}

/* Whether a line of a snapshot is the title of a table, of this name if given. */
static bool is_title(const char *line, const char *end, const char *name)
{
	if (end - line < 2 || memcmp(line, "# ", 2))
		return false;
	return !name || ((size_t)(end - line) == strlen(name) + 2 &&
			 !memcmp(line + 2, name, strlen(name)));
}

static void table_init(struct table *table, struct pool *pool,
		       const struct table_plan *plan)
{
	*table = (struct table){
		.name = xstrdup(plan->name),
		.pool = pool ?: xcalloc(1, sizeof(*pool)),
		.own = !pool,
		.ticks = moment_ticks(),
	};
	/* reader->last starts with text 0: an empty one, which no cell is. */
	if (!table->pool->count)
		pool_add(table->pool, "", 0);
}

/* Of a snapshot, up to the next table's title, which is left to be read again. */
static void read_table(struct source *source, struct reader *reader,
		       bool is_snapshot)
{
	const char *line, *end;

	while ((line = source_line(source, &end))) {
		if (is_snapshot && is_title(line, end, NULL)) {
			source->buffer[end - source->buffer] = '\n';
			source->at = line - source->buffer;
			break;
		}
		read_line(reader, line, end);
	}
	if (!reader->line)
		fail("%s/shmstat/%s: not a table: it is empty", proc_dir,
		     reader->table->name);
	hash_free(&reader->by_cells);
}

static void load(struct table *table, struct pool *pool, const char *file,
		 const char *question, const struct table_plan *plan)
{
	struct reader reader = { .table = table, .plan = plan };

	table_init(table, pool, plan);
	source_open(&the_source, file, question ? xstrdup(question) : NULL);
	read_table(&the_source, &reader, false);
	source_close(&the_source);
}

static char *list_names(const struct table_plan *plans, size_t count)
{
	size_t length, nr;
	char *names;
	FILE *out = xmemstream(&names, &length);

	for (nr = 0; nr < count; nr++)
		fprintf(out, "%s%s", nr ? " " : "", plans[nr].name);
	xfclose(out);
	return names;
}

/* Tables that nobody asked for are skipped, as recorded snapshots have all. */
static void load_snapshot(struct table *const *tables, struct pool *pool,
			  const struct table_plan *plans, size_t count,
			  bool ask)
{
	char *question = ask ? list_names(plans, count) : NULL;
	struct source *source = &the_source;
	size_t nr;

	for (nr = 0; nr < count; nr++)
		table_init(tables[nr], pool, &plans[nr]);
	source_open(source, "snapshot", question);
	for (nr = 0; nr < count; nr++) {
		struct reader reader = {
			.table = tables[nr], .plan = &plans[nr],
		};
		const char *line, *end;

		do
			line = source_line(source, &end);
		while (line && !is_title(line, end, plans[nr].name));
		if (!line)
			fail("%s: damaged: no table '%s'%s%s", source->path,
			     plans[nr].name, nr ? " behind " : "",
			     nr ? plans[nr - 1].name : "");
		read_table(source, &reader, true);
	}
	source_close(source);
}

/**
 * tables_load - read several tables as they were at one moment
 * @tables: what are filled; table_free() each
 * @pool: for the texts of all of them
 * @plans: which columns of each, and what is done with them; in this order
 * @count: how many tables
 *
 * Recorded tables are read from a file each, unless there is a snapshot of them.
 *
 * Ends the program, with an explanation, if one cannot be read, is no table, or
 * lacks a column.
 */
void tables_load(struct table *const *tables, struct pool *pool,
		 const struct table_plan *plans, size_t count)
{
	bool recorded = strcmp(proc_dir, PROC_DIR), whole;
	char *path = xasprintf("%s/shmstat/snapshot", proc_dir);
	size_t nr;

	whole = count > 1 && (!recorded || !access(path, F_OK));
	free(path);
	if (whole) {
		load_snapshot(tables, pool, plans, count, !recorded);
		return;
	}
	for (nr = 0; nr < count; nr++)
		load(tables[nr], pool, plans[nr].name, NULL, &plans[nr]);
}

/**
 * tables_try - do as tables_load(), and go on where that cannot be done
 * @tables: what are filled; table_free() each
 * @pool: for the texts of all of them
 * @plans: which columns of each, and what is done with them
 * @count: how many tables
 *
 * Return: NULL; or what went wrong, to be freed.
 */
char *tables_try(struct table *const *tables, struct pool *pool,
		 const struct table_plan *plans, size_t count)
{
	jmp_buf here;

	failure = NULL;
	trying = &here;
	if (setjmp(here))
		source_close(&the_source);
	else
		tables_load(tables, pool, plans, count);
	trying = NULL;
	return failure;
}

/**
 * table_load - read all of a table
 * @table: what is filled; table_free() it
 * @name: the file's
 *
 * Ends the program, with an explanation, if that cannot be read or is no table.
 */
void table_load(struct table *table, const char *name)
{
	struct table_plan plan = { .name = name };

	load(table, NULL, name, NULL, &plan);
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
	static const char *const columns[] = {
		"start", "length", "state", "order", "node", "swap"
	};
	struct table_plan plan = {
		.name = "extents",
		.columns = columns,
		.count = sizeof(columns) / sizeof(columns[0]),
	};
	char *name;

	if (!strcmp(proc_dir, PROC_DIR)) {
		load(table, NULL, "extents", id, &plan);
		return;
	}
	name = xasprintf("extents.%s", id);
	load(table, NULL, name, NULL, &plan);
	free(name);
}

void table_free(struct table *table)
{
	if (table->own) {
		pool_free(table->pool);
		free(table->pool);
	}
	free(table->name);
	free(table->names);
	free(table->cells);
	free(table->which);
	*table = (struct table){};
}

/**
 * table_column - where a column is
 * @table: the table
 * @name: the column's
 *
 * Return: its number; ends the program, with an explanation, if there is none.
 */
int table_column(const struct table *table, const char *name)
{
	size_t column;

	for (column = 0; column < table->columns; column++) {
		const char *other = pool_text(table->pool,
					      table->names[column]);

		/* Most of them differ at once. */
		if (*other == *name && !strcmp(other, name))
			return column;
	}
	lacks(table->name, name);
}

/**
 * table_cell - what stands in a table
 * @table: the table
 * @row: from 0, without the names
 * @column: from table_column()
 *
 * Return: the text as the kernel wrote it; "-" for no value.
 */
const char *table_cell(const struct table *table, size_t row, int column)
{
	return pool_text(table->pool, table_word(table, row, column));
}

/* NULL for the kernel's "-", which is no value. */
const char *table_value(const char *text)
{
	return strcmp(text, "-") ? text : NULL;
}

/* The number that a cell is, of a row that is being read. */
uint64_t table_parse(const struct table *table, const struct cell *cell)
{
	uint64_t number = 0;
	size_t i;

	if (!is_number(cell))
		table_damaged(table, table->rows, "number", cell);
	for (i = 0; i < cell->length; i++)
		number = number * 10 + cell->text[i] - '0';
	return number;
}

/* A number; 0 where there is none. */
uint64_t table_number(const struct table *table, size_t row, int column)
{
	const char *text = table_cell(table, row, column);
	struct cell cell = { text, strlen(text) };

	if (!strcmp(text, "-"))
		return 0;
	if (!is_number(&cell))
		table_damaged(table, row, "number", &cell);
	return strtoull(text, NULL, 10);
}

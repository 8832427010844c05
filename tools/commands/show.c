// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat show: everything known of one object.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "commands/commands.h"
#include "find.h"
#include "moment.h"
#include "object_columns.h"
#include "objects.h"
#include "output.h"
#include "sockets.h"
#include "text.h"
#include "xalloc.h"

static const struct column holder_columns[] = {
	{ "BY", NULL, TEXT, get_row_cell, "by" },
	{ "PID", NULL, NUMBER, get_row_cell, "pid" },
	{ "COMMAND", NULL, NAME, get_row_cell, "comm" },
	{ "UID", NULL, NUMBER, get_row_cell, "uid" },
	{ "FDS", NULL, NUMBER, get_row_cell, "fds" },
	{ "MAPS", NULL, NUMBER, get_row_cell, "maps" },
	{ "HANDLES", NULL, NUMBER, get_row_cell, "handles" },
	{ "DETAIL", NULL, TEXT, get_row_cell, "detail" },
	{}
};

static const struct column map_columns[] = {
	{ "PID", NULL, NUMBER, get_row_cell, "pid" },
	{ "COMMAND", NULL, NAME, get_row_cell, "comm" },
	{ "START", NULL, TEXT, get_row_cell, "start" },
	{ "END", NULL, TEXT, get_row_cell, "end" },
	{ "OFFSET", NULL, SIZE, get_row_cell, "offset" },
	{ "PERMS", NULL, TEXT, get_row_cell, "perms" },
	{ "RESIDENT", NULL, SIZE, get_row_cell, "resident" },
	{ "SWAPPED", NULL, SIZE, get_row_cell, "swapped" },
	{ "PAST_EOF", NULL, SIZE, get_row_cell, "past_eof" },
	{}
};

static const struct column cgroup_columns[] = {
	{ "RESIDENT", NULL, SIZE, get_row_cell, "resident" },
	{ "CGROUP", NULL, NUMBER, get_row_cell, "cgroup" },
	{ "PATH", NULL, NAME, get_row_cell, "path" },
	{}
};

static const struct column segment_columns[] = {
	{ "IPCNS", NULL, NUMBER, get_row_cell, "ipcns" },
	{ "SHMID", NULL, NUMBER, get_row_cell, "shmid" },
	{ "KEY", NULL, TEXT, get_row_cell, "key" },
	{ "MODE", NULL, TEXT, get_row_cell, "mode" },
	{ "NATTCH", NULL, NUMBER, get_row_cell, "nattch" },
	{ "CPID", NULL, NUMBER, get_row_cell, "cpid" },
	{ "LPID", NULL, NUMBER, get_row_cell, "lpid" },
	{}
};

static const struct column extent_columns[] = {
	{ "START", NULL, SIZE, get_row_cell, "start" },
	{ "LENGTH", NULL, SIZE, get_row_cell, "length" },
	{ "STATE", NULL, TEXT, get_row_cell, "state" },
	{ "ORDER", NULL, NUMBER, get_row_cell, "order" },
	{ "NODE", NULL, NUMBER, get_row_cell, "node" },
	{ "SWAP", NULL, NUMBER, get_row_cell, "swap" },
	{}
};

/* A table without rows is left out, but programs find it empty. */
static void print_rows(const struct output *output, const char *name,
		       const char *title, const struct column *columns,
		       const struct row *rows, size_t count)
{
	if (output->form == AS_TABLE && !count)
		return;
	if (output->form == AS_TABLE)
		printf("\n%s:\n", title);
	output_array(output, name, columns, rows, count, sizeof(*rows));
}

/* The object's rows of one of the tables that were joined. */
static void print_other(const struct output *output,
			const struct objects *objects,
			const struct object *object, enum other other,
			const char *name, const char *title,
			const struct column *columns)
{
	size_t count = object->in[other].count, i;
	struct row *rows = xcalloc(count, sizeof(*rows));

	for (i = 0; i < count; i++)
		rows[i] = object_row(objects, object, other, i);
	if (other == HOLDERS && object_holder_unknown(objects, object))
		count = 0;
	print_rows(output, name, title, columns, rows, count);
	free(rows);
}

/* All rows of a table that is of one object. */
static void print_table(const struct output *output, const struct table *table,
			const char *name, const struct column *columns)
{
	struct row *rows = xcalloc(table->rows, sizeof(*rows));
	size_t nr;

	for (nr = 0; nr < table->rows; nr++)
		rows[nr] = (struct row){ table, nr };
	print_rows(output, name, "", columns, rows, table->rows);
	free(rows);
}

static void print_object(const struct output *output,
			 const struct objects *objects,
			 const struct object *object)
{
	const void *things[] = { &object };
	const struct column *column;

	if (output->form != AS_TABLE) {
		output_fixed(output, "object", object_columns, objects, things,
			     1);
		return;
	}
	for (column = object_columns; column->name; column++) {
		char *text = column_text(column, objects, &object,
					 output_how(output));

		printf("%10s  %s\n", column->name, text ?: "-");
		free(text);
	}
}

enum state { HOLE, RESIDENT, SWAPPED, STATES };

static const char *const state_names[] = { "hole", "resident", "swapped" };

static const char *sign(enum state state)
{
	static const char *const ascii[] = { ".", "#", "s" };
	static const char *const blocks[] = { "·", "█", "▒" };

	return is_utf8() ? blocks[state] : ascii[state];
}

static size_t terminal_width(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	int width = columns ? atoi(columns) : 0;

	if (width <= 0 && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		width = size.ws_col;
	return width > 0 ? width : 80;
}

/* Adds to each cell how much of it is in the state. */
static void fill(uint64_t (*cells)[STATES], size_t count, uint64_t cell,
		 uint64_t start, uint64_t end, enum state state)
{
	while (start < end) {
		size_t nr = start / cell;
		uint64_t stop = (nr + 1) * cell;

		if (nr >= count)
			return;
		if (stop > end)
			stop = end;
		cells[nr][state] += stop - start;
		start = stop;
	}
}

static enum state largest_part(const uint64_t *cell)
{
	enum state state, largest = HOLE;

	for (state = HOLE; state < STATES; state++)
		if (cell[state] > cell[largest])
			largest = state;
	return largest;
}

/* Eight lines at most, of as many cells as fit; each stands for whole pages. */
static void draw(const struct table *extents, uint64_t pagesize)
{
	int starts = table_column(extents, "start");
	int lengths = table_column(extents, "length");
	int states = table_column(extents, "state");
	size_t width = terminal_width(), count, row, nr;
	uint64_t (*cells)[STATES], end, pages, cell;
	char *size;

	row = extents->rows;
	if (!row || __builtin_add_overflow(table_number(extents, row - 1,
							starts),
					   table_number(extents, row - 1,
							lengths), &end) ||
	    !end || end > INT64_MAX)
		return;
	pages = (end - 1) / pagesize + 1;
	width = width > 4 ? width - 2 : 2;
	cell = (pages + 8 * width - 1) / (8 * width) * pagesize;
	count = (end + cell - 1) / cell;
	cells = xcalloc(count, sizeof(*cells));
	for (row = 0; row < extents->rows; row++) {
		uint64_t start = table_number(extents, row, starts);
		const char *name = table_cell(extents, row, states);
		enum state state = SWAPPED;

		while (state && strcmp(name, state_names[state]))
			state--;
		fill(cells, count, cell, start,
		     start + table_number(extents, row, lengths), state);
	}
	putchar('\n');
	for (nr = 0; nr < count; nr++)
		printf("%s%s", sign(largest_part(cells[nr])),
		       nr == count - 1 || nr % width == width - 1 ? "\n" : "");
	size = size_text(cell);
	printf("%s resident  %s swapped  %s hole; %s each, in the state of most of it\n",
	       sign(RESIDENT), sign(SWAPPED), sign(HOLE), size);
	free(size);
	free(cells);
}

/* They cost too much to be recorded: programs find none, people are told. */
static void no_extents(const struct output *output)
{
	if (output->form == AS_TABLE)
		puts("\nWhere it was resident, swapped or a hole is not recorded.");
}

static void usage(void)
{
	puts("Usage: shmstat show [options] OBJECT\n"
	     "Shows everything known of an object: an id as in shmstat list -o ID,\n"
	     "a path, shmid:N, PID:FD or PID:ADDRESS.\n\n"
	     COMMAND_HELP
	     OUTPUT_HELP);
}

static const struct option options[] = {
	OUTPUT_OPTIONS,
	{}
};

static int run(int argc, char **argv)
{
	const struct object *object;
	struct table extents = {};
	struct output output = {};
	struct objects objects;
	int c;

	while ((c = command_option(&command_show, argc, argv)) >= 0)
		output_option(&output, c, optarg);
	if (optind != argc - 1)
		errx(2, "show wants one object; see shmstat show --help");
	objects_load(&objects, NEED_ALL);
	object = find_object(&objects, argv[optind]);
	if (!moment_is_past())
		table_load_extents(&extents, object->id);

	output_begin(&output);
	print_object(&output, &objects, object);
	print_other(&output, &objects, object, SEGMENTS, "segments", "Segment",
		    segment_columns);
	print_other(&output, &objects, object, HOLDERS, "holders", "Held by",
		    holder_columns);
	print_other(&output, &objects, object, MAPS, "maps", "Mapped",
		    map_columns);
	print_other(&output, &objects, object, CGROUPS, "cgroups",
		    "Charged to", cgroup_columns);
	if (moment_is_past())
		no_extents(&output);
	else if (output.form == AS_TABLE)
		draw(&extents, object->pagesize);
	else
		print_table(&output, &extents, "extents", extent_columns);
	if (output.form != AS_TABLE || object_holder_unknown(&objects, object))
		sockets_print(&output);
	output_end(&output);
	table_free(&extents);
	objects_free(&objects);
	return 0;
}

const struct command command_show = {
	"show", "everything known of one object", usage, run, OUTPUT_BASIC,
	options, .operands = true
};

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

#include "columns.h"
#include "commands/commands.h"
#include "find.h"
#include "objects.h"
#include "sockets.h"
#include "text.h"
#include "xalloc.h"

/**
 * struct line - a line of one of the tables
 * @table: the table
 * @row: which
 */
struct line {
	const struct table *table;
	size_t row;
};

static const char *cell(const struct line *line, const char *column)
{
	return table_value(table_cell(line->table, line->row,
				      table_column(line->table, column)));
}

#define GET(column)	COLUMN_GET(line, column, cell(line, #column))

GET(pid)
GET(comm)
GET(uid)
GET(fds)
GET(maps)
GET(handles)
GET(start)
GET(end)
GET(offset)
GET(perms)
GET(resident)
GET(swapped)
GET(past_eof)
GET(cgroup)
GET(path)
GET(length)
GET(state)
GET(order)
GET(node)
GET(swap)
GET(ipcns)
GET(shmid)
GET(mode)
GET(key)
GET(nattch)
GET(cpid)
GET(lpid)

static const struct column holder_columns[] = {
	{ "PID", "", NUMBER, 0, true, get_pid },
	{ "COMMAND", "", NAME, 0, true, get_comm },
	{ "UID", "", NUMBER, 0, true, get_uid },
	{ "FDS", "", NUMBER, 0, true, get_fds },
	{ "MAPS", "", NUMBER, 0, true, get_maps },
	{ "HANDLES", "", NUMBER, 0, true, get_handles },
	{}
};

static const struct column map_columns[] = {
	{ "PID", "", NUMBER, 0, true, get_pid },
	{ "COMMAND", "", NAME, 0, true, get_comm },
	{ "START", "", TEXT, 0, true, get_start },
	{ "END", "", TEXT, 0, true, get_end },
	{ "OFFSET", "", SIZE, 0, true, get_offset },
	{ "PERMS", "", TEXT, 0, true, get_perms },
	{ "RESIDENT", "", SIZE, 0, true, get_resident },
	{ "SWAPPED", "", SIZE, 0, true, get_swapped },
	{ "PAST_EOF", "", SIZE, 0, true, get_past_eof },
	{}
};

static const struct column cgroup_columns[] = {
	{ "RESIDENT", "", SIZE, 0, true, get_resident },
	{ "CGROUP", "", NUMBER, 0, true, get_cgroup },
	{ "PATH", "", NAME, 0, true, get_path },
	{}
};

static const struct column segment_columns[] = {
	{ "IPCNS", "", NUMBER, 0, true, get_ipcns },
	{ "SHMID", "", NUMBER, 0, true, get_shmid },
	{ "KEY", "", TEXT, 0, true, get_key },
	{ "MODE", "", TEXT, 0, true, get_mode },
	{ "NATTCH", "", NUMBER, 0, true, get_nattch },
	{ "CPID", "", NUMBER, 0, true, get_cpid },
	{ "LPID", "", NUMBER, 0, true, get_lpid },
	{}
};

static const struct column extent_columns[] = {
	{ "START", "", SIZE, 0, true, get_start },
	{ "LENGTH", "", SIZE, 0, true, get_length },
	{ "STATE", "", TEXT, 0, true, get_state },
	{ "ORDER", "", NUMBER, 0, true, get_order },
	{ "NODE", "", NUMBER, 0, true, get_node },
	{ "SWAP", "", NUMBER, 0, true, get_swap },
	{}
};

static void print_lines(struct output *output, const struct column *columns,
			const char *name, const struct line *lines,
			size_t count)
{
	const void **things = xcalloc(count, sizeof(*things));
	size_t i;

	for (i = 0; i < count; i++)
		things[i] = &lines[i];
	output->all = columns;
	output->list = NULL;
	output_choose(output);
	output_print(output, name, NULL, things, count);
	free(things);
}

/* The object's rows of one of the tables that were joined. */
static void print_other(struct output *output, const struct objects *objects,
			const struct object *object, enum other other,
			const struct column *columns, const char *name,
			const char *title)
{
	const struct rows *rows = &object->in[other];
	struct line *lines = xcalloc(rows->count, sizeof(*lines));
	size_t count = rows->count, i;

	for (i = 0; i < count; i++)
		lines[i] = (struct line){
			.table = &objects->others[other],
			.row = objects->order[other][rows->first + i],
		};
	if (other == HOLDERS && object_unheld(objects, object))
		count = 0;
	if (output->form == FOR_PEOPLE && count)
		printf("\n%s:\n", title);
	if (output->form != FOR_PEOPLE || count)
		print_lines(output, columns, name, lines, count);
	free(lines);
}

/* The rows of a table that are not joined; all of it without an id. */
static void print_table(struct output *output, const struct table *table,
			const char *id, const struct column *columns,
			const char *name, const char *title)
{
	struct line *lines = xcalloc(table->rows, sizeof(*lines));
	int ids = id ? table_column(table, "id") : 0;
	size_t count = 0, row;

	for (row = 0; row < table->rows; row++)
		if (!id || !strcmp(table_cell(table, row, ids), id))
			lines[count++] = (struct line){ table, row };
	if (output->form == FOR_PEOPLE && count)
		printf("\n%s:\n", title);
	if (output->form != FOR_PEOPLE || count)
		print_lines(output, columns, name, lines, count);
	free(lines);
}

static void print_object(struct output *output, const struct objects *objects,
			 const struct object *object)
{
	const void *things[] = { object };
	size_t i;

	output->all = object_columns;
	output->everything = true;
	output_choose(output);
	output->everything = false;
	if (output->form != FOR_PEOPLE) {
		output_print(output, "object", objects, things, 1);
		return;
	}
	for (i = 0; object_columns[i].name; i++) {
		const struct column *column = &object_columns[i];
		char *text = output_value(output, column, objects, object);

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

static enum state most_of(const uint64_t *cell)
{
	enum state state, most = HOLE;

	for (state = HOLE; state < STATES; state++)
		if (cell[state] > cell[most])
			most = state;
	return most;
}

/* At most eight lines, of as many cells as fit; each stands for whole pages. */
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
		printf("%s%s", sign(most_of(cells[nr])),
		       nr == count - 1 || nr % width == width - 1 ? "\n" : "");
	size = size_text(cell);
	printf("%s resident  %s swapped  %s hole; %s each, what most of it is\n",
	       sign(RESIDENT), sign(SWAPPED), sign(HOLE), size);
	free(size);
	free(cells);
}

static void usage(void)
{
	puts("Usage: shmstat show [options] OBJECT\n"
	     "Shows everything known of an object: an id as in shmstat list -o ID,\n"
	     "a path, shmid:N, PID:FD or PID:ADDRESS.\n\n"
	     OUTPUT_HELP);
}

const struct option show_options[] = {
	OUTPUT_OPTIONS,
	{}
};

/* What the columns of segments show. */
static const char *const of_segments[] = {
	"id", "ipcns", "shmid", "key", "mode", "nattch", "cpid", "lpid"
};

static const struct table_plan segments = {
	.name = "sysv",
	.columns = of_segments,
	.count = sizeof(of_segments) / sizeof(of_segments[0]),
};

int command_show(int argc, char **argv)
{
	const struct object *object;
	struct table extents, sysv;
	struct output output = {};
	struct objects objects;
	int c;

	while ((c = getopt_long(argc, argv, OUTPUT_BASIC, show_options,
				NULL)) >= 0) {
		if (c == 'h') {
			usage();
			return 0;
		}
		if (!output_option(&output, c, optarg))
			wrong_usage(argv);
	}
	if (optind != argc - 1)
		errx(2, "show wants one object; see shmstat show --help");
	objects_load(&objects, NEED_ALL);
	object = find_object(&objects, argv[optind]);
	table_load_plan(&sysv, NULL, &segments);
	table_load_extents(&extents, object->id);

	output_begin(&output);
	print_object(&output, &objects, object);
	print_table(&output, &sysv, object->id, segment_columns, "segments",
		    "Segment");
	print_other(&output, &objects, object, HOLDERS, holder_columns,
		    "holders", "Held by");
	print_other(&output, &objects, object, MAPS, map_columns, "maps",
		    "Mapped");
	print_other(&output, &objects, object, CGROUPS, cgroup_columns,
		    "cgroups", "Paid for by");
	if (output.form == FOR_PEOPLE)
		draw(&extents, object->pagesize);
	else
		print_table(&output, &extents, NULL, extent_columns, "extents",
			    "");
	if (output.form != FOR_PEOPLE || object_unheld(&objects, object))
		sockets_print(&output);
	output_end(&output);
	table_free(&extents);
	table_free(&sysv);
	objects_free(&objects);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Memory over time, from a recording.
 *
 * A row of a table says from which sample on it was there, and up to which one. So
 * what all groups have is kept up from sample to sample by the rows that come and
 * go: each sample is looked at, and none is read as a whole. That is done twice:
 * once to find the groups that had most, then for the points.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroups_then.h"
#include "plot.h"
#include "salvage.h"
#include "set.h"
#include "text.h"
#include "xalloc.h"

/* A name may have 4,096 bytes, of four characters each. */
#define MAX_NAME	1024

/* There is a gap where a step is more than so many times as long as is usual. */
#define GAP		3
/* How many steps tell that, on either side. */
#define AROUND		4

/* Groups that no text stands for. */
enum {
	NO_TEXT = -1,
	SEVERAL = -2,
	RESIDENT = -3,
	SWAPPED = -4,
	SIZE_LINE = -5,
};

static const char *const words[PLOT_KEYS] = {
	[PLOT_KIND]		= "kind",
	[PLOT_COMM]		= "comm",
	[PLOT_UNIT]		= "unit",
	[PLOT_CONTAINER]	= "container",
	[PLOT_CGROUP]		= "cgroup",
	[PLOT_OBJECT]		= "object",
};

const char *plot_word(enum plot_key key)
{
	return words[key];
}

/* The key of a word; ends the program, with an explanation, if it is none. */
enum plot_key plot_parse(const char *word)
{
	enum plot_key key;

	for (key = 0; key < PLOT_KEYS; key++)
		if (!strcmp(words[key], word))
			return key;
	errx(2, "--by: '%s' is none; there are " PLOT_WORDS, word);
}

/**
 * struct instant - a sample
 * @nr: its number
 * @time: when it was taken
 * @pagesize: of the machine
 * @machine: which one, and booted for which time
 * @segment: samples of one follow each other without a gap
 * @extra: it was taken out of turn
 */
struct instant {
	int64_t nr;
	int64_t time;
	uint64_t pagesize;
	int64_t machine;
	uint32_t segment;
	bool extra;
};

/**
 * struct part - what an object adds to a group, or what a row says of an object
 * @whose: the number of the group; the text that the row has
 * @number: bytes; or how many such rows
 */
struct part {
	int64_t whose;
	int64_t number;
};

/**
 * struct parts - some of them
 * @list: the parts
 * @count: how many
 * @room: how many there is room for
 */
struct parts {
	struct part *list;
	size_t count;
	size_t room;
};

/**
 * struct thing - an object
 * @resident: in memory, in bytes, as the next two
 * @swapped: in swap
 * @size: its size
 * @kind: a text
 * @there: whether it is in the sample
 * @counted: whether its memory is drawn: Shmem counts it, or it was asked for
 * @touched: whether it has changed since its groups were looked at
 * @rows: those of it in the other table
 * @parts: what it adds to groups
 */
struct thing {
	uint64_t resident;
	uint64_t swapped;
	uint64_t size;
	int64_t kind;
	bool there;
	bool counted;
	bool touched;
	struct parts rows;
	struct parts parts;
};

/**
 * struct group - all of one text
 * @text: the text, or one of those that stand for none
 * @name: of an object, a text
 * @label: of a unit or a container
 * @now: what it has, in bytes
 * @max: the most that it had
 * @touched: whether that has changed
 * @slot: where it is in the picture
 */
struct group {
	int64_t text;
	int64_t name;
	char *label;
	uint64_t now;
	uint64_t max;
	bool touched;
	size_t slot;
};

/**
 * struct list - numbers of things or groups
 * @list: the numbers
 * @count: how many
 * @room: how many there is room for
 */
struct list {
	uint32_t *list;
	size_t count;
	size_t room;
};

/* The rows that come and go, of the objects and of the other table. */
enum stream {
	OBJECTS_GO,
	ROWS_GO,
	OBJECTS_COME,
	ROWS_COME,
	STREAMS,
};

/**
 * struct sweep - what goes on
 * @db: the recording
 * @path: of its file, for messages
 * @plan: what is asked for
 * @plot: what is filled
 * @instants: the samples
 * @count: how many
 * @room: how many there is room for
 * @one: the text of the object that was asked for
 * @streams: what is read
 * @next: the sample that the next row of each comes or goes at
 * @ids: the texts of all objects
 * @things: they themselves
 * @things_room: how many there is room for
 * @changed: those that have changed
 * @texts: what groups have in common
 * @of_text: the group of each text
 * @of_text_room: for how many there is room
 * @groups: the groups
 * @groups_count: how many
 * @groups_room: how many there is room for
 * @altered: those that have
 * @pagesize: of the sample
 * @now: what each group of the picture has
 * @was: what each group had when it was last looked at
 * @best: the point of each column so far, without values where there is none
 * @damaged: whether something could not be read
 */
struct sweep {
	sqlite3 *db;
	const char *path;
	const struct plot_plan *plan;
	struct plot *plot;
	struct instant *instants;
	size_t count;
	size_t room;
	int64_t one;
	struct sqlite3_stmt *streams[STREAMS];
	int64_t next[STREAMS];
	struct set ids;
	struct thing *things;
	size_t things_room;
	struct list changed;
	struct set texts;
	uint32_t *of_text;
	size_t of_text_room;
	struct group *groups;
	size_t groups_count;
	size_t groups_room;
	struct list altered;
	uint64_t pagesize;
	uint64_t *now;
	uint64_t *was;
	struct plot_point *best;
	bool damaged;
};

static void list_add(struct list *list, uint32_t nr)
{
	list->list = xgrow(list->list, list->count, &list->room,
			   sizeof(*list->list));
	list->list[list->count++] = nr;
}

/* Returns false, so that the reading ends. */
static bool damaged(struct sweep *sweep)
{
	int error = sqlite3_errcode(sweep->db);

	if (error != SQLITE_CORRUPT && error != SQLITE_NOTADB)
		errx(1, "%s: %s", sweep->path, sqlite3_errmsg(sweep->db));
	sweep->damaged = true;
	return false;
}

static sqlite3_stmt *prepare(struct sweep *sweep, const char *sql)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(sweep->db, sql, -1, &statement, NULL))
		errx(1, "%s: %s", sweep->path, sqlite3_errmsg(sweep->db));
	return statement;
}

/* Whether there is one more row. */
static bool step(struct sweep *sweep, sqlite3_stmt *statement)
{
	int result = sqlite3_step(statement);

	return result == SQLITE_ROW ||
	       (result != SQLITE_DONE && damaged(sweep));
}

static void read_instants(struct sweep *sweep)
{
	sqlite3_stmt *statement = prepare(sweep,
		"SELECT sample, time, machine, pagesize, why FROM sample LEFT JOIN machine USING(machine) WHERE time BETWEEN ?1 AND ?2 ORDER BY sample");
	struct plot *plot = sweep->plot;

	sqlite3_bind_int64(statement, 1, sweep->plan->from);
	sqlite3_bind_int64(statement, 2, sweep->plan->until);
	while (step(sweep, statement)) {
		const char *why = (void *)sqlite3_column_text(statement, 4);
		bool oom = why && !strcmp(why, "oom");
		bool pressure = why && !strcmp(why, "pressure");
		int64_t time = sqlite3_column_int64(statement, 1);

		sweep->instants = xgrow(sweep->instants, sweep->count,
					&sweep->room, sizeof(*sweep->instants));
		sweep->instants[sweep->count++] = (struct instant){
			.nr = sqlite3_column_int64(statement, 0),
			.time = time,
			.machine = sqlite3_column_int64(statement, 2),
			.pagesize = sqlite3_column_int64(statement, 3) ?:
				    sysconf(_SC_PAGESIZE),
			.extra = oom || pressure,
		};
		if (oom && !plot->oom++)
			plot->first_oom = time;
		plot->pressure += pressure;
	}
	sqlite3_finalize(statement);
	plot->samples = sweep->count;
}

static int compare_steps(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The median of some steps; 0 if there are none. */
static int64_t median(const int64_t *steps, size_t count)
{
	int64_t known[AROUND];
	size_t used = 0, i;

	for (i = 0; i < count; i++)
		if (steps[i] > 0)
			known[used++] = steps[i];
	if (!used)
		return 0;
	qsort(known, used, sizeof(*known), compare_steps);
	return known[used / 2];
}

/*
 * How far apart samples are that were taken in turn, before a step or behind it,
 * as the interval may be another one there. INT64_MAX if that is not known.
 */
static int64_t usual_step(const int64_t *steps, size_t count, size_t nr)
{
	size_t first = nr > AROUND ? nr - AROUND : 0;
	size_t more = nr + 1 < count ? count - nr - 1 : 0;
	int64_t before = median(&steps[first], nr - first);
	int64_t behind = more ? median(&steps[nr + 1], more < AROUND ? more :
				       AROUND) : 0;
	int64_t usual = before > behind ? before : behind;

	return usual ?: INT64_MAX;
}

/* Where the recorder did not run, the machine booted or its clock was set back. */
static void find_gaps(struct sweep *sweep)
{
	int64_t *steps = xcalloc(sweep->count, sizeof(*steps));
	struct instant *list = sweep->instants;
	size_t count = 0, nr = 0, last = SIZE_MAX, i;

	for (i = 0; i < sweep->count; i++) {
		if (list[i].extra)
			continue;
		if (last != SIZE_MAX)
			steps[count++] = list[i].machine == list[last].machine ?
					 list[i].time - list[last].time : 0;
		last = i;
	}
	/* Samples in turn so far, of which there is one more than steps. */
	last = !list[0].extra;
	for (i = 1; i < sweep->count; i++) {
		int64_t now = list[i].time - list[i - 1].time, usual;

		nr = last ? last - 1 : 0;
		usual = usual_step(steps, count, nr);
		list[i].segment = list[i - 1].segment;
		if (list[i].machine != list[i - 1].machine || now < 0 ||
		    now / GAP > usual) {
			list[i].segment++;
			sweep->plot->gaps++;
		}
		last += !list[i].extra;
	}
	free(steps);
}

/* The column that a moment is in. */
static size_t column_of(const struct sweep *sweep, int64_t time)
{
	const struct plot *plot = sweep->plot;
	size_t columns = sweep->plan->columns, column;

	column = (double)(time - plot->start) / (plot->end - plot->start) *
		 columns;
	return column < columns ? column : columns - 1;
}

/* The axis is as long as was asked for, but not longer than the recording. */
static void find_ends(struct sweep *sweep)
{
	sqlite3_stmt *statement = prepare(sweep,
		"SELECT min(time), max(time) FROM sample");
	struct plot *plot = sweep->plot;

	if (step(sweep, statement)) {
		plot->start = sqlite3_column_int64(statement, 0);
		plot->end = sqlite3_column_int64(statement, 1);
	}
	sqlite3_finalize(statement);
	if (plot->start < sweep->plan->from)
		plot->start = sweep->plan->from;
	if (plot->end > sweep->plan->until)
		plot->end = sweep->plan->until;
	/* Of one moment, a minute. */
	if (plot->start >= plot->end) {
		plot->start -= 30000000;
		plot->end = plot->start + 60000000;
	}
}

static struct thing *find_thing(struct sweep *sweep, int64_t id)
{
	size_t nr = set_find(&sweep->ids, id);
	struct thing *thing;

	if (nr == NOT_FOUND) {
		nr = sweep->ids.count;
		sweep->things = xgrow(sweep->things, nr, &sweep->things_room,
				      sizeof(*sweep->things));
		sweep->things[nr] = (struct thing){};
		set_add(&sweep->ids, id);
	}
	thing = &sweep->things[nr];
	if (!thing->touched)
		list_add(&sweep->changed, nr);
	thing->touched = true;
	return thing;
}

static void parts_add(struct parts *parts, int64_t whose, int64_t number)
{
	size_t i;

	for (i = 0; i < parts->count; i++) {
		if (parts->list[i].whose != whose)
			continue;
		parts->list[i].number += number;
		if (!parts->list[i].number)
			parts->list[i] = parts->list[--parts->count];
		return;
	}
	parts->list = xgrow(parts->list, parts->count, &parts->room,
			    sizeof(*parts->list));
	parts->list[parts->count++] = (struct part){ whose, number };
}

static size_t new_group(struct sweep *sweep, int64_t text)
{
	sweep->groups = xgrow(sweep->groups, sweep->groups_count,
			      &sweep->groups_room, sizeof(*sweep->groups));
	sweep->groups[sweep->groups_count] = (struct group){
		.text = text, .name = NO_TEXT, .slot = SIZE_MAX
	};
	return sweep->groups_count++;
}

static void set_group(struct sweep *sweep, int64_t text, size_t group)
{
	size_t nr = sweep->texts.count;

	sweep->of_text = xgrow(sweep->of_text, nr, &sweep->of_text_room,
			       sizeof(*sweep->of_text));
	sweep->of_text[nr] = group;
	set_add(&sweep->texts, text);
}

static size_t find_group(struct sweep *sweep, int64_t text)
{
	size_t nr = set_find(&sweep->texts, text);

	if (nr != NOT_FOUND)
		return sweep->of_text[nr];
	nr = new_group(sweep, text);
	set_group(sweep, text, nr);
	return nr;
}

/* A text of the recording, to be freed. Somebody else may have put in anything. */
static char *read_text(struct sweep *sweep, int64_t text)
{
	static const char sql[] = "SELECT value FROM text WHERE text = ?1";
	sqlite3_stmt *statement = prepare(sweep, sql);
	char *value = NULL;

	sqlite3_bind_int64(statement, 1, text);
	if (step(sweep, statement))
		value = escape_more((void *)sqlite3_column_text(statement, 0) ?:
				    "-");
	sqlite3_finalize(statement);
	return value ?: xstrdup("?");
}

static void add_part(struct sweep *sweep, struct thing *thing, int64_t text,
		     uint64_t bytes)
{
	if (bytes)
		parts_add(&thing->parts, find_group(sweep, text), bytes);
}

static bool by_charge(const struct sweep *sweep)
{
	return sweep->plan->key == PLOT_UNIT ||
	       sweep->plan->key == PLOT_CONTAINER ||
	       sweep->plan->key == PLOT_CGROUP;
}

/* Which groups an object's memory is of. */
static void divide(struct sweep *sweep, struct thing *thing, int64_t id)
{
	uint64_t memory = thing->resident + thing->swapped;
	uint64_t left = thing->resident;
	size_t i;

	if (!thing->there || !thing->counted)
		return;
	switch (sweep->plan->key) {
	case PLOT_KIND:
		add_part(sweep, thing, thing->kind, memory);
		break;
	case PLOT_COMM:
		add_part(sweep, thing, thing->rows.count > 1 ? SEVERAL :
			 thing->rows.count ? thing->rows.list[0].whose :
			 NO_TEXT, memory);
		break;
	case PLOT_OBJECT:
		add_part(sweep, thing, id, memory);
		break;
	case PLOT_ONE:
		add_part(sweep, thing, RESIDENT, thing->resident);
		add_part(sweep, thing, SWAPPED, thing->swapped);
		add_part(sweep, thing, SIZE_LINE, thing->size);
		break;
	default:
		for (i = 0; i < thing->rows.count; i++) {
			uint64_t charged = thing->rows.list[i].number;

			add_part(sweep, thing, thing->rows.list[i].whose,
				 charged);
			left -= charged < left ? charged : left;
		}
		/* The kernel does not tell whose memory is in swap. */
		add_part(sweep, thing, NO_TEXT, left + thing->swapped);
	}
}

static void alter(struct sweep *sweep, const struct part *part, int sign)
{
	struct group *group = &sweep->groups[part->whose];

	group->now += sign * part->number;
	if (!group->touched)
		list_add(&sweep->altered, part->whose);
	group->touched = true;
}

/* The groups of what has changed. */
static void update_groups(struct sweep *sweep)
{
	size_t i, nr;

	for (i = 0; i < sweep->changed.count; i++) {
		struct thing *thing = &sweep->things[sweep->changed.list[i]];

		for (nr = 0; nr < thing->parts.count; nr++)
			alter(sweep, &thing->parts.list[nr], -1);
		thing->parts.count = 0;
		divide(sweep, thing, sweep->ids.list[sweep->changed.list[i]]);
		for (nr = 0; nr < thing->parts.count; nr++)
			alter(sweep, &thing->parts.list[nr], 1);
		thing->touched = false;
	}
	sweep->changed.count = 0;
}

/* Columns of what streams read, behind the sample. */
enum { ID = 1, KIND, PAGESIZE, SIZE, IN_MEMORY, IN_SWAP, OBJECT_NAME };
enum { TEXT = 2, COUNT };

static void take_object(struct sweep *sweep, sqlite3_stmt *row)
{
	int64_t id = sqlite3_column_int64(row, ID);
	struct thing *thing = find_thing(sweep, id);

	thing->there = true;
	thing->counted = sweep->one || (uint64_t)sqlite3_column_int64(row,
					PAGESIZE) == sweep->pagesize;
	thing->kind = sqlite3_column_int64(row, KIND);
	thing->size = sqlite3_column_int64(row, SIZE);
	thing->resident = sqlite3_column_int64(row, IN_MEMORY);
	thing->swapped = sqlite3_column_int64(row, IN_SWAP);
	if (sweep->plan->key == PLOT_OBJECT && thing->counted) {
		size_t nr = find_group(sweep, id);

		sweep->groups[nr].name = sqlite3_column_int64(row, OBJECT_NAME);
	}
	if (sweep->one && !sweep->plot->what)
		sweep->plot->what =
			read_text(sweep, sqlite3_column_int64(row,
							      OBJECT_NAME));
}

static void take(struct sweep *sweep, enum stream stream)
{
	sqlite3_stmt *row = sweep->streams[stream];
	struct thing *thing;

	if (stream == OBJECTS_COME) {
		take_object(sweep, row);
		return;
	}
	thing = find_thing(sweep, sqlite3_column_int64(row, ID));
	if (stream == OBJECTS_GO)
		thing->there = false;
	else
		parts_add(&thing->rows, sqlite3_column_int64(row, TEXT),
			  (stream == ROWS_GO ? -1 : 1) *
			  sqlite3_column_int64(row, COUNT));
}

static void advance(struct sweep *sweep, enum stream stream)
{
	sqlite3_stmt *row = sweep->streams[stream];

	sweep->next[stream] = row && step(sweep, row) ?
			      sqlite3_column_int64(row, 0) : INT64_MAX;
}

/* All that came and went up to a sample. */
static void catch_up(struct sweep *sweep, int64_t nr)
{
	while (true) {
		enum stream stream, first = 0;

		/* At the same sample, what goes comes first. */
		for (stream = 1; stream < STREAMS; stream++)
			if (sweep->next[stream] < sweep->next[first])
				first = stream;
		if (sweep->next[first] > nr ||
		    sweep->next[first] == INT64_MAX)
			break;
		take(sweep, first);
		advance(sweep, first);
	}
	update_groups(sweep);
}

/* What is read of the objects, and of the other table: a text and a number. */
#define OF_OBJECTS							\
	"id, kind, pagesize, size, resident, swapped, name FROM objects_row WHERE "
#define OF_HOLDERS							\
	"id, comm, 1 FROM holders_row WHERE \"by\" IN (" TEXT_OF("process") \
	") AND comm IS NOT NULL AND comm NOT IN (" TEXT_OF("-") ") AND "
#define OF_CGROUPS							\
	"id, path, resident FROM cgroups_row WHERE path IS NOT NULL AND path NOT IN (" \
	TEXT_OF("-") ") AND "
#define TEXT_OF(value)	"SELECT text FROM text WHERE value = '" value "'"

/* The first sample and the last one. */
static void bind_range(const struct sweep *sweep, sqlite3_stmt *statement)
{
	sqlite3_bind_int64(statement, 1, sweep->instants[0].nr);
	sqlite3_bind_int64(statement, 2, sweep->instants[sweep->count - 1].nr);
}

static void open_stream(struct sweep *sweep, enum stream stream,
			const char *what)
{
	bool go = stream == OBJECTS_GO || stream == ROWS_GO;
	const char *which = sweep->one ? "AND id = ?3" : "";
	const char *format = go ?
		"SELECT until, %s until > ?1 AND until <= ?2 %s ORDER BY 1" :
		"SELECT max(first, ?1), %s first <= ?2 AND ifnull(until > ?1, 1) %s ORDER BY 1";
	char *sql = xasprintf(format, what, which);

	sweep->streams[stream] = prepare(sweep, sql);
	free(sql);
	bind_range(sweep, sweep->streams[stream]);
	if (sweep->one)
		sqlite3_bind_int64(sweep->streams[stream], 3, sweep->one);
}

static void open_streams(struct sweep *sweep)
{
	const char *rows = sweep->plan->key == PLOT_COMM ? OF_HOLDERS :
			   by_charge(sweep) ? OF_CGROUPS : NULL;
	enum stream stream;

	open_stream(sweep, OBJECTS_GO, OF_OBJECTS);
	open_stream(sweep, OBJECTS_COME, OF_OBJECTS);
	if (rows) {
		open_stream(sweep, ROWS_GO, rows);
		open_stream(sweep, ROWS_COME, rows);
	}
	for (stream = 0; stream < STREAMS; stream++)
		advance(sweep, stream);
}

static void clear_things(struct sweep *sweep)
{
	size_t i;

	for (i = 0; i < sweep->ids.count; i++) {
		free(sweep->things[i].rows.list);
		free(sweep->things[i].parts.list);
	}
	free(sweep->things);
	sweep->things = NULL;
	sweep->things_room = 0;
	set_free(&sweep->ids);
	sweep->ids = (struct set){};
	sweep->changed.count = 0;
	sweep->altered.count = 0;
	for (i = 0; i < sweep->groups_count; i++) {
		sweep->groups[i].now = 0;
		sweep->groups[i].touched = false;
	}
}

/* Looks at each sample, with what all groups have in it. */
static void look(struct sweep *sweep,
		 void (*visit)(struct sweep *sweep, const struct instant *instant))
{
	enum stream stream;
	size_t i;

	open_streams(sweep);
	for (i = 0; i < sweep->count; i++) {
		size_t nr;

		/* Which tells whether Shmem counts what comes. */
		sweep->pagesize = sweep->instants[i].pagesize;
		catch_up(sweep, sweep->instants[i].nr);
		visit(sweep, &sweep->instants[i]);
		for (nr = 0; nr < sweep->altered.count; nr++)
			sweep->groups[sweep->altered.list[nr]].touched = false;
		sweep->altered.count = 0;
	}
	for (stream = 0; stream < STREAMS; stream++) {
		sqlite3_finalize(sweep->streams[stream]);
		sweep->streams[stream] = NULL;
	}
	clear_things(sweep);
}

/* The first time: the most that each group has. */
static void measure(struct sweep *sweep, const struct instant *instant)
{
	size_t i;

	(void)instant;
	for (i = 0; i < sweep->altered.count; i++) {
		struct group *group = &sweep->groups[sweep->altered.list[i]];

		if (group->now > group->max)
			group->max = group->now;
	}
}

static int by_max(const void *a, const void *b)
{
	const struct group *x = *(const struct group *const *)a;
	const struct group *y = *(const struct group *const *)b;

	return (x->max < y->max) - (x->max > y->max) ?:
	       (x->text > y->text) - (x->text < y->text);
}

/* What stands for no text. */
static char *own_name(const struct sweep *sweep, int64_t text)
{
	switch (text) {
	case SEVERAL:
		return xstrdup("(several programs)");
	case RESIDENT:
		return xstrdup("in memory");
	case SWAPPED:
		return xstrdup("in swap");
	case SIZE_LINE:
		return xstrdup("its size");
	}
	if (sweep->plan->key == PLOT_COMM)
		return xstrdup("(no process)");
	return xasprintf("(no %s, or in swap)", words[sweep->plan->key]);
}

/* Not more of a name than anybody would look at, and no part of a "\ooo". */
static char *cut_name(char *name)
{
	size_t length = strlen(name), i;

	for (i = 0; i < length && i < MAX_NAME;
	     i += octal_byte(name + i) >= 0 ? 4 : 1)
		;
	name[i] = '\0';
	return name;
}

static struct plot_group name_group(struct sweep *sweep,
				    const struct group *group)
{
	if (group->text < 0)
		return (struct plot_group){
			.name = own_name(sweep, group->text), .own = true,
			.line = group->text == SIZE_LINE
		};
	if (group->label)
		return (struct plot_group){
			.name = cut_name(xstrdup(group->label))
		};
	return (struct plot_group){
		.name = cut_name(read_text(sweep, group->name >= 0 ?
					   group->name : group->text)),
		.id = sweep->plan->key == PLOT_OBJECT ?
		      read_text(sweep, group->text) : NULL,
	};
}

/* Which groups the picture has: those that had most, or all of one object. */
static void choose_groups(struct sweep *sweep)
{
	struct group **order = xcalloc(sweep->groups_count, sizeof(*order));
	bool one = sweep->plan->key == PLOT_ONE;
	size_t count = 0, named, i;
	struct plot *plot = sweep->plot;

	for (i = 0; i < sweep->groups_count; i++)
		if (sweep->groups[i].max || one)
			order[count++] = &sweep->groups[i];
	if (count && !one)
		qsort(order, count, sizeof(*order), by_max);
	named = count;
	/* One more is no more than "others" would be. */
	if (!one && count > sweep->plan->top + 1)
		named = sweep->plan->top;
	plot->groups = xcalloc(named + 1, sizeof(*plot->groups));
	for (i = 0; i < count; i++)
		order[i]->slot = i < named ? i : named;
	for (i = 0; i < named; i++)
		plot->groups[plot->count++] = name_group(sweep, order[i]);
	if (named < count)
		plot->groups[plot->count++] = (struct plot_group){
			.name = xasprintf("(%zu others)", count - named),
			.own = true, .rest = true
		};
	free(order);
}

/* The second time: what is drawn. */
static void draw(struct sweep *sweep, const struct instant *instant)
{
	struct plot_point *best = &sweep->best[column_of(sweep, instant->time)];
	struct plot *plot = sweep->plot;
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < sweep->altered.count; i++) {
		uint32_t nr = sweep->altered.list[i];
		struct group *group = &sweep->groups[nr];

		if (group->slot != SIZE_MAX)
			sweep->now[group->slot] += group->now -
						    sweep->was[nr];
		sweep->was[nr] = group->now;
	}
	for (i = 0; i < plot->count; i++) {
		struct plot_group *group = &plot->groups[i];

		group->last = sweep->now[i];
		if (group->last > group->max)
			group->max = group->last;
		total += group->line ? 0 : group->last;
	}
	plot->last = total;
	if (total > plot->max)
		plot->max = total;
	if (best->values && total <= best->total)
		return;
	best->values = best->values ?: xcalloc(plot->count,
					       sizeof(*best->values));
	memcpy(best->values, sweep->now,
	       plot->count * sizeof(*best->values));
	best->time = instant->time;
	best->segment = instant->segment;
	best->total = total;
}

static void draw_points(struct sweep *sweep)
{
	struct plot *plot = sweep->plot;
	size_t column;

	sweep->now = xcalloc(plot->count, sizeof(*sweep->now));
	sweep->was = xcalloc(sweep->groups_count, sizeof(*sweep->was));
	sweep->best = xcalloc(sweep->plan->columns, sizeof(*sweep->best));
	look(sweep, draw);
	for (column = 0; column < sweep->plan->columns; column++)
		if (sweep->best[column].values)
			sweep->best[plot->points_count++] =
				sweep->best[column];
	plot->points = sweep->best;
	free(sweep->now);
	free(sweep->was);
}

/* The first of each reason in a column. */
static void find_marks(struct sweep *sweep)
{
	sqlite3_stmt *statement = prepare(sweep,
		"SELECT time, why = 'oom' FROM sample WHERE why IN ('pressure', 'oom') AND time BETWEEN ?1 AND ?2 ORDER BY time");
	size_t seen[2] = { SIZE_MAX, SIZE_MAX }, room = 0;
	struct plot *plot = sweep->plot;

	sqlite3_bind_int64(statement, 1, sweep->plan->from);
	sqlite3_bind_int64(statement, 2, sweep->plan->until);
	while (step(sweep, statement)) {
		int64_t time = sqlite3_column_int64(statement, 0);
		bool oom = sqlite3_column_int(statement, 1);
		size_t column = column_of(sweep, time);

		if (seen[oom] == column)
			continue;
		seen[oom] = column;
		plot->marks = xgrow(plot->marks, plot->marks_count, &room,
				    sizeof(*plot->marks));
		plot->marks[plot->marks_count++] =
			(struct plot_mark){ time, oom };
	}
	sqlite3_finalize(statement);
}

/* The last sample before one. */
static const struct instant *last_before(const struct sweep *sweep, int64_t nr)
{
	size_t first = 0, end = sweep->count;

	while (end - first > 1) {
		size_t middle = first + (end - first) / 2;

		if (sweep->instants[middle].nr < nr)
			first = middle;
		else
			end = middle;
	}
	return &sweep->instants[first];
}

/* Those that are charged for something; returns how many. */
static size_t read_cgroups(struct sweep *sweep, struct cgroup_then **list)
{
	sqlite3_stmt *statement = prepare(sweep,
		"SELECT path, value, min(first), max(CASE WHEN until <= ?2 THEN until ELSE ?2 + 1 END) FROM cgroups_row JOIN text ON text = path WHERE first <= ?2 AND (until IS NULL OR until > ?1) GROUP BY path ORDER BY 4 DESC");
	size_t count = 0, room = 0;

	*list = NULL;
	bind_range(sweep, statement);
	while (step(sweep, statement)) {
		const char *path = (void *)sqlite3_column_text(statement, 1);
		const struct instant *last;

		last = last_before(sweep, sqlite3_column_int64(statement, 3));
		*list = xgrow(*list, count, &room, sizeof(**list));
		(*list)[count++] = (struct cgroup_then){
			.text = sqlite3_column_int64(statement, 0),
			.path = xstrdup(path ?: "-"),
			.first = sqlite3_column_int64(statement, 2),
			.last = last->nr,
			.time = last->time,
		};
	}
	sqlite3_finalize(statement);
	return count;
}

/* The group of a name. */
static size_t find_label(struct sweep *sweep, struct hash *hash,
			 int64_t text, const char *label)
{
	uint32_t key, nr;
	size_t at;

	if (!label)
		return find_group(sweep, NO_TEXT);
	key = hash_bytes(label, strlen(label));
	for (at = hash_first(hash, key); hash_used(hash, at);
	     at = hash_next(hash, at))
		if (hash_nr(hash, at, key, &nr) &&
		    !strcmp(sweep->groups[nr].label, label))
			return nr;
	nr = new_group(sweep, text);
	sweep->groups[nr].label = xstrdup(label);
	hash_add(hash, key, nr);
	return nr;
}

/* Cgroups of one unit or container are one group. */
static void group_cgroups(struct sweep *sweep)
{
	struct cgroup_then *cgroups;
	struct hash hash = {};
	size_t count, i;

	count = read_cgroups(sweep, &cgroups);
	if (sweep->plan->key == PLOT_UNIT)
		cgroups_then_units(cgroups, count);
	else
		cgroups_then_containers(sweep->path, cgroups, count);
	for (i = 0; i < count; i++) {
		set_group(sweep, cgroups[i].text,
			  find_label(sweep, &hash, cgroups[i].text,
				     cgroups[i].label));
		free(cgroups[i].path);
		free(cgroups[i].label);
	}
	free(cgroups);
	hash_free(&hash);
}

/* The text of the object that was asked for. */
static void find_one(struct sweep *sweep)
{
	sqlite3_stmt *statement = prepare(sweep,
		"SELECT text FROM text WHERE value = ?1");

	sqlite3_bind_text(statement, 1, sweep->plan->id, -1, SQLITE_STATIC);
	if (step(sweep, statement))
		sweep->one = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	if (!sweep->one)
		errx(1, "%s: no object '%s'; ids are those that list -o ID has",
		     sweep->path, sweep->plan->id);
	/* In this order, and also where it has none. */
	find_group(sweep, RESIDENT);
	find_group(sweep, SWAPPED);
	find_group(sweep, SIZE_LINE);
}

static char *read_host(struct sweep *sweep)
{
	sqlite3_stmt *statement = prepare(sweep,
		"SELECT value FROM meta WHERE name = 'hostname'");
	const char *name;
	char *host = NULL;

	if (step(sweep, statement)) {
		name = (void *)sqlite3_column_text(statement, 0);
		if (name && *name)
			host = cut_name(escape_text(name, strlen(name)));
	}
	sqlite3_finalize(statement);
	return host;
}

static void free_groups(struct sweep *sweep)
{
	size_t i;

	for (i = 0; i < sweep->groups_count; i++)
		free(sweep->groups[i].label);
	free(sweep->groups);
}

/* What is read of each table. */
static const struct salvaged salvaged[] = {
	{ "meta", "name, value" },
	{ "sample", "sample, time, machine, why" },
	{ "machine", "machine, pagesize" },
	{ "text", "text, value" },
	{ "objects_row",
	  "first, until, id, kind, pagesize, size, resident, swapped, name" },
	{ "holders_row", "first, until, id, \"by\", comm" },
	{ "cgroups_row", "first, until, id, path, resident" },
	{}
};

/* Finds the groups and how much each has; returns whether all could be read. */
static bool find_groups(struct sweep *sweep)
{
	struct plot *plot = sweep->plot;

	sweep->damaged = false;
	sweep->count = 0;
	sweep->groups_count = 0;
	set_free(&sweep->texts);
	sweep->texts = (struct set){};
	*plot = (struct plot){ .key = sweep->plan->key, .id = sweep->plan->id };
	read_instants(sweep);
	if (!sweep->count && !sweep->damaged)
		errx(1, "%s: no sample was taken in that time", sweep->path);
	if (sweep->damaged)
		return false;
	find_gaps(sweep);
	find_ends(sweep);
	plot->host = read_host(sweep);
	if (plot->key == PLOT_ONE)
		find_one(sweep);
	if (plot->key == PLOT_UNIT || plot->key == PLOT_CONTAINER)
		group_cgroups(sweep);
	look(sweep, measure);
	return !sweep->damaged;
}

/**
 * plot_read - read what a picture shows
 * @plot: is filled; plot_free() it
 * @db: the recording, in one transaction
 * @path: of its file, for messages
 * @plan: what is asked for
 *
 * A column shows the sample in it in which all groups together have most, and what
 * each group has in that sample. The last and the largest values are of all
 * samples. Ends the program, with an explanation, if there is nothing to show.
 */
void plot_read(struct plot *plot, sqlite3 *db, const char *path,
	       const struct plot_plan *plan)
{
	struct sweep sweep = {
		.db = db, .path = path, .plan = plan, .plot = plot
	};
	sqlite3 *copy = NULL;

	if (!find_groups(&sweep)) {
		copy = salvage(db, path, salvaged);
		/* Names are asked for one by one. */
		sqlite3_exec(copy, "CREATE INDEX by_text ON text(text)", NULL,
			     NULL, NULL);
		free_groups(&sweep);
		sweep.groups = NULL;
		sweep.groups_room = 0;
		plot_free(plot);
		sweep.db = copy;
		if (!find_groups(&sweep) || !sweep.groups_count)
			errx(1, "%s: damaged: nothing of it can be read", path);
	}
	if (plan->key == PLOT_ONE && !plot->what)
		errx(1, "%s: no object '%s' was there in that time", path,
		     plan->id);
	choose_groups(&sweep);
	draw_points(&sweep);
	find_marks(&sweep);
	free(sweep.instants);
	free(sweep.changed.list);
	free(sweep.altered.list);
	free(sweep.of_text);
	free_groups(&sweep);
	set_free(&sweep.texts);
	sqlite3_close(copy);
}

void plot_free(struct plot *plot)
{
	size_t i;

	for (i = 0; i < plot->count; i++) {
		free(plot->groups[i].name);
		free(plot->groups[i].id);
	}
	for (i = 0; i < plot->points_count; i++)
		free(plot->points[i].values);
	free(plot->groups);
	free(plot->points);
	free(plot->marks);
	free(plot->what);
	free(plot->host);
	*plot = (struct plot){};
}

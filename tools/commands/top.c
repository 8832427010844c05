// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat top: the largest objects, or what they have in common, live, by ncurses.
 */
#include <curses.h>
#include <err.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "commands/commands.h"
#include "clock.h"
#include "fold.h"
#include "moment.h"
#include "object_columns.h"
#include "objects.h"
#include "output.h"
#include "replay.h"
#include "text.h"
#include "users.h"
#include "xalloc.h"

/**
 * struct entry - a line of the screen
 * @object: the object, or the largest of several; first, for its columns
 * @fold: several that are alike, or NULL
 * @growth: bytes a second, of memory and swap, since the previous sample
 */
struct entry {
	const struct object *object;
	const struct fold *fold;
	int64_t growth;
};

/**
 * struct sample - what there was at one moment
 * @objects: all objects
 * @group: what those on one line have in common
 * @folds: these lines, if there are such
 * @entries: all lines
 * @count: how many
 * @order: the entries, in the order of the screen
 * @moment: when that was
 * @sums: of all that Shmem counts
 * @growth: of these in memory and in swap, bytes a second
 */
struct sample {
	struct objects objects;
	enum fold_key group;
	struct folds folds;
	struct entry *entries;
	size_t count;
	const void **order;
	struct moment moment;
	struct sums sums;
	int64_t growth;
};

/**
 * struct screen - what is shown
 * @sample: the last sample
 * @group: what those on one line of the next one have in common
 * @column: what the list is sorted by
 * @reversed: whether the other way round
 * @selected: what the line under the cursor is called, or NULL
 * @cursor: where it is, and where the cursor stays when it is gone
 * @top: the first line on the screen
 * @inside: whether its holders are shown
 * @first: the first of these on the screen
 * @interval: seconds between samples
 * @note: what is to be said instead of the keys, once; or NULL
 */
struct screen {
	struct sample sample;
	enum fold_key group;
	const struct column *column;
	bool reversed;
	char *selected;
	size_t cursor;
	size_t top;
	bool inside;
	size_t first;
	double interval;
	const char *note;
};

/* One holder and how many more, until the next call; NULL for none. */
static const char *held_by(const struct objects *objects,
			   const struct object *object)
{
	size_t count = object_processes(objects, object);
	size_t first = object_process(objects, object), length;
	static char *text;
	FILE *out;

	free(text);
	text = NULL;
	if (!count)
		return NULL;
	out = xmemstream(&text, &length);
	fprintf(out, "%s/%s",
		object_other(objects, object, HOLDERS, first, "pid"),
		object_other(objects, object, HOLDERS, first, "comm"));
	if (count > 1)
		fprintf(out, " +%zu", count - 1);
	xfclose(out);
	return text;
}

COLUMN_GET(entry, growth, number, entry->growth)
COLUMN_GET(entry, held_by, text, held_by(all, entry->object))

static const struct column list_columns[] = {
	{ "RESIDENT", NULL, SIZE, get_object_resident, .width = 9, .key = 'r' },
	{ "SWAPPED", NULL, SIZE, get_object_swapped, .width = 9, .key = 's' },
	{ "SIZE", NULL, SIZE, get_object_size, .width = 9, .key = 'z' },
	{ "GROWTH/s", NULL, CHANGE, get_growth, .width = 9, .key = 'g' },
	{ "KIND", NULL, TEXT, get_object_cell, "kind", .width = 6, .key = 'k' },
	{ "USER", NULL, NAME, get_object_user, .width = 10, .key = 'u' },
	{ "HELD BY", NULL, NAME, get_held_by, .width = 22 },
	{ "NAME", NULL, NAME, get_object_cell, "name", .key = 'n' },
	{}
};

COLUMN_GET(entry, objects, number, entry->fold->objects)
COLUMN_GET(entry, resident, number, entry->fold->resident)
COLUMN_GET(entry, swapped, number, entry->fold->swapped)
COLUMN_GET(entry, memory, number, fold_memory(entry->fold))
COLUMN_GET(entry, kind, text, entry->fold->kind)
COLUMN_GET(entry, name, text, entry->fold->name)
COLUMN_GET(entry, exclusive, exclusive, entry->fold)
COLUMN_GET(entry, proportional, proportional, entry->fold)

static const struct column group_columns[] = {
	{ "OBJECTS", NULL, NUMBER, get_objects, .width = 9, .key = 'o' },
	{ "RESIDENT", NULL, SIZE, get_resident, .width = 9, .key = 'r' },
	{ "SWAPPED", NULL, SIZE, get_swapped, .width = 9, .key = 's' },
	{ "EXCLUSIVE", NULL, SIZE, get_exclusive, .width = 9, .key = 'x' },
	{ "PROPORTIONAL", NULL, SIZE, get_proportional, .width = 12,
	  .key = 'p' },
	{ "GROWTH/s", NULL, CHANGE, get_growth, .width = 9, .key = 'g' },
	{ "KIND", NULL, TEXT, get_kind, .width = 6, .key = 'k' },
	{ "GROUP", NULL, NAME, get_name, .key = 'n' },
	{}
};

static const struct column group_memory = {
	"MEMORY", NULL, SIZE, get_memory
};

static const struct column *columns_of(enum fold_key group)
{
	return group ? group_columns : list_columns;
}

static const struct column *memory_of(enum fold_key group)
{
	return group ? &group_memory : &memory_column;
}

static struct value get_uid_name(const struct column *column, const void *all,
				 const void *thing)
{
	struct value uid = get_row_cell(column, all, thing);

	return uid.none ? uid : text_value(user_name(uid.text));
}

static const struct column holder_columns[] = {
	{ "PID", NULL, NUMBER, get_row_cell, "pid", .width = 9 },
	{ "USER", NULL, NAME, get_uid_name, "uid", .width = 10 },
	{ "FDS", NULL, NUMBER, get_row_cell, "fds", .width = 9 },
	{ "MAPS", NULL, NUMBER, get_row_cell, "maps", .width = 8 },
	{ "HANDLES", NULL, NUMBER, get_row_cell, "handles", .width = 8 },
	{ "BY", NULL, TEXT, get_row_cell, "by", .width = 11 },
	{ "COMMAND", NULL, NAME, get_row_cell, "comm" },
	{}
};

/* What these need. */
#define WITH_TOP	(NEED(OBJECT_FLAGS) | NEED(OBJECT_TRUNCATE) |	\
			 NEED(HOLDER_PID) | NEED(HOLDER_COMM) |		\
			 NEED(HOLDER_UID) | NEED(HOLDER_FDS) |		\
			 NEED(HOLDER_MAPS) | NEED(HOLDER_HANDLES))

static int by_group(const void *a, const void *b)
{
	return folds_by_memory(((const struct entry *)a)->fold,
			       ((const struct entry *)b)->fold);
}

static void sort(struct screen *screen)
{
	const struct sample *sample = &screen->sample;

	column_sort(screen->column, &sample->objects, sample->order,
		    sample->count, screen->reversed,
		    sample->group ? by_group : objects_by_memory);
}

static void free_sample(struct sample *sample)
{
	folds_free(&sample->folds);
	objects_free(&sample->objects);
	free(sample->entries);
	free(sample->order);
}

/* In bytes a second, more than any machine has. */
#define MAX_GROWTH	1e18

/* Bytes a second, without what is less than one. */
static int64_t growth(uint64_t before, uint64_t now, double seconds)
{
	double rate = ((double)now - (double)before) / seconds;

	if (seconds <= 0)
		return 0;
	/* Of damaged tables it may be any number, or none. */
	return rate > -MAX_GROWTH && rate < MAX_GROWTH ? rate : 0;
}

/* Its lines, a fold of the objects each. */
static void fold_sample(struct sample *sample)
{
	const struct objects *objects = &sample->objects;
	const struct object **list = xcalloc(objects->count, sizeof(*list));
	struct members members = {};
	struct fold_plan plan = { sample->group, &members };
	size_t i;

	for (i = 0; i < objects->count; i++)
		list[i] = &objects->list[i];
	fold_objects(&sample->folds, &plan, objects, list, objects->count);
	members_free(&members);
	free(list);
	sample->count = sample->folds.count;
	sample->entries = xcalloc(sample->count, sizeof(*sample->entries));
	for (i = 0; i < sample->count; i++) {
		const struct fold *fold = &sample->folds.list[i];

		sample->entries[i] = (struct entry){ fold->largest, fold, 0 };
	}
}

/* Its lines, an object each. */
static void list_sample(struct sample *sample)
{
	size_t i;

	sample->count = sample->objects.count;
	sample->entries = xcalloc(sample->count, sizeof(*sample->entries));
	for (i = 0; i < sample->count; i++)
		sample->entries[i].object = &sample->objects.list[i];
}

static uint64_t entry_memory(const struct entry *entry)
{
	return entry->fold ? fold_memory(entry->fold) :
	       object_memory(entry->object);
}

/* What a line had in the sample before. */
static uint64_t memory_before(const struct sample *old,
			      const struct entry *entry)
{
	const struct object *object;
	const struct fold *fold;

	if (entry->fold) {
		fold = folds_find(&old->folds, entry->fold->name,
				  entry->fold->pagesize);
		return fold ? fold_memory(fold) : 0;
	}
	object = objects_find(&old->objects, entry->object->id);
	return object ? object_memory(object) : 0;
}

static void take_sample(struct screen *screen)
{
	struct sample old = screen->sample;
	struct sample new = { .group = screen->group };
	bool again = old.entries;
	double passed;
	size_t i;

	objects_load(&new.objects, WITH_TOP | fold_with(new.group));
	new.moment = moment_get();
	passed = moment_passed(&old.moment, &new.moment);
	new.sums = objects_sum(&new.objects, NULL);
	if (new.group)
		fold_sample(&new);
	else
		list_sample(&new);
	for (i = 0; again && old.group == new.group && i < new.count; i++) {
		struct entry *entry = &new.entries[i];

		entry->growth = growth(memory_before(&old, entry),
				       entry_memory(entry), passed);
	}
	if (again)
		new.growth = growth(old.sums.resident + old.sums.swapped,
				    new.sums.resident + new.sums.swapped,
				    passed);
	new.order = output_things(new.entries, new.count,
				  sizeof(*new.entries));
	free_sample(&old);
	screen->sample = new;
	sort(screen);
}

/* The same whichever way one came: of the past, growth is since the one before. */
static void look(struct screen *screen)
{
	if (moment_is_past()) {
		free_sample(&screen->sample);
		screen->sample = (struct sample){};
		if (replay_step(-1)) {
			take_sample(screen);
			replay_step(1);
		}
	}
	take_sample(screen);
}

/* A text cut to so many columns of the screen. */
static void put(int y, int x, int width, const char *text)
{
	wchar_t wide[256];
	size_t length = mbstowcs(wide, text, 255);
	int used = 0;
	size_t i;

	if (x + width > COLS)
		width = COLS - x;
	if (length == (size_t)-1)
		return;
	for (i = 0; i < length; i++) {
		int more = wcwidth(wide[i]);

		if (more < 0 || used + more > width)
			break;
		used += more;
	}
	mvaddnwstr(y, x, wide, i);
}

/* Puts a text into a column; returns where the next one starts. */
static int put_cell(int y, int x, const struct column *column, const char *text)
{
	int width = column->width ?: COLS - x;
	int used = strnlen(text, 256);
	int gap = column->width && !column_is_text(column) &&
		  used < width ? width - used : 0;

	put(y, x + gap, width, text);
	return x + width + 1;
}

/* Characters that a name needs to say something. */
#define MIN_NAME	16

/* What is left out of a list in favour of its last column, which says what it is. */
static bool is_left_out(const struct column *columns,
			const struct column *column, const struct column *sorted)
{
	static const char *const less[] = { "USER", "GROWTH/s", NULL };
	const struct column *one;
	int used = 0;
	size_t i;

	for (one = columns; one->name; one++)
		used += one->width ? one->width + 1 : MIN_NAME;
	for (i = 0; less[i] && used > COLS; i++) {
		for (one = columns; one->name; one++) {
			if (strcmp(one->name, less[i]) || one == sorted)
				continue;
			if (one == column)
				return true;
			used -= one->width + 1;
		}
	}
	return false;
}

static void put_headings(int y, const struct column *columns,
			 const struct column *sorted)
{
	const struct column *column;
	int x = 0;

	for (column = columns; column->name; column++) {
		if (is_left_out(columns, column, sorted))
			continue;
		attrset(column == sorted ? A_BOLD | A_UNDERLINE : A_BOLD);
		x = put_cell(y, x, column, column->name);
	}
	attrset(A_NORMAL);
}

static void put_line(int y, const struct column *columns,
		     const struct column *sorted, const struct objects *objects,
		     const void *thing)
{
	const struct column *column;
	int x = 0;

	for (column = columns; column->name; column++) {
		char *text;

		if (is_left_out(columns, column, sorted))
			continue;
		text = column_text(column, objects, thing, FOR_PEOPLE);
		x = put_cell(y, x, column, text ?: "-");
		free(text);
	}
}

static const struct column growth_column = {
	"GROWTH", NULL, CHANGE, get_growth
};

/* To be freed. */
static char *title_text(const struct sample *sample)
{
	char *when = moment_is_past() ? replay_text() : NULL;
	struct entry sum = { .growth = sample->growth };
	char *resident, *swapped, *rate, *text;

	resident = size_text(sample->sums.resident);
	swapped = size_text(sample->sums.swapped);
	rate = column_text(&growth_column, NULL, &sum, FOR_PEOPLE);
	text = xasprintf("shmstat%s%s: %" PRIu64 " objects, %s resident, %s swapped, %s/s",
			 when ? " of " : "", when ?: "", sample->sums.objects,
			 resident, swapped, rate);
	free(when);
	free(resident);
	free(swapped);
	free(rate);
	return text;
}

static void draw_title(const struct screen *screen, const char *keys)
{
	char *text = title_text(&screen->sample);

	put(0, 0, COLS, text);
	put(LINES - 1, 0, COLS - 1, screen->note ?: keys);
	free(text);
}

static const struct entry *entry_at(const struct sample *sample, size_t nr)
{
	return sample->order[nr];
}

/* What a line is called, to be freed. */
static char *entry_key(const struct entry *entry)
{
	if (!entry->fold)
		return xstrdup(entry->object->id);
	return xasprintf("%llu%s%s",
			 (unsigned long long)entry->fold->pagesize,
			 entry->fold->name ? " " : "", entry->fold->name ?: "");
}

static bool is_selected(const struct screen *screen, const struct entry *entry)
{
	char *key = entry_key(entry);
	bool same = screen->selected && !strcmp(key, screen->selected);

	free(key);
	return same;
}

/* NULL if it is gone. */
static const struct entry *selected_entry(const struct screen *screen)
{
	const struct sample *sample = &screen->sample;
	const struct object *object;
	size_t i;

	if (!screen->selected)
		return NULL;
	if (!sample->group) {
		object = objects_find(&sample->objects, screen->selected);
		return object ? &sample->entries[object - sample->objects.list] :
		       NULL;
	}
	for (i = 0; i < sample->count; i++)
		if (is_selected(screen, &sample->entries[i]))
			return &sample->entries[i];
	return NULL;
}

/* Keeps the cursor on its line, and the line on the screen. */
static void follow_cursor(struct screen *screen)
{
	const struct entry *entry = selected_entry(screen);
	size_t count = screen->sample.count, lines, i;

	for (i = 0; entry && i < count; i++)
		if (entry_at(&screen->sample, i) == entry)
			screen->cursor = i;
	if (screen->cursor >= count)
		screen->cursor = count ? count - 1 : 0;
	lines = LINES > 3 ? LINES - 3 : 1;
	if (screen->cursor < screen->top)
		screen->top = screen->cursor;
	if (screen->cursor >= screen->top + lines)
		screen->top = screen->cursor - lines + 1;
}

static void draw_list(struct screen *screen)
{
	const struct sample *sample = &screen->sample;
	const struct column *columns = columns_of(sample->group);
	char *keys;
	size_t i;
	int y;

	follow_cursor(screen);
	keys = xasprintf("%sm r s %s n: sort  R: reverse  G: by %s  %sq: quit",
			 moment_is_past() ? "t T: time  " : "",
			 sample->group ? "x p g k o" : "z g k u",
			 fold_word(sample->group) ?: "object",
			 /* Both do not fit on 80 columns. */
			 moment_is_past() ? "" : "Enter: holders  ");
	draw_title(screen, keys);
	free(keys);
	put_headings(1, columns, screen->column);
	for (i = screen->top, y = 2; i < sample->count && y + 1 < LINES;
	     i++, y++) {
		if (i == screen->cursor) {
			attrset(A_REVERSE);
			mvhline(y, 0, ' ', COLS);
		}
		put_line(y, columns, screen->column, &sample->objects,
			 sample->order[i]);
		attrset(A_NORMAL);
	}
}

static void draw_holders(struct screen *screen)
{
	const struct objects *objects = &screen->sample.objects;
	const struct entry *entry = selected_entry(screen);
	const struct object *object = entry ? entry->object : NULL;
	size_t count, lines, nr;
	char *line, *name, *of = NULL;
	int y;

	draw_title(screen, moment_is_past() ?
		   "t T: time  arrows: more  Enter, Esc: back  q: quit" :
		   "arrows: more  Enter, Esc: back  Space: update  q: quit");
	if (!object) {
		put(2, 0, COLS, moment_is_past() ? "Not there at that time." :
		    screen->sample.group ? "These objects are gone." :
		    "This object is gone.");
		return;
	}
	name = name_text(object_cell(objects, object, "name"));
	/* What processes hold may be charged to others. */
	if (entry->fold && !entry->fold->objects)
		of = xstrdup("the largest it holds: ");
	else if (entry->fold)
		of = xasprintf("the largest of %llu: ",
			       (unsigned long long)entry->fold->objects);
	line = xasprintf("%s%s %s %s, truncate %s, flags %s", of ?: "",
			 object->id,
			 object_cell(objects, object, "kind"), name,
			 object_cell(objects, object, "truncate"),
			 object_cell(objects, object, "flags"));
	put(1, 0, COLS, line);
	free(of);
	free(line);
	free(name);
	put_headings(2, holder_columns, NULL);
	count = object_holder_unknown(objects, object) ? 0 :
		object->in[HOLDERS].count;
	if (!count)
		put(3, 0, COLS, "Nothing but a name holds it, or nothing that was found.");
	lines = LINES > 4 ? LINES - 4 : 1;
	if (screen->first + lines > count)
		screen->first = count > lines ? count - lines : 0;
	for (nr = screen->first, y = 3; nr < count && y + 1 < LINES; nr++, y++) {
		struct row row = object_row(objects, object, HOLDERS, nr);

		put_line(y, holder_columns, NULL, objects, &row);
	}
}

static void draw(struct screen *screen)
{
	erase();
	if (screen->inside)
		draw_holders(screen);
	else
		draw_list(screen);
	refresh();
}

/* More than there can be of anything. */
#define FAR	1000000000L

/* Of the list of objects or, inside, of that of the holders. */
static void move_cursor(struct screen *screen, long by)
{
	long last = (long)screen->sample.count - 1;
	long to = (long)screen->cursor + by;

	if (screen->inside) {
		to = (long)screen->first + by;
		screen->first = to < 0 ? 0 : to;
		return;
	}
	if (to > last)
		to = last;
	screen->cursor = to < 0 ? 0 : to;
	if (last < 0)
		return;
	free(screen->selected);
	screen->selected = entry_key(entry_at(&screen->sample,
					      screen->cursor));
}

static void go_first(struct screen *screen)
{
	screen->reversed = false;
	free(screen->selected);
	screen->selected = NULL;
	screen->cursor = 0;
}

static void choose_column(struct screen *screen, int key)
{
	enum fold_key group = screen->sample.group;
	const struct column *column = memory_of(group);

	if (key != 'm')
		for (column = columns_of(group); column->name; column++)
			if (column->key && column->key == key)
				break;
	if (!column->name)
		return;
	screen->column = column;
	go_first(screen);
	sort(screen);
}

/* The next thing that those on one line have in common. */
static void choose_group(struct screen *screen)
{
	screen->group = (screen->group + 1) % FOLD_KEYS;
	screen->column = memory_of(screen->group);
	screen->inside = false;
	go_first(screen);
	look(screen);
}

/* To the next sample of the past, or to the one before. */
static void step(struct screen *screen, int direction)
{
	if (!moment_is_past())
		screen->note = "t and T go through the past: see --from";
	else if (replay_step(direction))
		look(screen);
	else
		screen->note = direction > 0 ? "This is the last sample." :
			       "This is the first sample.";
}

/* Returns whether to go on. */
static bool handle_key(struct screen *screen, int key)
{
	screen->note = NULL;
	switch (key) {
	case 'q':
		return false;
	case 't':
		step(screen, 1);
		break;
	case 'T':
		step(screen, -1);
		break;
	case '\n':
	case '\r':
	case KEY_ENTER:
		move_cursor(screen, 0);
		screen->inside = !screen->inside;
		screen->first = 0;
		break;
	case 27:
	case KEY_LEFT:
		screen->inside = false;
		break;
	case KEY_UP:
		move_cursor(screen, -1);
		break;
	case KEY_DOWN:
		move_cursor(screen, 1);
		break;
	case KEY_PPAGE:
		move_cursor(screen, 3 - LINES);
		break;
	case KEY_NPAGE:
		move_cursor(screen, LINES - 3);
		break;
	case KEY_HOME:
		move_cursor(screen, -FAR);
		break;
	case KEY_END:
		move_cursor(screen, FAR);
		break;
	case 'R':
		screen->reversed = !screen->reversed;
		sort(screen);
		break;
	case 'G':
		choose_group(screen);
		break;
	default:
		choose_column(screen, key);
	}
	return true;
}

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static void leave(void)
{
	endwin();
}

/* Waits for a key, ERR for none; returns whether there is a terminal still. */
static bool wait_for_key(double seconds, int *key)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	int ready;

	/* One that was read already, or the terminal's new size. */
	*key = getch();
	if (*key != ERR)
		return true;
	/* A signal may come just before: wakes up twice a second. */
	ready = poll(&input, 1, seconds > 0.5 ? 500 :
		     seconds > 0 ? seconds * 1000 + 1 : 0);
	*key = getch();
	return *key != ERR || ready <= 0;
}

/* However many objects there are, samples take a quarter of the time at most. */
static double time_of_next(double interval, double took)
{
	return clock_now() + (interval > 3 * took ? interval : 3 * took);
}

/* Returns whether it was ended on purpose. */
static bool update(struct screen *screen)
{
	double next = clock_now();
	int key = ERR;

	while (!stopped) {
		if (key == ' ' || clock_now() >= next) {
			double start = clock_now();

			look(screen);
			next = moment_is_past() ? INFINITY :
			       time_of_next(screen->interval,
					    clock_now() - start);
		}
		draw(screen);
		if (!wait_for_key(next - clock_now(), &key))
			return false;
		if (key != ERR && key != ' ' && !handle_key(screen, key))
			break;
	}
	return true;
}

/* ncurses writes what it can on any terminal; that is not enough. */
static SCREEN *open_terminal(void)
{
	SCREEN *terminal = newterm(NULL, stdout, stdin);
	const char *cup = terminal ? tigetstr("cup") : NULL;

	if (cup && cup != (char *)-1)
		return terminal;
	if (terminal)
		endwin();
	errx(1, "TERM=%s: this terminal cannot move its cursor: set TERM, or use shmstat list",
	     getenv("TERM") ?: "");
}

static void print_cell(const struct column *column, const char *text)
{
	int width = text_width(text);
	int gap = column->width > width ? column->width - width : 0;
	bool is_text = column_is_text(column);

	printf("%*s%s%*s", is_text ? 0 : gap, "", text,
	       is_text && column->width ? gap + 1 : !is_text, "");
}

/* All of it as plain text, for programs and for paper. */
static void print(const struct sample *sample)
{
	const struct column *columns = columns_of(sample->group), *column;
	char *title = title_text(sample);
	size_t i;

	puts(title);
	free(title);
	for (column = columns; column->name; column++)
		print_cell(column, column->name);
	putchar('\n');
	for (i = 0; i < sample->count; i++) {
		for (column = columns; column->name; column++) {
			char *text = column_text(column, &sample->objects,
						 sample->order[i], FOR_PEOPLE);

			print_cell(column, text ?: "-");
			free(text);
		}
		putchar('\n');
	}
}

/* So many samples, one behind another; 0 for no end. */
static void print_samples(struct screen *screen, unsigned long count)
{
	unsigned long done = 0;

	while (true) {
		double start = clock_now();

		look(screen);
		print(&screen->sample);
		if (fflush(stdout) || ++done == count)
			return;
		if (moment_is_past()) {
			if (!replay_step(1))
				return;
		} else {
			double next = time_of_next(screen->interval,
						   clock_now() - start);

			clock_sleep(next - clock_now());
		}
		putchar('\n');
	}
}

static unsigned long parse_count(const char *text)
{
	unsigned long count = 0;

	if (strlen(text) < 10 && !text[strspn(text, "0123456789")])
		count = strtoul(text, NULL, 10);
	if (!count)
		errx(2, "--iterations wants a number from 1, not '%s'", text);
	return count;
}

static void usage(void)
{
	puts("Usage: shmstat top [options]\n"
	     "Shows the largest objects, live.\n\n"
	     " -b, --batch        plain text without a terminal, until Ctrl-C\n"
	     " -n, --iterations N with -b: only N screens\n"
	     "     --group KEY    one line for all of one\n"
	     "                    " FOLD_WORDS "\n"
	     " -i, --interval T   time between samples, at least 0.1 s (2)\n"
	     "     --numeric      ids of users instead of names\n"
	     COMMAND_HELP
	     " -h, --help         this text\n\n"
	     "Keys:\n"
	     " m         sort by RESIDENT and SWAPPED together, as at first\n"
	     " r s z g   sort by RESIDENT, SWAPPED, SIZE, GROWTH\n"
	     " k u n     sort by KIND, USER, NAME\n"
	     " x p o     with --group: sort by EXCLUSIVE, PROPORTIONAL, OBJECTS; n by GROUP\n"
	     " G         one line for each object, then kind, name and so on\n"
	     " R         reverse the order\n"
	     " arrows    move; so do Page up and down, Home, End\n"
	     " Enter     who holds the object; again, or Esc: back\n"
	     " Space     take a sample now\n"
	     " t T       with --from: the next sample, the one before it\n"
	     " q         quit");
}

enum { GROUP = 256 };

static const struct option options[] = {
	COMMAND_OPTIONS,
	{ "batch",	no_argument,		NULL, 'b' },
	{ "iterations",	required_argument,	NULL, 'n' },
	{ "group",	required_argument,	NULL, GROUP },
	{ "interval",	required_argument,	NULL, 'i' },
	{ "numeric",	no_argument,		NULL, OUTPUT_NUMERIC },
	{ "help",	no_argument,		NULL, 'h' },
	{}
};

static int run(int argc, char **argv)
{
	struct screen screen = { .interval = 2 };
	struct sigaction action = { .sa_handler = stop };
	SCREEN *terminal;
	bool ended, batch = false;
	unsigned long count = 0;
	struct table probe;
	int c;

	while ((c = command_option(&command_top, argc, argv)) >= 0) {
		switch (c) {
		case 'b':
			batch = true;
			break;
		case 'n':
			count = parse_count(optarg);
			break;
		case GROUP:
			screen.group = fold_parse(optarg);
			break;
		case 'i':
			screen.interval = clock_parse("--interval", optarg,
						      SHORTEST_INTERVAL);
			break;
		case OUTPUT_NUMERIC:
			users_numeric = true;
			break;
		}
	}
	screen.column = memory_of(screen.group);
	if (batch) {
		print_samples(&screen, count);
		free_sample(&screen.sample);
		return 0;
	}
	if (count)
		errx(2, "--iterations goes with --batch");
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		errx(1, "top wants a terminal; --batch, or shmstat list, writes into a pipe");
	table_load(&probe, "summary");
	table_free(&probe);
	terminal = open_terminal();
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	table_failing = leave;
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	set_escdelay(100);
	curs_set(0);
	nodelay(stdscr, TRUE);
	ended = update(&screen);
	endwin();
	delscreen(terminal);
	free_sample(&screen.sample);
	free(screen.selected);
	if (!ended)
		warnx("the terminal is gone");
	return !ended;
}

const struct command command_top = {
	"top", "the largest objects, live", usage, run, "hi:bn:", options
};

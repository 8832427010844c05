// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat top: the largest objects, live, by ncurses.
 */
#include <curses.h>
#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "commands/commands.h"
#include "objects.h"
#include "output.h"
#include "text.h"
#include "users.h"
#include "xalloc.h"

/**
 * struct entry - an object on the screen
 * @object: the object
 * @growth: bytes a second, of memory and swap, since the last look
 */
struct entry {
	const struct object *object;
	double growth;
};

/**
 * struct look - what was seen at one moment
 * @objects: all objects
 * @entries: the same, in the order of the screen
 * @time: when, in seconds
 * @resident: of all that Shmem counts, in bytes
 * @swapped: the same in swap
 * @growth: of both together, bytes a second
 */
struct look {
	struct objects objects;
	struct entry *entries;
	double time;
	uint64_t resident;
	uint64_t swapped;
	double growth;
};

/**
 * struct screen - what is shown
 * @look: the last look
 * @order: by which of orders[], or BY_MEMORY
 * @reversed: whether the other way round
 * @selected: id of the object under the cursor, or empty
 * @cursor: where it is, and where the cursor stays when it is gone
 * @top: the first object on the screen
 * @inside: whether its holders are shown
 * @first: the first of these on the screen
 * @interval: seconds between looks
 */
struct screen {
	struct look look;
	size_t order;
	bool reversed;
	char selected[80];
	size_t cursor;
	size_t top;
	bool inside;
	size_t first;
	double interval;
};

static const struct look *compared;

static const struct objects *all(void)
{
	return &compared->objects;
}

/* What is most comes first. */
static int down(double a, double b)
{
	return (a < b) - (a > b);
}

static int by_memory(const struct entry *a, const struct entry *b)
{
	return down(object_memory(a->object), object_memory(b->object));
}

static int by_resident(const struct entry *a, const struct entry *b)
{
	return down(a->object->resident, b->object->resident);
}

static int by_swapped(const struct entry *a, const struct entry *b)
{
	return down(a->object->swapped, b->object->swapped);
}

static int by_size(const struct entry *a, const struct entry *b)
{
	return down(a->object->size, b->object->size);
}

static int by_growth(const struct entry *a, const struct entry *b)
{
	return down(a->growth, b->growth);
}

static int by_kind(const struct entry *a, const struct entry *b)
{
	return strcmp(object_cell(all(), a->object, "kind"),
		      object_cell(all(), b->object, "kind"));
}

static int by_user(const struct entry *a, const struct entry *b)
{
	return strcmp(user_name(object_cell(all(), a->object, "uid")),
		      user_name(object_cell(all(), b->object, "uid")));
}

static int by_name(const struct entry *a, const struct entry *b)
{
	return strcmp(object_cell(all(), a->object, "name"),
		      object_cell(all(), b->object, "name"));
}

static const struct order {
	int key;
	const char *title;
	int width;		/* negative: to the left; 0: the rest */
	int (*compare)(const struct entry *a, const struct entry *b);
} orders[] = {
	{ 'r', "RESIDENT",	9,	by_resident },
	{ 's', "SWAPPED",	9,	by_swapped },
	{ 'z', "SIZE",		9,	by_size },
	{ 'g', "GROWTH/s",	9,	by_growth },
	{ 'k', "KIND",		-6,	by_kind },
	{ 'u', "USER",		-10,	by_user },
	{ 0,   "HELD BY",	-22,	NULL },
	{ 'n', "NAME",		0,	by_name },
};

#define COLUMNS	(sizeof(orders) / sizeof(orders[0]))

/* What is in memory and in swap together, which no column shows. */
#define BY_MEMORY	COLUMNS

static const struct screen *sorting;

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = sorting->order < COLUMNS ?
		    orders[sorting->order].compare(x, y) : by_memory(x, y);

	return (sorting->reversed ? -order : order) ?:
	       by_memory(x, y) ?: objects_by_id(x->object, y->object);
}

static void sort(struct screen *screen)
{
	sorting = screen;
	compared = &screen->look;
	qsort(screen->look.entries, screen->look.objects.count,
	      sizeof(struct entry), compare);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static double memory(const struct object *object)
{
	return object_memory(object);
}

static void add_up(struct look *look)
{
	size_t i;

	for (i = 0; i < look->objects.count; i++) {
		const struct object *object = &look->objects.list[i];

		if (!object->shmem)
			continue;
		look->resident += object->resident;
		look->swapped += object->swapped;
	}
}

/* What the list and the holders of an object show. */
#define WITH_TOP	(NEED(OBJECT_FLAGS) | NEED(OBJECT_TRUNCATE) |	\
			 NEED(HOLDER_PID) | NEED(HOLDER_COMM) |		\
			 NEED(HOLDER_UID) | NEED(HOLDER_FDS) |		\
			 NEED(HOLDER_MAPS) | NEED(HOLDER_HANDLES))

static void look_again(struct screen *screen)
{
	struct look old = screen->look, new = {};
	double passed;
	size_t i;

	objects_load(&new.objects, WITH_TOP);
	new.time = now();
	passed = new.time - old.time;
	new.entries = xcalloc(new.objects.count, sizeof(*new.entries));
	for (i = 0; i < new.objects.count; i++) {
		const struct object *object = &new.objects.list[i], *before;

		new.entries[i].object = object;
		if (!old.entries || passed <= 0)
			continue;
		before = objects_find(&old.objects, object->id);
		new.entries[i].growth = (memory(object) - (before ?
					memory(before) : 0)) / passed;
	}
	add_up(&new);
	if (old.entries && passed > 0)
		new.growth = ((double)new.resident + new.swapped -
			      old.resident - old.swapped) / passed;
	objects_free(&old.objects);
	free(old.entries);
	screen->look = new;
	sort(screen);
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

static char *rate_text(double rate)
{
	char *size, *text;

	size = size_text(rate < 0 ? -rate : rate);
	text = xasprintf("%s%s", rate >= 1 ? "+" : rate <= -1 ? "-" : "",
			 size);
	free(size);
	return text;
}

static char *holder_text(const struct objects *objects,
			 const struct object *object)
{
	size_t count = object->in[HOLDERS].count;
	const char *pid;
	char *comm, *text;

	if (!count || object_unheld(objects, object))
		return xstrdup("-");
	pid = object_other(objects, object, HOLDERS, 0, "pid");
	comm = name_text(object_other(objects, object, HOLDERS, 0, "comm"));
	text = count > 1 ? xasprintf("%s/%s +%zu", pid, comm, count - 1) :
			   xasprintf("%s/%s", pid, comm);
	free(comm);
	return text;
}

static char *cell_text(const struct objects *objects,
		       const struct entry *entry, size_t column)
{
	const struct object *object = entry->object;

	switch (orders[column].key) {
	case 'r':
		return size_text(object->resident);
	case 's':
		return size_text(object->swapped);
	case 'z':
		return size_text(object->size);
	case 'g':
		return rate_text(entry->growth);
	case 'k':
		return xstrdup(object_cell(objects, object, "kind"));
	case 'u':
		return name_text(user_name(object_cell(objects, object,
						       "uid")));
	case 'n':
		return name_text(object_cell(objects, object, "name"));
	}
	return holder_text(objects, object);
}

/* Puts a text into a column; returns where the next one starts. */
static int put_column(int y, int x, size_t column, const char *text)
{
	int width = abs(orders[column].width) ?: COLS - x;
	int used = strnlen(text, 256);
	int gap = orders[column].width - used;

	put(y, x + (orders[column].width > 0 && gap > 0 ? gap : 0), width,
	    text);
	return x + width + 1;
}

static void draw_title(const struct screen *screen, const char *keys)
{
	char *a, *b, *rate, text[200];

	a = size_text(screen->look.resident);
	b = size_text(screen->look.swapped);
	rate = rate_text(screen->look.growth);
	snprintf(text, sizeof(text),
		 "shmstat: %zu objects, %s resident, %s swapped, %s/s",
		 screen->look.objects.count, a, b, rate);
	put(0, 0, COLS, text);
	put(LINES - 1, 0, COLS - 1, keys);
	free(a);
	free(b);
	free(rate);
}

/* Keeps the cursor on its object, and the object on the screen. */
static void follow_cursor(struct screen *screen)
{
	size_t count = screen->look.objects.count, lines, i;
	const struct object *object;

	object = objects_find(&screen->look.objects, screen->selected);
	for (i = 0; object && i < count; i++)
		if (screen->look.entries[i].object == object)
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
	size_t i, column, y;
	int x = 0;

	follow_cursor(screen);
	draw_title(screen,
		   "m r s z g k u n: sort  R: turn round  Enter: holders  blank: now  q: quit");
	for (column = 0; column < COLUMNS; column++) {
		attrset(column == screen->order ? A_BOLD | A_UNDERLINE :
			A_BOLD);
		x = put_column(1, x, column, orders[column].title);
	}
	attrset(A_NORMAL);
	for (y = 2; y + 1 < (size_t)LINES; y++) {
		i = screen->top + y - 2;
		if (i >= screen->look.objects.count)
			break;
		if (i == screen->cursor) {
			attrset(A_REVERSE);
			mvhline(y, 0, ' ', COLS);
		}
		for (x = 0, column = 0; column < COLUMNS; column++) {
			char *text = cell_text(&screen->look.objects,
					       &screen->look.entries[i],
					       column);

			if (text)
				x = put_column(y, x, column, text);
			free(text);
		}
		attrset(A_NORMAL);
	}
}

static void draw_holders(struct screen *screen)
{
	const struct objects *objects = &screen->look.objects;
	const struct object *object = objects_find(objects, screen->selected);
	char line[300], *name, *comm;
	size_t count, lines, nr;
	int y;

	draw_title(screen, "arrows: more  Enter, Esc: back  blank: now  q: quit");
	if (!object) {
		put(2, 0, COLS, "This object is gone.");
		return;
	}
	name = name_text(object_cell(objects, object, "name"));
	snprintf(line, sizeof(line), "%s %s %s, truncate %s, flags %s",
		 object->id, object_cell(objects, object, "kind"), name,
		 object_cell(objects, object, "truncate"),
		 object_cell(objects, object, "flags"));
	free(name);
	put(1, 0, COLS, line);
	attrset(A_BOLD);
	put(2, 0, COLS, "      PID USER             FDS     MAPS  HANDLES COMMAND");
	attrset(A_NORMAL);
	count = object_unheld(objects, object) ? 0 : object->in[HOLDERS].count;
	if (!count)
		put(3, 0, COLS, "No process holds it.");
	lines = LINES > 4 ? LINES - 4 : 1;
	if (screen->first + lines > count)
		screen->first = count > lines ? count - lines : 0;
	for (nr = screen->first, y = 3; nr < count && y + 1 < LINES; nr++, y++) {
		comm = name_text(object_other(objects, object, HOLDERS, nr,
					      "comm"));
		snprintf(line, sizeof(line), "%9s %-10.10s %9s %8s %8s %s",
			 object_other(objects, object, HOLDERS, nr, "pid"),
			 user_name(object_other(objects, object, HOLDERS, nr,
						"uid")),
			 object_other(objects, object, HOLDERS, nr, "fds"),
			 object_other(objects, object, HOLDERS, nr, "maps"),
			 object_other(objects, object, HOLDERS, nr, "handles"),
			 comm);
		free(comm);
		put(y, 0, COLS, line);
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
	long last = (long)screen->look.objects.count - 1;
	long to = (long)screen->cursor + by;

	if (screen->inside) {
		to = (long)screen->first + by;
		screen->first = to < 0 ? 0 : to;
		return;
	}
	if (to > last)
		to = last;
	screen->cursor = to < 0 ? 0 : to;
	if (last >= 0)
		snprintf(screen->selected, sizeof(screen->selected), "%s",
			 screen->look.entries[screen->cursor].object->id);
}

static void choose_order(struct screen *screen, int key)
{
	size_t i = 0;

	while (i < COLUMNS && orders[i].key != key)
		i++;
	if (!key || (i == COLUMNS && key != 'm'))
		return;
	screen->order = i;
	screen->reversed = false;
	*screen->selected = '\0';
	screen->cursor = 0;
	sort(screen);
}

/* Returns whether to go on. */
static bool handle_key(struct screen *screen, int key)
{
	switch (key) {
	case 'q':
		return false;
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
	default:
		choose_order(screen, key);
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
	/* Signals may come just before: looks twice a second. */
	ready = poll(&input, 1, seconds > 0.5 ? 500 :
		     seconds > 0 ? seconds * 1000 + 1 : 0);
	*key = getch();
	return *key != ERR || ready <= 0;
}

/* However many objects there are, looks take a quarter of the time at most. */
static double time_of_next(double interval, double took)
{
	return now() + (interval > 3 * took ? interval : 3 * took);
}

/* Returns whether it was ended on purpose. */
static bool run(struct screen *screen)
{
	double next = now();
	int key = ERR;

	while (!stopped) {
		if (key == ' ' || now() >= next) {
			double start = now();

			look_again(screen);
			next = time_of_next(screen->interval, now() - start);
		}
		draw(screen);
		if (!wait_for_key(next - now(), &key))
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

static void usage(void)
{
	puts("Usage: shmstat top [options]\n"
	     "Shows the largest objects, live.\n\n"
	     " -i, --interval S   seconds between looks, at least 0.1 (2)\n"
	     "     --numeric      ids of users instead of names\n"
	     " -h, --help         this text\n\n"
	     "Keys:\n"
	     " m         sort by RESIDENT and SWAPPED together, as at first\n"
	     " r s z g   sort by RESIDENT, SWAPPED, SIZE, GROWTH\n"
	     " k u n     sort by KIND, USER, NAME\n"
	     " R         turn the order round\n"
	     " arrows    move; so do Page up and down, Home, End\n"
	     " Enter     who holds the object; again, or Esc: back\n"
	     " blank     look now\n"
	     " q         quit");
}

const struct option top_options[] = {
	{ "interval",	required_argument,	NULL, 'i' },
	{ "numeric",	no_argument,		NULL, OUTPUT_NUMERIC },
	{ "help",	no_argument,		NULL, 'h' },
	{}
};

int command_top(int argc, char **argv)
{
	struct screen screen = { .interval = 2, .order = BY_MEMORY };
	struct sigaction action = { .sa_handler = stop };
	SCREEN *terminal;
	struct table probe;
	bool ended;
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, TOP_SHORT, top_options,
				NULL)) >= 0) {
		switch (c) {
		case 'i':
			screen.interval = strtod(optarg, &end);
			if (end == optarg || *end || !(screen.interval >= 0.1 &&
						       screen.interval <= 1e6))
				errx(2, "--interval wants seconds, from 0.1 to 1000000, not '%s'",
				     optarg);
			break;
		case OUTPUT_NUMERIC:
			users_numeric = true;
			break;
		case 'h':
			usage();
			return 0;
		default:
			wrong_usage(argv);
		}
	}
	if (optind < argc)
		errx(2, "top takes no '%s'; see shmstat top --help",
		     argv[optind]);
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		errx(1, "top wants a terminal; shmstat list writes into a pipe");
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
	ended = run(&screen);
	endwin();
	delscreen(terminal);
	objects_free(&screen.look.objects);
	free(screen.look.entries);
	if (!ended)
		warnx("the terminal is gone");
	return !ended;
}

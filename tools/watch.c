// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat watch: what grew, shrank, came and went.
 */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "groups.h"
#include "objects.h"
#include "output.h"
#include "text.h"

/* Lines of each list, for people. */
#define MOST	10

/**
 * struct tracked - what is watched, in bytes of memory and swap
 * @key: what it is known by
 * @kind: an object's kind, or NULL
 * @name: an object's name, or NULL
 * @pid: a holder's process id, or NULL; of the last look at it
 * @comm: and its name
 * @first: at the first look, or 0
 * @last: at the last look, or 0
 * @most: at any look
 * @before: whether it was there at the first look
 * @now: whether it was there at the last one
 */
struct tracked {
	char *key;
	char *kind;
	char *name;
	char *pid;
	char *comm;
	uint64_t first;
	uint64_t last;
	uint64_t most;
	bool before;
	bool now;
};

/**
 * struct tracker - all of a sort, ordered by their keys
 * @list: them
 * @count: how many
 */
struct tracker {
	struct tracked *list;
	size_t count;
};

static char *copy(const char *text)
{
	char *result = text ? strdup(text) : NULL;

	if (text && !result)
		err(1, "watch");
	return result;
}

static void replace(char **text, const char *new)
{
	free(*text);
	*text = copy(new);
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct tracked *)a)->key,
		      ((const struct tracked *)b)->key);
}

static void update(struct tracked *old, const struct tracked *new)
{
	old->last = new->last;
	old->now = true;
	if (old->most < new->last)
		old->most = new->last;
	replace(&old->pid, new->pid);
	replace(&old->comm, new->comm);
}

static struct tracked adopt(const struct tracked *new, bool first)
{
	return (struct tracked){
		.key = copy(new->key),
		.kind = copy(new->kind),
		.name = copy(new->name),
		.pid = copy(new->pid),
		.comm = copy(new->comm),
		.first = first ? new->last : 0,
		.last = new->last,
		.most = new->last,
		.before = first,
		.now = true,
	};
}

/* Takes in what a look has seen, whose texts stay the caller's. */
static void track(struct tracker *tracker, struct tracked *seen, size_t count,
		  bool first)
{
	size_t old = 0, new = 0, all = 0;
	struct tracked *merged;

	merged = calloc(tracker->count + count + 1, sizeof(*merged));
	if (!merged)
		err(1, "watch");
	qsort(seen, count, sizeof(*seen), by_key);
	while (old < tracker->count || new < count) {
		int order = old == tracker->count ? 1 : new == count ? -1 :
			    by_key(&tracker->list[old], &seen[new]);

		if (order > 0) {
			merged[all++] = adopt(&seen[new++], first);
			continue;
		}
		merged[all] = tracker->list[old++];
		merged[all].last = 0;
		merged[all].now = false;
		if (!order)
			update(&merged[all], &seen[new++]);
		all++;
	}
	free(tracker->list);
	tracker->list = merged;
	tracker->count = all;
}

static void track_objects(struct tracker *tracker,
			  const struct objects *objects, bool first)
{
	struct tracked *seen = calloc(objects->count + 1, sizeof(*seen));
	size_t i;

	if (!seen)
		err(1, "watch");
	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		seen[i] = (struct tracked){
			.key = (char *)object->id,
			.kind = (char *)object_cell(objects, object, "kind"),
			.name = (char *)object_cell(objects, object, "name"),
			.pid = (char *)object_other(objects, object, HOLDERS,
						    0, "pid"),
			.comm = (char *)object_other(objects, object, HOLDERS,
						     0, "comm"),
			.last = object->resident + object->swapped,
		};
	}
	track(tracker, seen, objects->count, first);
	free(seen);
}

static void track_groups(struct tracker *tracker, struct groups *groups,
			 bool first)
{
	struct tracked *seen = calloc(groups->count + 1, sizeof(*seen));
	size_t i;

	if (!seen)
		err(1, "watch");
	for (i = 0; i < groups->count; i++)
		seen[i] = (struct tracked){
			.key = groups->list[i].name,
			.last = groups->list[i].resident +
				groups->list[i].swapped,
		};
	track(tracker, seen, groups->count, first);
	free(seen);
	groups_free(groups);
}

static void free_tracker(struct tracker *tracker)
{
	size_t i;

	for (i = 0; i < tracker->count; i++) {
		free(tracker->list[i].key);
		free(tracker->list[i].kind);
		free(tracker->list[i].name);
		free(tracker->list[i].pid);
		free(tracker->list[i].comm);
	}
	free(tracker->list);
}

static int64_t change(const struct tracked *tracked)
{
	return tracked->last - tracked->first;
}

/* Also what came and went between two looks at others. */
static bool is_news(const struct tracked *tracked)
{
	return change(tracked) || tracked->before != tracked->now ||
	       (!tracked->before && !tracked->now);
}

static int by_change(const void *a, const void *b)
{
	const struct tracked *x = *(const struct tracked *const *)a;
	const struct tracked *y = *(const struct tracked *const *)b;
	int64_t cx = llabs(change(x)), cy = llabs(change(y));

	return (cx < cy) - (cx > cy) ?:
	       (x->most < y->most) - (x->most > y->most) ?:
	       strcmp(x->key, y->key);
}

COLUMN_GET(tracked, change, output_number(change(tracked)))
COLUMN_GET(tracked, first, output_number(tracked->first))
COLUMN_GET(tracked, last, output_number(tracked->last))
COLUMN_GET(tracked, most, output_number(tracked->most))
COLUMN_GET(tracked, key, tracked->key)
COLUMN_GET(tracked, kind, tracked->kind)
COLUMN_GET(tracked, name, tracked->name)
COLUMN_GET(tracked, pid, table_value(tracked->pid))
COLUMN_GET(tracked, comm, table_value(tracked->comm))
COLUMN_GET(tracked, process, output_number(atol(tracked->key)))
COLUMN_GET(tracked, command, strchr(tracked->key, '/') + 1)
COLUMN_GET(tracked, event,
	   !tracked->before ? (tracked->now ? "came" : "came and went") :
	   !tracked->now ? "went" :
	   change(tracked) > 0 ? "grew" : "shrank")

#define COMMON								\
	{ "CHANGE", "", CHANGE, 0, true, get_change },			\
	{ "FIRST", "", SIZE, 0, true, get_first },			\
	{ "LAST", "", SIZE, 0, true, get_last },			\
	{ "MOST", "", SIZE, 0, true, get_most },			\
	{ "EVENT", "", TEXT, 0, true, get_event }

static const struct column object_news[] = {
	COMMON,
	{ "KIND", "", TEXT, 0, true, get_kind },
	{ "PID", "", NUMBER, 0, true, get_pid },
	{ "COMMAND", "", NAME, 0, true, get_comm },
	{ "ID", "", TEXT, 0, true, get_key },
	{ "NAME", "", NAME, 0, true, get_name },
	{}
};

static const struct column process_news[] = {
	COMMON,
	{ "PID", "", NUMBER, 0, true, get_process },
	{ "COMMAND", "", NAME, 0, true, get_command },
	{}
};

static const struct column cgroup_news[] = {
	COMMON,
	{ "CGROUP", "", NAME, 0, true, get_key },
	{}
};

static void print_news(struct output *output, const struct tracker *tracker,
		       const struct column *columns, const char *name)
{
	bool people = output->form == FOR_PEOPLE;
	size_t count = 0, shown, i;
	const void **things;

	things = calloc(tracker->count + 1, sizeof(*things));
	if (!things)
		err(1, "watch");
	for (i = 0; i < tracker->count; i++)
		if (is_news(&tracker->list[i]))
			things[count++] = &tracker->list[i];
	qsort(things, count, sizeof(*things), by_change);
	shown = people && count > MOST ? MOST : count;
	if (people)
		printf("\n%s%s\n", name, count ? ":" : ": nothing changed");
	output->all = columns;
	output_choose(output);
	output_print(output, name, NULL, things, shown);
	if (count > shown)
		printf("and %zu more\n", count - shown);
	free(things);
}

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* However many come: timeout(1) sends two. */
static void catch_signals(void)
{
	struct sigaction action = {
		.sa_handler = stop,
		.sa_flags = SA_RESTART,
	};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void wait_until(double when)
{
	struct timespec time = {
		.tv_sec = when,
		.tv_nsec = (when - (time_t)when) * 1e9,
	};

	if (!stopped)
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

/* How much there is; and a line that says so, where somebody waits. */
static void progress(const struct objects *objects, double seconds)
{
	static uint64_t first;
	static bool again;
	uint64_t sum = 0;
	char *size, *more;
	size_t i;

	if (!isatty(STDERR_FILENO))
		return;
	for (i = 0; i < objects->count; i++)
		if (objects->list[i].shmem)
			sum += objects->list[i].resident +
			       objects->list[i].swapped;
	if (!again)
		first = sum;
	again = true;
	size = size_text(sum);
	more = size_text(sum > first ? sum - first : first - sum);
	fprintf(stderr, "\r%.0f s: %zu objects, %s (%c%s); Ctrl-C ends\033[K",
		seconds, objects->count, size, sum < first ? '-' : '+', more);
	free(size);
	free(more);
}

/* Seconds, or with s, m, h or d behind the number. */
static double duration(const char *option, const char *text)
{
	static const char units[] = "smhd";
	static const int seconds[] = { 1, 60, 3600, 86400 };
	const char *unit;
	double number;
	char *end;

	number = strtod(text, &end);
	unit = strchr(units, *end);
	if (end == text || (*end && (!unit || end[1])) ||
	    !(number > 0 && number <= 1e6))
		errx(2, "%s wants a time such as 2, 0.5s, 10m or 1h, not '%s'",
		     option, text);
	return *end ? number * seconds[unit - units] : number;
}

static void usage(void)
{
	puts("Usage: shmstat watch [options]\n"
	     "Looks again and again, and says at the end what grew, shrank, came and\n"
	     "went, by object, process and cgroup. Ctrl-C ends it.\n\n"
	     " -i, --interval S   seconds between looks (2)\n"
	     " -f, --for T        how long: seconds, or such as 10m or 1h\n"
	     OUTPUT_HELP);
}

int command_watch(int argc, char **argv)
{
	static const struct option options[] = {
		OUTPUT_OPTIONS,
		{ "interval",	required_argument,	NULL, 'i' },
		{ "for",	required_argument,	NULL, 'f' },
		{}
	};
	struct tracker by_object = {}, by_process = {}, by_cgroup = {};
	double interval = 2, length = 0, start, look;
	struct output output = {};
	struct objects objects;
	struct groups groups;
	bool first = true;
	int c;

	while ((c = getopt_long(argc, argv, "bJhi:f:", options, NULL)) >= 0) {
		switch (c) {
		case 'i':
			interval = duration("--interval", optarg);
			break;
		case 'f':
			length = duration("--for", optarg);
			break;
		case 'h':
			usage();
			return 0;
		default:
			if (!output_option(&output, c, optarg))
				wrong_usage(argv);
		}
	}
	if (optind < argc)
		errx(2, "watch takes no '%s'; see shmstat watch --help",
		     argv[optind]);
	catch_signals();
	start = now();
	for (look = start; ; look += interval) {
		wait_until(look);
		objects_load(&objects, WITH_HOLDERS | WITH_CGROUPS);
		progress(&objects, now() - start);
		track_objects(&by_object, &objects, first);
		groups_by_process(&groups, &objects);
		track_groups(&by_process, &groups, first);
		groups_by_cgroup(&groups, &objects);
		track_groups(&by_cgroup, &groups, first);
		objects_free(&objects);
		first = false;
		if (stopped || (length && now() - start >= length))
			break;
		/* No look comes late because another one took long. */
		while (look + interval < now())
			look += interval;
		if (length && look + interval > start + length)
			look = start + length - interval;
	}
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	if (output.form == FOR_PEOPLE)
		printf("In %.0f s, memory and swap together:\n",
		       now() - start);
	output_begin(&output);
	print_news(&output, &by_object, object_news, "objects");
	print_news(&output, &by_process, process_news, "processes");
	print_news(&output, &by_cgroup, cgroup_news, "cgroups");
	output_end(&output);
	free_tracker(&by_object);
	free_tracker(&by_process);
	free_tracker(&by_cgroup);
	return 0;
}

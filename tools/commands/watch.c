// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat watch: what grew, shrank, came and went.
 */
#include <err.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands/commands.h"
#include "groups.h"
#include "hash.h"
#include "objects.h"
#include "output.h"
#include "text.h"
#include "xalloc.h"

/* Lines of each list, for people. */
#define MOST	10

/* Seconds between two looks, or of them all. */
#define SHORTEST	0.1
#define LONGEST		31622400

/* Of what is gone, so many of each sort are remembered: the largest. */
#define MOST_GONE	10000

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
 * @look: the number of the last look at it
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
	uint64_t look;
	bool before;
	bool now;
};

/**
 * struct tracker - all of a sort
 * @list: them
 * @count: how many
 * @room: for how many there is room
 * @hash: finds them by their keys
 * @look: how many looks there were
 * @forgotten: how many came, went and were not remembered
 */
struct tracker {
	struct tracked *list;
	size_t count;
	size_t room;
	struct hash hash;
	uint64_t look;
	uint64_t forgotten;
};

static char *copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static void replace(char **text, const char *new)
{
	if (*text && new && !strcmp(*text, new))
		return;
	free(*text);
	*text = copy(new);
}

static void forget(struct tracked *tracked)
{
	free(tracked->key);
	free(tracked->kind);
	free(tracked->name);
	free(tracked->pid);
	free(tracked->comm);
}

/* Takes in what a look has seen, whose texts stay the caller's. */
static void track(struct tracker *tracker, const struct tracked *seen)
{
	uint32_t key = hash_bytes(seen->key, strlen(seen->key)), nr;
	struct tracked *old = NULL;
	size_t at;

	for (at = hash_first(&tracker->hash, key);
	     !old && hash_used(&tracker->hash, at);
	     at = hash_next(&tracker->hash, at))
		if (hash_nr(&tracker->hash, at, key, &nr) &&
		    !strcmp(tracker->list[nr].key, seen->key))
			old = &tracker->list[nr];
	if (!old) {
		if (tracker->count == tracker->room) {
			tracker->room = 2 * tracker->room + 64;
			tracker->list = xreallocarray(tracker->list,
						      tracker->room,
						      sizeof(*old));
		}
		hash_add(&tracker->hash, key, tracker->count);
		old = &tracker->list[tracker->count++];
		*old = (struct tracked){
			.key = copy(seen->key),
			.kind = copy(seen->kind),
			.name = copy(seen->name),
			.first = tracker->look ? 0 : seen->last,
			.before = !tracker->look,
		};
	}
	replace(&old->pid, seen->pid);
	replace(&old->comm, seen->comm);
	old->last = seen->last;
	if (old->most < old->last)
		old->most = old->last;
	old->look = tracker->look;
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

/*
 * The end of a look: what was not seen is gone. Names come and go without end
 * where others choose them, so only the largest of these are remembered.
 */
static void end_look(struct tracker *tracker)
{
	size_t count = 0, gone = 0, i;
	struct tracked **list;

	for (i = 0; i < tracker->count; i++) {
		struct tracked *tracked = &tracker->list[i];

		tracked->now = tracked->look == tracker->look;
		if (!tracked->now)
			tracked->last = 0;
		gone += !tracked->now;
	}
	tracker->look++;
	/* Not at each look. */
	if (gone < 2 * MOST_GONE)
		return;
	list = xcalloc(gone, sizeof(*list));
	for (gone = 0, i = 0; i < tracker->count; i++)
		if (!tracker->list[i].now)
			list[gone++] = &tracker->list[i];
	qsort(list, gone, sizeof(*list), by_change);
	for (i = MOST_GONE; i < gone; i++) {
		forget(list[i]);
		list[i]->key = NULL;
		tracker->forgotten++;
	}
	free(list);
	hash_free(&tracker->hash);
	for (i = 0; i < tracker->count; i++) {
		struct tracked *tracked = &tracker->list[i];

		if (!tracked->key)
			continue;
		hash_add(&tracker->hash,
			 hash_bytes(tracked->key, strlen(tracked->key)), count);
		tracker->list[count++] = *tracked;
	}
	tracker->count = count;
}

static void track_objects(struct tracker *tracker,
			  const struct objects *objects)
{
	size_t i;

	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];
		struct tracked seen = {
			.key = (char *)object->id,
			.kind = (char *)object_cell(objects, object, "kind"),
			.name = (char *)object_cell(objects, object, "name"),
			.pid = (char *)object_other(objects, object, HOLDERS,
						    0, "pid"),
			.comm = (char *)object_other(objects, object, HOLDERS,
						     0, "comm"),
			.last = object_memory(object),
		};

		track(tracker, &seen);
	}
	end_look(tracker);
}

static void track_groups(struct tracker *tracker, struct groups *groups)
{
	size_t i;

	for (i = 0; i < groups->count; i++) {
		struct tracked seen = {
			.key = groups->list[i].name,
			.last = groups->list[i].resident +
				groups->list[i].swapped,
		};

		track(tracker, &seen);
	}
	end_look(tracker);
	groups_free(groups);
}

static void free_tracker(struct tracker *tracker)
{
	size_t i;

	for (i = 0; i < tracker->count; i++)
		forget(&tracker->list[i]);
	free(tracker->list);
	hash_free(&tracker->hash);
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
	unsigned long long more;
	const void **things;

	things = xcalloc(tracker->count, sizeof(*things));
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
	more = count - shown + tracker->forgotten;
	if (people && more)
		printf("and %llu more\n", more);
	free(things);
}

/**
 * struct forgotten - how many came, went and were not remembered
 * @objects: objects
 * @processes: processes
 * @cgroups: cgroups
 */
struct forgotten {
	uint64_t objects;
	uint64_t processes;
	uint64_t cgroups;
};

COLUMN_GET(forgotten, objects, output_number(forgotten->objects))
COLUMN_GET(forgotten, processes, output_number(forgotten->processes))
COLUMN_GET(forgotten, cgroups, output_number(forgotten->cgroups))

static const struct column forgotten_columns[] = {
	{ "OBJECTS", "", NUMBER, 0, true, get_objects },
	{ "PROCESSES", "", NUMBER, 0, true, get_processes },
	{ "CGROUPS", "", NUMBER, 0, true, get_cgroups },
	{}
};

/* People see it in how many more there were. */
static void print_forgotten(struct output *output,
			    const struct forgotten *forgotten)
{
	const void *things[] = { forgotten };

	if (output->form == FOR_PEOPLE)
		return;
	output->all = forgotten_columns;
	output_choose(output);
	output_print(output, "forgotten", NULL, things, 1);
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

/* Until then, or a signal comes, however late before the wait it does. */
static void wait_until(double when)
{
	sigset_t signals, before;
	double left;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &before);
	while (!stopped && (left = when - now()) > 0) {
		struct timespec time = {
			.tv_sec = left,
			.tv_nsec = (left - (time_t)left) * 1e9,
		};

		ppoll(NULL, 0, &time, &before);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
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
static double duration(const char *option, const char *text, double least)
{
	static const char units[] = "smhd";
	static const int seconds[] = { 1, 60, 3600, 86400 };
	const char *unit;
	double time;
	char *end;

	time = strtod(text, &end);
	unit = strchr(units, *end);
	if (*end && unit)
		time *= seconds[unit - units];
	if (end == text || (*end && (!unit || end[1])) || !isfinite(time) ||
	    time < least || time > LONGEST)
		errx(2, "%s wants a time from %g s to %d s, such as 2, 0.5s, 10m or 1h, not '%s'",
		     option, least, LONGEST, text);
	return time;
}

static void usage(void)
{
	puts("Usage: shmstat watch [options]\n"
	     "Looks again and again, and says at the end what grew, shrank, came and\n"
	     "went, by object, process and cgroup. Ctrl-C ends it.\n\n"
	     " -i, --interval S   seconds between looks, at least 0.1 (2)\n"
	     " -f, --for T        how long: seconds, or such as 10m or 1h\n"
	     OUTPUT_HELP);
}

const struct option watch_options[] = {
	OUTPUT_OPTIONS,
	{ "interval",	required_argument,	NULL, 'i' },
	{ "for",	required_argument,	NULL, 'f' },
	{}
};

int command_watch(int argc, char **argv)
{
	struct tracker by_object = {}, by_process = {}, by_cgroup = {};
	double interval = 2, length = 0, start, look;
	struct forgotten forgotten;
	struct output output = {};
	struct objects objects;
	struct groups groups;
	int c;

	while ((c = getopt_long(argc, argv, WATCH_SHORT, watch_options,
				NULL)) >= 0) {
		switch (c) {
		case 'i':
			interval = duration("--interval", optarg, SHORTEST);
			break;
		case 'f':
			length = duration("--for", optarg, 0.01);
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
		track_objects(&by_object, &objects);
		groups_by_process(&groups, &objects);
		track_groups(&by_process, &groups);
		groups_by_cgroup(&groups, &objects);
		track_groups(&by_cgroup, &groups);
		objects_free(&objects);
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
	forgotten.objects = by_object.forgotten;
	forgotten.processes = by_process.forgotten;
	forgotten.cgroups = by_cgroup.forgotten;
	print_forgotten(&output, &forgotten);
	output_end(&output);
	free_tracker(&by_object);
	free_tracker(&by_process);
	free_tracker(&by_cgroup);
	return 0;
}

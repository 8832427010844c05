// SPDX-License-Identifier: GPL-2.0
/*
 * What grew, shrank, came and went between samples, by object, process and cgroup.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "news.h"
#include "text.h"
#include "xalloc.h"

/* Lines of each table. */
#define MAX_LINES	10

/* Of what is gone, so many of each sort are remembered: the largest. */
#define MAX_GONE	10000

/**
 * struct tracked - what is watched, in bytes of memory and swap
 * @key: what it is known by
 * @kind: an object's kind, or NULL
 * @name: an object's name, or NULL
 * @pid: a holder's process id, or NULL; of the last sample that has it
 * @comm: and its name
 * @first: in the first sample, or 0
 * @last: in the last sample, or 0
 * @max: the maximum of all samples
 * @sample: the number of the last sample that has it
 * @before: whether the first sample has it
 * @now: whether the last one has it
 */
struct tracked {
	char *key;
	char *kind;
	char *name;
	char *pid;
	char *comm;
	uint64_t first;
	uint64_t last;
	uint64_t max;
	uint64_t sample;
	bool before;
	bool now;
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

/* Takes in what a sample has, whose texts stay the caller's. */
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
		tracker->list = xgrow(tracker->list, tracker->count,
				      &tracker->room, sizeof(*old));
		hash_add(&tracker->hash, key, tracker->count);
		old = &tracker->list[tracker->count++];
		*old = (struct tracked){
			.key = copy(seen->key),
			.kind = copy(seen->kind),
			.name = copy(seen->name),
			.first = tracker->samples ? 0 : seen->last,
			.before = !tracker->samples,
		};
	}
	replace(&old->pid, seen->pid);
	replace(&old->comm, seen->comm);
	old->last = seen->last;
	if (old->max < old->last)
		old->max = old->last;
	old->sample = tracker->samples;
}

static int64_t change(const struct tracked *tracked)
{
	return tracked->last - tracked->first;
}

/* Also what came and went between the first sample and the last. */
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
	       (x->max < y->max) - (x->max > y->max) ?:
	       strcmp(x->key, y->key);
}

/*
 * The end of a sample: what it does not have is gone. Names come and go without end
 * where others choose them, so only the largest of these are remembered.
 */
static void end_sample(struct tracker *tracker)
{
	size_t count = 0, gone = 0, i;
	struct tracked **list;

	for (i = 0; i < tracker->count; i++) {
		struct tracked *tracked = &tracker->list[i];

		tracked->now = tracked->sample == tracker->samples;
		if (!tracked->now)
			tracked->last = 0;
		gone += !tracked->now;
	}
	tracker->samples++;
	/* Not after each sample. */
	if (gone < 2 * MAX_GONE)
		return;
	list = xcalloc(gone, sizeof(*list));
	for (gone = 0, i = 0; i < tracker->count; i++)
		if (!tracker->list[i].now)
			list[gone++] = &tracker->list[i];
	qsort(list, gone, sizeof(*list), by_change);
	for (i = MAX_GONE; i < gone; i++) {
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
	end_sample(tracker);
}

static void track_folds(struct tracker *tracker, const struct objects *objects,
			enum fold_key key)
{
	struct fold_plan plan = { key };
	struct folds folds;
	size_t i;

	fold_shmem(&folds, &plan, objects);
	folds_sort(&folds, folds_by_memory);
	for (i = 0; i < folds.count; i++) {
		struct tracked seen = {
			.key = (char *)folds.list[i].name,
			.last = fold_memory(&folds.list[i]),
		};

		if (seen.key)
			track(tracker, &seen);
	}
	end_sample(tracker);
	folds_free(&folds);
}

COLUMN_GET(tracked, change, number, change(tracked))
COLUMN_GET(tracked, first, number, tracked->first)
COLUMN_GET(tracked, last, number, tracked->last)
COLUMN_GET(tracked, max, number, tracked->max)
COLUMN_GET(tracked, key, text, tracked->key)
COLUMN_GET(tracked, kind, text, tracked->kind)
COLUMN_GET(tracked, name, text, tracked->name)
COLUMN_GET(tracked, comm, text, table_value(tracked->comm))
COLUMN_GET(tracked, process, number, strtoull(tracked->key, NULL, 10))
COLUMN_GET(tracked, command, text, strchr(tracked->key, '/') + 1)
COLUMN_GET(tracked, event, text,
	   !tracked->before ? (tracked->now ? "came" : "came and went") :
	   !tracked->now ? "went" :
	   change(tracked) > 0 ? "grew" : "shrank")

static struct value get_pid(const struct column *column, const void *all,
			    const void *thing)
{
	(void)all;
	return column_cell(column, ((const struct tracked *)thing)->pid);
}

/* What all of the tables begin with. */
#define CHANGE_COLUMNS							\
	{ "CHANGE", NULL, CHANGE, get_change },				\
	{ "FIRST", NULL, SIZE, get_first },				\
	{ "LAST", NULL, SIZE, get_last },				\
	{ "MOST", NULL, SIZE, get_max },				\
	{ "EVENT", NULL, TEXT, get_event }

static const struct column object_news[] = {
	CHANGE_COLUMNS,
	{ "KIND", NULL, TEXT, get_kind },
	{ "PID", NULL, NUMBER, get_pid },
	{ "COMMAND", NULL, NAME, get_comm },
	{ "ID", NULL, TEXT, get_key },
	{ "NAME", NULL, NAME, get_name },
	{}
};

static const struct column process_news[] = {
	CHANGE_COLUMNS,
	{ "PID", NULL, NUMBER, get_process },
	{ "COMMAND", NULL, NAME, get_command },
	{}
};

static const struct column cgroup_news[] = {
	CHANGE_COLUMNS,
	{ "CGROUP", NULL, NAME, get_key },
	{}
};

static void print_news(const struct output *output,
		       const struct tracker *tracker,
		       const struct column *columns, const char *name)
{
	bool table = output->form == AS_TABLE;
	size_t count = 0, shown, i;
	unsigned long long more;
	const void **things;

	things = xcalloc(tracker->count, sizeof(*things));
	for (i = 0; i < tracker->count; i++)
		if (is_news(&tracker->list[i]))
			things[count++] = &tracker->list[i];
	qsort(things, count, sizeof(*things), by_change);
	shown = table && count > MAX_LINES ? MAX_LINES : count;
	if (table)
		printf("\n%s%s\n", name, count ? ":" : ": nothing changed");
	if (count || !table)
		output_fixed(output, name, columns, NULL, things, shown);
	more = count - shown + tracker->forgotten;
	if (table && more)
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

COLUMN_GET(forgotten, objects, number, forgotten->objects)
COLUMN_GET(forgotten, processes, number, forgotten->processes)
COLUMN_GET(forgotten, cgroups, number, forgotten->cgroups)

static const struct column forgotten_columns[] = {
	{ "OBJECTS", NULL, NUMBER, get_objects },
	{ "PROCESSES", NULL, NUMBER, get_processes },
	{ "CGROUPS", NULL, NUMBER, get_cgroups },
	{}
};

/**
 * news_take - take a sample in
 * @news: what is known of those before
 * @objects: the sample, read with NEWS_WITH
 */
void news_take(struct news *news, const struct objects *objects)
{
	track_objects(&news->objects, objects);
	track_folds(&news->processes, objects, FOLD_PROCESS);
	track_folds(&news->cgroups, objects, FOLD_CGROUP);
}

/* Three lists, and how much is in none of them, which tables have below each. */
void news_print(const struct output *output, const struct news *news)
{
	struct forgotten forgotten = {
		.objects = news->objects.forgotten,
		.processes = news->processes.forgotten,
		.cgroups = news->cgroups.forgotten,
	};

	print_news(output, &news->objects, object_news, "objects");
	print_news(output, &news->processes, process_news, "processes");
	print_news(output, &news->cgroups, cgroup_news, "cgroups");
	if (output->form != AS_TABLE)
		output_array(output, "forgotten", forgotten_columns, &forgotten,
			     1, sizeof(forgotten));
}

static void tracker_free(struct tracker *tracker)
{
	size_t i;

	for (i = 0; i < tracker->count; i++)
		forget(&tracker->list[i]);
	free(tracker->list);
	hash_free(&tracker->hash);
}

/* It may be used anew. */
void news_free(struct news *news)
{
	tracker_free(&news->objects);
	tracker_free(&news->processes);
	tracker_free(&news->cgroups);
	*news = (struct news){};
}

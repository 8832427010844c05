// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat orphans: what only a name keeps, for how long, and how to remove it.
 * That is left to whoever reads it: files that nobody has may be meant to stay.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "clock.h"
#include "commands/commands.h"
#include "moment.h"
#include "object_columns.h"
#include "objects.h"
#include "orphan.h"
#include "output.h"
#include "xalloc.h"

static int64_t latest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t object_time(const struct objects *objects,
			   const struct object *object, const char *column)
{
	return table_number(&objects->table, object->row,
			    table_column(&objects->table, column));
}

/* When its detachment or, of one that was never attached, its change was. */
static int64_t segment_time(const struct objects *objects,
			    const struct object *object)
{
	return object_other_number(objects, object, SEGMENTS, 0, "dtime") ?:
	       object_other_number(objects, object, SEGMENTS, 0, "ctime");
}

static int64_t file_time(const struct objects *objects,
			 const struct object *object)
{
	return latest(object_time(objects, object, "btime"),
		      latest(object_time(objects, object, "mtime"),
			     object_time(objects, object, "ctime")));
}

static struct orphan describe(const struct objects *objects,
			      const struct object *object, int64_t now)
{
	struct orphan orphan;
	int64_t last = orphan_find(&orphan, objects, object);

	if (object->in[SEGMENTS].count)
		last = segment_time(objects, object);
	if (!last || !object->in[SEGMENTS].count)
		last = latest(last, file_time(objects, object));
	orphan.age = now > last ? now - last : 0;
	return orphan;
}

static const char *is_gone(const struct objects *objects,
			   const struct object *object)
{
	const char *path = object_cgroup(objects, object);

	if (!table_value(path))
		return NULL;
	return cgroup_gone(path) ? "yes" : "no";
}

COLUMN_GET(orphan, age, number, orphan->age)
COLUMN_GET(orphan, gone, text, is_gone(all, orphan->object))
COLUMN_GET(orphan, path, text, orphan->path)
COLUMN_GET(orphan, remove, text, orphan->remove ?: orphan->comment)
COLUMN_GET(orphan, reason, text, orphan->reason)

static const struct column columns[] = {
	{ "ID", "MAJOR:MINOR:INO:GENERATION", TEXT, get_object_id },
	{ "KIND", "posix, sysv or tmpfs", TEXT, get_object_cell, "kind",
	  .standard = true },
	{ "RESIDENT", "in memory", SIZE, get_object_resident,
	  .standard = true },
	{ "SWAPPED", "in swap", SIZE, get_object_swapped, .standard = true },
	{ "PAGESIZE", "size of its pages", SIZE, get_object_pagesize },
	{ "AGE", "since a segment was detached, or a file made, written or read",
	  AGE, get_age, .standard = true },
	{ "USER", "owner's name", NAME, get_object_user, .standard = true },
	{ "NAME", "name inside its file system", NAME, get_object_cell,
	  "name" },
	{ "PATH", "path; in another mount namespace, by /proc/PID/root", NAME,
	  get_path },
	{ "CGROUP", "the cgroup that is charged for most of it", NAME,
	  get_object_cgroup },
	{ "GONE", "whether that cgroup has been removed", TEXT, get_gone },
	{ "REMOVE", "the shell command that removes it", TEXT, get_remove,
	  .standard = true },
	{ "REASON", "why there is no such command", TEXT, get_reason },
	{}
};

static void usage(void)
{
	puts("Usage: shmstat orphans [options]\n"
	     "Lists files of /dev/shm and hugetlbfs, and System V segments, that no process\n"
	     "has, in any namespace, and the command that removes each. Nothing is removed.\n"
	     "A file may be meant to stay.\n\n"
	     "     --older AGE     only those with an AGE of at least that: 10m, 2h or 3d;\n"
	     "                     a file may have been mapped since\n"
	     "     --all           also files of all other tmpfs mounts\n"
	     OUTPUT_LIST_HELP);
	output_help(columns);
}

enum { OLDER = 256, ALL };

static const struct option options[] = {
	OUTPUT_LIST_OPTIONS,
	{ "older",	required_argument,	NULL, OLDER },
	{ "all",	no_argument,		NULL, ALL },
	{}
};

#define WITH_ORPHANS	(WITH_REMOVAL | WITH_CGROUPS |			\
			 NEED(OBJECT_BTIME) | NEED(OBJECT_MTIME) |	\
			 NEED(OBJECT_CTIME) |				\
			 NEED(SEGMENT_DTIME) | NEED(SEGMENT_CTIME))

/* What a file in another mount namespace is removed by. */
static const char foreign_rm[] =
	"nsenter runs the rm of that container, as root: only where you trust its files.";

/* A segment counts its attaches; a mapping of a file leaves no time. */
static void explain(const struct output *output, const struct orphan *list,
		    size_t count)
{
	size_t without = 0, i;
	bool foreign = false;

	if (output->form != AS_TABLE || output->noheadings || !count)
		return;
	for (i = 0; i < count; i++) {
		without += !list[i].remove;
		foreign |= list[i].foreign;
	}
	puts("\nAGE: a segment was detached so long ago; a file was made, written or read so\n"
	     "long ago, and may have been mapped until now. Nothing was removed, and some may\n"
	     "be meant to stay.");
	if (without)
		printf("No command removes %zu of them; REMOVE says why, behind a #.\n",
		       without);
	if (foreign)
		puts(foreign_rm);
	if (moment_is_past())
		puts("This is of the past: files may be in use now, and pids be those of others.");
}

static int run(int argc, char **argv)
{
	struct output output = {
		.all = columns,
		.variable = "SHMSTAT_ORPHANS_COLUMNS",
	};
	size_t count = 0, room = 0, i;
	struct orphan *list = NULL;
	struct objects objects;
	const void **things;
	bool all = false;
	double older = 0;
	int64_t now;
	int c;

	while ((c = command_option(&command_orphans, argc, argv)) >= 0) {
		if (c == OLDER)
			older = clock_parse("--older", optarg, 0);
		else if (c == ALL)
			all = true;
		else
			output_option(&output, c, optarg);
	}
	/* Programs are told all. */
	if (output.form == AS_JSON && !output.list)
		output.everything = true;
	output_choose(&output);
	objects_load(&objects, WITH_ORPHANS);
	now = moment_time();
	for (i = 0; i < objects.count; i++) {
		struct orphan orphan;

		if (!object_orphan(&objects, &objects.list[i], all))
			continue;
		orphan = describe(&objects, &objects.list[i], now);
		if (orphan.age < older) {
			orphan_free(&orphan);
			continue;
		}
		if (output.form == AS_TABLE)
			orphan_comment(&orphan, &objects);
		list = xgrow(list, count, &room, sizeof(*list));
		list[count++] = orphan;
	}
	things = output_things(list, count, sizeof(*list));
	if (count)
		qsort(things, count, sizeof(*things), things_by_memory);
	output_list(&output, "orphans", &objects, things, count);
	explain(&output, list, count);
	for (i = 0; i < count; i++)
		orphan_free(&list[i]);
	free(list);
	free(things);
	orphans_done();
	objects_free(&objects);
	return 0;
}

const struct command command_orphans = {
	"orphans", "what only a name keeps, and how to remove it", usage, run,
	OUTPUT_SHORT, options
};

// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat list: the objects, those that were asked for.
 */
#include <err.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "commands/commands.h"
#include "filter.h"
#include "fold.h"
#include "object_columns.h"
#include "objects.h"
#include "output.h"
#include "process.h"
#include "text.h"
#include "xalloc.h"

/**
 * struct wanted - which objects are listed
 * @kind: of this kind, or NULL
 * @cgroup: charged to this cgroup or one below it, or NULL
 * @pid: held by this process, or NULL
 * @uid: of this user, or NULL
 */
struct wanted {
	const char *kind;
	char *cgroup;
	const char *pid;
	char *uid;
};

static bool held_by(const struct objects *objects, const struct object *object,
		    const char *pid)
{
	size_t nr;

	for (nr = 0; nr < object->in[HOLDERS].count; nr++)
		if (!strcmp(object_other(objects, object, HOLDERS, nr, "pid"),
			    pid))
			return true;
	return false;
}

static bool charged_to(const struct objects *objects,
		       const struct object *object, const char *cgroup)
{
	size_t nr;

	for (nr = 0; nr < object->in[CGROUPS].count; nr++)
		if (cgroup_is(object_other(objects, object, CGROUPS, nr,
					   "path"), cgroup))
			return true;
	return false;
}

static bool is_wanted(const struct wanted *wanted,
		      const struct objects *objects,
		      const struct object *object)
{
	if (wanted->kind &&
	    strcmp(object_cell(objects, object, "kind"), wanted->kind))
		return false;
	if (wanted->uid &&
	    strcmp(object_cell(objects, object, "uid"), wanted->uid))
		return false;
	if (wanted->pid && !held_by(objects, object, wanted->pid))
		return false;
	return !wanted->cgroup || charged_to(objects, object, wanted->cgroup);
}

/* A process may hold nothing; there has to be one, or it may just have ended. */
static void check_pid(const struct objects *objects, const char *pid)
{
	const struct table *holders = &objects->others[HOLDERS];
	int column = table_column(holders, "pid");
	char *path = xasprintf("%s/%s", proc_dir, pid);
	bool exists = !access(path, F_OK);
	size_t row;

	free(path);
	if (exists)
		return;
	for (row = 0; row < holders->rows; row++)
		if (!strcmp(table_cell(holders, row, column), pid))
			return;
	errx(1, "--pid: there is no process %s", pid);
}

/* It may be charged for nothing, but has to be there. */
static void check_cgroup(const struct objects *objects, const char *cgroup)
{
	const struct table *cgroups = &objects->others[CGROUPS];
	int column = table_column(cgroups, "path");
	size_t row;

	if (cgroup_exists(cgroup))
		return;
	for (row = 0; row < cgroups->rows; row++)
		if (cgroup_is(table_cell(cgroups, row, column), cgroup))
			return;
	if (*cgroup == '/')
		errx(1, "--cgroup: there is no cgroup '%s', and nothing is charged to it",
		     cgroup);
	errx(1,
	     "--cgroup: nothing is charged to a cgroup called '%s'; for a cgroup and all below it give its path, such as /system.slice",
	     cgroup);
}

/* Those that are wanted; to be freed. */
static const struct object **choose(const struct objects *objects,
				    const struct wanted *wanted, size_t *count)
{
	const struct object **list = xcalloc(objects->count, sizeof(*list));
	size_t nr;

	*count = 0;
	for (nr = 0; nr < objects->count; nr++)
		if (is_wanted(wanted, objects, &objects->list[nr]))
			list[(*count)++] = &objects->list[nr];
	return list;
}

static void usage(void)
{
	const struct column *column;
	int count = 0;

	puts("Usage: shmstat list [options]\n"
	     "Lists the objects that hold shared memory, largest first.\n\n"
	     "     --kind KIND     only of this kind\n"
	     "     --pid PID       only what this process holds\n"
	     "     --cgroup CGROUP only what this cgroup is charged for, or one below it;\n"
	     "                     its path, or its name as 'shmstat' shows it\n"
	     "     --user USER     only of this owner, a name or an id\n"
	     " -Q, --filter EXPR   only what this is true of, such as 'SIZE > 10M'\n"
	     "     --sort COLUMN   by this column, not by RESIDENT and SWAPPED together;\n"
	     "                     with :asc or :desc behind it, in that order\n"
	     "     --group KEY     one line for all of one\n"
	     "                     " FOLD_WORDS "\n"
	     OUTPUT_LIST_HELP);
	puts("\nWith --group, the columns are");
	for (column = fold_columns; column->name; column++)
		printf("%s%s", column->name, !column[1].name ? ".\n" :
		       ++count % 7 ? ", " : ",\n");
	output_help(object_columns);
}

static void set_user(struct wanted *wanted, const char *name)
{
	const struct passwd *user = getpwnam(name);

	free(wanted->uid);
	if (user)
		wanted->uid = xasprintf("%u", user->pw_uid);
	else if (*name && !name[strspn(name, "0123456789")])
		wanted->uid = xstrdup(name);
	else
		errx(2, "--user: no user is called '%s'", name);
}

static void set_kind(struct wanted *wanted, const char *kind)
{
	size_t length, i;
	char *kinds;
	FILE *out;

	wanted->kind = kind;
	if (is_one_of(kind, object_kinds))
		return;
	out = xmemstream(&kinds, &length);
	for (i = 0; object_kinds[i]; i++)
		fprintf(out, " %s", object_kinds[i]);
	xfclose(out);
	errx(2, "--kind: '%s' is none; there are:%s", kind, kinds);
}

static void set_pid(struct wanted *wanted, const char *pid)
{
	if (!*pid || pid[strspn(pid, "0123456789")])
		errx(2, "--pid wants a number, not '%s'", pid);
	wanted->pid = pid;
}

enum { SORT = 256, KIND, PID, CGROUP, USER, GROUP };

static const struct option options[] = {
	OUTPUT_LIST_OPTIONS,
	{ "sort",	required_argument,	NULL, SORT },
	{ "kind",	required_argument,	NULL, KIND },
	{ "pid",	required_argument,	NULL, PID },
	{ "cgroup",	required_argument,	NULL, CGROUP },
	{ "user",	required_argument,	NULL, USER },
	{ "group",	required_argument,	NULL, GROUP },
	{ "filter",	required_argument,	NULL, 'Q' },
	{}
};

/**
 * struct shown - how they are listed
 * @sort: by which column and in which order, or NULL
 * @group: what those on one line have in common
 * @filter: an expression, or NULL
 */
struct shown {
	const char *sort;
	enum fold_key group;
	const char *filter;
};

static void parse(int argc, char **argv, struct output *output,
		  struct wanted *wanted, struct shown *shown)
{
	int c;

	while ((c = command_option(&command_list, argc, argv)) >= 0) {
		switch (c) {
		case SORT:
			shown->sort = optarg;
			break;
		case GROUP:
			shown->group = fold_parse(optarg);
			break;
		case 'Q':
			shown->filter = optarg;
			break;
		case KIND:
			set_kind(wanted, optarg);
			break;
		case PID:
			set_pid(wanted, optarg);
			break;
		case CGROUP:
			free(wanted->cgroup);
			wanted->cgroup = escape_more(optarg);
			break;
		case USER:
			set_user(wanted, optarg);
			break;
		default:
			output_option(output, c, optarg);
		}
	}
}

/* COLUMN, COLUMN:asc or COLUMN:desc; where neither is said, as usual. */
static const struct column *parse_sort(const struct output *output,
				       const char *sort, bool *reversed)
{
	size_t length = strcspn(sort, ":");
	const char *order = sort[length] ? sort + length + 1 : NULL;
	int nr = output_find(output, sort, length);
	const struct column *column;

	if (nr < 0)
		output_no_column(output, "--sort: ", sort, length);
	if (order && strcmp(order, "asc") && strcmp(order, "desc"))
		errx(2, "--sort: behind %.*s: goes asc or desc, not '%s'",
		     (int)length, sort, order);
	column = &output->all[nr];
	/* Numbers begin with the largest, texts with A. */
	*reversed = order && !strcmp(order, "asc") != column_is_text(column);
	return column;
}

static void list_objects(const struct output *output,
			 const struct objects *objects,
			 const struct object *const *list, size_t count,
			 const struct column *column, bool reversed)
{
	const void **things = output_things(list, count, sizeof(*list));

	column_sort(column ?: &memory_column, objects, things, count, reversed,
		    objects_by_id);
	output_list(output, "objects", objects, things, count);
	free(things);
}

/* Else lines of one name and two page sizes look alike. */
static bool differ_in_pagesize(const struct folds *folds)
{
	size_t i;

	for (i = 1; i < folds->count; i++)
		if (folds->list[i].pagesize != folds->list[0].pagesize)
			return true;
	return false;
}

static void list_groups(struct output *output,
			const struct objects *objects,
			const struct object *const *list, size_t count,
			enum fold_key group, const struct column *column,
			bool reversed)
{
	struct members members = {};
	struct fold_plan plan = { group, &members };
	const void **things;
	struct folds folds;

	fold_objects(&folds, &plan, objects, list, count);
	members_free(&members);
	if (differ_in_pagesize(&folds))
		output_also(output, "PAGESIZE");
	things = output_things(folds.list, folds.count, sizeof(*folds.list));
	column_sort(column ?: &fold_memory_column, objects, things,
		    folds.count, reversed, folds_by_memory);
	output_list(output, "groups", objects, things, folds.count);
	free(things);
	folds_free(&folds);
}

/* Those that an expression is true of. */
static size_t apply(struct filter *filter, const struct objects *objects,
		    const struct object **list, size_t count)
{
	const void **things = output_things(list, count, sizeof(*list));
	size_t i;

	count = filter_things(filter, objects, things, count);
	/* In the order of the list: none is overwritten before it is read. */
	for (i = 0; i < count; i++)
		list[i] = *(const struct object *const *)things[i];
	free(things);
	return count;
}

static int run(int argc, char **argv)
{
	struct output output = {
		.all = object_columns,
		.variable = "SHMSTAT_LIST_COLUMNS",
	};
	const struct column *column = NULL;
	struct filter *filter = NULL;
	const struct object **list;
	struct wanted wanted = {};
	struct shown shown = {};
	struct objects objects;
	bool reversed = false;
	uint64_t with = 0;
	size_t count;

	parse(argc, argv, &output, &wanted, &shown);
	if (shown.filter) {
		filter = filter_new(shown.filter, &output);
		with |= filter_with(filter);
	}
	if (shown.group) {
		output.all = fold_columns;
		output.variable = NULL;
		output.with = "--group";
	}
	output_choose(&output);
	if (shown.sort)
		column = parse_sort(&output, shown.sort, &reversed);
	with |= output_with(&output) | fold_with(shown.group);
	with |= column ? column->with : 0;
	with |= wanted.pid ? WITH_HOLDERS : 0;
	with |= wanted.cgroup ? WITH_CGROUPS : 0;

	objects_load(&objects, with);
	if (wanted.pid)
		check_pid(&objects, wanted.pid);
	if (wanted.cgroup)
		check_cgroup(&objects, wanted.cgroup);
	list = choose(&objects, &wanted, &count);
	if (filter)
		count = apply(filter, &objects, list, count);
	if (shown.group)
		list_groups(&output, &objects, list, count, shown.group, column,
			    reversed);
	else
		list_objects(&output, &objects, list, count, column, reversed);
	if (filter)
		filter_free(filter);
	free(list);
	free(wanted.cgroup);
	free(wanted.uid);
	objects_free(&objects);
	return 0;
}

const struct command command_list = {
	"list", "lists objects, all or some, or what they have in common", usage,
	run, OUTPUT_SHORT "Q:", options
};

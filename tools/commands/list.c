// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat list: the objects, those that were asked for.
 */
#include <err.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "columns.h"
#include "commands/commands.h"
#include "objects.h"
#include "text.h"
#include "xalloc.h"

/**
 * struct wanted - which objects are listed
 * @kind: of this kind, or NULL
 * @cgroup: charged to this cgroup or one below it, or NULL
 * @pid: held by this process, or NULL
 * @uid: of this user, or empty
 */
struct wanted {
	const char *kind;
	char *cgroup;
	const char *pid;
	char uid[24];
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

/* By its path, or by the name that the answer shows. */
static bool is_cgroup(const char *path, const char *wanted)
{
	size_t length = strlen(wanted);
	char *text;
	bool same;

	if (*wanted == '/') {
		while (length && wanted[length - 1] == '/')
			length--;
		return !strncmp(path, wanted, length) &&
		       (!path[length] || path[length] == '/');
	}
	text = cgroup_text(path);
	same = !strcmp(text, wanted);
	free(text);
	return same;
}

static bool paid_by(const struct objects *objects, const struct object *object,
		    const char *cgroup)
{
	size_t nr;

	for (nr = 0; nr < object->in[CGROUPS].count; nr++)
		if (is_cgroup(object_other(objects, object, CGROUPS, nr,
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
	if (*wanted->uid &&
	    strcmp(object_cell(objects, object, "uid"), wanted->uid))
		return false;
	if (wanted->pid && !held_by(objects, object, wanted->pid))
		return false;
	return !wanted->cgroup || paid_by(objects, object, wanted->cgroup);
}

/* A process may hold nothing; there has to be one, or it may just have ended. */
static void check_pid(const struct objects *objects, const char *pid)
{
	const struct table *holders = &objects->others[HOLDERS];
	int column = table_column(holders, "pid");
	char path[PATH_MAX];
	size_t row;

	snprintf(path, sizeof(path), "%s/%s", proc_folder, pid);
	if (!access(path, F_OK))
		return;
	for (row = 0; row < holders->rows; row++)
		if (!strcmp(table_cell(holders, row, column), pid))
			return;
	errx(1, "--pid: there is no process %s", pid);
}

/* Whether there is a folder of a cgroup, whose path is as tables have it. */
static bool cgroup_exists(const char *cgroup)
{
	static const char *const roots[] = { "", "/memory" };
	char *raw = unescape_text(xstrdup(cgroup));
	bool found = false;
	size_t i;

	for (i = 0; i < 2; i++) {
		char *path = xasprintf("%s/../sys/fs/cgroup%s%s", proc_folder,
				       roots[i], raw);

		found |= *raw == '/' && !access(path, F_OK);
		free(path);
	}
	free(raw);
	return found;
}

/* It may pay for nothing, but has to be there. */
static void check_cgroup(const struct objects *objects, const char *cgroup)
{
	const struct table *cgroups = &objects->others[CGROUPS];
	int column = table_column(cgroups, "path");
	size_t row;

	if (cgroup_exists(cgroup))
		return;
	for (row = 0; row < cgroups->rows; row++)
		if (is_cgroup(table_cell(cgroups, row, column), cgroup))
			return;
	errx(1, "--cgroup: no cgroup '%s' pays for anything%s", cgroup,
	     *cgroup == '/' ? ", nor is there one" :
	     "; to be found by name it has to, give its path");
}

/**
 * struct entry - an object to be sorted
 * @object: the object
 * @text: what stands in the column it is sorted by, if that is text
 * @number: the same as a number, else
 */
struct entry {
	const struct object *object;
	char *text;
	unsigned long long number;
};

/* What is most first, text by the alphabet, nothing last. */
static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order;

	if (x->text && y->text)
		order = strcmp(x->text, y->text);
	else
		order = !!y->text - !!x->text ?:
			(x->number < y->number) - (x->number > y->number);
	return order ?: objects_by_id(x->object, y->object);
}

/* By a column or, if there is none, by memory and swap together. */
static void set_key(struct entry *entry, const struct objects *objects,
		    const struct column *column)
{
	const char *value;

	if (!column) {
		entry->number = object_memory(entry->object);
		return;
	}
	value = column->get(objects, entry->object);
	if (value && (column->value == TEXT || column->value == NAME))
		entry->text = xstrdup(value);
	else if (value)
		entry->number = strtoull(value, NULL, 10);
}

/* Those that are wanted, in their order; to be freed. */
static const void **sort(const struct objects *objects,
			 const struct wanted *wanted,
			 const struct column *column, size_t *count)
{
	struct entry *entries = xcalloc(objects->count, sizeof(*entries));
	const void **things;
	size_t nr;

	*count = 0;
	for (nr = 0; nr < objects->count; nr++) {
		struct entry *entry = &entries[*count];

		entry->object = &objects->list[nr];
		if (!is_wanted(wanted, objects, entry->object))
			continue;
		set_key(entry, objects, column);
		(*count)++;
	}
	qsort(entries, *count, sizeof(*entries), compare);
	things = xcalloc(*count, sizeof(*things));
	for (nr = 0; nr < *count; nr++) {
		things[nr] = entries[nr].object;
		free(entries[nr].text);
	}
	free(entries);
	return things;
}

static void usage(void)
{
	puts("Usage: shmstat list [options]\n"
	     "Lists the objects that hold shared memory, largest first.\n\n"
	     "     --kind KIND     only of this kind\n"
	     "     --pid PID       only what this process holds\n"
	     "     --cgroup CGROUP only what this cgroup pays for, or one below it;\n"
	     "                     its path, or its name as 'shmstat' shows it\n"
	     "     --user USER     only of this owner, a name or an id\n"
	     "     --sort COLUMN   by this column, not by RESIDENT and SWAPPED together\n"
	     OUTPUT_LIST_HELP);
	output_help(object_columns);
}

static void set_user(struct wanted *wanted, const char *name)
{
	const struct passwd *user = getpwnam(name);

	if (user)
		snprintf(wanted->uid, sizeof(wanted->uid), "%u", user->pw_uid);
	else if (*name && strlen(name) < sizeof(wanted->uid) &&
		 !name[strspn(name, "0123456789")])
		strcpy(wanted->uid, name);
	else
		errx(2, "--user: no user is called '%s'", name);
}

static void set_kind(struct wanted *wanted, const char *kind)
{
	static const char kinds[] = " sysv posix anon memfd gpu tmpfs kernel ";
	char padded[16];

	snprintf(padded, sizeof(padded), " %s ", kind);
	if (strchr(kind, ' ') || !strstr(kinds, padded))
		errx(2, "--kind: '%s' is none; there are:%s", kind, kinds);
	wanted->kind = kind;
}

static void set_pid(struct wanted *wanted, const char *pid)
{
	if (!*pid || pid[strspn(pid, "0123456789")])
		errx(2, "--pid wants a number, not '%s'", pid);
	wanted->pid = pid;
}

enum { SORT = 256, KIND, PID, CGROUP, USER };

const struct option list_options[] = {
	OUTPUT_LIST_OPTIONS,
	{ "sort",	required_argument,	NULL, SORT },
	{ "kind",	required_argument,	NULL, KIND },
	{ "pid",	required_argument,	NULL, PID },
	{ "cgroup",	required_argument,	NULL, CGROUP },
	{ "user",	required_argument,	NULL, USER },
	{}
};

static void parse(int argc, char **argv, struct output *output,
		  struct wanted *wanted, const char **by)
{
	int c;

	while ((c = getopt_long(argc, argv, OUTPUT_SHORT, list_options,
				NULL)) >= 0) {
		if (output_option(output, c, optarg))
			continue;
		switch (c) {
		case SORT:
			*by = optarg;
			break;
		case KIND:
			set_kind(wanted, optarg);
			break;
		case PID:
			set_pid(wanted, optarg);
			break;
		case CGROUP:
			wanted->cgroup = escape_more(optarg);
			break;
		case USER:
			set_user(wanted, optarg);
			break;
		case 'h':
			usage();
			exit(0);
		default:
			wrong_usage(argv);
		}
	}
	if (optind < argc)
		errx(2, "list takes no '%s'; see shmstat list --help",
		     argv[optind]);
}

int command_list(int argc, char **argv)
{
	struct output output = {
		.all = object_columns,
		.variable = "SHMSTAT_LIST_COLUMNS",
	};
	const struct column *column = NULL;
	struct wanted wanted = {};
	struct objects objects;
	const char *by = NULL;
	const void **things;
	uint64_t with;
	size_t count;

	parse(argc, argv, &output, &wanted, &by);
	output_choose(&output);
	if (by) {
		int nr = output_find(&output, by, strlen(by));

		if (nr < 0)
			errx(2, "--sort: no column '%s'; --help lists them",
			     by);
		column = &object_columns[nr];
	}
	with = output_with(&output) | (column ? column->with : 0);
	with |= wanted.pid ? WITH_HOLDERS : 0;
	with |= wanted.cgroup ? WITH_CGROUPS : 0;

	objects_load(&objects, with);
	if (wanted.pid)
		check_pid(&objects, wanted.pid);
	if (wanted.cgroup)
		check_cgroup(&objects, wanted.cgroup);
	things = sort(&objects, &wanted, column, &count);
	output_list(&output, "objects", &objects, things, count);
	free(things);
	free(wanted.cgroup);
	objects_free(&objects);
	return 0;
}

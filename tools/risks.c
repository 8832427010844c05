// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat risks: where an access may raise SIGBUS, because somebody else can cut
 * an object short, or because a mapping reaches past its end already.
 */
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "objects.h"
#include "output.h"
#include "text.h"
#include "users.h"

/**
 * struct risk - an object that is one
 * @object: the object
 * @past_eof: bytes that are mapped and do not exist
 * @cut: whether its size can be cut by another user or cgroup
 * @users: who has it, with commas between them
 * @cgroups: the same of cgroups
 */
struct risk {
	const struct object *object;
	uint64_t past_eof;
	bool cut;
	char *users;
	char *cgroups;
};

/* Adds to a list with commas; returns whether it was not in it. */
static bool add(char **list, const char *name)
{
	size_t length = strlen(name);
	const char *at = *list;
	char *new;

	while (at && *at) {
		if (!strncmp(at, name, length) &&
		    (!at[length] || at[length] == ','))
			return false;
		at += strcspn(at, ",");
		at += *at == ',';
	}
	if (asprintf(&new, "%s%s%s", *list ?: "", *list ? "," : "", name) < 0)
		err(1, "risks");
	free(*list);
	*list = new;
	return true;
}

/* The cgroup of a process: of version 2, or the memory controller's. */
static char *process_cgroup(const char *pid)
{
	char path[PATH_MAX], line[PATH_MAX + 100], *found = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/cgroup", proc_folder, pid);
	file = fopen(path, "r");
	while (file && !found && fgets(line, sizeof(line), file)) {
		char *controllers = strchr(line, ':');
		char *name = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!name || (strncmp(controllers, "::", 2) &&
			      strncmp(controllers, ":memory:", 8)))
			continue;
		name++;
		found = escape_text(name, strcspn(name, "\n"));
	}
	if (file)
		fclose(file);
	return found;
}

static void assess(const struct objects *objects, struct risk *risk)
{
	const struct object *object = risk->object;
	unsigned int users = 0, cgroups = 0;
	size_t nr;

	for (nr = 0; nr < object->in[MAPS].count; nr++)
		risk->past_eof += strtoull(object_other(objects, object, MAPS,
							nr, "past_eof"),
					   NULL, 10);
	if (!object->in[MAPS].count ||
	    strcmp(object_cell(objects, object, "truncate"), "possible"))
		return;
	users += add(&risk->users,
		     user_name(object_cell(objects, object, "uid")));
	for (nr = 0; nr < object->in[HOLDERS].count; nr++) {
		char *cgroup;

		users += add(&risk->users,
			     user_name(object_other(objects, object, HOLDERS,
						    nr, "uid")));
		cgroup = process_cgroup(object_other(objects, object, HOLDERS,
						     nr, "pid"));
		if (cgroup)
			cgroups += add(&risk->cgroups, cgroup);
		free(cgroup);
	}
	risk->cut = users > 1 || cgroups > 1;
}

COLUMN_GET(risk, risk, risk->cut && risk->past_eof ? "truncate,past-eof" :
	   risk->cut ? "truncate" : "past-eof")
COLUMN_GET(risk, size, output_number(risk->object->size))
COLUMN_GET(risk, resident, output_number(risk->object->resident))
COLUMN_GET(risk, past_eof, output_number(risk->past_eof))
COLUMN_GET(risk, users, risk->users)
COLUMN_GET(risk, cgroups, risk->cgroups)
COLUMN_GET(risk, id, risk->object->id)
COLUMN_GET(risk, kind, object_cell(all, risk->object, "kind"))
COLUMN_GET(risk, name, object_cell(all, risk->object, "name"))
COLUMN_GET(risk, mode, object_cell(all, risk->object, "mode"))
COLUMN_GET(risk, maps, output_number(risk->object->in[MAPS].count))
COLUMN_GET(risk, pid,
	   table_value(object_other(all, risk->object, MAPS, 0, "pid")))
COLUMN_GET(risk, comm,
	   table_value(object_other(all, risk->object, MAPS, 0, "comm")))

static const struct column columns[] = {
	{ "RISK", "truncate: can be cut by another; past-eof: is too short now",
	  TEXT, 0, true, get_risk },
	{ "SIZE", "size", SIZE, 0, true, get_size },
	{ "RESIDENT", "in memory", SIZE, 0, false, get_resident },
	{ "PAST_EOF", "bytes mapped past its end", SIZE, 0, true,
	  get_past_eof },
	{ "KIND", "posix, memfd or tmpfs", TEXT, 0, true, get_kind },
	{ "MODE", "permissions, octal", TEXT, 0, false, get_mode },
	{ "USERS", "its owner, and of the processes that hold it", TEXT, 0,
	  true, get_users },
	{ "CGROUPS", "of the processes that hold it", NAME, 0, false,
	  get_cgroups },
	{ "MAPS", "how often it is mapped", NUMBER, 0, true, get_maps },
	{ "PID", "a process that maps it", NUMBER, 0, true, get_pid },
	{ "COMMAND", "its name", NAME, 0, true, get_comm },
	{ "ID", "MAJOR:MINOR:INO:GENERATION", TEXT, 0, true, get_id },
	{ "NAME", "name inside its file system", NAME, 0, true, get_name },
	{}
};

/* Those that raise SIGBUS now come first. */
static int compare(const void *a, const void *b)
{
	const struct risk *x = *(const struct risk *const *)a;
	const struct risk *y = *(const struct risk *const *)b;

	return (x->past_eof < y->past_eof) - (x->past_eof > y->past_eof) ?:
	       (x->object->size < y->object->size) -
	       (x->object->size > y->object->size) ?:
	       strcmp(x->object->id, y->object->id);
}

static void usage(void)
{
	puts("Usage: shmstat risks [options]\n"
	     "Lists objects that are mapped, are shared between users or cgroups, and\n"
	     "can be cut short by any of them, so that the others get SIGBUS; and\n"
	     "those that are mapped past their end already.\n\n"
	     OUTPUT_LIST_HELP);
	output_help(columns);
}

int command_risks(int argc, char **argv)
{
	static const struct option options[] = {
		OUTPUT_LIST_OPTIONS,
		{}
	};
	struct output output = { .all = columns };
	struct objects objects;
	const void **things;
	struct risk *risks;
	size_t count = 0, i;
	int c;

	while ((c = getopt_long(argc, argv, OUTPUT_SHORT, options,
				NULL)) >= 0) {
		if (c == 'h') {
			usage();
			return 0;
		}
		if (!output_option(&output, c, optarg))
			wrong_usage(argv);
	}
	if (optind < argc)
		errx(2, "risks takes no '%s'; see shmstat risks --help",
		     argv[optind]);
	output_choose(&output);
	objects_load(&objects, WITH_HOLDERS | WITH_MAPS);
	risks = calloc(objects.count + 1, sizeof(*risks));
	things = calloc(objects.count + 1, sizeof(*things));
	if (!risks || !things)
		err(1, "%zu objects", objects.count);
	for (i = 0; i < objects.count; i++) {
		risks[i].object = &objects.list[i];
		assess(&objects, &risks[i]);
		if (risks[i].cut || risks[i].past_eof)
			things[count++] = &risks[i];
	}
	qsort(things, count, sizeof(*things), compare);
	if (!count && output.form == FOR_PEOPLE)
		puts("none");
	else
		output_print(&output, "risks", &objects, things, count);
	for (i = 0; i < objects.count; i++) {
		free(risks[i].users);
		free(risks[i].cgroups);
	}
	free(risks);
	free(things);
	objects_free(&objects);
	return 0;
}

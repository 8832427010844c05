// SPDX-License-Identifier: GPL-2.0
/*
 * Sums objects up by what they have in common, largest sum first. Only those
 * that Shmem counts.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "text.h"
#include "users.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct group *)a)->name,
		      ((const struct group *)b)->name);
}

static int by_memory(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	uint64_t nx = x->resident + x->swapped, ny = y->resident + y->swapped;

	return (nx < ny) - (nx > ny) ?: strcmp(x->name, y->name);
}

/**
 * groups_add - add to a list of sums
 * @groups: the list
 * @name: copied
 * @objects: how many
 * @resident: bytes
 * @swapped: bytes
 */
void groups_add(struct groups *groups, const char *name, uint64_t objects,
		uint64_t resident, uint64_t swapped)
{
	if (groups->count == groups->room) {
		groups->room = 2 * groups->room + 64;
		groups->list = reallocarray(groups->list, groups->room,
					    sizeof(*groups->list));
		if (!groups->list)
			err(1, "sums");
	}
	groups->list[groups->count] = (struct group){
		.name = strdup(name),
		.objects = objects,
		.resident = resident,
		.swapped = swapped,
	};
	if (!groups->list[groups->count++].name)
		err(1, "sums");
}

/* Adds up what has the same name, and sorts what is left by size. */
static void merge(struct groups *groups)
{
	size_t kept = 0, i;

	if (!groups->count)
		return;
	qsort(groups->list, groups->count, sizeof(*groups->list), by_name);
	for (i = 0; i < groups->count; i++) {
		struct group *group = &groups->list[i];

		if (kept && !by_name(&groups->list[kept - 1], group)) {
			groups->list[kept - 1].objects += group->objects;
			groups->list[kept - 1].resident += group->resident;
			groups->list[kept - 1].swapped += group->swapped;
			free(group->name);
		} else {
			groups->list[kept++] = *group;
		}
	}
	groups->count = kept;
	qsort(groups->list, kept, sizeof(*groups->list), by_memory);
}

/* By the names of their owners; groups_free() them. */
void groups_by_user(struct groups *groups, const struct objects *objects)
{
	size_t i;

	*groups = (struct groups){};
	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		if (object->shmem)
			groups_add(groups,
				   user_name(object_cell(objects, object,
							 "uid")),
				   1, object->resident, object->swapped);
	}
	merge(groups);
}

/*
 * By who pays for what is in memory; nobody is said to pay for what is in swap.
 * Read them WITH_CGROUPS; groups_free() the sums.
 */
void groups_by_cgroup(struct groups *groups, const struct objects *objects)
{
	const struct table *table = &objects->others[CGROUPS];
	int id = table_column(table, "id");
	int path = table_column(table, "path");
	int resident = table_column(table, "resident");
	size_t row;

	*groups = (struct groups){};
	for (row = 0; row < table->rows; row++) {
		const struct object *object;

		object = objects_find(objects, table_cell(table, row, id));
		if (object && object->shmem)
			groups_add(groups, table_cell(table, row, path), 1,
				   table_number(table, row, resident), 0);
	}
	merge(groups);
}

/*
 * By who holds it, as PID/COMMAND; what several hold is in each of their sums.
 * Read them WITH_HOLDERS; groups_free() the sums.
 */
void groups_by_process(struct groups *groups, const struct objects *objects)
{
	const struct table *table = &objects->others[HOLDERS];
	int id = table_column(table, "id");
	int pid = table_column(table, "pid");
	int comm = table_column(table, "comm");
	size_t row;

	*groups = (struct groups){};
	for (row = 0; row < table->rows; row++) {
		const struct object *object;
		char *name;

		object = objects_find(objects, table_cell(table, row, id));
		if (!object || !object->shmem ||
		    !strcmp(table_cell(table, row, pid), "-"))
			continue;
		if (asprintf(&name, "%s/%s", table_cell(table, row, pid),
			     table_cell(table, row, comm)) < 0)
			err(1, "sums");
		groups_add(groups, name, 1, object->resident, object->swapped);
		free(name);
	}
	merge(groups);
}

void groups_free(struct groups *groups)
{
	size_t i;

	for (i = 0; i < groups->count; i++)
		free(groups->list[i].name);
	free(groups->list);
	*groups = (struct groups){};
}

COLUMN_GET(group, resident, output_number(group->resident))
COLUMN_GET(group, swapped, output_number(group->swapped))
COLUMN_GET(group, objects, output_number(group->objects))
COLUMN_GET(group, name, group->name)
COLUMN_GET(group, pid, output_number(atol(group->name)))
COLUMN_GET(group, command, strchr(group->name, '/') + 1)

static const char *get_label(const void *all, const void *thing)
{
	static char *text;

	(void)all;
	free(text);
	text = cgroup_text(((const struct group *)thing)->name);
	return text;
}

#define SUMS								\
	{ "RESIDENT", "in memory", SIZE, 0, true, get_resident },	\
	{ "SWAPPED", "in swap", SIZE, 0, true, get_swapped },		\
	{ "OBJECTS", "how many", NUMBER, 0, true, get_objects }

const struct column kind_columns[] = {
	SUMS,
	{ "KIND", "what they are", TEXT, 0, true, get_name },
	{}
};

/* Nobody is said to pay for what is in swap. */
const struct column cgroup_columns[] = {
	{ "RESIDENT", "in memory", SIZE, 0, true, get_resident },
	{ "OBJECTS", "how many", NUMBER, 0, true, get_objects },
	{ "CGROUP", "service, session or container", TEXT, 0, true, get_label },
	{ "PATH", "the cgroup's path", NAME, 0, true, get_name },
	{}
};

const struct column process_columns[] = {
	SUMS,
	{ "PID", "process that holds them", NUMBER, 0, true, get_pid },
	{ "COMMAND", "its name", NAME, 0, true, get_command },
	{}
};

const struct column user_columns[] = {
	SUMS,
	{ "USER", "who owns them", TEXT, 0, true, get_name },
	{}
};

/**
 * groups_print - write sums
 * @groups: the sums
 * @output: in which form, with columns of struct group
 * @name: what the list is called in JSON
 * @most: how many for people
 */
void groups_print(const struct groups *groups, struct output *output,
		  const char *name, size_t most)
{
	const void **things;
	size_t count, i;

	count = output->form != FOR_PEOPLE || most > groups->count ?
		groups->count : most;
	things = calloc(count + 1, sizeof(*things));
	if (!things)
		err(1, "%s", name);
	for (i = 0; i < count; i++)
		things[i] = &groups->list[i];
	output_choose(output);
	output_print(output, name, NULL, things, count);
	free(things);
	if (groups->count > count)
		printf("and %zu more\n", groups->count - count);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Sums objects up by what they have in common, largest sum first. Only those
 * that Shmem counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "text.h"
#include "users.h"
#include "xalloc.h"

/**
 * groups_add - add to a sum
 * @groups: the sums
 * @key: of which
 * @objects: how many
 * @resident: bytes
 * @swapped: bytes
 *
 * Return: the sum; a new one has no name yet.
 */
struct group *groups_add(struct groups *groups, uint64_t key, uint64_t objects,
			 uint64_t resident, uint64_t swapped)
{
	uint32_t hashed = hash_mix(key), nr;
	struct group *group = NULL;
	size_t at;

	for (at = hash_first(&groups->hash, hashed);
	     !group && hash_used(&groups->hash, at);
	     at = hash_next(&groups->hash, at))
		if (hash_nr(&groups->hash, at, hashed, &nr) &&
		    groups->list[nr].key == key)
			group = &groups->list[nr];
	if (!group) {
		if (groups->count == groups->room) {
			groups->room = 2 * groups->room + 64;
			groups->list = xreallocarray(groups->list, groups->room,
						     sizeof(*groups->list));
		}
		hash_add(&groups->hash, hashed, groups->count);
		group = &groups->list[groups->count++];
		*group = (struct group){ .key = key };
	}
	group->objects += objects;
	group->resident += resident;
	group->swapped += swapped;
	return group;
}

/* Largest first. */
static int by_memory(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	uint64_t nx = x->resident + x->swapped, ny = y->resident + y->swapped;

	return (nx < ny) - (nx > ny) ?: strcmp(x->name, y->name);
}

static void sort(struct groups *groups)
{
	if (groups->count)
		qsort(groups->list, groups->count, sizeof(*groups->list),
		      by_memory);
}

/* By their owners' ids; groups_free() them. */
void groups_by_user(struct groups *groups, const struct objects *objects)
{
	const struct table *table = &objects->table;
	int uid = table_column(table, "uid");
	size_t i;

	*groups = (struct groups){};
	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		if (object->shmem)
			groups_add(groups, table_word(table, object->row, uid),
				   1, object->resident, object->swapped);
	}
	for (i = 0; i < groups->count; i++)
		groups->list[i].name = xstrdup(pool_text(objects->pool,
							 groups->list[i].key));
	sort(groups);
}

/*
 * By who pays for what is in memory; nobody is said to pay for what is in swap.
 * Read them WITH_CGROUPS; groups_free() the sums.
 */
void groups_by_cgroup(struct groups *groups, const struct objects *objects)
{
	size_t i, nr;

	*groups = (struct groups){};
	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		for (nr = 0; object->shmem && nr < object->in[CGROUPS].count;
		     nr++)
			groups_add(groups,
				   object_other_word(objects, object, CGROUPS,
						     nr, "path"), 1,
				   object_other_number(objects, object, CGROUPS,
						       nr, "resident"), 0);
	}
	for (i = 0; i < groups->count; i++)
		groups->list[i].name = xstrdup(pool_text(objects->pool,
							 groups->list[i].key));
	sort(groups);
}

/*
 * By who holds it, as PID/COMMAND; what several hold is in each of their sums.
 * Read them WITH_HOLDERS; groups_free() the sums.
 */
void groups_by_process(struct groups *groups, const struct objects *objects)
{
	size_t i, nr;

	*groups = (struct groups){};
	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		for (nr = 0; object->shmem && nr < object->in[HOLDERS].count;
		     nr++) {
			uint64_t pid, comm;

			pid = object_other_word(objects, object, HOLDERS, nr,
						"pid");
			comm = object_other_word(objects, object, HOLDERS, nr,
						 "comm");
			if (table_value(pool_text(objects->pool, pid)))
				groups_add(groups, pid << 32 | comm, 1,
					   object->resident, object->swapped);
		}
	}
	for (i = 0; i < groups->count; i++)
		groups->list[i].name =
			xasprintf("%s/%s", pool_text(objects->pool,
						     groups->list[i].key >> 32),
				  pool_text(objects->pool,
					    (uint32_t)groups->list[i].key));
	sort(groups);
}

void groups_free(struct groups *groups)
{
	size_t i;

	for (i = 0; i < groups->count; i++)
		free(groups->list[i].name);
	free(groups->list);
	hash_free(&groups->hash);
	*groups = (struct groups){};
}

COLUMN_GET(group, resident, output_number(group->resident))
COLUMN_GET(group, swapped, output_number(group->swapped))
COLUMN_GET(group, objects, output_number(group->objects))
COLUMN_GET(group, name, group->name)
COLUMN_GET(group, pid, output_number(atol(group->name)))
COLUMN_GET(group, user, user_name(group->name))
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
	{ "CGROUP", "service, session or container", NAME, 0, true, get_label },
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
	{ "USER", "who owns them", NAME, 0, true, get_user },
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
	things = xcalloc(count, sizeof(*things));
	for (i = 0; i < count; i++)
		things[i] = &groups->list[i];
	output_choose(output);
	output_print(output, name, NULL, things, count);
	free(things);
	if (groups->count > count)
		printf("and %zu more\n", groups->count - count);
}

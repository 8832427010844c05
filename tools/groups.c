// SPDX-License-Identifier: GPL-2.0
/*
 * Sums objects up by what they have in common, largest sum first. Only those
 * that Shmem counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
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
	size_t nr = set_find(&groups->keys, key);
	struct group *group;

	if (nr == NOT_FOUND) {
		nr = groups->count++;
		groups->list = xgrow(groups->list, nr, &groups->room,
				     sizeof(*groups->list));
		groups->list[nr] = (struct group){ .key = key };
		set_add(&groups->keys, key);
	}
	group = &groups->list[nr];
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

/* Keys that are texts of the pool become the names. */
static void name_by_key(struct groups *groups, const struct objects *objects)
{
	size_t i;

	for (i = 0; i < groups->count; i++)
		groups->list[i].name = xstrdup(pool_text(objects->pool,
							 groups->list[i].key));
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
	name_by_key(groups, objects);
	sort(groups);
}

/*
 * By the cgroup charged for what is in memory: the kernel does not report whose
 * charge what is in swap is. Read them WITH_CGROUPS; groups_free() the sums.
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
	name_by_key(groups, objects);
	sort(groups);
}

/*
 * By the processes that hold them, as PID/COMMAND; an object counts once per
 * holder. Read them WITH_HOLDERS and, for what each has alone and in part,
 * WITH_SHARES; groups_free() the sums.
 */
void groups_by_process(struct groups *groups, const struct objects *objects,
		       bool shares)
{
	size_t i, nr;

	*groups = (struct groups){};
	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];
		size_t holders = 0;

		for (nr = 0; object->shmem && nr < object->in[HOLDERS].count;
		     nr++) {
			struct group *group;
			uint64_t pid, comm;

			if (!object_is_process(objects, object, nr))
				continue;
			pid = object_other_word(objects, object, HOLDERS, nr,
						"pid");
			comm = object_other_word(objects, object, HOLDERS, nr,
						 "comm");
			group = groups_add(groups, pid << 32 | comm, 1,
					   object->resident, object->swapped);
			if (!shares)
				continue;
			holders = holders ?: object_holders(objects, object);
			share_add(&group->share, object, holders, 1);
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
	set_free(&groups->keys);
	*groups = (struct groups){};
}

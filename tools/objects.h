/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The objects, with what the other tables say of each.
 */
#ifndef SHMSTAT_TOOLS_OBJECTS_H
#define SHMSTAT_TOOLS_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "table.h"

/* Which tables are read beside objects; each costs the kernel something. */
enum {
	WITH_HOLDERS	= 1 << 0,
	WITH_CGROUPS	= 1 << 1,
	WITH_PAGES	= 1 << 2,
	WITH_MAPS	= 1 << 3,
};

enum other {
	HOLDERS,
	CGROUPS,
	PAGES,
	MAPS,
	OTHERS,
};

/**
 * struct rows - an object's rows in one of the other tables
 * @first: where they start in the table's order by objects
 * @count: how many
 */
struct rows {
	size_t first;
	size_t count;
};

/**
 * struct object - one object
 * @row: its row in objects
 * @id: its id
 * @size: in bytes, like the next two
 * @resident: in memory
 * @swapped: in swap
 * @shmem: counted in Shmem, so not in huge pages of hugetlbfs
 * @in: its rows in the other tables, if those were read
 */
struct object {
	size_t row;
	const char *id;
	uint64_t size;
	uint64_t resident;
	uint64_t swapped;
	bool shmem;
	struct rows in[OTHERS];
};

/**
 * struct objects - all of them
 * @table: the table they are in
 * @others: the tables that go with it; those not asked for are empty
 * @order: their rows, those of an object together
 * @list: the objects, ordered by id
 * @count: how many
 */
struct objects {
	struct table table;
	struct table others[OTHERS];
	size_t *order[OTHERS];
	struct object *list;
	size_t count;
};

void objects_load(struct objects *objects, unsigned int with);
void objects_free(struct objects *objects);
struct object *objects_find(const struct objects *objects, const char *id);
const char *object_cell(const struct objects *objects,
			const struct object *object, const char *column);
const char *object_other(const struct objects *objects,
			 const struct object *object, enum other other,
			 size_t nr, const char *column);
const char *object_cgroup(const struct objects *objects,
			  const struct object *object);
int objects_by_memory(const void *a, const void *b);
bool object_unheld(const struct objects *objects, const struct object *object);

#endif /* SHMSTAT_TOOLS_OBJECTS_H */

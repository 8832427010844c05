// SPDX-License-Identifier: GPL-2.0
/*
 * Joins the tables by the objects' ids. They are of different moments: what is
 * gone from one of them is just not joined.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "objects.h"

static const char * const names[OTHERS] = {
	[HOLDERS]	= "holders",
	[CGROUPS]	= "cgroups",
	[PAGES]		= "pages",
	[MAPS]		= "maps",
};

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct object *)a)->id,
		      ((const struct object *)b)->id);
}

/* The rows of each object together, in the order they have in their table. */
static void join(struct objects *objects, enum other other)
{
	struct table *table = &objects->others[other];
	size_t row, first = 0, i;
	struct object **whose;
	int id;

	table_load(table, names[other]);
	id = table_column(table, "id");
	whose = calloc(table->rows + 1, sizeof(*whose));
	objects->order[other] = calloc(table->rows + 1, sizeof(size_t));
	if (!whose || !objects->order[other])
		err(1, "%s", names[other]);
	for (row = 0; row < table->rows; row++) {
		whose[row] = objects_find(objects, table_cell(table, row, id));
		if (whose[row])
			whose[row]->in[other].count++;
	}
	for (i = 0; i < objects->count; i++) {
		objects->list[i].in[other].first = first;
		first += objects->list[i].in[other].count;
		objects->list[i].in[other].count = 0;
	}
	for (row = 0; row < table->rows; row++) {
		struct rows *rows;

		if (!whose[row])
			continue;
		rows = &whose[row]->in[other];
		objects->order[other][rows->first + rows->count++] = row;
	}
	free(whose);
}

/**
 * objects_load - read the objects
 * @objects: what is filled; objects_free() it
 * @with: WITH_HOLDERS and so on, for more tables
 *
 * Ends the program, with an explanation, if a table cannot be read.
 */
void objects_load(struct objects *objects, unsigned int with)
{
	struct table *table = &objects->table;
	uint64_t page = sysconf(_SC_PAGESIZE);
	int id, pagesize, size, resident, swapped;
	enum other other;
	size_t row;

	*objects = (struct objects){};
	table_load(table, "objects");
	id = table_column(table, "id");
	pagesize = table_column(table, "pagesize");
	size = table_column(table, "size");
	resident = table_column(table, "resident");
	swapped = table_column(table, "swapped");
	objects->count = table->rows;
	objects->list = calloc(table->rows + 1, sizeof(struct object));
	if (!objects->list)
		err(1, "%zu objects", table->rows);
	for (row = 0; row < table->rows; row++)
		objects->list[row] = (struct object) {
			.row = row,
			.id = table_cell(table, row, id),
			.size = table_number(table, row, size),
			.resident = table_number(table, row, resident),
			.swapped = table_number(table, row, swapped),
			.shmem = table_number(table, row, pagesize) == page,
		};
	qsort(objects->list, objects->count, sizeof(struct object), by_id);
	for (other = 0; other < OTHERS; other++)
		if (with & 1U << other)
			join(objects, other);
}

void objects_free(struct objects *objects)
{
	enum other other;

	for (other = 0; other < OTHERS; other++) {
		table_free(&objects->others[other]);
		free(objects->order[other]);
	}
	table_free(&objects->table);
	free(objects->list);
	*objects = (struct objects){};
}

/* NULL if there is none. */
struct object *objects_find(const struct objects *objects, const char *id)
{
	struct object key = { .id = id };

	return bsearch(&key, objects->list, objects->count, sizeof(key), by_id);
}

/* What the kernel says of an object; "-" for nothing. */
const char *object_cell(const struct objects *objects,
			const struct object *object, const char *column)
{
	return table_cell(&objects->table, object->row,
			  table_column(&objects->table, column));
}

/* What another table says of it in the nr-th of its rows; "-" for nothing. */
const char *object_other(const struct objects *objects,
			 const struct object *object, enum other other,
			 size_t nr, const char *column)
{
	const struct table *table = &objects->others[other];

	if (nr >= object->in[other].count)
		return "-";
	return table_cell(table,
			  objects->order[other][object->in[other].first + nr],
			  table_column(table, column));
}

/* Who pays for most of it; "-" for nobody. Read them WITH_CGROUPS. */
const char *object_cgroup(const struct objects *objects,
			  const struct object *object)
{
	const char *path = "-";
	uint64_t most = 0;
	size_t nr;

	for (nr = 0; nr < object->in[CGROUPS].count; nr++) {
		uint64_t resident;

		resident = strtoull(object_other(objects, object, CGROUPS, nr,
						 "resident"), NULL, 10);
		if (nr && resident <= most)
			continue;
		most = resident;
		path = object_other(objects, object, CGROUPS, nr, "path");
	}
	return path;
}

/* Whether no path, descriptor, mapping or GPU handle leads to it. */
bool object_unheld(const struct objects *objects, const struct object *object)
{
	return object->in[HOLDERS].count &&
	       !strcmp(object_other(objects, object, HOLDERS, 0, "pid"), "-");
}

/* For qsort() of pointers to objects: largest first. */
int objects_by_memory(const void *a, const void *b)
{
	const struct object *x = *(const struct object *const *)a;
	const struct object *y = *(const struct object *const *)b;
	uint64_t nx = x->resident + x->swapped, ny = y->resident + y->swapped;

	return (nx < ny) - (nx > ny) ?: strcmp(x->id, y->id);
}

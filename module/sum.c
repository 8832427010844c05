// SPDX-License-Identifier: GPL-2.0
/*
 * What the objects add up to.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "sum.h"

static void add_object(struct shmstat_sum *sum,
		       const struct shmstat_object *obj)
{
	sum->objects++;
	sum->size += obj->size;
	sum->resident += obj->resident;
	sum->swapped += obj->swapped;
}

static struct shmstat_sum *add_line(struct shmstat_rows *sums,
				    const char *label, u32 pagesize)
{
	struct shmstat_sum *sum = shmstat_rows_add(sums);

	if (sum) {
		sum->label = label;
		sum->pagesize = pagesize;
	}
	return sum;
}

/* All page-sized kinds come first, in their order; a few lines in all. */
static struct shmstat_sum *find_line(struct shmstat_rows *sums,
				     const struct shmstat_object *obj,
				     u32 pagesize)
{
	const char *label = shmstat_kind_names[obj->kind];
	u32 nr;

	if (pagesize == PAGE_SIZE)
		return shmstat_rows_at(sums, obj->kind);
	for (nr = SHMSTAT_NR_KINDS; nr < sums->count; nr++) {
		struct shmstat_sum *sum = shmstat_rows_at(sums, nr);

		if (sum->label == label && sum->pagesize == pagesize)
			return sum;
	}
	return add_line(sums, label, pagesize);
}

static int add_total(struct shmstat_snapshot *snap, struct shmstat_rows *sums)
{
	struct shmstat_sum *total = add_line(sums, "total", PAGE_SIZE);
	struct shmstat_sum *counter = add_line(sums, "nr_shmem", PAGE_SIZE);
	u32 kind;

	if (!total || !counter)
		return -ENOMEM;
	for (kind = 0; kind < SHMSTAT_NR_KINDS; kind++) {
		struct shmstat_sum *sum = shmstat_rows_at(sums, kind);

		total->objects += sum->objects;
		total->size += sum->size;
		total->resident += sum->resident;
		total->swapped += sum->swapped;
	}
	counter->resident = snap->nr_shmem;
	counter->objects = SHMSTAT_NONE;
	counter->size = SHMSTAT_NONE;
	counter->swapped = SHMSTAT_NONE;
	return 0;
}

/**
 * shmstat_sum_objects - add up a snapshot
 * @snap: the snapshot
 * @sums: an empty array of &struct shmstat_sum: a line a kind, one for each
 *	kind in each size of huge pages that exists, the total of the first,
 *	and the kernel's counter
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_sum_objects(struct shmstat_snapshot *snap,
			struct shmstat_rows *sums)
{
	u32 nr;

	for (nr = 0; nr < SHMSTAT_NR_KINDS; nr++)
		if (!add_line(sums, shmstat_kind_names[nr], PAGE_SIZE))
			return -ENOMEM;

	for (nr = 0; nr < snap->objects.count; nr++) {
		const struct shmstat_object *obj;
		struct shmstat_sum *sum;

		obj = shmstat_rows_at(&snap->objects, nr);
		sum = find_line(sums, obj, shmstat_object_pagesize(snap, obj));
		if (!sum)
			return -ENOMEM;
		add_object(sum, obj);
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return add_total(snap, sums);
}

/**
 * shmstat_sum_total - the line of all objects that Shmem counts
 * @sums: filled by shmstat_sum_objects()
 */
const struct shmstat_sum *shmstat_sum_total(const struct shmstat_rows *sums)
{
	return shmstat_rows_at(sums, sums->count - 2);
}

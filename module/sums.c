// SPDX-License-Identifier: GPL-2.0
/*
 * What the objects add up to, summed as they come.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "sums.h"

static void add(struct shmstat_sum *sum, u64 objects, u64 size, u64 resident,
		u64 swapped)
{
	sum->objects += objects;
	sum->size += size;
	sum->resident += resident;
	sum->swapped += swapped;
}

static struct shmstat_sum *add_line(struct shmstat_sums *sums,
				    const char *label, u64 pagesize)
{
	struct shmstat_sum *sum = shmstat_rows_add(&sums->kinds);

	if (sum) {
		sum->label = label;
		sum->pagesize = pagesize;
	}
	return sum;
}

/* A few lines in all; NULL without memory for one more. */
static struct shmstat_sum *find_line(struct shmstat_sums *sums,
				     enum shmstat_kind kind, u64 pagesize)
{
	const char *label = shmstat_kind_names[kind];
	u32 nr;

	while (sums->kinds.count < SHMSTAT_NR_KINDS)
		if (!add_line(sums, shmstat_kind_names[sums->kinds.count],
			      PAGE_SIZE))
			return NULL;
	for (nr = 0; nr < sums->kinds.count; nr++) {
		struct shmstat_sum *sum = shmstat_rows_at(&sums->kinds, nr);

		if (sum->label == label && sum->pagesize == pagesize)
			return sum;
	}
	return add_line(sums, label, pagesize);
}

/**
 * shmstat_sums_init - begin to sum
 * @sums: the sums
 * @budget: what to allocate from
 */
void shmstat_sums_init(struct shmstat_sums *sums, struct shmstat_budget *budget)
{
	shmstat_rows_init(&sums->kinds, budget, sizeof(struct shmstat_sum));
	sums->total = (struct shmstat_sum) {
		.label = "total", .pagesize = PAGE_SIZE,
	};
}

/**
 * shmstat_sums_add - add an object
 * @sums: the sums
 * @super: its superblock
 * @obj: the object
 *
 * The kind of what a path leads to is known only in the end, and the same for
 * all of a superblock, so its own sums serve for those.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int shmstat_sums_add(struct shmstat_sums *sums,
		     const struct shmstat_super *super,
		     const struct shmstat_object *obj)
{
	struct shmstat_sum *sum;

	if (!super->internal)
		return 0;
	sum = find_line(sums, obj->kind, super->pagesize);
	if (!sum)
		return -ENOMEM;
	add(sum, 1, obj->size, obj->resident, obj->swapped);
	return 0;
}

/**
 * shmstat_sums_finish - add what the superblocks were summed for, and the total
 * @sums: the sums
 * @snap: the snapshot, after shmstat_posix_scan()
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int shmstat_sums_finish(struct shmstat_sums *sums,
			const struct shmstat_snapshot *snap)
{
	struct shmstat_sum *sum;
	u32 nr;

	for (nr = 0; nr < snap->supers.count; nr++) {
		const struct shmstat_super *super;

		super = shmstat_rows_at(&snap->supers, nr);
		if (super->internal || !super->objects)
			continue;
		sum = find_line(sums, super->posix ? SHMSTAT_POSIX :
						     SHMSTAT_TMPFS,
				super->pagesize);
		if (!sum)
			return -ENOMEM;
		add(sum, super->objects, super->size, super->resident,
		    super->swapped);
		cond_resched();
	}
	/* So that all kinds have a line. */
	if (!find_line(sums, SHMSTAT_SYSV, PAGE_SIZE))
		return -ENOMEM;
	for (nr = 0; nr < SHMSTAT_NR_KINDS; nr++) {
		sum = shmstat_rows_at(&sums->kinds, nr);
		add(&sums->total, sum->objects, sum->size, sum->resident,
		    sum->swapped);
	}
	return 0;
}

/**
 * shmstat_sums_free - forget the sums
 * @sums: the sums
 */
void shmstat_sums_free(struct shmstat_sums *sums)
{
	shmstat_rows_free(&sums->kinds);
}

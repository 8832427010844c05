// SPDX-License-Identifier: GPL-2.0
/*
 * Sums of the objects by kind and page size, and the kernel's own counter.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched.h>
#include <linux/vmstat.h>

#include "sums.h"

static void add(struct shmstat_sum *sum, u64 objects, u64 size, u64 resident,
		u64 swapped)
{
	sum->objects += objects;
	sum->size += size;
	sum->resident += resident;
	sum->swapped += swapped;
}

/* There are few sums of huge pages. NULL if there is no memory for another. */
static struct shmstat_sum *find_sum(struct shmstat_sums *sums,
				    enum shmstat_kind kind, u64 pagesize)
{
	const char *label = shmstat_kind_names[kind];
	struct shmstat_sum *sum;
	u32 nr;

	if (pagesize == PAGE_SIZE)
		return &sums->kinds[kind];
	for (nr = 0; nr < sums->huge.count; nr++) {
		sum = shmstat_rows_at(&sums->huge, nr);
		if (sum->label == label && sum->pagesize == pagesize)
			return sum;
	}
	sum = shmstat_rows_add(&sums->huge);
	if (sum) {
		sum->label = label;
		sum->pagesize = pagesize;
	}
	return sum;
}

/**
 * shmstat_sums_init - set all sums to 0
 * @sums: the sums
 * @budget: the read's budget
 *
 * Context: Any.
 */
void shmstat_sums_init(struct shmstat_sums *sums, struct shmstat_budget *budget)
{
	enum shmstat_kind kind;

	*sums = (struct shmstat_sums) {
		.total = { .label = "total", .pagesize = PAGE_SIZE },
	};
	for (kind = 0; kind < SHMSTAT_NR_KINDS; kind++) {
		sums->kinds[kind].label = shmstat_kind_names[kind];
		sums->kinds[kind].pagesize = PAGE_SIZE;
	}
	shmstat_rows_init(&sums->huge, budget, sizeof(struct shmstat_sum));
}

/**
 * shmstat_sums_add - add an object of an internal mount; ignore any other
 * @sums: the sums
 * @super: its superblock
 * @obj: the object
 *
 * The kind of any other object depends only on its superblock, and is not known
 * until the end, so shmstat_sums_finish() adds the sum of its superblock.
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
	sum = find_sum(sums, obj->kind, super->pagesize);
	if (!sum)
		return -ENOMEM;
	add(sum, 1, obj->size, obj->resident, obj->swapped);
	return 0;
}

/* What CPUs have counted and not yet added to the kernel's counter, in bytes. */
static s64 read_lag(void)
{
	s64 pages = 0;
	int nid, cpu;

	for_each_online_node(nid) {
		struct per_cpu_nodestat __percpu *stats;

		stats = NODE_DATA(nid)->per_cpu_nodestats;
		for_each_online_cpu(cpu)
			pages += per_cpu_ptr(stats, cpu)->vm_node_stat_diff[NR_SHMEM];
	}
	return pages * PAGE_SIZE;
}

/**
 * shmstat_sums_read_counter - read the kernel's counter of shared memory
 * @sums: the sums; sets @nr_shmem and @nr_shmem_lag
 *
 * It is to be called right after the objects were visited.
 *
 * Context: Any.
 */
void shmstat_sums_read_counter(struct shmstat_sums *sums)
{
	sums->nr_shmem = (u64)global_node_page_state(NR_SHMEM) << PAGE_SHIFT;
	sums->nr_shmem_lag = read_lag();
}

/**
 * shmstat_sums_finish - add the superblocks that paths lead to, and the total
 * @sums: the sums
 * @supers: the superblocks, after shmstat_mark_posix()
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int shmstat_sums_finish(struct shmstat_sums *sums,
			const struct shmstat_supers *supers)
{
	enum shmstat_kind kind;
	struct shmstat_sum *sum;
	u32 nr;

	for (nr = 0; nr < supers->rows.count; nr++) {
		const struct shmstat_super *super = shmstat_supers_at(supers, nr);

		if (super->internal || !super->objects)
			continue;
		kind = super->posix ? SHMSTAT_POSIX : SHMSTAT_TMPFS;
		sum = find_sum(sums, kind, super->pagesize);
		if (!sum)
			return -ENOMEM;
		add(sum, super->objects, super->size, super->resident,
		    super->swapped);
		cond_resched();
	}
	for (kind = 0; kind < SHMSTAT_NR_KINDS; kind++) {
		sum = &sums->kinds[kind];
		add(&sums->total, sum->objects, sum->size, sum->resident,
		    sum->swapped);
	}
	return 0;
}

/**
 * shmstat_sums_free - free what the sums have allocated
 * @sums: the sums
 *
 * Context: Process context, may sleep.
 */
void shmstat_sums_free(struct shmstat_sums *sums)
{
	shmstat_rows_free(&sums->huge);
}

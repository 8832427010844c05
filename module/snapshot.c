// SPDX-License-Identifier: GPL-2.0
/*
 * One scan, start to end: every superblock, every inode on it. Nothing of the
 * kernel is held once it is taken.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmstat.h>

#include "compat.h"
#include "snapshot.h"

#undef pr_fmt
#define pr_fmt(fmt)	KBUILD_MODNAME ": " fmt

/* What CPUs have counted and not yet added to the kernel's counter. */
static s64 nr_shmem_lag(void)
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

static void read_counter(struct shmstat_snapshot *snap)
{
	snap->nr_shmem = (u64)global_node_page_state(NR_SHMEM) << PAGE_SHIFT;
	snap->nr_shmem_lag = nr_shmem_lag();
}

/**
 * struct visit - a scan on its way
 * @snap: the snapshot
 * @scan: what to do with each object, or NULL
 * @again: whether superblocks and objects were counted by a scan before
 * @batch: memory for the walk over inodes
 * @super: the record of the superblock that is being walked
 * @nr: its number
 */
struct visit {
	struct shmstat_snapshot *snap;
	const struct shmstat_scan *scan;
	bool again;
	struct shmstat_batch *batch;
	struct shmstat_super *super;
	u32 nr;
};

static bool needs_path(const struct shmstat_inode *read, void *arg)
{
	struct visit *visit = arg;

	return visit->scan->needs_path(visit->snap, read);
}

static bool wants_inode(const struct shmstat_inode *read, void *arg)
{
	struct visit *visit = arg;

	return visit->scan->wants(visit->snap, read);
}

static int visit_inode(const struct shmstat_inode *read, struct inode *inode,
		       void *arg)
{
	struct visit *visit = arg;
	struct shmstat_super *super = visit->super;
	struct shmstat_object obj;

	if (!shmstat_object_make(&obj, read, super))
		return 0;
	obj.super = visit->nr;
	obj.name = read->name;
	if (!visit->again) {
		super->objects++;
		super->size += obj.size;
		super->resident += obj.resident;
		super->swapped += obj.swapped;
	}
	if (!visit->scan->object)
		return 0;
	return visit->scan->object(visit->snap, super, &obj, inode);
}

static int add_super(struct visit *visit, struct super_block *sb)
{
	struct shmstat_snapshot *snap = visit->snap;

	visit->super = shmstat_rows_add(&snap->supers);
	if (!visit->super)
		return -ENOMEM;
	visit->nr = snap->supers.count - 1;
	return shmstat_super_fill(snap, visit->super, sb) ?:
	       shmstat_index_add(&snap->supers_index, visit->nr);
}

/* False if it was not there then. */
static bool find_super(struct visit *visit, struct super_block *sb)
{
	visit->nr = shmstat_super_find_nr(visit->snap, sb);
	visit->super = shmstat_rows_at(&visit->snap->supers, visit->nr);
	return visit->super;
}

static int visit_super(struct super_block *sb, void *arg)
{
	struct visit *visit = arg;
	const struct shmstat_scan *scan = visit->scan;
	struct shmstat_visitor visitor = {
		.needs_path = scan->needs_path ? needs_path : NULL,
		.wants = scan->wants ? wants_inode : NULL,
		.visit = visit_inode,
		.arg = visit,
	};
	int ret = 0;

	if (!visit->again)
		ret = add_super(visit, sb);
	else if (!find_super(visit, sb))
		return 0;
	return ret ?: shmstat_visit_inodes(sb, &visitor, visit->batch);
}

static int run(struct visit *visit)
{
	struct shmstat_budget *budget = &visit->snap->budget;
	int ret;

	visit->batch = shmstat_batch_alloc(budget);
	if (!visit->batch)
		return -ENOMEM;
	ret = shmstat_visit_supers(visit_super, visit);
	shmstat_batch_free(visit->batch, budget);
	if (ret == -EAGAIN) {
		visit->snap->unseen = true;
		ret = 0;
	}
	return ret;
}

/**
 * shmstat_scan_objects - visit every superblock and every object
 * @snap: the snapshot; gets the superblocks and the kernel's counter
 * @scan: what to do with each object
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, -EINTR or what @scan returned.
 */
int shmstat_scan_objects(struct shmstat_snapshot *snap,
			 const struct shmstat_scan *scan)
{
	struct visit visit = { .snap = snap, .scan = scan };
	int ret = run(&visit);

	read_counter(snap);
	return ret;
}

/**
 * shmstat_scan_again - visit every object once more
 * @snap: the snapshot, after shmstat_scan_objects()
 * @scan: what to do with each object; those of superblocks that are new do not
 *	come
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, -EINTR or what @scan returned.
 */
int shmstat_scan_again(struct shmstat_snapshot *snap,
		       const struct shmstat_scan *scan)
{
	struct visit visit = { .snap = snap, .scan = scan, .again = true };

	return run(&visit);
}

struct find {
	const struct shmstat_id *id;
	struct shmstat_batch *batch;
	int (*visit)(struct inode *inode, void *arg);
	void *arg;
	int ret;
};

static bool is_wanted(const struct shmstat_inode *read, void *arg)
{
	const struct find *find = arg;

	return shmstat_id_equal(&read->id, find->id);
}

static int visit_wanted(const struct shmstat_inode *read, struct inode *inode,
			void *arg)
{
	struct find *find = arg;

	if (!inode)
		return 0;
	find->ret = find->visit(inode, find->arg);
	return 1;
}

static int find_in_super(struct super_block *sb, void *arg)
{
	struct find *find = arg;
	const struct shmstat_visitor visitor = {
		.wants = is_wanted, .visit = visit_wanted, .arg = find,
	};

	if (sb->s_dev != find->id->dev)
		return 0;
	return shmstat_visit_inodes(sb, &visitor, find->batch);
}

/**
 * shmstat_visit_object - visit one object by its id
 * @snap: the snapshot
 * @id: the id
 * @visit: called with a reference to the object's inode held; may sleep
 * @arg: handed to @visit
 *
 * Context: Process context, may sleep.
 * Return: what @visit returned; -ENOENT if there is no such object, -EAGAIN if
 *	it is not among those that could be seen, -ENOMEM or -EINTR.
 */
int shmstat_visit_object(struct shmstat_snapshot *snap,
			 const struct shmstat_id *id,
			 int (*visit)(struct inode *inode, void *arg),
			 void *arg)
{
	struct find find = {
		.id = id, .visit = visit, .arg = arg, .ret = -ENOENT,
	};
	int ret;

	find.batch = shmstat_batch_alloc(&snap->budget);
	if (!find.batch)
		return -ENOMEM;
	ret = shmstat_visit_supers(find_in_super, &find);
	shmstat_batch_free(find.batch, &snap->budget);
	return ret < 0 ? ret : find.ret;
}

/* Says what an administrator can do about it, as ENOMEM alone does not. */
static void log_exceeded(const struct shmstat_snapshot *snap)
{
	if (snap->budget.short_of)
		pr_notice_ratelimited("%s: needs more than %llu MiB, and memory is short; the parameter 'memory' would allow %u MiB\n",
				      snap->view->name,
				      snap->budget.limit >> 20,
				      READ_ONCE(shmstat_memory));
	else
		pr_notice_ratelimited("%s: needs more than the %llu MiB that the parameter 'memory' allows\n",
				      snap->view->name,
				      snap->budget.limit >> 20);
}

static int collect(struct shmstat_snapshot *snap)
{
	int ret = snap->view->collect(snap);

	if (!ret && snap->unseen && !snap->view->says_unseen)
		ret = -EAGAIN;
	if (ret == -ENOMEM && snap->budget.exceeded)
		log_exceeded(snap);
	return ret;
}

/**
 * shmstat_snapshot_take - look at all shared memory, once
 * @view: what to collect
 * @file: the file it is read through
 * @wanted: the object to look at, if @view has a query
 *
 * Context: Process context, may sleep; the caller's memory cgroup pays.
 * Return: the snapshot, to be freed by shmstat_snapshot_free(); as a pointer
 *	-ENOMEM, -EINTR after a fatal signal, -EAGAIN if the kernel's list of
 *	superblocks could not be walked, or -ENOENT if nothing is @wanted.
 */
struct shmstat_snapshot *shmstat_snapshot_take(const struct shmstat_view *view,
					       struct file *file,
					       const struct shmstat_id *wanted)
{
	struct shmstat_snapshot *snap;
	int ret = -ENOMEM;

	snap = kzalloc(sizeof(*snap), SHMSTAT_GFP);
	if (!snap)
		return ERR_PTR(-ENOMEM);
	snap->view = view;
	snap->file = file;
	if (wanted)
		snap->wanted = *wanted;
	shmstat_budget_init(&snap->budget);
	shmstat_rows_init(&snap->supers, &snap->budget,
			  sizeof(struct shmstat_super));
	shmstat_index_init(&snap->supers_index, &snap->supers,
			   offsetof(struct shmstat_super, next),
			   shmstat_super_hash);
	shmstat_procs_init(&snap->procs, &snap->budget);
	shmstat_rows_init(&snap->rows, &snap->budget, view->row_size);
	shmstat_strings_init(&snap->strings, &snap->budget);

	snap->path = shmstat_alloc(&snap->budget, PATH_MAX);
	snap->scratch = shmstat_alloc(&snap->budget, view->scratch_size ?: 1);
	if (snap->scratch && view->prepare)
		view->prepare(snap);
	if (snap->path && snap->scratch)
		ret = collect(snap);
	shmstat_free(&snap->budget, snap->path, PATH_MAX);
	snap->path = NULL;
	snap->file = NULL;
	if (ret) {
		shmstat_snapshot_free(snap);
		return ERR_PTR(ret);
	}
	return snap;
}

/**
 * shmstat_snapshot_free - forget a snapshot
 * @snap: the snapshot or NULL
 *
 * Context: Process context, may sleep.
 */
void shmstat_snapshot_free(struct shmstat_snapshot *snap)
{
	if (!snap)
		return;
	if (snap->view->release && snap->scratch)
		snap->view->release(snap);
	shmstat_free(&snap->budget, snap->scratch,
		     snap->view->scratch_size ?: 1);
	shmstat_index_free(&snap->supers_index);
	shmstat_rows_free(&snap->supers);
	shmstat_procs_free(&snap->procs);
	shmstat_rows_free(&snap->rows);
	shmstat_strings_free(&snap->strings);
	kfree(snap);
}

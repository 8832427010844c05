// SPDX-License-Identifier: GPL-2.0
/*
 * A snapshot: one walk over every inode of every superblock. Nothing of the
 * kernel is locked or referenced afterwards.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "inode.h"
#include "snapshot.h"

#undef pr_fmt
#define pr_fmt(fmt)	KBUILD_MODNAME ": " fmt

/**
 * struct visit - a scan under way
 * @snap: the snapshot
 * @scan: what to do with each object
 * @again: an earlier scan has counted superblocks and objects
 * @batch: buffers of shmstat_visit_inodes()
 * @super: the record of the superblock that is visited
 * @super_nr: its number
 */
struct visit {
	struct shmstat_snapshot *snap;
	const struct shmstat_scan *scan;
	bool again;
	struct shmstat_batch *batch;
	struct shmstat_super *super;
	u32 super_nr;
};

static bool needs_path(const struct shmstat_inode *read, void *arg)
{
	struct visit *visit = arg;

	return visit->scan->needs_path(visit->snap, read);
}

static bool needs_inode(const struct shmstat_inode *read, void *arg)
{
	struct visit *visit = arg;

	return visit->scan->needs_inode(visit->snap, read);
}

static int visit_inode(const struct shmstat_inode *read, struct inode *inode,
		       void *arg)
{
	struct visit *visit = arg;
	struct shmstat_super *super = visit->super;
	struct shmstat_object obj;

	if (!shmstat_object_make(&obj, read, super))
		return 0;
	obj.super = visit->super_nr;
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

/* No options, rather than some of them, if they do not fit. */
static int read_options(struct shmstat_snapshot *snap,
			struct shmstat_super *super, struct super_block *sb)
{
	struct seq_file m = {
		.buf = snap->path,
		.size = PATH_MAX,
		.file = snap->file,
	};

	shmstat_super_put_options(&m, sb);
	if (seq_has_overflowed(&m))
		m.count = 0;
	super->options = shmstat_strings_add(&snap->strings, m.buf, m.count);
	return super->options ? 0 : -ENOMEM;
}

static int add_super(struct visit *visit, struct super_block *sb)
{
	struct shmstat_snapshot *snap = visit->snap;

	visit->super_nr = snap->supers.rows.count;
	visit->super = shmstat_supers_add(&snap->supers, sb);
	if (!visit->super)
		return -ENOMEM;
	if (!snap->view->superblocks)
		return 0;
	shmstat_super_read_usage(visit->super, sb);
	return read_options(snap, visit->super, sb);
}

/* False if the first scan did not find the superblock. */
static bool find_super(struct visit *visit, struct super_block *sb)
{
	const struct shmstat_supers *supers = &visit->snap->supers;

	visit->super_nr = shmstat_supers_find_nr(supers, sb);
	visit->super = shmstat_supers_at(supers, visit->super_nr);
	return visit->super;
}

static int visit_super(struct super_block *sb, void *arg)
{
	struct visit *visit = arg;
	const struct shmstat_scan *scan = visit->scan;
	struct shmstat_visitor visitor = {
		.needs_path = scan->needs_path ? needs_path : NULL,
		.needs_inode = scan->needs_inode ? needs_inode : NULL,
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
		visit->snap->supers.incomplete = true;
		ret = 0;
	}
	return ret;
}

/**
 * shmstat_scan_objects - visit every superblock and every object
 * @snap: the snapshot; the superblocks are added to it
 * @scan: what to do with each object
 *
 * Context: Process context, may sleep. See shmstat_visit_supers() and
 *	shmstat_visit_inodes().
 * Return: 0, -ENOMEM, -EINTR or what @scan returned.
 */
int shmstat_scan_objects(struct shmstat_snapshot *snap,
			 const struct shmstat_scan *scan)
{
	struct visit visit = { .snap = snap, .scan = scan };

	return run(&visit);
}

/**
 * shmstat_scan_again - visit every object once more
 * @snap: the snapshot, after shmstat_scan_objects()
 * @scan: what to do with each object; those of new superblocks are not visited
 *
 * Context: Process context, may sleep. See shmstat_visit_supers() and
 *	shmstat_visit_inodes().
 * Return: 0, -ENOMEM, -EINTR or what @scan returned.
 */
int shmstat_scan_again(struct shmstat_snapshot *snap,
		       const struct shmstat_scan *scan)
{
	struct visit visit = { .snap = snap, .scan = scan, .again = true };

	return run(&visit);
}

/**
 * struct search - shmstat_visit_object() under way
 * @id: the object's id
 * @batch: buffers of shmstat_visit_inodes()
 * @visit: called for the object
 * @arg: passed to @visit
 * @ret: what @visit returned, -ENOENT before
 */
struct search {
	const struct shmstat_id *id;
	struct shmstat_batch *batch;
	int (*visit)(struct inode *inode, void *arg);
	void *arg;
	int ret;
};

static bool has_id(const struct shmstat_inode *read, void *arg)
{
	const struct search *search = arg;

	return shmstat_id_equal(&read->id, search->id);
}

static int visit_if_found(const struct shmstat_inode *read, struct inode *inode,
			  void *arg)
{
	struct search *search = arg;

	if (!inode)
		return 0;
	search->ret = search->visit(inode, search->arg);
	return 1;
}

static int search_super(struct super_block *sb, void *arg)
{
	struct search *search = arg;
	const struct shmstat_visitor visitor = {
		.needs_inode = has_id, .visit = visit_if_found, .arg = search,
	};

	if (sb->s_dev != search->id->dev)
		return 0;
	return shmstat_visit_inodes(sb, &visitor, search->batch);
}

/**
 * shmstat_visit_object - call a function for one object
 * @snap: the snapshot
 * @id: the object's id
 * @visit: the function, called with a reference to the object's inode held; may
 *	sleep
 * @arg: passed to @visit
 *
 * Context: Process context, may sleep. See shmstat_visit_supers() and
 *	shmstat_visit_inodes().
 * Return: what @visit returned; -ENOENT if there is no such object; -EAGAIN if it
 *	was not found, but some superblocks could not be visited; -ENOMEM or
 *	-EINTR.
 */
int shmstat_visit_object(struct shmstat_snapshot *snap,
			 const struct shmstat_id *id,
			 int (*visit)(struct inode *inode, void *arg),
			 void *arg)
{
	struct search search = {
		.id = id, .visit = visit, .arg = arg, .ret = -ENOENT,
	};
	int ret;

	search.batch = shmstat_batch_alloc(&snap->budget);
	if (!search.batch)
		return -ENOMEM;
	ret = shmstat_visit_supers(search_super, &search);
	shmstat_batch_free(search.batch, &snap->budget);
	return ret < 0 ? ret : search.ret;
}

/* ENOMEM alone does not tell an administrator what to do. */
static void log_exceeded(const struct shmstat_snapshot *snap)
{
	if (snap->budget.memory_is_short)
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

	if (!ret && snap->supers.incomplete && !snap->view->shows_incomplete)
		ret = -EAGAIN;
	if (ret == -ENOMEM && snap->budget.exceeded)
		log_exceeded(snap);
	return ret;
}

/**
 * shmstat_snapshot_take - take a snapshot for a view
 * @view: the view
 * @file: the open file that is read
 * @id: the object that the view is about; not used unless @view has ask()
 *
 * Context: Process context, may sleep. The memory is charged to the caller's
 *	cgroup. See shmstat_visit_supers() and shmstat_visit_inodes().
 * Return: the snapshot, to be freed by shmstat_snapshot_free(); -ENOMEM; -EINTR
 *	after a fatal signal; -EAGAIN if the kernel's list of superblocks could
 *	not be walked; -ENOENT if there is no object @id.
 */
struct shmstat_snapshot *shmstat_snapshot_take(const struct shmstat_view *view,
					       struct file *file,
					       const struct shmstat_id *id)
{
	struct shmstat_snapshot *snap;
	int ret = -ENOMEM;

	snap = kzalloc(sizeof(*snap), SHMSTAT_GFP);
	if (!snap)
		return ERR_PTR(-ENOMEM);
	snap->view = view;
	snap->file = file;
	shmstat_budget_init(&snap->budget);
	shmstat_supers_init(&snap->supers, &snap->budget);
	shmstat_procs_init(&snap->procs, &snap->budget);
	shmstat_rows_init(&snap->rows, &snap->budget, view->row_size);
	shmstat_strings_init(&snap->strings, &snap->budget);

	snap->path = shmstat_alloc(&snap->budget, PATH_MAX);
	snap->scratch = shmstat_alloc(&snap->budget, view->scratch_size ?: 1);
	if (snap->scratch && view->prepare)
		view->prepare(snap);
	if (snap->scratch && view->ask)
		view->ask(snap, id);
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
 * shmstat_snapshot_free - free a snapshot
 * @snap: the snapshot, or NULL
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
	shmstat_supers_free(&snap->supers);
	shmstat_procs_free(&snap->procs);
	shmstat_rows_free(&snap->rows);
	shmstat_strings_free(&snap->strings);
	kfree(snap);
}

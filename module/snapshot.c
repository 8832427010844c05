// SPDX-License-Identifier: GPL-2.0
/*
 * A snapshot: one walk over every inode of every superblock, for one view or for
 * several. Nothing of the kernel is locked or referenced afterwards.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "inode.h"
#include "posix.h"
#include "snapshot.h"

#undef pr_fmt
#define pr_fmt(fmt)	KBUILD_MODNAME ": " fmt

/**
 * struct part - a view's part in a scan
 * @snap: its snapshot
 * @scan: what it does with each object
 */
struct part {
	struct shmstat_snapshot *snap;
	const struct shmstat_scan *scan;
};

/**
 * struct visit - a scan under way
 * @budget: the read's budget
 * @supers: the superblocks
 * @walk: the walk; NULL if an earlier scan has counted superblocks and objects
 * @superblocks: a view shows the options and the usage of superblocks
 * @count: number of parts
 * @parts: those of the views
 * @batch: buffers of shmstat_visit_inodes()
 * @super: the record of the superblock that is visited
 * @super_nr: its number
 */
struct visit {
	struct shmstat_budget *budget;
	struct shmstat_supers *supers;
	struct shmstat_walk *walk;
	bool superblocks;
	unsigned int count;
	struct part parts[SHMSTAT_MAX_VIEWS];
	struct shmstat_batch *batch;
	struct shmstat_super *super;
	u32 super_nr;
};

static bool part_needs_inode(const struct part *part,
			     const struct shmstat_inode *read)
{
	return part->scan->needs_inode &&
	       part->scan->needs_inode(part->snap, read);
}

static bool needs_path(const struct shmstat_inode *read, void *arg)
{
	const struct visit *visit = arg;
	const struct part *part;

	for (part = visit->parts; part < visit->parts + visit->count; part++)
		if (part->scan->needs_path &&
		    part->scan->needs_path(part->snap, read))
			return true;
	return false;
}

static bool needs_inode(const struct shmstat_inode *read, void *arg)
{
	const struct visit *visit = arg;
	const struct part *part;

	for (part = visit->parts; part < visit->parts + visit->count; part++)
		if (part_needs_inode(part, read))
			return true;
	return false;
}

/* Each view gets the inode only if it needs it, whatever others do. */
static int visit_part(const struct visit *visit, const struct part *part,
		      const struct shmstat_inode *read,
		      const struct shmstat_object *obj, struct inode *inode)
{
	if (!part->scan->object)
		return 0;
	if (inode && visit->count > 1 && !part_needs_inode(part, read))
		inode = NULL;
	return part->scan->object(part->snap, visit->super, obj, inode);
}

static int visit_inode(const struct shmstat_inode *read, struct inode *inode,
		       void *arg)
{
	struct visit *visit = arg;
	struct shmstat_super *super = visit->super;
	struct shmstat_object obj;
	unsigned int i;
	int ret = 0;

	if (!shmstat_object_make(&obj, read, super))
		return 0;
	obj.super = visit->super_nr;
	obj.name = read->name;
	if (visit->walk) {
		super->objects++;
		super->size += obj.size;
		super->resident += obj.resident;
		super->swapped += obj.swapped;
	}
	for (i = 0; !ret && i < visit->count; i++)
		ret = visit_part(visit, &visit->parts[i], read, &obj, inode);
	return ret;
}

/* No options, rather than some of them, if they do not fit. */
static int read_options(struct shmstat_walk *walk, struct shmstat_super *super,
			struct super_block *sb)
{
	struct seq_file m = {
		.buf = walk->path,
		.size = PATH_MAX,
		.file = walk->file,
	};

	shmstat_super_put_options(&m, sb);
	if (seq_has_overflowed(&m))
		m.count = 0;
	super->options = shmstat_strings_add(&walk->strings, m.buf, m.count);
	return super->options ? 0 : -ENOMEM;
}

static int add_super(struct visit *visit, struct super_block *sb)
{
	visit->super_nr = visit->supers->rows.count;
	visit->super = shmstat_supers_add(visit->supers, sb);
	if (!visit->super)
		return -ENOMEM;
	if (!visit->superblocks)
		return 0;
	shmstat_super_read_usage(visit->super, sb);
	return read_options(visit->walk, visit->super, sb);
}

/* False if the first scan did not find the superblock. */
static bool find_super(struct visit *visit, struct super_block *sb)
{
	visit->super_nr = shmstat_supers_find_nr(visit->supers, sb);
	visit->super = shmstat_supers_at(visit->supers, visit->super_nr);
	return visit->super;
}

static int visit_super(struct super_block *sb, void *arg)
{
	struct visit *visit = arg;
	struct shmstat_visitor visitor = { .visit = visit_inode, .arg = visit };
	unsigned int i;
	int ret = 0;

	for (i = 0; i < visit->count; i++) {
		if (visit->parts[i].scan->needs_path)
			visitor.needs_path = needs_path;
		if (visit->parts[i].scan->needs_inode)
			visitor.needs_inode = needs_inode;
	}
	if (visit->walk)
		ret = add_super(visit, sb);
	else if (!find_super(visit, sb))
		return 0;
	return ret ?: shmstat_visit_inodes(sb, &visitor, visit->batch);
}

static int run(struct visit *visit)
{
	int ret;

	visit->batch = shmstat_batch_alloc(visit->budget);
	if (!visit->batch)
		return -ENOMEM;
	ret = shmstat_visit_supers(visit_super, visit);
	shmstat_batch_free(visit->batch, visit->budget);
	if (ret == -EAGAIN) {
		visit->supers->incomplete = true;
		ret = 0;
	}
	return ret;
}

/* Visits every superblock and every object, for all views that need it. */
static int scan_objects(struct visit *visit)
{
	struct part *part, *end = visit->parts + visit->count;
	int ret = 0;

	for (part = visit->parts; !ret && part < end; part++)
		if (part->scan->begin)
			ret = part->scan->begin(part->snap);
	ret = ret ?: run(visit);
	for (part = visit->parts; part < end; part++)
		if (part->scan->end)
			part->scan->end(part->snap);
	return ret;
}

/**
 * shmstat_scan_again - visit every object once more
 * @snap: the snapshot, after its first walk
 * @scan: what to do with each object; those of new superblocks are not visited
 *
 * Context: Process context, may sleep. See shmstat_visit_supers() and
 *	shmstat_visit_inodes().
 * Return: 0, -ENOMEM, -EINTR or what @scan returned.
 */
int shmstat_scan_again(struct shmstat_snapshot *snap,
		       const struct shmstat_scan *scan)
{
	struct visit visit = {
		.budget = snap->budget,
		.supers = snap->supers,
		.count = 1,
		.parts = { { .snap = snap, .scan = scan } },
	};

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

	search.batch = shmstat_batch_alloc(snap->budget);
	if (!search.batch)
		return -ENOMEM;
	ret = shmstat_visit_supers(search_super, &search);
	shmstat_batch_free(search.batch, snap->budget);
	return ret < 0 ? ret : search.ret;
}

/* ENOMEM alone does not tell an administrator what to do. */
static void log_exceeded(const struct shmstat_budget *budget, const char *name)
{
	if (budget->memory_is_short)
		pr_notice_ratelimited("%s: needs more than %llu MiB, and memory is short; the parameter 'memory' would allow %u MiB\n",
				      name, budget->limit >> 20,
				      READ_ONCE(shmstat_memory));
	else
		pr_notice_ratelimited("%s: needs more than the %llu MiB that the parameter 'memory' allows\n",
				      name, budget->limit >> 20);
}

/* What each view does in the walk; none if no view needs one. */
static void plan_visit(struct visit *visit, struct shmstat_walk *walk)
{
	struct shmstat_snapshot *snap, *end = walk->snaps + walk->count;
	bool needed = false;

	for (snap = walk->snaps; snap < end; snap++) {
		needed |= !!snap->view->scan;
		visit->superblocks |= snap->view->superblocks;
	}
	for (snap = walk->snaps; needed && snap < end; snap++) {
		struct part *part = &visit->parts[visit->count];

		part->snap = snap;
		part->scan = snap->view->scan ?: snap->view->join_scan;
		if (part->scan)
			visit->count++;
	}
}

static int call_each(struct shmstat_walk *walk,
		     int (*get)(struct shmstat_snapshot *snap))
{
	struct shmstat_snapshot *snap;
	int ret = 0;

	for (snap = walk->snaps; !ret && snap < walk->snaps + walk->count; snap++)
		ret = get(snap);
	return ret;
}

static int before(struct shmstat_snapshot *snap)
{
	return snap->view->before ? snap->view->before(snap) : 0;
}

static int after(struct shmstat_snapshot *snap)
{
	return snap->view->after ? snap->view->after(snap) : 0;
}

static int finish(struct shmstat_snapshot *snap)
{
	return snap->view->finish ? snap->view->finish(snap) : 0;
}

static int collect_all(struct shmstat_walk *walk)
{
	struct visit visit = {
		.budget = &walk->budget, .supers = &walk->supers, .walk = walk,
	};
	bool posix = false, shows_incomplete = true;
	unsigned int i;
	int ret;

	for (i = 0; i < walk->count; i++) {
		posix |= walk->snaps[i].view->posix;
		shows_incomplete &= walk->snaps[i].view->shows_incomplete;
	}
	plan_visit(&visit, walk);
	ret = call_each(walk, before);
	if (!ret && visit.count)
		ret = scan_objects(&visit);
	ret = ret ?: call_each(walk, after);
	if (!ret && posix)
		ret = shmstat_mark_posix(&walk->supers, &walk->budget);
	ret = ret ?: call_each(walk, finish);
	if (!ret && walk->supers.incomplete && !shows_incomplete)
		ret = -EAGAIN;
	return ret;
}

/* An uninitialised scratch is not released. */
static int prepare_snapshot(struct shmstat_walk *walk,
			    const struct shmstat_view *view,
			    const struct shmstat_id *id)
{
	struct shmstat_snapshot *snap = &walk->snaps[walk->count];

	snap->view = view;
	snap->budget = &walk->budget;
	snap->supers = &walk->supers;
	snap->procs = &walk->procs;
	snap->strings = &walk->strings;
	snap->path = walk->path;
	shmstat_rows_init(&snap->rows, &walk->budget, view->row_size);
	snap->scratch = shmstat_alloc(&walk->budget, view->scratch_size ?: 1);
	if (!snap->scratch)
		return -ENOMEM;
	walk->count++;
	if (view->prepare)
		view->prepare(snap);
	if (view->ask)
		view->ask(snap, id);
	return 0;
}

static int take(struct shmstat_walk *walk,
		const struct shmstat_view * const *views, unsigned int count,
		const struct shmstat_id *id)
{
	unsigned int i;
	int ret = 0;

	walk->path = shmstat_alloc(&walk->budget, PATH_MAX);
	if (!walk->path)
		return -ENOMEM;
	for (i = 0; !ret && i < count; i++)
		ret = prepare_snapshot(walk, views[i], id);
	ret = ret ?: collect_all(walk);
	shmstat_free(&walk->budget, walk->path, PATH_MAX);
	walk->path = NULL;
	for (i = 0; i < walk->count; i++)
		walk->snaps[i].path = NULL;
	return ret;
}

/**
 * shmstat_walk_take - take snapshots for views, of one walk
 * @views: the views
 * @count: number of @views, from 1 to SHMSTAT_MAX_VIEWS
 * @name: what to call them in the log
 * @file: the open file that is read
 * @id: the object that the view is about; not used unless it has ask()
 *
 * Context: Process context, may sleep. The memory is charged to the caller's
 *	cgroup. See shmstat_visit_supers() and shmstat_visit_inodes().
 * Return: the walk, to be freed by shmstat_walk_free(); -ENOMEM; -EINTR after a
 *	fatal signal; -EAGAIN if the kernel's list of superblocks could not be
 *	walked; -ENOENT if there is no object @id.
 */
struct shmstat_walk *
shmstat_walk_take(const struct shmstat_view * const *views, unsigned int count,
		  const char *name, struct file *file,
		  const struct shmstat_id *id)
{
	struct shmstat_walk *walk = kzalloc(sizeof(*walk), SHMSTAT_GFP);
	int ret;

	if (!walk)
		return ERR_PTR(-ENOMEM);
	shmstat_budget_init(&walk->budget);
	shmstat_supers_init(&walk->supers, &walk->budget);
	shmstat_procs_init(&walk->procs, &walk->budget);
	shmstat_strings_init(&walk->strings, &walk->budget);
	walk->file = file;
	ret = take(walk, views, count, id);
	walk->file = NULL;
	if (!ret)
		return walk;
	if (ret == -ENOMEM && walk->budget.exceeded)
		log_exceeded(&walk->budget, name);
	shmstat_walk_free(walk);
	return ERR_PTR(ret);
}

/**
 * shmstat_walk_free - free a walk and its snapshots
 * @walk: the walk, or NULL
 *
 * Context: Process context, may sleep.
 */
void shmstat_walk_free(struct shmstat_walk *walk)
{
	unsigned int i;

	if (!walk)
		return;
	for (i = 0; i < walk->count; i++) {
		struct shmstat_snapshot *snap = &walk->snaps[i];

		if (snap->view->release)
			snap->view->release(snap);
		shmstat_free(&walk->budget, snap->scratch,
			     snap->view->scratch_size ?: 1);
		shmstat_rows_free(&snap->rows);
	}
	shmstat_supers_free(&walk->supers);
	shmstat_procs_free(&walk->procs);
	shmstat_strings_free(&walk->strings);
	kfree(walk);
}

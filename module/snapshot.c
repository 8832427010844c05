// SPDX-License-Identifier: GPL-2.0
/*
 * One scan, start to end: every superblock, every inode on it, everything a
 * view collects on the way. Nothing of the kernel is held once it is taken.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmstat.h>

#include "compat.h"
#include "hold.h"
#include "shmstat.h"
#include "sum.h"
#include "segment.h"

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

struct visit {
	struct shmstat_snapshot *snap;
	struct shmstat_super *super;
};

static int visit_inode(struct inode *inode, void *arg)
{
	struct visit *visit = arg;
	struct shmstat_snapshot *snap = visit->snap;
	struct shmstat_object *obj;
	int ret;

	ret = shmstat_object_add(snap, visit->super, inode, &obj);
	if (!ret && obj && snap->view->holders)
		ret = shmstat_holders_map(snap, inode, obj);
	if (!ret && obj && snap->view->object)
		ret = snap->view->object(snap, inode, obj);
	return ret;
}

static int visit_supers(struct shmstat_snapshot *snap)
{
	struct visit visit = { .snap = snap };
	unsigned long dev;
	int ret;

	xa_for_each(&snap->supers, dev, visit.super) {
		ret = shmstat_super_fill(snap, visit.super) ?:
		      shmstat_visit_inodes(visit.super->sb, visit_inode,
					   &visit);
		if (ret)
			return ret;
	}
	return 0;
}

/* Everything that needs a superblock or an inode. */
static int scan(struct shmstat_snapshot *snap)
{
	int ret;

	ret = shmstat_supers_get(snap);
	if (!ret)
		ret = shmstat_namespaces_scan(snap);
	if (!ret)
		ret = visit_supers(snap);
	if (!ret)
		read_counter(snap);
	shmstat_supers_put(snap);
	return ret;
}

/* Everything that is found by an object's id. */
static int join(struct shmstat_snapshot *snap)
{
	int ret;

	if (!snap->view->holders && !snap->segments.count)
		return 0;
	ret = shmstat_objects_index(snap);
	if (ret)
		return ret;
	shmstat_segments_join(snap);
	return snap->view->holders ? shmstat_holders_scan(snap) : 0;
}

struct find {
	const struct shmstat_id *id;
	shmstat_inode_fn visit;
	void *arg;
	int ret;
};

static int find_inode(struct inode *inode, void *arg)
{
	struct find *find = arg;
	struct shmstat_id id = shmstat_inode_id(inode);

	if (!shmstat_id_equal(&id, find->id))
		return 0;
	find->ret = find->visit(inode, find->arg);
	return 1;
}

/**
 * shmstat_snapshot_find - visit one object by its id
 * @snap: a snapshot whose superblocks are not held
 * @id: the id
 * @visit: called with a reference to the object's inode held; may sleep
 * @arg: handed to @visit
 *
 * Context: Process context, may sleep.
 * Return: what @visit returned; -ENOENT if there is no such object, -ENOMEM or
 *	-EINTR.
 */
int shmstat_snapshot_find(struct shmstat_snapshot *snap,
			  const struct shmstat_id *id, shmstat_inode_fn visit,
			  void *arg)
{
	struct find find = {
		.id = id, .visit = visit, .arg = arg, .ret = -ENOENT,
	};
	struct shmstat_super *super;
	int ret;

	ret = shmstat_supers_get(snap);
	super = xa_load(&snap->supers, id->dev);
	if (!ret && !super) {
		ret = shmstat_namespaces_scan(snap);
		super = xa_load(&snap->supers, id->dev);
	}
	if (!ret && super)
		ret = shmstat_visit_inodes(super->sb, find_inode, &find);
	shmstat_supers_put(snap);
	shmstat_supers_free(snap);
	return ret < 0 ? ret : find.ret;
}

static int collect(struct shmstat_snapshot *snap)
{
	const struct shmstat_view *view = snap->view;
	int ret;

	if (view->query)
		return view->query(snap);
	ret = scan(snap) ?: join(snap);
	if (!ret && view->finish)
		ret = view->finish(snap);
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
 *	-ENOMEM, -EINTR after a fatal signal, or -ENOENT if nothing is @wanted.
 */
struct shmstat_snapshot *shmstat_snapshot_take(const struct shmstat_view *view,
					       struct file *file,
					       const struct shmstat_id *wanted)
{
	struct shmstat_snapshot *snap;
	int ret = -ENOMEM;

	snap = kzalloc(sizeof(*snap), GFP_KERNEL_ACCOUNT);
	if (!snap)
		return ERR_PTR(-ENOMEM);
	snap->view = view;
	snap->file = file;
	if (wanted)
		snap->wanted = *wanted;
	xa_init_flags(&snap->supers, XA_FLAGS_ACCOUNT);
	shmstat_rows_init(&snap->objects, sizeof(struct shmstat_object));
	shmstat_index_init(&snap->index, &snap->objects,
			   offsetof(struct shmstat_object, link));
	shmstat_rows_init(&snap->segments, sizeof(struct shmstat_segment));
	shmstat_rows_init(&snap->ipcns, sizeof(struct shmstat_ipcns));
	shmstat_index_init(&snap->ipcns_index, &snap->ipcns,
			   offsetof(struct shmstat_ipcns, link));
	shmstat_rows_init(&snap->holders, sizeof(struct shmstat_holder));
	shmstat_index_init(&snap->holders_index, &snap->holders,
			   offsetof(struct shmstat_holder, link));
	shmstat_rows_init(&snap->mappings.rows, sizeof(struct shmstat_mapping));
	shmstat_rows_init(&snap->sums, sizeof(struct shmstat_sum));
	shmstat_rows_init(&snap->rows, view->row_size ?: 1);
	snap->shown = &snap->rows;
	shmstat_strings_init(&snap->strings);

	snap->path = kmalloc(PATH_MAX, GFP_KERNEL_ACCOUNT);
	snap->scratch = kvzalloc(view->scratch_size ?: 1, GFP_KERNEL_ACCOUNT);
	if (snap->scratch && view->prepare)
		view->prepare(snap);
	if (snap->path && snap->scratch)
		ret = collect(snap);
	kfree(snap->path);
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
	kvfree(snap->scratch);
	shmstat_supers_free(snap);
	shmstat_index_free(&snap->index);
	shmstat_rows_free(&snap->objects);
	shmstat_rows_free(&snap->segments);
	shmstat_index_free(&snap->ipcns_index);
	shmstat_rows_free(&snap->ipcns);
	shmstat_index_free(&snap->holders_index);
	shmstat_rows_free(&snap->holders);
	shmstat_rows_free(&snap->mappings.rows);
	shmstat_rows_free(&snap->sums);
	shmstat_rows_free(&snap->rows);
	shmstat_strings_free(&snap->strings);
	kfree(snap);
}

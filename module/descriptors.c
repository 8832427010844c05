// SPDX-License-Identifier: GPL-2.0
/*
 * Which processes hold objects by descriptors, by the GPU handles behind
 * descriptors, and by descriptors of files in an overlay that has a tmpfs below.
 *
 * Files are read under file_lock, which keeps them, rather than by reference: ours
 * could be the last one, and would delay a close, an unlock or an unmount.
 */
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "compat.h"
#include "descriptors.h"
#include "fstype.h"
#include "gem.h"
#include "resource.h"
#include "task.h"

/*
 * Maximum number of descriptors or handles, and of slots, read under one hold of
 * a process's file_lock, for which its open() and close() wait. Each maximum takes
 * about 10 us.
 */
#define FD_BATCH	32
#define SLOT_BATCH	4096

/**
 * struct fds - descriptors read under one hold of file_lock
 * @next: the slot to go on from
 * @gem: the DRM node in that slot if its handles are to be read, only to be
 *	compared
 * @handle: the GPU handle to go on from
 * @count: number of @holds
 * @more: there are more slots
 * @holds: the descriptors and handles that lead to objects
 */
struct fds {
	unsigned int next;
	const struct file *gem;
	int handle;
	unsigned int count;
	bool more;
	struct shmstat_hold holds[FD_BATCH];
};

/* A DRM node whose handles were read for a process. */
struct gem_node {
	const struct file *file;
	pid_t tgid;
	u32 next;
};

/**
 * struct scan - shmstat_scan_descriptors() under way
 * @found: called for each hold
 * @arg: passed to @found
 * @tables: the descriptor tables that were found
 * @nr_tables: number of tables
 * @nodes: every &struct gem_node
 * @by_file: finds them
 * @fds: what was read last
 */
struct scan {
	shmstat_hold_fn found;
	void *arg;
	struct shmstat_resources tables;
	u32 nr_tables;
	struct shmstat_rows nodes;
	struct shmstat_hashtable by_file;
	struct fds fds;
};

static void add_hold(struct fds *fds, struct shmstat_id id,
		     enum shmstat_hold_type type)
{
	fds->holds[fds->count++] = (struct shmstat_hold) {
		.id = id, .type = type,
	};
}

/*
 * The inode that has a file's pages. That of an overlay's file is the underlying
 * one, which was opened with it, unless by O_PATH. overlayfs is not called for it,
 * as it could wait for other file systems.
 */
static const struct inode *real_inode(const struct file *file)
{
	if (!shmstat_file_is_overlay(file))
		return file_inode(file);
	if (file->f_mode & FMODE_PATH)
		return NULL;
	return shmstat_inode_probe(shmstat_overlay_file(file));
}

static void read_file(struct fds *fds, const struct file *file)
{
	const struct inode *inode = real_inode(file);
	struct shmstat_id id;

	if (inode && shmstat_sb_is_shmem(inode->i_sb))
		add_hold(fds, shmstat_inode_id(inode), SHMSTAT_HOLD_FD);
	else if (inode && shmstat_gem_export(file, &id))
		add_hold(fds, id, SHMSTAT_HOLD_FD);
}

/* Returns true after the last handle. */
static bool read_handles(struct fds *fds, const struct file *file)
{
	struct shmstat_id ids[FD_BATCH];
	unsigned int count, i;

	count = shmstat_gem_handles(file, &fds->handle, ids,
				    FD_BATCH - fds->count);
	for (i = 0; i < count; i++)
		add_hold(fds, ids[i], SHMSTAT_HOLD_HANDLE);
	return fds->handle < 0;
}

/*
 * Stops at a DRM node and returns it, for the caller to decide whether its handles
 * are to be read. If so, it sets @gem to it and calls again.
 */
static const struct file *read_slots(struct fds *fds,
				     struct files_struct *files)
{
	unsigned int nr_files = 0, end;
	struct fdtable *fdt;
	const struct file *stop = NULL;

	spin_lock(&files->file_lock);
	fdt = files_fdtable(files);
	end = min(fdt->max_fds, fds->next + SLOT_BATCH);
	for (; fds->next < end && nr_files < FD_BATCH && fds->count < FD_BATCH;
	     fds->next++) {
		const struct file *file;

		file = rcu_dereference_check_fdtable(files,
						     fdt->fd[fds->next]);
		if (!file)
			continue;
		nr_files++;
		/* First, as a DRM node is on devtmpfs, which is shmem too. */
		if (!shmstat_gem_file(file)) {
			read_file(fds, file);
			continue;
		}
		if (file != fds->gem) {
			stop = file;
			break;
		}
		if (!read_handles(fds, file))
			break;
		fds->gem = NULL;
	}
	fds->more = fds->next < fdt->max_fds;
	spin_unlock(&files->file_lock);
	return stop;
}

/* task_lock keeps the descriptor table of a task that is exiting. */
static const struct file *next_fds(struct fds *fds, struct task_struct *task)
{
	const struct file *stop = NULL;

	fds->count = 0;
	fds->more = false;
	task_lock(task);
	if (task->files)
		stop = read_slots(fds, task->files);
	task_unlock(task);
	return stop;
}

static u32 hash_gem_node(const void *row)
{
	const struct gem_node *node = row;

	return hash_ptr(node->file, 32) ^ node->tgid;
}

static bool match_gem_node(const void *row, const void *key)
{
	const struct gem_node *node = row;
	const struct gem_node *wanted = key;

	return node->file == wanted->file && node->tgid == wanted->tgid;
}

/*
 * Has the handles of a DRM node read next, unless they were read for this process
 * before: a process can have a million descriptors of it.
 */
static int enter_node(struct scan *scan, struct task_struct *task,
		      const struct file *file)
{
	struct gem_node key = { .file = file, .tgid = task_tgid_nr(task) };
	struct gem_node *row;

	if (shmstat_hash_find(&scan->by_file, hash_gem_node(&key),
			      match_gem_node, &key)) {
		scan->fds.next++;
		return 0;
	}
	row = shmstat_rows_add(&scan->nodes);
	if (!row)
		return -ENOMEM;
	*row = key;
	scan->fds.gem = file;
	scan->fds.handle = 0;
	return shmstat_hash_add(&scan->by_file, scan->nodes.count - 1);
}

static int report_holds(struct scan *scan, struct task_struct *task, u32 walk)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < scan->fds.count; i++) {
		struct shmstat_hold *hold = &scan->fds.holds[i];

		hold->task = task;
		hold->walk = walk;
		ret = scan->found(hold, scan->arg);
	}
	return ret;
}

static int scan_table(struct scan *scan, struct task_struct *task, u32 walk)
{
	struct fds *fds = &scan->fds;
	int ret;

	fds->next = 0;
	fds->gem = NULL;
	do {
		const struct file *stop = next_fds(fds, task);

		ret = report_holds(scan, task, walk);
		if (!ret && stop)
			ret = enter_node(scan, task, stop);
		cond_resched();
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	} while (!ret && fds->more);
	return ret;
}

/* Called with task_lock held. Most threads share the table of their leader. */
static void get_table_key(struct task_struct *task, struct shmstat_resource *key)
{
	if (thread_group_leader(task) ||
	    task->files != READ_ONCE(task->group_leader->files))
		key->addr = task->files;
}

static int scan_task(struct task_struct *task, void *arg)
{
	struct scan *scan = arg;
	struct shmstat_resource *table;
	int ret;

	ret = shmstat_resources_add(&scan->tables, task, &table);
	if (ret <= 0)
		return ret;
	if (!table->retries)
		table->walk = ++scan->nr_tables * SHMSTAT_WALKS;
	return scan_table(scan, task, table->walk + table->retries);
}

/**
 * shmstat_scan_descriptors - find which objects processes hold by descriptors
 * @budget: the read's budget
 * @found: called for each descriptor and GPU handle that leads to an object
 * @arg: passed to @found
 *
 * A descriptor table that tasks share is read once, for the first of them.
 *
 * Context: Process context, may sleep. Takes task_lock, file_lock inside it and
 *	the table_lock of a DRM node inside that, for FD_BATCH descriptors or
 *	handles at a time.
 * Return: 0, -ENOMEM, -EINTR or what @found returned.
 */
int shmstat_scan_descriptors(struct shmstat_budget *budget,
			     shmstat_hold_fn found, void *arg)
{
	struct scan *scan = shmstat_alloc(budget, sizeof(*scan));
	int ret;

	if (!scan)
		return -ENOMEM;
	scan->found = found;
	scan->arg = arg;
	shmstat_resources_init(&scan->tables, budget, get_table_key);
	shmstat_rows_init(&scan->nodes, budget, sizeof(struct gem_node));
	shmstat_hash_init(&scan->by_file, &scan->nodes,
			  offsetof(struct gem_node, next), hash_gem_node);
	ret = shmstat_visit_tasks(scan_task, scan);
	shmstat_hash_free(&scan->by_file);
	shmstat_rows_free(&scan->nodes);
	shmstat_resources_free(&scan->tables);
	shmstat_free(budget, scan, sizeof(*scan));
	return ret;
}

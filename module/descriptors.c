// SPDX-License-Identifier: GPL-2.0
/*
 * Which processes hold objects by descriptors, by the GPU handles behind those,
 * and by files of an overlay that is on a tmpfs.
 *
 * All is read under file_lock, which keeps the files: a reference to one could
 * be the last, and a bystander would find it locked, written or mounted still.
 */
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "compat.h"
#include "gem.h"
#include "descriptors.h"

/*
 * How many descriptors or handles, and how many free slots between them, are
 * looked at under one hold of a process's file_lock, which its open() and
 * close() wait for: some 10 us either way.
 */
#define FD_BATCH	32
#define SLOT_BATCH	4096

/**
 * struct fds - descriptors read under one hold of file_lock
 * @next: the slot to go on from
 * @handle: the GPU handle to go on from in that slot
 * @gem: the DRM node whose handles are read, only to be compared
 * @count: how many of @holds are set
 * @more: whether slots are left
 * @holds: the objects that were met
 */
struct fds {
	unsigned int next;
	int handle;
	const struct file *gem;
	unsigned int count;
	bool more;
	struct shmstat_hold holds[FD_BATCH];
};

/* A DRM node that was met, for the tasks that share its descriptor. */
struct gem_node {
	const struct file *file;
	pid_t tgid;
	u32 next;
};

/**
 * struct scan - a scan on its way
 * @snap: the snapshot
 * @found: called for each hold
 * @tables_met: the descriptor tables that were met; nr of one is the number of
 *	the walk over it
 * @tables: how many walks were begun
 * @nodes: every &struct gem_node whose handles were read
 * @nodes_index: finds them
 * @fds: what was read last
 */
struct scan {
	struct shmstat_snapshot *snap;
	shmstat_hold_fn found;
	struct shmstat_shares tables_met;
	u32 tables;
	struct shmstat_rows nodes;
	struct shmstat_index nodes_index;
	struct fds fds;
};

static void add_hold(struct fds *fds, struct shmstat_id id,
		     enum shmstat_how how)
{
	fds->holds[fds->count++] = (struct shmstat_hold) { .id = id, .how = how };
}

/*
 * The inode whose pages a file leads to. A file of an overlay, as a container
 * has it, was opened together with the one below; what is merely O_PATH has
 * none. The overlay itself is not asked: it might ask others.
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

/* Returns whether all handles were read. */
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
 * Stops at a DRM node, for the caller to decide whether to read its handles:
 * then it is @gem, and read on the next call.
 */
static const struct file *read_slots(struct fds *fds,
				     struct files_struct *files)
{
	unsigned int looked = 0, end;
	struct fdtable *fdt;
	const struct file *stop = NULL;

	spin_lock(&files->file_lock);
	fdt = files_fdtable(files);
	end = min(fdt->max_fds, fds->next + SLOT_BATCH);
	for (; fds->next < end && looked < FD_BATCH && fds->count < FD_BATCH;
	     fds->next++) {
		const struct file *file;

		file = rcu_dereference_check_fdtable(files,
						     fdt->fd[fds->next]);
		if (!file)
			continue;
		looked++;
		/* First, as a device may well be on a devtmpfs. */
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

/* Holding task_lock keeps an exiting task from dropping its table. */
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
	const struct gem_node *want = key;

	return node->file == want->file && node->tgid == want->tgid;
}

/*
 * Reads the handles of a DRM node next, or passes it by if they were read for
 * this process: a descriptor can be duplicated a million times.
 */
static int enter_node(struct scan *scan, struct task_struct *task,
		      const struct file *file)
{
	struct gem_node key = { .file = file, .tgid = task_tgid_nr(task) };
	struct gem_node *row;

	if (shmstat_index_find(&scan->nodes_index, hash_gem_node(&key), match_gem_node,
			       &key)) {
		scan->fds.next++;
		return 0;
	}
	row = shmstat_rows_add(&scan->nodes);
	if (!row)
		return -ENOMEM;
	*row = key;
	scan->fds.gem = file;
	scan->fds.handle = 0;
	return shmstat_index_add(&scan->nodes_index, scan->nodes.count - 1);
}

static int add_holds(struct scan *scan, struct task_struct *task, u32 table,
		     u32 instead)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < scan->fds.count; i++) {
		struct shmstat_hold *hold = &scan->fds.holds[i];

		hold->task = task;
		hold->table = table;
		hold->instead = instead;
		ret = scan->found(scan->snap, hold);
	}
	return ret;
}

static int scan_table(struct scan *scan, struct task_struct *task, u32 table,
		      u32 instead)
{
	struct fds *fds = &scan->fds;
	int ret;

	fds->next = 0;
	fds->gem = NULL;
	do {
		const struct file *stop = next_fds(fds, task);

		ret = add_holds(scan, task, table, instead);
		if (!ret && stop)
			ret = enter_node(scan, task, stop);
		cond_resched();
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	} while (!ret && fds->more);
	return ret;
}

/* Called with task_lock held. Threads mostly share their leader's. */
static void read_table(struct task_struct *task, struct shmstat_shared *key)
{
	if (thread_group_leader(task) ||
	    task->files != READ_ONCE(task->group_leader->files))
		key->what = task->files;
}

static int scan_task(struct task_struct *task, void *arg)
{
	struct scan *scan = arg;
	struct shmstat_shared *shared;
	u32 before;
	int ret;

	ret = shmstat_shares_add(&scan->tables_met, task, &shared);
	if (ret <= 0)
		return ret;
	before = shared->nr;
	shared->nr = ++scan->tables;
	return scan_table(scan, task, shared->nr, before);
}

/**
 * shmstat_scan_descriptors - find what processes hold by descriptors
 * @snap: the snapshot
 * @found: called for each descriptor and each GPU handle of a process
 *
 * A descriptor table that several tasks share is read once, for the first of
 * them.
 *
 * Context: Process context, may sleep; takes task_lock, file_lock and a DRM
 *	file's table_lock, for FD_BATCH descriptors or handles at a time.
 * Return: 0, -ENOMEM, -EINTR or what @found returned.
 */
int shmstat_scan_descriptors(struct shmstat_snapshot *snap,
			     shmstat_hold_fn found)
{
	struct scan *scan = shmstat_alloc(&snap->budget, sizeof(*scan));
	int ret;

	if (!scan)
		return -ENOMEM;
	scan->snap = snap;
	scan->found = found;
	shmstat_shares_init(&scan->tables_met, &snap->budget, read_table);
	shmstat_rows_init(&scan->nodes, &snap->budget, sizeof(struct gem_node));
	shmstat_index_init(&scan->nodes_index, &scan->nodes,
			   offsetof(struct gem_node, next), hash_gem_node);
	ret = shmstat_visit_tasks(scan_task, scan);
	shmstat_index_free(&scan->nodes_index);
	shmstat_rows_free(&scan->nodes);
	shmstat_shares_free(&scan->tables_met);
	shmstat_free(&snap->budget, scan, sizeof(*scan));
	return ret;
}

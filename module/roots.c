// SPDX-License-Identifier: GPL-2.0
/*
 * The mounts at the root directories of tasks. devtmpfs and the initial root file
 * system are found there; no list of superblocks that a module can reach has them.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>

#include "fstype.h"
#include "roots.h"
#include "task.h"

/**
 * shmstat_get_task_root - get the root directory of a task
 * @task: the task; the caller holds a reference, or RCU
 * @root: set to its root, to be put by path_put(); to NULLs if it is exiting
 *
 * Context: Any but interrupts. Takes task_lock.
 */
void shmstat_get_task_root(struct task_struct *task, struct path *root)
{
	*root = (struct path) {};

	task_lock(task);
	if (task->fs)
		get_fs_root(task->fs, root);
	task_unlock(task);
}

/* Maximum number of superblocks of shmem stacked at the root of init. */
#define MAX_STACKED	8

static bool is_among(const struct super_block *sb,
		     struct super_block * const sbs[], unsigned int count)
{
	while (count--)
		if (sbs[count] == sb)
			return true;
	return false;
}

/*
 * Follows mount points up from @path, at most to the initial root file system, and
 * takes an active reference to each superblock of shmem on the way. Puts @path.
 */
static unsigned int get_supers_above(struct path *path,
				     struct super_block *sbs[MAX_STACKED])
{
	unsigned int count = 0;

	if (!path->mnt)
		return 0;
	do {
		struct super_block *sb = path->mnt->mnt_sb;

		if (!shmstat_sb_is_shmem(sb) || is_among(sb, sbs, count))
			continue;
		/* The mount has a reference, so this is not the first. */
		atomic_inc(&sb->s_active);
		sbs[count++] = sb;
	} while (count < MAX_STACKED && follow_up(path));
	path_put(path);
	return count;
}

/**
 * shmstat_visit_root_mounts - call a function for the mounts at the root of init
 * @visit: the function
 * @arg: passed to @visit
 *
 * These are the superblocks of shmem from the root directory of the first process
 * upwards, over which it is mounted; the initial root file system can be one.
 *
 * Context: Process context, may sleep. Takes task_lock.
 * Return: what @visit returned last.
 */
int shmstat_visit_root_mounts(shmstat_mount_fn visit, void *arg)
{
	struct super_block *sbs[MAX_STACKED];
	struct task_struct *task;
	struct path path = {};
	unsigned int count, i;
	int ret = 0;

	rcu_read_lock();
	task = pid_task(find_pid_ns(1, &init_pid_ns), PIDTYPE_TGID);
	if (task)
		shmstat_get_task_root(task, &path);
	rcu_read_unlock();

	count = get_supers_above(&path, sbs);
	for (i = 0; i < count; i++) {
		ret = ret ?: visit(sbs[i], arg);
		deactivate_super(sbs[i]);
	}
	return ret;
}

/* The arguments of shmstat_visit_kthread_roots(). */
struct visitor {
	shmstat_mount_fn visit;
	void *arg;
};

static int visit_kthread_root(struct task_struct *task, void *arg)
{
	const struct visitor *visitor = arg;
	struct path path;
	int ret;

	if (!(task->flags & PF_KTHREAD))
		return 0;
	shmstat_get_task_root(task, &path);
	if (!path.mnt)
		return 0;
	ret = visitor->visit(path.mnt->mnt_sb, visitor->arg);
	path_put(&path);
	return ret;
}

/**
 * shmstat_visit_kthread_roots - call a function for the roots of kernel threads
 * @visit: the function; called more than once for the same superblock
 * @arg: passed to @visit
 *
 * Context: Process context, may sleep. Takes task_lock.
 * Return: what @visit returned last, or -EINTR after a fatal signal.
 */
int shmstat_visit_kthread_roots(shmstat_mount_fn visit, void *arg)
{
	struct visitor visitor = { .visit = visit, .arg = arg };

	return shmstat_visit_tasks(visit_kthread_root, &visitor);
}

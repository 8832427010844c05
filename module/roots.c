// SPDX-License-Identifier: GPL-2.0
/*
 * What no list that a module can reach leads to, met through the processes'
 * roots: devtmpfs, the initial root file system, and which tmpfs is mounted at
 * /dev/shm in each mount namespace.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>
#include <linux/stringhash.h>

#include "roots.h"
#include "snapshot.h"
#include "super.h"
#include "task.h"

/* Sets root to NULLs for a task that is exiting. */
static void get_task_root(struct task_struct *task, struct path *root)
{
	*root = (struct path) {};

	task_lock(task);
	if (task->fs)
		get_fs_root(task->fs, root);
	task_unlock(task);
}

/*
 * One step down a path without asking any file system. What is mounted at a
 * place keeps all dentries above it in the cache, so a step that fails led to
 * no mount, and a dead or hostile file system has nothing to delay. Symbolic
 * links are not followed.
 */
static bool step_down(struct path *path, const char *name)
{
	struct qstr last = QSTR_INIT(name, strlen(name));
	struct dentry *child;

	last.hash = full_name_hash(path->dentry, name, last.len);
	child = d_lookup(path->dentry, &last);
	if (!child)
		return false;

	dput(path->dentry);
	path->dentry = child;
	while (follow_down_one(path))
		cond_resched();
	return true;
}

/* Threads mostly share their leader's, and kernel threads that of all. */
static void read_root(struct task_struct *task, struct shmstat_shared *key)
{
	if (!task->fs || task->flags & PF_KTHREAD)
		return;
	if (!thread_group_leader(task) &&
	    task->fs == READ_ONCE(task->group_leader->fs))
		return;
	key->what = READ_ONCE(task->fs->root.mnt);
	key->part = READ_ONCE(task->fs->root.dentry);
}

struct posix_scan {
	struct shmstat_snapshot *snap;
	struct shmstat_shares roots;
};

static int scan_root(struct task_struct *task, void *arg)
{
	struct posix_scan *scan = arg;
	struct shmstat_shared *shared;
	struct shmstat_super *super;
	struct path path;
	int ret;

	ret = shmstat_shares_add(&scan->roots, task, &shared);
	if (ret <= 0)
		return ret;
	get_task_root(task, &path);
	if (!path.mnt)
		return 0;
	/* Require the root of a tmpfs: a bind-mounted subdirectory would mislabel the rest. */
	if (step_down(&path, "dev") && step_down(&path, "shm") &&
	    path.dentry == path.mnt->mnt_sb->s_root &&
	    shmstat_sb_is_shmem(path.mnt->mnt_sb)) {
		super = shmstat_rows_at(&scan->snap->supers,
					shmstat_super_find_nr(scan->snap,
							      path.mnt->mnt_sb));
		if (super)
			super->posix = true;
	}
	path_put(&path);
	return 0;
}

/**
 * shmstat_posix_scan - note which superblocks are mounted at /dev/shm
 * @snap: the snapshot, after all superblocks were visited
 *
 * References to mounts are taken here alone, once for each root that processes
 * have, as umount(8) meets EBUSY while one is held. Should it be the last, the
 * mount goes when the system call returns, so this comes at the end of a scan.
 *
 * Context: Process context, may sleep; takes task_lock.
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_posix_scan(struct shmstat_snapshot *snap)
{
	struct posix_scan scan = { .snap = snap };
	int ret;

	shmstat_shares_init(&scan.roots, &snap->budget, read_root);
	ret = shmstat_visit_tasks(scan_root, &scan);
	shmstat_shares_free(&scan.roots);
	return ret;
}

/* How many of the mounts that lie on top of each other at the root are shmem. */
#define DEPTH	8

static bool is_among(const struct super_block *sb,
		     struct super_block * const sbs[], unsigned int count)
{
	while (count--)
		if (sbs[count] == sb)
			return true;
	return false;
}

/* Holds the shmem superblocks mounted from @path upwards; puts @path. */
static unsigned int get_mounts_above(struct path *path,
				     struct super_block *sbs[DEPTH])
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
	} while (count < DEPTH && follow_up(path));
	path_put(path);
	return count;
}

static int visit_held(struct super_block *sbs[], unsigned int count,
		      shmstat_mount_fn visit, void *arg)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < count; i++) {
		ret = ret ?: visit(sbs[i], arg);
		deactivate_super(sbs[i]);
	}
	return ret;
}

/**
 * shmstat_visit_root_mounts - call a function for the mounts at the root
 * @visit: the function
 * @arg: handed to it
 *
 * Those on shmem that the root of the first process is mounted on, the initial
 * root file system among them.
 *
 * Context: Process context, may sleep; takes task_lock.
 * Return: what @visit returned last.
 */
int shmstat_visit_root_mounts(shmstat_mount_fn visit, void *arg)
{
	struct super_block *sbs[DEPTH];
	struct task_struct *task;
	struct path path = {};

	rcu_read_lock();
	task = pid_task(find_pid_ns(1, &init_pid_ns), PIDTYPE_TGID);
	if (task)
		get_task_root(task, &path);
	rcu_read_unlock();
	return visit_held(sbs, get_mounts_above(&path, sbs), visit, arg);
}

struct kthread_roots {
	shmstat_mount_fn visit;
	void *arg;
};

static int visit_kthread_root(struct task_struct *task, void *arg)
{
	const struct kthread_roots *roots = arg;
	struct path path;
	int ret = 0;

	if (!(task->flags & PF_KTHREAD))
		return 0;
	get_task_root(task, &path);
	if (!path.mnt)
		return 0;
	ret = roots->visit(path.mnt->mnt_sb, roots->arg);
	path_put(&path);
	return ret;
}

/**
 * shmstat_visit_kthread_roots - call a function for the roots of kernel threads
 * @visit: the function; some superblocks come several times
 * @arg: handed to it
 *
 * Context: Process context, may sleep; takes task_lock.
 * Return: what @visit returned last, or -EINTR after a fatal signal.
 */
int shmstat_visit_kthread_roots(shmstat_mount_fn visit, void *arg)
{
	struct kthread_roots roots = { .visit = visit, .arg = arg };

	return shmstat_visit_tasks(visit_kthread_root, &roots);
}

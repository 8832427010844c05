// SPDX-License-Identifier: GPL-2.0
/*
 * What no list that a module can reach leads to, met through the processes:
 * devtmpfs, the initial root file system, the tmpfs mounted at /dev/shm in
 * each mount namespace, and the segments of each IPC namespace.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/sched/task.h>
#include <linux/stringhash.h>

#include "shmstat.h"
#include "segment.h"
#include "task.h"

/* Sets root to NULLs for a task that is exiting or shares its leader's. */
static void get_task_root(struct task_struct *task, struct path *root)
{
	*root = (struct path) {};

	task_lock(task);
	if (task->fs && (thread_group_leader(task) ||
			 task->fs != READ_ONCE(task->group_leader->fs)))
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

static int note_mount(struct shmstat_snapshot *snap, const struct path *path,
		      bool posix)
{
	struct shmstat_super *super;

	super = shmstat_super_note(snap, path->mnt->mnt_sb);
	if (IS_ERR(super))
		return PTR_ERR(super);
	if (super && posix)
		super->posix = true;
	return 0;
}

/*
 * The root itself leads to devtmpfs: the kernel's own thread kdevtmpfs lives
 * in it, wherever else it is mounted or not.
 */
static int scan_mounts(struct shmstat_snapshot *snap, struct task_struct *task)
{
	struct path path;
	int ret;

	get_task_root(task, &path);
	if (!path.mnt)
		return 0;

	ret = note_mount(snap, &path, false);
	/* Not a folder of some tmpfs that is bound there: the rest is not. */
	if (!ret && step_down(&path, "dev") && step_down(&path, "shm") &&
	    path.dentry == path.mnt->mnt_sb->s_root)
		ret = note_mount(snap, &path, true);
	path_put(&path);
	return ret;
}

/* Everything is mounted, by however many steps, on the first root. */
static int scan_initial_root(struct shmstat_snapshot *snap)
{
	struct path path;
	int ret;

	get_task_root(&init_task, &path);
	if (!path.mnt)
		return 0;
	while (follow_up(&path))
		cond_resched();
	ret = note_mount(snap, &path, false);
	path_put(&path);
	return ret;
}

static int scan_task(struct task_struct *task, void *arg)
{
	struct shmstat_snapshot *snap = arg;

	return scan_mounts(snap, task) ?: shmstat_segments_scan(snap, task);
}

/**
 * shmstat_namespaces_scan - visit the namespaces that processes live in
 * @snap: the snapshot, after shmstat_supers_get()
 *
 * Context: Process context, may sleep; takes task_lock.
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_namespaces_scan(struct shmstat_snapshot *snap)
{
	return scan_initial_root(snap) ?:
	       shmstat_visit_tasks(scan_task, snap);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Which superblocks are mounted at /dev/shm, in any mount namespace: shm_open(3)
 * makes its files there.
 */
#include <linux/dcache.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/stringhash.h>

#include "fstype.h"
#include "posix.h"
#include "resource.h"
#include "roots.h"
#include "task.h"

/*
 * One step down a path, by the dentry cache and the mount table alone, so that a
 * dead or hostile file system cannot delay it. A mount keeps the dentries above
 * it in the cache: where this fails, nothing is mounted. Symbolic links are not
 * followed.
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

/*
 * Called with task_lock held. Most threads share the root of their leader. Kernel
 * threads have no /dev/shm of their own.
 */
static void get_root_key(struct task_struct *task, struct shmstat_resource *key)
{
	if (!task->fs || task->flags & PF_KTHREAD)
		return;
	if (!thread_group_leader(task) &&
	    task->fs == READ_ONCE(task->group_leader->fs))
		return;
	key->addr = READ_ONCE(task->fs->root.mnt);
	key->addr2 = READ_ONCE(task->fs->root.dentry);
}

/**
 * struct marking - shmstat_mark_posix() under way
 * @supers: the superblocks
 * @roots: the root directories that were looked at
 */
struct marking {
	struct shmstat_supers *supers;
	struct shmstat_resources roots;
};

/* Follows @path to /dev/shm; NULL unless a whole tmpfs is mounted there. */
static const struct super_block *step_to_dev_shm(struct path *path)
{
	const struct super_block *sb;

	if (!step_down(path, "dev") || !step_down(path, "shm"))
		return NULL;
	sb = path->mnt->mnt_sb;
	/*
	 * Require the tmpfs root: a bind-mounted subdirectory would mislabel the
	 * whole file system.
	 */
	return path->dentry == sb->s_root && shmstat_sb_is_shmem(sb) ? sb : NULL;
}

static int mark_from_task(struct task_struct *task, void *arg)
{
	struct marking *marking = arg;
	struct shmstat_supers *supers = marking->supers;
	struct shmstat_resource *root;
	const struct super_block *sb;
	struct shmstat_super *super;
	struct path path;
	int ret;

	ret = shmstat_resources_add(&marking->roots, task, &root);
	if (ret <= 0)
		return ret;
	shmstat_get_task_root(task, &path);
	if (!path.mnt)
		return 0;
	sb = step_to_dev_shm(&path);
	if (sb) {
		super = shmstat_supers_at(supers,
					  shmstat_supers_find_nr(supers, sb));
		if (super)
			super->posix = true;
	}
	path_put(&path);
	return 0;
}

/**
 * shmstat_mark_posix - mark the superblocks that are mounted at /dev/shm
 * @supers: the superblocks; sets their @posix
 * @budget: the read's budget
 *
 * This is the one place where a reference to a mount is held: briefly, once for
 * each root directory of a process. An umount(8) of it fails with EBUSY during
 * that time. If the mount is detached during that time, it is freed when the
 * system call returns; so call this as the last step of a read.
 *
 * Context: Process context, may sleep. Takes task_lock.
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_mark_posix(struct shmstat_supers *supers,
		       struct shmstat_budget *budget)
{
	struct marking marking = { .supers = supers };
	int ret;

	shmstat_resources_init(&marking.roots, budget, get_root_key);
	ret = shmstat_visit_tasks(mark_from_task, &marking);
	shmstat_resources_free(&marking.roots);
	return ret;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds an object: the mappings are read with the object, descriptors and
 * the GPU handles behind them from the processes once all objects are known.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "gem.h"
#include "hold.h"

struct holder_key {
	u32 object;
	pid_t tgid;
};

static bool match_holder(const void *row, const void *key)
{
	const struct shmstat_holder *holder = row;
	const struct holder_key *want = key;

	return holder->object == want->object && holder->who.tgid == want->tgid;
}

/**
 * shmstat_holder_add - note that a process holds an object
 * @snap: the snapshot
 * @obj: the object
 * @who: the process
 * @how: in which way, once more
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int shmstat_holder_add(struct shmstat_snapshot *snap,
		       struct shmstat_object *obj,
		       const struct shmstat_who *who, enum shmstat_hold how)
{
	struct holder_key key = { .object = obj->nr, .tgid = who->tgid };
	u32 hash = hash_64((u64)key.object << 32 | (u32)key.tgid, 32);
	struct shmstat_holder *holder;

	holder = shmstat_index_find(&snap->holders_index, hash, match_holder,
				    &key);
	if (!holder) {
		holder = shmstat_rows_add(&snap->holders);
		if (!holder)
			return -ENOMEM;
		holder->object = key.object;
		holder->who = *who;
		if (!obj->holders++)
			obj->holder = snap->holders.count - 1;
		if (shmstat_index_add(&snap->holders_index,
				      snap->holders.count - 1, hash))
			return -ENOMEM;
	}
	holder->count[how]++;
	return 0;
}

/**
 * shmstat_holders_map - note the processes that map an object
 * @snap: the snapshot
 * @inode: the object's inode, held
 * @obj: the object
 *
 * Context: Process context, may sleep; see shmstat_mappings_get().
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_holders_map(struct shmstat_snapshot *snap, struct inode *inode,
			struct shmstat_object *obj)
{
	struct shmstat_mapping *map;
	struct shmstat_who who;
	u32 nr;
	int ret;

	ret = shmstat_mappings_get(&snap->mappings, inode->i_mapping);
	for (nr = 0; !ret && nr < snap->mappings.count; nr++) {
		map = shmstat_rows_at(&snap->mappings.rows, nr);
		/* Gone meanwhile, and its mapping with it. */
		if (!shmstat_pid_who(map->tgid, &who))
			continue;
		ret = shmstat_holder_add(snap, obj, &who, SHMSTAT_HOLD_MAP);
		cond_resched();
	}
	return ret;
}

/* An object that was made after the walk is not known. */
static int add_fd(struct shmstat_snapshot *snap, struct shmstat_id id,
		  const struct shmstat_who *who)
{
	struct shmstat_object *obj = shmstat_object_find(snap, &id);

	return obj ? shmstat_holder_add(snap, obj, who, SHMSTAT_HOLD_FD) : 0;
}

/*
 * How many descriptors, and how many free slots between them, are looked at
 * under one hold of a process's file_lock, which its open() and close() wait
 * for: some 10 us either way.
 */
#define FD_BATCH	32
#define SLOT_BATCH	4096

/**
 * struct fds - what one hold of a descriptor table brought
 * @next: the slot to go on from
 * @count: how many of @ids are set
 * @deep: a file to be looked into, held, or NULL; see scan_deep()
 * @more: whether slots are left
 * @ids: the inodes that can be objects
 */
struct fds {
	unsigned int next;
	unsigned int count;
	struct file *deep;
	bool more;
	struct shmstat_id ids[FD_BATCH];
};

/* What cannot be told from the inode alone, and not under a spinlock. */
static bool is_deep(const struct file *file)
{
	return shmstat_gem_file(file) ||
	       file->f_path.dentry->d_flags & DCACHE_OP_REAL;
}

/*
 * The open node of a GPU leads to buffers, and a file of an overlay, as a
 * container has it, to the one below, which may be on a tmpfs.
 */
static int scan_deep(struct shmstat_snapshot *snap, struct file *file,
		     const struct shmstat_who *who)
{
	const struct inode *inode;

	if (shmstat_gem_file(file))
		return shmstat_gem_scan(snap, file, who);

	inode = d_real_inode(file->f_path.dentry);
	if (!inode || !shmstat_super_ours(inode->i_sb))
		return 0;
	return add_fd(snap, shmstat_inode_id(inode), who);
}

static void read_slots(struct fds *fds, struct files_struct *files)
{
	unsigned int looked = 0, end;
	struct fdtable *fdt;

	spin_lock(&files->file_lock);
	fdt = files_fdtable(files);
	end = min(fdt->max_fds, fds->next + SLOT_BATCH);
	while (fds->next < end && looked < FD_BATCH && !fds->deep) {
		struct file *file;
		struct inode *inode;

		file = rcu_dereference_check_fdtable(files,
						     fdt->fd[fds->next++]);
		if (!file)
			continue;
		looked++;
		inode = file_inode(file);
		/* First, as a device may well be on a devtmpfs. */
		if (is_deep(file))
			fds->deep = get_file(file);
		else if (shmstat_super_ours(inode->i_sb))
			fds->ids[fds->count++] = shmstat_inode_id(inode);
		else if (shmstat_gem_export(file, &fds->ids[fds->count]))
			fds->count++;
	}
	fds->more = fds->next < fdt->max_fds;
	spin_unlock(&files->file_lock);
}

/* Holding task_lock keeps an exiting task from dropping its table. */
static void next_fds(struct fds *fds, struct task_struct *task)
{
	struct files_struct *files;

	fds->count = 0;
	fds->deep = NULL;
	fds->more = false;

	task_lock(task);
	files = task->files;
	if (files && (thread_group_leader(task) ||
		      files != READ_ONCE(task->group_leader->files)))
		read_slots(fds, files);
	task_unlock(task);
}

static int scan_fds(struct task_struct *task, void *arg)
{
	struct shmstat_snapshot *snap = arg;
	struct shmstat_who who;
	struct fds fds = {};
	unsigned int i;
	int ret = 0;

	if (!shmstat_task_who(task, &who))
		return 0;
	do {
		next_fds(&fds, task);
		for (i = 0; !ret && i < fds.count; i++)
			ret = add_fd(snap, fds.ids[i], &who);
		if (fds.deep) {
			if (!ret)
				ret = scan_deep(snap, fds.deep, &who);
			fput(fds.deep);
		}
		cond_resched();
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	} while (!ret && fds.more);
	return ret;
}

/**
 * shmstat_holders_scan - note the processes that hold descriptors or handles
 * @snap: the snapshot, after shmstat_objects_index()
 *
 * Context: Process context, may sleep; takes task_lock and file_lock, for
 *	FD_BATCH descriptors at a time.
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_holders_scan(struct shmstat_snapshot *snap)
{
	return shmstat_visit_tasks(scan_fds, snap);
}

/**
 * shmstat_object_unheld - whether nothing in user space leads to an object
 * @snap: the snapshot, after shmstat_holders_scan()
 * @obj: the object
 */
bool shmstat_object_unheld(const struct shmstat_snapshot *snap,
			   const struct shmstat_object *obj)
{
	const struct shmstat_super *super = xa_load((struct xarray *)&snap->supers, obj->id.dev);

	if (obj->holders || obj->flags & SHMSTAT_MAPPED)
		return false;
	return super->internal || obj->flags & SHMSTAT_UNLINKED;
}

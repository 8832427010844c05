// SPDX-License-Identifier: GPL-2.0
/*
 * System V segments: what only their IPC namespace knows of them.
 */
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/idr.h>
#include <linux/ipc.h>
#include <linux/ipc_namespace.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "compat.h"
#include "segment.h"
#include "task.h"

#ifdef CONFIG_SYSVIPC

/* ipc/util.h has it, for msg, sem and shm in this order. */
#define IPC_SHM_IDS	2

/*
 * The head of struct shmid_kernel, which is private to ipc/shm.c and the same
 * from v5.10 to v7.3. It is believed only where the file it names turns out to
 * be the segment's, see read_private().
 */
struct shmid_kernel_head {
	struct kern_ipc_perm shm_perm;
	struct file *shm_file;
	unsigned long shm_nattch;
	unsigned long shm_segsz;
	time64_t shm_atim;
	time64_t shm_dtim;
	time64_t shm_ctim;
	struct pid *shm_cprid;
	struct pid *shm_lprid;
};

/* A segment's inode number is its id, and nothing else may touch its inode. */
static struct inode *segment_inode(const struct shmid_kernel_head *shp)
{
	struct inode *inode = shmstat_inode_probe(READ_ONCE(shp->shm_file));

	if (!inode || !(inode->i_sb->s_flags & SB_KERNMOUNT) ||
	    !IS_PRIVATE(inode) || inode->i_ino != shp->shm_perm.id)
		return NULL;
	return inode;
}

/* Called with perm->lock held, so the segment keeps its file and its pids. */
static void read_private(struct shmstat_segment *seg, struct kern_ipc_perm *perm)
{
	struct shmid_kernel_head *shp;
	struct pid_namespace *pid_ns = task_active_pid_ns(current);
	struct inode *inode;

	if (SHMSTAT_RANDSTRUCT)
		return;
	shp = container_of(perm, struct shmid_kernel_head, shm_perm);
	inode = segment_inode(shp);
	if (!inode)
		return;

	seg->id = shmstat_inode_id(inode);
	seg->size = shp->shm_segsz;
	seg->nattch = shp->shm_nattch;
	seg->atime = shp->shm_atim;
	seg->dtime = shp->shm_dtim;
	seg->ctime = shp->shm_ctim;
	seg->cpid = pid_nr_ns(shp->shm_cprid, pid_ns);
	seg->lpid = pid_nr_ns(shp->shm_lprid, pid_ns);
	seg->resident = shmstat_inode_resident(inode);
	seg->swapped = shmstat_inode_swapped(inode);
	seg->known = true;
}

/* Called under RCU, which keeps the record; false if its segment is gone. */
static bool read_segment(struct shmstat_segment *seg, struct kern_ipc_perm *perm)
{
	bool live;

	*seg = (struct shmstat_segment) {
		.size = SHMSTAT_NONE,
		.nattch = SHMSTAT_NONE,
		.cpid = SHMSTAT_NONE,
		.lpid = SHMSTAT_NONE,
		.atime = SHMSTAT_NONE,
		.dtime = SHMSTAT_NONE,
		.ctime = SHMSTAT_NONE,
		.resident = SHMSTAT_NONE,
		.swapped = SHMSTAT_NONE,
	};
	spin_lock(&perm->lock);
	live = !perm->deleted;
	if (live) {
		seg->key = perm->key;
		seg->shmid = perm->id;
		seg->uid = perm->uid;
		seg->gid = perm->gid;
		seg->cuid = perm->cuid;
		seg->cgid = perm->cgid;
		seg->mode = perm->mode;
		read_private(seg, perm);
	}
	spin_unlock(&perm->lock);
	return live;
}

static bool match_ns(const void *row, const void *key)
{
	const struct shmstat_ipcns *seen = row;

	return seen->ns == key;
}

/* The walk of the namespace @task lives in; NULL if there is nothing to walk. */
static struct shmstat_ipcns *get_ipcns(struct shmstat_snapshot *snap,
				       struct task_struct *task)
{
	struct shmstat_ipcns *seen;
	const void *ns = NULL;
	u32 inum = 0;
	u32 hash;

	task_lock(task);
	if (task->nsproxy) {
		ns = task->nsproxy->ipc_ns;
		inum = task->nsproxy->ipc_ns->ns.inum;
	}
	task_unlock(task);
	if (!ns)
		return NULL;

	hash = hash_ptr(ns, 32);
	seen = shmstat_index_find(&snap->ipcns_index, hash, match_ns, ns);
	if (seen)
		return seen;

	seen = shmstat_rows_add(&snap->ipcns);
	if (!seen)
		return ERR_PTR(-ENOMEM);
	seen->ns = ns;
	seen->inum = inum;
	if (shmstat_index_add(&snap->ipcns_index, snap->ipcns.count - 1, hash))
		return ERR_PTR(-ENOMEM);
	return seen;
}

/*
 * The next segment of a namespace, which nothing but a task that lives in it
 * keeps alive: no reference to it can be put before v6.12. perm->lock nests
 * outside task_lock (see shm_clist_rm()), so only RCU spans the two.
 *
 * Return: 1 if there was one, 0 if it vanished, -ENOENT after the last, -ESRCH
 *	if the task has left the namespace.
 */
static int next_segment(struct shmstat_ipcns *walk, struct task_struct *task,
			struct shmstat_segment *seg)
{
	struct kern_ipc_perm *perm;
	int ret = -ESRCH;

	rcu_read_lock();
	task_lock(task);
	if (task->nsproxy && task->nsproxy->ipc_ns == walk->ns) {
		struct ipc_ids *ids = &task->nsproxy->ipc_ns->ids[IPC_SHM_IDS];

		perm = idr_get_next(&ids->ipcs_idr, &walk->next);
		ret = perm ? 0 : -ENOENT;
	}
	task_unlock(task);
	if (!ret) {
		walk->next++;
		ret = read_segment(seg, perm);
	}
	rcu_read_unlock();
	return ret;
}

/**
 * shmstat_segments_scan - note the segments of the namespace that a task lives in
 * @snap: the snapshot; where another task led to the namespace already, the
 *	walk goes on where that one had to stop
 * @task: the task; the caller holds a reference
 *
 * Context: Process context, may sleep; takes task_lock, and a segment's lock
 *	under RCU.
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_segments_scan(struct shmstat_snapshot *snap, struct task_struct *task)
{
	struct shmstat_ipcns *walk = get_ipcns(snap, task);
	struct shmstat_segment seg, *row;
	int ret;

	if (IS_ERR_OR_NULL(walk))
		return PTR_ERR_OR_ZERO(walk);

	while (walk->next >= 0) {
		ret = next_segment(walk, task, &seg);
		if (ret == -ESRCH)
			break;
		if (ret == -ENOENT) {
			walk->next = -1;
			break;
		}
		if (ret) {
			row = shmstat_rows_add(&snap->segments);
			if (!row)
				return -ENOMEM;
			*row = seg;
			row->ipcns = walk->inum;
		}
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

#else /* !CONFIG_SYSVIPC */

int shmstat_segments_scan(struct shmstat_snapshot *snap, struct task_struct *task)
{
	return 0;
}

#endif

/**
 * shmstat_segments_join - tell the objects what only the segments know
 * @snap: the snapshot, after shmstat_objects_index()
 *
 * Context: Process context, may sleep.
 */
void shmstat_segments_join(struct shmstat_snapshot *snap)
{
	struct shmstat_object *obj;
	struct shmstat_segment *seg;
	u32 nr;

	for (nr = 0; nr < snap->segments.count; nr++) {
		seg = shmstat_rows_at(&snap->segments, nr);
		if (!seg->known || !(seg->mode & SHMSTAT_SHM_DEST))
			continue;
		obj = shmstat_object_find(snap, &seg->id);
		if (obj)
			obj->flags |= SHMSTAT_DEST;
		cond_resched();
	}
}

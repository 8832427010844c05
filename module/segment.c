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

/* Called with task_lock held. */
static void read_ipcns(struct task_struct *task, struct shmstat_shared *key)
{
	if (task->nsproxy)
		key->what = task->nsproxy->ipc_ns;
}

/*
 * The next segment of a namespace, which nothing but a task that lives in it
 * keeps alive: no reference to it can be put before v6.12. perm->lock nests
 * outside task_lock (see shm_clist_rm()), so only RCU spans the two.
 *
 * Return: 1 if there was one, 0 if it vanished, -ENOENT after the last, -ESRCH
 *	if the task has left the namespace.
 */
static int next_segment(struct shmstat_shared *ns, struct task_struct *task,
			struct shmstat_segment *seg)
{
	struct kern_ipc_perm *perm;
	int ret = -ESRCH;
	u32 inum = 0;

	rcu_read_lock();
	task_lock(task);
	if (task->nsproxy && task->nsproxy->ipc_ns == ns->what) {
		struct ipc_ids *ids = &task->nsproxy->ipc_ns->ids[IPC_SHM_IDS];

		inum = task->nsproxy->ipc_ns->ns.inum;
		perm = idr_get_next(&ids->ipcs_idr, &ns->at);
		ret = perm ? 0 : -ENOENT;
	}
	task_unlock(task);
	if (!ret) {
		ns->at++;
		ret = read_segment(seg, perm);
		seg->ipcns = inum;
	}
	rcu_read_unlock();
	return ret;
}

/**
 * struct scan - a scan on its way
 * @found: called for each segment
 * @is_void: called for a walk that does not count; may be NULL
 * @arg: handed to both
 * @namespaces: those that were met; @nr of one is the number of its walk, @at
 *	where to go on, -1 after its last segment
 * @walks: how many walks were begun
 */
struct scan {
	shmstat_segment_fn found;
	shmstat_void_fn is_void;
	void *arg;
	struct shmstat_shares namespaces;
	u32 walks;
};

/* Another task may have led to the namespace, and ended half-way. */
static int walk_namespace(struct scan *scan, struct shmstat_shared *ns,
			  struct task_struct *task)
{
	struct shmstat_segment seg;
	int ret = 0;

	while (!ret && ns->at >= 0) {
		ret = next_segment(ns, task, &seg);
		if (ret == -ESRCH)
			return 0;
		if (ret == -ENOENT) {
			ns->at = -1;
			return 0;
		}
		if (ret)
			ret = scan->found(&seg, ns->nr, scan->arg);
		cond_resched();
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	}
	return ret;
}

static int scan_task(struct task_struct *task, void *arg)
{
	struct scan *scan = arg;
	struct shmstat_shared *ns;
	int ret;

	ret = shmstat_shares_add(&scan->namespaces, task, &ns);
	if (ret < 0 || !ns)
		return ret;
	if (ret) {
		if (ns->again && scan->is_void)
			ret = scan->is_void(ns->nr, scan->arg);
		if (ret < 0)
			return ret;
		ns->nr = scan->walks++;
		ns->at = 0;
	}
	return walk_namespace(scan, ns, task);
}

/**
 * shmstat_scan_segments - find the segments of every IPC namespace
 * @snap: the snapshot
 * @found: called for each
 * @is_void: called for a walk whose segments do not count, or NULL
 * @arg: handed to both
 *
 * Context: Process context, may sleep; takes task_lock, and a segment's lock
 *	under RCU.
 * Return: 0, -ENOMEM, -EINTR or what @found returned.
 */
int shmstat_scan_segments(struct shmstat_snapshot *snap,
			  shmstat_segment_fn found, shmstat_void_fn is_void,
			  void *arg)
{
	struct scan scan = { .found = found, .is_void = is_void, .arg = arg };
	int ret;

	shmstat_shares_init(&scan.namespaces, &snap->budget, read_ipcns);
	ret = shmstat_visit_tasks(scan_task, &scan);
	shmstat_shares_free(&scan.namespaces);
	return ret;
}

#else /* !CONFIG_SYSVIPC */

int shmstat_scan_segments(struct shmstat_snapshot *snap,
			  shmstat_segment_fn found, shmstat_void_fn is_void,
			  void *arg)
{
	return 0;
}

#endif

static int add_dest(const struct shmstat_segment *seg, u32 walk, void *arg)
{
	struct shmstat_set *dest = arg;

	if (!seg->known || !(seg->mode & SHMSTAT_SHM_DEST) ||
	    shmstat_set_find(dest, &seg->id))
		return 0;
	return shmstat_set_add(dest, &seg->id) ? 0 : -ENOMEM;
}

/**
 * shmstat_scan_dest - find the segments that are marked for destruction
 * @snap: the snapshot
 * @dest: gets the objects behind them
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_scan_dest(struct shmstat_snapshot *snap, struct shmstat_set *dest)
{
	return shmstat_scan_segments(snap, add_dest, NULL, dest);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * System V segments, as their IPC namespaces know them.
 */
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/ipc.h>
#include <linux/ipc_namespace.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "compat.h"
#include "resource.h"
#include "segment.h"
#include "task.h"

/* From ipc/util.h: the index of segments among the ids of a namespace. */
#define IPC_SHM_IDS	2

/*
 * The first members of struct shmid_kernel, which is private to ipc/shm.c and the
 * same from v5.10 to v7.3. It is used only if its file turns out to be the
 * segment's, see segment_inode().
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

/*
 * The file of a segment has a private inode on an internal mount, with the shmid
 * as inode number. NULL if that is not what is found.
 */
static struct inode *segment_inode(const struct shmid_kernel_head *shp)
{
	struct inode *inode = shmstat_inode_probe(READ_ONCE(shp->shm_file));

	if (!inode || !(inode->i_sb->s_flags & SB_KERNMOUNT) ||
	    !IS_PRIVATE(inode) || inode->i_ino != shp->shm_perm.id)
		return NULL;
	return inode;
}

/* Called with perm->lock held, under which the file and the pids stay. */
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

/* Called under RCU, which keeps the record. False if the segment was removed. */
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
static void get_ipcns_key(struct task_struct *task, struct shmstat_resource *key)
{
	if (task->nsproxy)
		key->addr = task->nsproxy->ipc_ns;
}

/*
 * Reads the next segment of a namespace. The namespace is kept by a task in it, as
 * before v6.12 no function to put a reference is exported. shm_clist_rm() takes
 * task_lock inside perm->lock, so the two are held one after the other, under RCU.
 *
 * Return: 1 if there was one, 0 if it was removed meanwhile, -ENOENT after the
 *	last, -ESRCH if the task has left the namespace.
 */
static int next_segment(struct shmstat_resource *ns, struct task_struct *task,
			struct shmstat_segment *seg)
{
	struct kern_ipc_perm *perm;
	int ret = -ESRCH;
	u32 inum = 0;

	rcu_read_lock();
	task_lock(task);
	if (task->nsproxy && task->nsproxy->ipc_ns == ns->addr) {
		struct ipc_ids *ids = &task->nsproxy->ipc_ns->ids[IPC_SHM_IDS];

		inum = task->nsproxy->ipc_ns->ns.inum;
		perm = idr_get_next(&ids->ipcs_idr, &ns->position);
		ret = perm ? 0 : -ENOENT;
	}
	task_unlock(task);
	if (!ret) {
		ns->position++;
		ret = read_segment(seg, perm);
		seg->ipcns = inum;
	}
	rcu_read_unlock();
	return ret;
}

/* The position behind the last segment of a namespace. */
#define NS_END	(-1)

/**
 * struct scan - shmstat_scan_segments() under way
 * @found: called for each segment
 * @is_void: called for each walk whose segments do not count; may be NULL
 * @arg: passed to both
 * @namespaces: the IPC namespaces that were found
 * @walks: number of walks over them
 */
struct scan {
	shmstat_segment_fn found;
	shmstat_void_fn is_void;
	void *arg;
	struct shmstat_resources namespaces;
	u32 walks;
};

/* Goes on from where the walk ended if an earlier task left the namespace. */
static int walk_namespace(struct scan *scan, struct shmstat_resource *ns,
			  struct task_struct *task)
{
	struct shmstat_segment seg;
	int ret = 0;

	while (!ret && ns->position != NS_END) {
		ret = next_segment(ns, task, &seg);
		if (ret == -ESRCH)
			return 0;
		if (ret == -ENOENT) {
			ns->position = NS_END;
			return 0;
		}
		if (ret)
			ret = scan->found(&seg, ns->walk, scan->arg);
		cond_resched();
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	}
	return ret;
}

static int scan_task(struct task_struct *task, void *arg)
{
	struct scan *scan = arg;
	struct shmstat_resource *ns;
	int is_new, ret = 0;

	is_new = shmstat_resources_add(&scan->namespaces, task, &ns);
	if (is_new < 0 || !ns)
		return is_new;
	if (is_new) {
		if (ns->retries && scan->is_void)
			ret = scan->is_void(ns->walk, scan->arg);
		if (ret)
			return ret;
		ns->walk = scan->walks++;
		ns->position = 0;
	}
	return walk_namespace(scan, ns, task);
}

/**
 * shmstat_scan_segments - find the segments of every IPC namespace
 * @budget: the read's budget
 * @found: called for each segment
 * @is_void: called for each walk whose segments do not count; may be NULL
 * @arg: passed to both
 *
 * An IPC namespace without a task is not found.
 *
 * Context: Process context, may sleep. Takes task_lock, and the lock of a segment.
 * Return: 0, -ENOMEM, -EINTR or what a function returned.
 */
int shmstat_scan_segments(struct shmstat_budget *budget,
			  shmstat_segment_fn found, shmstat_void_fn is_void,
			  void *arg)
{
	struct scan scan = { .found = found, .is_void = is_void, .arg = arg };
	int ret;

	shmstat_resources_init(&scan.namespaces, budget, get_ipcns_key);
	ret = shmstat_visit_tasks(scan_task, &scan);
	shmstat_resources_free(&scan.namespaces);
	return ret;
}

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
 * @dest: the ids of their objects are added to it
 * @budget: the read's budget
 *
 * Context: Process context, may sleep. Takes task_lock, and the lock of a segment.
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_scan_dest(struct shmstat_set *dest, struct shmstat_budget *budget)
{
	return shmstat_scan_segments(budget, add_dest, NULL, dest);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What holds objects by descriptors: processes, and the queues of AF_UNIX sockets
 * with descriptors in flight; by the GPU handles behind descriptors; and what the
 * devices of DRM nodes keep.
 *
 * Files are read under the lock that keeps them, rather than by reference: ours
 * could be the last one, and would delay a close, an unlock or an unmount.
 */
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "descriptors.h"
#include "drm.h"
#include "resource.h"
#include "socket.h"
#include "task.h"

/*
 * Maximum number of slots read under one hold of a process's file_lock, for which
 * its open() and close() wait. It takes about 10 us.
 */
#define SLOT_BATCH	4096

/* How often a scan waits a tick for a lock that somebody has. */
#define PATIENCE	16

/**
 * struct gem_node - a DRM node that was found
 * @file: its address, only to be compared
 * @tgid: the process that its handles were read for last, or 0
 * @receiver: 1 + number of the socket that they were read for last, or 0
 * @next: for the hash table
 *
 * It is found for one owner after the other, and many processes can share it. So
 * the last one is enough, but for threads with descriptor tables of their own.
 */
struct gem_node {
	const struct file *file;
	u32 tgid;
	u32 receiver;
	u32 next;
};

/**
 * struct queue - the queue of a socket that is to be read
 * @sk: the socket, with a reference
 * @nr: number of the socket that would receive what is in it: itself, or the
 *	listening socket
 */
struct queue {
	struct sock *sk;
	u32 nr;
};

/**
 * struct scan - shmstat_scan_descriptors() under way
 * @descriptors: what is kept after it
 * @found: called for each hold
 * @arg: passed to @found
 * @tables: the descriptor tables that were found
 * @nodes: every &struct gem_node
 * @by_file: finds them
 * @devices: the DRM devices that were read, only to be compared
 * @device: the DRM device on PCI that is read
 * @device_met: it is still there
 * @device_done: all of it was read
 * @queues: every &struct queue that is still to be read
 * @patience: how often to wait for a lock
 * @slot: the slot of a descriptor table to go on from
 * @more_slots: there are more slots
 * @fds: what was read last of a descriptor table or device
 * @in_flight: what was read last of a queue
 */
struct scan {
	struct shmstat_descriptors *descriptors;
	shmstat_hold_fn found;
	void *arg;
	struct shmstat_resources tables;
	struct shmstat_rows nodes;
	struct shmstat_hashtable by_file;
	struct shmstat_rows devices;
	const struct drm_device *device;
	bool device_met;
	bool device_done;
	struct shmstat_rows queues;
	unsigned int patience;
	unsigned int slot;
	bool more_slots;
	struct shmstat_holds fds;
	struct shmstat_holds in_flight;
};

/**
 * struct owner - what has the files that are read
 * @task: a task that has them, or NULL
 * @nr: number of the socket that would receive them, without @task
 * @walk: number of the walk over a descriptor table, or 0
 */
struct owner {
	struct task_struct *task;
	u32 nr;
	u32 walk;
};

static u32 hash_gem_node(const void *row)
{
	const struct gem_node *node = row;

	return hash_ptr(node->file, 32);
}

static bool match_gem_node(const void *row, const void *key)
{
	const struct gem_node *node = row;
	const struct gem_node *wanted = key;

	return node->file == wanted->file;
}

/* Finds or adds a node; NULL if there is no memory. */
static struct gem_node *get_node(struct scan *scan, const struct file *file)
{
	const struct gem_node key = { .file = file };
	struct gem_node *row;

	row = shmstat_hash_find(&scan->by_file, hash_gem_node(&key),
				match_gem_node, &key);
	if (row)
		return row;
	row = shmstat_rows_add(&scan->nodes);
	if (!row)
		return NULL;
	*row = key;
	return shmstat_hash_add(&scan->by_file, scan->nodes.count - 1) ? NULL :
									 row;
}

/* Returns whether the handles of a node were read for this owner before. */
static bool note_owner(struct gem_node *node, const struct owner *owner)
{
	u32 nr = owner->task ? task_tgid_nr(owner->task) : owner->nr + 1;
	u32 *last = owner->task ? &node->tgid : &node->receiver;
	bool same = *last == nr;

	*last = nr;
	return same;
}

static bool device_was_read(const struct scan *scan,
			    const struct drm_device *dev)
{
	u32 nr;

	for (nr = 0; nr < scan->devices.count; nr++)
		if (*(const void **)shmstat_rows_at(&scan->devices, nr) == dev)
			return true;
	return false;
}

static int note_device(struct scan *scan, const struct drm_device *dev)
{
	const void **row = shmstat_rows_add(&scan->devices);

	if (!row)
		return -ENOMEM;
	*row = dev;
	return 0;
}

/*
 * Has the handles of a DRM node read next, unless they were read for its owner
 * before: a process can have a million descriptors of it. What its device keeps is
 * read once.
 */
static int enter_node(struct scan *scan, struct shmstat_holds *holds,
		      const struct owner *owner)
{
	struct gem_node *node = get_node(scan, holds->stop);

	if (!node)
		return -ENOMEM;
	if (note_owner(node, owner)) {
		holds->pass = holds->stop;
		return 0;
	}
	holds->enter = holds->stop;
	holds->handle = 0;
	holds->position = (struct shmstat_drm_position) {};
	holds->enter_device = !device_was_read(scan, holds->stop_device);
	return holds->enter_device ? note_device(scan, holds->stop_device) : 0;
}

static u32 hash_socket(const void *row)
{
	const struct shmstat_socket *socket = row;

	return hash_ptr(socket->sk, 32) ^ hash_64(socket->ino, 32);
}

static bool match_socket(const void *row, const void *key)
{
	const struct shmstat_socket *socket = row;
	const struct shmstat_socket *wanted = key;

	return socket->sk == wanted->sk && socket->ino == wanted->ino;
}

/* Finds or adds a socket; SHMSTAT_NO_ROW if there is no memory. */
static u32 get_socket(struct shmstat_descriptors *descriptors,
		      const struct sock *sk, u64 ino)
{
	const struct shmstat_socket key = { .sk = sk, .ino = ino };
	struct shmstat_socket *row;
	u32 nr;

	nr = shmstat_hash_find_nr(&descriptors->by_sk, hash_socket(&key),
				  match_socket, &key);
	if (nr != SHMSTAT_NO_ROW)
		return nr;
	row = shmstat_rows_add(&descriptors->sockets);
	if (!row)
		return SHMSTAT_NO_ROW;
	*row = key;
	nr = descriptors->sockets.count - 1;
	return shmstat_hash_add(&descriptors->by_sk, nr) ? SHMSTAT_NO_ROW : nr;
}

/* Takes over the reference to the socket, unless without memory. */
static int add_queue(struct scan *scan, struct sock *sk, u32 nr)
{
	struct queue *queue = shmstat_rows_add(&scan->queues);

	if (!queue)
		return -ENOMEM;
	queue->sk = sk;
	queue->nr = nr;
	return 0;
}

/*
 * Has the queue of a socket read, once a scan, however often it is open or in
 * flight. The queue of a connection belongs to the listening socket, which @owner
 * is. Takes over the reference to the socket, unless without memory.
 */
static int enter_socket(struct scan *scan, struct sock *sk, u64 ino,
			const struct owner *owner)
{
	struct shmstat_descriptors *descriptors = scan->descriptors;
	struct shmstat_socket *socket;
	pid_t tgid;
	u32 nr;

	if (!ino)
		return add_queue(scan, sk, owner->nr);
	nr = get_socket(descriptors, sk, ino);
	socket = shmstat_socket_at(descriptors, nr);
	if (!socket)
		return -ENOMEM;
	tgid = owner->task ? task_tgid_nr(owner->task) : 0;
	if (tgid && (!socket->tgid || tgid < socket->tgid))
		socket->tgid = tgid;
	if (socket->scan == descriptors->scans) {
		shmstat_socket_put(sk);
		return 0;
	}
	socket->scan = descriptors->scans;
	return add_queue(scan, sk, nr);
}

static int enter_sockets(struct scan *scan, struct shmstat_holds *holds,
			 const struct owner *owner)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < holds->nr_sockets; i++) {
		if (!ret)
			ret = enter_socket(scan, holds->sockets[i].sk,
					   holds->sockets[i].ino, owner);
		if (ret)
			shmstat_socket_put(holds->sockets[i].sk);
	}
	holds->nr_sockets = 0;
	return ret;
}

static int report_holds(struct scan *scan, struct shmstat_holds *holds,
			const struct owner *owner)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < holds->count; i++) {
		struct shmstat_hold *hold = &holds->holds[i];

		/* What a device keeps is nobody's in particular. */
		if (hold->by == SHMSTAT_BY_PROCESS && !hold->tgid) {
			hold->by = owner->task ? SHMSTAT_BY_PROCESS :
						 SHMSTAT_BY_SOCKET;
			hold->task = owner->task;
			hold->tgid = owner->task ?
				     task_tgid_nr(owner->task) : 0;
			hold->nr = owner->nr;
			hold->walk = owner->walk;
		}
		ret = scan->found(hold, scan->arg);
	}
	return ret;
}

/* False if there was enough waiting. */
static bool wait_for_lock(struct scan *scan)
{
	if (!scan->patience)
		return false;
	scan->patience--;
	schedule_timeout_killable(1);
	return true;
}

/* Called without locks after each batch. */
static int finish_batch(struct scan *scan, struct shmstat_holds *holds,
			const struct owner *owner)
{
	int ret = report_holds(scan, holds, owner);
	int error = enter_sockets(scan, holds, owner);

	ret = ret ?: error;
	if (!ret && holds->stop)
		ret = enter_node(scan, holds, owner);
	if (holds->busy && !wait_for_lock(scan))
		holds->enter_device = false;
	cond_resched();
	if (!ret && fatal_signal_pending(current))
		ret = -EINTR;
	return ret;
}

static bool read_in_flight(const struct file *file, void *arg)
{
	return shmstat_holds_file(arg, file);
}

static bool read_connection(struct sock *sk, void *arg)
{
	return shmstat_holds_connection(arg, sk);
}

static int scan_queue(struct scan *scan, const struct queue *queue)
{
	struct shmstat_holds *holds = &scan->in_flight;
	const struct shmstat_queue_visitor visitor = {
		.file = read_in_flight,
		.connection = read_connection,
		.arg = holds,
	};
	const struct owner owner = { .nr = queue->nr };
	struct shmstat_queue_position position = {};
	int more, ret;

	holds->enter = NULL;
	holds->pass = NULL;
	do {
		shmstat_holds_clear(holds);
		more = shmstat_queue_read(queue->sk, &position, &visitor);
		ret = finish_batch(scan, holds, &owner);
		/* Somebody receives from it, and may go on doing so. */
		if (more < 0 && !wait_for_lock(scan))
			break;
	} while (!ret && more);
	return ret;
}

/* The queues that were met, and those of sockets in flight there, and so on. */
static int scan_queues(struct scan *scan)
{
	int ret = 0;

	while (!ret && scan->queues.count) {
		const struct queue queue =
			*(struct queue *)shmstat_rows_at(&scan->queues,
							 scan->queues.count - 1);

		scan->queues.count--;
		ret = scan_queue(scan, &queue);
		shmstat_socket_put(queue.sk);
	}
	return ret;
}

static void drop_queues(struct scan *scan)
{
	u32 nr;

	for (nr = 0; nr < scan->queues.count; nr++) {
		struct queue *queue = shmstat_rows_at(&scan->queues, nr);

		shmstat_socket_put(queue->sk);
		cond_resched();
	}
	shmstat_rows_free(&scan->queues);
}

static void read_slots(struct scan *scan, struct files_struct *files)
{
	struct fdtable *fdt;
	unsigned int end;

	spin_lock(&files->file_lock);
	fdt = files_fdtable(files);
	end = min(fdt->max_fds, scan->slot + SLOT_BATCH);
	for (; scan->slot < end; scan->slot++) {
		const struct file *file;

		file = rcu_dereference_check_fdtable(files,
						     fdt->fd[scan->slot]);
		if (file && !shmstat_holds_file(&scan->fds, file))
			break;
	}
	scan->more_slots = scan->slot < fdt->max_fds;
	spin_unlock(&files->file_lock);
}

/* task_lock keeps the descriptor table of a task that is exiting. */
static void next_slots(struct scan *scan, struct task_struct *task)
{
	shmstat_holds_clear(&scan->fds);
	scan->more_slots = false;
	task_lock(task);
	if (task->files)
		read_slots(scan, task->files);
	task_unlock(task);
}

static int scan_table(struct scan *scan, struct task_struct *task, u32 walk)
{
	const struct owner owner = { .task = task, .walk = walk };
	int ret;

	scan->slot = 0;
	scan->fds.enter = NULL;
	scan->fds.pass = NULL;
	do {
		next_slots(scan, task);
		ret = finish_batch(scan, &scan->fds, &owner) ?:
		      scan_queues(scan);
	} while (!ret && scan->more_slots);
	return ret;
}

/* Called with task_lock held. Most threads share the table of their leader. */
static void get_table_key(struct task_struct *task, struct shmstat_resource *key)
{
	if (thread_group_leader(task) ||
	    task->files != READ_ONCE(task->group_leader->files))
		key->addr = task->files;
}

static u32 *sharers_of(const struct shmstat_descriptors *descriptors, u32 walk)
{
	return shmstat_rows_at(&descriptors->sharers, walk / SHMSTAT_WALKS - 1);
}

static int scan_task(struct task_struct *task, void *arg)
{
	struct scan *scan = arg;
	struct shmstat_rows *sharers = &scan->descriptors->sharers;
	struct shmstat_resource *table;
	int ret;

	ret = shmstat_resources_add(&scan->tables, task, &table);
	if (ret < 0 || !table)
		return ret;
	if (!ret) {
		/* Its last process so far is in @position. */
		if (table->position != task_tgid_nr(task)) {
			++*sharers_of(scan->descriptors, table->walk);
			scan->descriptors->any_shared = true;
		}
		table->position = task_tgid_nr(task);
		return 0;
	}
	if (!table->retries) {
		if (!shmstat_rows_add(sharers))
			return -ENOMEM;
		table->walk = sharers->count * SHMSTAT_WALKS;
	}
	*sharers_of(scan->descriptors, table->walk) = 1;
	table->position = task_tgid_nr(task);
	return scan_table(scan, task, table->walk + table->retries);
}

static bool visit_device(struct drm_device *dev, void *arg)
{
	struct scan *scan = arg;

	if (device_was_read(scan, dev))
		return false;
	/* One after the other. */
	if (scan->device && scan->device != dev)
		return true;
	if (!scan->device)
		scan->fds.position = (struct shmstat_drm_position) {};
	scan->device = dev;
	scan->device_met = true;
	scan->device_done = shmstat_holds_device(&scan->fds, dev);
	return !scan->device_done;
}

static int after_device(void *arg)
{
	struct scan *scan = arg;
	const struct owner nobody = {};
	int ret;

	scan->fds.enter_device = true;
	ret = finish_batch(scan, &scan->fds, &nobody);
	shmstat_holds_clear(&scan->fds);
	if (!ret && scan->device_met &&
	    (scan->device_done || !scan->fds.enter_device)) {
		ret = note_device(scan, scan->device);
		scan->device_met = false;
	}
	/* Removed meanwhile, or all of it was read. */
	if (!scan->device_met)
		scan->device = NULL;
	scan->device_met = false;
	return ret;
}

/* The DRM devices that no process has open: the console's, for example. */
static int scan_devices(struct scan *scan)
{
	shmstat_holds_clear(&scan->fds);
	return shmstat_drm_visit_devices(visit_device, after_device, scan);
}

/**
 * shmstat_descriptors_init - before the first scan of a snapshot
 * @descriptors: what all scans of a snapshot find besides holds
 * @budget: the read's budget
 *
 * Context: Any.
 */
void shmstat_descriptors_init(struct shmstat_descriptors *descriptors,
			      struct shmstat_budget *budget)
{
	descriptors->budget = budget;
	descriptors->any_shared = false;
	descriptors->scans = 0;
	shmstat_rows_init(&descriptors->sockets, budget,
			  sizeof(struct shmstat_socket));
	shmstat_hash_init(&descriptors->by_sk, &descriptors->sockets,
			  offsetof(struct shmstat_socket, next), hash_socket);
	shmstat_rows_init(&descriptors->sharers, budget, sizeof(u32));
}

/**
 * shmstat_scan_descriptors - find what holds objects by descriptors
 * @descriptors: what is kept after the scan
 * @found: called for each hold
 * @arg: passed to @found
 *
 * A descriptor table that tasks share is read once, for the first of them. A
 * socket's queue is read once. Sockets are found if a process has them open, or in
 * the queues of those that are found; DRM devices, if a process has them open or if
 * they are on PCI.
 *
 * Context: Process context, may sleep. Takes task_lock and file_lock inside it, or
 *	the locks of shmstat_queue_read(); inside them the table_lock of a DRM
 *	node or what shmstat_drm_read() takes; all for SHMSTAT_HOLDS_BATCH files
 *	or handles at a time. See also shmstat_drm_visit_devices().
 * Return: 0, -ENOMEM, -EINTR or what @found returned.
 */
int shmstat_scan_descriptors(struct shmstat_descriptors *descriptors,
			     shmstat_hold_fn found, void *arg)
{
	struct shmstat_budget *budget = descriptors->budget;
	struct scan *scan = shmstat_alloc(budget, sizeof(*scan));
	int ret;

	if (!scan)
		return -ENOMEM;
	descriptors->scans++;
	scan->descriptors = descriptors;
	scan->found = found;
	scan->arg = arg;
	scan->patience = PATIENCE;
	shmstat_resources_init(&scan->tables, budget, get_table_key);
	shmstat_rows_init(&scan->nodes, budget, sizeof(struct gem_node));
	shmstat_hash_init(&scan->by_file, &scan->nodes,
			  offsetof(struct gem_node, next), hash_gem_node);
	shmstat_rows_init(&scan->devices, budget, sizeof(void *));
	shmstat_rows_init(&scan->queues, budget, sizeof(struct queue));
	ret = shmstat_visit_tasks(scan_task, scan) ?: scan_devices(scan);
	drop_queues(scan);
	shmstat_rows_free(&scan->devices);
	shmstat_hash_free(&scan->by_file);
	shmstat_rows_free(&scan->nodes);
	shmstat_resources_free(&scan->tables);
	shmstat_free(budget, scan, sizeof(*scan));
	return ret;
}

/**
 * shmstat_descriptors_sharers - count the processes that share a descriptor table
 * @descriptors: the argument of shmstat_scan_descriptors()
 * @walk: number of a walk over it, above 0
 *
 * Context: Any.
 * Return: the number, at least 1.
 */
u32 shmstat_descriptors_sharers(const struct shmstat_descriptors *descriptors,
				u32 walk)
{
	return descriptors->any_shared ? *sharers_of(descriptors, walk) : 1;
}

/**
 * shmstat_descriptors_free - free what all scans of a snapshot found
 * @descriptors: the argument of shmstat_scan_descriptors()
 *
 * Context: Process context, may sleep.
 */
void shmstat_descriptors_free(struct shmstat_descriptors *descriptors)
{
	shmstat_hash_free(&descriptors->by_sk);
	shmstat_rows_free(&descriptors->sockets);
	shmstat_rows_free(&descriptors->sharers);
}

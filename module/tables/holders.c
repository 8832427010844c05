// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/holders: what holds each object, other than its name: processes,
 * sockets with descriptors in flight, framebuffers. An object without a name and
 * without a holder that was found has one row of its own.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/jhash.h>
#include <linux/limits.h>
#include <linux/once.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "../compat.h"
#include "../descriptors.h"
#include "../mapping.h"
#include "../segment.h"
#include "../set.h"
#include "../table.h"
#include "views.h"

/**
 * struct holders_row - one holder of one object
 * @object: number of the object in &scratch.objects
 * @by: &enum shmstat_holder
 * @proc: number of the process, or of the one that has the socket open;
 *	SHMSTAT_NO_ROW if there is none
 * @count: number of descriptors, mappings and GPU handles
 * @walk: of a process: number of the last walk over a descriptor table that found
 *	it, or 0
 * @keeper: of what else holds it: number of the socket, or of the DRM device's
 *	primary node
 * @next: for the hash table
 */
struct holders_row {
	u32 object : 30;
	u32 by : 2;
	u32 proc;
	u32 count[SHMSTAT_NR_HOLD_TYPES];
	union {
		u32 walk;
		u32 keeper;
	};
	u32 next;
};

/**
 * struct scratch - what is needed to make the records
 * @objects: every object; the info is NEEDS_HOLDER and so on
 * @object: number of the object that was held last
 * @by_holder: finds rows by object and holder
 * @descriptors: the sockets that rows refer to, and who shares descriptor tables
 * @framebuffers: there are rows of framebuffers
 * @mappers: an array of &struct shmstat_mapper, of one object at a time
 * @task: the last task that was passed to find_proc(), only to be compared
 * @start: its start time, as its address can be reused
 * @proc: number of its process
 */
struct scratch {
	struct shmstat_set objects;
	u32 object;
	struct shmstat_hashtable by_holder;
	struct shmstat_descriptors descriptors;
	bool framebuffers;
	struct shmstat_rows mappers;
	const struct task_struct *task;
	u64 start;
	u32 proc;
};

/* No path leads to the object, and no holder was found. */
#define NEEDS_HOLDER	BIT(0)
/* The object was found by the last walk. */
#define STILL_EXISTS	BIT(1)
/* A process can have a descriptor of it; of a segment it cannot. */
#define CAN_BE_OPEN	BIT(2)
/* A process has a GPU handle of it. */
#define HAS_HANDLE	BIT(3)

/* What tells the holders of an object apart that are of one sort. */
static u32 holder_of(const struct holders_row *row)
{
	return row->by == SHMSTAT_BY_PROCESS ? row->proc : row->keeper;
}

/* Who chooses which process opens what is not to choose the bucket. */
static u32 seed;

/*
 * Neighbours stay neighbours: a process mostly opens objects in the order in which
 * they are made, and a million rows do not fit in a cache.
 */
static u32 hash_row(const void *row)
{
	const struct holders_row *holder = row;

	return jhash_2words(holder->by, holder_of(holder), seed) +
	       holder->object;
}

static bool match_row(const void *row, const void *key)
{
	const struct holders_row *holder = row;
	const struct holders_row *wanted = key;

	return holder->object == wanted->object && holder->by == wanted->by &&
	       holder_of(holder) == holder_of(wanted);
}

static struct shmstat_member *object_of(const struct scratch *scratch,
					const struct holders_row *row)
{
	return shmstat_set_at(&scratch->objects, row->object);
}

/* Finds or adds a row; NULL if there is no memory. */
static struct holders_row *get_row(struct shmstat_snapshot *snap, u32 object,
				   enum shmstat_holder by, u32 holder)
{
	struct scratch *scratch = snap->scratch;
	struct holders_row key = { .object = object, .by = by };
	struct holders_row *row;

	if (by == SHMSTAT_BY_PROCESS) {
		key.proc = holder;
	} else {
		key.proc = SHMSTAT_NO_ROW;
		key.keeper = holder;
	}
	row = shmstat_hash_find(&scratch->by_holder, hash_row(&key), match_row,
				&key);
	if (row)
		return row;
	row = shmstat_rows_add(&snap->rows);
	if (!row)
		return NULL;
	*row = key;
	if (shmstat_hash_add(&scratch->by_holder, snap->rows.count - 1))
		return NULL;
	object_of(scratch, row)->info &= ~NEEDS_HOLDER;
	return row;
}

static int add_mappers(struct shmstat_snapshot *snap, u32 object,
		       struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	struct holders_row *row;
	u32 count, nr, proc;
	int ret;

	ret = shmstat_mappers_get(&scratch->mappers, &count, U32_MAX,
				  inode->i_mapping);
	for (nr = 0; !ret && nr < count; nr++) {
		const struct shmstat_mapper *mapper;

		mapper = shmstat_rows_at(&scratch->mappers, nr);
		ret = shmstat_procs_add_tgid(snap->procs, mapper->tgid, &proc);
		/* The process has ended, and with it its mapping. */
		if (ret || proc == SHMSTAT_NO_ROW)
			continue;
		row = get_row(snap, object, SHMSTAT_BY_PROCESS, proc);
		if (!row)
			return -ENOMEM;
		row->count[SHMSTAT_HOLD_MAP] += mapper->count;
		cond_resched();
	}
	return ret;
}

static bool needs_inode(struct shmstat_snapshot *snap,
			const struct shmstat_inode *read)
{
	return read->mapped;
}

static int add_object(struct shmstat_snapshot *snap,
		      const struct shmstat_super *super,
		      const struct shmstat_object *obj, struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	struct shmstat_member *member;

	member = shmstat_set_add(&scratch->objects, &obj->id);
	if (!member)
		return -ENOMEM;
	/* Which segments have an id is not known with random structures. */
	if (!shmstat_object_has_path(obj, super) &&
	    (SHMSTAT_HAS_MM_OWNER || !(obj->flags & SHMSTAT_MAPPED)) &&
	    !(SHMSTAT_RANDSTRUCT && obj->kind == SHMSTAT_SYSV))
		member->info = NEEDS_HOLDER;
	if (obj->kind != SHMSTAT_SYSV)
		member->info |= CAN_BE_OPEN;
	if (!inode)
		return 0;
	return add_mappers(snap, scratch->objects.rows.count - 1, inode);
}

static const struct shmstat_scan holders_scan = {
	.needs_inode	= needs_inode,
	.object		= add_object,
};

/* Sets &scratch.proc. Mostly the last descriptor was of the same task. */
static int find_proc(struct shmstat_snapshot *snap,
		     const struct shmstat_hold *hold)
{
	struct scratch *scratch = snap->scratch;
	struct task_struct *task = hold->task;

	if (!task) {
		scratch->task = NULL;
		return shmstat_procs_add_tgid(snap->procs, hold->tgid,
					      &scratch->proc);
	}
	if (scratch->task == task && scratch->start == task->start_boottime)
		return 0;
	scratch->task = task;
	scratch->start = task->start_boottime;
	return shmstat_procs_add(snap->procs, task, &scratch->proc);
}

static int add_hold(const struct shmstat_hold *hold, void *arg)
{
	struct shmstat_snapshot *snap = arg;
	struct scratch *scratch = snap->scratch;
	u32 object = shmstat_set_find_near(&scratch->objects, &hold->id,
					   scratch->object);
	u32 holder = hold->nr;
	struct holders_row *row;
	int ret;

	/* Created after the walk. */
	if (object == SHMSTAT_NO_ROW)
		return 0;
	scratch->object = object;
	if (hold->by == SHMSTAT_BY_PROCESS) {
		ret = find_proc(snap, hold);
		if (ret || scratch->proc == SHMSTAT_NO_ROW)
			return ret;
		holder = scratch->proc;
	}
	row = get_row(snap, object, hold->by, holder);
	if (!row)
		return -ENOMEM;
	if (hold->by == SHMSTAT_BY_FRAMEBUFFER) {
		scratch->framebuffers = true;
		return 0;
	}
	if (hold->type == SHMSTAT_HOLD_HANDLE)
		object_of(scratch, row)->info |= HAS_HANDLE;
	/* Handles are read once for each process and DRM node. */
	if (hold->by == SHMSTAT_BY_PROCESS && hold->walk &&
	    hold->walk != row->walk) {
		if (shmstat_walk_replaces(hold->walk, row->walk))
			row->count[SHMSTAT_HOLD_FD] = 0;
		row->walk = hold->walk;
	}
	row->count[hold->type]++;
	return 0;
}

/*
 * An object can be handed from a mapping to a descriptor or from one process to
 * another between the walk and the scan of descriptors, so that no holder is
 * found. Both are done again for objects without one.
 */
static bool needs_inode_again(struct shmstat_snapshot *snap,
			      const struct shmstat_inode *read)
{
	struct scratch *scratch = snap->scratch;
	const struct shmstat_member *member;

	if (!read->mapped)
		return false;
	member = shmstat_set_find(&scratch->objects, &read->id);
	return member && member->info & NEEDS_HOLDER;
}

static int add_again(struct shmstat_snapshot *snap,
		     const struct shmstat_super *super,
		     const struct shmstat_object *obj, struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	struct shmstat_member *member;
	u32 nr = shmstat_set_find_nr(&scratch->objects, &obj->id);

	member = shmstat_set_at(&scratch->objects, nr);
	if (!member || !(member->info & NEEDS_HOLDER))
		return 0;
	member->info |= STILL_EXISTS;
	return inode ? add_mappers(snap, nr, inode) : 0;
}

static const struct shmstat_scan again_scan = {
	.needs_inode	= needs_inode_again,
	.object		= add_again,
};

static int add_hold_again(const struct shmstat_hold *hold, void *arg)
{
	struct shmstat_snapshot *snap = arg;
	struct scratch *scratch = snap->scratch;
	const struct shmstat_member *member;

	member = shmstat_set_find(&scratch->objects, &hold->id);
	if (!member || !(member->info & STILL_EXISTS))
		return 0;
	return add_hold(hold, snap);
}

/* True if some object has all of these bits. */
static bool any_object(const struct scratch *scratch, u32 bits)
{
	u32 nr;

	for (nr = 0; nr < scratch->objects.rows.count; nr++) {
		const struct shmstat_member *member;

		member = shmstat_set_at(&scratch->objects, nr);
		if ((member->info & bits) == bits)
			return true;
		cond_resched();
	}
	return false;
}

/* Finds out which objects still exist, and which processes map them now. */
static int walk_again(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;
	u32 nr;

	for (nr = 0; nr < scratch->objects.rows.count; nr++) {
		struct shmstat_member *member;

		member = shmstat_set_at(&scratch->objects, nr);
		member->info &= ~STILL_EXISTS;
		cond_resched();
	}
	return shmstat_scan_again(snap, &again_scan);
}

/*
 * Searches again for holders of objects without one. The last walk is for files
 * that were just closed: they are freed when the task returns to user space.
 */
static int scan_again(struct shmstat_snapshot *snap)
{
	const u32 suspect = NEEDS_HOLDER | STILL_EXISTS | CAN_BE_OPEN;
	struct scratch *scratch = snap->scratch;
	int ret = 0;

	if (any_object(scratch, NEEDS_HOLDER))
		ret = walk_again(snap);
	if (ret || !any_object(scratch, suspect))
		return ret;
	ret = shmstat_scan_descriptors(&scratch->descriptors, add_hold_again,
				       snap);
	if (ret || !any_object(scratch, suspect))
		return ret;
	schedule_timeout_killable(1);
	return walk_again(snap);
}

/* The id of a segment is its name. */
static int name_segment(const struct shmstat_segment *seg, u32 walk, void *arg)
{
	struct scratch *scratch = arg;
	struct shmstat_member *member;

	if (!seg->known)
		return 0;
	member = shmstat_set_find(&scratch->objects, &seg->id);
	if (member)
		member->info &= ~NEEDS_HOLDER;
	return 0;
}

static int ignore_void_walk(u32 walk, void *arg)
{
	return 0;
}

static bool is_unnamed_segment(u32 info)
{
	return (info & (NEEDS_HOLDER | CAN_BE_OPEN)) == NEEDS_HOLDER;
}

/* Takes segments that can be attached by their id for named. */
static int name_segments(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;
	u32 nr;

	for (nr = 0; nr < scratch->objects.rows.count; nr++) {
		const struct shmstat_member *member;

		member = shmstat_set_at(&scratch->objects, nr);
		if (is_unnamed_segment(member->info))
			return shmstat_scan_segments(snap->budget,
						     name_segment,
						     ignore_void_walk, scratch);
		cond_resched();
	}
	return 0;
}

/* Adds a row for each object without a name and a holder that was found. */
static int add_unknown(struct shmstat_snapshot *snap)
{
	const u32 unknown = NEEDS_HOLDER | STILL_EXISTS;
	struct scratch *scratch = snap->scratch;
	u32 nr;

	for (nr = 0; nr < scratch->objects.rows.count; nr++) {
		const struct shmstat_member *member;
		struct holders_row *row;

		member = shmstat_set_at(&scratch->objects, nr);
		if ((member->info & unknown) == unknown) {
			row = shmstat_rows_add(&snap->rows);
			if (!row)
				return -ENOMEM;
			row->object = nr;
			row->by = SHMSTAT_BY_UNKNOWN;
			row->proc = SHMSTAT_NO_ROW;
		}
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

/*
 * Removes the framebuffers of objects that a process has a handle of, as that tells
 * more. No row is added or looked for any more.
 */
static int remove_framebuffers(struct shmstat_snapshot *snap)
{
	const struct scratch *scratch = snap->scratch;
	u32 nr, kept = 0;

	if (!scratch->framebuffers)
		return 0;
	for (nr = 0; nr < snap->rows.count; nr++) {
		struct holders_row *row = shmstat_rows_at(&snap->rows, nr);

		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
		if (row->by == SHMSTAT_BY_FRAMEBUFFER &&
		    object_of(scratch, row)->info & HAS_HANDLE)
			continue;
		*(struct holders_row *)shmstat_rows_at(&snap->rows, kept++) =
			*row;
	}
	snap->rows.count = kept;
	return 0;
}

/* Finds the processes that have the sockets open. */
static int find_receivers(struct shmstat_snapshot *snap)
{
	const struct shmstat_descriptors *descriptors;
	const struct scratch *scratch = snap->scratch;
	int ret = 0;
	u32 nr;

	descriptors = &scratch->descriptors;
	if (!descriptors->sockets.count)
		return 0;
	for (nr = 0; !ret && nr < snap->rows.count; nr++) {
		struct holders_row *row = shmstat_rows_at(&snap->rows, nr);
		const struct shmstat_socket *socket;

		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
		if (row->by != SHMSTAT_BY_SOCKET)
			continue;
		socket = shmstat_socket_at(descriptors, row->keeper);
		if (socket->tgid)
			ret = shmstat_procs_add_tgid(snap->procs, socket->tgid,
						     &row->proc);
	}
	return ret;
}

static int find_holders(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	return shmstat_scan_descriptors(&scratch->descriptors, add_hold, snap) ?:
	       name_segments(snap) ?:
	       scan_again(snap) ?:
	       add_unknown(snap);
}

static int after(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;
	int ret = find_holders(snap);

	/* Only the rows have to stay until they are read. */
	shmstat_hash_free(&scratch->by_holder);
	shmstat_hash_free(&scratch->objects.by_id);
	return ret ?: remove_framebuffers(snap) ?: find_receivers(snap);
}

static void prepare(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	get_random_once(&seed, sizeof(seed));
	shmstat_set_init(&scratch->objects, snap->budget);
	shmstat_hash_init(&scratch->by_holder, &snap->rows,
			  offsetof(struct holders_row, next), hash_row);
	shmstat_descriptors_init(&scratch->descriptors, snap->budget);
	shmstat_rows_init(&scratch->mappers, snap->budget,
			  sizeof(struct shmstat_mapper));
}

static void release(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_hash_free(&scratch->by_holder);
	shmstat_set_free(&scratch->objects);
	shmstat_descriptors_free(&scratch->descriptors);
	shmstat_rows_free(&scratch->mappers);
}

static void show_id(struct seq_file *m, const struct shmstat_snapshot *snap,
		    const void *field)
{
	const struct holders_row *row = field;

	shmstat_put_id(m, &object_of(snap->scratch, row)->id);
}

static void show_by(struct seq_file *m, const struct shmstat_snapshot *snap,
		    const void *field)
{
	const struct holders_row *row = field;

	seq_puts(m, shmstat_holder_names[row->by]);
}

static void show_detail(struct seq_file *m, const struct shmstat_snapshot *snap,
			const void *field)
{
	const struct scratch *scratch = snap->scratch;
	const struct holders_row *row = field;
	u64 detail = SHMSTAT_NONE;
	u32 sharers;

	switch (row->by) {
	case SHMSTAT_BY_PROCESS:
		if (!row->walk)
			break;
		sharers = shmstat_descriptors_sharers(&scratch->descriptors,
						      row->walk);
		if (sharers > 1)
			detail = sharers;
		break;
	case SHMSTAT_BY_SOCKET:
		detail = shmstat_socket_at(&scratch->descriptors,
					   row->keeper)->ino;
		break;
	case SHMSTAT_BY_FRAMEBUFFER:
		detail = row->keeper;
		break;
	}
	shmstat_put_number(m, detail);
}

static const struct shmstat_column columns[] = {
	{ "id",		show_id },
	{ "by",		show_by },
	{ "pid",	SHMSTAT_PID(struct holders_row, proc) },
	{ "comm",	SHMSTAT_COMM(struct holders_row, proc) },
	{ "uid",	SHMSTAT_PROC_UID(struct holders_row, proc) },
	{ "fds",	SHMSTAT_U32(struct holders_row, count[SHMSTAT_HOLD_FD]) },
	{ "maps",	SHMSTAT_U32(struct holders_row, count[SHMSTAT_HOLD_MAP]) },
	{ "handles",	SHMSTAT_U32(struct holders_row, count[SHMSTAT_HOLD_HANDLE]) },
	{ "detail",	show_detail },
	{}
};

const struct shmstat_view shmstat_holders_view = {
	.name		= "holders",
	.row_size	= sizeof(struct holders_row),
	.scratch_size	= sizeof(struct scratch),
	.prepare	= prepare,
	.scan		= &holders_scan,
	.after		= after,
	.release	= release,
	.columns	= columns,
};

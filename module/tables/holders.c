// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/holders: the processes that hold each object. An object without a
 * path and without a process that was found has one row with pid "-".
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/limits.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "../compat.h"
#include "../descriptors.h"
#include "../mapping.h"
#include "../set.h"
#include "../table.h"
#include "views.h"

/**
 * struct holders_row - one process that holds one object
 * @object: number of the object in &scratch.objects
 * @proc: number of the process; SHMSTAT_NO_ROW if none was found
 * @count: number of descriptors, mappings and GPU handles
 * @walk: number of the last walk over a descriptor table that found it
 * @next: for the hash table
 */
struct holders_row {
	u32 object;
	u32 proc;
	u32 count[SHMSTAT_NR_HOLD_TYPES];
	u32 walk;
	u32 next;
};

/**
 * struct scratch - what is needed to make the records
 * @objects: every object; the info is NEEDS_HOLDER and so on
 * @by_holder: finds rows by object and process
 * @mappers: an array of &struct shmstat_mapper, of one object at a time
 * @task: the last task that was passed to find_proc(), only to be compared
 * @start: its start time, as its address can be reused
 * @proc: number of its process
 */
struct scratch {
	struct shmstat_set objects;
	struct shmstat_hashtable by_holder;
	struct shmstat_rows mappers;
	const struct task_struct *task;
	u64 start;
	u32 proc;
};

/* No path leads to the object, and no process was found that holds it. */
#define NEEDS_HOLDER	BIT(0)
/* The object was found by the last walk. */
#define STILL_EXISTS	BIT(1)
/* A process can have a descriptor of it; of a segment it cannot. */
#define CAN_BE_OPEN	BIT(2)

static u32 hash_key(u32 object, u32 proc)
{
	return hash_64((u64)object << 32 | proc, 32);
}

static u32 hash_row(const void *row)
{
	const struct holders_row *holder = row;

	return hash_key(holder->object, holder->proc);
}

static bool match_row(const void *row, const void *key)
{
	const struct holders_row *holder = row;
	const struct holders_row *wanted = key;

	return holder->object == wanted->object && holder->proc == wanted->proc;
}

/* Finds or adds a row; NULL if there is no memory. */
static struct holders_row *get_row(struct shmstat_snapshot *snap, u32 object,
				   u32 proc)
{
	struct scratch *scratch = snap->scratch;
	const struct holders_row key = { .object = object, .proc = proc };
	struct shmstat_member *member;
	struct holders_row *row;

	row = shmstat_hash_find(&scratch->by_holder, hash_key(object, proc),
				match_row, &key);
	if (row)
		return row;
	row = shmstat_rows_add(&snap->rows);
	if (!row)
		return NULL;
	*row = key;
	if (shmstat_hash_add(&scratch->by_holder, snap->rows.count - 1))
		return NULL;
	member = shmstat_set_at(&scratch->objects, object);
	member->info &= ~NEEDS_HOLDER;
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
		ret = shmstat_procs_add_tgid(&snap->procs, mapper->tgid, &proc);
		/* The process has ended, and with it its mapping. */
		if (ret || proc == SHMSTAT_NO_ROW)
			continue;
		row = get_row(snap, object, proc);
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
	if (!shmstat_object_has_path(obj, super) &&
	    (SHMSTAT_HAS_MM_OWNER || !(obj->flags & SHMSTAT_MAPPED)))
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
static int find_proc(struct shmstat_snapshot *snap, struct task_struct *task)
{
	struct scratch *scratch = snap->scratch;

	if (scratch->task == task && scratch->start == task->start_boottime)
		return 0;
	scratch->task = task;
	scratch->start = task->start_boottime;
	return shmstat_procs_add(&snap->procs, task, &scratch->proc);
}

static int add_hold(const struct shmstat_hold *hold, void *arg)
{
	struct shmstat_snapshot *snap = arg;
	struct scratch *scratch = snap->scratch;
	u32 object = shmstat_set_find_nr(&scratch->objects, &hold->id);
	struct holders_row *row;
	int ret;

	/* Created after the walk. */
	if (object == SHMSTAT_NO_ROW)
		return 0;
	ret = find_proc(snap, hold->task);
	if (ret || scratch->proc == SHMSTAT_NO_ROW)
		return ret;
	row = get_row(snap, object, scratch->proc);
	if (!row)
		return -ENOMEM;
	/* Handles are read once for each process and DRM node. */
	if (hold->type == SHMSTAT_HOLD_FD && hold->walk != row->walk) {
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
	const struct scratch *scratch = snap->scratch;
	int ret = 0;

	if (any_object(scratch, NEEDS_HOLDER))
		ret = walk_again(snap);
	if (ret || !any_object(scratch, suspect))
		return ret;
	ret = shmstat_scan_descriptors(&snap->budget, add_hold_again, snap);
	if (ret || !any_object(scratch, suspect))
		return ret;
	schedule_timeout_killable(1);
	return walk_again(snap);
}

/* Adds a row for each object without a path and a holder that was found. */
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
			row->proc = SHMSTAT_NO_ROW;
		}
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

static int collect(struct shmstat_snapshot *snap)
{
	return shmstat_scan_objects(snap, &holders_scan) ?:
	       shmstat_scan_descriptors(&snap->budget, add_hold, snap) ?:
	       scan_again(snap) ?:
	       add_unknown(snap);
}

static void prepare(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_set_init(&scratch->objects, &snap->budget);
	shmstat_hash_init(&scratch->by_holder, &snap->rows,
			  offsetof(struct holders_row, next), hash_row);
	shmstat_rows_init(&scratch->mappers, &snap->budget,
			  sizeof(struct shmstat_mapper));
}

static void release(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_hash_free(&scratch->by_holder);
	shmstat_set_free(&scratch->objects);
	shmstat_rows_free(&scratch->mappers);
}

static void show_id(struct seq_file *m, const struct shmstat_snapshot *snap,
		    const void *field)
{
	const struct scratch *scratch = snap->scratch;
	const struct holders_row *row = field;
	const struct shmstat_member *member;

	member = shmstat_set_at(&scratch->objects, row->object);
	shmstat_put_id(m, &member->id);
}

static const struct shmstat_column columns[] = {
	{ "id",		show_id },
	{ "pid",	SHMSTAT_PID(struct holders_row, proc) },
	{ "comm",	SHMSTAT_COMM(struct holders_row, proc) },
	{ "uid",	SHMSTAT_PROC_UID(struct holders_row, proc) },
	{ "fds",	SHMSTAT_U32(struct holders_row, count[SHMSTAT_HOLD_FD]) },
	{ "maps",	SHMSTAT_U32(struct holders_row, count[SHMSTAT_HOLD_MAP]) },
	{ "handles",	SHMSTAT_U32(struct holders_row, count[SHMSTAT_HOLD_HANDLE]) },
	{}
};

const struct shmstat_view shmstat_holders_view = {
	.name		= "holders",
	.row_size	= sizeof(struct holders_row),
	.scratch_size	= sizeof(struct scratch),
	.prepare	= prepare,
	.collect	= collect,
	.release	= release,
	.columns	= columns,
};

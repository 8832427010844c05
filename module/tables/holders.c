// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/holders: who holds each object, or that nobody does.
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
 * @object: the object's number
 * @proc: the number of the process, SHMSTAT_NO_ROW if nobody was found
 * @count: how often, in each way
 * @table: the number of the last walk over a descriptor table that met it
 * @next: for finding it by @object and @proc
 */
struct holders_row {
	u32 object;
	u32 proc;
	u32 count[SHMSTAT_NR_HOLDS];
	u32 table;
	u32 next;
};

/**
 * struct scratch - what the rows are made from
 * @objects: every object; its info says whether NEEDS_HOLDER and so on
 * @index: finds rows by object and process
 * @mappers: an array of &struct shmstat_mapper, of one object
 * @task: the task that was met last, only to be compared
 * @start: when it was started, as tasks can follow each other at one address
 * @proc: the number of its process
 */
struct scratch {
	struct shmstat_set objects;
	struct shmstat_index index;
	struct shmstat_rows mappers;
	const struct task_struct *task;
	u64 start;
	u32 proc;
};

/* No path leads to the object, and no holder was found so far. */
#define NEEDS_HOLDER	BIT(0)
/* It was still there when it was looked for again. */
#define STILL_THERE	BIT(1)
/* It could be held by a descriptor: a segment never is. */
#define HAS_DESCRIPTORS	BIT(2)

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
	const struct holders_row *want = key;

	return holder->object == want->object && holder->proc == want->proc;
}

/* NULL without memory. */
static struct holders_row *get_row(struct shmstat_snapshot *snap, u32 object,
				   u32 proc)
{
	struct scratch *scratch = snap->scratch;
	const struct holders_row key = { .object = object, .proc = proc };
	struct shmstat_member *member;
	struct holders_row *row;

	row = shmstat_index_find(&scratch->index, hash_key(object, proc),
				 match_row, &key);
	if (row)
		return row;
	row = shmstat_rows_add(&snap->rows);
	if (!row)
		return NULL;
	*row = key;
	if (shmstat_index_add(&scratch->index, snap->rows.count - 1))
		return NULL;
	member = shmstat_rows_at(&scratch->objects.rows, object);
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
		/* Gone meanwhile, and its mapping with it. */
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

static bool wants(struct shmstat_snapshot *snap,
		  const struct shmstat_inode *read)
{
	return read->mapped;
}

static int add_object(struct shmstat_snapshot *snap,
		      const struct shmstat_super *super,
		      struct shmstat_object *obj, struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	struct shmstat_member *member;

	member = shmstat_set_add(&scratch->objects, &obj->id);
	if (!member)
		return -ENOMEM;
	if (!shmstat_object_has_name(obj, super) &&
	    (SHMSTAT_KNOWS_MAPPERS || !(obj->flags & SHMSTAT_MAPPED)))
		member->info = NEEDS_HOLDER;
	if (obj->kind != SHMSTAT_SYSV)
		member->info |= HAS_DESCRIPTORS;
	if (!inode)
		return 0;
	return add_mappers(snap, scratch->objects.rows.count - 1, inode);
}

static const struct shmstat_scan holders_scan = {
	.wants	= wants,
	.object	= add_object,
};

/* Most descriptors follow another one of the same task. */
static int find_proc(struct shmstat_snapshot *snap, struct task_struct *task)
{
	struct scratch *scratch = snap->scratch;

	if (scratch->task == task && scratch->start == task->start_boottime)
		return 0;
	scratch->task = task;
	scratch->start = task->start_boottime;
	return shmstat_procs_add(&snap->procs, task, &scratch->proc);
}

static int add_found(struct shmstat_snapshot *snap,
		     const struct shmstat_hold *hold)
{
	struct scratch *scratch = snap->scratch;
	u32 object = shmstat_set_find_nr(&scratch->objects, &hold->id);
	struct holders_row *row;
	int ret;

	/* Made after the walk. */
	if (object == SHMSTAT_NO_ROW)
		return 0;
	ret = find_proc(snap, hold->task);
	if (ret || scratch->proc == SHMSTAT_NO_ROW)
		return ret;
	row = get_row(snap, object, scratch->proc);
	if (!row)
		return -ENOMEM;
	if (hold->instead && row->table == hold->instead) {
		row->count[SHMSTAT_HOLD_FD] = 0;
		row->count[SHMSTAT_HOLD_HANDLE] = 0;
	}
	row->table = hold->table;
	row->count[hold->how]++;
	return 0;
}

/*
 * What has no holder so far may have been unmapped, closed or handed on between
 * the two scans, so both are made again for those.
 */
static bool wants_again(struct shmstat_snapshot *snap,
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
		     struct shmstat_object *obj, struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	struct shmstat_member *member;
	u32 nr = shmstat_set_find_nr(&scratch->objects, &obj->id);

	member = shmstat_rows_at(&scratch->objects.rows, nr);
	if (!member || !(member->info & NEEDS_HOLDER))
		return 0;
	member->info |= STILL_THERE;
	return inode ? add_mappers(snap, nr, inode) : 0;
}

static const struct shmstat_scan again_scan = {
	.wants	= wants_again,
	.object	= add_again,
};

static int add_found_again(struct shmstat_snapshot *snap,
			   const struct shmstat_hold *hold)
{
	struct scratch *scratch = snap->scratch;
	const struct shmstat_member *member;

	member = shmstat_set_find(&scratch->objects, &hold->id);
	if (!member || !(member->info & STILL_THERE))
		return 0;
	return add_found(snap, hold);
}

/* Whether an object has all of some bits. */
static bool any_object(const struct scratch *scratch, u32 bits)
{
	u32 nr;

	for (nr = 0; nr < scratch->objects.rows.count; nr++) {
		const struct shmstat_member *member;

		member = shmstat_rows_at(&scratch->objects.rows, nr);
		if ((member->info & bits) == bits)
			return true;
		cond_resched();
	}
	return false;
}

/* Finds out which objects are still there, and who maps them now. */
static int walk_again(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;
	u32 nr;

	for (nr = 0; nr < scratch->objects.rows.count; nr++) {
		struct shmstat_member *member;

		member = shmstat_rows_at(&scratch->objects.rows, nr);
		member->info &= ~STILL_THERE;
		cond_resched();
	}
	return shmstat_scan_again(snap, &again_scan);
}

/*
 * The last walk leaves out what was just being freed: a file without a
 * descriptor or mapping waits for its last fput() until the task that had it
 * returns to user space.
 */
static int look_again(struct shmstat_snapshot *snap)
{
	const u32 found = NEEDS_HOLDER | STILL_THERE | HAS_DESCRIPTORS;
	const struct scratch *scratch = snap->scratch;
	int ret = 0;

	if (any_object(scratch, NEEDS_HOLDER))
		ret = walk_again(snap);
	if (ret || !any_object(scratch, found))
		return ret;
	ret = shmstat_scan_descriptors(snap, add_found_again);
	if (ret || !any_object(scratch, found))
		return ret;
	schedule_timeout_killable(1);
	return walk_again(snap);
}

/* One row for each object that has no name and no holder that was found. */
static int add_unknown(struct shmstat_snapshot *snap)
{
	const u32 unknown = NEEDS_HOLDER | STILL_THERE;
	struct scratch *scratch = snap->scratch;
	u32 nr;

	for (nr = 0; nr < scratch->objects.rows.count; nr++) {
		const struct shmstat_member *member;
		struct holders_row *row;

		member = shmstat_rows_at(&scratch->objects.rows, nr);
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
	       shmstat_scan_descriptors(snap, add_found) ?:
	       look_again(snap) ?:
	       add_unknown(snap);
}

static void prepare(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_set_init(&scratch->objects, &snap->budget);
	shmstat_index_init(&scratch->index, &snap->rows,
			   offsetof(struct holders_row, next), hash_row);
	shmstat_rows_init(&scratch->mappers, &snap->budget,
			  sizeof(struct shmstat_mapper));
}

static void release(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_index_free(&scratch->index);
	shmstat_set_free(&scratch->objects);
	shmstat_rows_free(&scratch->mappers);
}

static void show_id(struct seq_file *m, const struct shmstat_snapshot *snap,
		    const void *field)
{
	const struct scratch *scratch = snap->scratch;
	const struct holders_row *row = field;
	const struct shmstat_member *member;

	member = shmstat_rows_at(&scratch->objects.rows, row->object);
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

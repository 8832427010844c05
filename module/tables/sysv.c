// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/sysv: the segments of every IPC namespace. Beside other tables it
 * shows those whose objects the walk has found, with the same figures.
 */
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "../segment.h"
#include "../set.h"
#include "../table.h"
#include "views.h"

/**
 * struct sysv_row - one segment
 * @seg: the segment
 * @walk: number of the walk over its namespace that found it
 * @is_void: that walk does not count, or the object was removed
 */
struct sysv_row {
	struct shmstat_segment seg;
	u32 walk;
	bool is_void;
};

/**
 * struct scratch - what is needed beside other tables
 * @objects: the objects of segments; the info is the number of the row
 */
struct scratch {
	struct shmstat_set objects;
};

static int add_segment(const struct shmstat_segment *seg, u32 walk, void *arg)
{
	struct shmstat_snapshot *snap = arg;
	struct sysv_row *row = shmstat_rows_add(&snap->rows);

	if (!row)
		return -ENOMEM;
	row->seg = *seg;
	row->walk = walk;
	return 0;
}

static int void_walk(u32 walk, void *arg)
{
	struct shmstat_snapshot *snap = arg;
	u32 nr;

	for (nr = 0; nr < snap->rows.count; nr++) {
		struct sysv_row *row = shmstat_rows_at(&snap->rows, nr);

		if (row->walk == walk)
			row->is_void = true;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

static void remove_void(struct shmstat_rows *rows)
{
	u32 nr, kept = 0;

	for (nr = 0; nr < rows->count; nr++) {
		struct sysv_row *row = shmstat_rows_at(rows, nr);

		if (!row->is_void)
			*(struct sysv_row *)shmstat_rows_at(rows, kept++) = *row;
		cond_resched();
	}
	rows->count = kept;
}

static int before(struct shmstat_snapshot *snap)
{
	int ret = shmstat_scan_segments(snap->budget, add_segment, void_walk,
					snap);

	remove_void(&snap->rows);
	return ret;
}

/* Until the walk finds it, an object counts as removed. */
static int prepare_join(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;
	struct shmstat_member *member;
	u32 nr;

	for (nr = 0; nr < snap->rows.count; nr++) {
		struct sysv_row *row = shmstat_rows_at(&snap->rows, nr);

		cond_resched();
		if (!row->seg.known)
			continue;
		row->is_void = true;
		member = shmstat_set_add(&scratch->objects, &row->seg.id);
		if (!member)
			return -ENOMEM;
		member->info = nr;
	}
	return 0;
}

static int join_object(struct shmstat_snapshot *snap,
		       const struct shmstat_super *super,
		       const struct shmstat_object *obj, struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	const struct shmstat_member *member;
	struct sysv_row *row;

	if (obj->kind != SHMSTAT_SYSV)
		return 0;
	member = shmstat_set_find(&scratch->objects, &obj->id);
	if (!member)
		return 0;
	row = shmstat_rows_at(&snap->rows, member->info);
	row->seg.resident = obj->resident;
	row->seg.swapped = obj->swapped;
	row->is_void = false;
	return 0;
}

static void finish_join(struct shmstat_snapshot *snap)
{
	remove_void(&snap->rows);
}

static const struct shmstat_scan join_scan = {
	.begin	= prepare_join,
	.object	= join_object,
	.end	= finish_join,
};

static void prepare(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_set_init(&scratch->objects, snap->budget);
}

static void release(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_set_free(&scratch->objects);
}

static void show_key(struct seq_file *m, const struct shmstat_snapshot *snap,
		     const void *field)
{
	const struct shmstat_segment *row = field;

	seq_printf(m, "0x%08x", row->key);
}

static void show_mode(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *field)
{
	const struct shmstat_segment *row = field;

	shmstat_put_mode(m, row->mode & 0777);
}

static void show_flags(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const void *field)
{
	const struct shmstat_segment *row = field;
	u8 flags = 0;

	if (row->known && row->nattch)
		flags |= SHMSTAT_MAPPED;
	if (row->mode & SHMSTAT_SHM_LOCKED)
		flags |= SHMSTAT_LOCKED;
	if (row->mode & SHMSTAT_SHM_DEST)
		flags |= SHMSTAT_DEST;
	shmstat_put_flags(m, flags);
}

static void show_id(struct seq_file *m, const struct shmstat_snapshot *snap,
		    const void *field)
{
	const struct shmstat_segment *row = field;

	if (row->known)
		shmstat_put_id(m, &row->id);
	else
		seq_putc(m, '-');
}

static const struct shmstat_column columns[] = {
	{ "ipcns",	SHMSTAT_U32(struct sysv_row, seg.ipcns) },
	{ "shmid",	SHMSTAT_U32(struct sysv_row, seg.shmid) },
	{ "key",	show_key },
	{ "mode",	show_mode },
	{ "uid",	SHMSTAT_UID(struct sysv_row, seg.uid) },
	{ "gid",	SHMSTAT_GID(struct sysv_row, seg.gid) },
	{ "cuid",	SHMSTAT_UID(struct sysv_row, seg.cuid) },
	{ "cgid",	SHMSTAT_GID(struct sysv_row, seg.cgid) },
	{ "size",	SHMSTAT_U64(struct sysv_row, seg.size) },
	{ "nattch",	SHMSTAT_U64(struct sysv_row, seg.nattch) },
	{ "cpid",	SHMSTAT_U64(struct sysv_row, seg.cpid) },
	{ "lpid",	SHMSTAT_U64(struct sysv_row, seg.lpid) },
	{ "atime",	SHMSTAT_U64(struct sysv_row, seg.atime) },
	{ "dtime",	SHMSTAT_U64(struct sysv_row, seg.dtime) },
	{ "ctime",	SHMSTAT_U64(struct sysv_row, seg.ctime) },
	{ "flags",	show_flags },
	{ "resident",	SHMSTAT_U64(struct sysv_row, seg.resident) },
	{ "swapped",	SHMSTAT_U64(struct sysv_row, seg.swapped) },
	{ "id",		show_id },
	{}
};

const struct shmstat_view shmstat_sysv_view = {
	.name		= "sysv",
	.row_size	= sizeof(struct sysv_row),
	.scratch_size	= sizeof(struct scratch),
	.prepare	= prepare,
	.before		= before,
	.join_scan	= &join_scan,
	.release	= release,
	.columns	= columns,
};

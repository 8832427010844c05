// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/extents: one object in file order.
 *
 * An object of any size is shown in bounded memory: runs are kept WINDOW at a
 * time. One with more of them is walked on from where the last window ended
 * when reading gets there, so each window is true of its own moment.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/mm.h>

#include "../pagecache.h"
#include "../table.h"
#include "views.h"

#define WINDOW	SZ_64K

enum state {
	HOLE,
	RESIDENT,
	SWAPPED,
};

/**
 * struct extent - a run of pages that are alike
 * @first: first page
 * @end: first page behind it
 * @state: &enum state
 * @order: of its folios or swap entries
 * @where: the node of its folios, the type of its swap entries
 */
struct extent {
	pgoff_t first;
	pgoff_t end;
	enum state state;
	unsigned int order;
	unsigned int where;
};

/**
 * struct scratch - how far the walk got
 * @snap: the snapshot
 * @next: the page from which the next window starts
 * @done: whether there is no next window
 * @run: the run that may still grow; empty at the start of a window
 * @used: how many records of &shmstat_snapshot.rows are in use
 * @full: whether the window is
 */
struct scratch {
	struct shmstat_snapshot *snap;
	pgoff_t next;
	bool done;
	struct extent run;
	u32 used;
	bool full;
};

static bool grows(const struct extent *run, const struct extent *next)
{
	return run->end == next->first && run->state == next->state &&
	       run->order == next->order && run->where == next->where;
}

static bool is_empty(const struct extent *run)
{
	return run->first == run->end;
}

/* There is room: see add_entry() and make_room(). */
static void keep(struct scratch *scratch, const struct extent *run)
{
	struct extent *row;

	if (is_empty(run))
		return;
	row = shmstat_rows_at(&scratch->snap->rows, scratch->used++);
	*row = *run;
}

/* Ends the current run before @next begins, and the hole between them. */
static void turn(struct scratch *scratch, const struct extent *next)
{
	struct extent hole = { .first = scratch->run.end, .end = next->first };

	keep(scratch, &scratch->run);
	keep(scratch, &hole);
	scratch->run = *next;
}

static __always_inline bool add_entry(const struct shmstat_entry *entry,
				      void *arg)
{
	struct scratch *scratch = arg;
	struct extent next = {
		.first = max(entry->index, scratch->next),
		.end = entry->index + entry->pages,
		.state = entry->folio ? RESIDENT : SWAPPED,
		.order = entry->order,
		.where = entry->folio ? folio_nid(entry->folio) :
					swp_type(entry->swap),
	};

	/* Collapsed or split since its other end was seen. */
	if (next.first < scratch->run.end)
		next.first = scratch->run.end;
	if (next.first >= next.end)
		return true;
	if (grows(&scratch->run, &next)) {
		scratch->run.end = next.end;
		return true;
	}
	/* A run and a hole before, and a run and a hole after the last entry. */
	if (scratch->used + 4 > scratch->snap->rows.count)
		return false;
	turn(scratch, &next);
	return true;
}

/* Called between stretches of the walk, whether there is room or not. */
static int make_room(void *arg)
{
	struct scratch *scratch = arg;
	u32 want = scratch->used + 512;

	if (scratch->used + 4 <= scratch->snap->rows.count)
		return 0;
	if (scratch->used >= WINDOW) {
		scratch->full = true;
		return 1;
	}
	while (scratch->snap->rows.count < want)
		if (!shmstat_rows_add(&scratch->snap->rows))
			return -ENOMEM;
	return 0;
}

static int walk_window(struct inode *inode, void *arg)
{
	struct scratch *scratch = arg;
	pgoff_t eof = DIV_ROUND_UP_ULL(i_size_read(inode), PAGE_SIZE);
	struct extent end = {};
	int ret;

	ret = make_room(scratch);
	if (!ret)
		ret = shmstat_walk_pages(inode, scratch->next, ULONG_MAX,
					 add_entry, make_room, scratch);
	if (ret < 0)
		return ret;

	end.first = scratch->full ? scratch->run.end :
				    max(eof, scratch->run.end);
	end.end = end.first;
	turn(scratch, &end);
	scratch->next = end.first;
	scratch->done = !scratch->full;
	return 0;
}

static int read_window(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;
	int ret;

	shmstat_rows_free(&snap->rows);
	scratch->used = 0;
	scratch->full = false;
	scratch->run = (struct extent) {
		.first = scratch->next, .end = scratch->next,
	};
	ret = shmstat_visit_object(snap, &snap->wanted, walk_window, scratch);
	/* What was made room for and not used is no record. */
	snap->rows.count = scratch->used;
	return ret;
}

static int collect(struct shmstat_snapshot *snap)
{
	((struct scratch *)snap->scratch)->snap = snap;
	return read_window(snap);
}

static int more(struct shmstat_snapshot *snap, u64 pos)
{
	struct scratch *scratch = snap->scratch;
	int ret = 0;

	if (pos < snap->base) {
		snap->base = 0;
		scratch->next = 0;
		scratch->done = false;
		ret = read_window(snap);
	}
	while (!ret && !scratch->done && pos >= snap->base + snap->rows.count) {
		snap->base += snap->rows.count;
		ret = read_window(snap);
	}
	return ret;
}

static const char * const state_names[] = {
	[HOLE]		= "hole",
	[RESIDENT]	= "resident",
	[SWAPPED]	= "swapped",
};

static void show_start(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const void *field)
{
	const struct extent *row = field;

	shmstat_put_number(m, (u64)row->first << PAGE_SHIFT);
}

static void show_length(struct seq_file *m, const struct shmstat_snapshot *snap,
			const void *field)
{
	const struct extent *row = field;

	shmstat_put_number(m, (u64)(row->end - row->first) << PAGE_SHIFT);
}

static void show_state(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const void *field)
{
	const struct extent *row = field;

	seq_puts(m, state_names[row->state]);
}

static void show_order(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const void *field)
{
	const struct extent *row = field;

	shmstat_put_number(m, row->state != HOLE ? row->order : SHMSTAT_NONE);
}

static void show_node(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *field)
{
	const struct extent *row = field;

	shmstat_put_number(m, row->state == RESIDENT ? row->where : SHMSTAT_NONE);
}

static void show_swap(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *field)
{
	const struct extent *row = field;

	shmstat_put_number(m, row->state == SWAPPED ? row->where : SHMSTAT_NONE);
}

static const struct shmstat_column columns[] = {
	{ "start",	show_start },
	{ "length",	show_length },
	{ "state",	show_state },
	{ "order",	show_order },
	{ "node",	show_node },
	{ "swap",	show_swap },
	{}
};

const struct shmstat_view shmstat_extents_view = {
	.name		= "extents",
	.row_size	= sizeof(struct extent),
	.scratch_size	= sizeof(struct scratch),
	.query		= true,
	.collect	= collect,
	.more		= more,
	.columns	= columns,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/extents: the pages of one object in file order.
 *
 * Memory is bounded whatever the object's size: up to WINDOW records are kept, and
 * when reading gets to their end, the walk goes on from there and fills the next
 * window. So each window shows another moment.
 */
#include <linux/err.h>
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
 * struct extent - a run of pages in the same state
 * @first: first page
 * @end: page behind the last one
 * @state: &enum state
 * @order: order of its folios or swap entries
 * @where: node of its folios, or type of the swap area
 */
struct extent {
	pgoff_t first;
	pgoff_t end;
	enum state state;
	unsigned int order;
	unsigned int where;
};

/**
 * struct scratch - the object, and how far the walk got
 * @snap: the snapshot
 * @id: the object's id
 * @base: position in the file of the window's first record
 * @next: first page of the next window
 * @done: there is no next window
 * @run: the run that may still grow; empty at the start of a window
 * @used: number of records of &shmstat_snapshot.rows in use
 * @full: the window is full
 */
struct scratch {
	struct shmstat_snapshot *snap;
	struct shmstat_id id;
	u64 base;
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

/* Called only if there is room, see add_entry() and make_room(). */
static void keep(struct scratch *scratch, const struct extent *run)
{
	struct extent *row;

	if (is_empty(run))
		return;
	row = shmstat_rows_at(&scratch->snap->rows, scratch->used++);
	*row = *run;
}

/* Keeps the current run, and the hole behind it; starts the run @next. */
static void start_run(struct scratch *scratch, const struct extent *next)
{
	struct extent hole = {
		.first = scratch->run.end, .end = next->first, .state = HOLE,
	};

	keep(scratch, &scratch->run);
	keep(scratch, &hole);
	scratch->run = *next;
}

/*
 * Four records can be needed: a run and a hole before this entry, and a run and a
 * hole before the end of the object.
 */
static bool has_room(const struct scratch *scratch)
{
	return scratch->used + 4 <= scratch->snap->rows.count;
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

	/* Overlaps the run if folios were collapsed or split meanwhile. */
	if (next.first < scratch->run.end)
		next.first = scratch->run.end;
	if (next.first >= next.end)
		return true;
	if (grows(&scratch->run, &next)) {
		scratch->run.end = next.end;
		return true;
	}
	if (!has_room(scratch))
		return false;
	start_run(scratch, &next);
	return true;
}

/* Called at every pause of the walk. Returns 1 at the end of the window. */
static int make_room(void *arg)
{
	struct scratch *scratch = arg;
	u32 needed = scratch->used + 512;

	if (has_room(scratch))
		return 0;
	if (scratch->used >= WINDOW) {
		scratch->full = true;
		return 1;
	}
	while (scratch->snap->rows.count < needed)
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
	start_run(scratch, &end);
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
	ret = shmstat_visit_object(snap, &scratch->id, walk_window, scratch);
	/* Remove the records that make_room() added and nobody used. */
	snap->rows.count = scratch->used;
	return ret;
}

static void ask(struct shmstat_snapshot *snap, const struct shmstat_id *id)
{
	struct scratch *scratch = snap->scratch;

	scratch->snap = snap;
	scratch->id = *id;
}

/* Walks again from the object's start if @pos is before the window. */
static void *row_at(struct shmstat_snapshot *snap, u64 pos)
{
	struct scratch *scratch = snap->scratch;
	int ret = 0;

	if (pos < scratch->base) {
		scratch->base = 0;
		scratch->next = 0;
		scratch->done = false;
		ret = read_window(snap);
	}
	while (!ret && !scratch->done &&
	       pos - scratch->base >= snap->rows.count) {
		scratch->base += snap->rows.count;
		ret = read_window(snap);
	}
	if (ret)
		return ERR_PTR(ret);
	pos -= scratch->base;
	return pos <= U32_MAX ? shmstat_rows_at(&snap->rows, pos) : NULL;
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
	.ask		= ask,
	.before		= read_window,
	.row_at		= row_at,
	.columns	= columns,
};

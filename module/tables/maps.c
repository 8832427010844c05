// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/maps: every mapping of every object.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/list_sort.h>
#include <linux/mm.h>

#include "../mapping.h"
#include "../pagecache.h"
#include "../table.h"
#include "views.h"

/**
 * struct maps_row - one mapping
 * @id: the object
 * @proc: number of the process; SHMSTAT_NO_ROW if it had ended
 * @flags: VM_READ and so on
 * @start: first address
 * @end: address behind the last one
 * @offset: offset of @start in the object, bytes
 * @resident: bytes of it in page cache
 * @swapped: bytes of it in swap
 * @past_eof: bytes of it past the end of the object
 */
struct maps_row {
	struct shmstat_id id;
	u32 proc;
	u32 flags;
	unsigned long start;
	unsigned long end;
	u64 offset;
	u64 resident;
	u64 swapped;
	u64 past_eof;
};

/**
 * struct scratch - the mappings of the object that is visited
 * @snap: the snapshot
 * @maps: an array of &struct shmstat_mapping
 * @count: number of its records in use, in the order of their first page
 * @first_row: number of the row of the first of them
 * @ends: the mappings in the order of their last page
 * @next_start: number of the mapping that starts next
 * @next_end: the mapping that ends next, in @ends
 * @resident: bytes in page cache before the position of the walk
 * @swapped: bytes in swap before the position of the walk
 */
struct scratch {
	struct shmstat_snapshot *snap;
	struct shmstat_rows maps;
	u32 count;
	u32 first_row;
	struct list_head ends;
	u32 next_start;
	struct list_head *next_end;
	u64 resident;
	u64 swapped;
};

static pgoff_t first_page(const struct shmstat_mapping *map)
{
	return map->offset >> PAGE_SHIFT;
}

/* The page behind the last one. */
static pgoff_t end_page(const struct shmstat_mapping *map)
{
	return first_page(map) + ((map->end - map->start) >> PAGE_SHIFT);
}

static struct shmstat_mapping *mapping_of(const struct list_head *node)
{
	return list_entry(node, struct shmstat_mapping, by_end);
}

static int compare_ends(void *priv, const struct list_head *a,
			const struct list_head *b)
{
	pgoff_t x = end_page(mapping_of(a)), y = end_page(mapping_of(b));

	cond_resched();
	return x < y ? -1 : x > y;
}

/* Maximum number of boundaries that are passed without a chance to reschedule. */
#define MAX_BOUNDARIES	1024

/*
 * Passes the boundaries of mappings that lie before the end of an entry; all that
 * are left if @entry is NULL. A mapping covers the bytes before its end, less the
 * bytes before its start. Returns false if there are more boundaries to pass.
 */
static bool pass_boundaries(struct scratch *scratch,
			    const struct shmstat_entry *entry)
{
	struct shmstat_rows *rows = &scratch->snap->rows;
	pgoff_t until = entry ? entry->index + entry->pages : ULONG_MAX;
	unsigned int passed;

	for (passed = 0; passed < MAX_BOUNDARIES; passed++) {
		struct shmstat_mapping *start = NULL, *end = NULL;
		struct maps_row *row;
		u64 part = 0, resident, swapped;
		pgoff_t at;

		if (scratch->next_start < scratch->count)
			start = shmstat_rows_at(&scratch->maps,
						scratch->next_start);
		if (scratch->next_end != &scratch->ends)
			end = mapping_of(scratch->next_end);
		if (start && end && first_page(start) >= end_page(end))
			start = NULL;
		if (!start && !end)
			return true;
		at = start ? first_page(start) : end_page(end);
		if (at >= until)
			return true;

		if (entry && at > entry->index)
			part = (u64)(at - entry->index) << PAGE_SHIFT;
		resident = scratch->resident + (entry && entry->folio ? part : 0);
		swapped = scratch->swapped + (entry && entry->folio ? 0 : part);
		if (start) {
			row = shmstat_rows_at(rows, scratch->first_row +
						    scratch->next_start++);
			row->resident -= resident;
			row->swapped -= swapped;
		} else {
			row = shmstat_rows_at(rows, end->row);
			row->resident += resident;
			row->swapped += swapped;
			scratch->next_end = scratch->next_end->next;
		}
	}
	return false;
}

static __always_inline bool count_entry(const struct shmstat_entry *entry,
					void *arg)
{
	struct scratch *scratch = arg;

	if (!pass_boundaries(scratch, entry))
		return false;
	if (entry->folio)
		scratch->resident += shmstat_entry_bytes(entry);
	else
		scratch->swapped += shmstat_entry_bytes(entry);
	return true;
}

static u64 past_eof(const struct shmstat_mapping *map, u64 size, u64 pagesize)
{
	u64 end = map->offset + (map->end - map->start);
	u64 eof = round_up(size, pagesize);

	return end > eof ? end - max(eof, map->offset) : 0;
}

/* Adds the rows in the order of the mappings, without resident and swapped. */
static int add_rows(struct scratch *scratch, const struct shmstat_super *super,
		    const struct shmstat_object *obj)
{
	struct shmstat_snapshot *snap = scratch->snap;
	u32 nr;

	scratch->first_row = snap->rows.count;
	INIT_LIST_HEAD(&scratch->ends);
	for (nr = 0; nr < scratch->count; nr++) {
		struct shmstat_mapping *map = shmstat_rows_at(&scratch->maps, nr);
		struct maps_row *row = shmstat_rows_add(&snap->rows);

		if (!row || shmstat_procs_add_tgid(snap->procs, map->tgid,
						   &row->proc))
			return -ENOMEM;
		row->id = obj->id;
		row->flags = map->flags;
		row->start = map->start;
		row->end = map->end;
		row->offset = map->offset;
		row->past_eof = past_eof(map, obj->size, super->pagesize);
		map->row = scratch->first_row + nr;
		list_add_tail(&map->by_end, &scratch->ends);
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

static int add_object(struct shmstat_snapshot *snap,
		      const struct shmstat_super *super,
		      const struct shmstat_object *obj, struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	pgoff_t first, last;
	int ret;

	if (!inode)
		return 0;
	ret = shmstat_mappings_get(&scratch->maps, &scratch->count,
				   inode->i_mapping);
	if (ret || !scratch->count)
		return ret;
	ret = add_rows(scratch, super, obj);
	if (ret)
		return ret;
	list_sort(NULL, &scratch->ends, compare_ends);

	scratch->next_start = 0;
	scratch->next_end = scratch->ends.next;
	scratch->resident = 0;
	scratch->swapped = 0;
	first = first_page(shmstat_rows_at(&scratch->maps, 0));
	last = end_page(mapping_of(scratch->ends.prev)) - 1;
	ret = shmstat_walk_pages(inode, first, last, count_entry, NULL, scratch);
	while (!ret && !pass_boundaries(scratch, NULL)) {
		cond_resched();
		if (fatal_signal_pending(current))
			ret = -EINTR;
	}
	return ret;
}

static bool needs_inode(struct shmstat_snapshot *snap,
			const struct shmstat_inode *read)
{
	return read->mapped;
}

static const struct shmstat_scan maps_scan = {
	.needs_inode	= needs_inode,
	.object		= add_object,
};

static void prepare(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	scratch->snap = snap;
	shmstat_rows_init(&scratch->maps, snap->budget,
			  sizeof(struct shmstat_mapping));
}

static void release(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_rows_free(&scratch->maps);
}

static void put_perms(struct seq_file *m, unsigned long flags)
{
	seq_putc(m, flags & VM_READ ? 'r' : '-');
	seq_putc(m, flags & VM_WRITE ? 'w' : '-');
	seq_putc(m, flags & VM_EXEC ? 'x' : '-');
	seq_putc(m, flags & VM_MAYSHARE ? 's' : 'p');
}

static void show_start(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const void *field)
{
	const struct maps_row *row = field;

	seq_printf(m, "%08lx", row->start);
}

static void show_end(struct seq_file *m, const struct shmstat_snapshot *snap,
		     const void *field)
{
	const struct maps_row *row = field;

	seq_printf(m, "%08lx", row->end);
}

static void show_perms(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const void *field)
{
	const struct maps_row *row = field;

	put_perms(m, row->flags);
}

static const struct shmstat_column columns[] = {
	{ "id",		SHMSTAT_ID(struct maps_row, id) },
	{ "pid",	SHMSTAT_PID(struct maps_row, proc) },
	{ "comm",	SHMSTAT_COMM(struct maps_row, proc) },
	{ "uid",	SHMSTAT_PROC_UID(struct maps_row, proc) },
	{ "start",	show_start },
	{ "end",	show_end },
	{ "offset",	SHMSTAT_U64(struct maps_row, offset) },
	{ "perms",	show_perms },
	{ "resident",	SHMSTAT_U64(struct maps_row, resident) },
	{ "swapped",	SHMSTAT_U64(struct maps_row, swapped) },
	{ "past_eof",	SHMSTAT_U64(struct maps_row, past_eof) },
	{}
};

const struct shmstat_view shmstat_maps_view = {
	.name		= "maps",
	.row_size	= sizeof(struct maps_row),
	.scratch_size	= sizeof(struct scratch),
	.prepare	= prepare,
	.scan		= &maps_scan,
	.release	= release,
	.columns	= columns,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/maps: every mapping of every object.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/mm.h>

#include "page.h"
#include "table.h"
#include "task.h"
#include "views.h"

/**
 * struct maps_row - one mapping
 * @object: the object's number
 * @who: the process; zeroes if it was gone already
 * @map: the range
 * @resident: bytes of it in page cache
 * @swapped: bytes of it in swap
 * @past_eof: bytes of it that no page can ever stand behind
 */
struct maps_row {
	u32 object;
	struct shmstat_who who;
	struct shmstat_mapping map;
	u64 resident;
	u64 swapped;
	u64 past_eof;
};

/**
 * struct part - a part of an object and what stands in it
 * @first: first page
 * @last: last page
 * @resident: bytes in page cache
 * @swapped: bytes in swap
 * @known: whether it was counted
 */
struct part {
	pgoff_t first;
	pgoff_t last;
	u64 resident;
	u64 swapped;
	bool known;
};

/* Processes map an object alike, so most ranges were counted just before. */
#define NR_PARTS	16

struct scratch {
	struct part parts[NR_PARTS];
};

static __always_inline bool count_entry(const struct shmstat_entry *entry,
					void *arg)
{
	struct part *part = arg;
	pgoff_t first = max(entry->index, part->first);
	pgoff_t last = min(entry->index + entry->pages - 1,
			   part->last);
	u64 bytes = (u64)(last - first + 1) << PAGE_SHIFT;

	if (entry->folio)
		part->resident += bytes;
	else
		part->swapped += bytes;
	return true;
}

static int count_part(struct scratch *scratch, struct inode *inode,
		      pgoff_t first, pgoff_t last, struct part **result)
{
	struct part *part;
	int ret;

	part = &scratch->parts[hash_long(first ^ last, ilog2(NR_PARTS))];
	*result = part;
	if (part->known && part->first == first && part->last == last)
		return 0;

	*part = (struct part) { .first = first, .last = last };
	ret = shmstat_walk_pages(inode, first, last, count_entry, NULL, part);
	part->known = !ret;
	return ret;
}

static u64 past_eof(const struct shmstat_mapping *map, u64 size, u32 pagesize)
{
	u64 end = map->offset + (map->end - map->start);
	u64 eof = round_up(size, pagesize);

	return end > eof ? end - max(eof, map->offset) : 0;
}

static int add_mapping(struct shmstat_snapshot *snap, struct inode *inode,
		       const struct shmstat_object *obj,
		       const struct shmstat_mapping *map)
{
	pgoff_t first = map->offset >> PAGE_SHIFT;
	pgoff_t last = first + ((map->end - map->start) >> PAGE_SHIFT) - 1;
	struct maps_row *row;
	struct part *part;
	int ret;

	ret = count_part(snap->scratch, inode, first, last, &part);
	if (ret)
		return ret;
	row = shmstat_rows_add(&snap->rows);
	if (!row)
		return -ENOMEM;
	row->object = obj->nr;
	shmstat_pid_who(map->tgid, &row->who);
	row->map = *map;
	row->resident = part->resident;
	row->swapped = part->swapped;
	row->past_eof = past_eof(map, obj->size,
				 shmstat_object_pagesize(snap, obj));
	return 0;
}

static int collect(struct shmstat_snapshot *snap, struct inode *inode,
		   struct shmstat_object *obj)
{
	u32 nr;
	int ret;

	memset(snap->scratch, 0, sizeof(struct scratch));
	ret = shmstat_mappings_get(&snap->mappings, inode->i_mapping);
	for (nr = 0; !ret && nr < snap->mappings.count; nr++) {
		ret = add_mapping(snap, inode, obj,
				  shmstat_rows_at(&snap->mappings.rows, nr));
		cond_resched();
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	}
	return ret;
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

	seq_printf(m, "%08lx", row->map.start);
}

static void show_end(struct seq_file *m, const struct shmstat_snapshot *snap,
		     const void *field)
{
	const struct maps_row *row = field;

	seq_printf(m, "%08lx", row->map.end);
}

static void show_perms(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const void *field)
{
	const struct maps_row *row = field;

	put_perms(m, row->map.flags);
}

static const struct shmstat_column columns[] = {
	{ "id",		SHMSTAT_OBJECT(struct maps_row, object) },
	{ "pid",	SHMSTAT_PID(struct maps_row, who) },
	{ "comm",	SHMSTAT_COMM(struct maps_row, who) },
	{ "uid",	SHMSTAT_WHO_UID(struct maps_row, who) },
	{ "start",	show_start },
	{ "end",	show_end },
	{ "offset",	SHMSTAT_U64(struct maps_row, map.offset) },
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
	.object		= collect,
	.columns	= columns,
};

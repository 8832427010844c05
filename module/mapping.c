// SPDX-License-Identifier: GPL-2.0
/*
 * The mappings of an object, from its tree of them (i_mmap).
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "mapping.h"

/**
 * struct reading - one walk over a tree of mappings
 * @rows: records to fill in, from the first one on; none are added
 * @count: number of records that are needed, even if there are not so many
 */
struct reading {
	struct shmstat_rows *rows;
	u32 count;
};

/* Called for each mapping in the order of their offsets; must not allocate. */
typedef void (*read_fn)(struct reading *reading,
			const struct vm_area_struct *vma);

static void read_mapping(struct reading *reading,
			 const struct vm_area_struct *vma)
{
	struct shmstat_mapping *map;

	map = shmstat_rows_at(reading->rows, reading->count++);
	if (!map)
		return;
	map->start = vma->vm_start;
	map->end = vma->vm_end;
	map->offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	map->flags = vma->vm_flags;
	map->tgid = shmstat_mm_tgid(vma->vm_mm);
}

static void read_mapper(struct reading *reading,
			const struct vm_area_struct *vma)
{
	pid_t tgid = shmstat_mm_tgid(vma->vm_mm);
	struct shmstat_mapper *mapper = NULL;

	if (reading->count)
		mapper = shmstat_rows_at(reading->rows, reading->count - 1);
	if (!mapper || mapper->tgid != tgid) {
		mapper = shmstat_rows_at(reading->rows, reading->count++);
		if (!mapper)
			return;
		mapper->tgid = tgid;
		mapper->count = 0;
	}
	mapper->count++;
}

static void read_tree(struct reading *reading, struct address_space *mapping,
		      read_fn read)
{
	struct rb_node *node;

	reading->count = 0;
	/*
	 * Reclaim takes this lock, so nothing may be allocated under it. It
	 * cannot be dropped during the walk, as nothing else keeps a position in
	 * the tree.
	 */
	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node;
	     node = rb_next(node)) {
		read(reading, rb_entry(node, struct vm_area_struct, shared.rb));
		cond_resched();
		if (fatal_signal_pending(current))
			break;
	}
	i_mmap_unlock_read(mapping);
}

static int get(struct shmstat_rows *rows, u32 *count, u32 max,
	       struct address_space *mapping, read_fn read)
{
	struct reading reading = { .rows = rows };
	u32 needed;

	*count = 0;
	while (mapping_mapped(mapping)) {
		read_tree(&reading, mapping, read);
		if (fatal_signal_pending(current))
			return -EINTR;
		*count = min(reading.count, max);
		if (*count <= rows->count)
			break;
		/* There may be more at the next attempt. */
		needed = reading.count + reading.count / 8 + 16;
		while (rows->count < min(needed, max))
			if (!shmstat_rows_add(rows))
				return -ENOMEM;
	}
	return 0;
}

/**
 * shmstat_mappings_get - get the mappings of an object
 * @rows: an array of &struct shmstat_mapping, which can be used again for the
 *	next object
 * @count: set to the number of records in use, in the order of their offsets
 * @mapping: the object's; the caller holds a reference to the inode
 *
 * Context: Process context, may sleep. Takes i_mmap_rwsem for reading while all
 *	mappings are copied.
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_mappings_get(struct shmstat_rows *rows, u32 *count,
			 struct address_space *mapping)
{
	return get(rows, count, U32_MAX, mapping, read_mapping);
}

/**
 * shmstat_mappers_get - get the processes that map an object
 * @rows: an array of &struct shmstat_mapper, which can be used again for the next
 *	object
 * @count: set to the number of records in use
 * @max: maximum number of records
 * @mapping: the object's; the caller holds a reference to the inode
 *
 * Context: Process context, may sleep. Takes i_mmap_rwsem for reading while all
 *	mappings are visited.
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_mappers_get(struct shmstat_rows *rows, u32 *count, u32 max,
			struct address_space *mapping)
{
	return get(rows, count, max, mapping, read_mapper);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The mappings of an object, from its own tree of them.
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
 * struct reading - what is read of a tree of mappings
 * @rows: where to; there is room for its count
 * @count: how many there are, also those that there is no room for
 */
struct reading {
	struct shmstat_rows *rows;
	u32 count;
};

/* Called for each mapping, by its offset; must not allocate. */
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
	 * Reclaim takes this lock, so nothing is allocated under it. It cannot
	 * be dropped half-way: nothing else holds the place in the tree.
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
	u32 want;

	*count = 0;
	while (mapping_mapped(mapping)) {
		read_tree(&reading, mapping, read);
		if (fatal_signal_pending(current))
			return -EINTR;
		*count = min(reading.count, max);
		if (*count <= rows->count)
			break;
		/* Some more may be made before the next try. */
		want = reading.count + reading.count / 8 + 16;
		while (rows->count < min(want, max))
			if (!shmstat_rows_add(rows))
				return -ENOMEM;
	}
	return 0;
}

/**
 * shmstat_mappings_get - read the mappings of an object
 * @rows: an array of &struct shmstat_mapping, used again for the next object
 * @count: set to how many of it are in use, ordered by their offset
 * @mapping: the object's, its inode held
 *
 * Context: Process context, may sleep; takes i_mmap_rwsem for reading, for as
 *	long as it takes to copy the tree.
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_mappings_get(struct shmstat_rows *rows, u32 *count,
			 struct address_space *mapping)
{
	return get(rows, count, U32_MAX, mapping, read_mapping);
}

/**
 * shmstat_mappers_get - read which processes map an object
 * @rows: an array of &struct shmstat_mapper, used again for the next object
 * @count: set to how many of it are in use
 * @max: how many are wanted at most
 * @mapping: the object's, its inode held
 *
 * Context: As shmstat_mappings_get().
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_mappers_get(struct shmstat_rows *rows, u32 *count, u32 max,
			struct address_space *mapping)
{
	return get(rows, count, max, mapping, read_mapper);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The mappings of an object, from its own tree of them.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "mapping.h"

static void fill_mapping(struct shmstat_mapping *map,
			 const struct vm_area_struct *vma)
{
	map->start = vma->vm_start;
	map->end = vma->vm_end;
	map->offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	map->flags = vma->vm_flags;
	map->tgid = shmstat_mm_tgid(vma->vm_mm);
}

/* Fills what there is room for, and says how many there are. */
static u32 read_tree(struct shmstat_mappings *mappings,
		     struct address_space *mapping)
{
	struct rb_node *node;
	u32 count = 0;

	/*
	 * Reclaim takes this lock, so nothing is allocated under it. It cannot
	 * be dropped half-way: nothing else holds the place in the tree.
	 */
	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node;
	     node = rb_next(node)) {
		if (count < mappings->rows.count)
			fill_mapping(shmstat_rows_at(&mappings->rows, count),
				     rb_entry(node, struct vm_area_struct,
					      shared.rb));
		count++;
		cond_resched();
	}
	i_mmap_unlock_read(mapping);
	return count;
}

/**
 * shmstat_mappings_get - read the mappings of an object
 * @mappings: where to
 * @mapping: the object's, its inode held
 *
 * Context: Process context, may sleep; takes i_mmap_rwsem for reading, for as
 *	long as it takes to copy the tree.
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_mappings_get(struct shmstat_mappings *mappings,
			 struct address_space *mapping)
{
	mappings->count = 0;
	if (!mapping_mapped(mapping))
		return 0;

	for (;;) {
		u32 count = read_tree(mappings, mapping);

		if (count <= mappings->rows.count) {
			mappings->count = count;
			return 0;
		}
		/* Some more may be made before the next try. */
		count += count / 8 + 16;
		while (mappings->rows.count < count)
			if (!shmstat_rows_add(&mappings->rows))
				return -ENOMEM;
		if (fatal_signal_pending(current))
			return -EINTR;
	}
}

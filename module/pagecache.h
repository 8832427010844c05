/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One walk over the page cache of an object, folios and swap entries alike.
 */
#ifndef SHMSTAT_PAGECACHE_H
#define SHMSTAT_PAGECACHE_H

#include <linux/errno.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/xarray.h>

#include "compat.h"
#include "inode.h"

/*
 * How many leaves are visited without a look whether somebody else wants the
 * CPU: 1,024 pages, some 3 us from memory that is in no cache.
 */
#define SHMSTAT_LEAVES	(1024 / XA_CHUNK_SIZE)

/**
 * struct shmstat_entry - what stands at a place of a page cache
 * @index: the place, in pages of PAGE_SIZE
 * @pages: how many pages stand there
 * @order: of the folio or swap entry they belong to
 * @folio: the folio, protected by RCU alone; NULL if it is swapped out
 * @flags: the folio's, of one moment
 * @swap: where it is then
 */
struct shmstat_entry {
	pgoff_t index;
	unsigned long pages;
	unsigned int order;
	struct folio *folio;
	unsigned long flags;
	swp_entry_t swap;
};

static inline u64 shmstat_entry_bytes(const struct shmstat_entry *entry)
{
	return (u64)entry->pages << PAGE_SHIFT;
}

/* True for a pointer entry: not NULL, not a value, not internal. */
static __always_inline bool shmstat_is_pointer(const void *found)
{
	return found && !((unsigned long)found & 3);
}

/*
 * The size of the entry at a place of a node. xas_get_order() does the same, but
 * is neither inline nor in every kernel.
 */
static __always_inline unsigned int
shmstat_slot_order(const struct xa_state *xas, unsigned int offset)
{
	const struct xa_node *node = xas->xa_node;
	unsigned int order = 0;

	if (!IS_ENABLED(CONFIG_XARRAY_MULTI) || !node)
		return 0;
	while (offset + (1U << order) < XA_CHUNK_SIZE &&
	       xa_is_sibling(xa_entry(xas->xa, node, offset + (1U << order))))
		order++;
	return order + node->shift;
}

/**
 * typedef shmstat_entry_fn - called for each entry, under RCU
 *
 * Must not sleep. Returns false to be called again for the same entry, after
 * the &shmstat_pause_fn that makes room for it.
 */
typedef bool (*shmstat_entry_fn)(const struct shmstat_entry *entry, void *arg);

/**
 * typedef shmstat_pause_fn - called between two stretches of a walk
 *
 * May sleep; anything but 0 ends the walk.
 */
typedef int (*shmstat_pause_fn)(void *arg);

static __always_inline bool
shmstat_visit_folio(const struct xa_state *xas, const struct inode *inode,
		    struct folio *folio, pgoff_t index, unsigned int offset,
		    unsigned int shift, shmstat_entry_fn visit, void *arg)
{
	struct shmstat_entry entry = {
		.folio = folio,
		.flags = shmstat_folio_flags(folio),
	};
	bool large = entry.flags & BIT(PG_head);

	/* Most are not, and then nothing has to be looked up. */
	if (unlikely(large))
		entry.order = shmstat_slot_order(xas, offset) + shift;
	entry.pages = 1UL << entry.order;
	entry.index = (index << shift) & ~(entry.pages - 1);
	if (unlikely(large))
		entry.order = shmstat_folio_order(inode, entry.order);
	return visit(&entry, arg);
}

static __always_inline bool
shmstat_visit_swap(const struct xa_state *xas, void *value, pgoff_t index,
		   unsigned int offset, shmstat_entry_fn visit, void *arg)
{
	struct shmstat_entry entry = {
		.swap = radix_to_swp_entry(value),
		.order = shmstat_slot_order(xas, offset),
	};

	/* A marker of a page lost to a memory error is in no swap file. */
	if (unlikely(swp_type(entry.swap) >= MAX_SWAPFILES))
		return true;
	entry.pages = 1UL << entry.order;
	entry.index = index & ~(entry.pages - 1);
	return visit(&entry, arg);
}

/* What was found at a place of a node. */
static __always_inline bool
shmstat_visit_slot(const struct xa_state *xas, const struct inode *inode,
		   void *found, pgoff_t index, unsigned int offset,
		   unsigned int shift, shmstat_entry_fn visit, void *arg)
{
	if (likely(shmstat_is_pointer(found)))
		return shmstat_visit_folio(xas, inode, found, index, offset,
					   shift, visit, arg);
	/* hugetlbfs, which alone may have a shift, has none of these. */
	return shmstat_visit_swap(xas, found, index, offset, visit, arg);
}

/*
 * Visits what is left of a leaf, whose places need no search. Internal entries
 * and retried entries are left to the next xas_find().
 */
static __always_inline bool
shmstat_visit_leaf(struct xa_state *xas, const struct inode *inode,
		   pgoff_t last, unsigned int shift, shmstat_entry_fn visit,
		   void *arg)
{
	pgoff_t base = xas->xa_index & ~(pgoff_t)XA_CHUNK_MASK;
	unsigned long end = min_t(pgoff_t, last - base, XA_CHUNK_MASK);
	struct xa_node *node = xas->xa_node;
	unsigned long offset;

	for (offset = xas->xa_offset; offset <= end; offset++) {
		void *found = xa_entry(xas->xa, node, offset);
		bool done;

		if (likely(shmstat_is_pointer(found)))
			done = shmstat_visit_folio(xas, inode, found,
						   base + offset, offset, shift,
						   visit, arg);
		else if (xa_is_value(found))
			done = shmstat_visit_swap(xas, found, base + offset,
						  offset, visit, arg);
		else if (!found || xa_is_sibling(found))
			continue;
		else
			break;
		if (unlikely(!done)) {
			xas_set(xas, base + offset);
			return false;
		}
	}
	if (offset <= end) {
		xas_set(xas, base + offset);
	} else {
		xas->xa_offset = end;
		xas->xa_index = base + end;
	}
	return true;
}

/**
 * shmstat_walk_pages - walk a range of an object's page cache
 * @inode: the object's inode, held
 * @first: first page
 * @last: last page
 * @visit: what to do with each entry; one that is only partly in the range
 *	comes whole
 * @pause: what to do between stretches of SHMSTAT_LEAVES, or NULL
 * @arg: handed to both
 *
 * Each entry is true of the moment it is visited. No folio reference is taken:
 * a folio freed or reused during the walk may be miscounted once. Its struct
 * page stays: a block of memory is removed only after all of it was freed, and
 * the kernel's own lookups in the page cache read the same words under RCU.
 *
 * Ends early, and returns 0, where nothing but the caller keeps the inode any
 * more: its memory is to be freed now.
 *
 * Inline, so that @visit is: a call for each page costs more than the rest.
 *
 * Context: Process context, may sleep between stretches; holds RCU in them.
 * Return: 0, what @pause returned, or -EINTR after a fatal signal.
 */
static __always_inline int
shmstat_walk_pages(struct inode *inode, pgoff_t first, pgoff_t last,
		   shmstat_entry_fn visit, shmstat_pause_fn pause, void *arg)
{
	unsigned int shift = shmstat_index_shift(inode);
	XA_STATE(xas, &inode->i_mapping->i_pages, first >> shift);
	unsigned int leaves = 0;
	void *found;
	bool done;
	int ret = 0;

	last >>= shift;
	rcu_read_lock();
	while ((found = xas_find(&xas, last))) {
		if (xas_retry(&xas, found))
			continue;
		if (xas.xa_node && !xas.xa_node->shift) {
			done = shmstat_visit_leaf(&xas, inode, last, shift,
						  visit, arg);
		} else {
			done = shmstat_visit_slot(&xas, inode, found,
						  xas.xa_index, xas.xa_offset,
						  shift, visit, arg);
			if (!done)
				xas_set(&xas, xas.xa_index);
		}
		if (likely(done && ++leaves % SHMSTAT_LEAVES))
			continue;

		/* Make room, or just let others run. */
		xas_pause(&xas);
		rcu_read_unlock();
		cond_resched();
		if (pause)
			ret = pause(arg);
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
		if (ret || shmstat_inode_is_dying(inode))
			return ret;
		rcu_read_lock();
	}
	rcu_read_unlock();
	return ret;
}

#endif /* SHMSTAT_PAGECACHE_H */

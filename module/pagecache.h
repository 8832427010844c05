/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The walk over the page cache of an object: folios and swap entries.
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
 * Leaf nodes of the page cache that are visited between two pauses: 1,024 pages,
 * which take about 3 us if their struct pages are in no CPU cache.
 */
#define SHMSTAT_LEAVES	(1024 / XA_CHUNK_SIZE)

/**
 * struct shmstat_entry - an entry of a page cache
 * @index: index of its first page, in pages of PAGE_SIZE
 * @pages: number of its pages
 * @order: order of the folio or swap entry they belong to
 * @folio: the folio, without a reference; NULL if it is swapped out
 * @flags: flags of the folio, read once
 * @swap: the swap entry, if @folio is NULL
 */
struct shmstat_entry {
	pgoff_t index;
	unsigned long pages;
	unsigned int order;
	struct folio *folio;
	unsigned long flags;
	swp_entry_t swap;
};

/**
 * shmstat_entry_bytes - get the size of an entry
 * @entry: the entry
 *
 * Context: Any.
 * Return: bytes.
 */
static inline u64 shmstat_entry_bytes(const struct shmstat_entry *entry)
{
	return (u64)entry->pages << PAGE_SHIFT;
}

/* True for a pointer entry: not NULL, not a value, not internal. */
static __always_inline bool shmstat_is_pointer(const void *found)
{
	return found && !((unsigned long)found & 3);
}

/**
 * typedef shmstat_entry_fn - called for each entry
 * @entry: the entry
 * @arg: the argument of shmstat_walk_pages()
 *
 * Context: RCU, must not sleep.
 * Return: true; false to pause, and then to be called again for what is at that
 *	index.
 */
typedef bool (*shmstat_entry_fn)(const struct shmstat_entry *entry, void *arg);

/**
 * typedef shmstat_pause_fn - called at every pause
 * @arg: the argument of shmstat_walk_pages()
 *
 * Context: Process context, may sleep.
 * Return: 0; anything else ends the walk.
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

	/* Most folios are single pages, of order 0. */
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

	/* The marker of a page that was lost to a memory error. */
	if (unlikely(swp_type(entry.swap) >= MAX_SWAPFILES))
		return true;
	entry.pages = 1UL << entry.order;
	entry.index = index & ~(entry.pages - 1);
	return visit(&entry, arg);
}

/* Visits the entry in a slot that is not empty. */
static __always_inline bool
shmstat_visit_slot(const struct xa_state *xas, const struct inode *inode,
		   void *found, pgoff_t index, unsigned int offset,
		   unsigned int shift, shmstat_entry_fn visit, void *arg)
{
	if (likely(shmstat_is_pointer(found)))
		return shmstat_visit_folio(xas, inode, found, index, offset,
					   shift, visit, arg);
	/* Without shift: only hugetlbfs can have one, and it has no swap. */
	return shmstat_visit_swap(xas, found, index, offset, visit, arg);
}

/*
 * Visits the other slots of a leaf node, without a search for each. Internal
 * entries and retried entries are left to the next xas_find().
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
 * shmstat_walk_pages - visit a range of an object's page cache
 * @inode: the object's inode; the caller holds a reference
 * @first: index of the first page
 * @last: index of the last page
 * @visit: called for each entry; one that is only partly in the range is passed
 *	as a whole
 * @pause: called every SHMSTAT_LEAVES leaf nodes, and where @visit asks for it;
 *	may be NULL
 * @arg: passed to both
 *
 * No folio reference is taken. A folio freed or reused during the walk may be
 * miscounted once. Its struct page remains: memory is removed only after all of
 * it was freed, and the kernel's own lookups read the same words under RCU.
 *
 * The walk ends early, and returns 0, if only the caller keeps the inode, as its
 * memory is to be freed now.
 *
 * This is inline so that @visit is, as a call for each page would cost more than
 * all the rest.
 *
 * Context: Process context, may sleep.
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

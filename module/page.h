/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One walk over the page cache of an object, folios and swap entries alike.
 */
#ifndef SHMSTAT_PAGE_H
#define SHMSTAT_PAGE_H

#include <linux/errno.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/xarray.h>

#include "compat.h"
#include "shmstat.h"

/**
 * struct shmstat_entry - what stands at a place of a page cache
 * @index: the place, in pages of PAGE_SIZE
 * @pages: how many pages stand there
 * @order: of the folio or swap entry they belong to
 * @folio: the folio, protected by RCU alone; NULL if it is swapped out
 * @swap: where it is then
 */
struct shmstat_entry {
	pgoff_t index;
	unsigned long pages;
	unsigned int order;
	struct folio *folio;
	swp_entry_t swap;
};

static inline u64 shmstat_entry_bytes(const struct shmstat_entry *entry)
{
	return (u64)entry->pages << PAGE_SHIFT;
}

/*
 * The size of the entry that was just found. xas_get_order() does the same,
 * but is neither inline nor in every kernel.
 */
static __always_inline unsigned int shmstat_xas_order(const struct xa_state *xas)
{
	unsigned int order = 0;

	if (!IS_ENABLED(CONFIG_XARRAY_MULTI) || !xas->xa_node)
		return 0;
	while (xas->xa_offset + (1U << order) < XA_CHUNK_SIZE &&
	       xa_is_sibling(xa_entry(xas->xa, xas->xa_node,
				      xas->xa_offset + (1U << order))))
		order++;
	return order + xas->xa_node->shift;
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

/**
 * shmstat_walk_pages - walk a range of an object's page cache
 * @inode: the object's inode, held
 * @first: first page
 * @last: last page
 * @visit: what to do with each entry; one that is only partly in the range
 *	comes whole
 * @pause: what to do between stretches of XA_CHECK_SCHED entries, or NULL
 * @arg: handed to both
 *
 * Each entry is true of the moment it is visited. A folio may leave the page
 * cache meanwhile; its memory stays, what is read of it is then of that moment.
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
	struct shmstat_entry entry;
	unsigned int batch = 0;
	void *found;
	int ret = 0;

	rcu_read_lock();
	xas_for_each(&xas, found, last >> shift) {
		if (xas_retry(&xas, found))
			continue;
		entry.order = shmstat_xas_order(&xas) + shift;
		entry.pages = 1UL << entry.order;
		entry.index = (xas.xa_index << shift) & ~(entry.pages - 1);
		if (xa_is_value(found)) {
			entry.folio = NULL;
			entry.swap = radix_to_swp_entry(found);
		} else {
			entry.folio = found;
			entry.order = shmstat_folio_order(found, entry.order);
		}

		if (likely(visit(&entry, arg)) &&
		    likely(++batch < XA_CHECK_SCHED))
			continue;

		/* Either make room and come back here, or just take a breath. */
		if (batch < XA_CHECK_SCHED)
			xas_set(&xas, entry.index >> shift);
		else
			xas_pause(&xas);
		batch = 0;
		rcu_read_unlock();
		cond_resched();
		if (pause)
			ret = pause(arg);
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
		rcu_read_lock();
		if (ret)
			break;
	}
	rcu_read_unlock();
	return ret;
}

#endif /* SHMSTAT_PAGE_H */

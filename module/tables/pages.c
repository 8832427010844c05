// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/pages: the state of each object's pages.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/pgtable.h>
#include <linux/swap.h>

#include "../pagecache.h"
#include "../table.h"
#include "views.h"

/* Huge pages of hugetlbfs can have 16 GiB. */
#define NR_ORDERS	32

/*
 * The pages of one object, in bytes. @orders, @nodes and @swap are lists as they
 * are printed.
 */
struct pages_row {
	struct shmstat_id id;
	u64 resident;
	u64 dirty;
	u64 writeback;
	u64 referenced;
	u64 active;
	u64 unevictable;
	u64 mlocked;
	u64 mapped;
	u64 huge;
	u64 swapped;
	const char *orders;
	const char *nodes;
	const char *swap;
};

/**
 * struct scratch - what is counted while the pages of one object are visited
 * @row: the object's record; @mapped and the lists are filled in at the end
 * @run_flags: the reported flags of a run of single pages. Neighbours mostly have
 *	the same, so that counting a run is faster than counting each page
 * @run_pages: number of pages in the run
 * @run_nid: the node of the pages in the run
 * @mapped: pages that are mapped
 * @orders: bytes by folio order
 * @nodes: bytes by node
 * @swap: bytes by type of swap area
 */
struct scratch {
	struct pages_row row;
	unsigned long run_flags;
	unsigned long run_pages;
	int run_nid;
	unsigned long mapped;
	u64 orders[NR_ORDERS];
	u64 nodes[MAX_NUMNODES];
	u64 swap[MAX_SWAPFILES];
};

static void count_swap(struct scratch *scratch,
		       const struct shmstat_entry *entry)
{
	unsigned int type = swp_type(entry->swap);
	u64 bytes = shmstat_entry_bytes(entry);

	scratch->row.swapped += bytes;
	scratch->swap[type] += bytes;
}

/* Folio flags this table reports, plus the node bits. */
#define REPORTED (BIT(PG_dirty) | BIT(PG_writeback) | BIT(PG_referenced) | \
		 BIT(PG_active) | BIT(PG_unevictable) | BIT(PG_mlocked) | \
		 NODES_MASK << NODES_PGSHIFT)

static void count_folios(struct scratch *scratch, unsigned long flags, int nid,
			 unsigned int order, u64 bytes)
{
	struct pages_row *row = &scratch->row;

	row->resident += bytes;
	/* Without branches, as a CPU cannot predict the flags of a page. */
	row->dirty += bytes * !!(flags & BIT(PG_dirty));
	row->writeback += bytes * !!(flags & BIT(PG_writeback));
	row->referenced += bytes * !!(flags & BIT(PG_referenced));
	row->active += bytes * !!(flags & BIT(PG_active));
	row->unevictable += bytes * !!(flags & BIT(PG_unevictable));
	row->mlocked += bytes * !!(flags & BIT(PG_mlocked));
	row->huge += bytes * (order == PMD_SHIFT - PAGE_SHIFT);
	scratch->orders[min_t(unsigned int, order, NR_ORDERS - 1)] += bytes;
	scratch->nodes[nid] += bytes;
}

/* Not inline, as most pages do not start a run. */
static noinline void start_run(struct scratch *scratch, unsigned long flags,
			       int nid)
{
	count_folios(scratch, scratch->run_flags, scratch->run_nid, 0,
		     (u64)scratch->run_pages << PAGE_SHIFT);
	scratch->run_flags = flags;
	scratch->run_nid = nid;
	scratch->run_pages = 0;
}

static __always_inline bool count_entry(const struct shmstat_entry *entry,
					void *arg)
{
	struct scratch *scratch = arg;
	struct folio *folio = entry->folio;
	unsigned long flags = entry->flags & REPORTED;

	if (!folio) {
		count_swap(scratch, entry);
		return true;
	}
	scratch->mapped += shmstat_folio_mapped(folio, entry->index,
						entry->order);
	if (unlikely(entry->order)) {
		count_folios(scratch, flags, folio_nid(folio), entry->order,
			     shmstat_entry_bytes(entry));
		return true;
	}
	/* Where flags do not have the node, each page may be on another one. */
	if (unlikely(flags != scratch->run_flags || !SHMSTAT_NODE_IN_FLAGS))
		start_run(scratch, flags, folio_nid(folio));
	scratch->run_pages++;
	return true;
}

/* Those that are not 0, as "NR=BYTES,NR=BYTES"; NULL if there is no memory. */
static const char *keep_list(struct shmstat_snapshot *snap, const u64 *bytes,
			     unsigned int count)
{
	char *text = snap->path;
	unsigned int nr;
	int len = 0;

	for (nr = 0; nr < count; nr++)
		if (bytes[nr])
			len += scnprintf(text + len, PATH_MAX - len,
					 "%s%u=%llu", len ? "," : "", nr,
					 bytes[nr]);
	return shmstat_strings_add(snap->strings, text, len);
}

static int add_object(struct shmstat_snapshot *snap,
		      const struct shmstat_super *super,
		      const struct shmstat_object *obj, struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	struct pages_row *row;
	int ret;

	memset(scratch, 0, sizeof(*scratch));
	ret = shmstat_walk_pages(inode, 0, ULONG_MAX, count_entry, NULL,
				 scratch);
	if (ret)
		return ret;
	start_run(scratch, 0, 0);

	row = shmstat_rows_add(&snap->rows);
	if (!row)
		return -ENOMEM;
	*row = scratch->row;
	row->mapped = (u64)scratch->mapped << PAGE_SHIFT;
	row->id = obj->id;
	row->orders = keep_list(snap, scratch->orders, NR_ORDERS);
	row->nodes = keep_list(snap, scratch->nodes, nr_node_ids);
	row->swap = keep_list(snap, scratch->swap, MAX_SWAPFILES);
	return row->orders && row->nodes && row->swap ? 0 : -ENOMEM;
}

static bool needs_inode(struct shmstat_snapshot *snap,
			const struct shmstat_inode *read)
{
	return true;
}

static const struct shmstat_scan pages_scan = {
	.needs_inode	= needs_inode,
	.object		= add_object,
};

static const struct shmstat_column columns[] = {
	{ "id",			SHMSTAT_ID(struct pages_row, id) },
	{ "resident",		SHMSTAT_U64(struct pages_row, resident) },
	{ "dirty",		SHMSTAT_U64(struct pages_row, dirty) },
	{ "writeback",		SHMSTAT_U64(struct pages_row, writeback) },
	{ "referenced",		SHMSTAT_U64(struct pages_row, referenced) },
	{ "active",		SHMSTAT_U64(struct pages_row, active) },
	{ "unevictable",	SHMSTAT_U64(struct pages_row, unevictable) },
	{ "mlocked",		SHMSTAT_U64(struct pages_row, mlocked) },
	{ "mapped",		SHMSTAT_U64(struct pages_row, mapped) },
	{ "huge",		SHMSTAT_U64(struct pages_row, huge) },
	{ "swapped",		SHMSTAT_U64(struct pages_row, swapped) },
	{ "orders",		SHMSTAT_TEXT(struct pages_row, orders) },
	{ "nodes",		SHMSTAT_TEXT(struct pages_row, nodes) },
	{ "swap",		SHMSTAT_TEXT(struct pages_row, swap) },
	{}
};

const struct shmstat_view shmstat_pages_view = {
	.name		= "pages",
	.row_size	= sizeof(struct pages_row),
	.scratch_size	= sizeof(struct scratch),
	.scan		= &pages_scan,
	.columns	= columns,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/shmstat: the report for people.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/kdev_t.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "../descriptors.h"
#include "../hashtable.h"
#include "../largest.h"
#include "../mapping.h"
#include "../segment.h"
#include "../set.h"
#include "../sums.h"
#include "../table.h"
#include "views.h"

unsigned int shmstat_report_rows = 40;

struct line;

typedef void show_line_fn(struct seq_file *m,
			  const struct shmstat_snapshot *snap,
			  const struct line *line);

/**
 * struct line - a record of the report: one or more lines of text
 * @show: prints them
 * @super: the superblock that they show, or NULL
 * @entry: the object that they show, or NULL
 * @number: a number that they show
 */
struct line {
	show_line_fn *show;
	const struct shmstat_super *super;
	const struct entry *entry;
	u32 number;
};

/**
 * struct entry - an object in one of the last two tables
 * @obj: the object; only its @id before @is_set
 * @is_set: the object was read
 * @name: its name, or NULL
 * @name_size: bytes that were allocated for the name
 * @holders: number of processes that hold it
 * @more_holders: there may be more of them
 * @holder: number of one of them; SHMSTAT_NO_ROW if none was found
 * @by: what else holds it: SHMSTAT_BY_SOCKET, SHMSTAT_BY_FRAMEBUFFER, or
 *	SHMSTAT_BY_UNKNOWN for nothing
 * @keeper: number of that
 */
struct entry {
	struct shmstat_object obj;
	bool is_set;
	char *name;
	size_t name_size;
	u32 holders;
	bool more_holders;
	u32 holder;
	enum shmstat_holder by;
	u32 keeper;
};

/**
 * struct ranking - one of the last two tables
 * @largest: the largest objects; their place is a number in @entries
 * @entries: every &struct entry
 * @ids: their ids, the largest first; filled in by index_ranking()
 * @total: number of objects, also of those that are not among the largest
 */
struct ranking {
	struct shmstat_largest largest;
	struct shmstat_rows entries;
	struct shmstat_set ids;
	u32 total;
};

/**
 * struct holder - one process that holds one of the largest objects
 * @rank: number of the object in the ranking
 * @tgid: pid of the process in the initial pid namespace
 * @next: for the hash table
 */
struct holder {
	u32 rank;
	pid_t tgid;
	u32 next;
};

/* Maximum number of these, besides one for each object. */
#define MAX_HOLDERS	16384

/**
 * struct scratch - what the report is made from
 * @sums: the sums of all objects
 * @dest: the objects of segments that are marked for destruction
 * @top: the largest objects
 * @loose: the objects that no path leads to and no process maps; the info is their
 *	weight in pages, and HELD once a holder was found
 * @unknown: the largest of @loose that no holder was found for
 * @holders: every &struct holder of @top
 * @by_holder: finds them
 * @descriptors: the sockets that hold some of @top
 * @mappers: an array of &struct shmstat_mapper, of one object at a time
 */
struct scratch {
	struct shmstat_sums sums;
	struct shmstat_set dest;
	struct ranking top;
	struct shmstat_set loose;
	struct ranking unknown;
	struct shmstat_rows holders;
	struct shmstat_hashtable by_holder;
	struct shmstat_descriptors descriptors;
	struct shmstat_rows mappers;
};

#define HELD	BIT(31)

/* What objects are ranked by: the memory and swap that they take. */
static u64 weight_of(u64 resident, u64 swapped)
{
	return resident + swapped;
}

static u64 kb(u64 bytes)
{
	return bytes >> 10;
}

static void show_counter(struct seq_file *m,
			 const struct shmstat_snapshot *snap,
			 const struct line *line)
{
	const struct scratch *scratch = snap->scratch;
	const struct shmstat_sums *sums = &scratch->sums;
	u64 resident = sums->total.resident;
	s64 changed = sums->nr_shmem + sums->nr_shmem_lag - resident;
	u64 tenths = 1000;

	if (sums->nr_shmem)
		tenths = div64_u64(resident * 1000 + sums->nr_shmem / 2,
				   sums->nr_shmem);

	seq_printf(m, "Shmem:      %12llu kB\n", kb(sums->nr_shmem));
	seq_printf(m, "Accounted:  %12llu kB (%llu.%llu%%) in %llu objects",
		   kb(resident), tenths / 10, tenths % 10, sums->total.objects);
	if (sums->nr_shmem_lag)
		seq_printf(m, "; Shmem is %llu kB too %s until all CPUs have added their counts",
			   kb(abs(sums->nr_shmem_lag)),
			   sums->nr_shmem_lag > 0 ? "low" : "high");
	seq_putc(m, '\n');
	if (changed)
		seq_printf(m, "Changed:    %12lld kB during this read\n",
			   changed / SZ_1K);
	if (snap->supers->incomplete)
		seq_puts(m, "Not seen:   some file systems, as the kernel's list of them kept changing during this read\n");
}

static const char * const kind_texts[SHMSTAT_NR_KINDS] = {
	[SHMSTAT_SYSV]		= "System V segments, shmget(2)",
	[SHMSTAT_POSIX]		= "files in /dev/shm, shm_open(3)",
	[SHMSTAT_ANON]		= "anonymous shared mappings, mmap(2)",
	[SHMSTAT_MEMFD]		= "memfd_create(2)",
	[SHMSTAT_GPU]		= "buffers of graphics drivers",
	[SHMSTAT_TMPFS]		= "files on any other tmpfs",
	[SHMSTAT_KERNEL]	= "files the kernel keeps for itself",
};

static void show_sum(struct seq_file *m, const struct shmstat_sum *sum,
		     const char *what)
{
	seq_printf(m, "%-8s %10llu %14llu %12llu %12llu  %s\n", sum->label,
		   sum->objects, kb(sum->size), kb(sum->resident),
		   kb(sum->swapped), what);
}

/* Shmem does not count hugetlbfs. */
static void show_huge_sum(struct seq_file *m, const struct shmstat_sum *sum)
{
	seq_printf(m, "%-8s %10llu %14llu %12llu %12llu  in huge pages of %llu kB, not part of Shmem\n",
		   sum->label, sum->objects, kb(sum->size), kb(sum->resident),
		   kb(sum->swapped), kb(sum->pagesize));
}

static void show_kinds(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const struct line *line)
{
	const struct scratch *scratch = snap->scratch;
	const struct shmstat_sums *sums = &scratch->sums;
	u32 nr;

	seq_puts(m, "\nBy kind, in kB\n");
	seq_printf(m, "%-8s %10s %14s %12s %12s  %s\n", "KIND", "OBJECTS",
		   "SIZE", "RESIDENT", "SWAPPED", "WHAT");
	for (nr = 0; nr < SHMSTAT_NR_KINDS; nr++)
		show_sum(m, &sums->kinds[nr], kind_texts[nr]);
	show_sum(m, &sums->total, "");
	for (nr = 0; nr < sums->huge.count; nr++)
		show_huge_sum(m, shmstat_rows_at(&sums->huge, nr));
}

static void show_supers_head(struct seq_file *m,
			     const struct shmstat_snapshot *snap,
			     const struct line *line)
{
	seq_puts(m, "\nBy file system, in kB (internal: a mount of the kernel's own, no path leads there)\n");
	seq_printf(m, "%-8s %-9s %-8s %8s %12s %12s %12s %12s  %s\n", "DEVICE",
		   "TYPE", "INTERNAL", "OBJECTS", "RESIDENT", "SWAPPED", "USED",
		   "LIMIT", "OPTIONS");
}

static void put_kb(struct seq_file *m, u64 bytes)
{
	if (bytes != SHMSTAT_NONE)
		seq_printf(m, " %12llu", kb(bytes));
	else
		seq_printf(m, " %12s", "-");
}

static void show_super(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const struct line *line)
{
	const struct shmstat_super *super = line->super;
	char dev[24];

	snprintf(dev, sizeof(dev), "%u:%u", MAJOR(super->dev),
		 MINOR(super->dev));
	seq_printf(m, "%-8s %-9s %-8s %8llu %12llu %12llu", dev, super->type,
		   super->internal ? "yes" : "no", super->objects,
		   kb(super->resident), kb(super->swapped));
	put_kb(m, super->bytes_used);
	put_kb(m, super->bytes_limit);
	seq_puts(m, "  ");
	shmstat_put_text(m, super->options);
	seq_putc(m, '\n');
}

static void show_object_head(struct seq_file *m)
{
	seq_printf(m, "%12s %12s %14s %-10s %-8s %-16s %-24s %-26s %s\n",
		   "RESIDENT", "SWAPPED", "SIZE", "KIND", "TRUNCATE", "FLAGS",
		   "HELD BY", "ID", "NAME");
}

static void show_unknown_head(struct seq_file *m,
			      const struct shmstat_snapshot *snap,
			      const struct line *line)
{
	seq_puts(m, "\nHeld by no process: no path, descriptor, mapping, GPU handle, socket or framebuffer leads to them, in kB\n");
	show_object_head(m);
}

static void show_largest_head(struct seq_file *m,
			      const struct shmstat_snapshot *snap,
			      const struct line *line)
{
	seq_puts(m, "\nLargest objects, in kB (TRUNCATE: whether the size can be reduced while it is mapped)\n");
	show_object_head(m);
}

/* Fills the column that was printed from @from on to @width, plus one space. */
static void pad(struct seq_file *m, size_t from, size_t width)
{
	do {
		seq_putc(m, ' ');
	} while (!seq_has_overflowed(m) && m->count - from <= width);
}

/* What holds an object that no process does. */
static void put_keeper(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const struct entry *entry)
{
	const struct scratch *scratch = snap->scratch;
	u64 number = entry->keeper;

	if (entry->by == SHMSTAT_BY_UNKNOWN) {
		seq_putc(m, '-');
		return;
	}
	if (entry->by == SHMSTAT_BY_SOCKET)
		number = shmstat_socket_at(&scratch->descriptors,
					   entry->keeper)->ino;
	seq_printf(m, "%s/%llu", shmstat_holder_names[entry->by], number);
}

static void put_holder(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const struct entry *entry)
{
	const struct shmstat_proc *proc;

	proc = shmstat_rows_at(&snap->procs->rows, entry->holder);
	if (!proc) {
		put_keeper(m, snap, entry);
		return;
	}
	seq_printf(m, "%d/", proc->pid);
	shmstat_put_text(m, proc->comm);
	if (entry->holders > 1 || entry->more_holders)
		seq_printf(m, " +%u%s", entry->holders - 1,
			   entry->more_holders ? " or more" : "");
}

static void put_kind(struct seq_file *m, const struct shmstat_object *obj,
		     const struct shmstat_super *super)
{
	u64 pagesize = super->pagesize;

	seq_puts(m, shmstat_kind_names[shmstat_object_kind(obj, super)]);
	if (pagesize == PAGE_SIZE)
		return;
	if (pagesize >= SZ_1G)
		seq_printf(m, "/%lluG", pagesize >> 30);
	else if (pagesize >= SZ_1M)
		seq_printf(m, "/%lluM", pagesize >> 20);
	else
		seq_printf(m, "/%lluK", pagesize >> 10);
}

static void show_object(struct seq_file *m, const struct shmstat_snapshot *snap,
			const struct line *line)
{
	const struct entry *entry = line->entry;
	const struct shmstat_object *obj = &entry->obj;
	size_t from;

	seq_printf(m, "%12llu %12llu %14llu ", kb(obj->resident),
		   kb(obj->swapped), kb(obj->size));
	from = m->count;
	put_kind(m, obj, shmstat_super_of(snap, obj));
	pad(m, from, 10);
	seq_printf(m, "%-8s ", shmstat_truncate_name(obj));
	from = m->count;
	shmstat_put_flags(m, obj->flags);
	pad(m, from, 16);
	from = m->count;
	put_holder(m, snap, entry);
	pad(m, from, 24);
	from = m->count;
	shmstat_put_id(m, &obj->id);
	pad(m, from, 26);
	shmstat_put_text(m, entry->name);
	seq_putc(m, '\n');
}

static void show_more(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const struct line *line)
{
	seq_printf(m, "and %u more, all listed in /proc/shmstat/objects\n",
		   line->number);
}

static void show_more_unknown(struct seq_file *m,
			      const struct shmstat_snapshot *snap,
			      const struct line *line)
{
	seq_printf(m, "and %u more: segments that nobody has attached, and those listed as unknown in /proc/shmstat/holders\n",
		   line->number);
}

static void show_none(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const struct line *line)
{
	seq_puts(m, "none\n");
}

static void free_name(struct shmstat_snapshot *snap, struct entry *entry)
{
	shmstat_free(snap->budget, entry->name, entry->name_size);
	entry->name = NULL;
}

static int set_entry(struct shmstat_snapshot *snap, struct entry *entry,
		     const struct shmstat_object *obj)
{
	struct scratch *scratch = snap->scratch;

	free_name(snap, entry);
	entry->obj = *obj;
	entry->is_set = true;
	if (shmstat_set_find(&scratch->dest, &obj->id))
		entry->obj.flags |= SHMSTAT_DEST;
	if (!obj->name)
		return 0;
	entry->name_size = strlen(obj->name) + 1;
	entry->name = shmstat_alloc(snap->budget, entry->name_size);
	if (!entry->name)
		return -ENOMEM;
	memcpy(entry->name, obj->name, entry->name_size);
	return 0;
}

static void prepare_ranking(struct ranking *ranking,
			    struct shmstat_budget *budget)
{
	shmstat_rows_init(&ranking->entries, budget, sizeof(struct entry));
	shmstat_set_init(&ranking->ids, budget);
}

static void release_ranking(struct shmstat_snapshot *snap,
			    struct ranking *ranking)
{
	u32 nr;

	for (nr = 0; nr < ranking->entries.count; nr++)
		free_name(snap, shmstat_rows_at(&ranking->entries, nr));
	shmstat_rows_free(&ranking->entries);
	shmstat_set_free(&ranking->ids);
	shmstat_largest_free(&ranking->largest, snap->budget);
}

/* The entry for an object whose weight the ranking takes; NULL without memory. */
static struct entry *add_entry(struct ranking *ranking, u64 weight)
{
	u32 place = shmstat_largest_add(&ranking->largest, weight);
	struct entry *entry;

	if (place < ranking->entries.count)
		return shmstat_rows_at(&ranking->entries, place);
	entry = shmstat_rows_add(&ranking->entries);
	if (entry) {
		entry->holder = SHMSTAT_NO_ROW;
		entry->by = SHMSTAT_BY_UNKNOWN;
	}
	return entry;
}

/* The entry at a rank, from 0, after index_ranking(). */
static struct entry *entry_at(const struct ranking *ranking, u32 rank)
{
	return shmstat_rows_at(&ranking->entries,
			       ranking->largest.items[rank].place);
}

/* Sorts a ranking. The number of an id in @ids is its rank then. */
static int index_ranking(struct ranking *ranking)
{
	u32 rank;

	shmstat_largest_sort(&ranking->largest);
	for (rank = 0; rank < ranking->largest.count; rank++)
		if (!shmstat_set_add(&ranking->ids,
				     &entry_at(ranking, rank)->obj.id))
			return -ENOMEM;
	return 0;
}

static bool needs_path(struct shmstat_snapshot *snap,
		       const struct shmstat_inode *read)
{
	struct scratch *scratch = snap->scratch;

	return shmstat_largest_takes(&scratch->top.largest,
				     weight_of(read->resident, read->swapped));
}

static int add_object(struct shmstat_snapshot *snap,
		      const struct shmstat_super *super,
		      const struct shmstat_object *obj, struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	u64 bytes = weight_of(obj->resident, obj->swapped);
	struct shmstat_member *member;
	struct entry *entry;
	int ret;

	ret = shmstat_sums_add(&scratch->sums, super, obj);
	if (ret)
		return ret;
	scratch->top.total++;
	if (shmstat_largest_takes(&scratch->top.largest, bytes)) {
		entry = add_entry(&scratch->top, bytes);
		if (!entry || set_entry(snap, entry, obj))
			return -ENOMEM;
	}
	if (shmstat_object_has_path(obj, super) || obj->flags & SHMSTAT_MAPPED)
		return 0;
	member = shmstat_set_add(&scratch->loose, &obj->id);
	if (!member)
		return -ENOMEM;
	member->info = min_t(u64, bytes >> PAGE_SHIFT, HELD - 1);
	return 0;
}

static void read_counter(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_sums_read_counter(&scratch->sums);
}

static const struct shmstat_scan report_scan = {
	.needs_path	= needs_path,
	.object		= add_object,
	.end		= read_counter,
};

static u32 hash_holder(const void *row)
{
	const struct holder *holder = row;

	return hash_64((u64)holder->rank << 32 | (u32)holder->tgid, 32);
}

static bool match_holder(const void *row, const void *key)
{
	const struct holder *holder = row;
	const struct holder *wanted = key;

	return holder->rank == wanted->rank && holder->tgid == wanted->tgid;
}

static int add_holder(struct shmstat_snapshot *snap, u32 rank, pid_t tgid)
{
	struct scratch *scratch = snap->scratch;
	struct entry *entry = entry_at(&scratch->top, rank);
	const struct holder key = { .rank = rank, .tgid = tgid };
	struct holder *holder;
	int ret = 0;

	if (shmstat_hash_find(&scratch->by_holder, hash_holder(&key),
			      match_holder, &key))
		return 0;
	if (entry->holder == SHMSTAT_NO_ROW)
		ret = shmstat_procs_add_tgid(snap->procs, tgid,
					     &entry->holder);
	/* The process has ended, and no longer holds anything. */
	if (ret || entry->holder == SHMSTAT_NO_ROW)
		return ret;
	/* The first holder of an object is kept in any case. */
	if (scratch->holders.count >= MAX_HOLDERS && entry->holders) {
		entry->more_holders = true;
		return 0;
	}
	holder = shmstat_rows_add(&scratch->holders);
	if (!holder)
		return -ENOMEM;
	*holder = key;
	entry->holders++;
	return shmstat_hash_add(&scratch->by_holder,
				scratch->holders.count - 1);
}

static int add_hold(const struct shmstat_hold *hold, void *arg)
{
	struct shmstat_snapshot *snap = arg;
	struct scratch *scratch = snap->scratch;
	struct shmstat_member *member;
	struct entry *entry;
	u32 rank;

	member = shmstat_set_find(&scratch->loose, &hold->id);
	if (member)
		member->info |= HELD;
	rank = shmstat_set_find_nr(&scratch->top.ids, &hold->id);
	if (rank == SHMSTAT_NO_ROW)
		return 0;
	if (hold->by == SHMSTAT_BY_PROCESS)
		return add_holder(snap, rank, hold->tgid);
	entry = entry_at(&scratch->top, rank);
	entry->by = hold->by;
	entry->keeper = hold->nr;
	return 0;
}

/* Ranks the objects that no holder was found for. So far only ids are kept. */
static int rank_unknown(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;
	struct ranking *unknown = &scratch->unknown;
	struct entry *entry;
	u32 nr;

	for (nr = 0; nr < scratch->loose.rows.count; nr++) {
		const struct shmstat_member *member;

		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
		member = shmstat_set_at(&scratch->loose, nr);
		if (member->info & HELD)
			continue;
		unknown->total++;
		if (!shmstat_largest_takes(&unknown->largest, member->info))
			continue;
		entry = add_entry(unknown, member->info);
		if (!entry)
			return -ENOMEM;
		entry->obj.id = member->id;
	}
	return index_ranking(unknown);
}

static bool is_unknown(struct shmstat_snapshot *snap,
		       const struct shmstat_inode *read)
{
	struct scratch *scratch = snap->scratch;

	return !read->mapped &&
	       shmstat_set_find(&scratch->unknown.ids, &read->id);
}

static bool is_mapped_top(struct shmstat_snapshot *snap,
			  const struct shmstat_inode *read)
{
	struct scratch *scratch = snap->scratch;

	return read->mapped && shmstat_set_find(&scratch->top.ids, &read->id);
}

static int add_mappers(struct shmstat_snapshot *snap, u32 rank,
		       struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	u32 count, nr;
	int ret;

	ret = shmstat_mappers_get(&scratch->mappers, &count, MAX_HOLDERS,
				  inode->i_mapping);
	if (!ret && count == MAX_HOLDERS)
		entry_at(&scratch->top, rank)->more_holders = true;
	for (nr = 0; !ret && nr < count; nr++) {
		const struct shmstat_mapper *mapper;

		mapper = shmstat_rows_at(&scratch->mappers, nr);
		ret = add_holder(snap, rank, mapper->tgid);
		cond_resched();
	}
	return ret;
}

static int add_details(struct shmstat_snapshot *snap,
		       const struct shmstat_super *super,
		       const struct shmstat_object *obj, struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	u32 rank;

	if (inode)
		return add_mappers(snap, shmstat_set_find_nr(&scratch->top.ids,
							     &obj->id), inode);
	if (obj->flags & SHMSTAT_MAPPED)
		return 0;
	rank = shmstat_set_find_nr(&scratch->unknown.ids, &obj->id);
	if (rank == SHMSTAT_NO_ROW)
		return 0;
	return set_entry(snap, entry_at(&scratch->unknown, rank), obj);
}

static const struct shmstat_scan details_scan = {
	.needs_path	= is_unknown,
	.needs_inode	= is_mapped_top,
	.object		= add_details,
};

static bool any_mapped(const struct ranking *ranking)
{
	u32 rank;

	for (rank = 0; rank < ranking->largest.count; rank++)
		if (entry_at(ranking, rank)->obj.flags & SHMSTAT_MAPPED)
			return true;
	return false;
}

/* Completes the entries: who maps those of @top, and what those of @unknown are. */
static int scan_details(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	if (!scratch->unknown.largest.count && !any_mapped(&scratch->top))
		return 0;
	return shmstat_scan_again(snap, &details_scan);
}

static int add_line(struct shmstat_snapshot *snap, struct line line)
{
	struct line *row = shmstat_rows_add(&snap->rows);

	if (!row)
		return -ENOMEM;
	*row = line;
	return 0;
}

static int add_supers(struct shmstat_snapshot *snap)
{
	int ret = add_line(snap, (struct line) { .show = show_supers_head });
	u32 nr;

	for (nr = 0; !ret && nr < snap->supers->rows.count; nr++)
		ret = add_line(snap, (struct line) {
			.show = show_super,
			.super = shmstat_supers_at(snap->supers, nr),
		});
	return ret;
}

static int add_ranking(struct shmstat_snapshot *snap,
		       const struct ranking *ranking, show_line_fn *head,
		       show_line_fn *tail)
{
	u32 count = ranking->largest.count, shown = 0, rank;
	int ret = add_line(snap, (struct line) { .show = head });

	for (rank = 0; !ret && rank < count; rank++) {
		const struct entry *entry = entry_at(ranking, rank);

		/* Removed or mapped since it was ranked. */
		if (!entry->is_set)
			continue;
		ret = add_line(snap, (struct line) {
			.show = show_object, .entry = entry,
		});
		shown++;
	}
	if (ret)
		return ret;
	if (ranking->total > count)
		return add_line(snap, (struct line) {
			.show = tail, .number = ranking->total - count,
		});
	return shown ? 0 : add_line(snap, (struct line) { .show = show_none });
}

static int add_lines(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	return add_line(snap, (struct line) { .show = show_counter }) ?:
	       add_line(snap, (struct line) { .show = show_kinds }) ?:
	       add_supers(snap) ?:
	       add_ranking(snap, &scratch->unknown, show_unknown_head,
			   show_more_unknown) ?:
	       add_ranking(snap, &scratch->top, show_largest_head, show_more);
}

static int before(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;
	struct shmstat_budget *budget = snap->budget;
	u32 rows = READ_ONCE(shmstat_report_rows);

	return shmstat_largest_init(&scratch->top.largest, budget, rows) ?:
	       shmstat_largest_init(&scratch->unknown.largest, budget, rows) ?:
	       shmstat_scan_dest(&scratch->dest, budget);
}

static int after(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	return index_ranking(&scratch->top) ?:
	       shmstat_scan_descriptors(&scratch->descriptors, add_hold, snap) ?:
	       rank_unknown(snap) ?:
	       scan_details(snap);
}

static int finish(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	return shmstat_sums_finish(&scratch->sums, snap->supers) ?:
	       add_lines(snap);
}

static void prepare(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;
	struct shmstat_budget *budget = snap->budget;

	shmstat_sums_init(&scratch->sums, budget);
	shmstat_set_init(&scratch->dest, budget);
	shmstat_set_init(&scratch->loose, budget);
	prepare_ranking(&scratch->top, budget);
	prepare_ranking(&scratch->unknown, budget);
	shmstat_rows_init(&scratch->holders, budget, sizeof(struct holder));
	shmstat_hash_init(&scratch->by_holder, &scratch->holders,
			  offsetof(struct holder, next), hash_holder);
	shmstat_descriptors_init(&scratch->descriptors, budget);
	shmstat_rows_init(&scratch->mappers, budget,
			  sizeof(struct shmstat_mapper));
}

static void release(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	release_ranking(snap, &scratch->top);
	release_ranking(snap, &scratch->unknown);
	shmstat_sums_free(&scratch->sums);
	shmstat_set_free(&scratch->dest);
	shmstat_set_free(&scratch->loose);
	shmstat_hash_free(&scratch->by_holder);
	shmstat_rows_free(&scratch->holders);
	shmstat_descriptors_free(&scratch->descriptors);
	shmstat_rows_free(&scratch->mappers);
}

static void show(struct seq_file *m, const struct shmstat_snapshot *snap,
		 const void *row)
{
	const struct line *line = row;

	line->show(m, snap, line);
}

const struct shmstat_view shmstat_report_view = {
	.name		= "shmstat",
	.row_size	= sizeof(struct line),
	.scratch_size	= sizeof(struct scratch),
	.superblocks	= true,
	.posix		= true,
	.shows_incomplete = true,
	.prepare	= prepare,
	.before		= before,
	.scan		= &report_scan,
	.after		= after,
	.finish		= finish,
	.release	= release,
	.show		= show,
};

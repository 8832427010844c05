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
#include "../largest.h"
#include "../mapping.h"
#include "../roots.h"
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
 * struct line - a record of the report: some lines of text
 * @show: writes them
 * @what: what they are about, or NULL
 * @number: a number they are about
 */
struct line {
	show_line_fn *show;
	const void *what;
	u32 number;
};

/**
 * struct entry - an object to be shown
 * @obj: the object
 * @name: its name, allocated for it, or NULL
 * @name_size: bytes allocated
 * @holders: how many processes hold it
 * @holders_more: whether there may be more of them
 * @holder: the number of one of them
 */
struct entry {
	struct shmstat_object obj;
	char *name;
	size_t name_size;
	u32 holders;
	bool holders_more;
	u32 holder;
};

/**
 * struct holder - one process that holds one of the largest objects
 * @entry: the number of the object among them
 * @tgid: the process
 * @next: for finding it
 */
struct holder {
	u32 entry;
	pid_t tgid;
	u32 next;
};

/* How many of these there may be beside one for each object. */
#define MAX_HOLDERS	16384

/**
 * struct scratch - what the report is made from
 * @sums: what the objects add up to
 * @dest: the segments that are marked for destruction
 * @largest: the largest objects, each a &struct entry
 * @tops: the same by id, in the order of @largest
 * @loose: the objects that no path leads to and no process maps; info is their
 *	size in pages, and HELD once a holder was found
 * @unheld: the largest of them without a holder, at first by their number, in
 *	the end each a &struct entry
 * @unheld_ids: the same by id, in the order of @unheld
 * @holders: every &struct holder
 * @holders_index: finds them
 * @mappers: an array of &struct shmstat_mapper, of one object
 */
struct scratch {
	struct shmstat_sums sums;
	struct shmstat_set dest;
	struct shmstat_largest largest;
	struct shmstat_set tops;
	struct shmstat_set loose;
	struct shmstat_largest unheld;
	struct shmstat_set unheld_ids;
	struct shmstat_rows holders;
	struct shmstat_index holders_index;
	struct shmstat_rows mappers;
};

#define HELD	BIT(31)

static u64 kb(u64 bytes)
{
	return bytes >> 10;
}

static void show_counter(struct seq_file *m,
			 const struct shmstat_snapshot *snap, const struct line *line)
{
	const struct scratch *scratch = snap->scratch;
	const struct shmstat_sum *total = &scratch->sums.total;
	s64 lag = snap->nr_shmem_lag;
	s64 rest = snap->nr_shmem + lag - total->resident;
	u64 tenths = 1000;

	if (snap->nr_shmem)
		tenths = div64_u64(total->resident * 1000 + snap->nr_shmem / 2,
				   snap->nr_shmem);

	seq_printf(m, "Shmem:      %12llu kB\n", kb(snap->nr_shmem));
	seq_printf(m, "Accounted:  %12llu kB (%llu.%llu%%) in %llu objects",
		   kb(total->resident), tenths / 10, tenths % 10,
		   total->objects);
	if (lag)
		seq_printf(m, "; %llu kB %s in Shmem yet, CPUs add up late",
			   kb(abs(lag)), lag > 0 ? "are not" : "too much are");
	seq_putc(m, '\n');
	if (rest)
		seq_printf(m, "Changed:    %12lld kB came or went while this was read\n",
			   rest / SZ_1K);
	if (snap->unseen)
		seq_puts(m, "Not seen:   some file systems: they were mounted and unmounted too fast for the kernel's list to be walked\n");
}

static const char * const kind_words[SHMSTAT_NR_KINDS] = {
	[SHMSTAT_SYSV]		= "System V segments, shmget(2)",
	[SHMSTAT_POSIX]		= "files in /dev/shm, shm_open(3)",
	[SHMSTAT_ANON]		= "anonymous shared mappings, mmap(2)",
	[SHMSTAT_MEMFD]		= "memfd_create(2)",
	[SHMSTAT_GPU]		= "buffers of graphics drivers",
	[SHMSTAT_TMPFS]		= "files on any other tmpfs",
	[SHMSTAT_KERNEL]	= "files the kernel keeps for itself",
};

static void show_sum(struct seq_file *m, const struct shmstat_sum *sum,
		     const char *words)
{
	seq_printf(m, "%-8s %10llu %14llu %12llu %12llu  %s\n", sum->label,
		   sum->objects, kb(sum->size), kb(sum->resident),
		   kb(sum->swapped), words);
}

/* Huge pages are a pool of their own, which Shmem does not count. */
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
	const struct shmstat_rows *kinds = &scratch->sums.kinds;
	u32 nr;

	seq_puts(m, "\nBy kind, in kB\n");
	seq_printf(m, "%-8s %10s %14s %12s %12s  %s\n", "KIND", "OBJECTS",
		   "SIZE", "RESIDENT", "SWAPPED", "WHAT");
	for (nr = 0; nr < SHMSTAT_NR_KINDS; nr++)
		show_sum(m, shmstat_rows_at(kinds, nr), kind_words[nr]);
	show_sum(m, &scratch->sums.total, "");
	for (; nr < kinds->count; nr++)
		show_huge_sum(m, shmstat_rows_at(kinds, nr));
}

static void show_supers_head(struct seq_file *m,
			     const struct shmstat_snapshot *snap,
			     const struct line *line)
{
	seq_puts(m, "\nBy file system, in kB (internal: the kernel's own mount, no path leads there)\n");
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
	const struct shmstat_super *super = line->what;
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

static void show_unheld_head(struct seq_file *m,
			     const struct shmstat_snapshot *snap,
			     const struct line *line)
{
	seq_puts(m, "\nHeld by no process: no path, descriptor, mapping or GPU handle leads to them, in kB\n");
	show_object_head(m);
}

static void show_largest_head(struct seq_file *m,
			      const struct shmstat_snapshot *snap,
			      const struct line *line)
{
	seq_puts(m, "\nLargest objects, in kB (TRUNCATE: can the size be cut under those who map it)\n");
	show_object_head(m);
}

/* Ends a cell that was written since @from, @width wide or wider. */
static void pad(struct seq_file *m, size_t from, size_t width)
{
	do {
		seq_putc(m, ' ');
	} while (!seq_has_overflowed(m) && m->count - from <= width);
}

static void put_holder(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const struct entry *entry)
{
	const struct shmstat_proc *proc;

	proc = shmstat_rows_at(&snap->procs.rows, entry->holder);
	if (!proc) {
		seq_putc(m, '-');
		return;
	}
	seq_printf(m, "%d/", proc->pid);
	shmstat_put_text(m, proc->comm);
	if (entry->holders > 1 || entry->holders_more)
		seq_printf(m, " +%u%s", entry->holders - 1,
			   entry->holders_more ? " or more" : "");
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
	const struct entry *entry = line->what;
	const struct shmstat_object *obj = &entry->obj;
	size_t from;

	seq_printf(m, "%12llu %12llu %14llu ", kb(obj->resident),
		   kb(obj->swapped), kb(obj->size));
	from = m->count;
	put_kind(m, obj, shmstat_super_at(snap, obj));
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

static void show_more_unheld(struct seq_file *m,
			     const struct shmstat_snapshot *snap,
			     const struct line *line)
{
	seq_printf(m, "and %u more, all listed with pid - in /proc/shmstat/holders\n",
		   line->number);
}

static void show_none(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const struct line *line)
{
	seq_puts(m, "none\n");
}

static void free_entry(struct shmstat_snapshot *snap, struct entry *entry)
{
	if (!entry)
		return;
	shmstat_free(&snap->budget, entry->name, entry->name_size);
	shmstat_free(&snap->budget, entry, sizeof(*entry));
}

static struct entry *make_entry(struct shmstat_snapshot *snap,
				const struct shmstat_object *obj)
{
	struct scratch *scratch = snap->scratch;
	struct entry *entry = shmstat_alloc(&snap->budget, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->obj = *obj;
	entry->holder = SHMSTAT_NO_ROW;
	if (shmstat_set_find(&scratch->dest, &obj->id))
		entry->obj.flags |= SHMSTAT_DEST;
	if (!obj->name)
		return entry;
	entry->name_size = strlen(obj->name) + 1;
	entry->name = shmstat_alloc(&snap->budget, entry->name_size);
	if (!entry->name) {
		shmstat_free(&snap->budget, entry, sizeof(*entry));
		return NULL;
	}
	memcpy(entry->name, obj->name, entry->name_size);
	return entry;
}

static u64 weight_of(const struct shmstat_inode *read)
{
	return read->resident + read->swapped;
}

static bool needs_path(struct shmstat_snapshot *snap,
		       const struct shmstat_inode *read)
{
	struct scratch *scratch = snap->scratch;

	return shmstat_largest_takes(&scratch->largest, weight_of(read));
}

static int add_largest(struct shmstat_snapshot *snap,
		       const struct shmstat_object *obj)
{
	struct scratch *scratch = snap->scratch;
	u64 weight = shmstat_object_weight(obj);
	struct entry *entry = NULL;
	unsigned long out;

	if (shmstat_largest_takes(&scratch->largest, weight)) {
		entry = make_entry(snap, obj);
		if (!entry)
			return -ENOMEM;
	}
	if (shmstat_largest_add(&scratch->largest, weight,
				(unsigned long)entry, &out))
		free_entry(snap, (struct entry *)out);
	return 0;
}

static int add_object(struct shmstat_snapshot *snap,
		      const struct shmstat_super *super,
		      struct shmstat_object *obj, struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	struct shmstat_member *member;
	int ret;

	ret = shmstat_sums_add(&scratch->sums, super, obj) ?:
	      add_largest(snap, obj);
	if (ret || shmstat_object_has_name(obj, super) ||
	    obj->flags & SHMSTAT_MAPPED)
		return ret;
	member = shmstat_set_add(&scratch->loose, &obj->id);
	if (!member)
		return -ENOMEM;
	member->info = min_t(u64, shmstat_object_weight(obj) >> PAGE_SHIFT,
			     HELD - 1);
	return 0;
}

static const struct shmstat_scan report_scan = {
	.needs_path	= needs_path,
	.object		= add_object,
};

static struct entry *entry_at(const struct shmstat_largest *largest, u32 nr)
{
	return (struct entry *)largest->items[nr].what;
}

/* Orders the largest objects, and lets them be found. */
static int index_largest(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;
	u32 nr;

	shmstat_largest_sort(&scratch->largest);
	for (nr = 0; nr < scratch->largest.count; nr++)
		if (!shmstat_set_add(&scratch->tops,
				     &entry_at(&scratch->largest, nr)->obj.id))
			return -ENOMEM;
	return 0;
}

static u32 hash_holder(const void *row)
{
	const struct holder *holder = row;

	return hash_64((u64)holder->entry << 32 | (u32)holder->tgid, 32);
}

static bool match_holder(const void *row, const void *key)
{
	const struct holder *holder = row;
	const struct holder *want = key;

	return holder->entry == want->entry && holder->tgid == want->tgid;
}

static int add_holder(struct shmstat_snapshot *snap, u32 nr, pid_t tgid)
{
	struct scratch *scratch = snap->scratch;
	struct entry *entry = entry_at(&scratch->largest, nr);
	const struct holder key = { .entry = nr, .tgid = tgid };
	struct holder *holder;
	int ret = 0;

	if (shmstat_index_find(&scratch->holders_index, hash_holder(&key),
			       match_holder, &key))
		return 0;
	if (entry->holder == SHMSTAT_NO_ROW)
		ret = shmstat_procs_add_tgid(&snap->procs, tgid,
					     &entry->holder);
	/* Gone meanwhile, and what it held with it. */
	if (ret || entry->holder == SHMSTAT_NO_ROW)
		return ret;
	/* Whatever others do, each object has one. */
	if (scratch->holders.count >= MAX_HOLDERS && entry->holders) {
		entry->holders_more = true;
		return 0;
	}
	holder = shmstat_rows_add(&scratch->holders);
	if (!holder)
		return -ENOMEM;
	*holder = key;
	entry->holders++;
	return shmstat_index_add(&scratch->holders_index,
				 scratch->holders.count - 1);
}

static int add_found(struct shmstat_snapshot *snap,
		     const struct shmstat_hold *hold)
{
	struct scratch *scratch = snap->scratch;
	struct shmstat_member *member;
	u32 nr = shmstat_set_find_nr(&scratch->tops, &hold->id);

	member = shmstat_set_find(&scratch->loose, &hold->id);

	if (member)
		member->info |= HELD;
	if (nr == SHMSTAT_NO_ROW)
		return 0;
	return add_holder(snap, nr, task_tgid_nr(hold->task));
}

/* The largest of those that no holder was found of. */
static int choose_unheld(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;
	struct shmstat_largest *unheld = &scratch->unheld;
	unsigned long out;
	int ret = 0;
	u32 nr;

	for (nr = 0; nr < scratch->loose.rows.count; nr++) {
		const struct shmstat_member *member;

		member = shmstat_rows_at(&scratch->loose.rows, nr);
		if (!(member->info & HELD))
			shmstat_largest_add(unheld, member->info, nr, &out);
		cond_resched();
		if (fatal_signal_pending(current))
			break;
	}
	shmstat_largest_sort(unheld);
	for (nr = 0; nr < unheld->count; nr++) {
		const struct shmstat_member *member;

		member = shmstat_rows_at(&scratch->loose.rows,
					 unheld->items[nr].what);
		/* From here on it is an entry, once that is known. */
		unheld->items[nr].what = 0;
		if (!ret && !shmstat_set_add(&scratch->unheld_ids, &member->id))
			ret = -ENOMEM;
	}
	return fatal_signal_pending(current) ? -EINTR : ret;
}

static bool is_unheld(struct shmstat_snapshot *snap,
		      const struct shmstat_inode *read)
{
	struct scratch *scratch = snap->scratch;

	return !read->mapped &&
	       shmstat_set_find(&scratch->unheld_ids, &read->id);
}

static bool is_mapped_top(struct shmstat_snapshot *snap,
			  const struct shmstat_inode *read)
{
	struct scratch *scratch = snap->scratch;

	return read->mapped && shmstat_set_find(&scratch->tops, &read->id);
}

static int add_mappers(struct shmstat_snapshot *snap, u32 entry,
		       struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	u32 count, nr;
	int ret;

	ret = shmstat_mappers_get(&scratch->mappers, &count, MAX_HOLDERS,
				  inode->i_mapping);
	if (!ret && count == MAX_HOLDERS)
		entry_at(&scratch->largest, entry)->holders_more = true;
	for (nr = 0; !ret && nr < count; nr++) {
		const struct shmstat_mapper *mapper;

		mapper = shmstat_rows_at(&scratch->mappers, nr);
		ret = add_holder(snap, entry, mapper->tgid);
		cond_resched();
	}
	return ret;
}

static int add_details(struct shmstat_snapshot *snap,
		       const struct shmstat_super *super,
		       struct shmstat_object *obj, struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	struct entry *entry;
	u32 nr;

	if (inode)
		return add_mappers(snap, shmstat_set_find_nr(&scratch->tops,
							     &obj->id), inode);
	if (obj->flags & SHMSTAT_MAPPED)
		return 0;
	nr = shmstat_set_find_nr(&scratch->unheld_ids, &obj->id);
	if (nr == SHMSTAT_NO_ROW)
		return 0;
	entry = make_entry(snap, obj);
	if (!entry)
		return -ENOMEM;
	free_entry(snap, entry_at(&scratch->unheld, nr));
	scratch->unheld.items[nr].what = (unsigned long)entry;
	return 0;
}

static const struct shmstat_scan details_scan = {
	.needs_path	= is_unheld,
	.wants		= is_mapped_top,
	.object		= add_details,
};

static bool any_mapped(const struct shmstat_largest *largest)
{
	u32 nr;

	for (nr = 0; nr < largest->count; nr++)
		if (entry_at(largest, nr)->obj.flags & SHMSTAT_MAPPED)
			return true;
	return false;
}

/* What is known only now to be wanted, of a few objects. */
static int scan_details(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	if (!scratch->unheld.count && !any_mapped(&scratch->largest))
		return 0;
	return shmstat_scan_again(snap, &details_scan);
}

static int add_line(struct shmstat_snapshot *snap, show_line_fn *show,
		    const void *what, u32 number)
{
	struct line *line = shmstat_rows_add(&snap->rows);

	if (!line)
		return -ENOMEM;
	line->show = show;
	line->what = what;
	line->number = number;
	return 0;
}

static int add_supers(struct shmstat_snapshot *snap)
{
	int ret = add_line(snap, show_supers_head, NULL, 0);
	u32 nr;

	for (nr = 0; !ret && nr < snap->supers.count; nr++)
		ret = add_line(snap, show_super,
			       shmstat_rows_at(&snap->supers, nr), 0);
	return ret;
}

static int add_entries(struct shmstat_snapshot *snap,
		       const struct shmstat_largest *largest,
		       show_line_fn *head, show_line_fn *tail)
{
	int ret = add_line(snap, head, NULL, 0);
	u32 shown = 0, nr;

	for (nr = 0; !ret && nr < largest->count; nr++) {
		const struct entry *entry = entry_at(largest, nr);

		/* Freed, or mapped, since it was chosen. */
		if (!entry)
			continue;
		ret = add_line(snap, show_object, entry, 0);
		shown++;
	}
	if (!ret && largest->seen > largest->count)
		return add_line(snap, tail, NULL,
				largest->seen - largest->count);
	return ret || shown ? ret : add_line(snap, show_none, NULL, 0);
}

static int add_lines(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	return add_line(snap, show_counter, NULL, 0) ?:
	       add_line(snap, show_kinds, NULL, 0) ?:
	       add_supers(snap) ?:
	       add_entries(snap, &scratch->unheld, show_unheld_head,
			   show_more_unheld) ?:
	       add_entries(snap, &scratch->largest, show_largest_head,
			   show_more);
}

static int collect(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;
	u32 rows = READ_ONCE(shmstat_report_rows);

	return shmstat_largest_init(&scratch->largest, &snap->budget, rows) ?:
	       shmstat_largest_init(&scratch->unheld, &snap->budget, rows) ?:
	       shmstat_scan_dest(snap, &scratch->dest) ?:
	       shmstat_scan_objects(snap, &report_scan) ?:
	       index_largest(snap) ?:
	       shmstat_scan_descriptors(snap, add_found) ?:
	       choose_unheld(snap) ?:
	       scan_details(snap) ?:
	       shmstat_posix_scan(snap) ?:
	       shmstat_sums_finish(&scratch->sums, snap) ?:
	       add_lines(snap);
}

static void prepare(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_sums_init(&scratch->sums, &snap->budget);
	shmstat_set_init(&scratch->dest, &snap->budget);
	shmstat_set_init(&scratch->tops, &snap->budget);
	shmstat_set_init(&scratch->loose, &snap->budget);
	shmstat_set_init(&scratch->unheld_ids, &snap->budget);
	shmstat_rows_init(&scratch->holders, &snap->budget,
			  sizeof(struct holder));
	shmstat_index_init(&scratch->holders_index, &scratch->holders,
			   offsetof(struct holder, next), hash_holder);
	shmstat_rows_init(&scratch->mappers, &snap->budget,
			  sizeof(struct shmstat_mapper));
}

/* Of @unheld, the numbers have become entries; see choose_unheld(). */
static void free_entries(struct shmstat_snapshot *snap,
			 struct shmstat_largest *largest)
{
	u32 nr;

	for (nr = 0; nr < largest->count; nr++)
		free_entry(snap, entry_at(largest, nr));
	shmstat_largest_free(largest, &snap->budget);
}

static void release(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	free_entries(snap, &scratch->largest);
	free_entries(snap, &scratch->unheld);
	shmstat_sums_free(&scratch->sums);
	shmstat_set_free(&scratch->dest);
	shmstat_set_free(&scratch->tops);
	shmstat_set_free(&scratch->loose);
	shmstat_set_free(&scratch->unheld_ids);
	shmstat_index_free(&scratch->holders_index);
	shmstat_rows_free(&scratch->holders);
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
	.says_unseen	= true,
	.prepare	= prepare,
	.collect	= collect,
	.release	= release,
	.show		= show,
};

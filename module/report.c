// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/shmstat: the report for people.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "hold.h"
#include "sum.h"
#include "table.h"
#include "views.h"

unsigned int shmstat_report_rows = 40;

/**
 * struct line - a record of the report: some lines of text
 * @show: writes them
 * @what: what they are about
 */
struct line {
	shmstat_show_fn *show;
	const void *what;
};

static u64 kb(u64 bytes)
{
	return bytes >> 10;
}

static void show_counter(struct seq_file *m,
			 const struct shmstat_snapshot *snap, const void *what)
{
	const struct shmstat_sum *total = shmstat_sum_total(&snap->sums);
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
static void show_huge_sums(struct seq_file *m, const struct shmstat_rows *sums)
{
	u32 nr;

	for (nr = SHMSTAT_NR_KINDS; nr < sums->count - 2; nr++) {
		const struct shmstat_sum *sum = shmstat_rows_at(sums, nr);

		seq_printf(m, "%-8s %10llu %14llu %12llu %12llu  in huge pages of %llu kB, not part of Shmem\n",
			   sum->label, sum->objects, kb(sum->size),
			   kb(sum->resident), kb(sum->swapped),
			   kb(sum->pagesize));
	}
}

static void show_kinds(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const void *what)
{
	u32 kind;

	seq_puts(m, "\nBy kind, in kB\n");
	seq_printf(m, "%-8s %10s %14s %12s %12s  %s\n", "KIND", "OBJECTS",
		   "SIZE", "RESIDENT", "SWAPPED", "WHAT");
	for (kind = 0; kind < SHMSTAT_NR_KINDS; kind++)
		show_sum(m, shmstat_rows_at(&snap->sums, kind),
			 kind_words[kind]);
	show_sum(m, shmstat_sum_total(&snap->sums), "");
	show_huge_sums(m, &snap->sums);
}

static void show_supers_head(struct seq_file *m,
			     const struct shmstat_snapshot *snap,
			     const void *what)
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
		       const void *what)
{
	const struct shmstat_super *super = what;
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
			     const void *what)
{
	seq_puts(m, "\nHeld by no process: no path, descriptor, mapping or GPU handle leads to them, in kB\n");
	show_object_head(m);
}

static void show_largest_head(struct seq_file *m,
			      const struct shmstat_snapshot *snap,
			      const void *what)
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
		       const struct shmstat_object *obj)
{
	const struct shmstat_holder *holder;

	if (!obj->holders) {
		seq_putc(m, '-');
		return;
	}
	holder = shmstat_rows_at(&snap->holders, obj->holder);
	seq_printf(m, "%d/", holder->who.pid);
	shmstat_put_text(m, holder->who.comm);
	if (obj->holders > 1)
		seq_printf(m, " +%u", obj->holders - 1);
}

static void put_kind(struct seq_file *m, const struct shmstat_snapshot *snap,
		     const struct shmstat_object *obj)
{
	u32 pagesize = shmstat_object_pagesize(snap, obj);

	seq_puts(m, shmstat_kind_names[obj->kind]);
	if (pagesize >= SZ_1G)
		seq_printf(m, "/%uG", pagesize / SZ_1G);
	else if (pagesize != PAGE_SIZE)
		seq_printf(m, "/%uM", pagesize / SZ_1M);
}

static void show_object(struct seq_file *m, const struct shmstat_snapshot *snap,
			const void *what)
{
	const struct shmstat_object *obj = what;
	size_t from;

	seq_printf(m, "%12llu %12llu %14llu ", kb(obj->resident),
		   kb(obj->swapped), kb(obj->size));
	from = m->count;
	put_kind(m, snap, obj);
	pad(m, from, 10);
	seq_printf(m, "%-8s ", shmstat_truncate_name(obj));
	from = m->count;
	shmstat_put_flags(m, obj->flags);
	pad(m, from, 16);
	from = m->count;
	put_holder(m, snap, obj);
	pad(m, from, 24);
	from = m->count;
	shmstat_put_id(m, &obj->id);
	pad(m, from, 26);
	shmstat_put_text(m, obj->name);
	seq_putc(m, '\n');
}

static void show_more(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *what)
{
	u32 more = (uintptr_t)what;

	if (more)
		seq_printf(m, "and %u more, all listed in /proc/shmstat/objects\n",
			   more);
}

static void show_more_unheld(struct seq_file *m,
			     const struct shmstat_snapshot *snap,
			     const void *what)
{
	u32 more = (uintptr_t)what;

	if (more)
		seq_printf(m, "and %u more, all listed with pid - in /proc/shmstat/holders\n",
			   more);
}

static int add_line(struct shmstat_snapshot *snap, shmstat_show_fn *show,
		    const void *what)
{
	struct line *line = shmstat_rows_add(&snap->rows);

	if (!line)
		return -ENOMEM;
	line->show = show;
	line->what = what;
	return 0;
}

/**
 * struct top - the largest of many objects
 * @objs: them, largest first
 * @room: how many at most
 * @count: how many
 * @seen: out of how many
 */
struct top {
	const struct shmstat_object **objs;
	u32 room;
	u32 count;
	u32 seen;
};

static u64 weight(const struct shmstat_object *obj)
{
	return obj->resident + obj->swapped;
}

static void top_add(struct top *top, const struct shmstat_object *obj)
{
	u32 at;

	top->seen++;
	if (top->count < top->room)
		at = top->count++;
	else if (top->room && weight(obj) > weight(top->objs[top->room - 1]))
		at = top->room - 1;
	else
		return;
	for (; at && weight(obj) > weight(top->objs[at - 1]); at--)
		top->objs[at] = top->objs[at - 1];
	top->objs[at] = obj;
}

static void show_none(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *what)
{
	seq_puts(m, "none\n");
}

static int add_top(struct shmstat_snapshot *snap, struct top *top,
		   bool (*wanted)(const struct shmstat_snapshot *snap,
				  const struct shmstat_object *obj),
		   shmstat_show_fn *head, shmstat_show_fn *tail)
{
	u32 nr;
	int ret;

	top->count = 0;
	top->seen = 0;
	for (nr = 0; nr < snap->objects.count; nr++) {
		const struct shmstat_object *obj;

		obj = shmstat_rows_at(&snap->objects, nr);
		if (!wanted || wanted(snap, obj))
			top_add(top, obj);
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}

	ret = add_line(snap, head, NULL);
	if (!ret && !top->seen)
		return add_line(snap, show_none, NULL);
	for (nr = 0; !ret && nr < top->count; nr++)
		ret = add_line(snap, show_object, top->objs[nr]);
	return ret ?: add_line(snap, tail,
			       (void *)(uintptr_t)(top->seen - top->count));
}

static int add_tops(struct shmstat_snapshot *snap)
{
	struct top top = { .room = READ_ONCE(shmstat_report_rows) };
	int ret;

	top.objs = kvmalloc_array(top.room, sizeof(*top.objs),
				  GFP_KERNEL_ACCOUNT);
	if (!top.objs)
		return -ENOMEM;
	ret = add_top(snap, &top, shmstat_object_unheld, show_unheld_head,
		      show_more_unheld) ?:
	      add_top(snap, &top, NULL, show_largest_head, show_more);
	kvfree(top.objs);
	return ret;
}

static int add_supers(struct shmstat_snapshot *snap)
{
	struct shmstat_super *super;
	unsigned long dev;
	int ret;

	ret = add_line(snap, show_supers_head, NULL);
	xa_for_each(&snap->supers, dev, super)
		ret = ret ?: add_line(snap, show_super, super);
	return ret;
}

static int finish(struct shmstat_snapshot *snap)
{
	return shmstat_sum_objects(snap, &snap->sums) ?:
	       add_line(snap, show_counter, NULL) ?:
	       add_line(snap, show_kinds, NULL) ?:
	       add_supers(snap) ?:
	       add_tops(snap);
}

static void show(struct seq_file *m, const struct shmstat_snapshot *snap,
		 const void *row)
{
	const struct line *line = row;

	line->show(m, snap, line->what);
}

const struct shmstat_view shmstat_report_view = {
	.name		= "shmstat",
	.row_size	= sizeof(struct line),
	.holders	= true,
	.finish		= finish,
	.show		= show,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/summary: what the objects add up to.
 */
#include "sum.h"
#include "table.h"
#include "views.h"

static void put_unless_counter(struct seq_file *m,
			       const struct shmstat_sum *sum, u64 number)
{
	if (sum->counter)
		seq_putc(m, '-');
	else
		shmstat_put_number(m, number);
}

#define SHOW(name, put, ...) \
	SHMSTAT_SHOW(struct shmstat_sum, name, put, __VA_ARGS__)

SHOW(kind, seq_puts, row->label)
SHOW(pagesize, shmstat_put_number, row->pagesize)
SHOW(objects, put_unless_counter, row, row->objects)
SHOW(size, put_unless_counter, row, row->size)
SHOW(resident, shmstat_put_number, row->resident)
SHOW(swapped, put_unless_counter, row, row->swapped)

static const struct shmstat_column columns[] = {
	{ "kind",	show_kind },
	{ "pagesize",	show_pagesize },
	{ "objects",	show_objects },
	{ "size",	show_size },
	{ "resident",	show_resident },
	{ "swapped",	show_swapped },
	{}
};

static int finish(struct shmstat_snapshot *snap)
{
	return shmstat_sum_objects(snap, &snap->rows);
}

const struct shmstat_view shmstat_summary_view = {
	.name		= "summary",
	.row_size	= sizeof(struct shmstat_sum),
	.finish		= finish,
	.columns	= columns,
};

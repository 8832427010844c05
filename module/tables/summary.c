// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/summary: sums by kind, and the kernel's own counter.
 */
#include <linux/errno.h>
#include <linux/mm.h>

#include "../sums.h"
#include "../table.h"
#include "views.h"

static const struct shmstat_column columns[] = {
	{ "kind",	SHMSTAT_TEXT(struct shmstat_sum, label) },
	{ "pagesize",	SHMSTAT_U64(struct shmstat_sum, pagesize) },
	{ "objects",	SHMSTAT_U64(struct shmstat_sum, objects) },
	{ "size",	SHMSTAT_U64(struct shmstat_sum, size) },
	{ "resident",	SHMSTAT_U64(struct shmstat_sum, resident) },
	{ "swapped",	SHMSTAT_U64(struct shmstat_sum, swapped) },
	{}
};

static int add_object(struct shmstat_snapshot *snap,
		      const struct shmstat_super *super,
		      const struct shmstat_object *obj, struct inode *inode)
{
	return shmstat_sums_add(snap->scratch, super, obj);
}

static void read_counter(struct shmstat_snapshot *snap)
{
	shmstat_sums_read_counter(snap->scratch);
}

static const struct shmstat_scan summary_scan = {
	.object	= add_object,
	.end	= read_counter,
};

static int add_row(struct shmstat_snapshot *snap, const struct shmstat_sum *sum)
{
	struct shmstat_sum *row = shmstat_rows_add(&snap->rows);

	if (!row)
		return -ENOMEM;
	*row = *sum;
	return 0;
}

static int add_rows(struct shmstat_snapshot *snap)
{
	const struct shmstat_sums *sums = snap->scratch;
	const struct shmstat_sum counter = {
		.label = "nr_shmem",
		.pagesize = PAGE_SIZE,
		.objects = SHMSTAT_NONE,
		.size = SHMSTAT_NONE,
		.resident = sums->nr_shmem,
		.swapped = SHMSTAT_NONE,
	};
	int ret = 0;
	u32 nr;

	for (nr = 0; !ret && nr < SHMSTAT_NR_KINDS; nr++)
		ret = add_row(snap, &sums->kinds[nr]);
	for (nr = 0; !ret && nr < sums->huge.count; nr++)
		ret = add_row(snap, shmstat_rows_at(&sums->huge, nr));
	return ret ?: add_row(snap, &sums->total) ?: add_row(snap, &counter);
}

static int finish(struct shmstat_snapshot *snap)
{
	return shmstat_sums_finish(snap->scratch, snap->supers) ?:
	       add_rows(snap);
}

static void prepare(struct shmstat_snapshot *snap)
{
	shmstat_sums_init(snap->scratch, snap->budget);
}

static void release(struct shmstat_snapshot *snap)
{
	shmstat_sums_free(snap->scratch);
}

const struct shmstat_view shmstat_summary_view = {
	.name		= "summary",
	.row_size	= sizeof(struct shmstat_sum),
	.scratch_size	= sizeof(struct shmstat_sums),
	.prepare	= prepare,
	.posix		= true,
	.scan		= &summary_scan,
	.finish		= finish,
	.release	= release,
	.columns	= columns,
};

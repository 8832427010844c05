// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/summary: what the objects add up to.
 */
#include "sum.h"
#include "table.h"
#include "views.h"

static const struct shmstat_column columns[] = {
	{ "kind",	SHMSTAT_TEXT(struct shmstat_sum, label) },
	{ "pagesize",	SHMSTAT_U32(struct shmstat_sum, pagesize) },
	{ "objects",	SHMSTAT_U64(struct shmstat_sum, objects) },
	{ "size",	SHMSTAT_U64(struct shmstat_sum, size) },
	{ "resident",	SHMSTAT_U64(struct shmstat_sum, resident) },
	{ "swapped",	SHMSTAT_U64(struct shmstat_sum, swapped) },
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

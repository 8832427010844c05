// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/superblocks: the superblocks that have objects.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/sched.h>

#include "../table.h"
#include "views.h"

static void show_dev(struct seq_file *m, const struct shmstat_snapshot *snap,
		     const void *field)
{
	const struct shmstat_super *row = field;

	seq_printf(m, "%u:%u", MAJOR(row->dev), MINOR(row->dev));
}

static void show_internal(struct seq_file *m,
			  const struct shmstat_snapshot *snap,
			  const void *field)
{
	const struct shmstat_super *row = field;

	seq_puts(m, row->internal ? "yes" : "no");
}

static const struct shmstat_column columns[] = {
	{ "dev",		show_dev },
	{ "type",		SHMSTAT_TEXT(struct shmstat_super, type) },
	{ "internal",		show_internal },
	{ "objects",		SHMSTAT_U64(struct shmstat_super, objects) },
	{ "resident",		SHMSTAT_U64(struct shmstat_super, resident) },
	{ "swapped",		SHMSTAT_U64(struct shmstat_super, swapped) },
	{ "bytes_used",		SHMSTAT_U64(struct shmstat_super, bytes_used) },
	{ "bytes_limit",	SHMSTAT_U64(struct shmstat_super, bytes_limit) },
	{ "inodes_used",	SHMSTAT_U64(struct shmstat_super, inodes_used) },
	{ "inodes_limit",	SHMSTAT_U64(struct shmstat_super, inodes_limit) },
	{ "options",		SHMSTAT_TEXT(struct shmstat_super, options) },
	{}
};

/* The objects need only be counted, which every scan does. */
static const struct shmstat_scan superblocks_scan = {};

static int after(struct shmstat_snapshot *snap)
{
	u32 nr;

	for (nr = 0; nr < snap->supers->rows.count; nr++) {
		struct shmstat_super *row = shmstat_rows_add(&snap->rows);

		if (!row)
			return -ENOMEM;
		*row = *shmstat_supers_at(snap->supers, nr);
		cond_resched();
	}
	return 0;
}

const struct shmstat_view shmstat_superblocks_view = {
	.name		= "superblocks",
	.row_size	= sizeof(struct shmstat_super),
	.superblocks	= true,
	.scan		= &superblocks_scan,
	.after		= after,
	.columns	= columns,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/superblocks: the file systems that objects are on.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>

#include "table.h"
#include "views.h"

static void put_dev(struct seq_file *m, dev_t dev)
{
	seq_put_decimal_ull(m, NULL, MAJOR(dev));
	seq_put_decimal_ull(m, ":", MINOR(dev));
}

/* Where there is no limit, the kernel does not count either. */
static void put_limited(struct seq_file *m, u64 limit, u64 number)
{
	if (limit)
		shmstat_put_number(m, number);
	else
		seq_putc(m, '-');
}

#define SHOW(name, put, ...) \
	SHMSTAT_SHOW(struct shmstat_super, name, put, __VA_ARGS__)

SHOW(dev, put_dev, row->dev)
SHOW(type, seq_puts, row->type)
SHOW(internal, shmstat_put_yes, row->internal)
SHOW(objects, shmstat_put_number, row->objects)
SHOW(resident, shmstat_put_number, row->resident)
SHOW(swapped, shmstat_put_number, row->swapped)
SHOW(bytes_used, put_limited, row->bytes_limit, row->bytes_used)
SHOW(bytes_limit, put_limited, row->bytes_limit, row->bytes_limit)
SHOW(inodes_used, put_limited, row->inodes_limit, row->inodes_used)
SHOW(inodes_limit, put_limited, row->inodes_limit, row->inodes_limit)
SHOW(options, shmstat_put_text, row->options)

static const struct shmstat_column columns[] = {
	{ "dev",		show_dev },
	{ "type",		show_type },
	{ "internal",		show_internal },
	{ "objects",		show_objects },
	{ "resident",		show_resident },
	{ "swapped",		show_swapped },
	{ "bytes_used",		show_bytes_used },
	{ "bytes_limit",	show_bytes_limit },
	{ "inodes_used",	show_inodes_used },
	{ "inodes_limit",	show_inodes_limit },
	{ "options",		show_options },
	{}
};

static int finish(struct shmstat_snapshot *snap)
{
	struct shmstat_super *super, *row;
	unsigned long dev;

	xa_for_each(&snap->supers, dev, super) {
		row = shmstat_rows_add(&snap->rows);
		if (!row)
			return -ENOMEM;
		*row = *super;
	}
	return 0;
}

const struct shmstat_view shmstat_superblocks_view = {
	.name		= "superblocks",
	.row_size	= sizeof(struct shmstat_super),
	.finish		= finish,
	.columns	= columns,
};

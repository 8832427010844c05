// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/objects: every object.
 */
#include "table.h"
#include "views.h"

#define SHOW(name, put, ...) \
	SHMSTAT_SHOW(struct shmstat_object, name, put, __VA_ARGS__)

SHOW(id, shmstat_put_id, &row->id)
SHOW(kind, seq_puts, shmstat_kind_names[row->kind])
SHOW(pagesize, shmstat_put_number, shmstat_object_pagesize(snap, row))
SHOW(size, shmstat_put_number, row->size)
SHOW(resident, shmstat_put_number, row->resident)
SHOW(swapped, shmstat_put_number, row->swapped)
SHOW(mode, shmstat_put_mode, row->mode & 07777)
SHOW(uid, shmstat_put_uid, row->uid)
SHOW(gid, shmstat_put_gid, row->gid)
SHOW(nlink, shmstat_put_number, row->nlink)
SHOW(flags, shmstat_put_flags, row->flags)
SHOW(truncate, seq_puts, shmstat_truncate_name(row))
SHOW(name, shmstat_put_text, row->name)

static const struct shmstat_column columns[] = {
	{ "id",		show_id },
	{ "kind",	show_kind },
	{ "pagesize",	show_pagesize },
	{ "size",	show_size },
	{ "resident",	show_resident },
	{ "swapped",	show_swapped },
	{ "mode",	show_mode },
	{ "uid",	show_uid },
	{ "gid",	show_gid },
	{ "nlink",	show_nlink },
	{ "flags",	show_flags },
	{ "truncate",	show_truncate },
	{ "name",	show_name },
	{}
};

static int finish(struct shmstat_snapshot *snap)
{
	snap->shown = &snap->objects;
	return 0;
}

const struct shmstat_view shmstat_objects_view = {
	.name		= "objects",
	.finish		= finish,
	.columns	= columns,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/objects: every object.
 */
#include "table.h"
#include "views.h"

static void show_kind(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *field)
{
	const struct shmstat_object *row = field;

	seq_puts(m, shmstat_kind_names[row->kind]);
}

static void show_pagesize(struct seq_file *m,
			  const struct shmstat_snapshot *snap,
			  const void *field)
{
	const struct shmstat_object *row = field;

	shmstat_put_number(m, shmstat_object_pagesize(snap, row));
}

static void show_mode(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *field)
{
	const struct shmstat_object *row = field;

	shmstat_put_mode(m, row->mode & 07777);
}

static void show_flags(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const void *field)
{
	const struct shmstat_object *row = field;

	shmstat_put_flags(m, row->flags);
}

static void show_truncate(struct seq_file *m,
			  const struct shmstat_snapshot *snap,
			  const void *field)
{
	const struct shmstat_object *row = field;

	seq_puts(m, shmstat_truncate_name(row));
}

static const struct shmstat_column columns[] = {
	{ "id",		SHMSTAT_ID(struct shmstat_object, id) },
	{ "kind",	show_kind },
	{ "pagesize",	show_pagesize },
	{ "size",	SHMSTAT_U64(struct shmstat_object, size) },
	{ "resident",	SHMSTAT_U64(struct shmstat_object, resident) },
	{ "swapped",	SHMSTAT_U64(struct shmstat_object, swapped) },
	{ "mode",	show_mode },
	{ "uid",	SHMSTAT_UID(struct shmstat_object, uid) },
	{ "gid",	SHMSTAT_GID(struct shmstat_object, gid) },
	{ "nlink",	SHMSTAT_U32(struct shmstat_object, nlink) },
	{ "flags",	show_flags },
	{ "truncate",	show_truncate },
	{ "name",	SHMSTAT_TEXT(struct shmstat_object, name) },
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

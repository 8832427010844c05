// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/objects: every object.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include "../compat.h"
#include "../segment.h"
#include "../set.h"
#include "../table.h"
#include "views.h"

/**
 * struct scratch - what is needed to make the records
 * @dest: the objects of segments that are marked for destruction
 */
struct scratch {
	struct shmstat_set dest;
};

static void prepare(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_set_init(&scratch->dest, snap->budget);
}

static void release(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_set_free(&scratch->dest);
}

static int add_object(struct shmstat_snapshot *snap,
		      const struct shmstat_super *super,
		      const struct shmstat_object *obj, struct inode *inode)
{
	struct scratch *scratch = snap->scratch;
	struct shmstat_object *row = shmstat_rows_add(&snap->rows);

	if (!row)
		return -ENOMEM;
	*row = *obj;
	if (obj->name) {
		row->name = shmstat_strings_add(snap->strings, obj->name,
						strlen(obj->name));
		if (!row->name)
			return -ENOMEM;
	}
	if (shmstat_set_find(&scratch->dest, &obj->id))
		row->flags |= SHMSTAT_DEST;
	return 0;
}

static bool needs_path(struct shmstat_snapshot *snap,
		       const struct shmstat_inode *read)
{
	return true;
}

static const struct shmstat_scan objects_scan = {
	.needs_path	= needs_path,
	.object		= add_object,
};

static int before(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	return shmstat_scan_dest(&scratch->dest, snap->budget);
}

static void show_kind(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *field)
{
	const struct shmstat_object *row = field;
	const struct shmstat_super *super = shmstat_super_of(snap, row);

	seq_puts(m, shmstat_kind_names[shmstat_object_kind(row, super)]);
}

static void show_pagesize(struct seq_file *m,
			  const struct shmstat_snapshot *snap,
			  const void *field)
{
	const struct shmstat_object *row = field;

	shmstat_put_number(m, shmstat_super_of(snap, row)->pagesize);
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

/* A time can be before 1970. */
static void show_time(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *field)
{
	const s64 *time = field;

	if (*time == SHMSTAT_NO_TIME)
		seq_putc(m, '-');
	else
		seq_put_decimal_ll(m, NULL, *time);
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
	{ "btime",	SHMSTAT_MEMBER(show_time, struct shmstat_object, btime) },
	{ "mtime",	SHMSTAT_MEMBER(show_time, struct shmstat_object, mtime) },
	{ "ctime",	SHMSTAT_MEMBER(show_time, struct shmstat_object, ctime) },
	{ "name",	SHMSTAT_TEXT(struct shmstat_object, name) },
	{}
};

const struct shmstat_view shmstat_objects_view = {
	.name		= "objects",
	.row_size	= sizeof(struct shmstat_object),
	.scratch_size	= sizeof(struct scratch),
	.prepare	= prepare,
	.posix		= true,
	.before		= before,
	.scan		= &objects_scan,
	.release	= release,
	.columns	= columns,
};

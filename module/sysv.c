// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/sysv: the segments of every IPC namespace.
 */
#include "segment.h"
#include "table.h"
#include "views.h"

static int finish(struct shmstat_snapshot *snap)
{
	snap->shown = &snap->segments;
	return 0;
}

static void show_key(struct seq_file *m, const struct shmstat_snapshot *snap,
		     const void *field)
{
	const struct shmstat_segment *row = field;

	seq_printf(m, "0x%08x", row->key);
}

static void show_mode(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *field)
{
	const struct shmstat_segment *row = field;

	shmstat_put_mode(m, row->mode & 0777);
}

static void show_flags(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const void *field)
{
	const struct shmstat_segment *row = field;
	u8 flags = 0;

	if (row->known && row->nattch)
		flags |= SHMSTAT_MAPPED;
	if (row->mode & SHMSTAT_SHM_LOCKED)
		flags |= SHMSTAT_LOCKED;
	if (row->mode & SHMSTAT_SHM_DEST)
		flags |= SHMSTAT_DEST;
	shmstat_put_flags(m, flags);
}

static void show_object(struct seq_file *m, const struct shmstat_snapshot *snap,
			const void *field)
{
	const struct shmstat_segment *row = field;

	if (row->known)
		shmstat_put_id(m, &row->id);
	else
		seq_putc(m, '-');
}

static const struct shmstat_column columns[] = {
	{ "ipcns",	SHMSTAT_U32(struct shmstat_segment, ipcns) },
	{ "shmid",	SHMSTAT_U32(struct shmstat_segment, shmid) },
	{ "key",	show_key },
	{ "mode",	show_mode },
	{ "uid",	SHMSTAT_UID(struct shmstat_segment, uid) },
	{ "gid",	SHMSTAT_GID(struct shmstat_segment, gid) },
	{ "cuid",	SHMSTAT_UID(struct shmstat_segment, cuid) },
	{ "cgid",	SHMSTAT_GID(struct shmstat_segment, cgid) },
	{ "size",	SHMSTAT_U64(struct shmstat_segment, size) },
	{ "nattch",	SHMSTAT_U64(struct shmstat_segment, nattch) },
	{ "cpid",	SHMSTAT_U64(struct shmstat_segment, cpid) },
	{ "lpid",	SHMSTAT_U64(struct shmstat_segment, lpid) },
	{ "atime",	SHMSTAT_U64(struct shmstat_segment, atime) },
	{ "dtime",	SHMSTAT_U64(struct shmstat_segment, dtime) },
	{ "ctime",	SHMSTAT_U64(struct shmstat_segment, ctime) },
	{ "flags",	show_flags },
	{ "resident",	SHMSTAT_U64(struct shmstat_segment, resident) },
	{ "swapped",	SHMSTAT_U64(struct shmstat_segment, swapped) },
	{ "id",		show_object },
	{}
};

const struct shmstat_view shmstat_sysv_view = {
	.name		= "sysv",
	.finish		= finish,
	.columns	= columns,
};

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

static void put_known(struct seq_file *m, const struct shmstat_segment *seg,
		      u64 number)
{
	if (seg->known)
		shmstat_put_number(m, number);
	else
		seq_putc(m, '-');
}

static void put_known_id(struct seq_file *m, const struct shmstat_segment *seg)
{
	if (seg->known)
		shmstat_put_id(m, &seg->id);
	else
		seq_putc(m, '-');
}

static void put_known_flags(struct seq_file *m,
			    const struct shmstat_segment *seg)
{
	u8 flags = 0;

	if (seg->known && seg->nattch)
		flags |= SHMSTAT_MAPPED;
	if (seg->mode & SHMSTAT_SHM_LOCKED)
		flags |= SHMSTAT_LOCKED;
	if (seg->mode & SHMSTAT_SHM_DEST)
		flags |= SHMSTAT_DEST;
	shmstat_put_flags(m, flags);
}

static void put_key(struct seq_file *m, s32 key)
{
	seq_printf(m, "0x%08x", key);
}

#define SHOW(name, put, ...) \
	SHMSTAT_SHOW(struct shmstat_segment, name, put, __VA_ARGS__)

SHOW(ipcns, shmstat_put_number, row->ipcns)
SHOW(shmid, shmstat_put_number, row->shmid)
SHOW(key, put_key, row->key)
SHOW(mode, shmstat_put_mode, row->mode & 0777)
SHOW(uid, shmstat_put_uid, row->uid)
SHOW(gid, shmstat_put_gid, row->gid)
SHOW(cuid, shmstat_put_uid, row->cuid)
SHOW(cgid, shmstat_put_gid, row->cgid)
SHOW(size, put_known, row, row->size)
SHOW(nattch, put_known, row, row->nattch)
SHOW(cpid, put_known, row, row->cpid)
SHOW(lpid, put_known, row, row->lpid)
SHOW(atime, put_known, row, row->atime)
SHOW(dtime, put_known, row, row->dtime)
SHOW(ctime, put_known, row, row->ctime)
SHOW(flags, put_known_flags, row)
SHOW(resident, put_known, row, row->resident)
SHOW(swapped, put_known, row, row->swapped)
SHOW(id, put_known_id, row)

static const struct shmstat_column columns[] = {
	{ "ipcns",	show_ipcns },
	{ "shmid",	show_shmid },
	{ "key",	show_key },
	{ "mode",	show_mode },
	{ "uid",	show_uid },
	{ "gid",	show_gid },
	{ "cuid",	show_cuid },
	{ "cgid",	show_cgid },
	{ "size",	show_size },
	{ "nattch",	show_nattch },
	{ "cpid",	show_cpid },
	{ "lpid",	show_lpid },
	{ "atime",	show_atime },
	{ "dtime",	show_dtime },
	{ "ctime",	show_ctime },
	{ "flags",	show_flags },
	{ "resident",	show_resident },
	{ "swapped",	show_swapped },
	{ "id",		show_id },
	{}
};

const struct shmstat_view shmstat_sysv_view = {
	.name		= "sysv",
	.finish		= finish,
	.columns	= columns,
};

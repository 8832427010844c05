// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/holders: who holds each object, or that nobody does.
 */
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "hold.h"
#include "table.h"
#include "views.h"

/* NULL in the row of an object that no process holds. */
static const struct shmstat_who *holder_who(const struct shmstat_holder *row)
{
	return row->who.tgid ? &row->who : NULL;
}

static int finish(struct shmstat_snapshot *snap)
{
	u32 nr;

	for (nr = 0; nr < snap->objects.count; nr++) {
		const struct shmstat_object *obj;
		struct shmstat_holder *row;

		obj = shmstat_rows_at(&snap->objects, nr);
		if (shmstat_object_unheld(snap, obj)) {
			row = shmstat_rows_add(&snap->holders);
			if (!row)
				return -ENOMEM;
			row->object = nr;
		}
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	snap->shown = &snap->holders;
	return 0;
}

#define SHOW(name, put, ...) \
	SHMSTAT_SHOW(struct shmstat_holder, name, put, __VA_ARGS__)

SHOW(id, shmstat_put_object, snap, row->object)
SHOW(pid, shmstat_put_pid, holder_who(row))
SHOW(comm, shmstat_put_comm, holder_who(row))
SHOW(uid, shmstat_put_who_uid, holder_who(row))
SHOW(fds, shmstat_put_number, row->count[SHMSTAT_HOLD_FD])
SHOW(maps, shmstat_put_number, row->count[SHMSTAT_HOLD_MAP])
SHOW(handles, shmstat_put_number, row->count[SHMSTAT_HOLD_HANDLE])

static const struct shmstat_column columns[] = {
	{ "id",		show_id },
	{ "pid",	show_pid },
	{ "comm",	show_comm },
	{ "uid",	show_uid },
	{ "fds",	show_fds },
	{ "maps",	show_maps },
	{ "handles",	show_handles },
	{}
};

const struct shmstat_view shmstat_holders_view = {
	.name		= "holders",
	.holders	= true,
	.finish		= finish,
	.columns	= columns,
};

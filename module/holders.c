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

static const struct shmstat_column columns[] = {
	{ "id",		SHMSTAT_OBJECT(struct shmstat_holder, object) },
	{ "pid",	SHMSTAT_PID(struct shmstat_holder, who) },
	{ "comm",	SHMSTAT_COMM(struct shmstat_holder, who) },
	{ "uid",	SHMSTAT_WHO_UID(struct shmstat_holder, who) },
	{ "fds",	SHMSTAT_U32(struct shmstat_holder, count[SHMSTAT_HOLD_FD]) },
	{ "maps",	SHMSTAT_U32(struct shmstat_holder, count[SHMSTAT_HOLD_MAP]) },
	{ "handles",	SHMSTAT_U32(struct shmstat_holder, count[SHMSTAT_HOLD_HANDLE]) },
	{}
};

const struct shmstat_view shmstat_holders_view = {
	.name		= "holders",
	.holders	= true,
	.finish		= finish,
	.columns	= columns,
};

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which processes hold objects by descriptors and by what is behind them.
 */
#ifndef SHMSTAT_HOLD_H
#define SHMSTAT_HOLD_H

#include "snapshot.h"

/**
 * enum shmstat_hold - in which way
 */
enum shmstat_hold {
	SHMSTAT_HOLD_FD,
	SHMSTAT_HOLD_MAP,
	SHMSTAT_HOLD_HANDLE,
	SHMSTAT_NR_HOLDS,
};

/**
 * typedef shmstat_hold_fn - called for each descriptor and handle
 *
 * With the object's id, the task that was met with it, held, and the way. May
 * sleep; anything but 0 ends the scan.
 */
typedef int (*shmstat_hold_fn)(struct shmstat_snapshot *snap,
			       const struct shmstat_id *id,
			       struct task_struct *task, enum shmstat_hold how);

int shmstat_scan_descriptors(struct shmstat_snapshot *snap,
			     shmstat_hold_fn found);

#endif /* SHMSTAT_HOLD_H */

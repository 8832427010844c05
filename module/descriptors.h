/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which processes hold objects by descriptors and by what is behind them.
 */
#ifndef SHMSTAT_DESCRIPTORS_H
#define SHMSTAT_DESCRIPTORS_H

#include "snapshot.h"

/**
 * enum shmstat_how - in which way an object is held
 */
enum shmstat_how {
	SHMSTAT_HOLD_FD,
	SHMSTAT_HOLD_MAP,
	SHMSTAT_HOLD_HANDLE,
	SHMSTAT_NR_HOLDS,
};

/**
 * struct shmstat_hold - a descriptor or handle that was met
 * @id: the object
 * @how: &enum shmstat_how
 * @task: a task that has it, held
 * @table: the number of the walk over a descriptor table that met it
 * @instead: the number of an earlier walk over what may be the same table,
 *	whose holds this one replaces; 0 if there is none
 */
struct shmstat_hold {
	struct shmstat_id id;
	enum shmstat_how how;
	struct task_struct *task;
	u32 table;
	u32 instead;
};

/**
 * typedef shmstat_hold_fn - called for each descriptor and handle
 *
 * May sleep; anything but 0 ends the scan.
 */
typedef int (*shmstat_hold_fn)(struct shmstat_snapshot *snap,
			       const struct shmstat_hold *hold);

int shmstat_scan_descriptors(struct shmstat_snapshot *snap,
			     shmstat_hold_fn found);

#endif /* SHMSTAT_DESCRIPTORS_H */

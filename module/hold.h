/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who holds an object: by descriptor, by mapping, by GPU handle.
 */
#ifndef SHMSTAT_HOLD_H
#define SHMSTAT_HOLD_H

#include "shmstat.h"
#include "task.h"

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
 * struct shmstat_holder - one process that holds one object
 * @object: the object's number
 * @who: the process
 * @count: how often, in each way
 * @link: for finding it by @object and @who
 */
struct shmstat_holder {
	u32 object;
	struct shmstat_who who;
	u32 count[SHMSTAT_NR_HOLDS];
	struct shmstat_link link;
};

int shmstat_holders_map(struct shmstat_snapshot *snap, struct inode *inode,
			struct shmstat_object *obj);
int shmstat_holders_scan(struct shmstat_snapshot *snap);
int shmstat_holder_add(struct shmstat_snapshot *snap,
		       struct shmstat_object *obj,
		       const struct shmstat_who *who, enum shmstat_hold how);
bool shmstat_object_unheld(const struct shmstat_snapshot *snap,
			   const struct shmstat_object *obj);

#endif /* SHMSTAT_HOLD_H */

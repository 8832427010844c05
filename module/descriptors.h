/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which processes hold objects by descriptors, and by the GPU handles behind
 * descriptors.
 */
#ifndef SHMSTAT_DESCRIPTORS_H
#define SHMSTAT_DESCRIPTORS_H

#include "budget.h"
#include "inode.h"
#include "resource.h"

struct task_struct;

/**
 * enum shmstat_hold_type - how a process holds an object
 * @SHMSTAT_HOLD_FD: by a descriptor
 * @SHMSTAT_HOLD_MAP: by a mapping; not found here, but by shmstat_mappers_get()
 * @SHMSTAT_HOLD_HANDLE: by a GPU handle
 * @SHMSTAT_NR_HOLD_TYPES: number of types
 */
enum shmstat_hold_type {
	SHMSTAT_HOLD_FD,
	SHMSTAT_HOLD_MAP,
	SHMSTAT_HOLD_HANDLE,
	SHMSTAT_NR_HOLD_TYPES,
};

/**
 * struct shmstat_hold - a descriptor or GPU handle of an object
 * @id: the object
 * @type: SHMSTAT_HOLD_FD or SHMSTAT_HOLD_HANDLE
 * @task: a task that has it; a reference is held during the call
 * @walk: number of the walk over a descriptor table that found it, above 0
 */
struct shmstat_hold {
	struct shmstat_id id;
	enum shmstat_hold_type type;
	struct task_struct *task;
	u32 walk;
};

/**
 * typedef shmstat_hold_fn - called for each descriptor and GPU handle
 * @hold: the descriptor or handle
 * @arg: the argument of shmstat_scan_descriptors()
 *
 * Context: Process context, may sleep.
 * Return: 0; anything else ends the scan.
 */
typedef int (*shmstat_hold_fn)(const struct shmstat_hold *hold, void *arg);

/* Numbers of walks over one descriptor table follow each other. */
#define SHMSTAT_WALKS	(SHMSTAT_MAX_RETRIES + 1)

/**
 * shmstat_walk_replaces - check whether holds that were found earlier are outdated
 * @walk: number of a walk over a descriptor table
 * @earlier: number of another walk before it; 0 if there was none
 *
 * A table is walked again if it may be another one at the same address. Each walk
 * replaces all earlier ones, as a task that ends leaves its own one unfinished.
 *
 * Context: Any.
 * Return: true if both are walks over what may be the same table.
 */
static inline bool shmstat_walk_replaces(u32 walk, u32 earlier)
{
	return earlier && walk / SHMSTAT_WALKS == earlier / SHMSTAT_WALKS;
}

int shmstat_scan_descriptors(struct shmstat_budget *budget,
			     shmstat_hold_fn found, void *arg);

#endif /* SHMSTAT_DESCRIPTORS_H */

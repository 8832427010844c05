/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tasks can share: descriptor tables, root directories, namespaces. Each is
 * to be visited once, for the first task that has it.
 */
#ifndef SHMSTAT_RESOURCE_H
#define SHMSTAT_RESOURCE_H

#include <linux/types.h>

#include "hashtable.h"

struct task_struct;

/* Tasks that keep ending must not make a read visit a resource without limit. */
#define SHMSTAT_MAX_RETRIES	8

/**
 * struct shmstat_resource - something that tasks can share
 * @addr: its address, only to be compared
 * @addr2: a second address, only to be compared; NULL if one is enough
 * @pid: pid of a task that had it, in the initial pid namespace
 * @walk: for the user: number of a walk over it
 * @position: for the user: how far that walk got
 * @retries: how often it was found and may have been another one
 * @next: for the hash table
 */
struct shmstat_resource {
	const void *addr;
	const void *addr2;
	pid_t pid;
	u32 walk;
	int position;
	u32 retries;
	u32 next;
};

/**
 * typedef shmstat_resource_fn - get what a task has
 * @task: the task
 * @key: @addr and @addr2 of this are to be set; left NULL if the task has none,
 *	or only one that another task is sure to lead to
 *
 * Context: Called with task_lock held.
 */
typedef void (*shmstat_resource_fn)(struct task_struct *task,
				    struct shmstat_resource *key);

/**
 * struct shmstat_resources - the resources of one sort that were found
 * @rows: every &struct shmstat_resource
 * @by_addr: finds them by @addr and @addr2
 * @get: gets what a task has
 */
struct shmstat_resources {
	struct shmstat_rows rows;
	struct shmstat_hashtable by_addr;
	shmstat_resource_fn get;
};

void shmstat_resources_init(struct shmstat_resources *resources,
			    struct shmstat_budget *budget,
			    shmstat_resource_fn get);
int shmstat_resources_add(struct shmstat_resources *resources,
			  struct task_struct *task,
			  struct shmstat_resource **row);
void shmstat_resources_free(struct shmstat_resources *resources);

#endif /* SHMSTAT_RESOURCE_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * What tasks can share. No reference is taken, so an address can be freed and
 * reused by another resource while all tasks are visited.
 */
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "resource.h"

static u32 hash_resource(const void *row)
{
	const struct shmstat_resource *resource = row;

	return hash_ptr(resource->addr, 32) ^ hash_ptr(resource->addr2, 32);
}

static bool match_resource(const void *row, const void *key)
{
	const struct shmstat_resource *resource = row;
	const struct shmstat_resource *wanted = key;

	return resource->addr == wanted->addr &&
	       resource->addr2 == wanted->addr2;
}

/**
 * shmstat_resources_init - make an empty array of resources
 * @resources: the array
 * @budget: the read's budget
 * @get: gets what a task has
 *
 * Context: Any.
 */
void shmstat_resources_init(struct shmstat_resources *resources,
			    struct shmstat_budget *budget,
			    shmstat_resource_fn get)
{
	shmstat_rows_init(&resources->rows, budget,
			  sizeof(struct shmstat_resource));
	shmstat_hash_init(&resources->by_addr, &resources->rows,
			  offsetof(struct shmstat_resource, next),
			  hash_resource);
	resources->get = get;
}

static struct shmstat_resource get_key(const struct shmstat_resources *resources,
				       struct task_struct *task)
{
	struct shmstat_resource key = { .pid = task_pid_nr(task) };

	task_lock(task);
	resources->get(task, &key);
	task_unlock(task);
	return key;
}

/*
 * The address is known to belong to the same resource if the task that had it
 * when it was found still has it.
 */
static bool is_unchanged(const struct shmstat_resources *resources,
			 const struct shmstat_resource *row)
{
	struct shmstat_resource now = {};
	struct task_struct *task;

	rcu_read_lock();
	task = pid_task(find_pid_ns(row->pid, &init_pid_ns), PIDTYPE_PID);
	if (task)
		now = get_key(resources, task);
	rcu_read_unlock();
	return match_resource(row, &now);
}

/**
 * shmstat_resources_add - find what a task has in an array, or add it
 * @resources: the array
 * @task: the task; the caller holds a reference
 * @row: set to what the task has, NULL if nothing
 *
 * Context: Process context, may sleep. Takes task_lock.
 * Return: 1 if it is to be visited: it is new, or may be another one at the same
 *	address, then its retries is above 0. 0 if it was found before, if the task
 *	has none, or after SHMSTAT_MAX_RETRIES. -ENOMEM.
 */
int shmstat_resources_add(struct shmstat_resources *resources,
			  struct task_struct *task,
			  struct shmstat_resource **row)
{
	struct shmstat_resource key = get_key(resources, task);
	int ret;

	*row = NULL;
	if (!key.addr)
		return 0;
	*row = shmstat_hash_find(&resources->by_addr, hash_resource(&key),
				 match_resource, &key);
	if (*row) {
		if ((*row)->retries == SHMSTAT_MAX_RETRIES ||
		    is_unchanged(resources, *row))
			return 0;
		(*row)->retries++;
		(*row)->pid = key.pid;
		return 1;
	}
	*row = shmstat_rows_add(&resources->rows);
	if (!*row)
		return -ENOMEM;
	**row = key;
	ret = shmstat_hash_add(&resources->by_addr, resources->rows.count - 1);
	return ret ?: 1;
}

/**
 * shmstat_resources_free - free an array of resources
 * @resources: the array
 *
 * Context: Process context, may sleep.
 */
void shmstat_resources_free(struct shmstat_resources *resources)
{
	shmstat_hash_free(&resources->by_addr);
	shmstat_rows_free(&resources->rows);
}

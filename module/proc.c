// SPDX-License-Identifier: GPL-2.0
/*
 * Processes, as tables show them.
 */
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>

#include "proc.h"

/* Reads the process of a task; false if the task has ended. */
static bool read_proc(struct task_struct *task, struct shmstat_proc *proc)
{
	struct task_struct *leader;
	bool alive;

	rcu_read_lock();
	alive = pid_alive(task);
	if (alive) {
		leader = task->group_leader;
		proc->start = leader->start_boottime;
		proc->tgid = task_tgid_nr(leader);
		proc->pid = task_tgid_nr_ns(leader,
					    task_active_pid_ns(current));
		proc->uid = __task_cred(leader)->euid;
		get_task_comm(proc->comm, leader);
	}
	rcu_read_unlock();
	return alive;
}

static bool read_proc_of_tgid(pid_t tgid, struct shmstat_proc *proc)
{
	struct task_struct *task;
	bool alive = false;

	rcu_read_lock();
	task = pid_task(find_pid_ns(tgid, &init_pid_ns), PIDTYPE_TGID);
	if (task)
		alive = read_proc(task, proc);
	rcu_read_unlock();
	return alive;
}

static u32 hash_proc(const void *row)
{
	const struct shmstat_proc *proc = row;

	return hash_64(proc->start ^ proc->tgid, 32);
}

static bool match_proc(const void *row, const void *key)
{
	const struct shmstat_proc *proc = row;
	const struct shmstat_proc *wanted = key;

	return proc->tgid == wanted->tgid && proc->start == wanted->start;
}

/**
 * shmstat_procs_init - make an empty array of processes
 * @procs: the array
 * @budget: the read's budget
 *
 * Context: Any.
 */
void shmstat_procs_init(struct shmstat_procs *procs,
			struct shmstat_budget *budget)
{
	shmstat_rows_init(&procs->rows, budget, sizeof(struct shmstat_proc));
	shmstat_hash_init(&procs->by_tgid, &procs->rows,
			  offsetof(struct shmstat_proc, next), hash_proc);
}

static int find_or_add(struct shmstat_procs *procs,
		       const struct shmstat_proc *proc, u32 *nr)
{
	struct shmstat_proc *row;

	*nr = shmstat_hash_find_nr(&procs->by_tgid, hash_proc(proc), match_proc,
				   proc);
	if (*nr != SHMSTAT_NO_ROW)
		return 0;
	row = shmstat_rows_add(&procs->rows);
	if (!row)
		return -ENOMEM;
	*row = *proc;
	*nr = procs->rows.count - 1;
	return shmstat_hash_add(&procs->by_tgid, *nr);
}

/**
 * shmstat_procs_add - find a task's process in an array, or add it
 * @procs: the array
 * @task: any of the process's tasks; the caller holds a reference
 * @nr: set to the number of the process, SHMSTAT_NO_ROW if the task has ended
 *
 * Context: Process context, may sleep. Takes task_lock.
 * Return: 0 or -ENOMEM.
 */
int shmstat_procs_add(struct shmstat_procs *procs, struct task_struct *task,
		      u32 *nr)
{
	struct shmstat_proc proc = {};

	*nr = SHMSTAT_NO_ROW;
	return read_proc(task, &proc) ? find_or_add(procs, &proc, nr) : 0;
}

/**
 * shmstat_procs_add_tgid - find a process in an array by its pid, or add it
 * @procs: the array
 * @tgid: its pid in the initial pid namespace
 * @nr: set to the number of the process, SHMSTAT_NO_ROW if the task has ended
 *
 * Context: Process context, may sleep. Takes task_lock.
 * Return: 0 or -ENOMEM.
 */
int shmstat_procs_add_tgid(struct shmstat_procs *procs, pid_t tgid, u32 *nr)
{
	struct shmstat_proc proc = {};

	*nr = SHMSTAT_NO_ROW;
	return read_proc_of_tgid(tgid, &proc) ? find_or_add(procs, &proc, nr) : 0;
}

/**
 * shmstat_procs_free - free an array of processes
 * @procs: the array
 *
 * Context: Process context, may sleep.
 */
void shmstat_procs_free(struct shmstat_procs *procs)
{
	shmstat_hash_free(&procs->by_tgid);
	shmstat_rows_free(&procs->rows);
}

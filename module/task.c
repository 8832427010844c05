// SPDX-License-Identifier: GPL-2.0
/*
 * The processes, threads included, one at a time.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/idr.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "task.h"

/* The task with the lowest pid from *nr on, held; as procfs goes about it. */
static struct task_struct *next_task_from(int *nr)
{
	struct task_struct *task = NULL;
	struct pid *pid;

	rcu_read_lock();
	pid = idr_get_next(&init_pid_ns.idr, nr);
	if (pid) {
		task = pid_task(pid, PIDTYPE_PID);
		if (task)
			get_task_struct(task);
	}
	rcu_read_unlock();
	return pid && !task ? ERR_PTR(-ESRCH) : task;
}

/**
 * shmstat_visit_tasks - call a function for every thread there is
 * @visit: the function; may sleep; anything but 0 ends the loop
 * @arg: handed to @visit
 *
 * A task that starts or ends meanwhile may or may not be seen. The idle task
 * is not.
 *
 * Context: Process context, may sleep.
 * Return: what @visit returned last, or -EINTR after a fatal signal.
 */
int shmstat_visit_tasks(shmstat_task_fn visit, void *arg)
{
	struct task_struct *task;
	int nr = 1;
	int ret = 0;

	while (!ret && (task = next_task_from(&nr))) {
		nr++;
		cond_resched();
		/* A process group or session may outlive its leader. */
		if (IS_ERR(task))
			continue;
		ret = visit(task, arg);
		put_task_struct(task);
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	}
	return ret;
}

/**
 * shmstat_task_proc - name the process that a task belongs to
 * @task: any of its threads, held or under RCU
 * @proc: the name; left alone if the process is gone
 *
 * Context: Any but interrupts; takes task_lock.
 * Return: false if the process is gone.
 */
bool shmstat_task_proc(struct task_struct *task, struct shmstat_proc *proc)
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

/* The same by its number in the initial pid namespace. */
static bool tgid_proc(pid_t tgid, struct shmstat_proc *proc)
{
	struct task_struct *task;
	bool alive = false;

	rcu_read_lock();
	task = pid_task(find_pid_ns(tgid, &init_pid_ns), PIDTYPE_TGID);
	if (task)
		alive = shmstat_task_proc(task, proc);
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
	const struct shmstat_proc *want = key;

	return proc->tgid == want->tgid && proc->start == want->start;
}

/**
 * shmstat_procs_init - make an empty array of processes
 * @procs: the array
 * @budget: what to allocate from
 */
void shmstat_procs_init(struct shmstat_procs *procs,
			struct shmstat_budget *budget)
{
	shmstat_rows_init(&procs->rows, budget, sizeof(struct shmstat_proc));
	shmstat_index_init(&procs->index, &procs->rows,
			   offsetof(struct shmstat_proc, next), hash_proc);
}

static int add_proc(struct shmstat_procs *procs,
		    const struct shmstat_proc *proc, u32 *nr)
{
	struct shmstat_proc *row;

	*nr = shmstat_index_find_nr(&procs->index, hash_proc(proc), match_proc,
				    proc);
	if (*nr != SHMSTAT_NO_ROW)
		return 0;
	row = shmstat_rows_add(&procs->rows);
	if (!row)
		return -ENOMEM;
	*row = *proc;
	*nr = procs->rows.count - 1;
	return shmstat_index_add(&procs->index, *nr);
}

/**
 * shmstat_procs_add - find a task's process, or add it
 * @procs: the array
 * @task: any of its threads, held
 * @nr: set to its number, SHMSTAT_NO_ROW if it is gone
 *
 * Context: Process context, may sleep; takes task_lock.
 * Return: 0 or -ENOMEM.
 */
int shmstat_procs_add(struct shmstat_procs *procs, struct task_struct *task,
		      u32 *nr)
{
	struct shmstat_proc proc = {};

	*nr = SHMSTAT_NO_ROW;
	return shmstat_task_proc(task, &proc) ? add_proc(procs, &proc, nr) : 0;
}

/**
 * shmstat_procs_add_tgid - find a process by its number, or add it
 * @procs: the array
 * @tgid: its pid in the initial pid namespace
 * @nr: set to its number, SHMSTAT_NO_ROW if it is gone
 *
 * Context: Process context, may sleep; takes task_lock.
 * Return: 0 or -ENOMEM.
 */
int shmstat_procs_add_tgid(struct shmstat_procs *procs, pid_t tgid, u32 *nr)
{
	struct shmstat_proc proc = {};

	*nr = SHMSTAT_NO_ROW;
	return tgid_proc(tgid, &proc) ? add_proc(procs, &proc, nr) : 0;
}

/**
 * shmstat_procs_free - forget all processes
 * @procs: the array
 *
 * Context: Process context, may sleep.
 */
void shmstat_procs_free(struct shmstat_procs *procs)
{
	shmstat_index_free(&procs->index);
	shmstat_rows_free(&procs->rows);
}

static u32 hash_shared(const void *row)
{
	const struct shmstat_shared *shared = row;

	return hash_ptr(shared->what, 32) ^ hash_ptr(shared->part, 32);
}

static bool match_shared(const void *row, const void *key)
{
	const struct shmstat_shared *shared = row;
	const struct shmstat_shared *want = key;

	return shared->what == want->what && shared->part == want->part;
}

/**
 * shmstat_shares_init - prepare to meet what tasks share
 * @shares: what was met
 * @budget: what to allocate from
 * @read: says what a task shares
 */
void shmstat_shares_init(struct shmstat_shares *shares,
			 struct shmstat_budget *budget, shmstat_share_fn read)
{
	shmstat_rows_init(&shares->rows, budget, sizeof(struct shmstat_shared));
	shmstat_index_init(&shares->index, &shares->rows,
			   offsetof(struct shmstat_shared, next), hash_shared);
	shares->read = read;
}

static struct shmstat_shared read_key(const struct shmstat_shares *shares,
				      struct task_struct *task)
{
	struct shmstat_shared key = { .pid = task_pid_nr(task) };

	task_lock(task);
	shares->read(task, &key);
	task_unlock(task);
	return key;
}

/*
 * Whether it is still the same thing, which an address alone does not tell: it
 * is if the task that was seen with it still has it.
 */
static bool still_shared(const struct shmstat_shares *shares,
			 const struct shmstat_shared *row)
{
	struct shmstat_shared now = {};
	struct task_struct *task;

	rcu_read_lock();
	task = pid_task(find_pid_ns(row->pid, &init_pid_ns), PIDTYPE_PID);
	if (task)
		now = read_key(shares, task);
	rcu_read_unlock();
	return match_shared(row, &now);
}

/* Whoever lets the tasks that were seen end all the time gains no more. */
#define AGAIN	8

/**
 * shmstat_shares_add - note what a task shares
 * @shares: what was met so far
 * @task: the task, held
 * @row: set to what it shares, NULL if that is nothing
 *
 * Context: Process context, may sleep; takes task_lock.
 * Return: 1 if it was not met before, or may be another by now, its again above
 *	0 then; 0 if it was; or -ENOMEM.
 */
int shmstat_shares_add(struct shmstat_shares *shares, struct task_struct *task,
		       struct shmstat_shared **row)
{
	struct shmstat_shared key = read_key(shares, task);
	int ret = 0;

	*row = NULL;
	if (!key.what)
		return 0;
	*row = shmstat_index_find(&shares->index, hash_shared(&key),
				  match_shared, &key);
	if (*row) {
		if ((*row)->again == AGAIN || still_shared(shares, *row))
			return 0;
		(*row)->again++;
		(*row)->pid = key.pid;
		return 1;
	}
	*row = shmstat_rows_add(&shares->rows);
	if (!*row)
		return -ENOMEM;
	**row = key;
	ret = shmstat_index_add(&shares->index, shares->rows.count - 1);
	return ret ?: 1;
}

/**
 * shmstat_shares_free - forget what was met
 * @shares: what was met
 *
 * Context: Process context, may sleep.
 */
void shmstat_shares_free(struct shmstat_shares *shares)
{
	shmstat_index_free(&shares->index);
	shmstat_rows_free(&shares->rows);
}

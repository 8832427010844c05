// SPDX-License-Identifier: GPL-2.0
/*
 * The processes, threads included, one at a time.
 */
#include <linux/cred.h>
#include <linux/err.h>
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
 * shmstat_task_who - name the process that a task belongs to
 * @task: any of its threads, held or under RCU
 * @who: the name; left alone if the process is gone
 *
 * Context: Any but interrupts; takes task_lock.
 * Return: false if the process is gone.
 */
bool shmstat_task_who(struct task_struct *task, struct shmstat_who *who)
{
	struct task_struct *leader;
	bool alive;

	rcu_read_lock();
	alive = pid_alive(task);
	if (alive) {
		leader = task->group_leader;
		who->tgid = task_tgid_nr(leader);
		who->pid = task_tgid_nr_ns(leader, task_active_pid_ns(current));
		who->uid = __task_cred(leader)->euid;
		get_task_comm(who->comm, leader);
	}
	rcu_read_unlock();
	return alive;
}

/**
 * shmstat_pid_who - name a process by its number
 * @tgid: its pid in the initial pid namespace
 * @who: the name; left alone if the process is gone
 *
 * Context: Any but interrupts; takes task_lock.
 * Return: false if the process is gone.
 */
bool shmstat_pid_who(pid_t tgid, struct shmstat_who *who)
{
	struct task_struct *task;
	bool alive = false;

	rcu_read_lock();
	task = pid_task(find_pid_ns(tgid, &init_pid_ns), PIDTYPE_TGID);
	if (task)
		alive = shmstat_task_who(task, who);
	rcu_read_unlock();
	return alive;
}

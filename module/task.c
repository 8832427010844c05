// SPDX-License-Identifier: GPL-2.0
/*
 * All tasks, one at a time.
 */
#include <linux/err.h>
#include <linux/idr.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "task.h"

/*
 * Takes a reference to the task with the lowest pid from *@nr on, as next_tgid()
 * of procfs does. -ESRCH if that pid has no task: a process group or session can
 * outlive its leader. NULL after the last pid.
 */
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
 * shmstat_visit_tasks - call a function for every task, threads included
 * @visit: the function
 * @arg: passed to @visit
 *
 * A task that starts or ends meanwhile may be missed. The idle tasks are not
 * visited.
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
		if (IS_ERR(task))
			continue;
		ret = visit(task, arg);
		put_task_struct(task);
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	}
	return ret;
}

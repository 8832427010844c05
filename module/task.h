/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The processes: all of them one at a time, and what names one to a reader.
 */
#ifndef SHMSTAT_TASK_H
#define SHMSTAT_TASK_H

#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uidgid.h>

/**
 * struct shmstat_who - a process, as a table names it
 * @tgid: its pid in the initial pid namespace, only to be compared
 * @pid: its pid in the reader's pid namespace, 0 if it has none there
 * @uid: effective user, as ps(1) shows it
 * @comm: its name
 */
struct shmstat_who {
	pid_t tgid;
	pid_t pid;
	kuid_t uid;
	char comm[TASK_COMM_LEN];
};

typedef int (*shmstat_task_fn)(struct task_struct *task, void *arg);

int shmstat_visit_tasks(shmstat_task_fn visit, void *arg);
bool shmstat_task_who(struct task_struct *task, struct shmstat_who *who);
bool shmstat_pid_who(pid_t tgid, struct shmstat_who *who);

#endif /* SHMSTAT_TASK_H */

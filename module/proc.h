/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes, as tables show them.
 */
#ifndef SHMSTAT_PROC_H
#define SHMSTAT_PROC_H

#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "hashtable.h"

/**
 * struct shmstat_proc - a process
 * @start: start time; with @tgid it tells processes apart
 * @tgid: pid in the initial pid namespace
 * @pid: pid in the reader's pid namespace, 0 if it has none there
 * @uid: effective user id, as in ps(1)
 * @next: for the hash table
 * @comm: name
 */
struct shmstat_proc {
	u64 start;
	pid_t tgid;
	pid_t pid;
	kuid_t uid;
	u32 next;
	char comm[TASK_COMM_LEN];
};

/**
 * struct shmstat_procs - the processes of a snapshot, each of them once
 * @rows: every &struct shmstat_proc; records refer to them by number
 * @by_tgid: finds them by @tgid and @start
 */
struct shmstat_procs {
	struct shmstat_rows rows;
	struct shmstat_hashtable by_tgid;
};

void shmstat_procs_init(struct shmstat_procs *procs,
			struct shmstat_budget *budget);
int shmstat_procs_add(struct shmstat_procs *procs, struct task_struct *task,
		      u32 *nr);
int shmstat_procs_add_tgid(struct shmstat_procs *procs, pid_t tgid, u32 *nr);
void shmstat_procs_free(struct shmstat_procs *procs);

#endif /* SHMSTAT_PROC_H */

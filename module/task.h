/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The processes: all of them one at a time, what names one to a reader, and what
 * several of them share.
 */
#ifndef SHMSTAT_TASK_H
#define SHMSTAT_TASK_H

#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "hashtable.h"

/**
 * struct shmstat_proc - a process, as a table names it
 * @start: when it was started, only to be compared
 * @tgid: its pid in the initial pid namespace, only to be compared
 * @pid: its pid in the reader's pid namespace, 0 if it has none there
 * @uid: effective user, as ps(1) shows it
 * @next: for finding it by @tgid and @start
 * @comm: its name
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
 * struct shmstat_procs - the processes that a snapshot tells of, each once;
 *	their numbers are those of the rows
 * @rows: every &struct shmstat_proc
 * @index: finds them
 */
struct shmstat_procs {
	struct shmstat_rows rows;
	struct shmstat_index index;
};

void shmstat_procs_init(struct shmstat_procs *procs,
			struct shmstat_budget *budget);
int shmstat_procs_add(struct shmstat_procs *procs, struct task_struct *task,
		      u32 *nr);
int shmstat_procs_add_tgid(struct shmstat_procs *procs, pid_t tgid, u32 *nr);
void shmstat_procs_free(struct shmstat_procs *procs);
bool shmstat_task_proc(struct task_struct *task, struct shmstat_proc *proc);

typedef int (*shmstat_task_fn)(struct task_struct *task, void *arg);

int shmstat_visit_tasks(shmstat_task_fn visit, void *arg);

/**
 * struct shmstat_shared - something that tasks can share
 * @what: its address, only to be compared
 * @part: a second address, only to be compared
 * @pid: a task that was seen with it
 * @at: for the user of the row
 * @nr: for the user of the row
 * @again: how often it was met again and not known to be the same
 * @next: for finding it by @what and @part
 */
struct shmstat_shared {
	const void *what;
	const void *part;
	pid_t pid;
	int at;
	u32 nr;
	u32 again;
	u32 next;
};

/**
 * typedef shmstat_share_fn - say what a task shares
 *
 * Called with task_lock held. Sets @what and @part; leaves @what NULL if there
 * is nothing.
 */
typedef void (*shmstat_share_fn)(struct task_struct *task,
				 struct shmstat_shared *key);

/**
 * struct shmstat_shares - what was met already of what tasks share
 * @rows: every &struct shmstat_shared
 * @index: finds them
 * @read: says what a task shares
 */
struct shmstat_shares {
	struct shmstat_rows rows;
	struct shmstat_index index;
	shmstat_share_fn read;
};

void shmstat_shares_init(struct shmstat_shares *shares,
			 struct shmstat_budget *budget, shmstat_share_fn read);
int shmstat_shares_add(struct shmstat_shares *shares, struct task_struct *task,
		       struct shmstat_shared **row);
void shmstat_shares_free(struct shmstat_shares *shares);

#endif /* SHMSTAT_TASK_H */

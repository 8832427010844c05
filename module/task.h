/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All tasks, one at a time.
 */
#ifndef SHMSTAT_TASK_H
#define SHMSTAT_TASK_H

struct task_struct;

/**
 * typedef shmstat_task_fn - called for each task
 * @task: the task; a reference is held during the call
 * @arg: the argument of shmstat_visit_tasks()
 *
 * Context: Process context, may sleep.
 * Return: 0; anything else ends the loop.
 */
typedef int (*shmstat_task_fn)(struct task_struct *task, void *arg);

int shmstat_visit_tasks(shmstat_task_fn visit, void *arg);

#endif /* SHMSTAT_TASK_H */

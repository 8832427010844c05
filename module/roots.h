/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The mounts at the root directories of tasks.
 */
#ifndef SHMSTAT_ROOTS_H
#define SHMSTAT_ROOTS_H

struct path;
struct super_block;
struct task_struct;

/**
 * typedef shmstat_mount_fn - called with the superblock of a mount
 * @sb: the superblock; a reference is held during the call
 * @arg: the argument that came with the function
 *
 * Context: Process context, may sleep.
 * Return: 0; anything else ends the loop.
 */
typedef int (*shmstat_mount_fn)(struct super_block *sb, void *arg);

void shmstat_get_task_root(struct task_struct *task, struct path *root);
int shmstat_visit_root_mounts(shmstat_mount_fn visit, void *arg);
int shmstat_visit_kthread_roots(shmstat_mount_fn visit, void *arg);

#endif /* SHMSTAT_ROOTS_H */

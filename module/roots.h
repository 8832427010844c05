/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is reached through the mount namespaces of processes.
 */
#ifndef SHMSTAT_ROOTS_H
#define SHMSTAT_ROOTS_H

struct shmstat_snapshot;
struct super_block;

/**
 * typedef shmstat_mount_fn - called with the superblock of a mount
 *
 * An active reference keeps the superblock. May sleep; anything but 0 ends the
 * walk.
 */
typedef int (*shmstat_mount_fn)(struct super_block *sb, void *arg);

int shmstat_visit_root_mounts(shmstat_mount_fn visit, void *arg);
int shmstat_visit_kthread_roots(shmstat_mount_fn visit, void *arg);
int shmstat_posix_scan(struct shmstat_snapshot *snap);

#endif /* SHMSTAT_ROOTS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the superblocks of shmem and hugetlbfs are recognised.
 */
#ifndef SHMSTAT_FSTYPE_H
#define SHMSTAT_FSTYPE_H

#include <linux/types.h>

struct file_system_type;
struct super_block;

/* Set by shmstat_fstype_init() and constant afterwards. */
extern struct super_block *shmstat_shm_mnt_sb;
extern struct file_system_type *shmstat_tmpfs_type;
extern struct file_system_type *shmstat_hugetlbfs_type;

int shmstat_fstype_init(void);
bool shmstat_sb_is_shmem(const struct super_block *sb);
bool shmstat_sb_is_hugetlbfs(const struct super_block *sb);
bool shmstat_sb_is_dying(const struct super_block *sb);

#endif /* SHMSTAT_FSTYPE_H */

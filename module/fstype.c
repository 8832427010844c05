// SPDX-License-Identifier: GPL-2.0
/*
 * How the superblocks of shmem and hugetlbfs are recognised.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/shmem_fs.h>

#include "compat.h"
#include "fstype.h"

/* The superblock of the kernel's internal tmpfs mount, shm_mnt in mm/shmem.c. */
struct super_block *shmstat_shm_mnt_sb;
struct file_system_type *shmstat_tmpfs_type;
/* NULL in a kernel without hugetlbfs. */
struct file_system_type *shmstat_hugetlbfs_type;

/* All superblocks of shmem share these, devtmpfs and rootfs included. */
static const struct super_operations *shmem_ops;

/**
 * shmstat_fstype_init - learn what marks a superblock of shmem or hugetlbfs
 *
 * A file of shmem_file_setup() is on the internal mount. That mount lasts as long
 * as the kernel runs, and so do the file system types: neither is in a module.
 *
 * Context: Process context, may sleep.
 * Return: 0, or the error of shmem_file_setup().
 */
int shmstat_fstype_init(void)
{
	struct file *file;

	file = shmem_file_setup("shmstat", 0, SHMSTAT_NO_VMA_FLAGS);
	if (IS_ERR(file))
		return PTR_ERR(file);
	shmstat_shm_mnt_sb = file_inode(file)->i_sb;
	shmem_ops = shmstat_shm_mnt_sb->s_op;
	fput(file);

	shmstat_tmpfs_type = get_fs_type("tmpfs");
	shmstat_hugetlbfs_type = shmstat_get_hugetlbfs_type();
	return 0;
}

/**
 * shmstat_sb_is_hugetlbfs - check whether a superblock belongs to hugetlbfs
 * @sb: any superblock
 *
 * Context: Any.
 * Return: true if it does.
 */
bool shmstat_sb_is_hugetlbfs(const struct super_block *sb)
{
	return shmstat_hugetlbfs_type && sb->s_type == shmstat_hugetlbfs_type;
}

/**
 * shmstat_sb_is_shmem - check whether a superblock's inodes can be objects
 * @sb: any superblock
 *
 * Context: Any.
 * Return: true if it belongs to shmem or hugetlbfs.
 */
bool shmstat_sb_is_shmem(const struct super_block *sb)
{
	return sb->s_op == shmem_ops || shmstat_sb_is_hugetlbfs(sb);
}

/**
 * shmstat_sb_is_dying - check whether only the caller keeps a superblock
 * @sb: a superblock; the caller holds one active reference
 *
 * Then it has been unmounted, and is freed when the caller lets go of it, which
 * should be soon.
 *
 * Context: Any.
 * Return: true if nobody else has an active reference.
 */
bool shmstat_sb_is_dying(const struct super_block *sb)
{
	return atomic_read(&sb->s_active) == 1;
}

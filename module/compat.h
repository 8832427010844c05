/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between kernel versions and configurations, so that the
 * rest of the module reads as if it were in the newest kernel's tree.
 */
#ifndef SHMSTAT_COMPAT_H
#define SHMSTAT_COMPAT_H

#include <linux/fs.h>
#include <linux/kconfig.h>
#include <linux/mm_types.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/shmem_fs.h>
#include <linux/splice.h>
#include <linux/version.h>

#if !IS_ENABLED(CONFIG_SHMEM) || !IS_ENABLED(CONFIG_TMPFS)
#error "shmstat reads tmpfs: it needs a kernel with CONFIG_SHMEM=y and CONFIG_TMPFS=y"
#endif

/* v7.0 gave shmem_file_setup() a flags type of its own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define SHMSTAT_NO_VMA_FLAGS	EMPTY_VMA_FLAGS
#else
#define SHMSTAT_NO_VMA_FLAGS	0UL
#endif

/* v5.17 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
#define pde_data		PDE_DATA
#endif

/* v6.5 renamed the splice that goes through ->read_iter(). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define copy_splice_read	generic_file_splice_read
#endif

/* v5.19 renamed the option that shuffles structures such as shmid_kernel. */
#define SHMSTAT_RANDSTRUCT \
	(IS_ENABLED(CONFIG_RANDSTRUCT) || \
	 IS_ENABLED(CONFIG_GCC_PLUGIN_RANDSTRUCT))

/**
 * shmstat_sb_noswap - whether a tmpfs is mounted "noswap" (v6.4)
 * @sb: a shmem superblock
 */
static inline bool shmstat_sb_noswap(struct super_block *sb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	return ((struct shmem_sb_info *)sb->s_fs_info)->noswap;
#else
	return false;
#endif
}

/**
 * shmstat_mm_tgid - the process that owns an address space
 * @mm: the address space; the caller keeps it
 *
 * Return: its pid in the initial pid namespace; 0 if it has no process any
 *	more, or if the kernel does not keep that.
 */
static inline pid_t shmstat_mm_tgid(struct mm_struct *mm)
{
	pid_t tgid = 0;
#ifdef CONFIG_MEMCG
	struct task_struct *owner;

	rcu_read_lock();
	owner = rcu_dereference(mm->owner);
	if (owner)
		tgid = owner->tgid;
	rcu_read_unlock();
#endif
	return tgid;
}

#endif /* SHMSTAT_COMPAT_H */

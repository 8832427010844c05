/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between kernel versions and configurations, so that the
 * rest of the module reads as if it were in the newest kernel's tree.
 */
#ifndef SHMSTAT_COMPAT_H
#define SHMSTAT_COMPAT_H

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/kconfig.h>
#include <linux/magic.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/shmem_fs.h>
#include <linux/splice.h>
#include <linux/stat.h>
#include <linux/swapops.h>
#include <linux/uaccess.h>
#include <linux/version.h>

/* v7.0 gave shmem_file_setup() a flags type of its own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define SHMSTAT_NO_VMA_FLAGS	EMPTY_VMA_FLAGS
#else
#define SHMSTAT_NO_VMA_FLAGS	0UL
#endif

/* v7.x took the list of an inode's dentries out of a union. */
#ifndef for_each_alias
#define for_each_alias(dentry, inode) \
	hlist_for_each_entry(dentry, &(inode)->i_dentry, d_u.d_alias)
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
 * shmstat_index_shift - the unit of an inode's page cache, as a power of pages
 * @inode: an inode of a shmem superblock or a hugetlbfs
 *
 * Until v6.7 hugetlbfs numbered its huge pages.
 */
static inline unsigned int shmstat_index_shift(const struct inode *inode)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	return inode->i_sb->s_blocksize_bits - PAGE_SHIFT;
#else
	return 0;
#endif
}

/* v5.16 brought folios; before, a page cache held head pages. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 16, 0)
struct folio {
	struct page page;
};

static inline int folio_nid(const struct folio *folio)
{
	return page_to_nid(&folio->page);
}
#endif

/**
 * shmstat_folio_order - the size of a large folio
 * @inode: whose page cache it is in
 * @order: the size of its entry there
 *
 * Before v5.17 each page of a huge one had an entry of its own. Its head says
 * how large it is, but not any more where it was split a moment ago, so what
 * it can only have been is taken.
 */
static inline unsigned int shmstat_folio_order(const struct inode *inode,
					       unsigned int order)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
	if (inode->i_blkbits > PAGE_SHIFT)
		return inode->i_blkbits - PAGE_SHIFT;
	return PMD_SHIFT - PAGE_SHIFT;
#else
	return order;
#endif
}

/**
 * shmstat_inode_is_going - whether an inode is being evicted
 * @inode: the inode, its i_lock held
 *
 * v6.19 wrapped the state.
 */
static inline bool shmstat_inode_is_going(const struct inode *inode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
	return inode_state_read((struct inode *)inode) & (I_FREEING | I_WILL_FREE);
#else
	return inode->i_state & (I_FREEING | I_WILL_FREE);
#endif
}

/**
 * shmstat_file_is_overlay - whether a file is an overlay's regular file
 * @file: any file
 */
static inline bool shmstat_file_is_overlay(const struct file *file)
{
	return file_inode(file)->i_sb->s_magic == OVERLAYFS_SUPER_MAGIC &&
	       S_ISREG(file_inode(file)->i_mode);
}

/**
 * shmstat_overlay_file - the file that an overlay opened for one of its own
 * @file: an opened shmstat_file_is_overlay(), or what may be one
 *
 * v6.13 put it into a structure of overlayfs's own, in the first place.
 *
 * Return: what stands where that file's pointer is thought to be; to be probed.
 */
static inline const struct file *shmstat_overlay_file(const struct file *file)
{
	const struct file *real;

	if (copy_from_kernel_nofault(&real, &file->private_data, sizeof(real)))
		return NULL;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	if (copy_from_kernel_nofault(&real, real, sizeof(real)))
		return NULL;
#endif
	return real;
}

/**
 * shmstat_folio_flags - all flags of a folio at once
 * @folio: a folio, or what was one a moment ago
 *
 * v6.18 wrapped them.
 */
static inline unsigned long shmstat_folio_flags(const struct folio *folio)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	return READ_ONCE(folio->flags.f);
#else
	return READ_ONCE(folio->page.flags);
#endif
}

/* v6.2 had the two under names of its own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0) && \
	LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define _entire_mapcount	_compound_mapcount
#define _nr_pages_mapped	_subpages_mapcount
#endif

/**
 * shmstat_folio_mapped - how many pages of an entry page tables lead to
 * @folio: a folio, or what was one a moment ago
 * @index: of the entry
 * @order: of the folio
 *
 * As exact as the kernel's own NR_FILE_MAPPED: v6.2 began to count in the
 * folio, and CONFIG_NO_PAGE_MAPCOUNT (v6.15) no longer tells its pages apart.
 */
static inline unsigned long shmstat_folio_mapped(struct folio *folio,
						 pgoff_t index,
						 unsigned int order)
{
	unsigned long pages = 1UL << order;
	unsigned long mapped = 0;
	struct page *page = &folio->page;

	/* By now it may be a smaller one that is not aligned to that order. */
	if (!order || page_to_pfn(page) & (pages - 1))
		return atomic_read(&page->_mapcount) >= 0;
#if IS_ENABLED(CONFIG_NO_PAGE_MAPCOUNT)
	mapped = folio_mapped(folio) ? pages : 0;
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	/* On 32 bit the count of the whole is beyond the end of such a one. */
	if (order == 1)
		return (atomic_read(&page[0]._mapcount) >= 0) +
		       (atomic_read(&page[1]._mapcount) >= 0);
	if (atomic_read(&folio->_entire_mapcount) >= 0)
		return pages;
	/* The upper bits are for what is mapped in one piece. */
	mapped = atomic_read(&folio->_nr_pages_mapped) & 0x7fffff;
#else
	if (PageHuge(page))
		return atomic_read(compound_mapcount_ptr(page)) >= 0 ?
		       pages : 0;
	if (LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0))
		return atomic_read(&page[index & (pages - 1)]._mapcount) >= 0;
	for (index = 0; index < pages; index++)
		mapped += atomic_read(&page[index]._mapcount) >= 0;
#endif
	return min(mapped, pages);
}

/* Whether shmstat_mm_tgid() can tell. */
#define SHMSTAT_KNOWS_MAPPERS	IS_ENABLED(CONFIG_MEMCG)

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

/**
 * shmstat_folio_css - the memory cgroup a folio is charged to
 * @folio: a folio, or what was one a moment ago
 *
 * Context: Under RCU, which keeps what is returned.
 * Return: NULL if nobody is charged, or the kernel does not keep that.
 */
static inline struct cgroup_subsys_state *shmstat_folio_css(struct folio *folio)
{
#ifdef CONFIG_MEMCG
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
	struct mem_cgroup *memcg = READ_ONCE(folio->page.mem_cgroup);

	/* What a page of slab has there instead; this one may be that by now. */
	if ((unsigned long)memcg & 1)
		memcg = NULL;
#else
	struct mem_cgroup *memcg = page_memcg_check(&folio->page);
#endif

	return memcg ? &memcg->css : NULL;
#else
	return NULL;
#endif
}

#endif /* SHMSTAT_COMPAT_H */

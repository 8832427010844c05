/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between kernel versions, and between configurations within a
 * file, so that the rest of the module reads as if it were in the newest kernel's
 * tree. Files that a configuration does not need are left out by Kbuild; their
 * headers have empty functions instead.
 *
 * "v6.4" in a comment is the version that made the difference.
 */
#ifndef SHMSTAT_COMPAT_H
#define SHMSTAT_COMPAT_H

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
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
#include <linux/uidgid.h>
#include <linux/version.h>
#include <linux/xarray.h>

/* v7.0: the flags of shmem_file_setup() have a type of their own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define SHMSTAT_NO_VMA_FLAGS	EMPTY_VMA_FLAGS
#else
#define SHMSTAT_NO_VMA_FLAGS	0UL
#endif

/* Between v6.12 and v7.3: the list of an inode's dentries is no longer in a union. */
#ifndef for_each_alias
#define for_each_alias(dentry, inode) \
	hlist_for_each_entry(dentry, &(inode)->i_dentry, d_u.d_alias)
#endif

/* v5.17 renamed it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
#define pde_data		PDE_DATA
#endif

/* v6.5: the splice that goes through ->read_iter() was renamed. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define copy_splice_read	generic_file_splice_read
#endif

/*
 * Whether the members of structures such as shmid_kernel are in random order.
 * v5.19 renamed the option.
 */
#define SHMSTAT_RANDSTRUCT \
	(IS_ENABLED(CONFIG_RANDSTRUCT) || \
	 IS_ENABLED(CONFIG_GCC_PLUGIN_RANDSTRUCT))

/*
 * Between v6.12 and v7.3 this moved from <net/af_unix.h> to net/unix. It is what a
 * message of an AF_UNIX socket has in skb->cb. For socket.c.
 */
#if IS_ENABLED(CONFIG_UNIX) && defined(__LINUX_NET_AFUNIX_H) && !defined(UNIXCB)
struct unix_skb_parms {
	struct pid *pid;
	kuid_t uid;
	kgid_t gid;
	struct scm_fp_list *fp;
#ifdef CONFIG_SECURITY_NETWORK
	u32 secid;
#endif
	u32 consumed;
} __randomize_layout;

#define UNIXCB(skb)	(*(struct unix_skb_parms *)&((skb)->cb))
#endif

/* Between v5.10 and v6.1: a function for it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 19, 0)
#define i_mmap_trylock_read(mapping) \
	down_read_trylock(&(mapping)->i_mmap_rwsem)
#endif

/* Major device number of accelerators; v6.2 has it in <drm/drm_accel.h>. */
#define SHMSTAT_ACCEL_MAJOR	261

/**
 * shmstat_get_hugetlbfs_type - get the file system type of hugetlbfs
 *
 * get_fs_type() of a type that does not exist would run modprobe.
 *
 * Context: Process context, may sleep.
 * Return: the type, or NULL without CONFIG_HUGETLBFS.
 */
static inline struct file_system_type *shmstat_get_hugetlbfs_type(void)
{
	return IS_ENABLED(CONFIG_HUGETLBFS) ? get_fs_type("hugetlbfs") : NULL;
}

/**
 * shmstat_hugetlbfs_seals - get the seals of an inode of hugetlbfs
 * @inode: the inode
 *
 * Context: Any.
 * Return: F_SEAL_SHRINK and so on; 0 without CONFIG_HUGETLBFS.
 */
static inline u32 shmstat_hugetlbfs_seals(struct inode *inode)
{
#ifdef CONFIG_HUGETLBFS
	return HUGETLBFS_I(inode)->seals;
#else
	return 0;
#endif
}

/* What shmstat_shmem_btime() returns where none is kept. */
#define SHMSTAT_NO_TIME		S64_MIN

/**
 * shmstat_shmem_btime - get the time when an inode of shmem was made
 * @inode: the inode
 *
 * Context: Any.
 * Return: seconds since 1970; SHMSTAT_NO_TIME before v5.18, which keeps none.
 */
static inline s64 shmstat_shmem_btime(struct inode *inode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 18, 0)
	return SHMEM_I(inode)->i_crtime.tv_sec;
#else
	return SHMSTAT_NO_TIME;
#endif
}

/* v6.6 and v6.7: functions for the times of an inode. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define shmstat_inode_ctime(inode)	((inode)->i_ctime)
#else
#define shmstat_inode_ctime(inode)	inode_get_ctime(inode)
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define shmstat_inode_mtime(inode)	((inode)->i_mtime)
#else
#define shmstat_inode_mtime(inode)	inode_get_mtime(inode)
#endif

/**
 * shmstat_sb_noswap - check whether a tmpfs is mounted with "noswap"
 * @sb: a superblock of shmem
 *
 * Context: Any.
 * Return: true if it is; false before v6.4, which added the option.
 */
static inline bool shmstat_sb_noswap(const struct super_block *sb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	return ((const struct shmem_sb_info *)sb->s_fs_info)->noswap;
#else
	return false;
#endif
}

/**
 * shmstat_index_shift - get the unit of an inode's page cache index
 * @inode: an inode of shmem or hugetlbfs
 *
 * Context: Any.
 * Return: log2 of the pages from one index to the next. Before v6.7 the index of
 *	hugetlbfs counted huge pages; it is 0 otherwise.
 */
static inline unsigned int shmstat_index_shift(const struct inode *inode)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	return inode->i_sb->s_blocksize_bits - PAGE_SHIFT;
#else
	return 0;
#endif
}

/* v5.16: folios; before, a page cache held head pages. */
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
 * shmstat_folio_order - get the order of a large folio
 * @inode: the inode whose page cache it is in
 * @order: the order of its entry in the page cache
 *
 * Before v5.17 each page of a huge page has an entry of its own. The order in its
 * head page cannot be used, as it is overwritten by a split. But there is only one
 * order that a huge page of the inode can have.
 *
 * Context: Any.
 * Return: the order.
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
 * shmstat_slot_order - get the order of a page cache entry
 * @xas: the state of a walk that has reached the entry's node
 * @offset: the entry's slot in that node
 *
 * xas_get_order() of newer kernels does the same, but is not inline.
 *
 * Context: Called under RCU.
 * Return: the order, 0 for a single page.
 */
static __always_inline unsigned int
shmstat_slot_order(const struct xa_state *xas, unsigned int offset)
{
	const struct xa_node *node = xas->xa_node;
	unsigned int order = 0;

	if (!IS_ENABLED(CONFIG_XARRAY_MULTI) || !node)
		return 0;
	while (offset + (1U << order) < XA_CHUNK_SIZE &&
	       xa_is_sibling(xa_entry(xas->xa, node, offset + (1U << order))))
		order++;
	return order + node->shift;
}

/**
 * shmstat_inode_is_evicted - check whether an inode is being evicted
 * @inode: the inode
 *
 * Context: Called with i_lock held.
 * Return: true if it is. v6.19 wrapped the state.
 */
static inline bool shmstat_inode_is_evicted(const struct inode *inode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
	return inode_state_read((struct inode *)inode) & (I_FREEING | I_WILL_FREE);
#else
	return inode->i_state & (I_FREEING | I_WILL_FREE);
#endif
}

/**
 * shmstat_file_is_overlay - check whether a file is a regular file of overlayfs
 * @file: any file
 *
 * Context: Any.
 * Return: true if it is.
 */
static inline bool shmstat_file_is_overlay(const struct file *file)
{
	return file_inode(file)->i_sb->s_magic == OVERLAYFS_SUPER_MAGIC &&
	       S_ISREG(file_inode(file)->i_mode);
}

/**
 * shmstat_overlay_file - get the underlying file of a file of overlayfs
 * @file: an opened shmstat_file_is_overlay(), or a pointer that may lead to one
 *
 * The pointer is read from the private data of overlayfs. From v6.13 on it is the
 * first member of a structure there.
 *
 * Context: Any.
 * Return: a pointer that may lead to a file, for shmstat_inode_probe(); NULL if
 *	it could not be read.
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

/* Whether the node of a folio is part of its flags. */
#ifdef NODE_NOT_IN_PAGE_FLAGS
#define SHMSTAT_NODE_IN_FLAGS	false
#else
#define SHMSTAT_NODE_IN_FLAGS	true
#endif

/**
 * shmstat_folio_flags - read all flags of a folio at once
 * @folio: a folio; it may have been freed or reused
 *
 * Context: Called under RCU.
 * Return: the flags. v6.18 wrapped them.
 */
static inline unsigned long shmstat_folio_flags(const struct folio *folio)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	return READ_ONCE(folio->flags.f);
#else
	return READ_ONCE(folio->page.flags);
#endif
}

/* v6.3 renamed these counters, which v6.2 added. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0) && \
	LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define _entire_mapcount	_compound_mapcount
#define _nr_pages_mapped	_subpages_mapcount
#endif

/**
 * shmstat_folio_mapped - count the pages of a page cache entry that are mapped
 * @folio: the entry's folio; it may have been freed or reused
 * @index: the entry's index, in pages
 * @order: the folio's order
 *
 * This is as exact as the kernel's own NR_FILE_MAPPED. From v6.2 on a folio has a
 * count. With CONFIG_NO_PAGE_MAPCOUNT (v6.15) a folio counts as mapped as a whole
 * or not at all.
 *
 * Context: Called under RCU.
 * Return: number of pages that page tables point to.
 */
static inline unsigned long shmstat_folio_mapped(struct folio *folio,
						 pgoff_t index,
						 unsigned int order)
{
	unsigned long pages = 1UL << order;
	unsigned long mapped = 0;
	struct page *page = &folio->page;

	/* A single page; or not aligned to its order: reused as a smaller folio. */
	if (!order || page_to_pfn(page) & (pages - 1))
		return atomic_read(&page->_mapcount) >= 0;
#if IS_ENABLED(CONFIG_NO_PAGE_MAPCOUNT)
	mapped = folio_mapped(folio) ? pages : 0;
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	/* On 32 bit the folio's counts lie beyond its second page. */
	if (order == 1)
		return (atomic_read(&page[0]._mapcount) >= 0) +
		       (atomic_read(&page[1]._mapcount) >= 0);
	if (atomic_read(&folio->_entire_mapcount) >= 0)
		return pages;
	/* The upper bits count mappings of the whole folio. */
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

/* Whether shmstat_mm_tgid() can find the process. */
#define SHMSTAT_HAS_MM_OWNER	IS_ENABLED(CONFIG_MEMCG)

/**
 * shmstat_mm_tgid - get the process that owns an address space
 * @mm: the address space; the caller keeps it
 *
 * Context: Any.
 * Return: its pid in the initial pid namespace; 0 if the process has ended, or
 *	without CONFIG_MEMCG.
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
 * shmstat_folio_css - get the memory cgroup that a folio is charged to
 * @folio: a folio; it may have been freed or reused
 *
 * Context: Called under RCU, which keeps the result.
 * Return: the cgroup's state; NULL if none is charged, or without CONFIG_MEMCG.
 */
static inline struct cgroup_subsys_state *shmstat_folio_css(struct folio *folio)
{
#ifdef CONFIG_MEMCG
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
	struct mem_cgroup *memcg = READ_ONCE(folio->page.mem_cgroup);

	/* Reused by slab, which has a tagged pointer there. */
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

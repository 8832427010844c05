// SPDX-License-Identifier: GPL-2.0
/*
 * The inodes of a superblock.
 */
#include <linux/fs.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "shmstat.h"

/*
 * How many inodes are looked at under one hold of s_inode_list_lock, which
 * every creation and removal of a file on that superblock waits for. At some
 * 50 to 200 ns an inode, most of it cache misses, 16 keep it near 2 us.
 */
#define BATCH	16

/**
 * shmstat_inode_is_object - whether an inode is listed
 * @inode: an inode of a superblock that shmstat_super_ours()
 *
 * Context: Any; s_inode_list_lock is enough to keep the inode.
 */
bool shmstat_inode_is_object(const struct inode *inode)
{
	/*
	 * Only what can hold pages is given operations, and as the last step
	 * of being made; hugetlbfs gives them to directories too. What a device
	 * node maps is the device's, so its own pages are asked for.
	 */
	return READ_ONCE(inode->i_data.a_ops) != &empty_aops &&
	       (S_ISREG(inode->i_mode) || !shmstat_super_huge(inode->i_sb));
}

/*
 * hugetlbfs sets no generation. A hashed pointer, as "%p" prints it, is the
 * kernel's own keyed hash: it stays the same while the inode lives and this
 * kernel runs, and gives the address away to nobody.
 */
static u32 hashed_address(const struct inode *inode)
{
	char text[2 + 2 * sizeof(inode) + 1];
	int len = scnprintf(text, sizeof(text), "%p", inode);

	return jhash(text, len, 0);
}

/**
 * shmstat_inode_id - name an inode
 * @inode: an inode of a superblock that shmstat_super_ours()
 *
 * Context: Any; the caller keeps the inode.
 */
struct shmstat_id shmstat_inode_id(const struct inode *inode)
{
	return (struct shmstat_id) {
		.ino = inode->i_ino,
		.dev = inode->i_sb->s_dev,
		.generation = inode->i_generation ?: hashed_address(inode),
	};
}

/**
 * shmstat_inode_probe - the inode of what may be a file
 * @file: a pointer that was read where a file's is thought to be
 *
 * Context: Any; if it is a file, the caller keeps it.
 * Return: the inode, if it is of a superblock that shmstat_super_ours();
 *	otherwise NULL.
 */
struct inode *shmstat_inode_probe(const struct file *file)
{
	struct file_system_type *type;
	struct super_block *sb;
	struct inode *inode;

	if (copy_from_kernel_nofault(&inode, &file->f_inode, sizeof(inode)) ||
	    copy_from_kernel_nofault(&sb, &inode->i_sb, sizeof(sb)) ||
	    copy_from_kernel_nofault(&type, &sb->s_type, sizeof(type)))
		return NULL;
	return shmstat_super_ours(sb) ? inode : NULL;
}

/**
 * shmstat_inode_resident - bytes of an inode in page cache
 * @inode: an inode of a superblock that shmstat_super_ours()
 *
 * Context: Any; the caller keeps the inode.
 */
u64 shmstat_inode_resident(const struct inode *inode)
{
	/* hugetlbfs counts its page cache in blocks of 512 bytes. */
	if (shmstat_super_huge(inode->i_sb))
		return (u64)READ_ONCE(inode->i_blocks) << 9;
	return (u64)READ_ONCE(inode->i_mapping->nrpages) << PAGE_SHIFT;
}

/**
 * shmstat_inode_swapped - bytes of an inode in swap
 * @inode: an inode of a superblock that shmstat_super_ours()
 *
 * Context: Any; the caller keeps the inode.
 */
u64 shmstat_inode_swapped(const struct inode *inode)
{
	if (shmstat_super_huge(inode->i_sb))
		return 0;
	return (u64)READ_ONCE(SHMEM_I((struct inode *)inode)->swapped) <<
	       PAGE_SHIFT;
}

/**
 * shmstat_visit_inodes - call a function for every object of a superblock
 * @sb: the superblock; the caller holds an active reference
 * @visit: the function, called with a reference to the inode held and no
 *	lock; may sleep; anything but 0 ends the loop
 * @arg: handed to @visit
 *
 * An inode that comes or goes meanwhile may or may not be seen; none is seen
 * twice.
 *
 * Context: Process context, may sleep. Takes s_inode_list_lock and i_lock, for
 *	BATCH inodes at a time. Where the last user of an inode let go of it
 *	meanwhile, it is evicted here.
 * Return: what @visit returned last, or -EINTR after a fatal signal.
 */
int shmstat_visit_inodes(struct super_block *sb, shmstat_inode_fn visit,
			 void *arg)
{
	struct inode *batch[BATCH];
	struct inode *inode, *cursor = NULL;
	unsigned int count, seen, i;
	int ret = 0;

	do {
		count = 0;
		seen = 0;

		spin_lock(&sb->s_inode_list_lock);
		inode = list_prepare_entry(cursor, &sb->s_inodes, i_sb_list);
		list_for_each_entry_continue(inode, &sb->s_inodes, i_sb_list) {
			/* The last one of a batch marks where to go on. */
			if (++seen < BATCH && !shmstat_inode_is_object(inode))
				continue;
			/* Fails on an inode that is being evicted. */
			if (!igrab(inode))
				continue;
			batch[count++] = inode;
			if (seen >= BATCH)
				break;
		}
		spin_unlock(&sb->s_inode_list_lock);

		iput(cursor);
		cursor = NULL;
		for (i = 0; i < count; i++) {
			if (!ret && shmstat_inode_is_object(batch[i]))
				ret = visit(batch[i], arg);
			if (i == count - 1 && seen >= BATCH)
				cursor = batch[i];
			else
				iput(batch[i]);
		}
		cond_resched();
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	} while (!ret && cursor);

	iput(cursor);
	return ret;
}

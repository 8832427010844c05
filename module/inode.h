/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inodes of a superblock, and what is read of one.
 */
#ifndef SHMSTAT_INODE_H
#define SHMSTAT_INODE_H

#include <linux/fs.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "budget.h"

/**
 * struct shmstat_id - what names an object while it lives
 * @ino: inode number
 * @dev: device of its superblock
 * @generation: inode generation, or what stands in for it
 */
struct shmstat_id {
	u64 ino;
	dev_t dev;
	u32 generation;
};

static inline bool shmstat_id_equal(const struct shmstat_id *a,
				    const struct shmstat_id *b)
{
	return a->ino == b->ino && a->dev == b->dev &&
	       a->generation == b->generation;
}

/**
 * struct shmstat_inode - what is read of an inode in one moment
 * @id: what names it
 * @name: on a mount without paths as the kernel named it, otherwise its path;
 *	valid during the visit; NULL if there is none or it was not asked for
 * @size: bytes, as fstat(2) has it
 * @resident: bytes in page cache
 * @swapped: bytes in swap
 * @uid: owner
 * @gid: group
 * @nlink: hard links
 * @seals: F_SEAL_SHRINK and so on
 * @mode: type and permission bits
 * @mapped: whether a process maps it
 * @writable: whether a shared mapping of it can be written
 * @unevictable: whether its pages are kept in memory
 * @private: whether the kernel made it for itself
 * @pseudo: whether it is in no directory and never was
 */
struct shmstat_inode {
	struct shmstat_id id;
	const char *name;
	u64 size;
	u64 resident;
	u64 swapped;
	kuid_t uid;
	kgid_t gid;
	u32 nlink;
	u32 seals;
	umode_t mode;
	bool mapped;
	bool writable;
	bool unevictable;
	bool private;
	bool pseudo;
};

/**
 * struct shmstat_visitor - what to do with each object of a superblock
 * @needs_path: whether the path of an object is needed; called with spinlocks
 *	held; NULL if it never is. Names without a path always are there
 * @wants: whether @visit needs the inode itself; called with spinlocks held;
 *	NULL if it never does
 * @visit: called for each object, with no lock held; may sleep; anything but 0
 *	ends the walk. The inode is NULL unless @wants was true; then a reference
 *	to it is held
 * @arg: handed to all
 */
struct shmstat_visitor {
	bool (*needs_path)(const struct shmstat_inode *read, void *arg);
	bool (*wants)(const struct shmstat_inode *read, void *arg);
	int (*visit)(const struct shmstat_inode *read, struct inode *inode,
		     void *arg);
	void *arg;
};

struct shmstat_batch;

struct shmstat_batch *shmstat_batch_alloc(struct shmstat_budget *budget);
void shmstat_batch_free(struct shmstat_batch *batch,
			struct shmstat_budget *budget);
int shmstat_visit_inodes(struct super_block *sb,
			 const struct shmstat_visitor *visitor,
			 struct shmstat_batch *batch);
struct shmstat_id shmstat_inode_id(const struct inode *inode);
struct inode *shmstat_inode_probe(const struct file *file);
u64 shmstat_inode_resident(const struct inode *inode);
u64 shmstat_inode_swapped(const struct inode *inode);
bool shmstat_inode_is_dying(const struct inode *inode);

#endif /* SHMSTAT_INODE_H */

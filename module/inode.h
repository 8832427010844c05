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
 * struct shmstat_id - unique among the objects that exist
 * @ino: inode number
 * @dev: device number of the superblock
 * @generation: inode generation, or a hash where the file system sets none
 */
struct shmstat_id {
	u64 ino;
	dev_t dev;
	u32 generation;
};

/**
 * shmstat_id_equal - compare two ids
 * @a: one
 * @b: the other
 *
 * Context: Any.
 * Return: true if they are equal.
 */
static inline bool shmstat_id_equal(const struct shmstat_id *a,
				    const struct shmstat_id *b)
{
	return a->ino == b->ino && a->dev == b->dev &&
	       a->generation == b->generation;
}

/**
 * struct shmstat_inode - what is read of an inode under one hold of i_lock
 * @id: its id
 * @name: on an internal mount the name that the kernel gave it, elsewhere the
 *	path from the root of its file system; NULL if it has none, or if
 *	needs_path() did not ask for it; valid during visit() only
 * @size: bytes, as in fstat(2)
 * @resident: bytes in page cache
 * @swapped: bytes in swap
 * @btime: when it was made, seconds since 1970; SHMSTAT_NO_TIME if that is not kept
 * @mtime: when it was last modified
 * @ctime: when its status was last changed
 * @uid: owner
 * @gid: group
 * @nlink: number of hard links
 * @seals: F_SEAL_SHRINK and so on
 * @mode: file type and permission bits
 * @mapped: a process maps it
 * @writable: it has a shared mapping that may be written
 * @unevictable: its pages are kept in memory
 * @private: S_PRIVATE is set: the kernel made it for itself
 * @pseudo: it was made without a directory
 */
struct shmstat_inode {
	struct shmstat_id id;
	const char *name;
	u64 size;
	u64 resident;
	u64 swapped;
	s64 btime;
	s64 mtime;
	s64 ctime;
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
 * @needs_path: check whether the path of an object is needed; called with
 *	spinlocks held; NULL if no path is. Names on internal mounts are read
 *	in any case
 * @needs_inode: check whether visit() needs the inode; called with spinlocks
 *	held; NULL if it never does
 * @visit: called for each object without locks; may sleep; anything but 0 ends
 *	the walk. The inode is NULL unless needs_inode() returned true; then
 *	a reference is held during the call. An inode that is being evicted
 *	is not visited
 * @arg: passed to all three
 */
struct shmstat_visitor {
	bool (*needs_path)(const struct shmstat_inode *read, void *arg);
	bool (*needs_inode)(const struct shmstat_inode *read, void *arg);
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

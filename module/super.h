/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The superblocks whose inodes are objects.
 */
#ifndef SHMSTAT_SUPER_H
#define SHMSTAT_SUPER_H

#include <linux/fs.h>
#include <linux/types.h>

struct shmstat_snapshot;

/**
 * struct shmstat_super - a superblock whose inodes are objects
 * @type: name of its file system type
 * @options: mount options, or NULL
 * @pagesize: bytes of its pages
 * @dev: its device
 * @generation: of its root directory's inode; tells it from one that gets the
 *	same device later
 * @next: for finding it by @dev and @generation
 * @internal: no path leads to it
 * @is_shm_mnt: it is the kernel's own tmpfs, not a driver's
 * @huge: it is a hugetlbfs
 * @noswap: it is mounted "noswap"
 * @posix: it is mounted at /dev/shm in some mount namespace
 * @objects: how many objects it has
 * @size: their sizes
 * @resident: bytes of them in page cache
 * @swapped: bytes of them in swap
 * @bytes_used: as statfs(2) has it; SHMSTAT_NONE where there is no limit, as
 *	the kernel does not count then
 * @bytes_limit: bytes it may use, or SHMSTAT_NONE
 * @inodes_used: as statfs(2) has it, or SHMSTAT_NONE
 * @inodes_limit: inodes it may have, or SHMSTAT_NONE
 */
struct shmstat_super {
	const char *type;
	const char *options;
	u64 pagesize;
	dev_t dev;
	u32 generation;
	u32 next;
	bool internal;
	bool is_shm_mnt;
	bool huge;
	bool noswap;
	bool posix;
	u64 objects;
	u64 size;
	u64 resident;
	u64 swapped;
	u64 bytes_used;
	u64 bytes_limit;
	u64 inodes_used;
	u64 inodes_limit;
};

/**
 * typedef shmstat_super_fn - called for a superblock
 *
 * The superblock is held by an active reference. May sleep; anything but 0
 * ends the walk.
 */
typedef int (*shmstat_super_fn)(struct super_block *sb, void *arg);

int shmstat_supers_init(void);
int shmstat_visit_supers(shmstat_super_fn visit, void *arg);
int shmstat_super_fill(struct shmstat_snapshot *snap,
		       struct shmstat_super *super, struct super_block *sb);
u32 shmstat_super_hash(const void *row);
u32 shmstat_super_find_nr(const struct shmstat_snapshot *snap,
			  const struct super_block *sb);
bool shmstat_sb_is_shmem(const struct super_block *sb);
bool shmstat_sb_is_hugetlbfs(const struct super_block *sb);
bool shmstat_sb_is_dying(const struct super_block *sb);

#endif /* SHMSTAT_SUPER_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The superblocks that have objects.
 */
#ifndef SHMSTAT_SUPER_H
#define SHMSTAT_SUPER_H

#include <linux/fs.h>
#include <linux/types.h>

#include "hashtable.h"

struct seq_file;

/**
 * struct shmstat_super - a superblock that has objects
 * @type: name of the file system type
 * @options: mount options; NULL unless &shmstat_view.superblocks
 * @pagesize: bytes of a page
 * @dev: device number
 * @generation: generation of the root directory's inode; with @dev it tells
 *	apart superblocks that had the same device number one after the other
 * @next: for the hash table
 * @internal: mounted by the kernel for itself; no path leads to it
 * @is_shm_mnt: the kernel's internal tmpfs mount, not that of a driver
 * @huge: belongs to hugetlbfs
 * @noswap: mounted with the option "noswap"
 * @posix: mounted at /dev/shm in some mount namespace
 * @objects: number of objects
 * @size: sum of their sizes, bytes
 * @resident: bytes of them in page cache
 * @swapped: bytes of them in swap
 * @bytes_used: as in statfs(2); SHMSTAT_NONE without a limit, as the kernel does
 *	not count then. This and the members below are set only for
 *	&shmstat_view.superblocks
 * @bytes_limit: as in statfs(2), or SHMSTAT_NONE
 * @inodes_used: as in statfs(2), or SHMSTAT_NONE
 * @inodes_limit: as in statfs(2), or SHMSTAT_NONE
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
 * struct shmstat_supers - the superblocks of a snapshot
 * @rows: every &struct shmstat_super; objects refer to them by number
 * @by_dev: finds them by @dev and @generation
 * @incomplete: the kernel's list of superblocks could not be walked to its end
 */
struct shmstat_supers {
	struct shmstat_rows rows;
	struct shmstat_hashtable by_dev;
	bool incomplete;
};

/**
 * typedef shmstat_super_fn - called for each superblock
 * @sb: the superblock; an active reference is held during the call
 * @arg: the argument of shmstat_visit_supers()
 *
 * Context: Process context, may sleep.
 * Return: 0; anything else ends the loop.
 */
typedef int (*shmstat_super_fn)(struct super_block *sb, void *arg);

int shmstat_super_init(void);
int shmstat_visit_supers(shmstat_super_fn visit, void *arg);

void shmstat_supers_init(struct shmstat_supers *supers,
			 struct shmstat_budget *budget);
struct shmstat_super *shmstat_supers_add(struct shmstat_supers *supers,
					 const struct super_block *sb);
u32 shmstat_supers_find_nr(const struct shmstat_supers *supers,
			   const struct super_block *sb);
void shmstat_supers_free(struct shmstat_supers *supers);
void shmstat_super_read_usage(struct shmstat_super *super,
			      struct super_block *sb);
void shmstat_super_put_options(struct seq_file *m, struct super_block *sb);

/**
 * shmstat_supers_at - get a superblock's record by its number
 * @supers: the superblocks
 * @nr: the number, from 0
 *
 * Context: Any.
 * Return: the record; NULL if there is none, as for SHMSTAT_NO_ROW.
 */
static inline struct shmstat_super *
shmstat_supers_at(const struct shmstat_supers *supers, u32 nr)
{
	return shmstat_rows_at(&supers->rows, nr);
}

#endif /* SHMSTAT_SUPER_H */

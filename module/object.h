/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects: inodes that hold shared memory, as tables show them.
 */
#ifndef SHMSTAT_OBJECT_H
#define SHMSTAT_OBJECT_H

#include <linux/bits.h>

#include "inode.h"
#include "super.h"

/**
 * enum shmstat_kind - what an object was made by, in the order of every table
 * @SHMSTAT_SYSV: shmget(2)
 * @SHMSTAT_POSIX: a file on a tmpfs that is mounted at /dev/shm
 * @SHMSTAT_ANON: mmap(2) with MAP_SHARED and MAP_ANONYMOUS, or of /dev/zero
 * @SHMSTAT_MEMFD: memfd_create(2)
 * @SHMSTAT_GPU: a graphics driver
 * @SHMSTAT_TMPFS: a file on any other tmpfs
 * @SHMSTAT_KERNEL: the kernel, for another use
 * @SHMSTAT_NR_KINDS: number of kinds
 */
enum shmstat_kind {
	SHMSTAT_SYSV,
	SHMSTAT_POSIX,
	SHMSTAT_ANON,
	SHMSTAT_MEMFD,
	SHMSTAT_GPU,
	SHMSTAT_TMPFS,
	SHMSTAT_KERNEL,
	SHMSTAT_NR_KINDS,
};

/**
 * enum shmstat_truncate - whether the size can be reduced while it is mapped
 * @SHMSTAT_TRUNCATE_NEVER: no process can have a descriptor to do it with
 * @SHMSTAT_TRUNCATE_SEALED: F_SEAL_SHRINK prevents it
 * @SHMSTAT_TRUNCATE_POSSIBLE: it can
 */
enum shmstat_truncate {
	SHMSTAT_TRUNCATE_NEVER,
	SHMSTAT_TRUNCATE_SEALED,
	SHMSTAT_TRUNCATE_POSSIBLE,
};

/* The flags of an object; see shmstat_put_flags(). */
#define SHMSTAT_MAPPED		BIT(0)
#define SHMSTAT_UNLINKED	BIT(1)
#define SHMSTAT_LOCKED		BIT(2)
#define SHMSTAT_NOSWAP		BIT(3)
#define SHMSTAT_DEST		BIT(4)

/**
 * struct shmstat_object - one inode that holds shared memory
 * @id: its id
 * @name: as in &struct shmstat_inode, or NULL
 * @size: bytes, as in fstat(2)
 * @resident: bytes in page cache
 * @swapped: bytes in swap
 * @btime: as in &struct shmstat_inode; also the next two
 * @mtime: when it was last modified
 * @ctime: when its status was last changed
 * @super: number of its &struct shmstat_super
 * @uid: owner
 * @gid: group
 * @nlink: number of hard links
 * @mode: file type and permission bits
 * @kind: &enum shmstat_kind; POSIX only from shmstat_object_kind()
 * @truncate: &enum shmstat_truncate
 * @flags: SHMSTAT_MAPPED and so on
 */
struct shmstat_object {
	struct shmstat_id id;
	const char *name;
	u64 size;
	u64 resident;
	u64 swapped;
	s64 btime;
	s64 mtime;
	s64 ctime;
	u32 super;
	kuid_t uid;
	kgid_t gid;
	u32 nlink;
	u16 mode;
	u8 kind;
	u8 truncate;
	u8 flags;
};

/* Indexed by &enum shmstat_kind. */
extern const char * const shmstat_kind_names[SHMSTAT_NR_KINDS];

bool shmstat_object_make(struct shmstat_object *obj,
			 const struct shmstat_inode *read,
			 const struct shmstat_super *super);
enum shmstat_kind shmstat_object_kind(const struct shmstat_object *obj,
				      const struct shmstat_super *super);
bool shmstat_object_has_path(const struct shmstat_object *obj,
			     const struct shmstat_super *super);
const char *shmstat_truncate_name(const struct shmstat_object *obj);

#endif /* SHMSTAT_OBJECT_H */

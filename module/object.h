/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One inode that holds shared memory, as the tables tell of it.
 */
#ifndef SHMSTAT_OBJECT_H
#define SHMSTAT_OBJECT_H

#include "inode.h"
#include "super.h"

/**
 * enum shmstat_kind - what made an object, in the order of every table
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
 * enum shmstat_truncate - whether an object can shrink under its mappers
 */
enum shmstat_truncate {
	SHMSTAT_TRUNCATE_NEVER,
	SHMSTAT_TRUNCATE_SEALED,
	SHMSTAT_TRUNCATE_POSSIBLE,
};

/* Bits of an object's flags, in the order they are printed. */
#define SHMSTAT_MAPPED		BIT(0)
#define SHMSTAT_UNLINKED	BIT(1)
#define SHMSTAT_LOCKED		BIT(2)
#define SHMSTAT_NOSWAP		BIT(3)
#define SHMSTAT_DEST		BIT(4)

/**
 * struct shmstat_object - one inode that holds shared memory
 * @id: its name
 * @name: text for people, or NULL
 * @size: bytes, as fstat(2) has it
 * @resident: bytes in page cache
 * @swapped: bytes in swap
 * @super: the number of its &struct shmstat_super
 * @uid: owner
 * @gid: group
 * @nlink: hard links
 * @mode: type and permission bits
 * @kind: &enum shmstat_kind; see shmstat_object_kind()
 * @truncate: &enum shmstat_truncate
 * @flags: SHMSTAT_MAPPED and so on
 */
struct shmstat_object {
	struct shmstat_id id;
	const char *name;
	u64 size;
	u64 resident;
	u64 swapped;
	u32 super;
	kuid_t uid;
	kgid_t gid;
	u32 nlink;
	u16 mode;
	u8 kind;
	u8 truncate;
	u8 flags;
};

bool shmstat_object_make(struct shmstat_object *obj,
			 const struct shmstat_inode *read,
			 const struct shmstat_super *super);
enum shmstat_kind shmstat_object_kind(const struct shmstat_object *obj,
				      const struct shmstat_super *super);
u64 shmstat_object_weight(const struct shmstat_object *obj);
bool shmstat_object_has_name(const struct shmstat_object *obj,
			     const struct shmstat_super *super);
const char *shmstat_truncate_name(const struct shmstat_object *obj);
extern const char *const shmstat_kind_names[SHMSTAT_NR_KINDS];

#endif /* SHMSTAT_OBJECT_H */

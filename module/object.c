// SPDX-License-Identifier: GPL-2.0
/*
 * One inode that holds shared memory: what it is and what stands in its own
 * counters. No page of it is visited.
 */
#include <linux/ctype.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <linux/string.h>

#include "object.h"

const char *const shmstat_kind_names[SHMSTAT_NR_KINDS] = {
	[SHMSTAT_SYSV]		= "sysv",
	[SHMSTAT_POSIX]		= "posix",
	[SHMSTAT_ANON]		= "anon",
	[SHMSTAT_MEMFD]		= "memfd",
	[SHMSTAT_GPU]		= "gpu",
	[SHMSTAT_TMPFS]		= "tmpfs",
	[SHMSTAT_KERNEL]	= "kernel",
};

static const char * const truncate_names[] = {
	[SHMSTAT_TRUNCATE_NEVER]	= "never",
	[SHMSTAT_TRUNCATE_SEALED]	= "sealed",
	[SHMSTAT_TRUNCATE_POSSIBLE]	= "possible",
};

/* What DRM drivers name the files behind their buffers. */
static const char * const gpu_names[] = {
	"drm mm object", "i915", "i915-shmem-tt", "ttm swap",
	"ttm shmem backup",
};

/* The kernel names a segment after its key: "SYSV%08x". */
static bool is_sysv_name(const char *name)
{
	size_t i;

	if (strncmp(name, "SYSV", 4) || strlen(name) != 12)
		return false;
	for (i = 4; i < 12; i++)
		if (!isxdigit(name[i]))
			return false;
	return true;
}

/*
 * On a mount that no path reaches, the name tells who made a file. A process
 * chooses it only after the "memfd:", and what the kernel makes for itself is
 * marked private. On a mount of its own a DRM driver may name its files as it
 * likes, but in no directory; a user-mode driver's program is in one.
 */
static enum shmstat_kind internal_kind(const struct shmstat_super *super,
				       const struct shmstat_inode *read)
{
	const char *name = read->name ?: "";
	size_t i;

	if (strstarts(name, "memfd:"))
		return SHMSTAT_MEMFD;
	if (read->private && is_sysv_name(name))
		return SHMSTAT_SYSV;
	if (super->huge)
		return SHMSTAT_ANON;
	if (read->private && !strcmp(name, "dev/zero"))
		return SHMSTAT_ANON;
	if (!super->is_shm_mnt && read->pseudo)
		return SHMSTAT_GPU;
	for (i = 0; i < ARRAY_SIZE(gpu_names); i++)
		if (!strcmp(name, gpu_names[i]))
			return SHMSTAT_GPU;
	return SHMSTAT_KERNEL;
}

static enum shmstat_truncate object_truncate(enum shmstat_kind kind,
					     const struct shmstat_inode *read)
{
	switch (kind) {
	case SHMSTAT_POSIX:
	case SHMSTAT_MEMFD:
	case SHMSTAT_TMPFS:
		/* A symbolic link has no size that anybody could set. */
		if (!S_ISREG(read->mode))
			return SHMSTAT_TRUNCATE_NEVER;
		if (read->seals & F_SEAL_SHRINK)
			return SHMSTAT_TRUNCATE_SEALED;
		return SHMSTAT_TRUNCATE_POSSIBLE;
	default:
		return SHMSTAT_TRUNCATE_NEVER;
	}
}

static u8 object_flags(enum shmstat_kind kind,
		       const struct shmstat_super *super,
		       const struct shmstat_inode *read)
{
	u8 flags = 0;

	if (read->mapped)
		flags |= SHMSTAT_MAPPED;
	if (!super->internal && !read->nlink)
		flags |= SHMSTAT_UNLINKED;
	/* Drivers set the same bit while they use a buffer's pages. */
	if (kind == SHMSTAT_SYSV && !super->huge && read->unevictable)
		flags |= SHMSTAT_LOCKED;
	if (super->noswap)
		flags |= SHMSTAT_NOSWAP;
	return flags;
}

/**
 * shmstat_object_make - describe what was read of an inode
 * @obj: the object; it has no name yet, and its superblock no number
 * @read: what was read
 * @super: its superblock
 *
 * Return: false if the inode holds no shared memory after all.
 */
bool shmstat_object_make(struct shmstat_object *obj,
			 const struct shmstat_inode *read,
			 const struct shmstat_super *super)
{
	enum shmstat_kind kind = SHMSTAT_TMPFS;

	if (super->internal)
		kind = internal_kind(super, read);
	/* MAP_PRIVATE|MAP_HUGETLB also creates an internal file; it holds no shared pages. */
	if (super->huge && kind == SHMSTAT_ANON && !read->resident &&
	    !read->writable)
		return false;

	*obj = (struct shmstat_object) {
		.id = read->id,
		.size = read->size,
		.resident = read->resident,
		.swapped = read->swapped,
		.uid = read->uid,
		.gid = read->gid,
		.nlink = read->nlink,
		.mode = read->mode,
		.kind = kind,
		.truncate = object_truncate(kind, read),
		.flags = object_flags(kind, super, read),
	};
	return true;
}

/**
 * shmstat_object_kind - the kind of an object
 * @obj: the object
 * @super: its superblock, after shmstat_posix_scan()
 */
enum shmstat_kind shmstat_object_kind(const struct shmstat_object *obj,
				      const struct shmstat_super *super)
{
	return super->posix && obj->kind == SHMSTAT_TMPFS ? SHMSTAT_POSIX :
							     obj->kind;
}

/**
 * shmstat_object_weight - what an object costs
 * @obj: the object
 *
 * Return: bytes in memory and in swap.
 */
u64 shmstat_object_weight(const struct shmstat_object *obj)
{
	return obj->resident + obj->swapped;
}

/**
 * shmstat_object_has_name - whether a path leads to an object
 * @obj: the object
 * @super: its superblock
 */
bool shmstat_object_has_name(const struct shmstat_object *obj,
			     const struct shmstat_super *super)
{
	return !super->internal && !(obj->flags & SHMSTAT_UNLINKED);
}

/**
 * shmstat_truncate_name - the word for whether an object can shrink
 * @obj: the object
 */
const char *shmstat_truncate_name(const struct shmstat_object *obj)
{
	return truncate_names[obj->truncate];
}

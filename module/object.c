// SPDX-License-Identifier: GPL-2.0
/*
 * Objects: what an inode is, from its name and its counters. Its pages are not
 * visited.
 */
#include <linux/ctype.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <linux/string.h>

#include "object.h"

const char * const shmstat_kind_names[SHMSTAT_NR_KINDS] = {
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

/* The names that DRM drivers give to the files of their buffers. */
static const char * const gpu_names[] = {
	"drm mm object", "i915", "i915-shmem-tt", "ttm swap",
	"ttm shmem backup",
};

/* The kernel names a segment by its key: "SYSV%08x". */
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
 * On an internal mount the name tells what made a file. A process can choose a
 * name only behind "memfd:". Segments and shared mappings are marked private. On
 * a driver's own mount, a DRM driver gives its files any name but no directory,
 * and a user-mode driver puts its program in a directory.
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
		/* The size of a symbolic link cannot be set. */
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
	/* GPU drivers set the same bit while a buffer is in use. */
	if (kind == SHMSTAT_SYSV && !super->huge && read->unevictable)
		flags |= SHMSTAT_LOCKED;
	if (super->noswap)
		flags |= SHMSTAT_NOSWAP;
	return flags;
}

/**
 * shmstat_object_make - make an object of what was read of an inode
 * @obj: the object; its @name and @super are left for the caller to set
 * @read: what was read
 * @super: its superblock
 *
 * Context: Any.
 * Return: false if the inode is not an object after all.
 */
bool shmstat_object_make(struct shmstat_object *obj,
			 const struct shmstat_inode *read,
			 const struct shmstat_super *super)
{
	enum shmstat_kind kind = SHMSTAT_TMPFS;

	if (super->internal)
		kind = internal_kind(super, read);
	/*
	 * MAP_PRIVATE|MAP_HUGETLB also creates an internal file; it holds no
	 * shared pages.
	 */
	if (super->huge && kind == SHMSTAT_ANON && !read->resident &&
	    !read->writable)
		return false;

	*obj = (struct shmstat_object) {
		.id = read->id,
		.size = read->size,
		.resident = read->resident,
		.swapped = read->swapped,
		.btime = read->btime,
		.mtime = read->mtime,
		.ctime = read->ctime,
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
 * shmstat_object_kind - get the kind of an object
 * @obj: the object
 * @super: its superblock, after shmstat_mark_posix()
 *
 * Context: Any.
 * Return: the kind.
 */
enum shmstat_kind shmstat_object_kind(const struct shmstat_object *obj,
				      const struct shmstat_super *super)
{
	return super->posix && obj->kind == SHMSTAT_TMPFS ? SHMSTAT_POSIX :
							     obj->kind;
}

/**
 * shmstat_object_has_path - check whether a path leads to an object
 * @obj: the object
 * @super: its superblock
 *
 * Context: Any.
 * Return: true if one does.
 */
bool shmstat_object_has_path(const struct shmstat_object *obj,
			     const struct shmstat_super *super)
{
	return !super->internal && !(obj->flags & SHMSTAT_UNLINKED);
}

/**
 * shmstat_truncate_name - get the text for an object's @truncate
 * @obj: the object
 *
 * Context: Any.
 * Return: the text.
 */
const char *shmstat_truncate_name(const struct shmstat_object *obj)
{
	return truncate_names[obj->truncate];
}

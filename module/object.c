// SPDX-License-Identifier: GPL-2.0
/*
 * One inode that holds shared memory: what it is and what stands in its own
 * counters. No page of it is visited.
 */
#include <linux/ctype.h>
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/hugetlb.h>
#include <linux/jhash.h>
#include <linux/pagemap.h>
#include <linux/string.h>

#include "compat.h"
#include "shmstat.h"

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
 * marked private.
 */
static enum shmstat_kind internal_kind(const struct shmstat_super *super,
				       const struct inode *inode,
				       const char *name)
{
	size_t i;

	if (strstarts(name, "memfd:"))
		return SHMSTAT_MEMFD;
	if (IS_PRIVATE(inode) && is_sysv_name(name))
		return SHMSTAT_SYSV;
	if (super->huge)
		return SHMSTAT_ANON;
	if (IS_PRIVATE(inode) && !strcmp(name, "dev/zero"))
		return SHMSTAT_ANON;
	if (!super->main)
		return SHMSTAT_GPU;
	for (i = 0; i < ARRAY_SIZE(gpu_names); i++)
		if (!strcmp(name, gpu_names[i]))
			return SHMSTAT_GPU;
	return SHMSTAT_KERNEL;
}

static enum shmstat_kind object_kind(const struct shmstat_super *super,
				     const struct inode *inode,
				     const char *name)
{
	if (super->internal)
		return internal_kind(super, inode, name ?: "");
	return super->posix ? SHMSTAT_POSIX : SHMSTAT_TMPFS;
}

static unsigned int object_seals(const struct shmstat_super *super,
				 struct inode *inode)
{
#ifdef CONFIG_HUGETLBFS
	if (super->huge)
		return HUGETLBFS_I(inode)->seals;
#endif
	return SHMEM_I(inode)->seals;
}

static enum shmstat_truncate object_truncate(const struct shmstat_super *super,
					     struct inode *inode,
					     enum shmstat_kind kind)
{
	switch (kind) {
	case SHMSTAT_POSIX:
	case SHMSTAT_MEMFD:
	case SHMSTAT_TMPFS:
		/* A symbolic link has no size that anybody could set. */
		if (!S_ISREG(inode->i_mode))
			return SHMSTAT_TRUNCATE_NEVER;
		if (object_seals(super, inode) & F_SEAL_SHRINK)
			return SHMSTAT_TRUNCATE_SEALED;
		return SHMSTAT_TRUNCATE_POSSIBLE;
	default:
		return SHMSTAT_TRUNCATE_NEVER;
	}
}

static u8 object_flags(const struct shmstat_super *super, struct inode *inode,
		       enum shmstat_kind kind)
{
	u8 flags = 0;

	if (mapping_mapped(inode->i_mapping))
		flags |= SHMSTAT_MAPPED;
	if (!super->internal && !inode->i_nlink)
		flags |= SHMSTAT_UNLINKED;
	/* Drivers set the same bit while they use a buffer's pages. */
	if (kind == SHMSTAT_SYSV && !super->huge &&
	    mapping_unevictable(inode->i_mapping))
		flags |= SHMSTAT_LOCKED;
	if (!super->huge && shmstat_sb_noswap(inode->i_sb))
		flags |= SHMSTAT_NOSWAP;
	return flags;
}

/* A path too long for anybody's buffer: "//" stands in no real one. */
static const char *cut_path(struct shmstat_snapshot *snap,
			    struct dentry *dentry)
{
	struct name_snapshot last;

	take_dentry_name_snapshot(&last, dentry);
	scnprintf(snap->path, PATH_MAX, "//.../%s", last.name.name);
	release_dentry_name_snapshot(&last);
	return snap->path;
}

/* A path that can still be opened is better than one that cannot. */
static const char *path_name(struct shmstat_snapshot *snap,
			     struct inode *inode)
{
	struct dentry *dentry;
	const char *path;

	dentry = d_find_alias(inode) ?: d_find_any_alias(inode);
	if (!dentry)
		return NULL;
	path = dentry_path_raw(dentry, snap->path, PATH_MAX);
	if (IS_ERR(path))
		path = cut_path(snap, dentry);
	dput(dentry);
	return path;
}

/*
 * Dentries of internal mounts are freed at once, not after a grace period
 * (DCACHE_NORCU), so that dput() of a second reference races with that of the
 * first. Under i_lock no reference is needed: the dentry has to leave the
 * inode before it is freed. It is never renamed.
 */
static const char *pseudo_name(struct shmstat_snapshot *snap,
			       struct inode *inode)
{
	const char *name = NULL;
	struct dentry *dentry;

	spin_lock(&inode->i_lock);
	for_each_alias(dentry, inode) {
		strscpy(snap->path, dentry->d_name.name, PATH_MAX);
		name = snap->path;
		break;
	}
	spin_unlock(&inode->i_lock);
	return name;
}

/*
 * Sets *name to NULL for an inode without a name, such as one that is just
 * being made.
 */
static int object_name(struct shmstat_snapshot *snap,
		       const struct shmstat_super *super, struct inode *inode,
		       const char **name)
{
	*name = super->internal ? pseudo_name(snap, inode) :
				  path_name(snap, inode);
	if (!*name)
		return 0;
	*name = shmstat_strings_add(&snap->strings, *name, strlen(*name));
	return *name ? 0 : -ENOMEM;
}

/**
 * shmstat_object_add - describe an inode
 * @snap: the snapshot to add it to
 * @super: its superblock
 * @inode: the inode; the caller holds a reference and no lock
 * @result: the object; NULL if the inode holds no shared memory after all
 *
 * Context: Process context, may sleep; takes i_lock, d_lock and, where a
 *	rename comes in between, rename_lock.
 * Return: 0 or -ENOMEM.
 */
int shmstat_object_add(struct shmstat_snapshot *snap,
		       struct shmstat_super *super, struct inode *inode,
		       struct shmstat_object **result)
{
	struct shmstat_object *obj;
	enum shmstat_kind kind;
	const char *name;
	u64 resident;
	int ret;

	*result = NULL;
	ret = object_name(snap, super, inode, &name);
	if (ret)
		return ret;
	kind = object_kind(super, inode, name);
	resident = shmstat_inode_resident(inode);

	/* A private mapping of huge pages has such a file, with nothing in it. */
	if (super->huge && kind == SHMSTAT_ANON && !resident &&
	    !mapping_writably_mapped(inode->i_mapping))
		return 0;

	obj = shmstat_rows_add(&snap->objects);
	if (!obj)
		return -ENOMEM;
	obj->id = shmstat_inode_id(inode);
	obj->nr = snap->objects.count - 1;
	obj->name = name;
	obj->size = i_size_read(inode);
	obj->resident = resident;
	obj->swapped = shmstat_inode_swapped(inode);
	obj->uid = inode->i_uid;
	obj->gid = inode->i_gid;
	obj->nlink = inode->i_nlink;
	obj->mode = inode->i_mode;
	obj->kind = kind;
	obj->truncate = object_truncate(super, inode, kind);
	obj->flags = object_flags(super, inode, kind);

	super->objects++;
	super->resident += obj->resident;
	super->swapped += obj->swapped;
	*result = obj;
	return 0;
}

/**
 * shmstat_truncate_name - the word for whether an object can shrink
 * @obj: the object
 */
const char *shmstat_truncate_name(const struct shmstat_object *obj)
{
	return truncate_names[obj->truncate];
}

/**
 * shmstat_object_pagesize - the size of the pages that hold an object
 * @snap: its snapshot
 * @obj: the object
 *
 * Return: bytes.
 */
u32 shmstat_object_pagesize(const struct shmstat_snapshot *snap,
			    const struct shmstat_object *obj)
{
	const struct shmstat_super *super;

	super = xa_load((struct xarray *)&snap->supers, obj->id.dev);
	return super->pagesize;
}

/* Random where there is a generation, so little mixing is needed. */
static u32 hash_id(const struct shmstat_id *id)
{
	return hash_64(id->ino ^ (u64)id->generation << 32, 32);
}

static bool match_id(const void *row, const void *key)
{
	const struct shmstat_object *obj = row;

	return shmstat_id_equal(&obj->id, key);
}

/**
 * shmstat_objects_index - let objects be found by their id
 * @snap: the snapshot, all objects seen
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int shmstat_objects_index(struct shmstat_snapshot *snap)
{
	u32 nr;

	for (nr = 0; nr < snap->objects.count; nr++) {
		struct shmstat_object *obj = shmstat_rows_at(&snap->objects, nr);
		int ret = shmstat_index_add(&snap->index, nr, hash_id(&obj->id));

		if (ret)
			return ret;
		cond_resched();
	}
	return 0;
}

/**
 * shmstat_object_find - find an object by its id
 * @snap: the snapshot, after shmstat_objects_index()
 * @id: the id
 *
 * Return: the object or NULL.
 */
struct shmstat_object *shmstat_object_find(const struct shmstat_snapshot *snap,
					   const struct shmstat_id *id)
{
	return shmstat_index_find(&snap->index, hash_id(id), match_id, id);
}

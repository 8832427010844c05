// SPDX-License-Identifier: GPL-2.0
/*
 * The superblocks: every tmpfs of every mount namespace, the kernel's internal
 * mount and those of drivers, devtmpfs, the initial root file system, and
 * hugetlbfs beside them.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/string.h>

#include "compat.h"
#include "shmstat.h"

/* Never unmounted, so the pointer alone is enough. */
static struct super_block *internal_sb;

static struct file_system_type *tmpfs_type;
static struct file_system_type *hugetlbfs_type;

/**
 * shmstat_supers_init - learn what marks a shmem superblock
 *
 * A file made by shmem_file_setup() is on the internal mount, and all shmem
 * superblocks share its operations.
 *
 * Context: Process context, may sleep.
 * Return: 0, or the errno of shmem_file_setup().
 */
int shmstat_supers_init(void)
{
	struct file *probe;

	probe = shmem_file_setup("shmstat", 0, SHMSTAT_NO_VMA_FLAGS);
	if (IS_ERR(probe))
		return PTR_ERR(probe);
	internal_sb = file_inode(probe)->i_sb;
	fput(probe);

	/* Both are built into the kernel: no module to hold or to put. */
	tmpfs_type = get_fs_type("tmpfs");
	if (IS_ENABLED(CONFIG_HUGETLBFS))
		hugetlbfs_type = get_fs_type("hugetlbfs");
	return 0;
}

/**
 * shmstat_super_huge - whether a superblock is a hugetlbfs
 * @sb: any superblock
 */
bool shmstat_super_huge(const struct super_block *sb)
{
	return hugetlbfs_type && sb->s_type == hugetlbfs_type;
}

/**
 * shmstat_super_ours - whether a superblock's inodes can be objects
 * @sb: any superblock
 */
bool shmstat_super_ours(const struct super_block *sb)
{
	return sb->s_op == internal_sb->s_op || shmstat_super_huge(sb);
}

/* Takes over the active reference to @sb, also when it fails. */
static struct shmstat_super *add_super(struct shmstat_snapshot *snap,
				       struct super_block *sb)
{
	struct shmstat_super *super;
	int ret;

	super = xa_load(&snap->supers, sb->s_dev);
	if (super) {
		deactivate_super(sb);
		return super;
	}

	super = kzalloc(sizeof(*super), GFP_KERNEL_ACCOUNT);
	if (!super) {
		deactivate_super(sb);
		return ERR_PTR(-ENOMEM);
	}
	super->sb = sb;
	super->type = sb->s_type->name;
	super->dev = sb->s_dev;
	super->pagesize = sb->s_blocksize;
	super->huge = shmstat_super_huge(sb);
	super->internal = sb->s_flags & SB_KERNMOUNT;
	super->main = sb == internal_sb;

	ret = xa_err(xa_store(&snap->supers, sb->s_dev, super,
			      GFP_KERNEL_ACCOUNT));
	if (ret) {
		deactivate_super(sb);
		kfree(super);
		return ERR_PTR(ret);
	}
	return super;
}

/**
 * shmstat_super_note - add a superblock that was met on the way
 * @snap: the snapshot
 * @sb: the superblock; the caller keeps it alive
 *
 * Context: Process context, may sleep.
 * Return: its record; NULL if it is not ours or is just being unmounted;
 *	-ENOMEM as a pointer.
 */
struct shmstat_super *shmstat_super_note(struct shmstat_snapshot *snap,
					 struct super_block *sb)
{
	if (!shmstat_super_ours(sb))
		return NULL;
	/* A mount leads here, so s_active is above zero but for an unmount. */
	if (!atomic_inc_not_zero(&sb->s_active))
		return NULL;
	return add_super(snap, sb);
}

/* Superblocks of one type, in an array that was allocated beforehand. */
struct found {
	struct super_block **sbs;
	unsigned int room;
	unsigned int count;
};

/*
 * Called with s_umount held, which reclaim tries for, so nothing is allocated
 * here. An active reference instead of the lock lets mounts and unmounts pass
 * while the inodes are walked: a superblock unmounted meanwhile lives on until
 * shmstat_supers_put().
 */
static void find_super(struct super_block *sb, void *arg)
{
	struct found *found = arg;

	if (!shmstat_super_ours(sb))
		return;
	if (found->count < found->room) {
		if (!atomic_inc_not_zero(&sb->s_active))
			return;
		found->sbs[found->count] = sb;
	}
	found->count++;
}

static int get_type(struct shmstat_snapshot *snap,
		    struct file_system_type *type)
{
	struct found found = { .room = 64 };
	unsigned int i;
	int ret = 0;

	for (;;) {
		found.sbs = kvmalloc_array(found.room, sizeof(*found.sbs),
					   GFP_KERNEL_ACCOUNT);
		if (!found.sbs)
			return -ENOMEM;
		found.count = 0;
		iterate_supers_type(type, find_super, &found);
		if (found.count <= found.room)
			break;
		for (i = 0; i < found.room; i++)
			deactivate_super(found.sbs[i]);
		kvfree(found.sbs);
		if (fatal_signal_pending(current))
			return -EINTR;
		/* Some more may be mounted before the next try. */
		found.room = found.count + found.count / 8;
	}

	for (i = 0; i < found.count; i++) {
		if (ret)
			deactivate_super(found.sbs[i]);
		else
			ret = PTR_ERR_OR_ZERO(add_super(snap, found.sbs[i]));
	}
	kvfree(found.sbs);
	return ret;
}

/**
 * shmstat_supers_get - find and hold the superblocks that types lead to
 * @snap: the snapshot; shmstat_supers_put() is due also when this fails
 *
 * The others, devtmpfs and the initial root file system, are on lists that no
 * module can reach; shmstat_namespaces_scan() meets them.
 *
 * Context: Process context, may sleep; takes s_umount, one at a time.
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_supers_get(struct shmstat_snapshot *snap)
{
	int ret = get_type(snap, tmpfs_type);

	if (!ret && hugetlbfs_type)
		ret = get_type(snap, hugetlbfs_type);
	return ret;
}

static int fill_options(struct shmstat_snapshot *snap,
			struct shmstat_super *super)
{
	struct super_block *sb = super->sb;
	/* show_options() only writes; the file is for its user namespace. */
	struct seq_file m = {
		.buf = snap->path,
		.size = PATH_MAX,
		.file = snap->file,
	};

	seq_puts(&m, sb_rdonly(sb) ? "ro" : "rw");
	if (sb->s_op->show_options)
		sb->s_op->show_options(&m, sb->s_root);
	if (seq_has_overflowed(&m))
		m.count = 0;
	super->options = shmstat_strings_add(&snap->strings, m.buf, m.count);
	return super->options ? 0 : -ENOMEM;
}

static void fill_usage(struct shmstat_super *super)
{
	struct super_block *sb = super->sb;
	struct kstatfs st = {};

	super->bytes_used = SHMSTAT_NONE;
	super->bytes_limit = SHMSTAT_NONE;
	super->inodes_used = SHMSTAT_NONE;
	super->inodes_limit = SHMSTAT_NONE;
	if (!sb->s_op->statfs || sb->s_op->statfs(sb->s_root, &st))
		return;
	/* hugetlbfs says "no limit" with -1, tmpfs with 0. */
	if ((s64)st.f_blocks > 0) {
		super->bytes_limit = st.f_blocks * st.f_bsize;
		super->bytes_used = (st.f_blocks - st.f_bfree) * st.f_bsize;
	}
	if ((s64)st.f_files > 0) {
		super->inodes_limit = st.f_files;
		super->inodes_used = st.f_files - st.f_ffree;
	}
}

/**
 * shmstat_super_fill - note what a superblock says of itself
 * @snap: the snapshot
 * @super: one of its superblocks, held
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int shmstat_super_fill(struct shmstat_snapshot *snap,
		       struct shmstat_super *super)
{
	fill_usage(super);
	return fill_options(snap, super);
}

/**
 * shmstat_supers_put - let go of all superblocks; their records stay
 * @snap: the snapshot
 *
 * Context: Process context, may sleep. Where an unmount came meanwhile, the
 *	superblock is shut down here.
 */
void shmstat_supers_put(struct shmstat_snapshot *snap)
{
	struct shmstat_super *super;
	unsigned long dev;

	xa_for_each(&snap->supers, dev, super) {
		if (super->sb)
			deactivate_super(super->sb);
		super->sb = NULL;
		cond_resched();
	}
}

/**
 * shmstat_supers_free - forget all superblocks
 * @snap: the snapshot, after shmstat_supers_put()
 *
 * Context: Process context, may sleep.
 */
void shmstat_supers_free(struct shmstat_snapshot *snap)
{
	struct shmstat_super *super;
	unsigned long dev;

	xa_for_each(&snap->supers, dev, super)
		kfree(super);
	xa_destroy(&snap->supers);
}

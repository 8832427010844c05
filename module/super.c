// SPDX-License-Identifier: GPL-2.0
/*
 * The superblocks: every tmpfs of every mount namespace, the kernel's internal
 * mount and those of drivers, devtmpfs, the initial root file system, and
 * hugetlbfs beside them.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/statfs.h>
#include <linux/string.h>

#include "compat.h"
#include "roots.h"
#include "snapshot.h"
#include "super.h"

/*
 * Superblocks that the kernel mounted for itself and never unmounts, so that a
 * pointer is enough: the internal mount first, then those of hugetlbfs, one for
 * each size of huge page, and devtmpfs.
 */
static struct super_block *permanent[16];
static unsigned int nr_permanent;

static struct file_system_type *tmpfs_type;
static struct file_system_type *hugetlbfs_type;

/**
 * shmstat_sb_is_hugetlbfs - whether a superblock is a hugetlbfs
 * @sb: any superblock
 */
bool shmstat_sb_is_hugetlbfs(const struct super_block *sb)
{
	return hugetlbfs_type && sb->s_type == hugetlbfs_type;
}

/**
 * shmstat_sb_is_shmem - whether a superblock's inodes can be objects
 * @sb: any superblock
 *
 * All shmem superblocks share the operations of the internal mount.
 */
bool shmstat_sb_is_shmem(const struct super_block *sb)
{
	return sb->s_op == permanent[0]->s_op || shmstat_sb_is_hugetlbfs(sb);
}

/**
 * shmstat_sb_is_dying - whether nothing but our reference keeps a superblock
 * @sb: a superblock that the caller holds one active reference to
 *
 * A walk ends early then: what is unmounted meanwhile shall be freed now.
 */
bool shmstat_sb_is_dying(const struct super_block *sb)
{
	return atomic_read(&sb->s_active) == 1;
}

static bool is_permanent(const struct super_block *sb)
{
	unsigned int i;

	for (i = 0; i < nr_permanent; i++)
		if (permanent[i] == sb)
			return true;
	return false;
}

static void add_permanent(struct super_block *sb)
{
	if (nr_permanent < ARRAY_SIZE(permanent) && !is_permanent(sb))
		permanent[nr_permanent++] = sb;
}

/* Whether a type's list of superblocks leads to it. */
static bool is_listed(const struct super_block *sb)
{
	return sb->s_type == tmpfs_type || shmstat_sb_is_hugetlbfs(sb);
}

/* Under RCU, which keeps the memory; not while it is mounted or unmounted. */
static bool grab_live_super(struct super_block *sb)
{
	/* Pairs with the barrier of vfs_get_tree() before it is set. */
	if (!(smp_load_acquire(&sb->s_flags) & SB_BORN))
		return false;
	return shmstat_sb_is_shmem(sb) && atomic_inc_not_zero(&sb->s_active);
}

/*
 * One try of next_super(). A superblock is freed a grace period after it left
 * the list, so RCU keeps all that a pointer on the list leads to. New ones are
 * only ever added at the head. One that is removed has its own pointer cleared,
 * and @cursor is not removed while it is held: so a cleared pointer anywhere
 * but in @cursor says that the list changed under us.
 */
static int try_next_super(struct file_system_type *type,
			  struct super_block *cursor,
			  struct super_block **result)
{
	struct hlist_node *node;
	int ret = 0;

	rcu_read_lock();
	node = READ_ONCE(*(cursor ? &cursor->s_instances.next :
				    &type->fs_supers.first));
	while (node) {
		*result = hlist_entry(node, struct super_block, s_instances);
		if (grab_live_super(*result)) {
			ret = 1;
			break;
		}
		node = READ_ONCE(node->next);
		if (!node)
			ret = -EAGAIN;
	}
	rcu_read_unlock();
	return ret;
}

/*
 * Each list ends with a mount of the kernel's own, so this settles unless
 * something is unmounted in just the same nanoseconds, many times in a row.
 */
#define TRIES	100

/*
 * The superblock behind @cursor on the list of its type, the first if that is
 * NULL, held by an active reference. iterate_supers_type() does not serve: up
 * to v6.6 it waits for each unmount, and then ends early and in silence.
 *
 * Return: 1, 0 at the end of the list, or -EAGAIN where it could not be walked.
 */
static int next_super(struct file_system_type *type,
		      struct super_block *cursor, struct super_block **result)
{
	unsigned int tries;
	int ret = -EAGAIN;

	for (tries = 0; ret == -EAGAIN && tries < TRIES; tries++) {
		ret = try_next_super(type, cursor, result);
		cond_resched();
	}
	return ret;
}

static int visit_type(struct file_system_type *type, shmstat_super_fn visit,
		      void *arg)
{
	struct super_block *sb = NULL, *next;
	int ret, more;

	do {
		more = next_super(type, sb, &next);
		if (sb)
			deactivate_super(sb);
		if (more <= 0)
			return more;
		sb = next;
		ret = is_permanent(sb) ? 0 : visit(sb, arg);
		cond_resched();
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	} while (!ret);
	deactivate_super(sb);
	return ret;
}

static int visit_permanent(shmstat_super_fn visit, void *arg)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < nr_permanent; i++) {
		atomic_inc(&permanent[i]->s_active);
		ret = visit(permanent[i], arg);
		deactivate_super(permanent[i]);
	}
	return ret;
}

/* Met on the way to the root; those on a list are visited from there. */
static int visit_unlisted(struct super_block *sb, shmstat_super_fn visit,
			  void *arg)
{
	if (!shmstat_sb_is_shmem(sb) || is_listed(sb) || is_permanent(sb))
		return 0;
	return visit(sb, arg);
}

/* Called by shmstat_visit_root_mounts(). */
struct unlisted {
	shmstat_super_fn visit;
	void *arg;
};

static int root_mount(struct super_block *sb, void *arg)
{
	const struct unlisted *unlisted = arg;

	return visit_unlisted(sb, unlisted->visit, unlisted->arg);
}

/**
 * shmstat_visit_supers - call a function for every superblock that has objects
 * @visit: the function
 * @arg: handed to it
 *
 * Each that is mounted throughout is visited, once; one at a time is held.
 *
 * Context: Process context, may sleep. Where an unmount came during a visit,
 *	the superblock is shut down here.
 * Return: what @visit returned last, -EINTR after a fatal signal, or -EAGAIN if
 *	the kernel's list could not be walked to its end; then all others have
 *	been visited.
 */
int shmstat_visit_supers(shmstat_super_fn visit, void *arg)
{
	struct unlisted unlisted = { .visit = visit, .arg = arg };
	int ret, huge = 0;

	ret = visit_permanent(visit, arg) ?:
	      shmstat_visit_root_mounts(root_mount, &unlisted);
	if (ret)
		return ret;
	ret = visit_type(tmpfs_type, visit, arg);
	if (hugetlbfs_type && (!ret || ret == -EAGAIN))
		huge = visit_type(hugetlbfs_type, visit, arg);
	return huge ?: ret;
}

static int note_kernel_mount(struct super_block *sb, void *arg)
{
	if (sb->s_flags & SB_KERNMOUNT)
		add_permanent(sb);
	return 0;
}

static int note_unlisted(struct super_block *sb, void *arg)
{
	if (shmstat_sb_is_shmem(sb) && !is_listed(sb))
		add_permanent(sb);
	return 0;
}

/**
 * shmstat_supers_init - learn what marks a shmem superblock
 *
 * A file made by shmem_file_setup() is on the internal mount. No list leads to
 * devtmpfs and the initial root file system; the first is the root of its own
 * kernel thread, the second up to v6.x that of all others. Kernel threads do
 * not live on anything else that could be unmounted.
 *
 * Context: Process context, may sleep.
 * Return: 0, -EINTR, or the errno of shmem_file_setup().
 */
int shmstat_supers_init(void)
{
	struct file *probe;
	int ret = 0;

	probe = shmem_file_setup("shmstat", 0, SHMSTAT_NO_VMA_FLAGS);
	if (IS_ERR(probe))
		return PTR_ERR(probe);
	add_permanent(file_inode(probe)->i_sb);
	fput(probe);

	/* Both are built into the kernel: no module to hold or to put. */
	tmpfs_type = get_fs_type("tmpfs");
	if (IS_ENABLED(CONFIG_HUGETLBFS))
		hugetlbfs_type = get_fs_type("hugetlbfs");
	if (hugetlbfs_type)
		ret = visit_type(hugetlbfs_type, note_kernel_mount, NULL);
	return ret ?: shmstat_visit_kthread_roots(note_unlisted, NULL);
}

/* Random for each superblock of tmpfs; 0 for hugetlbfs. */
static u32 root_generation(const struct super_block *sb)
{
	return d_inode(sb->s_root)->i_generation;
}

static u32 hash_super(dev_t dev, u32 generation)
{
	return hash_64((u64)generation << 32 | dev, 32);
}

/**
 * shmstat_super_hash - the hash of what tells superblocks apart
 * @row: a &struct shmstat_super
 */
u32 shmstat_super_hash(const void *row)
{
	const struct shmstat_super *super = row;

	return hash_super(super->dev, super->generation);
}

static bool match_super(const void *row, const void *key)
{
	const struct shmstat_super *super = row;
	const struct super_block *sb = key;

	return super->dev == sb->s_dev &&
	       super->generation == root_generation(sb);
}

/**
 * shmstat_super_find_nr - find the record of a superblock
 * @snap: the snapshot
 * @sb: the superblock; the caller keeps it
 *
 * Return: the number of its record, or SHMSTAT_NO_ROW.
 */
u32 shmstat_super_find_nr(const struct shmstat_snapshot *snap,
			  const struct super_block *sb)
{
	return shmstat_index_find_nr(&snap->supers_index,
				     hash_super(sb->s_dev, root_generation(sb)),
				     match_super, sb);
}

static int fill_options(struct shmstat_snapshot *snap,
			struct shmstat_super *super, struct super_block *sb)
{
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

static void fill_usage(struct shmstat_super *super, struct super_block *sb)
{
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
 * @super: its record
 * @sb: the superblock; the caller keeps it
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int shmstat_super_fill(struct shmstat_snapshot *snap,
		       struct shmstat_super *super, struct super_block *sb)
{
	super->type = sb->s_type->name;
	super->dev = sb->s_dev;
	super->generation = root_generation(sb);
	super->pagesize = sb->s_blocksize;
	super->huge = shmstat_sb_is_hugetlbfs(sb);
	super->internal = sb->s_flags & SB_KERNMOUNT;
	super->is_shm_mnt = sb == permanent[0];
	super->noswap = !super->huge && shmstat_sb_noswap(sb);
	if (!snap->view->superblocks)
		return 0;
	fill_usage(super, sb);
	return fill_options(snap, super, sb);
}

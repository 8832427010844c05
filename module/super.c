// SPDX-License-Identifier: GPL-2.0
/*
 * The superblocks that have objects: every tmpfs of every mount namespace, the
 * internal mounts of the kernel and of drivers, devtmpfs, the initial root file
 * system, and every hugetlbfs.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/statfs.h>

#include "compat.h"
#include "fstype.h"
#include "roots.h"
#include "super.h"

/*
 * Superblocks that the kernel mounted for itself and never unmounts, so that no
 * reference is needed to keep a pointer: the internal tmpfs mount, those of
 * hugetlbfs (one for each size of huge page), and devtmpfs.
 */
static struct super_block *permanent[16];
static unsigned int nr_permanent;

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

/* True for a superblock that visit_type() finds, in the list of its type. */
static bool is_listed(const struct super_block *sb)
{
	return sb->s_type == shmstat_tmpfs_type || shmstat_sb_is_hugetlbfs(sb);
}

/*
 * Called under RCU, which keeps the memory. False while the superblock is being
 * mounted or unmounted.
 */
static bool grab_live_super(struct super_block *sb)
{
	/* Pairs with the barrier of vfs_get_tree() before it is set. */
	if (!(smp_load_acquire(&sb->s_flags) & SB_BORN))
		return false;
	return shmstat_sb_is_shmem(sb) && atomic_inc_not_zero(&sb->s_active);
}

/*
 * One attempt of next_super(). A superblock is freed a grace period after it left
 * the list, so RCU keeps every superblock that a pointer in the list leads to.
 * New ones are added at the head only. Removal clears the superblock's own
 * pointer, and @cursor is not removed while it is held: a cleared pointer in any
 * other superblock means that the list changed during the walk.
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
 * Each list ends with an internal mount, which is never removed. So an attempt
 * fails only if an unmount falls between two reads of a pointer.
 */
#define MAX_ATTEMPTS	100

/*
 * Takes an active reference to the superblock behind @cursor in the list of its
 * type, to the first if @cursor is NULL. iterate_supers_type() is not used: up to
 * v6.6 it waits for unmounts, and then can end early without an error.
 *
 * Return: 1, 0 at the end of the list, or -EAGAIN if it could not be walked.
 */
static int next_super(struct file_system_type *type,
		      struct super_block *cursor, struct super_block **result)
{
	unsigned int attempts;
	int ret = -EAGAIN;

	for (attempts = 0; ret == -EAGAIN && attempts < MAX_ATTEMPTS;
	     attempts++) {
		ret = try_next_super(type, cursor, result);
		cond_resched();
	}
	return ret;
}

/* Visits the superblocks of a type that are not permanent. */
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

/* The arguments of shmstat_visit_supers(), for visit_unlisted(). */
struct visitor {
	shmstat_super_fn visit;
	void *arg;
};

/* Visits a superblock unless visit_permanent() or visit_type() does. */
static int visit_unlisted(struct super_block *sb, void *arg)
{
	const struct visitor *visitor = arg;

	if (is_listed(sb) || is_permanent(sb))
		return 0;
	return visitor->visit(sb, visitor->arg);
}

/**
 * shmstat_visit_supers - call a function for every superblock that has objects
 * @visit: the function
 * @arg: passed to @visit
 *
 * A superblock that is mounted throughout is visited exactly once. Few references
 * are held at a time: to those at the root of init at most MAX_STACKED, else to
 * one, and to two in passing from one to the next.
 *
 * Context: Process context, may sleep. Takes task_lock. A superblock that was
 *	unmounted during its visit is shut down here.
 * Return: what @visit returned last; -EINTR after a fatal signal; -EAGAIN if the
 *	kernel's list could not be walked to its end, after all other superblocks
 *	were visited.
 */
int shmstat_visit_supers(shmstat_super_fn visit, void *arg)
{
	struct visitor visitor = { .visit = visit, .arg = arg };
	int ret, huge_ret = 0;

	ret = visit_permanent(visit, arg) ?:
	      shmstat_visit_root_mounts(visit_unlisted, &visitor);
	if (ret)
		return ret;
	ret = visit_type(shmstat_tmpfs_type, visit, arg);
	if (shmstat_hugetlbfs_type && (!ret || ret == -EAGAIN))
		huge_ret = visit_type(shmstat_hugetlbfs_type, visit, arg);
	return huge_ret ?: ret;
}

static int add_internal(struct super_block *sb, void *arg)
{
	if (sb->s_flags & SB_KERNMOUNT)
		add_permanent(sb);
	return 0;
}

static int add_unlisted(struct super_block *sb, void *arg)
{
	if (shmstat_sb_is_shmem(sb) && !is_listed(sb))
		add_permanent(sb);
	return 0;
}

/**
 * shmstat_super_init - find the permanent superblocks
 *
 * devtmpfs is in no list that a module can reach, but it is the root of its own
 * kernel thread. Up to v6.12, but not in v7.3, the initial root file system is
 * the root of all others. Kernel threads have no root that could be unmounted.
 *
 * Context: Process context, may sleep. After shmstat_fstype_init().
 * Return: 0 or -EINTR.
 */
int shmstat_super_init(void)
{
	int ret = 0;

	add_permanent(shmstat_shm_mnt_sb);
	if (shmstat_hugetlbfs_type)
		ret = visit_type(shmstat_hugetlbfs_type, add_internal, NULL);
	return ret ?: shmstat_visit_kthread_roots(add_unlisted, NULL);
}

/* Random for each superblock of tmpfs; 0 for hugetlbfs. */
static u32 root_generation(const struct super_block *sb)
{
	return d_inode(sb->s_root)->i_generation;
}

static u32 hash_dev(dev_t dev, u32 generation)
{
	return hash_64((u64)generation << 32 | dev, 32);
}

static u32 hash_super(const void *row)
{
	const struct shmstat_super *super = row;

	return hash_dev(super->dev, super->generation);
}

static bool match_super(const void *row, const void *key)
{
	const struct shmstat_super *super = row;
	const struct super_block *sb = key;

	return super->dev == sb->s_dev &&
	       super->generation == root_generation(sb);
}

/**
 * shmstat_supers_init - make an empty array of superblocks
 * @supers: the array
 * @budget: the read's budget
 *
 * Context: Any.
 */
void shmstat_supers_init(struct shmstat_supers *supers,
			 struct shmstat_budget *budget)
{
	shmstat_rows_init(&supers->rows, budget, sizeof(struct shmstat_super));
	shmstat_hash_init(&supers->by_dev, &supers->rows,
			  offsetof(struct shmstat_super, next), hash_super);
	supers->incomplete = false;
}

/**
 * shmstat_supers_add - add a superblock
 * @supers: the array
 * @sb: the superblock; the caller holds an active reference
 *
 * Context: Process context, may sleep.
 * Return: its record, without usage and options; NULL if there is no memory.
 */
struct shmstat_super *shmstat_supers_add(struct shmstat_supers *supers,
					 const struct super_block *sb)
{
	struct shmstat_super *super = shmstat_rows_add(&supers->rows);

	if (!super)
		return NULL;
	super->type = sb->s_type->name;
	super->dev = sb->s_dev;
	super->generation = root_generation(sb);
	super->pagesize = sb->s_blocksize;
	super->huge = shmstat_sb_is_hugetlbfs(sb);
	super->internal = sb->s_flags & SB_KERNMOUNT;
	super->is_shm_mnt = sb == shmstat_shm_mnt_sb;
	super->noswap = !super->huge && shmstat_sb_noswap(sb);
	if (shmstat_hash_add(&supers->by_dev, supers->rows.count - 1))
		return NULL;
	return super;
}

/**
 * shmstat_supers_find_nr - find the number of a superblock's record
 * @supers: the array
 * @sb: the superblock; the caller holds an active reference
 *
 * Context: Any.
 * Return: the number, or SHMSTAT_NO_ROW.
 */
u32 shmstat_supers_find_nr(const struct shmstat_supers *supers,
			   const struct super_block *sb)
{
	return shmstat_hash_find_nr(&supers->by_dev,
				    hash_dev(sb->s_dev, root_generation(sb)),
				    match_super, sb);
}

/**
 * shmstat_supers_free - free an array of superblocks
 * @supers: the array
 *
 * Context: Process context, may sleep.
 */
void shmstat_supers_free(struct shmstat_supers *supers)
{
	shmstat_hash_free(&supers->by_dev);
	shmstat_rows_free(&supers->rows);
}

/**
 * shmstat_super_read_usage - read how much of a superblock's limits is in use
 * @super: its record
 * @sb: the superblock; the caller holds an active reference
 *
 * Context: Process context, may sleep.
 */
void shmstat_super_read_usage(struct shmstat_super *super,
			      struct super_block *sb)
{
	struct kstatfs st = {};

	super->bytes_used = SHMSTAT_NONE;
	super->bytes_limit = SHMSTAT_NONE;
	super->inodes_used = SHMSTAT_NONE;
	super->inodes_limit = SHMSTAT_NONE;
	if (!sb->s_op->statfs || sb->s_op->statfs(sb->s_root, &st))
		return;
	/* "No limit" is -1 in hugetlbfs, and 0 in tmpfs. */
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
 * shmstat_super_put_options - write a superblock's mount options
 * @m: where to write, with an open file for its user namespace
 * @sb: the superblock; the caller holds an active reference
 *
 * Context: Process context, may sleep.
 */
void shmstat_super_put_options(struct seq_file *m, struct super_block *sb)
{
	seq_puts(m, sb_rdonly(sb) ? "ro" : "rw");
	if (sb->s_op->show_options)
		sb->s_op->show_options(m, sb->s_root);
}

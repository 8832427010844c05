// SPDX-License-Identifier: GPL-2.0
/*
 * The inodes of a superblock. They are read under the locks that keep them rather
 * than by reference, so that we delay nobody who removes one.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/magic.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "fstype.h"
#include "inode.h"

/*
 * Inodes read under one hold of s_inode_list_lock, for which every creation and
 * removal of a file on that superblock waits. An inode takes 50 to 200 ns, mostly
 * in cache misses, so 16 take about 2 us.
 */
#define BATCH	16

/**
 * struct shmstat_batch - inodes read under one hold of s_inode_list_lock
 * @count: number of inodes
 * @read: what was read of them
 * @dentry: the dentries of those whose path is needed, else NULL; under RCU
 * @text: PATH_MAX bytes for the name of each
 * @needs_last: visit() needs the last inode, which is also the cursor
 */
struct shmstat_batch {
	unsigned int count;
	struct shmstat_inode read[BATCH];
	struct dentry *dentry[BATCH];
	char *text[BATCH];
	bool needs_last;
};

/*
 * Inodes that can hold pages have address space operations, set as the last step
 * of their creation. In hugetlbfs directories have them too. i_data, because the
 * i_mapping of a device node belongs to the device.
 */
static bool is_object(const struct inode *inode)
{
	return READ_ONCE(inode->i_data.a_ops) != &empty_aops &&
	       (S_ISREG(inode->i_mode) ||
		!shmstat_sb_is_hugetlbfs(inode->i_sb));
}

/*
 * For hugetlbfs, which sets no generation. "%p" prints the kernel's keyed hash of
 * the address: constant as long as the inode exists, and it does not reveal the
 * address.
 */
static u32 hashed_address(const struct inode *inode)
{
	char text[2 + 2 * sizeof(inode) + 1];
	int len = scnprintf(text, sizeof(text), "%p", inode);

	return jhash(text, len, 0);
}

/**
 * shmstat_inode_id - get the id of an inode
 * @inode: an inode of shmem or hugetlbfs; the caller keeps it
 *
 * Context: Any.
 * Return: the id.
 */
struct shmstat_id shmstat_inode_id(const struct inode *inode)
{
	return (struct shmstat_id) {
		.ino = inode->i_ino,
		.dev = inode->i_sb->s_dev,
		.generation = inode->i_generation ?: hashed_address(inode),
	};
}

/* Reads a member of a structure at an address that may be invalid; false if so. */
#define probe(to, member) \
	(!copy_from_kernel_nofault(&(to), &(member), sizeof(to)))

/**
 * shmstat_inode_probe - get the inode of what may be a file
 * @file: an address where a file is expected; if it is one, the caller keeps it
 *
 * A file of overlayfs leads to its underlying file.
 *
 * Context: Any.
 * Return: the inode if it is one of shmem or hugetlbfs; otherwise NULL.
 */
struct inode *shmstat_inode_probe(const struct file *file)
{
	const struct super_operations *op;
	struct file_system_type *type;
	struct super_block *sb;
	struct inode *inode;
	unsigned long magic;
	int depth;

	for (depth = 0; depth <= FILESYSTEM_MAX_STACK_DEPTH; depth++) {
		if (!probe(inode, file->f_inode) || !probe(sb, inode->i_sb) ||
		    !probe(type, sb->s_type) || !probe(op, sb->s_op) ||
		    !probe(magic, sb->s_magic))
			return NULL;
		if (shmstat_sb_is_shmem(sb))
			return inode;
		if (magic != OVERLAYFS_SUPER_MAGIC)
			return NULL;
		file = shmstat_overlay_file(file);
	}
	return NULL;
}

/**
 * shmstat_inode_resident - get the bytes of an inode in page cache
 * @inode: an inode of shmem or hugetlbfs; the caller keeps it
 *
 * Context: Any.
 * Return: bytes.
 */
u64 shmstat_inode_resident(const struct inode *inode)
{
	/* hugetlbfs keeps the count in i_blocks, in units of 512 bytes. */
	if (shmstat_sb_is_hugetlbfs(inode->i_sb))
		return (u64)READ_ONCE(inode->i_blocks) << 9;
	return (u64)READ_ONCE(inode->i_mapping->nrpages) << PAGE_SHIFT;
}

/**
 * shmstat_inode_swapped - get the bytes of an inode in swap
 * @inode: an inode of shmem or hugetlbfs; the caller keeps it
 *
 * Context: Any.
 * Return: bytes.
 */
u64 shmstat_inode_swapped(const struct inode *inode)
{
	if (shmstat_sb_is_hugetlbfs(inode->i_sb))
		return 0;
	return (u64)READ_ONCE(SHMEM_I((struct inode *)inode)->swapped) <<
	       PAGE_SHIFT;
}

/**
 * shmstat_inode_is_dying - check whether only the caller keeps an inode
 * @inode: an inode of shmem or hugetlbfs; the caller holds one reference
 *
 * Then it has been removed, and its memory is freed when the caller lets go of
 * it, which should be soon.
 *
 * Context: Any.
 * Return: true if nobody else keeps it.
 */
bool shmstat_inode_is_dying(const struct inode *inode)
{
	return (atomic_read(&inode->i_count) == 1 && !inode->i_nlink) ||
	       shmstat_sb_is_dying(inode->i_sb);
}

static s64 inode_btime(struct inode *inode)
{
	if (shmstat_sb_is_hugetlbfs(inode->i_sb))
		return SHMSTAT_NO_TIME;
	return shmstat_shmem_btime(inode);
}

static u32 inode_seals(struct inode *inode)
{
	if (shmstat_sb_is_hugetlbfs(inode->i_sb))
		return shmstat_hugetlbfs_seals(inode);
	return SHMEM_I(inode)->seals;
}

/*
 * Maximum number of removed names that are checked: users can make a million hard
 * links to a file, and remove them.
 */
#define MAX_ALIASES	32

/* Prefers a name that was not removed. Called with i_lock held. */
static struct dentry *best_alias(struct inode *inode)
{
	struct dentry *dentry, *best = NULL;
	unsigned int checked = 0;

	for_each_alias(dentry, inode) {
		if (!best || !d_unhashed(dentry))
			best = dentry;
		if (!d_unhashed(dentry) || ++checked == MAX_ALIASES)
			break;
	}
	return best;
}

/*
 * Called with i_lock held, which keeps the dentry: on internal mounts dentries are
 * freed without a grace period (DCACHE_NORCU), after they were taken off the inode
 * under i_lock. They are never renamed, and each file has one.
 */
static void read_internal_name(struct shmstat_inode *read, struct inode *inode,
			       char *text)
{
	const struct dentry *dentry = best_alias(inode);

	if (!dentry)
		return;
	strscpy(text, dentry->d_name.name, PATH_MAX);
	read->name = text;
	read->pseudo = IS_ROOT(dentry);
}

/*
 * Called under RCU with s_inode_list_lock held, which keeps the inode in whatever
 * state. False if it is not an object, not yet or no longer.
 */
static bool read_inode(struct shmstat_batch *batch, struct inode *inode)
{
	struct shmstat_inode *read = &batch->read[batch->count];

	if (!is_object(inode))
		return false;
	spin_lock(&inode->i_lock);
	if (shmstat_inode_is_evicted(inode)) {
		spin_unlock(&inode->i_lock);
		return false;
	}
	*read = (struct shmstat_inode) {
		.id = shmstat_inode_id(inode),
		.size = i_size_read(inode),
		.resident = shmstat_inode_resident(inode),
		.swapped = shmstat_inode_swapped(inode),
		.btime = inode_btime(inode),
		.mtime = shmstat_inode_mtime(inode).tv_sec,
		.ctime = shmstat_inode_ctime(inode).tv_sec,
		.uid = inode->i_uid,
		.gid = inode->i_gid,
		.nlink = inode->i_nlink,
		.seals = inode_seals(inode),
		.mode = inode->i_mode,
		.mapped = mapping_mapped(inode->i_mapping),
		.writable = mapping_writably_mapped(inode->i_mapping),
		.unevictable = mapping_unevictable(inode->i_mapping),
		.private = IS_PRIVATE(inode),
	};
	if (inode->i_sb->s_flags & SB_KERNMOUNT)
		read_internal_name(read, inode, batch->text[batch->count]);
	spin_unlock(&inode->i_lock);
	batch->dentry[batch->count++] = NULL;
	return true;
}

/*
 * Asks @visitor what it needs of the object that was read last. Finds the dentry
 * of the path if that is needed, which the caller's RCU section keeps. Returns
 * whether the inode is needed.
 */
static bool ask_visitor(struct shmstat_batch *batch, struct inode *inode,
			const struct shmstat_visitor *visitor)
{
	unsigned int last = batch->count - 1;
	const struct shmstat_inode *read = &batch->read[last];

	if (!(inode->i_sb->s_flags & SB_KERNMOUNT) && visitor->needs_path &&
	    visitor->needs_path(read, visitor->arg)) {
		spin_lock(&inode->i_lock);
		batch->dentry[last] = best_alias(inode);
		spin_unlock(&inode->i_lock);
	}
	return visitor->needs_inode && visitor->needs_inode(read, visitor->arg);
}

/* For a path longer than PATH_MAX. The "//" marks it, as no path has that. */
static void shorten_path(char *text, const struct dentry *dentry)
{
	static const char head[] = "//.../";
	unsigned int seq;

	memcpy(text, head, sizeof(head));
	do {
		seq = read_seqbegin(&rename_lock);
		strscpy(text + sizeof(head) - 1,
			READ_ONCE(dentry->d_name.name), NAME_MAX + 1);
	} while (read_seqretry(&rename_lock, seq));
}

/* Called in the RCU section in which the dentries were found. */
static void read_paths(struct shmstat_batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->count; i++) {
		const struct dentry *dentry = batch->dentry[i];
		char *text = batch->text[i];
		char *path;

		if (!dentry)
			continue;
		path = dentry_path_raw((struct dentry *)dentry, text, PATH_MAX);
		if (IS_ERR(path)) {
			shorten_path(text, dentry);
			path = text;
		}
		batch->read[i].name = path;
	}
}

/*
 * Reads the next inodes behind @cursor in the superblock's list, the first ones if
 * that is NULL. Returns the last of them, with a reference, as the next cursor;
 * NULL at the end of the list.
 */
static struct inode *read_batch(struct super_block *sb, struct inode *cursor,
				struct shmstat_batch *batch,
				const struct shmstat_visitor *visitor)
{
	struct inode *inode, *last = NULL;
	unsigned int passed = 0;

	batch->count = 0;
	batch->needs_last = false;

	rcu_read_lock();
	spin_lock(&sb->s_inode_list_lock);
	inode = list_prepare_entry(cursor, &sb->s_inodes, i_sb_list);
	list_for_each_entry_continue(inode, &sb->s_inodes, i_sb_list) {
		bool needs_inode = false;

		passed++;
		if (read_inode(batch, inode))
			needs_inode = ask_visitor(batch, inode, visitor);
		if (!needs_inode && passed < BATCH)
			continue;
		/* Fails for an inode that is being evicted: go on without it. */
		last = igrab(inode);
		if (last) {
			batch->needs_last = needs_inode;
			break;
		}
		if (needs_inode || batch->count == BATCH)
			batch->count--;
	}
	spin_unlock(&sb->s_inode_list_lock);
	read_paths(batch);
	rcu_read_unlock();
	return last;
}

static int visit_batch(const struct shmstat_batch *batch, struct inode *last,
		       const struct shmstat_visitor *visitor)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < batch->count; i++) {
		bool give = batch->needs_last && i == batch->count - 1;

		ret = visitor->visit(&batch->read[i], give ? last : NULL,
				     visitor->arg);
	}
	return ret;
}

/**
 * shmstat_batch_free - free what shmstat_batch_alloc() returned
 * @batch: the memory, or NULL
 * @budget: the budget it was allocated from
 *
 * Context: Any.
 */
void shmstat_batch_free(struct shmstat_batch *batch,
			struct shmstat_budget *budget)
{
	unsigned int i;

	if (!batch)
		return;
	for (i = 0; i < BATCH; i++)
		shmstat_free(budget, batch->text[i], PATH_MAX);
	shmstat_free(budget, batch, sizeof(*batch));
}

/**
 * shmstat_batch_alloc - allocate the buffers of shmstat_visit_inodes()
 * @budget: the read's budget
 *
 * Context: Process context, may sleep.
 * Return: the memory, or NULL.
 */
struct shmstat_batch *shmstat_batch_alloc(struct shmstat_budget *budget)
{
	struct shmstat_batch *batch = shmstat_alloc(budget, sizeof(*batch));
	unsigned int i;

	for (i = 0; batch && i < BATCH; i++) {
		batch->text[i] = shmstat_alloc(budget, PATH_MAX);
		if (!batch->text[i]) {
			shmstat_batch_free(batch, budget);
			return NULL;
		}
	}
	return batch;
}

/**
 * shmstat_visit_inodes - visit every object of a superblock
 * @sb: the superblock; the caller holds an active reference
 * @visitor: what to do with each
 * @batch: from shmstat_batch_alloc()
 *
 * An inode that is created or removed meanwhile may be missed; none is visited
 * twice. A reference is held to one inode at a time: to the last one of a batch,
 * until the next batch is read. The walk ends early if only the caller keeps the
 * superblock.
 *
 * Context: Process context, may sleep. Takes s_inode_list_lock for BATCH inodes
 *	at a time, and i_lock inside it. An inode whose last user lets go of it
 *	while our reference is held is evicted here.
 * Return: what visit() returned last, or -EINTR after a fatal signal.
 */
int shmstat_visit_inodes(struct super_block *sb,
			 const struct shmstat_visitor *visitor,
			 struct shmstat_batch *batch)
{
	struct inode *cursor = NULL;
	int ret;

	do {
		struct inode *next = read_batch(sb, cursor, batch, visitor);

		iput(cursor);
		cursor = next;
		ret = visit_batch(batch, cursor, visitor);
		cond_resched();
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	} while (!ret && cursor && !shmstat_sb_is_dying(sb));
	iput(cursor);
	return ret;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The inodes of a superblock. They are read under the locks that keep them, so
 * that nobody who lets go of one meanwhile finds it held by us.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/hugetlb.h>
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
#include "inode.h"
#include "super.h"

/*
 * How many inodes are looked at under one hold of s_inode_list_lock, which
 * every creation and removal of a file on that superblock waits for. At some
 * 50 to 200 ns an inode, most of it cache misses, 16 keep it near 2 us.
 */
#define BATCH	16

/**
 * struct shmstat_batch - what one hold of s_inode_list_lock brought
 * @count: how many inodes were read
 * @read: what was read of them
 * @dentry: where their paths end, protected by RCU alone, or NULL
 * @text: PATH_MAX bytes for the name of each
 * @wanted: whether the last one is wanted itself; it is the cursor then
 */
struct shmstat_batch {
	unsigned int count;
	struct shmstat_inode read[BATCH];
	struct dentry *dentry[BATCH];
	char *text[BATCH];
	bool wanted;
};

/*
 * Only what can hold pages is given operations, and as the last step of being
 * made; hugetlbfs gives them to directories too. What a device node maps is the
 * device's, so its own pages are asked for.
 */
static bool is_object(const struct inode *inode)
{
	return READ_ONCE(inode->i_data.a_ops) != &empty_aops &&
	       (S_ISREG(inode->i_mode) ||
		!shmstat_sb_is_hugetlbfs(inode->i_sb));
}

/*
 * hugetlbfs sets no generation. A hashed pointer, as "%p" prints it, is the
 * kernel's own keyed hash: it stays the same while the inode lives and this
 * kernel runs, and gives the address away to nobody.
 */
static u32 hashed_address(const struct inode *inode)
{
	char text[2 + 2 * sizeof(inode) + 1];
	int len = scnprintf(text, sizeof(text), "%p", inode);

	return jhash(text, len, 0);
}

/**
 * shmstat_inode_id - name an inode
 * @inode: an inode of a superblock that shmstat_sb_is_shmem()
 *
 * Context: Any; the caller keeps the inode.
 */
struct shmstat_id shmstat_inode_id(const struct inode *inode)
{
	return (struct shmstat_id) {
		.ino = inode->i_ino,
		.dev = inode->i_sb->s_dev,
		.generation = inode->i_generation ?: hashed_address(inode),
	};
}

/* Reads a member of what a pointer may lead to; false if it does not. */
#define probe(to, member) \
	(!copy_from_kernel_nofault(&(to), &(member), sizeof(to)))

/**
 * shmstat_inode_probe - the inode of what may be a file
 * @file: a pointer that was read where a file's is thought to be
 *
 * A file of an overlay leads on to the one below that was opened for it.
 *
 * Context: Any; if it is a file, the caller keeps it.
 * Return: the inode, if it is of a superblock that shmstat_sb_is_shmem();
 *	otherwise NULL.
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
 * shmstat_inode_resident - bytes of an inode in page cache
 * @inode: an inode of a superblock that shmstat_sb_is_shmem()
 *
 * Context: Any; the caller keeps the inode.
 */
u64 shmstat_inode_resident(const struct inode *inode)
{
	/* hugetlbfs counts its page cache in blocks of 512 bytes. */
	if (shmstat_sb_is_hugetlbfs(inode->i_sb))
		return (u64)READ_ONCE(inode->i_blocks) << 9;
	return (u64)READ_ONCE(inode->i_mapping->nrpages) << PAGE_SHIFT;
}

/**
 * shmstat_inode_swapped - bytes of an inode in swap
 * @inode: an inode of a superblock that shmstat_sb_is_shmem()
 *
 * Context: Any; the caller keeps the inode.
 */
u64 shmstat_inode_swapped(const struct inode *inode)
{
	if (shmstat_sb_is_hugetlbfs(inode->i_sb))
		return 0;
	return (u64)READ_ONCE(SHMEM_I((struct inode *)inode)->swapped) <<
	       PAGE_SHIFT;
}

/**
 * shmstat_inode_is_dying - whether nothing but our reference keeps an inode
 * @inode: an inode that the caller holds a reference to
 *
 * A long visit ends early then: what is removed meanwhile shall be freed now.
 */
bool shmstat_inode_is_dying(const struct inode *inode)
{
	return (atomic_read(&inode->i_count) == 1 && !inode->i_nlink) ||
	       shmstat_sb_is_dying(inode->i_sb);
}

static u32 inode_seals(struct inode *inode)
{
#ifdef CONFIG_HUGETLBFS
	if (shmstat_sb_is_hugetlbfs(inode->i_sb))
		return HUGETLBFS_I(inode)->seals;
#endif
	return SHMEM_I(inode)->seals;
}

/* Names of an inode that are looked at: users can have a million of them. */
#define ALIASES	32

/*
 * A name that can still be opened is better than one that was removed. Called
 * with i_lock held.
 */
static struct dentry *best_alias(struct inode *inode)
{
	struct dentry *dentry, *best = NULL;
	unsigned int looked = 0;

	for_each_alias(dentry, inode) {
		if (!best || !d_unhashed(dentry))
			best = dentry;
		if (!d_unhashed(dentry) || ++looked == ALIASES)
			break;
	}
	return best;
}

/*
 * Dentries of internal mounts are freed at once, not after a grace period
 * (DCACHE_NORCU). Before that they leave the inode, for which i_lock is needed.
 * They are never renamed, and there is one for each file.
 */
static void read_pseudo_name(struct shmstat_inode *read, struct inode *inode,
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
 * Called under RCU with s_inode_list_lock held, which keeps the inode whatever
 * its state is. Returns false for one that is no object, not yet or no longer.
 */
static bool read_inode(struct shmstat_batch *batch, struct inode *inode)
{
	struct shmstat_inode *read = &batch->read[batch->count];

	if (!is_object(inode))
		return false;
	spin_lock(&inode->i_lock);
	if (shmstat_inode_is_going(inode)) {
		spin_unlock(&inode->i_lock);
		return false;
	}
	*read = (struct shmstat_inode) {
		.id = shmstat_inode_id(inode),
		.size = i_size_read(inode),
		.resident = shmstat_inode_resident(inode),
		.swapped = shmstat_inode_swapped(inode),
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
		read_pseudo_name(read, inode, batch->text[batch->count]);
	spin_unlock(&inode->i_lock);
	batch->dentry[batch->count++] = NULL;
	return true;
}

/*
 * What @visitor needs of the object that was read last; false if not itself.
 * The dentry of a path stays valid under RCU, as the caller has it.
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
	return visitor->wants && visitor->wants(read, visitor->arg);
}

/* A path too long for anybody's buffer: "//" stands in no real one. */
static void cut_path(char *text, const struct dentry *dentry)
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

/* Called under the RCU section that the dentries were found in. */
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
			cut_path(text, dentry);
			path = text;
		}
		batch->read[i].name = path;
	}
}

/*
 * Reads the next inodes behind @cursor, the first ones if that is NULL, and
 * takes a reference to the last of them, which marks the place. Returns NULL if
 * there are no more.
 */
static struct inode *read_batch(struct super_block *sb, struct inode *cursor,
				struct shmstat_batch *batch,
				const struct shmstat_visitor *visitor)
{
	struct inode *inode, *mark = NULL;
	unsigned int seen = 0;

	batch->count = 0;
	batch->wanted = false;

	rcu_read_lock();
	spin_lock(&sb->s_inode_list_lock);
	inode = list_prepare_entry(cursor, &sb->s_inodes, i_sb_list);
	list_for_each_entry_continue(inode, &sb->s_inodes, i_sb_list) {
		bool wanted = false;

		seen++;
		if (read_inode(batch, inode))
			wanted = ask_visitor(batch, inode, visitor);
		if (!wanted && seen < BATCH)
			continue;
		/* Fails on an inode that is being evicted. */
		mark = igrab(inode);
		if (mark) {
			batch->wanted = wanted;
			break;
		}
		if (wanted || batch->count == BATCH)
			batch->count--;
	}
	spin_unlock(&sb->s_inode_list_lock);
	read_paths(batch);
	rcu_read_unlock();
	return mark;
}

static int visit_batch(const struct shmstat_batch *batch, struct inode *mark,
		       const struct shmstat_visitor *visitor)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < batch->count; i++) {
		bool last = i == batch->count - 1;

		ret = visitor->visit(&batch->read[i],
				     batch->wanted && last ? mark : NULL,
				     visitor->arg);
	}
	return ret;
}

/**
 * shmstat_batch_free - free what shmstat_batch_alloc() returned
 * @batch: the memory, or NULL
 * @budget: the same as there
 *
 * Context: Process context.
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
 * shmstat_batch_alloc - allocate what shmstat_visit_inodes() works with
 * @budget: what to allocate from
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
 * shmstat_visit_inodes - read every object of a superblock
 * @sb: the superblock; the caller holds an active reference
 * @visitor: what to do with each
 * @batch: from shmstat_batch_alloc()
 *
 * An inode that comes or goes meanwhile may or may not be seen; none is seen
 * twice. A reference is held to one inode at a time: to the one that is
 * wanted, or between two batches to the last one read. Ends early where
 * nothing but the caller keeps the superblock any more.
 *
 * Context: Process context, may sleep. Takes s_inode_list_lock and, in it,
 *	i_lock, for BATCH inodes at a time. Where the last user of an inode lets
 *	go of it while we hold the reference, it is evicted here.
 * Return: what visit() returned last, or -EINTR after a fatal signal.
 */
int shmstat_visit_inodes(struct super_block *sb,
			 const struct shmstat_visitor *visitor,
			 struct shmstat_batch *batch)
{
	struct inode *mark = NULL;
	int ret;

	do {
		struct inode *next = read_batch(sb, mark, batch, visitor);

		iput(mark);
		mark = next;
		ret = visit_batch(batch, mark, visitor);
		cond_resched();
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	} while (!ret && mark && !shmstat_sb_is_dying(sb));
	iput(mark);
	return ret;
}

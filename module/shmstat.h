/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words of shmstat. Data goes one way: superblock, inode, object,
 * snapshot, table, file; each step is a source file of that name.
 */
#ifndef SHMSTAT_H
#define SHMSTAT_H

#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/seq_file.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/xarray.h>

#include "index.h"
#include "mapping.h"
#include "rows.h"

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
 * struct shmstat_id - what names an object while it lives
 * @ino: inode number
 * @dev: device of its superblock
 * @generation: inode generation, or what stands in for it
 */
struct shmstat_id {
	u64 ino;
	dev_t dev;
	u32 generation;
};

static inline bool shmstat_id_equal(const struct shmstat_id *a,
				    const struct shmstat_id *b)
{
	return a->ino == b->ino && a->dev == b->dev &&
	       a->generation == b->generation;
}

/**
 * struct shmstat_super - a superblock whose inodes are objects
 * @sb: the superblock; an active reference holds it until the scan ends
 * @type: name of its file system type
 * @options: mount options
 * @pagesize: bytes of its pages
 * @dev: its device
 * @internal: no path leads to it
 * @main: it is the kernel's own tmpfs, not a driver's
 * @huge: it is a hugetlbfs
 * @posix: it is mounted at /dev/shm in some mount namespace
 * @objects: how many objects it has
 * @resident: bytes of them in page cache
 * @swapped: bytes of them in swap
 * @bytes_used: as statfs(2) has it; SHMSTAT_NONE where there is no limit, as
 *	the kernel does not count then
 * @bytes_limit: bytes it may use, or SHMSTAT_NONE
 * @inodes_used: as statfs(2) has it, or SHMSTAT_NONE
 * @inodes_limit: inodes it may have, or SHMSTAT_NONE
 */
struct shmstat_super {
	struct super_block *sb;
	const char *type;
	const char *options;
	u32 pagesize;
	dev_t dev;
	bool internal;
	bool main;
	bool huge;
	bool posix;
	u64 objects;
	u64 resident;
	u64 swapped;
	u64 bytes_used;
	u64 bytes_limit;
	u64 inodes_used;
	u64 inodes_limit;
};

/**
 * struct shmstat_object - one inode that holds shared memory
 * @id: its name
 * @name: text for people, or NULL
 * @size: bytes, as fstat(2) has it
 * @resident: bytes in page cache
 * @swapped: bytes in swap
 * @uid: owner
 * @gid: group
 * @nlink: hard links
 * @mode: type and permission bits
 * @kind: &enum shmstat_kind
 * @truncate: &enum shmstat_truncate
 * @flags: SHMSTAT_MAPPED and so on
 * @link: for finding it by @id
 * @nr: its own number
 * @holders: how many rows of holders it has
 * @holder: the number of the first of them
 */
struct shmstat_object {
	struct shmstat_id id;
	const char *name;
	u64 size;
	u64 resident;
	u64 swapped;
	kuid_t uid;
	kgid_t gid;
	u32 nlink;
	u16 mode;
	u8 kind;
	u8 truncate;
	u8 flags;
	struct shmstat_link link;
	u32 nr;
	u32 holders;
	u32 holder;
};

/**
 * struct shmstat_snapshot - what one scan saw
 * @view: whom it was taken for
 * @file: through which file it is read; NULL once it is taken
 * @supers: every &struct shmstat_super, by device
 * @objects: every &struct shmstat_object
 * @index: finds @objects by their id, once shmstat_index_objects() made it
 * @segments: every &struct shmstat_segment
 * @ipcns: every &struct shmstat_ipcns
 * @ipcns_index: finds @ipcns by namespace
 * @holders: every &struct shmstat_holder, if the view asked for them
 * @holders_index: finds @holders by object and process
 * @mappings: those of the object that is being visited
 * @sums: every &struct shmstat_sum of the report
 * @rows: the records of the view itself
 * @shown: the records to print: @rows, or another of these arrays
 * @base: the number of the first of them
 * @wanted: the object that was asked for, in a view with a query
 * @strings: all names, paths and options
 * @scratch: what the view needs while it collects
 * @path: PATH_MAX bytes to build a path in, while the scan lasts
 * @nr_shmem: bytes, the kernel's own counter
 * @nr_shmem_lag: bytes that CPUs have counted and not yet added to @nr_shmem
 */
struct shmstat_snapshot {
	const struct shmstat_view *view;
	struct file *file;
	struct xarray supers;
	struct shmstat_rows objects;
	struct shmstat_index index;
	struct shmstat_rows segments;
	struct shmstat_rows ipcns;
	struct shmstat_index ipcns_index;
	struct shmstat_rows holders;
	struct shmstat_index holders_index;
	struct shmstat_mappings mappings;
	struct shmstat_rows sums;
	struct shmstat_rows rows;
	const struct shmstat_rows *shown;
	u64 base;
	struct shmstat_id wanted;
	struct shmstat_strings strings;
	void *scratch;
	char *path;
	u64 nr_shmem;
	s64 nr_shmem_lag;
};

/* Stands for a number that there is none of: it is printed as "-". */
#define SHMSTAT_NONE	U64_MAX

typedef void shmstat_show_fn(struct seq_file *m,
			     const struct shmstat_snapshot *snap,
			     const void *field);

/**
 * struct shmstat_column - one column of a table
 * @name: as the first line has it
 * @show: print a record's value, never nothing
 * @offset: in the record, of what @show is handed
 */
struct shmstat_column {
	const char *name;
	shmstat_show_fn *show;
	size_t offset;
};

/**
 * struct shmstat_view - one file: what it collects and how that is printed
 * @name: of the file
 * @row_size: bytes of a record of &shmstat_snapshot.rows
 * @scratch_size: bytes of &shmstat_snapshot.scratch
 * @holders: whether it needs &shmstat_snapshot.holders
 * @prepare: initialises &shmstat_snapshot.scratch, unless zeroes are enough
 * @object: called for each object with a reference to its inode held; may
 *	sleep; NULL if the view needs nothing of the inode
 * @finish: called after all objects were seen, without any lock or reference
 * @release: undoes @prepare and frees what it holds by then
 * @query: reads the one object that was asked for, instead of all; the file
 *	then takes an object's id
 * @more: called before a record is shown, to have it in
 *	&shmstat_snapshot.shown; NULL if all are; may sleep
 * @columns: the table's columns, up to one without a name; NULL if @show
 *	prints the records
 * @show: print a record that is more than columns
 */
struct shmstat_view {
	const char *name;
	size_t row_size;
	size_t scratch_size;
	bool holders;
	void (*prepare)(struct shmstat_snapshot *snap);
	int (*object)(struct shmstat_snapshot *snap, struct inode *inode,
		      struct shmstat_object *obj);
	int (*finish)(struct shmstat_snapshot *snap);
	void (*release)(struct shmstat_snapshot *snap);
	int (*query)(struct shmstat_snapshot *snap);
	int (*more)(struct shmstat_snapshot *snap, u64 pos);
	const struct shmstat_column *columns;
	shmstat_show_fn *show;
};

/* super.c: the superblocks */
int shmstat_supers_init(void);
int shmstat_supers_get(struct shmstat_snapshot *snap);
void shmstat_supers_put(struct shmstat_snapshot *snap);
void shmstat_supers_free(struct shmstat_snapshot *snap);
struct shmstat_super *shmstat_super_note(struct shmstat_snapshot *snap,
					 struct super_block *sb);
int shmstat_super_fill(struct shmstat_snapshot *snap,
		       struct shmstat_super *super);
bool shmstat_super_ours(const struct super_block *sb);
bool shmstat_super_huge(const struct super_block *sb);

/* namespace.c: what is reached through the processes' namespaces */
int shmstat_namespaces_scan(struct shmstat_snapshot *snap);

/* inode.c: the inodes of a superblock */
typedef int (*shmstat_inode_fn)(struct inode *inode, void *arg);
int shmstat_visit_inodes(struct super_block *sb, shmstat_inode_fn visit,
			 void *arg);
bool shmstat_inode_is_object(const struct inode *inode);
struct shmstat_id shmstat_inode_id(const struct inode *inode);
struct inode *shmstat_inode_probe(const struct file *file);
u64 shmstat_inode_resident(const struct inode *inode);
u64 shmstat_inode_swapped(const struct inode *inode);

/* object.c: what is known of one inode */
int shmstat_object_add(struct shmstat_snapshot *snap,
		       struct shmstat_super *super, struct inode *inode,
		       struct shmstat_object **result);
int shmstat_objects_index(struct shmstat_snapshot *snap);
struct shmstat_object *shmstat_object_find(const struct shmstat_snapshot *snap,
					   const struct shmstat_id *id);
u32 shmstat_object_pagesize(const struct shmstat_snapshot *snap,
			    const struct shmstat_object *obj);
const char *shmstat_truncate_name(const struct shmstat_object *obj);
extern const char *const shmstat_kind_names[SHMSTAT_NR_KINDS];

/* snapshot.c: one scan, start to end */
struct shmstat_snapshot *shmstat_snapshot_take(const struct shmstat_view *view,
					       struct file *file,
					       const struct shmstat_id *wanted);
int shmstat_snapshot_find(struct shmstat_snapshot *snap,
			  const struct shmstat_id *id, shmstat_inode_fn visit,
			  void *arg);
void shmstat_snapshot_free(struct shmstat_snapshot *snap);

#endif /* SHMSTAT_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One scan, start to end, and what a file makes of it.
 *
 * Data goes one way: superblock, inode, object, snapshot, table, file; each
 * step is a source file of that name.
 */
#ifndef SHMSTAT_SNAPSHOT_H
#define SHMSTAT_SNAPSHOT_H

#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/seq_file.h>
#include <linux/types.h>

#include "budget.h"
#include "object.h"
#include "rows.h"
#include "task.h"

struct shmstat_view;

/**
 * struct shmstat_snapshot - what one scan saw
 * @view: whom it was taken for
 * @file: through which file it is read; NULL once it is taken
 * @budget: all memory is allocated from it
 * @supers: every &struct shmstat_super
 * @supers_index: finds @supers by superblock
 * @unseen: whether some superblocks could not be visited
 * @procs: the processes that @rows tell of
 * @rows: the records of the view, those to print
 * @base: the number of the first of them
 * @wanted: the object that was asked for, in a view with a query
 * @strings: all names, paths and options
 * @scratch: what the view needs beside @rows
 * @path: PATH_MAX bytes to build a path in, while the scan lasts
 * @nr_shmem: bytes, the kernel's own counter
 * @nr_shmem_lag: bytes that CPUs have counted and not yet added to @nr_shmem
 */
struct shmstat_snapshot {
	const struct shmstat_view *view;
	struct file *file;
	struct shmstat_budget budget;
	struct shmstat_rows supers;
	struct shmstat_index supers_index;
	bool unseen;
	struct shmstat_procs procs;
	struct shmstat_rows rows;
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
 * @superblocks: whether it tells the options and the use of superblocks
 * @says_unseen: whether it says itself what could not be seen; the others fail
 * @query: whether the file takes an object's id, and is about that one
 * @prepare: initialises &shmstat_snapshot.scratch, unless zeroes are enough
 * @collect: fills &shmstat_snapshot.rows; may sleep; 0 or a negative errno
 * @release: undoes @prepare and frees what it holds by then
 * @more: called before a record is shown, to have it in
 *	&shmstat_snapshot.rows; NULL if all are; may sleep
 * @columns: the table's columns, up to one without a name; NULL if @show
 *	prints the records
 * @show: print a record that is more than columns
 */
struct shmstat_view {
	const char *name;
	size_t row_size;
	size_t scratch_size;
	bool superblocks;
	bool says_unseen;
	bool query;
	void (*prepare)(struct shmstat_snapshot *snap);
	int (*collect)(struct shmstat_snapshot *snap);
	void (*release)(struct shmstat_snapshot *snap);
	int (*more)(struct shmstat_snapshot *snap, u64 pos);
	const struct shmstat_column *columns;
	shmstat_show_fn *show;
};

/**
 * struct shmstat_scan - what to do with each object
 * @needs_path: whether &shmstat_inode.name has to be the path; called with
 *	spinlocks held; NULL if it never has to
 * @wants: whether @object needs the inode itself; called with spinlocks held;
 *	NULL if it never does
 * @object: called for each object, with its superblock's record; the name is
 *	that of @read and gone afterwards. The inode is held, or NULL unless
 *	@wants was true; may sleep; anything but 0 ends the scan
 */
struct shmstat_scan {
	bool (*needs_path)(struct shmstat_snapshot *snap,
			   const struct shmstat_inode *read);
	bool (*wants)(struct shmstat_snapshot *snap,
		      const struct shmstat_inode *read);
	int (*object)(struct shmstat_snapshot *snap,
		      const struct shmstat_super *super,
		      struct shmstat_object *obj, struct inode *inode);
};

int shmstat_scan_objects(struct shmstat_snapshot *snap,
			 const struct shmstat_scan *scan);
int shmstat_scan_again(struct shmstat_snapshot *snap,
		       const struct shmstat_scan *scan);
int shmstat_visit_object(struct shmstat_snapshot *snap,
			 const struct shmstat_id *id,
			 int (*visit)(struct inode *inode, void *arg),
			 void *arg);

struct shmstat_snapshot *shmstat_snapshot_take(const struct shmstat_view *view,
					       struct file *file,
					       const struct shmstat_id *wanted);
void shmstat_snapshot_free(struct shmstat_snapshot *snap);

/**
 * shmstat_super_at - the superblock of an object
 * @snap: the snapshot
 * @obj: one of its objects
 */
static inline const struct shmstat_super *
shmstat_super_at(const struct shmstat_snapshot *snap,
		 const struct shmstat_object *obj)
{
	return shmstat_rows_at(&snap->supers, obj->super);
}

#endif /* SHMSTAT_SNAPSHOT_H */

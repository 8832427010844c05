/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A snapshot: what one walk over all objects found, for one file.
 *
 * Data goes one way: superblock, inode, object, snapshot, table, file. Each of
 * these is a source file of that name.
 */
#ifndef SHMSTAT_SNAPSHOT_H
#define SHMSTAT_SNAPSHOT_H

#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/types.h>

#include "budget.h"
#include "object.h"
#include "proc.h"
#include "rows.h"
#include "strings.h"
#include "super.h"

struct shmstat_column;
struct shmstat_view;

/**
 * struct shmstat_snapshot - what one walk over all objects found
 * @view: the view it is for
 * @budget: for all allocations
 * @supers: the superblocks
 * @procs: the processes that @rows refer to
 * @rows: the records that are shown, each of &shmstat_view.row_size
 * @strings: the texts that records refer to
 * @scratch: what the view keeps besides, of &shmstat_view.scratch_size
 * @file: the open file that is read; only during collect()
 * @path: PATH_MAX bytes to put a text together; only during collect()
 */
struct shmstat_snapshot {
	const struct shmstat_view *view;
	struct shmstat_budget budget;
	struct shmstat_supers supers;
	struct shmstat_procs procs;
	struct shmstat_rows rows;
	struct shmstat_strings strings;
	void *scratch;
	struct file *file;
	char *path;
};

/**
 * typedef shmstat_show_fn - print a column of a record, or a whole record
 * @m: where to print
 * @snap: the snapshot
 * @field: the column's member of the record, or the record
 *
 * Context: Process context, may sleep.
 */
typedef void shmstat_show_fn(struct seq_file *m,
			     const struct shmstat_snapshot *snap,
			     const void *field);

/**
 * struct shmstat_view - a file: what it collects, and how that is printed
 * @name: name of the file
 * @row_size: bytes of a record in &shmstat_snapshot.rows
 * @scratch_size: bytes of &shmstat_snapshot.scratch
 * @superblocks: shows the options and the usage of superblocks
 * @shows_incomplete: says itself if &shmstat_supers.incomplete; in other views
 *	that is the error -EAGAIN
 * @ask: keep the id of the one object that the view is about; called before
 *	collect(); NULL for views about all objects
 * @prepare: initialise &shmstat_snapshot.scratch; NULL if zeroes are enough
 * @collect: fill &shmstat_snapshot.rows; may sleep; returns 0 or an error
 * @release: free what &shmstat_snapshot.scratch refers to; called even if
 *	collect() failed; may be NULL
 * @row_at: get the record at a position, from 0; may sleep; returns NULL behind
 *	the last one, or an error pointer. NULL if that is all
 *	&shmstat_snapshot.rows
 * @columns: the table's columns, up to one without a name; NULL if show() prints
 *	the records
 * @show: print a record; NULL if there are @columns
 */
struct shmstat_view {
	const char *name;
	size_t row_size;
	size_t scratch_size;
	bool superblocks;
	bool shows_incomplete;
	void (*ask)(struct shmstat_snapshot *snap, const struct shmstat_id *id);
	void (*prepare)(struct shmstat_snapshot *snap);
	int (*collect)(struct shmstat_snapshot *snap);
	void (*release)(struct shmstat_snapshot *snap);
	void *(*row_at)(struct shmstat_snapshot *snap, u64 pos);
	const struct shmstat_column *columns;
	shmstat_show_fn *show;
};

/**
 * struct shmstat_scan - what to do with each object
 * @needs_path: as in &struct shmstat_visitor
 * @needs_inode: as in &struct shmstat_visitor
 * @object: called for each object, whose @name is valid during the call only; may
 *	sleep; anything but 0 ends the scan. The inode is NULL unless
 *	needs_inode() returned true. NULL if it is enough to count the objects of
 *	each superblock
 */
struct shmstat_scan {
	bool (*needs_path)(struct shmstat_snapshot *snap,
			   const struct shmstat_inode *read);
	bool (*needs_inode)(struct shmstat_snapshot *snap,
			    const struct shmstat_inode *read);
	int (*object)(struct shmstat_snapshot *snap,
		      const struct shmstat_super *super,
		      const struct shmstat_object *obj, struct inode *inode);
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
					       const struct shmstat_id *id);
void shmstat_snapshot_free(struct shmstat_snapshot *snap);

/**
 * shmstat_super_of - get the superblock of an object
 * @snap: the snapshot
 * @obj: one of its objects
 *
 * Context: Any.
 * Return: the superblock's record.
 */
static inline const struct shmstat_super *
shmstat_super_of(const struct shmstat_snapshot *snap,
		 const struct shmstat_object *obj)
{
	return shmstat_supers_at(&snap->supers, obj->super);
}

#endif /* SHMSTAT_SNAPSHOT_H */

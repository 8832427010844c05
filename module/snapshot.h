/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A snapshot: what one walk over all objects found, for one table or for several
 * that are to agree.
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
struct shmstat_scan;
struct shmstat_view;

/**
 * struct shmstat_snapshot - what one walk over all objects found for a view
 * @view: the view it is for
 * @budget: for all allocations; this and the next three are those of the walk
 * @supers: the superblocks
 * @procs: the processes that @rows refer to
 * @strings: the texts that records refer to
 * @rows: the records that are shown, each of &shmstat_view.row_size
 * @scratch: what the view keeps besides, of &shmstat_view.scratch_size
 * @path: PATH_MAX bytes to put a text together; only while records are collected
 */
struct shmstat_snapshot {
	const struct shmstat_view *view;
	struct shmstat_budget *budget;
	struct shmstat_supers *supers;
	struct shmstat_procs *procs;
	struct shmstat_strings *strings;
	struct shmstat_rows rows;
	void *scratch;
	char *path;
};

/* Maximum number of views that share a walk. */
#define SHMSTAT_MAX_VIEWS	8

/**
 * struct shmstat_walk - one walk over all objects, and its snapshots
 * @budget: for all allocations
 * @supers: the superblocks
 * @procs: the processes that records refer to
 * @strings: the texts that records refer to
 * @file: the open file that is read; only while records are collected
 * @path: PATH_MAX bytes to put a text together; only while records are collected
 * @count: number of views
 * @snaps: a snapshot for each
 */
struct shmstat_walk {
	struct shmstat_budget budget;
	struct shmstat_supers supers;
	struct shmstat_procs procs;
	struct shmstat_strings strings;
	struct file *file;
	char *path;
	unsigned int count;
	struct shmstat_snapshot snaps[SHMSTAT_MAX_VIEWS];
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
 * @posix: needs shmstat_mark_posix() before finish() or show()
 * @shows_incomplete: says itself if &shmstat_supers.incomplete; in other views
 *	that is the error -EAGAIN
 * @ask: keep the id of the one object that the view is about; called before
 *	before(); NULL for views about all objects
 * @choose: read the names of the views that are to share a walk from a text, and
 *	return how many there are or an error; such a file has nothing of its own
 *	but @name. NULL for others
 * @prepare: initialise &shmstat_snapshot.scratch; NULL if zeroes are enough
 * @before: called before the walk. This, after() and finish() fill
 *	&shmstat_snapshot.rows if @scan does not; may sleep; return 0 or an error;
 *	each may be NULL
 * @scan: what to do with each object; NULL if no walk is needed
 * @join_scan: the same instead of @scan if another view needs a walk anyway
 * @after: called after the walk
 * @finish: called last, after shmstat_mark_posix()
 * @release: free what &shmstat_snapshot.scratch refers to; called even if
 *	something failed; may be NULL
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
	bool posix;
	bool shows_incomplete;
	void (*ask)(struct shmstat_snapshot *snap, const struct shmstat_id *id);
	int (*choose)(char *text, const struct shmstat_view **views);
	void (*prepare)(struct shmstat_snapshot *snap);
	int (*before)(struct shmstat_snapshot *snap);
	const struct shmstat_scan *scan;
	const struct shmstat_scan *join_scan;
	int (*after)(struct shmstat_snapshot *snap);
	int (*finish)(struct shmstat_snapshot *snap);
	void (*release)(struct shmstat_snapshot *snap);
	void *(*row_at)(struct shmstat_snapshot *snap, u64 pos);
	const struct shmstat_column *columns;
	shmstat_show_fn *show;
};

/**
 * struct shmstat_scan - what to do with each object
 * @begin: called before the first one; may be NULL
 * @needs_path: as in &struct shmstat_visitor; other views may need it as well
 * @needs_inode: as in &struct shmstat_visitor; may be called again for an object
 *	that it returned true for, and has to return the same
 * @object: called for each object, whose @name is valid during the call only; may
 *	sleep; anything but 0 ends the scan. The inode is NULL unless
 *	needs_inode() returned true. NULL if it is enough to count the objects of
 *	each superblock
 * @end: called right after the last one; may be NULL
 */
struct shmstat_scan {
	int (*begin)(struct shmstat_snapshot *snap);
	bool (*needs_path)(struct shmstat_snapshot *snap,
			   const struct shmstat_inode *read);
	bool (*needs_inode)(struct shmstat_snapshot *snap,
			    const struct shmstat_inode *read);
	int (*object)(struct shmstat_snapshot *snap,
		      const struct shmstat_super *super,
		      const struct shmstat_object *obj, struct inode *inode);
	void (*end)(struct shmstat_snapshot *snap);
};

int shmstat_scan_again(struct shmstat_snapshot *snap,
		       const struct shmstat_scan *scan);
int shmstat_visit_object(struct shmstat_snapshot *snap,
			 const struct shmstat_id *id,
			 int (*visit)(struct inode *inode, void *arg),
			 void *arg);

struct shmstat_walk *
shmstat_walk_take(const struct shmstat_view * const *views, unsigned int count,
		  const char *name, struct file *file,
		  const struct shmstat_id *id);
void shmstat_walk_free(struct shmstat_walk *walk);

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
	return shmstat_supers_at(snap->supers, obj->super);
}

#endif /* SHMSTAT_SNAPSHOT_H */

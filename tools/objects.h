/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The objects, with what the other tables say of each, all at one moment.
 */
#ifndef SHMSTAT_TOOLS_OBJECTS_H
#define SHMSTAT_TOOLS_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "table.h"

/* Tables that go with that of the objects; each costs the kernel something. */
enum other {
	HOLDERS,
	CGROUPS,
	PAGES,
	MAPS,
	SEGMENTS,
	OTHERS,
};

/* Columns that may be needed, beside those that always are. */
enum need {
	OBJECT_MODE,
	OBJECT_GID,
	OBJECT_NLINK,
	OBJECT_FLAGS,
	OBJECT_TRUNCATE,
	OBJECT_BTIME,
	OBJECT_MTIME,
	OBJECT_CTIME,
	HOLDER_BY,
	HOLDER_PID,
	HOLDER_COMM,
	HOLDER_UID,
	HOLDER_FDS,
	HOLDER_MAPS,
	HOLDER_HANDLES,
	HOLDER_DETAIL,
	CGROUP_CGROUP,
	CGROUP_RESIDENT,
	CGROUP_PATH,
	PAGES_DIRTY,
	PAGES_WRITEBACK,
	PAGES_ACTIVE,
	PAGES_MAPPED,
	PAGES_MLOCKED,
	PAGES_HUGE,
	PAGES_ORDERS,
	PAGES_NODES,
	PAGES_SWAP,
	MAP_PID,
	MAP_COMM,
	MAP_UID,
	MAP_START,
	MAP_END,
	MAP_OFFSET,
	MAP_PERMS,
	MAP_RESIDENT,
	MAP_SWAPPED,
	MAP_PAST_EOF,
	SEGMENT_IPCNS,
	SEGMENT_SHMID,
	SEGMENT_KEY,
	SEGMENT_MODE,
	SEGMENT_NATTCH,
	SEGMENT_CPID,
	SEGMENT_LPID,
	SEGMENT_DTIME,
	SEGMENT_CTIME,
	NEEDS,
	/* Whole tables, which are not joined. */
	SUMMARY = NEEDS,
	SUPERBLOCKS,
};

#define NEED(need)	(1ULL << (need))
#define NEED_ALL	(NEED(NEEDS) - 1)

/* What sums by process and by cgroup need. */
#define WITH_HOLDERS	(NEED(HOLDER_PID) | NEED(HOLDER_COMM))
#define WITH_CGROUPS	(NEED(CGROUP_RESIDENT) | NEED(CGROUP_PATH))

/**
 * struct rows - an object's rows in one of the other tables
 * @first: where they start in the table's order by objects
 * @count: how many
 */
struct rows {
	uint32_t first;
	uint32_t count;
};

/**
 * struct object - one object
 * @id: its id
 * @inode: the same as a number, like the next three
 * @generation: of the inode
 * @major: of its file system's device
 * @minor: of its file system's device
 * @row: its row in objects
 * @pagesize: of its pages
 * @size: in bytes, like the next two
 * @resident: in memory
 * @swapped: in swap
 * @shmem: counted in Shmem, so not in huge pages of hugetlbfs
 * @in: its rows in the other tables, if those were read
 */
struct object {
	const char *id;
	uint64_t inode;
	uint64_t generation;
	uint32_t major;
	uint32_t minor;
	uint32_t row;
	bool shmem;
	uint64_t pagesize;
	uint64_t size;
	uint64_t resident;
	uint64_t swapped;
	struct rows in[OTHERS];
};

/**
 * struct objects - all of them
 * @pool: the texts of all their tables
 * @table: the table they are in
 * @others: the tables that go with it; those not asked for are empty
 * @summary: the sums by kind, if asked for
 * @superblocks: the file systems, if asked for
 * @hidden: whether there are rows of which it is not known whose they are
 * @process: what holders says of a holder that is a process, a text of the pool
 * @order: their rows, those of an object together
 * @list: the objects, in the order of their table
 * @count: how many
 * @room: how many there is room for
 * @by_id: finds them
 */
struct objects {
	struct pool *pool;
	struct table table;
	struct table others[OTHERS];
	struct table summary;
	struct table superblocks;
	bool hidden;
	uint32_t process;
	uint32_t *order[OTHERS];
	struct object *list;
	size_t count;
	size_t room;
	struct hash by_id;
};

/**
 * struct sums - what several objects add up to
 * @objects: how many they are
 * @resident: in bytes, like the next one
 * @swapped: in swap
 */
struct sums {
	uint64_t objects;
	uint64_t resident;
	uint64_t swapped;
};

void objects_load(struct objects *objects, uint64_t with);
void objects_free(struct objects *objects);
struct object *objects_find(const struct objects *objects, const char *id);
const char *object_cell(const struct objects *objects,
			const struct object *object, const char *column);
struct row object_row(const struct objects *objects,
		      const struct object *object, enum other other, size_t nr);
const char *object_other(const struct objects *objects,
			 const struct object *object, enum other other,
			 size_t nr, const char *column);
uint64_t object_other_number(const struct objects *objects,
			     const struct object *object, enum other other,
			     size_t nr, const char *column);
uint32_t object_other_word(const struct objects *objects,
			   const struct object *object, enum other other,
			   size_t nr, const char *column);
const char *object_cgroup(const struct objects *objects,
			  const struct object *object);
bool pagesize_in_shmem(uint64_t pagesize);
uint64_t object_memory(const struct object *object);
bool object_is_segment(const struct objects *objects,
		       const struct object *object);
bool object_is_process(const struct objects *objects,
		       const struct object *object, size_t nr);
size_t object_process(const struct objects *objects,
		      const struct object *object);
bool object_holder_unknown(const struct objects *objects,
			   const struct object *object);
size_t object_processes(const struct objects *objects,
			const struct object *object);
int objects_by_id(const void *a, const void *b);
int objects_by_memory(const void *a, const void *b);
int things_by_memory(const void *a, const void *b);
struct sums objects_sum(const struct objects *objects,
			bool (*wanted)(const struct objects *objects,
				       const struct object *object));

#endif /* SHMSTAT_TOOLS_OBJECTS_H */

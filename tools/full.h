/* SPDX-License-Identifier: GPL-2.0 */
/*
 * File systems of shared memory that are nearly full.
 */
#ifndef SHMSTAT_TOOLS_FULL_H
#define SHMSTAT_TOOLS_FULL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "objects.h"
#include "output.h"

/* Of its bytes or inodes, from which on one is nearly full. */
#define FULL_PERCENT	90

/* Files that are shown of each. */
#define FULL_FILES	5

/**
 * struct full - a file system that is nearly full
 * @dev: its device, MAJOR:MINOR
 * @number: the same as a number
 * @used: bytes, of @limit if that is not 0
 * @limit: bytes it may have
 * @inodes_used: inodes, of @inodes_limit if that is not 0
 * @inodes_limit: inodes it may have
 * @sizes: what the sizes of its files add up to
 * @largest: its files, by memory
 * @files: how many of these
 * @mount: where it is mounted, or NULL
 * @container: what for, or NULL
 */
struct full {
	char *dev;
	uint64_t number;
	uint64_t used;
	uint64_t limit;
	uint64_t inodes_used;
	uint64_t inodes_limit;
	uint64_t sizes;
	const struct object *largest[FULL_FILES];
	size_t files;
	char *mount;
	char *container;
};

/**
 * struct fulls - all of them, the fullest first
 * @percent: from which on
 * @list: the file systems
 * @count: how many
 * @room: how many there is room for
 */
struct fulls {
	unsigned int percent;
	struct full *list;
	size_t count;
	size_t room;
};

/* What full_print() needs of objects. */
#define WITH_FULL	(NEED(HOLDER_PID) | NEED(HOLDER_COMM) |		\
			 NEED(HOLDER_FDS) | NEED(MAP_PID) |		\
			 NEED(MAP_COMM) | NEED(MAP_PERMS) |		\
			 NEED(SUPERBLOCKS))

void full_find(struct fulls *fulls, const struct table *table,
	       unsigned int percent);
void full_describe(struct fulls *fulls, const struct objects *objects,
		   size_t count);
char *full_text(const struct output *output, const struct full *full);
void full_print_list(const struct output *output, const struct fulls *fulls);
void full_print(const struct output *output, struct fulls *fulls,
		const struct objects *objects);
void full_free(struct fulls *fulls);

#endif /* SHMSTAT_TOOLS_FULL_H */

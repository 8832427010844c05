/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sums of objects that have something in common.
 */
#ifndef SHMSTAT_TOOLS_GROUPS_H
#define SHMSTAT_TOOLS_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "objects.h"
#include "set.h"
#include "share.h"

/**
 * struct group - a sum
 * @key: what its objects have in common, as a number
 * @name: the same as a text
 * @objects: how many there are
 * @resident: in bytes, like the next one
 * @swapped: in bytes
 * @share: of processes, what they have alone, and in part
 */
struct group {
	uint64_t key;
	char *name;
	uint64_t objects;
	uint64_t resident;
	uint64_t swapped;
	struct share share;
};

/**
 * struct groups - sums by one thing
 * @list: the sums
 * @count: how many
 * @room: how many there is room for
 * @keys: theirs, in the same order until they are sorted
 */
struct groups {
	struct group *list;
	size_t count;
	size_t room;
	struct set keys;
};

void groups_by_user(struct groups *groups, const struct objects *objects);
void groups_by_cgroup(struct groups *groups, const struct objects *objects);
void groups_by_process(struct groups *groups, const struct objects *objects,
		       bool shares);
struct group *groups_add(struct groups *groups, uint64_t key, uint64_t objects,
			 uint64_t resident, uint64_t swapped);
void groups_free(struct groups *groups);

#endif /* SHMSTAT_TOOLS_GROUPS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sums of objects that have something in common.
 */
#ifndef SHMSTAT_TOOLS_GROUPS_H
#define SHMSTAT_TOOLS_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "hash.h"
#include "objects.h"
#include "output.h"

/**
 * struct group - a sum
 * @key: what its objects have in common, as a number
 * @name: the same as a text
 * @objects: how many there are
 * @resident: in bytes, like the next one
 * @swapped: in bytes
 */
struct group {
	uint64_t key;
	char *name;
	uint64_t objects;
	uint64_t resident;
	uint64_t swapped;
};

/**
 * struct groups - sums by one thing
 * @list: the sums
 * @count: how many
 * @room: for how many there is room
 * @hash: finds them by their keys
 */
struct groups {
	struct group *list;
	size_t count;
	size_t room;
	struct hash hash;
};

void groups_by_user(struct groups *groups, const struct objects *objects);
void groups_by_cgroup(struct groups *groups, const struct objects *objects);
void groups_by_process(struct groups *groups, const struct objects *objects);
struct group *groups_add(struct groups *groups, uint64_t key, uint64_t objects,
			 uint64_t resident, uint64_t swapped);
void groups_print(const struct groups *groups, struct output *output,
		  const char *name, size_t most);
void groups_free(struct groups *groups);

extern const struct column kind_columns[];
extern const struct column cgroup_columns[];
extern const struct column process_columns[];
extern const struct column user_columns[];

#endif /* SHMSTAT_TOOLS_GROUPS_H */

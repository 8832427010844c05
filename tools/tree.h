/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which mount a path leads to, by what mountinfo says alone.
 */
#ifndef SHMSTAT_TOOLS_TREE_H
#define SHMSTAT_TOOLS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "hash.h"
#include "process.h"

/**
 * struct mounted - a mount
 * @id: its number
 * @parent: that of the mount it is on, 0 if that is out of sight
 * @dev: its file system's device
 * @type: of that file system
 * @root: which of its directories, "" for its root
 * @target: where, "" for the root
 */
struct mounted {
	int id;
	int parent;
	dev_t dev;
	char *type;
	char *root;
	char *target;
};

/**
 * struct tree - what a process sees mounted
 * @list: the mounts
 * @count: how many
 * @room: how many there is room for
 * @by_target: finds them by what they are on, and where
 */
struct tree {
	struct mounted *list;
	size_t count;
	size_t room;
	struct hash by_target;
};

void tree_read(struct tree *tree, const struct process *process);
const struct mounted *tree_by_id(const struct tree *tree, int id);
const struct mounted *tree_find(const struct tree *tree, const char *path);
void tree_free(struct tree *tree);

#endif /* SHMSTAT_TOOLS_TREE_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Which mount a path leads to, by what mountinfo says alone: of the past, nothing
 * can be opened. A path leads from the root over whatever is mounted on the way.
 */
#include <stdlib.h>
#include <string.h>

#include "mounts.h"
#include "text.h"
#include "tree.h"
#include "xalloc.h"

static uint32_t key_of(int parent, const char *target, size_t length)
{
	return hash_mix(((uint64_t)parent << 32) ^ hash_bytes(target, length));
}

static char *escape(const char *path)
{
	return escape_text(path, strcmp(path, "/") ? strlen(path) : 0);
}

static void add_mount(void *context, struct libmnt_fs *fs)
{
	struct tree *tree = context;

	tree->list = xgrow(tree->list, tree->count, &tree->room,
			   sizeof(*tree->list));
	tree->list[tree->count++] = (struct mounted){
		.id = mnt_fs_get_id(fs),
		.parent = mnt_fs_get_parent_id(fs),
		.dev = mnt_fs_get_devno(fs),
		.type = xstrdup(mnt_fs_get_fstype(fs) ?: ""),
		.root = escape(mnt_fs_get_root(fs) ?: "/"),
		.target = escape(mnt_fs_get_target(fs) ?: "/"),
	};
}

static int by_id(const void *a, const void *b)
{
	const struct mounted *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* NULL if it is out of sight. */
const struct mounted *tree_by_id(const struct tree *tree, int id)
{
	struct mounted wanted = { .id = id };

	return tree->count ? bsearch(&wanted, tree->list, tree->count,
				     sizeof(*tree->list), by_id) : NULL;
}

/**
 * tree_read - read what is mounted where a process is
 * @tree: what is filled; tree_free() it
 * @process: the process
 */
void tree_read(struct tree *tree, const struct process *process)
{
	size_t i;

	*tree = (struct tree){};
	mounts_each(process, add_mount, tree);
	if (tree->count)
		qsort(tree->list, tree->count, sizeof(*tree->list), by_id);
	for (i = 0; i < tree->count; i++) {
		struct mounted *mount = &tree->list[i];

		/* What is on itself, or on what is above the root. */
		if (mount->parent == mount->id ||
		    !tree_by_id(tree, mount->parent))
			mount->parent = 0;
		hash_add(&tree->by_target,
			 key_of(mount->parent, mount->target,
				strlen(mount->target)), i);
	}
}

/* What is mounted on another mount, or on what is out of sight, at a place. */
static const struct mounted *find_on(const struct tree *tree, int parent,
				     const char *path, size_t length)
{
	uint32_t key = key_of(parent, path, length), nr;
	size_t at;

	for (at = hash_first(&tree->by_target, key);
	     hash_used(&tree->by_target, at);
	     at = hash_next(&tree->by_target, at)) {
		const struct mounted *mount;

		if (!hash_nr(&tree->by_target, at, key, &nr))
			continue;
		mount = &tree->list[nr];
		if (mount->parent == parent &&
		    !strncmp(mount->target, path, length) &&
		    !mount->target[length])
			return mount;
	}
	return NULL;
}

/**
 * tree_find - find what a path leads to
 * @tree: the mounts
 * @path: the path, with "\\ooo" in it as tables have it
 *
 * Return: the mount; NULL if it is out of sight.
 */
const struct mounted *tree_find(const struct tree *tree, const char *path)
{
	const struct mounted *found = NULL;
	size_t length, steps = 0;

	for (length = 0; ; length++) {
		const struct mounted *next;

		if (path[length] && path[length] != '/')
			continue;
		/* Below the root there may be more whose parent is out of sight. */
		next = found ? find_on(tree, found->id, path, length) : NULL;
		if (!next)
			next = find_on(tree, 0, path, length);
		/* One may be on another; of damaged files, in a circle. */
		for (; next && steps < tree->count; steps++) {
			found = next;
			next = find_on(tree, found->id, path, length);
		}
		if (!path[length])
			return found;
	}
}

void tree_free(struct tree *tree)
{
	size_t i;

	for (i = 0; i < tree->count; i++) {
		free(tree->list[i].type);
		free(tree->list[i].root);
		free(tree->list[i].target);
	}
	free(tree->list);
	hash_free(&tree->by_target);
	*tree = (struct tree){};
}

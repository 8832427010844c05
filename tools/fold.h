/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects that are alike, as one line.
 */
#ifndef SHMSTAT_TOOLS_FOLD_H
#define SHMSTAT_TOOLS_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "columns.h"
#include "member.h"
#include "objects.h"
#include "share.h"

/* What objects may have in common. */
enum fold_key {
	FOLD_NONE,
	FOLD_KIND,
	FOLD_NAME,
	FOLD_COMM,
	FOLD_PROCESS,
	FOLD_UNIT,
	FOLD_CONTAINER,
	FOLD_USER,
	FOLD_CGROUP,
	/* How many can be asked for. */
	FOLD_KEYS,
	/* On the first screen: the container, else the unit, else the cgroup. */
	FOLD_SERVICE = FOLD_KEYS,
};

/**
 * struct fold - objects that are alike
 * @largest: one of them, or else of what is only held; first, for its columns
 * @most: memory and swap of that one
 * @name: what they have in common, as tables have names; NULL if nothing; as long
 *	as the objects are there
 * @pagesize: of all of them
 * @kind: of all of them, or NULL if they are of several
 * @objects: how many they are
 * @alike: how many of them have the name of the largest, if that was asked for
 * @size: in bytes, like the next two
 * @resident: in memory
 * @swapped: in swap
 * @share: what the holders that are on this line have alone, and in part
 * @no_swap: whether what is in swap is unknown
 * @no_share: whether it is no line of holders
 * @last: number of the object that was added last, from 1
 * @held: number of the object whose holders were added last, likewise
 * @some: how many of these are on this line
 */
struct fold {
	const struct object *largest;
	uint64_t most;
	const char *name;
	uint64_t pagesize;
	const char *kind;
	uint64_t objects;
	uint64_t alike;
	uint64_t size;
	uint64_t resident;
	uint64_t swapped;
	struct share share;
	uint64_t some;
	uint32_t last;
	uint32_t held;
	bool no_swap;
	bool no_share;
};

/**
 * struct folds - all of them
 * @list: the lines
 * @count: how many
 * @room: how many there is room for
 * @hash: finds them
 * @texts: names that are nowhere else
 */
struct folds {
	struct fold *list;
	size_t count;
	size_t room;
	struct hash hash;
	struct pool texts;
};

/**
 * struct fold_plan - how objects are folded
 * @key: what those on one line have in common
 * @members: finds the cgroups of holders; NULL if it does not matter what they have
 * @alike: whether to count those that have the name of the largest
 */
struct fold_plan {
	enum fold_key key;
	struct members *members;
	bool alike;
};

/* What is asked for with a list of words, and what help says of it. */
#define FOLD_WORDS	\
	"kind, name, comm, process, unit, container, user or cgroup"

/* Lines' columns. */
extern const struct column fold_columns[];
extern const struct column fold_memory_column;

static inline uint64_t fold_memory(const struct fold *fold)
{
	return fold->resident + fold->swapped;
}

/* Without a number where there are no holders. */
static inline struct value exclusive_value(const struct fold *fold)
{
	return (struct value){ .none = fold->no_share,
			       .number = fold->share.exclusive };
}

static inline struct value proportional_value(const struct fold *fold)
{
	return (struct value){ .none = fold->no_share,
			       .number = fold->share.proportional };
}

/* Nor where the kernel does not report it. */
static inline struct value swap_value(const struct fold *fold)
{
	return (struct value){ .none = fold->no_swap,
			       .number = fold->swapped };
}

enum fold_key fold_parse(const char *word);
const char *fold_word(enum fold_key key);
uint64_t fold_with(enum fold_key key);
void fold_objects(struct folds *folds, const struct fold_plan *plan,
		  const struct objects *objects,
		  const struct object *const *list, size_t count);
void fold_shmem(struct folds *folds, const struct fold_plan *plan,
		const struct objects *objects);
void folds_sort(struct folds *folds,
		int (*compare)(const void *a, const void *b));
const struct fold *folds_find(const struct folds *folds, const char *name,
			      uint64_t pagesize);
int folds_by_memory(const void *a, const void *b);
void folds_free(struct folds *folds);

#endif /* SHMSTAT_TOOLS_FOLD_H */

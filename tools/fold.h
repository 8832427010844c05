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
#include "objects.h"

/* What objects may have in common. */
enum fold_key {
	FOLD_NONE,
	FOLD_KIND,
	FOLD_NAME,
	FOLD_COMM,
	FOLD_UNIT,
	FOLD_CONTAINER,
	FOLD_USER,
	FOLD_CGROUP,
	FOLD_KEYS,
};

/**
 * struct fold - objects that are alike
 * @largest: one of them; first, for its columns
 * @name: what they have in common, as tables have names; NULL if nothing; as long
 *	as the objects are there
 * @pagesize: of all of them
 * @kind: of all of them, or NULL if they are of several
 * @objects: how many they are
 * @size: in bytes, like the next two
 * @resident: in memory
 * @swapped: in swap
 * @no_swap: whether what is in swap is unknown
 * @last: number of the object that was added last, from 1
 */
struct fold {
	const struct object *largest;
	const char *name;
	uint64_t pagesize;
	const char *kind;
	uint64_t objects;
	uint64_t size;
	uint64_t resident;
	uint64_t swapped;
	bool no_swap;
	size_t last;
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

/* What is asked for with a list of words, and what help says of it. */
#define FOLD_WORDS	"kind, name, comm, unit, container, user or cgroup"

/* Lines' columns. */
extern const struct column fold_columns[];
extern const struct column fold_memory_column;

static inline uint64_t fold_memory(const struct fold *fold)
{
	return fold->resident + fold->swapped;
}

enum fold_key fold_parse(const char *word);
const char *fold_word(enum fold_key key);
uint64_t fold_with(enum fold_key key);
void fold_objects(struct folds *folds, enum fold_key key,
		  const struct objects *objects,
		  const struct object *const *list, size_t count);
const struct fold *folds_find(const struct folds *folds, const char *name,
			      uint64_t pagesize);
int folds_by_memory(const void *a, const void *b);
void folds_free(struct folds *folds);

#endif /* SHMSTAT_TOOLS_FOLD_H */

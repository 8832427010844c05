/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers, each once, in the order they were added.
 */
#ifndef SHMSTAT_TOOLS_SET_H
#define SHMSTAT_TOOLS_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hash.h"

/* What set_find() returns where a number is not in the set. */
#define NOT_FOUND	SIZE_MAX

/**
 * struct set - a set of numbers
 * @list: the numbers
 * @count: how many
 * @room: how many there is room for
 * @hash: finds them
 */
struct set {
	uint64_t *list;
	size_t count;
	size_t room;
	struct hash hash;
};

/* Where in the list a number is, or NOT_FOUND. */
static inline size_t set_find(const struct set *set, uint64_t number)
{
	uint32_t key = hash_mix(number), nr;
	size_t at;

	for (at = hash_first(&set->hash, key); hash_used(&set->hash, at);
	     at = hash_next(&set->hash, at))
		if (hash_nr(&set->hash, at, key, &nr) &&
		    set->list[nr] == number)
			return nr;
	return NOT_FOUND;
}

static inline bool set_has(const struct set *set, uint64_t number)
{
	return set_find(set, number) != NOT_FOUND;
}

bool set_add(struct set *set, uint64_t number);
void set_free(struct set *set);

#endif /* SHMSTAT_TOOLS_SET_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers, each once, in the order they were added.
 */
#include "set.h"
#include "xalloc.h"

/* Returns whether the number was not there yet. */
bool set_add(struct set *set, uint64_t number)
{
	if (set_has(set, number))
		return false;
	set->list = xgrow(set->list, set->count, &set->room,
			  sizeof(*set->list));
	set->list[set->count] = number;
	hash_add(&set->hash, hash_mix(number), set->count++);
	return true;
}

void set_free(struct set *set)
{
	free(set->list);
	hash_free(&set->hash);
	*set = (struct set){};
}

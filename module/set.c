// SPDX-License-Identifier: GPL-2.0
/*
 * A set of objects, known by their ids alone: what is needed of each where an
 * object is not worth a record.
 */
#include <linux/hash.h>

#include "set.h"

/* Random where there is a generation, so little mixing is needed. */
static u32 hash_id(const struct shmstat_id *id)
{
	return hash_64(id->ino ^ (u64)id->generation << 32, 32);
}

static u32 hash_member(const void *row)
{
	const struct shmstat_member *member = row;

	return hash_id(&member->id);
}

static bool match_id(const void *row, const void *key)
{
	const struct shmstat_member *member = row;

	return shmstat_id_equal(&member->id, key);
}

/**
 * shmstat_set_init - make an empty set
 * @set: the set
 * @budget: what to allocate from
 */
void shmstat_set_init(struct shmstat_set *set, struct shmstat_budget *budget)
{
	shmstat_rows_init(&set->rows, budget, sizeof(struct shmstat_member));
	shmstat_index_init(&set->index, &set->rows,
			   offsetof(struct shmstat_member, next), hash_member);
}

/**
 * shmstat_set_add - add an object that is not in a set yet
 * @set: the set
 * @id: the object's
 *
 * Context: Process context, may sleep.
 * Return: the member, with an info of 0; NULL if there is no memory, after
 *	which the set may only be freed.
 */
struct shmstat_member *shmstat_set_add(struct shmstat_set *set,
				       const struct shmstat_id *id)
{
	struct shmstat_member *member = shmstat_rows_add(&set->rows);

	if (!member)
		return NULL;
	member->id = *id;
	return shmstat_index_add(&set->index, set->rows.count - 1) ? NULL :
								      member;
}

/**
 * shmstat_set_find_nr - find the number of a member
 * @set: the set
 * @id: the object's
 *
 * Return: the number, in the order they were added; SHMSTAT_NO_ROW if it is not
 *	in the set.
 */
u32 shmstat_set_find_nr(const struct shmstat_set *set,
			const struct shmstat_id *id)
{
	return shmstat_index_find_nr(&set->index, hash_id(id), match_id, id);
}

/**
 * shmstat_set_find - find a member
 * @set: the set
 * @id: the object's
 *
 * Return: the member, or NULL.
 */
struct shmstat_member *shmstat_set_find(const struct shmstat_set *set,
					const struct shmstat_id *id)
{
	return shmstat_rows_at(&set->rows, shmstat_set_find_nr(set, id));
}

/**
 * shmstat_set_free - forget all members
 * @set: the set
 *
 * Context: Process context, may sleep.
 */
void shmstat_set_free(struct shmstat_set *set)
{
	shmstat_index_free(&set->index);
	shmstat_rows_free(&set->rows);
}

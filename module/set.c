// SPDX-License-Identifier: GPL-2.0
/*
 * A set of object ids, with a number for each: for tables that do not need a
 * whole record of every object.
 */
#include <linux/hash.h>

#include "set.h"

/* Where there is a generation it is random, so little mixing is needed. */
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
 * @budget: the read's budget
 *
 * Context: Any.
 */
void shmstat_set_init(struct shmstat_set *set, struct shmstat_budget *budget)
{
	shmstat_rows_init(&set->rows, budget, sizeof(struct shmstat_member));
	shmstat_hash_init(&set->by_id, &set->rows,
			  offsetof(struct shmstat_member, next), hash_member);
}

/**
 * shmstat_set_add - add an id that is not in the set yet
 * @set: the set
 * @id: the id
 *
 * Context: Process context, may sleep.
 * Return: the member; NULL if there is no memory, after which the set may only
 *	be freed.
 */
struct shmstat_member *shmstat_set_add(struct shmstat_set *set,
				       const struct shmstat_id *id)
{
	struct shmstat_member *member = shmstat_rows_add(&set->rows);

	if (!member)
		return NULL;
	member->id = *id;
	return shmstat_hash_add(&set->by_id, set->rows.count - 1) ? NULL :
								    member;
}

/**
 * shmstat_set_find_nr - find the number of a member
 * @set: the set
 * @id: its id
 *
 * Context: Any.
 * Return: its number in the order of adding, from 0; SHMSTAT_NO_ROW if the id is
 *	not in the set.
 */
u32 shmstat_set_find_nr(const struct shmstat_set *set,
			const struct shmstat_id *id)
{
	return shmstat_hash_find_nr(&set->by_id, hash_id(id), match_id, id);
}

/**
 * shmstat_set_find_near - find the number of a member that is likely near another
 * @set: the set
 * @id: its id
 * @near: number of that other member
 *
 * Context: Any.
 * Return: as shmstat_set_find_nr().
 */
u32 shmstat_set_find_near(const struct shmstat_set *set,
			  const struct shmstat_id *id, u32 near)
{
	u32 nr;

	/* Wraps around to a number that no member has. */
	for (nr = near - 1; nr != near + 2; nr++) {
		const struct shmstat_member *member = shmstat_set_at(set, nr);

		if (member && shmstat_id_equal(&member->id, id))
			return nr;
	}
	return shmstat_set_find_nr(set, id);
}

/**
 * shmstat_set_find - find a member
 * @set: the set
 * @id: its id
 *
 * Context: Any.
 * Return: the member, or NULL.
 */
struct shmstat_member *shmstat_set_find(const struct shmstat_set *set,
					const struct shmstat_id *id)
{
	return shmstat_set_at(set, shmstat_set_find_nr(set, id));
}

/**
 * shmstat_set_free - free a set
 * @set: the set
 *
 * Context: Process context, may sleep.
 */
void shmstat_set_free(struct shmstat_set *set)
{
	shmstat_hash_free(&set->by_id);
	shmstat_rows_free(&set->rows);
}

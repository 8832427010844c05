/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A set of object ids, with a number for each.
 */
#ifndef SHMSTAT_SET_H
#define SHMSTAT_SET_H

#include "hashtable.h"
#include "inode.h"

/**
 * struct shmstat_member - an object id in a set; with its share of the hash
 *	table it takes 28 bytes
 * @id: the id
 * @next: for the hash table
 * @info: for the user of the set, 0 at first
 */
struct shmstat_member {
	struct shmstat_id id;
	u32 next;
	u32 info;
};

/**
 * struct shmstat_set - a set of object ids
 * @rows: every &struct shmstat_member, in the order they were added
 * @by_id: finds them by @id
 */
struct shmstat_set {
	struct shmstat_rows rows;
	struct shmstat_hashtable by_id;
};

void shmstat_set_init(struct shmstat_set *set, struct shmstat_budget *budget);
struct shmstat_member *shmstat_set_add(struct shmstat_set *set,
				       const struct shmstat_id *id);
u32 shmstat_set_find_nr(const struct shmstat_set *set,
			const struct shmstat_id *id);
u32 shmstat_set_find_near(const struct shmstat_set *set,
			  const struct shmstat_id *id, u32 near);
struct shmstat_member *shmstat_set_find(const struct shmstat_set *set,
					const struct shmstat_id *id);
void shmstat_set_free(struct shmstat_set *set);

/**
 * shmstat_set_at - get a member by its number
 * @set: the set
 * @nr: the number, from 0
 *
 * Context: Any.
 * Return: the member; NULL if there is none, as for SHMSTAT_NO_ROW.
 */
static inline struct shmstat_member *shmstat_set_at(const struct shmstat_set *set,
						    u32 nr)
{
	return shmstat_rows_at(&set->rows, nr);
}

#endif /* SHMSTAT_SET_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A set of objects, known by their ids alone.
 */
#ifndef SHMSTAT_SET_H
#define SHMSTAT_SET_H

#include "hashtable.h"
#include "inode.h"

/**
 * struct shmstat_member - an object of a set; 28 bytes with its part of the index
 * @id: the object's
 * @next: for finding it
 * @info: for the user of the set
 */
struct shmstat_member {
	struct shmstat_id id;
	u32 next;
	u32 info;
};

/**
 * struct shmstat_set - a set of objects
 * @rows: every &struct shmstat_member
 * @index: finds them
 */
struct shmstat_set {
	struct shmstat_rows rows;
	struct shmstat_index index;
};

void shmstat_set_init(struct shmstat_set *set, struct shmstat_budget *budget);
struct shmstat_member *shmstat_set_add(struct shmstat_set *set,
				       const struct shmstat_id *id);
u32 shmstat_set_find_nr(const struct shmstat_set *set,
			const struct shmstat_id *id);
struct shmstat_member *shmstat_set_find(const struct shmstat_set *set,
					const struct shmstat_id *id);
void shmstat_set_free(struct shmstat_set *set);

#endif /* SHMSTAT_SET_H */

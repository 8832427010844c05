/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finding the records of an array by their key.
 */
#ifndef SHMSTAT_INDEX_H
#define SHMSTAT_INDEX_H

#include "rows.h"

/**
 * struct shmstat_link - what a record needs to be found by its key
 * @hash: of the key
 * @next: one more than the number of the next record of that bucket, or 0
 */
struct shmstat_link {
	u32 hash;
	u32 next;
};

/**
 * struct shmstat_index - finds the records of an array by their key
 * @rows: the array
 * @heads: buckets, a power of two of them: one more than a record's number
 * @offset: of the &struct shmstat_link in a record
 */
struct shmstat_index {
	struct shmstat_rows *rows;
	struct shmstat_rows heads;
	u32 offset;
};

typedef bool (*shmstat_match_fn)(const void *row, const void *key);

void shmstat_index_init(struct shmstat_index *index, struct shmstat_rows *rows,
			size_t offset);
int shmstat_index_add(struct shmstat_index *index, u32 nr, u32 hash);
void *shmstat_index_find(const struct shmstat_index *index, u32 hash,
			 shmstat_match_fn match, const void *key);
void shmstat_index_free(struct shmstat_index *index);

#endif /* SHMSTAT_INDEX_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finding the records of an array by their key.
 */
#ifndef SHMSTAT_HASHTABLE_H
#define SHMSTAT_HASHTABLE_H

#include <linux/limits.h>

#include "rows.h"

/**
 * typedef shmstat_hash_fn - the hash of a record's key
 */
typedef u32 (*shmstat_hash_fn)(const void *row);

/**
 * typedef shmstat_match_fn - whether a record has a key
 */
typedef bool (*shmstat_match_fn)(const void *row, const void *key);

/**
 * struct shmstat_index - finds the records of an array by their key
 * @rows: the array
 * @heads: buckets, a power of two of them: one more than a record's number
 * @offset: in a record, of a u32: one more than the number of the next record
 *	of its bucket
 * @hash: of a record's key
 */
struct shmstat_index {
	struct shmstat_rows *rows;
	struct shmstat_rows heads;
	u32 offset;
	shmstat_hash_fn hash;
};

void shmstat_index_init(struct shmstat_index *index, struct shmstat_rows *rows,
			size_t offset, shmstat_hash_fn hash);
int shmstat_index_add(struct shmstat_index *index, u32 nr);
u32 shmstat_index_find_nr(const struct shmstat_index *index, u32 hash,
			  shmstat_match_fn match, const void *key);
void shmstat_index_free(struct shmstat_index *index);

/* The number of no record; shmstat_rows_at() knows none of it. */
#define SHMSTAT_NO_ROW	U32_MAX

/**
 * shmstat_index_find - find a record by its key
 * @index: the index
 * @hash: of the key
 * @match: says whether a record has the key
 * @key: handed to @match
 *
 * Return: the record, as shmstat_index_find_nr() has it, or NULL.
 */
static inline void *shmstat_index_find(const struct shmstat_index *index,
				       u32 hash, shmstat_match_fn match,
				       const void *key)
{
	return shmstat_rows_at(index->rows,
			       shmstat_index_find_nr(index, hash, match, key));
}

#endif /* SHMSTAT_HASHTABLE_H */

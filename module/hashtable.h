/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hash table that finds the records of an array by a key in them.
 */
#ifndef SHMSTAT_HASHTABLE_H
#define SHMSTAT_HASHTABLE_H

#include "rows.h"

/**
 * typedef shmstat_hash_fn - get the hash of a record's key
 * @row: the record
 */
typedef u32 (*shmstat_hash_fn)(const void *row);

/**
 * typedef shmstat_match_fn - check whether a record has a key
 * @row: the record
 * @key: the key, of a type that the two sides agree on
 */
typedef bool (*shmstat_match_fn)(const void *row, const void *key);

/**
 * struct shmstat_hashtable - finds the records of an array by a key in them
 * @rows: the array
 * @buckets: a power of two of u32; each is 0, or 1 + the number of the first
 *	record in that bucket
 * @next_offset: where in a record a u32 has 1 + the number of the next record in
 *	its bucket, or 0
 * @hash: gets the hash of a record's key
 */
struct shmstat_hashtable {
	struct shmstat_rows *rows;
	struct shmstat_rows buckets;
	u32 next_offset;
	shmstat_hash_fn hash;
};

void shmstat_hash_init(struct shmstat_hashtable *table,
		       struct shmstat_rows *rows, size_t next_offset,
		       shmstat_hash_fn hash);
int shmstat_hash_add(struct shmstat_hashtable *table, u32 nr);
u32 shmstat_hash_find_nr(const struct shmstat_hashtable *table, u32 hash,
			 shmstat_match_fn match, const void *key);
void shmstat_hash_free(struct shmstat_hashtable *table);

/**
 * shmstat_hash_find - find a record by its key
 * @table: the hash table
 * @hash: hash of the key
 * @match: checks whether a record has the key
 * @key: passed to @match
 *
 * Context: Any.
 * Return: the record that was added last of those with the key, or NULL.
 */
static inline void *shmstat_hash_find(const struct shmstat_hashtable *table,
				      u32 hash, shmstat_match_fn match,
				      const void *key)
{
	return shmstat_rows_at(table->rows,
			       shmstat_hash_find_nr(table, hash, match, key));
}

#endif /* SHMSTAT_HASHTABLE_H */

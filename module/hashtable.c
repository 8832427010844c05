// SPDX-License-Identifier: GPL-2.0
/*
 * A hash table that finds the records of an array by a key in them.
 *
 * The kernel's rhashtable would charge nobody for its memory, and would need
 * 8 MiB of it in one piece for a million objects. This one takes up to 8 bytes
 * a record: two records a bucket on average, and no stored hash.
 */
#include <linux/errno.h>
#include <linux/sched.h>

#include "hashtable.h"

/* Average number of records in a bucket at which the buckets are doubled. */
#define LOAD	2

static u32 *next_of(const struct shmstat_hashtable *table, u32 nr)
{
	return shmstat_rows_at(table->rows, nr) + table->next_offset;
}

static u32 *bucket_of(const struct shmstat_hashtable *table, u32 hash)
{
	return shmstat_rows_at(&table->buckets,
			       hash & (table->buckets.count - 1));
}

/**
 * shmstat_hash_init - make an empty hash table
 * @table: the hash table
 * @rows: the array of the records to find
 * @next_offset: offset in a record of a u32 for the hash table's own use
 * @hash: gets the hash of a record's key
 *
 * Context: Any.
 */
void shmstat_hash_init(struct shmstat_hashtable *table,
		       struct shmstat_rows *rows, size_t next_offset,
		       shmstat_hash_fn hash)
{
	table->rows = rows;
	table->next_offset = next_offset;
	table->hash = hash;
	shmstat_rows_init(&table->buckets, rows->budget, sizeof(u32));
}

/*
 * With twice as many buckets, a record stays in bucket N or moves to bucket
 * N + the old number of buckets, depending on one more bit of its hash. So one
 * pass over the old buckets is enough.
 */
static int double_buckets(struct shmstat_hashtable *table)
{
	u32 old = table->buckets.count;
	u32 want = old ? 2 * old : 256;
	u32 bucket;

	while (table->buckets.count < want) {
		if (!shmstat_rows_add(&table->buckets)) {
			/* bucket_of() needs a power of two. */
			table->buckets.count = old;
			return -ENOMEM;
		}
	}

	for (bucket = 0; bucket < old; bucket++) {
		u32 *stay = bucket_of(table, bucket);
		u32 *move = bucket_of(table, bucket + old);
		u32 nr = *stay;

		*stay = 0;
		while (nr) {
			void *row = shmstat_rows_at(table->rows, nr - 1);
			u32 *to = table->hash(row) & old ? move : stay;
			u32 *next = row + table->next_offset;
			u32 following = *next;

			*next = *to;
			*to = nr;
			nr = following;
		}
		cond_resched();
	}
	return 0;
}

/**
 * shmstat_hash_add - add a record to a hash table
 * @table: the hash table
 * @nr: number of the record in the array
 *
 * Context: Process context, may sleep.
 * Return: 0, or -ENOMEM, after which the hash table may only be freed.
 */
int shmstat_hash_add(struct shmstat_hashtable *table, u32 nr)
{
	u32 *bucket;
	int ret;

	if (nr / LOAD >= table->buckets.count) {
		ret = double_buckets(table);
		if (ret)
			return ret;
	}
	bucket = bucket_of(table, table->hash(shmstat_rows_at(table->rows, nr)));
	*next_of(table, nr) = *bucket;
	*bucket = nr + 1;
	return 0;
}

/**
 * shmstat_hash_find_nr - find the number of a record by its key
 * @table: the hash table
 * @hash: hash of the key
 * @match: checks whether a record has the key
 * @key: passed to @match
 *
 * Context: Any.
 * Return: number of the record that was added last of those with the key, or
 *	SHMSTAT_NO_ROW.
 */
u32 shmstat_hash_find_nr(const struct shmstat_hashtable *table, u32 hash,
			 shmstat_match_fn match, const void *key)
{
	u32 nr = table->buckets.count ? *bucket_of(table, hash) : 0;

	while (nr && !match(shmstat_rows_at(table->rows, nr - 1), key))
		nr = *next_of(table, nr - 1);
	return nr ? nr - 1 : SHMSTAT_NO_ROW;
}

/**
 * shmstat_hash_free - free a hash table, not its records
 * @table: the hash table
 *
 * Context: Process context, may sleep.
 */
void shmstat_hash_free(struct shmstat_hashtable *table)
{
	shmstat_rows_free(&table->buckets);
}

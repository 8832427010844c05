// SPDX-License-Identifier: GPL-2.0
/*
 * Finding the records of a snapshot by their key, in constant time.
 *
 * The kernel's rhashtable would do, but for its memory: it is charged to
 * nobody, and a million objects need 8 MiB of it in one piece. Two records a
 * bucket and no stored hash keep it at 8 bytes a record and less.
 */
#include <linux/err.h>
#include <linux/sched.h>

#include "hashtable.h"

/* Records a bucket, on average, before there are twice as many buckets. */
#define LOAD	2

static u32 *next_of(const struct shmstat_index *index, u32 nr)
{
	return shmstat_rows_at(index->rows, nr) + index->offset;
}

static u32 *head_of(const struct shmstat_index *index, u32 hash)
{
	return shmstat_rows_at(&index->heads, hash & (index->heads.count - 1));
}

/**
 * shmstat_index_init - make an index that finds nothing yet
 * @index: the index
 * @rows: the array of the records to find
 * @offset: in a record, of a u32 that the index needs
 * @hash: computes the hash of a record's key
 */
void shmstat_index_init(struct shmstat_index *index, struct shmstat_rows *rows,
			size_t offset, shmstat_hash_fn hash)
{
	index->rows = rows;
	index->offset = offset;
	index->hash = hash;
	shmstat_rows_init(&index->heads, rows->budget, sizeof(u32));
}

/*
 * Doubling sends each bucket's records either back to it or to its new twin
 * at twice the distance, so one pass over the old buckets does.
 */
static int index_grow(struct shmstat_index *index)
{
	u32 old = index->heads.count;
	u32 want = old ? 2 * old : 256;
	u32 nr, bucket;

	while (index->heads.count < want) {
		if (!shmstat_rows_add(&index->heads)) {
			/* Fewer than a power of two would lose records. */
			index->heads.count = old;
			return -ENOMEM;
		}
	}

	for (bucket = 0; bucket < old; bucket++) {
		u32 *head = head_of(index, bucket);
		u32 *twin = head_of(index, bucket + old);

		nr = *head;
		*head = 0;
		while (nr) {
			void *row = shmstat_rows_at(index->rows, nr - 1);
			u32 *to = index->hash(row) & old ? twin : head;
			u32 *link = row + index->offset;
			u32 next = *link;

			*link = *to;
			*to = nr;
			nr = next;
		}
		cond_resched();
	}
	return 0;
}

/**
 * shmstat_index_add - let a record be found
 * @index: the index
 * @nr: the record's number
 *
 * Context: Process context, may sleep.
 * Return: 0, or -ENOMEM, after which the index may only be freed.
 */
int shmstat_index_add(struct shmstat_index *index, u32 nr)
{
	u32 *head;
	int ret;

	if (nr / LOAD >= index->heads.count) {
		ret = index_grow(index);
		if (ret)
			return ret;
	}
	head = head_of(index, index->hash(shmstat_rows_at(index->rows, nr)));
	*next_of(index, nr) = *head;
	*head = nr + 1;
	return 0;
}

/**
 * shmstat_index_find_nr - find a record by its key
 * @index: the index
 * @hash: of the key
 * @match: says whether a record has the key
 * @key: handed to @match
 *
 * Return: the number of the record, of the last one added if several have the
 *	key; SHMSTAT_NO_ROW if there is none.
 */
u32 shmstat_index_find_nr(const struct shmstat_index *index, u32 hash,
			  shmstat_match_fn match, const void *key)
{
	u32 nr = index->heads.count ? *head_of(index, hash) : 0;

	while (nr && !match(shmstat_rows_at(index->rows, nr - 1), key))
		nr = *next_of(index, nr - 1);
	return nr - 1;
}

/**
 * shmstat_index_free - free an index; the records stay
 * @index: the index
 */
void shmstat_index_free(struct shmstat_index *index)
{
	shmstat_rows_free(&index->heads);
}

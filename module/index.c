// SPDX-License-Identifier: GPL-2.0
/*
 * Finding the records of a snapshot by their key, in constant time.
 *
 * The kernel's rhashtable would do, but for its memory: it is charged to
 * nobody, and a million objects need 8 MiB of it in one piece.
 */
#include <linux/err.h>
#include <linux/sched.h>

#include "index.h"

static struct shmstat_link *link_of(const struct shmstat_index *index, u32 nr)
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
 * @offset: of the &struct shmstat_link in a record
 */
void shmstat_index_init(struct shmstat_index *index, struct shmstat_rows *rows,
			size_t offset)
{
	index->rows = rows;
	index->offset = offset;
	shmstat_rows_init(&index->heads, sizeof(u32));
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
			struct shmstat_link *link = link_of(index, nr - 1);
			u32 *to = link->hash & old ? twin : head;
			u32 next = link->next;

			link->next = *to;
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
 * @hash: of the record's key
 *
 * Context: Process context, may sleep.
 * Return: 0, or -ENOMEM, after which the index may only be freed.
 */
int shmstat_index_add(struct shmstat_index *index, u32 nr, u32 hash)
{
	struct shmstat_link *link = link_of(index, nr);
	u32 *head;
	int ret;

	if (nr >= index->heads.count) {
		ret = index_grow(index);
		if (ret)
			return ret;
	}
	head = head_of(index, hash);
	link->hash = hash;
	link->next = *head;
	*head = nr + 1;
	return 0;
}

/**
 * shmstat_index_find - find a record by its key
 * @index: the index
 * @hash: of the key
 * @match: says whether a record has the key
 * @key: handed to @match
 *
 * Return: the record, or NULL.
 */
void *shmstat_index_find(const struct shmstat_index *index, u32 hash,
			 shmstat_match_fn match, const void *key)
{
	u32 nr = index->heads.count ? *head_of(index, hash) : 0;

	while (nr) {
		void *row = shmstat_rows_at(index->rows, nr - 1);
		struct shmstat_link *link = row + index->offset;

		if (link->hash == hash && match(row, key))
			return row;
		nr = link->next;
	}
	return NULL;
}

/**
 * shmstat_index_free - free an index; the records stay
 * @index: the index
 */
void shmstat_index_free(struct shmstat_index *index)
{
	shmstat_rows_free(&index->heads);
}

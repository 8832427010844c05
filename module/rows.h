/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a snapshot is stored in: arrays and strings that grow in small pieces,
 * charged to the memory cgroup of whoever reads.
 */
#ifndef SHMSTAT_ROWS_H
#define SHMSTAT_ROWS_H

#include <linux/list.h>
#include <linux/types.h>

/**
 * struct shmstat_rows - an array of records of one size
 * @chunks: the pieces
 * @used: how many of them there are
 * @room: for how many there is memory in @chunks
 * @size: bytes of a record
 * @per_chunk: records in a piece
 * @count: records in all; may be reduced, to forget the last ones
 */
struct shmstat_rows {
	void **chunks;
	u32 used;
	u32 room;
	u32 size;
	u32 per_chunk;
	u32 count;
};

void shmstat_rows_init(struct shmstat_rows *rows, size_t size);
void *shmstat_rows_add(struct shmstat_rows *rows);
void shmstat_rows_free(struct shmstat_rows *rows);

/**
 * shmstat_rows_at - find a record by its number
 * @rows: the array
 * @nr: the number, from 0
 *
 * Return: the record, or NULL past the end.
 */
static inline void *shmstat_rows_at(const struct shmstat_rows *rows, u32 nr)
{
	if (nr >= rows->count)
		return NULL;
	return rows->chunks[nr / rows->per_chunk] +
	       nr % rows->per_chunk * rows->size;
}

/**
 * struct shmstat_strings - strings that live as long as their snapshot
 * @chunks: the pieces
 * @free: where the next string goes
 * @left: bytes left there
 */
struct shmstat_strings {
	struct list_head chunks;
	char *free;
	size_t left;
};

void shmstat_strings_init(struct shmstat_strings *strings);
const char *shmstat_strings_add(struct shmstat_strings *strings,
				const char *text, size_t len);
void shmstat_strings_free(struct shmstat_strings *strings);

#endif /* SHMSTAT_ROWS_H */

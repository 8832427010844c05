// SPDX-License-Identifier: GPL-2.0
/*
 * Growing storage of a snapshot. Everything here is charged to the reader and
 * allocated in pieces of CHUNK bytes, so that a million objects need no large
 * allocation.
 */
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "rows.h"

#define CHUNK	SZ_16K

/**
 * shmstat_rows_init - make an empty array
 * @rows: the array
 * @size: bytes of a record, at most 16 KiB
 */
void shmstat_rows_init(struct shmstat_rows *rows, size_t size)
{
	xa_init_flags(&rows->chunks, XA_FLAGS_ACCOUNT);
	rows->last = NULL;
	rows->size = size;
	rows->per_chunk = CHUNK / size;
	rows->count = 0;
}

/**
 * shmstat_rows_add - append a record of zeroes
 * @rows: the array
 *
 * Context: Process context, may sleep.
 * Return: the record, which stays where it is; NULL if there is no memory.
 */
void *shmstat_rows_add(struct shmstat_rows *rows)
{
	u32 at = rows->count % rows->per_chunk;

	if (rows->count == U32_MAX)
		return NULL;

	if (!at) {
		void *chunk = kvzalloc(CHUNK, GFP_KERNEL_ACCOUNT);

		if (!chunk)
			return NULL;
		if (xa_err(xa_store(&rows->chunks,
				    rows->count / rows->per_chunk, chunk,
				    GFP_KERNEL_ACCOUNT))) {
			kvfree(chunk);
			return NULL;
		}
		rows->last = chunk;
	}
	rows->count++;
	return rows->last + at * rows->size;
}

/**
 * shmstat_rows_at - find a record by its number
 * @rows: the array
 * @nr: the number, from 0
 *
 * Return: the record, or NULL past the end.
 */
void *shmstat_rows_at(const struct shmstat_rows *rows, u32 nr)
{
	void *chunk;

	if (nr >= rows->count)
		return NULL;
	chunk = xa_load((struct xarray *)&rows->chunks, nr / rows->per_chunk);
	return chunk + nr % rows->per_chunk * rows->size;
}

/**
 * shmstat_rows_free - free all records
 * @rows: the array; it is empty afterwards
 *
 * Context: Process context, may sleep.
 */
void shmstat_rows_free(struct shmstat_rows *rows)
{
	unsigned long at;
	void *chunk;

	xa_for_each(&rows->chunks, at, chunk) {
		kvfree(chunk);
		cond_resched();
	}
	xa_destroy(&rows->chunks);
	rows->last = NULL;
	rows->count = 0;
}

struct piece {
	struct list_head list;
	char text[];
};

/**
 * shmstat_strings_init - make an empty store of strings
 * @strings: the store
 */
void shmstat_strings_init(struct shmstat_strings *strings)
{
	INIT_LIST_HEAD(&strings->chunks);
	strings->free = NULL;
	strings->left = 0;
}

/**
 * shmstat_strings_add - keep a copy of a string
 * @strings: the store
 * @text: the string
 * @len: its length, at most 8 KiB
 *
 * Context: Process context, may sleep.
 * Return: the copy, terminated by NUL; NULL if there is no memory.
 */
const char *shmstat_strings_add(struct shmstat_strings *strings,
				const char *text, size_t len)
{
	char *copy;

	if (len + 1 > strings->left) {
		struct piece *piece = kvmalloc(CHUNK, GFP_KERNEL_ACCOUNT);

		if (!piece)
			return NULL;
		list_add(&piece->list, &strings->chunks);
		strings->free = piece->text;
		strings->left = CHUNK - sizeof(*piece);
	}
	copy = strings->free;
	memcpy(copy, text, len);
	copy[len] = '\0';
	strings->free += len + 1;
	strings->left -= len + 1;
	return copy;
}

/**
 * shmstat_strings_free - free all strings
 * @strings: the store
 *
 * Context: Process context, may sleep.
 */
void shmstat_strings_free(struct shmstat_strings *strings)
{
	struct piece *piece, *next;

	list_for_each_entry_safe(piece, next, &strings->chunks, list) {
		kvfree(piece);
		cond_resched();
	}
	shmstat_strings_init(strings);
}

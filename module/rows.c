// SPDX-License-Identifier: GPL-2.0
/*
 * Growing storage of a snapshot. Everything here is charged to the reader and
 * allocated in pieces of CHUNK bytes, so that a million objects need no large
 * allocation.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
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
	rows->chunks = NULL;
	rows->used = 0;
	rows->room = 0;
	rows->size = size;
	rows->per_chunk = CHUNK / size;
	rows->count = 0;
}

static int add_chunk(struct shmstat_rows *rows)
{
	void *chunk;

	if (rows->used == rows->room) {
		u32 room = rows->room ? 2 * rows->room : 16;
		void **chunks;

		/* Not krealloc(), which wants it in one piece. */
		chunks = kvmalloc_array(room, sizeof(*chunks),
					GFP_KERNEL_ACCOUNT);
		if (!chunks)
			return -ENOMEM;
		if (rows->used)
			memcpy(chunks, rows->chunks,
			       rows->used * sizeof(*chunks));
		kvfree(rows->chunks);
		rows->chunks = chunks;
		rows->room = room;
	}
	chunk = kvmalloc(CHUNK, GFP_KERNEL_ACCOUNT);
	if (!chunk)
		return -ENOMEM;
	rows->chunks[rows->used++] = chunk;
	return 0;
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
	if (rows->count == U32_MAX)
		return NULL;
	if (rows->count / rows->per_chunk == rows->used && add_chunk(rows))
		return NULL;
	rows->count++;
	return memset(shmstat_rows_at(rows, rows->count - 1), 0, rows->size);
}

/**
 * shmstat_rows_free - free all records
 * @rows: the array; it is empty afterwards
 *
 * Context: Process context, may sleep.
 */
void shmstat_rows_free(struct shmstat_rows *rows)
{
	while (rows->used) {
		kvfree(rows->chunks[--rows->used]);
		cond_resched();
	}
	kvfree(rows->chunks);
	rows->chunks = NULL;
	rows->room = 0;
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

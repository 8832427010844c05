// SPDX-License-Identifier: GPL-2.0
/*
 * Strings that are kept as long as a snapshot.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "strings.h"

/* A page, or larger for a string that does not fit in one. */
struct chunk {
	struct list_head list;
	size_t size;
	char text[];
};

/**
 * shmstat_strings_init - make an empty store of strings
 * @strings: the store
 * @budget: the read's budget
 *
 * Context: Any.
 */
void shmstat_strings_init(struct shmstat_strings *strings,
			  struct shmstat_budget *budget)
{
	strings->budget = budget;
	INIT_LIST_HEAD(&strings->chunks);
	strings->free = NULL;
	strings->left = 0;
	strings->last = NULL;
}

static int add_chunk(struct shmstat_strings *strings, size_t len)
{
	size_t size = max_t(size_t, PAGE_SIZE, sizeof(struct chunk) + len);
	struct chunk *chunk = shmstat_alloc(strings->budget, size);

	if (!chunk)
		return -ENOMEM;
	chunk->size = size;
	list_add(&chunk->list, &strings->chunks);
	strings->free = chunk->text;
	strings->left = size - sizeof(*chunk);
	return 0;
}

/**
 * shmstat_strings_add - keep a copy of a string
 * @strings: the store
 * @text: the string, need not end with NUL
 * @len: its length in bytes, at most a few pages
 *
 * Context: Process context, may sleep.
 * Return: the copy, which ends with NUL; NULL if there is no memory.
 */
const char *shmstat_strings_add(struct shmstat_strings *strings,
				const char *text, size_t len)
{
	char *copy;

	if (strings->last && len == strings->last_len &&
	    !memcmp(text, strings->last, len))
		return strings->last;
	if (len + 1 > strings->left && add_chunk(strings, len + 1))
		return NULL;
	copy = strings->free;
	memcpy(copy, text, len);
	copy[len] = '\0';
	strings->free += len + 1;
	strings->left -= len + 1;
	strings->last = copy;
	strings->last_len = len;
	return copy;
}

/**
 * shmstat_strings_free - free all strings
 * @strings: the store; empty and ready for use afterwards
 *
 * Context: Process context, may sleep.
 */
void shmstat_strings_free(struct shmstat_strings *strings)
{
	struct chunk *chunk, *next;

	list_for_each_entry_safe(chunk, next, &strings->chunks, list) {
		shmstat_free(strings->budget, chunk, chunk->size);
		cond_resched();
	}
	shmstat_strings_init(strings, strings->budget);
}

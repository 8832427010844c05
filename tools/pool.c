// SPDX-License-Identifier: GPL-2.0
/*
 * Texts, each kept once. They stay where they are until pool_free().
 */
#include <string.h>

#include "pool.h"
#include "xalloc.h"

/* Keeps a text without a search for the same one; returns its number. */
uint32_t pool_append(struct pool *pool, const char *text, size_t length)
{
	char *place;

	if (length >= POOL_CHUNK)
		errx(1, "'%.40s...': a text of %zu bytes, more than there can be",
		     text, length);
	if (!pool->count || pool->used + length >= POOL_CHUNK) {
		if (pool->count == UINT32_MAX >> POOL_SHIFT)
			errx(1, "the tables hold more than 4 GB of texts");
		pool->chunks = xreallocarray(pool->chunks, pool->count + 1,
					     sizeof(*pool->chunks));
		pool->chunks[pool->count++] = xmalloc(POOL_CHUNK);
		pool->used = 0;
	}
	place = pool->chunks[pool->count - 1] + pool->used;
	memcpy(place, text, length);
	place[length] = '\0';
	pool->used += length + 1;
	return ((pool->count - 1) << POOL_SHIFT) + pool->used - length - 1;
}

/**
 * pool_add - keep a text
 * @pool: where
 * @text: need not end where it does
 * @length: of it
 *
 * Return: its number, the same for the same text.
 */
uint32_t pool_add(struct pool *pool, const char *text, size_t length)
{
	uint32_t key = hash_bytes(text, length), nr;
	size_t at;

	for (at = hash_first(&pool->hash, key); hash_used(&pool->hash, at);
	     at = hash_next(&pool->hash, at)) {
		const char *other;

		if (!hash_nr(&pool->hash, at, key, &nr))
			continue;
		other = pool_text(pool, nr);
		if (!strncmp(other, text, length) && !other[length])
			return nr;
	}
	nr = pool_append(pool, text, length);
	hash_add(&pool->hash, key, nr);
	return nr;
}

void pool_free(struct pool *pool)
{
	size_t i;

	for (i = 0; i < pool->count; i++)
		free(pool->chunks[i]);
	free(pool->chunks);
	hash_free(&pool->hash);
	*pool = (struct pool){};
}

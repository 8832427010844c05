/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Texts known by numbers, those that repeat kept once, so that most of what
 * stands in tables takes four bytes and is compared at once.
 */
#ifndef SHMSTAT_TOOLS_POOL_H
#define SHMSTAT_TOOLS_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "hash.h"

/* Where a text is: which chunk, and how far in. */
#define POOL_SHIFT	20
#define POOL_CHUNK	0x100000U

/**
 * struct pool - the texts
 * @chunks: what holds them
 * @count: how many chunks
 * @used: bytes of the last one
 * @hash: finds them
 */
struct pool {
	char **chunks;
	size_t count;
	size_t used;
	struct hash hash;
};

static inline const char *pool_text(const struct pool *pool, uint32_t nr)
{
	return pool->chunks[nr >> POOL_SHIFT] + (nr & (POOL_CHUNK - 1));
}

uint32_t pool_append(struct pool *pool, const char *text, size_t length);
uint32_t pool_add(struct pool *pool, const char *text, size_t length);
void pool_free(struct pool *pool);

#endif /* SHMSTAT_TOOLS_POOL_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hash table of numbers: those of the entries of some array, whose keys only
 * their owner can compare:
 *
 *	for (at = hash_first(hash, key); hash_used(hash, at);
 *	     at = hash_next(hash, at))
 *		if (hash_nr(hash, at, key, &nr) && ...entry nr is the one...)
 *			return nr;
 *	hash_add(hash, key, nr);
 *
 * Names are chosen by others, so keys are mixed with a random number.
 */
#ifndef SHMSTAT_TOOLS_HASH_H
#define SHMSTAT_TOOLS_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct hash - a hash table
 * @slots: each a key, and the number of an entry plus 1; 0 if it is free
 * @size: how many, 0 or a power of two
 * @used: how many of them are not free
 */
struct hash {
	struct hash_slot {
		uint32_t key;
		uint32_t nr;
	} *slots;
	size_t size;
	size_t used;
};

extern uint64_t hash_seed;

static inline uint64_t hash_mix(uint64_t key)
{
	key ^= hash_seed;
	key ^= key >> 32;
	key *= 0xd6e8feb86659fd93;
	key ^= key >> 29;
	key *= 0xc4ceb9fe1a85ec53;
	return key ^ key >> 32;
}

static inline size_t hash_first(const struct hash *hash, uint32_t key)
{
	return hash->size ? key & (hash->size - 1) : 0;
}

static inline bool hash_used(const struct hash *hash, size_t at)
{
	return hash->size && hash->slots[at].nr;
}

static inline size_t hash_next(const struct hash *hash, size_t at)
{
	return (at + 1) & (hash->size - 1);
}

/* Whether the entry in a slot may be the one; it has to be compared. */
static inline bool hash_nr(const struct hash *hash, size_t at, uint32_t key,
			   uint32_t *nr)
{
	*nr = hash->slots[at].nr - 1;
	return hash->slots[at].key == key;
}

uint64_t hash_long(uint64_t key, const char *bytes, size_t length);
uint32_t hash_bytes(const char *bytes, size_t length);
void hash_add(struct hash *hash, uint32_t key, uint32_t nr);
void hash_free(struct hash *hash);

#endif /* SHMSTAT_TOOLS_HASH_H */

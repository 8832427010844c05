// SPDX-License-Identifier: GPL-2.0
/*
 * Hash tables of numbers.
 */
#include <string.h>
#include <sys/random.h>

#include "hash.h"
#include "xalloc.h"

uint64_t hash_seed;

static void __attribute__((constructor)) choose_seed(void)
{
	if (getrandom(&hash_seed, sizeof(hash_seed), 0) < 0)
		err(1, "random numbers");
}

/* What follows another thing, whose hash is given. */
uint64_t hash_long(uint64_t key, const char *bytes, size_t length)
{
	uint64_t word;

	key = hash_mix(key + length);

	for (; length >= sizeof(word); length -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		key = hash_mix(key ^ word);
		bytes += sizeof(word);
	}
	word = 0;
	memcpy(&word, bytes, length);
	return hash_mix(key ^ word);
}

uint32_t hash_bytes(const char *bytes, size_t length)
{
	return hash_long(0, bytes, length);
}

static void put(struct hash *hash, struct hash_slot slot)
{
	size_t at = hash_first(hash, slot.key);

	while (hash_used(hash, at))
		at = hash_next(hash, at);
	hash->slots[at] = slot;
}

/* Adds what is not in it; at most half of the slots are in use. */
void hash_add(struct hash *hash, uint32_t key, uint32_t nr)
{
	if (hash->used >= hash->size / 2) {
		struct hash old = *hash;
		size_t at;

		hash->size = old.size ? 2 * old.size : 64;
		hash->slots = xcalloc(hash->size, sizeof(*hash->slots));
		for (at = 0; at < old.size; at++)
			if (old.slots[at].nr)
				put(hash, old.slots[at]);
		free(old.slots);
	}
	put(hash, (struct hash_slot){ key, nr + 1 });
	hash->used++;
}

void hash_free(struct hash *hash)
{
	free(hash->slots);
	*hash = (struct hash){};
}

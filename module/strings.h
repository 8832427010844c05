/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Strings that are kept as long as a snapshot.
 */
#ifndef SHMSTAT_STRINGS_H
#define SHMSTAT_STRINGS_H

#include <linux/list.h>
#include <linux/types.h>

#include "budget.h"

/**
 * struct shmstat_strings - strings that are freed together
 * @budget: the read's budget
 * @chunks: list of the allocations that hold them
 * @free: where the next string goes in the newest chunk
 * @left: bytes left there
 * @last: the last string, as many repeat; NULL if there is none
 * @last_len: its length
 */
struct shmstat_strings {
	struct shmstat_budget *budget;
	struct list_head chunks;
	char *free;
	size_t left;
	const char *last;
	size_t last_len;
};

void shmstat_strings_init(struct shmstat_strings *strings,
			  struct shmstat_budget *budget);
const char *shmstat_strings_add(struct shmstat_strings *strings,
				const char *text, size_t len);
void shmstat_strings_free(struct shmstat_strings *strings);

#endif /* SHMSTAT_STRINGS_H */

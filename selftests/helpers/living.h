/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects that live as long as the test, so that each read has to have them.
 */
#ifndef HELPERS_LIVING_H
#define HELPERS_LIVING_H

#include <stdbool.h>
#include <sys/types.h>

#include "object.h"

/* HUGE_MEMFD is missing where no huge page is available. */
enum { MEMFD, SEGMENT, MAPPING, POSIX, ELSEWHERE, HUGE_MEMFD, NR_LIVING };

struct living {
	char id[NR_LIVING][ID_SIZE];
	int shmid;
	pid_t elsewhere;
	char *huge_pages;
};

extern const char * const living_names[NR_LIVING];

void make_living(struct living *living);
void remove_living(struct living *living);
/* Whether all were made that can be made everywhere. */
bool all_living(const struct living *living);
/* Whether a row of a table's text begins with this id. */
bool has_row_of(const char *text, const char *id);

#endif /* HELPERS_LIVING_H */

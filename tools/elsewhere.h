/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that looks missing and is not in Shmem.
 */
#ifndef SHMSTAT_TOOLS_ELSEWHERE_H
#define SHMSTAT_TOOLS_ELSEWHERE_H

#include <stdbool.h>
#include <stddef.h>

#include "output.h"

bool elsewhere_find(size_t *processes);
void elsewhere_print(const struct output *output, size_t shown);

#endif /* SHMSTAT_TOOLS_ELSEWHERE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that looks missing and is not in Shmem.
 */
#ifndef SHMSTAT_TOOLS_ELSEWHERE_H
#define SHMSTAT_TOOLS_ELSEWHERE_H

#include "output.h"

void elsewhere_print(const struct output *output);

#endif /* SHMSTAT_TOOLS_ELSEWHERE_H */

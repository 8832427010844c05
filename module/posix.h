/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which superblocks are mounted at /dev/shm.
 */
#ifndef SHMSTAT_POSIX_H
#define SHMSTAT_POSIX_H

#include "super.h"

int shmstat_mark_posix(struct shmstat_supers *supers,
		       struct shmstat_budget *budget);

#endif /* SHMSTAT_POSIX_H */

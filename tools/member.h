/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The cgroups that processes are in, each process asked for once.
 */
#ifndef SHMSTAT_TOOLS_MEMBER_H
#define SHMSTAT_TOOLS_MEMBER_H

#include <stddef.h>
#include <stdint.h>

#include "objects.h"
#include "set.h"

/* Where it is not known. */
#define NO_CGROUP	UINT32_MAX

/**
 * struct members - processes and their cgroups
 * @pids: the processes, texts of the objects' pool
 * @cgroups: the path of each one's cgroup, likewise, or NO_CGROUP
 * @room: for how many there is room
 */
struct members {
	struct set pids;
	uint32_t *cgroups;
	size_t room;
};

uint32_t member_cgroup(struct members *members, const struct objects *objects,
		       uint32_t pid);
void members_free(struct members *members);

#endif /* SHMSTAT_TOOLS_MEMBER_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Asks /proc for the cgroups of processes that a table names.
 */
#include <stdlib.h>
#include <string.h>

#include "member.h"
#include "process.h"
#include "xalloc.h"

static uint32_t read_cgroup(const struct objects *objects, const char *pid)
{
	uint32_t word = NO_CGROUP;
	struct process process;
	char *path;

	if (!process_open(&process, pid))
		return NO_CGROUP;
	path = process_cgroup(&process);
	/* Not of one that was given the number since. */
	if (path && process.start <= objects->others[HOLDERS].ticks &&
	    process_is_same(&process))
		word = pool_add(objects->pool, path, strlen(path));
	free(path);
	process_close(&process);
	return word;
}

/**
 * member_cgroup - the cgroup of a process
 * @members: those that were asked for already; members_free() them
 * @objects: all objects, read with their holders
 * @pid: the process, a text of their pool
 *
 * Return: the path, another text of that pool; NO_CGROUP if it is not known.
 */
uint32_t member_cgroup(struct members *members, const struct objects *objects,
		       uint32_t pid)
{
	size_t nr = set_find(&members->pids, pid);

	if (nr != NOT_FOUND)
		return members->cgroups[nr];
	nr = members->pids.count;
	set_add(&members->pids, pid);
	members->cgroups = xgrow(members->cgroups, nr, &members->room,
				 sizeof(*members->cgroups));
	members->cgroups[nr] = read_cgroup(objects,
					   pool_text(objects->pool, pid));
	return members->cgroups[nr];
}

void members_free(struct members *members)
{
	set_free(&members->pids);
	free(members->cgroups);
	*members = (struct members){};
}

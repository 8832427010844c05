/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the cgroups of a recording were called.
 */
#ifndef SHMSTAT_TOOLS_CGROUPS_THEN_H
#define SHMSTAT_TOOLS_CGROUPS_THEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct cgroup_then - a cgroup
 * @text: whatever the caller knows it by
 * @path: its path, as tables have it
 * @first: the first sample that has it
 * @last: the last one
 * @time: when that was taken, in microseconds since 1970
 * @asked: whether it was asked what it is called
 * @label: its unit or container; NULL if it is of none
 */
struct cgroup_then {
	int64_t text;
	char *path;
	int64_t first;
	int64_t last;
	int64_t time;
	bool asked;
	char *label;
};

void cgroups_then_units(struct cgroup_then *list, size_t count);
void cgroups_then_containers(const char *recording, struct cgroup_then *list,
			     size_t count);

#endif /* SHMSTAT_TOOLS_CGROUPS_THEN_H */

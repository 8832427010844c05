/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHMSTAT_TOOLS_CGROUP_H
#define SHMSTAT_TOOLS_CGROUP_H

#include <stdbool.h>

bool cgroup_is(const char *path, const char *wanted);
bool cgroup_exists(const char *path);
bool cgroup_gone(const char *path);

#endif /* SHMSTAT_TOOLS_CGROUP_H */

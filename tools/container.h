/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What people call a cgroup: the container, the pod or the unit it is of. Names
 * are spelt as tables have them, and stay valid.
 */
#ifndef SHMSTAT_TOOLS_CONTAINER_H
#define SHMSTAT_TOOLS_CONTAINER_H

const char *container_name(const char *cgroup);
const char *container_group(const char *cgroup);
const char *container_of_mount(const char *target);
const char *cgroup_name(const char *cgroup);
const char *cgroup_unit(const char *cgroup);

#endif /* SHMSTAT_TOOLS_CONTAINER_H */

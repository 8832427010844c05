/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHMSTAT_TOOLS_PATH_H
#define SHMSTAT_TOOLS_PATH_H

#include "objects.h"

const char *object_path(const struct object *object, const char *name);
const char *mount_path(uint64_t dev, const char **pid);

#endif /* SHMSTAT_TOOLS_PATH_H */

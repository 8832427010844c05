/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHMSTAT_TOOLS_FIND_H
#define SHMSTAT_TOOLS_FIND_H

#include "objects.h"

const struct object *find_object(const struct objects *objects,
				 const char *what);

#endif /* SHMSTAT_TOOLS_FIND_H */

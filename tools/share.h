/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an object's holders share: each counts once, a name as well.
 */
#ifndef SHMSTAT_TOOLS_SHARE_H
#define SHMSTAT_TOOLS_SHARE_H

#include "objects.h"

/* What is needed to tell whether an object has a name. */
#define WITH_NAMES	(NEED(OBJECT_NLINK) | NEED(OBJECT_FLAGS) |	\
			 NEED(SEGMENT_SHMID))

bool object_named(const struct objects *objects, const struct object *object);
size_t object_holders(const struct objects *objects,
		      const struct object *object);
uint64_t share_part(uint64_t bytes, size_t holders, size_t some);

#endif /* SHMSTAT_TOOLS_SHARE_H */

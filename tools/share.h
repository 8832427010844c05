/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an object's holders share: each counts once, a name as well.
 */
#ifndef SHMSTAT_TOOLS_SHARE_H
#define SHMSTAT_TOOLS_SHARE_H

#include "objects.h"

/* What is needed to tell whether an object has a name, and what holders share. */
#define WITH_NAMES	(NEED(OBJECT_NLINK) | NEED(OBJECT_FLAGS) |	\
			 NEED(SEGMENT_SHMID))
#define WITH_SHARES	(WITH_NAMES | NEED(HOLDER_BY) |			\
			 NEED(HOLDER_PID) | NEED(HOLDER_DETAIL))

/**
 * struct share - what some holders have of all objects, in memory and in swap
 * @exclusive: of objects that nothing else has
 * @proportional: of each object, its part for each holder
 */
struct share {
	uint64_t exclusive;
	uint64_t proportional;
};

bool object_named(const struct objects *objects, const struct object *object);
bool object_unheld(const struct objects *objects, const struct object *object);
uint64_t object_sharing(const struct objects *objects,
			const struct object *object, size_t nr);
size_t object_holders(const struct objects *objects,
		      const struct object *object);
void share_add(struct share *share, const struct object *object, size_t holders,
	       size_t some);

#endif /* SHMSTAT_TOOLS_SHARE_H */

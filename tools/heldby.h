/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHMSTAT_TOOLS_HELDBY_H
#define SHMSTAT_TOOLS_HELDBY_H

#include "keepers.h"
#include "objects.h"
#include "share.h"

/* What is needed to say what keeps an object. */
#define WITH_HELDBY	(WITH_NAMES | NEED(HOLDER_BY) | NEED(HOLDER_PID) | \
			 NEED(HOLDER_COMM) | NEED(HOLDER_DETAIL))

char *holder_text(const struct objects *objects, const struct object *object,
		  size_t nr);
const char *object_heldby(const struct objects *objects,
			  const struct object *object);
const char *object_keeper(const struct objects *objects,
			  const struct object *object,
			  const struct ring **rings);
char *ring_text(const struct ring *ring);
bool kind_for_sharing(const char *kind, bool shmem);
bool object_only_named(const struct objects *objects,
		       const struct object *object);
bool object_orphan(const struct objects *objects, const struct object *object,
		   bool all);

#endif /* SHMSTAT_TOOLS_HELDBY_H */

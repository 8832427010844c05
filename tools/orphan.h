/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only a name keeps, and how to remove it.
 */
#ifndef SHMSTAT_TOOLS_ORPHAN_H
#define SHMSTAT_TOOLS_ORPHAN_H

#include <stdint.h>

#include "heldby.h"
#include "objects.h"

/**
 * struct orphan - an object that only a name keeps
 * @object: the object; first, for its columns
 * @age: seconds since the last of the times known
 * @path: a path, by /proc/PID/root in another mount namespace; or NULL
 * @remove: the command that removes it, or NULL
 * @reason: why there is none
 * @comment: in its place, for people: a comment of shells; NULL until
 *	orphan_comment()
 * @foreign: whether it runs a program of another mount namespace
 */
struct orphan {
	const struct object *object;
	uint64_t age;
	char *path;
	char *remove;
	const char *reason;
	char *comment;
	bool foreign;
};

/* What orphan_find() needs. */
#define WITH_REMOVAL	(WITH_HELDBY | NEED(SEGMENT_IPCNS) |		\
			 NEED(OBJECT_NLINK))

int64_t orphan_find(struct orphan *orphan, const struct objects *objects,
		    const struct object *object);
void orphan_comment(struct orphan *orphan, const struct objects *objects);
void orphan_free(struct orphan *orphan);
void orphans_done(void);

#endif /* SHMSTAT_TOOLS_ORPHAN_H */

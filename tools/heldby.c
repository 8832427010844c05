// SPDX-License-Identifier: GPL-2.0
/*
 * What keeps an object, in words: what the tables say, and what loop devices and
 * io_urings do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heldby.h"
#include "keepers.h"
#include "xalloc.h"

/**
 * holder_text - one holder of an object
 * @objects: all objects, read WITH_HELDBY
 * @object: the object
 * @nr: which of its rows in holders
 *
 * Return: what it is, and which; to be freed. Names are as tables have them.
 */
char *holder_text(const struct objects *objects, const struct object *object,
		  size_t nr)
{
	const char *by = object_other(objects, object, HOLDERS, nr, "by");
	const char *pid = object_other(objects, object, HOLDERS, nr, "pid");
	const char *comm = object_other(objects, object, HOLDERS, nr, "comm");
	const char *detail = object_other(objects, object, HOLDERS, nr,
					  "detail");

	if (!strcmp(by, "process"))
		return xasprintf("process %s/%s", pid, comm);
	if (!strcmp(by, "unknown"))
		return xstrdup(by);
	/* A socket may be on its way itself. */
	if (table_value(pid))
		return xasprintf("%s %s of %s/%s", by, detail, pid, comm);
	return xasprintf("%s %s", by, detail);
}

/* The first of an object's rows in holders that is a process, or else any. */
static char *first_holder(const struct objects *objects,
			  const struct object *object)
{
	size_t count = object->in[HOLDERS].count;
	size_t nr = object_process(objects, object);
	char *one, *text;

	one = holder_text(objects, object, nr < count ? nr : 0);
	if (count == 1)
		return one;
	text = xasprintf("%s +%zu", one, count - 1);
	free(one);
	return text;
}

/* Whether the tables say that something besides a name has it. */
static bool is_held(const struct objects *objects, const struct object *object)
{
	return object->in[HOLDERS].count &&
	       !object_holder_unknown(objects, object);
}

/**
 * object_keeper - what keeps an object that the tables do not tell of
 * @objects: all objects, read WITH_HELDBY
 * @object: the object
 * @rings: the io_urings that are likely to have it, or NULL
 *
 * Return: the loop device that is on it, or NULL. A segment has neither.
 */
const char *object_keeper(const struct objects *objects,
			  const struct object *object,
			  const struct ring **rings)
{
	const char *loop;

	*rings = NULL;
	if (object_is_segment(objects, object))
		return NULL;
	loop = object_loop(object);
	if (!loop)
		*rings = object_rings(object_cell(objects, object, "name"));
	return loop;
}

/* A process that is likely to have an object in its io_uring; to be freed. */
char *ring_text(const struct ring *ring)
{
	return xasprintf("io_uring of %s/%s, likely", ring->pid, ring->comm);
}

static char *explain(const struct objects *objects,
		     const struct object *object)
{
	const char *loop, *name = object_cell(objects, object, "name");
	const struct ring *ring;

	if (is_held(objects, object))
		return first_holder(objects, object);
	loop = object_keeper(objects, object, &ring);
	if (loop)
		return xasprintf("loop %s", loop);
	if (ring)
		return ring_text(ring);
	if (object_named(objects, object))
		return xasprintf("name %s", name);
	return xstrdup("unknown");
}

/**
 * object_heldby - what keeps an object
 * @objects: all objects, read WITH_HELDBY
 * @object: the object
 *
 * Return: one holder, and how many more the tables have; until the next call.
 */
const char *object_heldby(const struct objects *objects,
			  const struct object *object)
{
	static char *text;

	free(text);
	text = explain(objects, object);
	return text;
}

/**
 * kind_for_sharing - whether objects of a kind are meant for sharing
 * @kind: the kind
 * @shmem: counted in Shmem, so not in huge pages of hugetlbfs
 *
 * Return: false for files of a tmpfs that is not at /dev/shm. Those of hugetlbfs
 *	are of the same kind.
 */
bool kind_for_sharing(const char *kind, bool shmem)
{
	return !strcmp(kind, "posix") || !strcmp(kind, "sysv") ||
	       (!strcmp(kind, "tmpfs") && !shmem);
}

/**
 * object_only_named - whether the tables know of nothing but a name that keeps it
 * @objects: all objects, read WITH_NAMES and NEED(HOLDER_BY)
 * @object: the object
 *
 * Return: true also for a segment without a row in their table, which has an id in
 *	an IPC namespace that no process is in.
 */
bool object_only_named(const struct objects *objects,
		       const struct object *object)
{
	if (is_held(objects, object))
		return false;
	return (object_is_segment(objects, object) &&
		!object->in[SEGMENTS].count) ||
	       object_named(objects, object);
}

/**
 * object_orphan - whether nothing but a name keeps an object
 * @objects: all objects, read WITH_HELDBY
 * @object: the object
 * @all: of any kind of file, not only of those meant for sharing
 *
 * Return: as object_only_named(), but false for what a loop device or an io_uring
 *	keeps.
 */
bool object_orphan(const struct objects *objects, const struct object *object,
		   bool all)
{
	const char *kind = object_cell(objects, object, "kind");
	const struct ring *rings;

	if (!kind_for_sharing(kind, object->shmem && !all) ||
	    !object_only_named(objects, object))
		return false;
	return !object_keeper(objects, object, &rings) && !rings;
}

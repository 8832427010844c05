// SPDX-License-Identifier: GPL-2.0
/*
 * What an object's holders share. A holder is a process, however many descriptors,
 * mappings and handles it has; a keeper in the kernel; or the name, or the names.
 */
#include <stdlib.h>
#include <string.h>

#include "keepers.h"
#include "share.h"

/**
 * object_named - whether a name keeps an object
 * @objects: all objects, read WITH_NAMES
 * @object: the object
 *
 * Return: whether it has a path on some mount or none, or is a System V segment
 *	that is not removed yet. A segment without a row in their table had an id
 *	in a namespace that has ended, unless none of them can be told.
 */
bool object_named(const struct objects *objects, const struct object *object)
{
	const struct table *table = &objects->table;

	if (object_is_segment(objects, object))
		return (object->in[SEGMENTS].count || objects->hidden) &&
		       !strstr(object_cell(objects, object, "flags"), "dest");
	return table_number(table, object->row, table_column(table, "nlink"));
}

/*
 * Whether neither a name nor a process has it: the kernel keeps it, or what does
 * was not found. Read them WITH_SHARES.
 */
bool object_unheld(const struct objects *objects, const struct object *object)
{
	return object->in[HOLDERS].count && !object_named(objects, object) &&
	       object_process(objects, object) == object->in[HOLDERS].count;
}

/**
 * object_sharing - how many processes share the descriptors a holder has
 * @objects: all objects, read WITH_SHARES
 * @object: the object
 * @nr: which of its rows in holders; that of a process
 *
 * Return: the number, the process included.
 */
uint64_t object_sharing(const struct objects *objects,
			const struct object *object, size_t nr)
{
	return strtoull(object_other(objects, object, HOLDERS, nr, "detail"),
			NULL, 10) ?: 1;
}

/**
 * object_holders - how many holders of an object were found
 * @objects: all objects, read WITH_SHARES
 * @object: the object
 *
 * Return: the processes, also those that share the descriptors of one; the keepers
 *	in the kernel, and loop devices; and one for names.
 */
size_t object_holders(const struct objects *objects,
		      const struct object *object)
{
	size_t count = object_named(objects, object), nr;

	if (!object_is_segment(objects, object) && object_loop(object))
		count++;
	if (object_holder_unknown(objects, object))
		return count;
	for (nr = 0; nr < object->in[HOLDERS].count; nr++)
		count += object_is_process(objects, object, nr) ?
			 object_sharing(objects, object, nr) : 1;
	return count;
}

/**
 * share_add - add what some holders have of an object
 * @share: what they have of all
 * @object: the object
 * @holders: how many it has, as object_holders() says
 * @some: how many of these they are
 */
void share_add(struct share *share, const struct object *object, size_t holders,
	       size_t some)
{
	uint64_t memory = object_memory(object);

	if (some >= holders)
		share->exclusive += memory;
	/* Without a product that damaged tables could make too large. */
	if (holders)
		share->proportional += memory / holders * some +
				       memory % holders * some / holders;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What an object's holders share. A holder is a process, however many descriptors,
 * mappings and handles it has; a keeper in the kernel; or the name, or the names.
 */
#include <string.h>

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

	if (!strcmp(object_cell(objects, object, "kind"), "sysv"))
		return (object->in[SEGMENTS].count || objects->hidden) &&
		       !strstr(object_cell(objects, object, "flags"), "dest");
	return table_number(table, object->row, table_column(table, "nlink"));
}

/**
 * object_holders - how many holders of an object were found
 * @objects: all objects, read WITH_NAMES and with holders
 * @object: the object
 *
 * Return: the processes, the keepers in the kernel, and one for names.
 */
size_t object_holders(const struct objects *objects,
		      const struct object *object)
{
	size_t count = object_holder_unknown(objects, object) ? 0 :
		       object->in[HOLDERS].count;

	return count + object_named(objects, object);
}

/* What @some of an object's @holders have of it, if all have the same. */
uint64_t share_part(uint64_t bytes, size_t holders, size_t some)
{
	return holders ? (unsigned __int128)bytes * some / holders : 0;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be shown of an object. A thing is a pointer to a pointer to a struct
 * object, so it can be any struct that begins with one; all of them are a struct
 * objects.
 */
#ifndef SHMSTAT_TOOLS_OBJECT_COLUMNS_H
#define SHMSTAT_TOOLS_OBJECT_COLUMNS_H

#include "columns.h"

/* All kinds of objects; NULL ends them. */
extern const char *const object_kinds[];

/* Those of the list, which are chosen from. */
extern const struct column object_columns[];

/* What is in memory and in swap together, which all lists begin sorted by. */
extern const struct column memory_column;

/* For columns of other lists. */
#define OBJECT_GET(name)						\
struct value get_object_ ## name(const struct column *column,		\
				 const void *all, const void *thing)

OBJECT_GET(id);
OBJECT_GET(size);
OBJECT_GET(resident);
OBJECT_GET(swapped);
OBJECT_GET(pagesize);
OBJECT_GET(user);
OBJECT_GET(cgroup);
OBJECT_GET(cell);
OBJECT_GET(holder);
OBJECT_GET(map);

#endif /* SHMSTAT_TOOLS_OBJECT_COLUMNS_H */

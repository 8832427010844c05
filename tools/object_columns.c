// SPDX-License-Identifier: GPL-2.0
/*
 * The columns of objects.
 */
#include <string.h>

#include "container.h"
#include "heldby.h"
#include "object_columns.h"
#include "objects.h"
#include "path.h"
#include "users.h"

static const struct object *object_of(const void *thing)
{
	return *(const struct object *const *)thing;
}

/* Defines one: RESULT is a struct value of an object. */
#define DEFINE_GET(name, result)						\
struct value get_object_ ## name(const struct column *column,		\
				 const void *all, const void *thing)	\
{									\
	const struct object *object = object_of(thing);			\
									\
	(void)column;							\
	(void)all;							\
	return result;							\
}

/* Cells of the object's row, or of its first row in another table. */
DEFINE_GET(cell, column_cell(column, object_cell(all, object, column->cell)))
DEFINE_GET(holder, column_cell(column, object_other(all, object, HOLDERS,
						    object_process(all, object),
						    column->cell)))
DEFINE_GET(map, column_cell(column, object_other(all, object, MAPS, 0,
						 column->cell)))
static DEFINE_GET(pages, column_cell(column, object_other(all, object, PAGES, 0,
							  column->cell)))

DEFINE_GET(id, text_value(object->id))
DEFINE_GET(size, number_value(object->size))
DEFINE_GET(resident, number_value(object->resident))
DEFINE_GET(swapped, number_value(object->swapped))
static DEFINE_GET(memory, number_value(object_memory(object)))
DEFINE_GET(pagesize, number_value(object->pagesize))
static DEFINE_GET(holders, number_value(object_processes(all, object)))
DEFINE_GET(cgroup, column_cell(column, object_cgroup(all, object)))
DEFINE_GET(user, column_cell(column, user_name(object_cell(all, object, "uid"))))
static DEFINE_GET(group, column_cell(column, group_name(object_cell(all, object,
								    "gid"))))

/* What the cgroup that is charged for most of it is called; NULL if nothing. */
static const char *of_cgroup(const struct objects *objects,
			     const struct object *object,
			     const char *(*call)(const char *cgroup))
{
	const char *cgroup = table_value(object_cgroup(objects, object));

	return cgroup ? call(cgroup) : NULL;
}

static DEFINE_GET(container,
		  text_value(of_cgroup(all, object, container_name)))
static DEFINE_GET(unit, text_value(of_cgroup(all, object, cgroup_unit)))

/* What has no name any more is not searched. */
static const char *find_path(const struct objects *objects,
			     const struct object *object)
{
	if (strstr(object_cell(objects, object, "flags"), "unlinked"))
		return NULL;
	return object_path(object, object_cell(objects, object, "name"));
}

static DEFINE_GET(heldby, text_value(object_heldby(all, object)))
static DEFINE_GET(path, text_value(find_path(all, object)))
static DEFINE_GET(where,
		  column_cell(column, find_path(all, object) ?:
				      object_cell(all, object, "name")))

#define OF_OBJECT(column)	.get = get_object_cell, .cell = column
#define OF_HOLDER(column)	.get = get_object_holder, .cell = column
#define OF_PAGES(column, need)						\
	.get = get_object_pages, .cell = column, .with = NEED(PAGES_ ## need)

/* The help of KIND lists them again, for completion to read. */
const char *const object_kinds[] = {
	"sysv", "posix", "anon", "memfd", "gpu", "tmpfs", "kernel", NULL
};

const struct column object_columns[] = {
	{ "ID", "MAJOR:MINOR:INO:GENERATION", TEXT, get_object_id },
	{ "KIND", "sysv, posix, anon, memfd, gpu, tmpfs or kernel", TEXT,
	  OF_OBJECT("kind"), .standard = true },
	{ "SIZE", "size", SIZE, get_object_size, .standard = true },
	{ "RESIDENT", "in memory", SIZE, get_object_resident,
	  .standard = true },
	{ "SWAPPED", "in swap", SIZE, get_object_swapped, .standard = true },
	{ "DIRTY", "in memory, and not in swap as it is", SIZE,
	  OF_PAGES("dirty", DIRTY) },
	{ "WRITEBACK", "on its way to swap", SIZE,
	  OF_PAGES("writeback", WRITEBACK) },
	{ "ACTIVE", "used lately", SIZE, OF_PAGES("active", ACTIVE) },
	{ "MAPPED", "in the page tables of a process", SIZE,
	  OF_PAGES("mapped", MAPPED) },
	{ "MLOCKED", "locked by mlock(2)", SIZE, OF_PAGES("mlocked", MLOCKED) },
	{ "HUGE", "in huge pages", SIZE, OF_PAGES("huge", HUGE) },
	{ "ORDERS", "bytes by order of the folio", TEXT,
	  OF_PAGES("orders", ORDERS) },
	{ "NODES", "bytes by NUMA node", TEXT, OF_PAGES("nodes", NODES) },
	{ "SWAP", "bytes by swap device", TEXT, OF_PAGES("swap", SWAP) },
	{ "PAGESIZE", "size of its pages", SIZE, get_object_pagesize },
	{ "MODE", "permissions, octal", TEXT, OF_OBJECT("mode"),
	  .with = NEED(OBJECT_MODE) },
	{ "UID", "owner's user id", NUMBER, OF_OBJECT("uid") },
	{ "USER", "owner's name", NAME, get_object_user, .standard = true },
	{ "GID", "owner's group id", NUMBER, OF_OBJECT("gid"),
	  .with = NEED(OBJECT_GID) },
	{ "GROUP", "owner's group", NAME, get_object_group,
	  .with = NEED(OBJECT_GID) },
	{ "NLINK", "names that lead to it", NUMBER, OF_OBJECT("nlink"),
	  .with = NEED(OBJECT_NLINK) },
	{ "FLAGS", "mapped, unlinked, locked, noswap, dest", TEXT,
	  OF_OBJECT("flags"), .with = NEED(OBJECT_FLAGS) },
	{ "TRUNCATE", "whether its size can be reduced: never, sealed or possible", TEXT,
	  OF_OBJECT("truncate"), .with = NEED(OBJECT_TRUNCATE) },
	{ "HOLDERS", "how many processes hold it", NUMBER, get_object_holders,
	  .with = NEED(HOLDER_PID), .standard = true },
	{ "PID", "one of them", NUMBER, OF_HOLDER("pid"),
	  .with = NEED(HOLDER_PID), .standard = true },
	{ "COMMAND", "its name", NAME, OF_HOLDER("comm"),
	  .with = NEED(HOLDER_COMM), .standard = true },
	{ "HELDBY", "what keeps it, such as a process, a socket or a name",
	  NAME, get_object_heldby, .with = WITH_HELDBY },
	{ "CGROUP", "the cgroup that is charged for most of it", NAME,
	  get_object_cgroup, .with = WITH_CGROUPS },
	{ "CONTAINER", "container or pod that is, if a file explains it", NAME,
	  get_object_container, .with = WITH_CGROUPS },
	{ "UNIT", "unit of systemd that is", NAME, get_object_unit,
	  .with = WITH_CGROUPS },
	{ "WHERE", "path, or the name where none leads to it", NAME,
	  get_object_where, .with = NEED(OBJECT_FLAGS), .standard = true },
	{ "NAME", "name inside its file system", NAME, OF_OBJECT("name") },
	{ "PATH", "path; in another mount namespace, by /proc/PID/root", NAME,
	  get_object_path, .with = NEED(OBJECT_FLAGS) },
	{}
};

const struct column memory_column = {
	"MEMORY", "in memory and in swap together", SIZE, get_object_memory
};

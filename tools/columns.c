// SPDX-License-Identifier: GPL-2.0
/*
 * The columns of objects.
 */
#include <string.h>

#include "columns.h"
#include "objects.h"
#include "path.h"
#include "users.h"

#define CELL(column)							\
static const char *get_ ## column(const void *all, const void *thing)	\
{									\
	return table_value(object_cell(all, thing, #column));			\
}

CELL(kind)
CELL(mode)
CELL(uid)
CELL(gid)
CELL(nlink)
CELL(flags)
CELL(truncate)
CELL(name)

COLUMN_GET(object, id, object->id)
COLUMN_GET(object, pagesize, output_number(object->pagesize))
COLUMN_GET(object, size, output_number(object->size))
COLUMN_GET(object, resident, output_number(object->resident))
COLUMN_GET(object, swapped, output_number(object->swapped))

#define OTHER(column, other)						\
static const char *get_ ## column(const void *all, const void *thing)	\
{									\
	return table_value(object_other(all, thing, other, 0, #column));	\
}

OTHER(pid, HOLDERS)
OTHER(comm, HOLDERS)
OTHER(dirty, PAGES)
OTHER(writeback, PAGES)
OTHER(active, PAGES)
OTHER(mapped, PAGES)
OTHER(mlocked, PAGES)
OTHER(huge, PAGES)
OTHER(orders, PAGES)
OTHER(nodes, PAGES)
OTHER(swap, PAGES)

static const char *get_user(const void *all, const void *thing)
{
	return table_value(user_name(object_cell(all, thing, "uid")));
}

static const char *get_group(const void *all, const void *thing)
{
	return table_value(group_name(object_cell(all, thing, "gid")));
}

static const char *get_holders(const void *all, const void *thing)
{
	const struct object *object = thing;

	return output_number(object_unheld(all, object) ? 0 :
			     object->in[HOLDERS].count);
}

static const char *get_cgroup(const void *all, const void *thing)
{
	return table_value(object_cgroup(all, thing));
}

/* Nothing is looked for that has no name any more. */
static const char *get_path(const void *all, const void *thing)
{
	if (strstr(object_cell(all, thing, "flags"), "unlinked"))
		return NULL;
	return object_path(thing, object_cell(all, thing, "name"));
}

static const char *get_where(const void *all, const void *thing)
{
	return get_path(all, thing) ?: get_name(all, thing);
}

const struct column object_columns[] = {
	{ "ID", "MAJOR:MINOR:INO:GENERATION", TEXT, 0, false, get_id },
	{ "KIND", "sysv, posix, anon, memfd, gpu, tmpfs or kernel", TEXT, 0,
	  true, get_kind },
	{ "SIZE", "size", SIZE, 0, true, get_size },
	{ "RESIDENT", "in memory", SIZE, 0, true, get_resident },
	{ "SWAPPED", "in swap", SIZE, 0, true, get_swapped },
	{ "DIRTY", "in memory, and not in swap as it is", SIZE, NEED(PAGES_DIRTY),
	  false, get_dirty },
	{ "WRITEBACK", "on its way to swap", SIZE, NEED(PAGES_WRITEBACK), false,
	  get_writeback },
	{ "ACTIVE", "used lately", SIZE, NEED(PAGES_ACTIVE), false, get_active },
	{ "MAPPED", "in the page tables of a process", SIZE, NEED(PAGES_MAPPED), false,
	  get_mapped },
	{ "MLOCKED", "locked by mlock(2)", SIZE, NEED(PAGES_MLOCKED), false,
	  get_mlocked },
	{ "HUGE", "in huge pages", SIZE, NEED(PAGES_HUGE), false, get_huge },
	{ "ORDERS", "bytes by order of the folio", TEXT, NEED(PAGES_ORDERS), false,
	  get_orders },
	{ "NODES", "bytes by NUMA node", TEXT, NEED(PAGES_NODES), false, get_nodes },
	{ "SWAP", "bytes by swap device", TEXT, NEED(PAGES_SWAP), false, get_swap },
	{ "PAGESIZE", "size of its pages", SIZE, 0, false, get_pagesize },
	{ "MODE", "permissions, octal", TEXT, NEED(OBJECT_MODE), false, get_mode },
	{ "UID", "owner's user id", NUMBER, 0, false, get_uid },
	{ "USER", "owner's name", NAME, 0, true, get_user },
	{ "GID", "owner's group id", NUMBER, NEED(OBJECT_GID), false, get_gid },
	{ "GROUP", "owner's group", NAME, NEED(OBJECT_GID), false, get_group },
	{ "NLINK", "names that lead to it", NUMBER, NEED(OBJECT_NLINK), false, get_nlink },
	{ "FLAGS", "mapped, unlinked, locked, noswap, dest", TEXT, NEED(OBJECT_FLAGS), false,
	  get_flags },
	{ "TRUNCATE", "can its size be cut: never, sealed or possible", TEXT, NEED(OBJECT_TRUNCATE),
	  false, get_truncate },
	{ "HOLDERS", "how many processes hold it", NUMBER, NEED(HOLDER_PID), true,
	  get_holders },
	{ "PID", "one of them", NUMBER, NEED(HOLDER_PID), true, get_pid },
	{ "COMMAND", "its name", NAME, NEED(HOLDER_COMM), true, get_comm },
	{ "CGROUP", "the cgroup that pays for most of it", NAME, WITH_CGROUPS,
	  false, get_cgroup },
	{ "WHERE", "path, or the name where none leads to it", NAME, NEED(OBJECT_FLAGS), true,
	  get_where },
	{ "NAME", "name inside its file system", NAME, 0, false, get_name },
	{ "PATH", "path; in another mount namespace, by /proc/PID/root", NAME,
	  NEED(OBJECT_FLAGS), false, get_path },
	{}
};

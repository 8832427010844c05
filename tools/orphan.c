// SPDX-License-Identifier: GPL-2.0
/*
 * The command that removes an object which only a name keeps. It is never run here.
 */
#include <stdlib.h>
#include <string.h>

#include "orphan.h"
#include "path.h"
#include "process.h"
#include "quote.h"
#include "set.h"
#include "xalloc.h"

/* IPC namespaces, and a process in each. */
static struct set ipc_namespaces;
static char **ipc_pids;
static size_t ipc_room;

static void add_ipc(void *context, const char *pid)
{
	struct process process;
	uint64_t ipc;

	(void)context;
	if (!process_open(&process, pid))
		return;
	if (process_namespace(&process, "ns/ipc", &ipc) &&
	    set_add(&ipc_namespaces, ipc)) {
		ipc_pids = xgrow(ipc_pids, ipc_namespaces.count - 1, &ipc_room,
				 sizeof(*ipc_pids));
		ipc_pids[ipc_namespaces.count - 1] = xstrdup(pid);
	}
	process_close(&process);
}

/* A process in an IPC namespace; "self" if it is ours, NULL if there is none. */
static const char *ipc_process(uint64_t namespace)
{
	static bool known;
	size_t nr;

	if (!known) {
		add_ipc(NULL, "self");
		process_each(add_ipc, NULL);
	}
	known = true;
	nr = set_find(&ipc_namespaces, namespace);
	return nr == NOT_FOUND ? NULL : ipc_pids[nr];
}

/* Forgets the namespaces. */
void orphans_done(void)
{
	size_t i;

	for (i = 0; i < ipc_namespaces.count; i++)
		free(ipc_pids[i]);
	free(ipc_pids);
	set_free(&ipc_namespaces);
}

static void remove_segment(struct orphan *orphan, const struct objects *objects)
{
	const struct object *object = orphan->object;
	const char *pid, *shmid;

	if (!object->in[SEGMENTS].count) {
		orphan->reason = objects->hidden ? "the kernel hides its id" :
				 "its IPC namespace has no process";
		return;
	}
	shmid = object_other(objects, object, SEGMENTS, 0, "shmid");
	pid = ipc_process(object_other_number(objects, object, SEGMENTS, 0,
					      "ipcns"));
	if (!pid)
		orphan->reason = "its IPC namespace has no process any more";
	else if (!strcmp(pid, "self"))
		orphan->remove = xasprintf("ipcrm -m %s", shmid);
	else
		orphan->remove = xasprintf("nsenter -t %s -i -- ipcrm -m %s",
					   pid, shmid);
}

/* The command that removes a file by its name, or by all names it has. */
static char *removal(const struct objects *objects,
		     const struct object *object,
		     const struct place_found *found)
{
	uint64_t names = table_number(&objects->table, object->row,
				      table_column(&objects->table, "nlink"));
	char *path = quote_text(found->path), *mount, *command;

	if (names > 1 && found->mount) {
		mount = quote_text(found->mount);
		command = xasprintf("find %s -xdev -samefile %s -delete", mount,
				    path);
		free(mount);
	} else {
		command = xasprintf("rm -- %s", path);
	}
	free(path);
	return command;
}

/* Where it is mounted, and when it was last read. */
static int64_t remove_file(struct orphan *orphan, const struct objects *objects)
{
	const char *name = object_cell(objects, orphan->object, "name");
	struct place_found found;
	char *command;

	if (!object_place(orphan->object, name, &found)) {
		orphan->reason = found.asks ?
			"a server may have to be asked for its path" :
			"no path leads to it in a namespace that has a process";
		return 0;
	}
	orphan->path = seen_path(found.pid, found.path);
	orphan->foreign = found.pid;
	orphan->remove = removal(objects, orphan->object, &found);
	if (found.pid) {
		command = orphan->remove;
		orphan->remove = xasprintf("nsenter -t %s -m -r -- %s",
					   found.pid, command);
		free(command);
	}
	free(found.path);
	return found.atime;
}

/**
 * orphan_find - find out how to remove an object
 * @orphan: what is filled, but for @age; orphan_free() it
 * @objects: all objects, read WITH_REMOVAL
 * @object: the object
 *
 * Return: when it was last read, if it is a file to which a path leads; or 0.
 */
int64_t orphan_find(struct orphan *orphan, const struct objects *objects,
		    const struct object *object)
{
	*orphan = (struct orphan){ .object = object };
	if (!object_is_segment(objects, object))
		return remove_file(orphan, objects);
	remove_segment(orphan, objects);
	return 0;
}

/**
 * orphan_comment - say what has no command, and why, where people look for one
 * @orphan: of which @comment is set, if it has no command
 * @objects: all objects
 *
 * Whoever pastes it, or runs all commands as a script, runs nothing by it.
 */
void orphan_comment(struct orphan *orphan, const struct objects *objects)
{
	char *name;

	if (orphan->remove)
		return;
	name = quote_text(object_cell(objects, orphan->object, "name"));
	orphan->comment = xasprintf("# %s: %s", name, orphan->reason);
	free(name);
}

void orphan_free(struct orphan *orphan)
{
	free(orphan->comment);
	free(orphan->path);
	free(orphan->remove);
}

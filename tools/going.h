/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What goes away: processes, names and, with these, sockets and namespaces.
 */
#ifndef SHMSTAT_TOOLS_GOING_H
#define SHMSTAT_TOOLS_GOING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heldby.h"
#include "objects.h"
#include "set.h"

/* What is needed to tell what becomes of an object. */
#define WITH_GOING	(WITH_HELDBY | NEED(HOLDER_FDS) |		\
			 NEED(HOLDER_MAPS) | NEED(HOLDER_HANDLES) |	\
			 NEED(SEGMENT_IPCNS))

/**
 * struct name_entry - a name of a file that goes
 * @path: as it was given
 * @major: of the file's device
 * @minor: of the file's device
 * @inode: of the file
 * @parent: the directory's inode number
 * @base: the last part of the path
 * @found: whether the file is an object
 */
struct name_entry {
	const char *path;
	uint32_t major;
	uint32_t minor;
	uint64_t inode;
	uint64_t parent;
	char *base;
	bool found;
};

/**
 * struct going - what goes
 * @objects: all objects, read WITH_GOING
 * @pids: the processes that go
 * @words: the same, as texts of the objects' pool
 * @names: single names that go, sorted
 * @count: how many of these
 * @room: how many there is room for
 * @devices: file systems all of whose names go
 * @ipcs: IPC namespaces that go, with their segments
 * @sockets: sockets that a process that goes has, with something in flight
 * @stay: those of them that another process has, too
 * @owners: that process of each
 * @owner_room: for how many there is room
 * @shared: processes that share their descriptors with some that stay
 * @forced: our IPC namespace, if its segments go as soon as nobody has them; or 0
 */
struct going {
	const struct objects *objects;
	struct set pids;
	struct set words;
	struct name_entry *names;
	size_t count;
	size_t room;
	struct set devices;
	struct set ipcs;
	struct set sockets;
	struct set stay;
	char **owners;
	size_t owner_room;
	struct set shared;
	uint64_t forced;
};

void going_add_pid(struct going *going, const char *pid);
void going_add_comm(struct going *going, const char *comm);
void going_add_cgroup(struct going *going, const char *cgroup);
void going_add_unit(struct going *going, const char *unit);
void going_add_path(struct going *going, const char *path);
void going_add_mount(struct going *going, const char *path);
void going_find(struct going *going);
bool going_has(const struct going *going, const struct object *object);
char *going_keeper(const struct going *going, const struct object *object);
void going_free(struct going *going);

#endif /* SHMSTAT_TOOLS_GOING_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHMSTAT_TOOLS_PATH_H
#define SHMSTAT_TOOLS_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "objects.h"
#include "tree.h"

/* A table beside those of the module, which the recorder adds: who asked object_place(). */
#define PLACES		"places"

/**
 * struct place_found - where a path leads to an object
 * @path: inside a mount namespace, with the kernel's "\ooo" in it; to be freed
 * @mount: where its file system is mounted there, so that all names of the object
 *	are below it; NULL if only a part of it is
 * @pid: a process in that namespace; NULL for our own
 * @atime: when the object was last read, in seconds since 1970
 * @asks: if none was found: whether a path was not followed to its end, as a server
 *	may have to be asked
 */
struct place_found {
	char *path;
	const char *mount;
	const char *pid;
	int64_t atime;
	bool asks;
};

char *seen_path(const char *pid, const char *inside);
const struct mounted *path_mount(const char *path, char **inside);
const struct object *path_object(const struct objects *objects,
				 const char *path);
bool object_place(const struct object *object, const char *name,
		  struct place_found *found);
const char *object_path(const struct object *object, const char *name);
const char *mount_path(uint64_t dev, const char **pid);

#endif /* SHMSTAT_TOOLS_PATH_H */

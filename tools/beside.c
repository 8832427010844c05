// SPDX-License-Identifier: GPL-2.0
/*
 * Files of the machine that are beside /proc: where the tests have recorded one, they
 * have /sys and /dev as well.
 */
#include <stdlib.h>
#include <string.h>

#include "beside.h"
#include "moment.h"
#include "note.h"
#include "process.h"
#include "text.h"
#include "xalloc.h"

/* Where such as "sys/block" is, to be freed. */
char *beside_path(const char *path)
{
	return xasprintf("%s/../%s", proc_dir, path);
}

/* NULL if there is none. */
FILE *beside_file(const char *path)
{
	char *full = beside_path(path);
	FILE *file = fopen(full, "re");

	free(full);
	return file;
}

/* NULL if there is none. */
DIR *beside_dir(const char *path)
{
	char *full = beside_path(path);
	DIR *dir = opendir(full);

	free(full);
	return dir;
}

/**
 * beside_cgroup - look for the directory of a cgroup
 * @path: the cgroup's, as tables have it
 * @st: what is there
 *
 * Return: whether something is, in the hierarchy of version 2 or in that of the
 *	memory controller.
 */
bool beside_cgroup(const char *path, struct stat *st)
{
	static const char *const roots[] = { "", "/memory" };
	char *raw = unescape_text(xstrdup(path));
	bool found = false;
	size_t i;

	for (i = 0; !found && i < 2; i++) {
		char *below = xasprintf("sys/fs/cgroup%s%s", roots[i], raw);
		char *dir = beside_path(below);

		found = !stat(dir, st);
		if (found && moment_is_past())
			noted_owner(dir, &st->st_uid);
		else if (found)
			note_owner(below, st->st_uid);
		free(below);
		free(dir);
	}
	free(raw);
	return found;
}

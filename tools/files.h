/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that others wrote, read so that none of them can make the command wait,
 * nor take much memory.
 */
#ifndef SHMSTAT_TOOLS_FILES_H
#define SHMSTAT_TOOLS_FILES_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What paths are below: "", or a directory of the tests. */
extern const char *root_dir;

bool is_local_type(const char *type);
uid_t root_owner(void);
int files_open(const char *path, bool others);
void files_note(int dir, const char *path, const char *content);
char *files_read(int dir, const char *path, uid_t owner, size_t max,
		 size_t *length);
void files_each(const char *path,
		void (*visit)(void *context, const char *name), void *context);

#endif /* SHMSTAT_TOOLS_FILES_H */

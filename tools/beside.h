/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of the machine that are beside /proc, wherever that is.
 */
#ifndef SHMSTAT_TOOLS_BESIDE_H
#define SHMSTAT_TOOLS_BESIDE_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

char *beside_path(const char *path);
FILE *beside_file(const char *path);
DIR *beside_dir(const char *path);
bool beside_cgroup(const char *path, struct stat *st);

#endif /* SHMSTAT_TOOLS_BESIDE_H */

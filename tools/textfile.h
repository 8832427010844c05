/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file for node_exporter's textfile collector, replaced in one step.
 */
#ifndef SHMSTAT_TOOLS_TEXTFILE_H
#define SHMSTAT_TOOLS_TEXTFILE_H

#include <stdint.h>
#include <stdio.h>

char *textfile_previous(const char *path, uint64_t *age);
FILE *textfile_open(const char *path);
void textfile_publish(FILE *out, const char *path);

#endif /* SHMSTAT_TOOLS_TEXTFILE_H */

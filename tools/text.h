/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Texts for people.
 */
#ifndef SHMSTAT_TOOLS_TEXT_H
#define SHMSTAT_TOOLS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

char *size_text(uint64_t bytes);
char *name_text(const char *name);
int octal_byte(const char *text);
char *escape_text(const char *raw, size_t length);
char *cgroup_text(const char *path);
bool is_utf8(void);

#endif /* SHMSTAT_TOOLS_TEXT_H */

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
char *age_text(uint64_t seconds);
char *name_text(const char *name);
int octal_byte(const char *text);
char *escape_text(const char *raw, size_t length);
bool is_one_of(const char *text, const char *const *list);
size_t stem_length(const char *text, size_t length, const char *end);
bool same_name(const char *a, const char *b, size_t length);
char *escape_more(const char *text);
char *unescape_text(char *text);
char *cgroup_text(const char *path);
size_t text_width(const char *text);
void text_cut(char *text, size_t width);
bool is_utf8(void);

#endif /* SHMSTAT_TOOLS_TEXT_H */

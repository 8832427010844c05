/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files read and written at once, and single figures in them.
 */
#ifndef HELPERS_FILE_H
#define HELPERS_FILE_H

#include <stddef.h>

/* Says what went wrong and ends the test. */
void die(const char *what, const char *which);

/* The whole file, or what is left of an open one; NULL with errno. */
char *read_file(const char *path);
char *read_rest(int fd);
/* Reads and forgets the rest of a file, or a whole one: 0 or the errno. */
int skip_rest(int fd);
int skip_file(const char *path);
int write_file(const char *path, const char *text);
/* What a descriptor has open, by another open(2): a descriptor, or -1. */
int open_again(int fd, int flags);
int write_number(const char *path, unsigned long long value);

/*
 * The number after a name at the start of a line, as in /proc/meminfo,
 * /proc/vmstat, /proc/PID/status, memory.stat or the report; -1 if there is none.
 */
long long figure(const char *path, const char *name);
/* The number that is all of a file; -1 if there is none. */
long long file_number(const char *path);

#endif /* HELPERS_FILE_H */

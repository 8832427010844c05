/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allocation that cannot fail: the program ends instead.
 */
#ifndef SHMSTAT_TOOLS_XALLOC_H
#define SHMSTAT_TOOLS_XALLOC_H

#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *xcheck(void *memory)
{
	if (!memory)
		err(1, "cannot allocate memory");
	return memory;
}

/* For functions that return an error rather than memory. */
static inline void xcheck_error(int error)
{
	errno = error;
	if (error == ENOMEM)
		xcheck(NULL);
}

static inline void *xmalloc(size_t size)
{
	return xcheck(malloc(size ?: 1));
}

static inline void *xcalloc(size_t count, size_t size)
{
	return xcheck(calloc(count ?: 1, size ?: 1));
}

static inline void *xreallocarray(void *memory, size_t count, size_t size)
{
	return xcheck(reallocarray(memory, count ?: 1, size ?: 1));
}

/**
 * xgrow - room for one more member of an array
 * @list: the array
 * @count: its members so far
 * @room: how many it has room for; may be raised
 * @size: of a member
 *
 * Return: the array, which may have moved.
 */
static inline void *xgrow(void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	*room = 2 * *room + 64;
	return xreallocarray(list, *room, size);
}

static inline char *xstrdup(const char *text)
{
	return xcheck(strdup(text));
}

static inline char *xstrndup(const char *text, size_t length)
{
	return xcheck(strndup(text, length));
}

__attribute__((format(printf, 1, 2)))
static inline char *xasprintf(const char *format, ...)
{
	va_list arguments;
	char *text;
	int ret;

	va_start(arguments, format);
	ret = vasprintf(&text, format, arguments);
	va_end(arguments);
	return xcheck(ret < 0 ? NULL : text);
}

/* A text that is written piece by piece; it is there after xfclose(). */
static inline FILE *xmemstream(char **text, size_t *length)
{
	return xcheck(open_memstream(text, length));
}

static inline void xfclose(FILE *file)
{
	if (fclose(file))
		err(1, "cannot allocate memory");
}

/* As getline(), which also ends where there is no memory. */
static inline ssize_t xgetline(char **line, size_t *room, FILE *file)
{
	ssize_t length;

	errno = 0;
	length = getline(line, room, file);
	if (length < 0)
		xcheck_error(errno);
	return length;
}

static inline FILE *xfdopen(int fd, const char *mode)
{
	return xcheck(fdopen(fd, mode));
}

#endif /* SHMSTAT_TOOLS_XALLOC_H */

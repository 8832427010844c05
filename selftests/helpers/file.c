// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

void die(const char *what, const char *which)
{
	printf("# %s: %s\n", what, which);
	fflush(stdout);
	abort();
}

char *read_rest(int fd)
{
	size_t size = 1 << 16, len = 0;
	char *text = malloc(size + 1);
	ssize_t got;

	while ((got = read(fd, text + len, size - len)) > 0) {
		len += got;
		if (len == size)
			text = realloc(text, (size *= 2) + 1);
	}
	if (got < 0) {
		free(text);
		return NULL;
	}
	text[len] = '\0';
	return text;
}

/* The errno of the read, not of close(). */
static void close_quietly(int fd)
{
	int err = errno;

	close(fd);
	errno = err;
}

char *read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;

	if (fd < 0)
		return NULL;
	text = read_rest(fd);
	close_quietly(fd);
	return text;
}

int skip_rest(int fd)
{
	static char buf[1 << 16];
	ssize_t got;

	while ((got = read(fd, buf, sizeof(buf))) > 0)
		;
	return got < 0 ? errno : 0;
}

int skip_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return errno;
	err = skip_rest(fd);
	close(fd);
	return err;
}

int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = strlen(text);
	int ret;

	if (fd < 0)
		return -1;
	ret = write(fd, text, len) == len ? 0 : -1;
	close_quietly(fd);
	return ret;
}

int write_number(const char *path, unsigned long long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", value);
	return write_file(path, text);
}

/* Behind a name at the start of a line, and behind its colon, if any. */
static const char *find_value(const char *text, const char *name)
{
	size_t len = strlen(name);
	const char *line = text, *end;

	while (line) {
		end = line + len;
		if (!strncmp(line, name, len) && strchr(": \t", *end))
			return end + (*end == ':');
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return NULL;
}

int open_again(int fd, int flags)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags);
}

/* The number at the start of a text; -1 if there is none. */
static long long parse(const char *text)
{
	long long number;
	char *end;

	if (!text)
		return -1;
	number = strtoll(text, &end, 10);
	return end == text ? -1 : number;
}

long long figure(const char *path, const char *name)
{
	char *text = read_file(path);
	long long number = parse(text ? find_value(text, name) : NULL);

	free(text);
	return number;
}

long long file_number(const char *path)
{
	char *text = read_file(path);
	long long number = parse(text);

	free(text);
	return number;
}

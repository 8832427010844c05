// SPDX-License-Identifier: GPL-2.0
/*
 * A file that is replaced in one step: whoever reads it sees the old contents or
 * the new ones. They are written into PATH.tmp. As that name is always the same,
 * a run that is killed leaves one such file at most, which the next one uses.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "textfile.h"
#include "xalloc.h"

/* More than this was not written by us. */
#define MAX_PREVIOUS	(64 << 20)

static char *temporary;

static void remove_temporary(void)
{
	if (temporary)
		unlink(temporary);
}

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFLNK:
		return "a symbolic link";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	case S_IFIFO:
		return "a named pipe";
	}
	return "a socket";
}

/* The rename would put a regular file in its place. */
static void refuse_others(const char *path)
{
	struct stat st;

	if (!lstat(path, &st) && !S_ISREG(st.st_mode))
		errx(1, "--textfile: %s is %s; name a regular file, or a new one",
		     path, type_name(st.st_mode));
}

/**
 * textfile_previous - what stands in the file so far
 * @path: the file
 * @age: how many seconds ago that was written
 *
 * Ends the program, with an explanation, if @path is anything but a file.
 *
 * Return: its contents, to be freed; NULL if there are none.
 */
char *textfile_previous(const char *path, uint64_t *age)
{
	char *text = NULL;
	ssize_t got = -1;
	struct stat st;
	time_t now;
	int fd;

	refuse_others(path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    st.st_size < MAX_PREVIOUS)
		text = xmalloc(st.st_size + 1);
	if (text)
		got = read(fd, text, st.st_size);
	close(fd);
	if (got < 0) {
		free(text);
		return NULL;
	}
	text[got] = '\0';
	now = time(NULL);
	*age = now > st.st_mtime ? now - st.st_mtime : 0;
	return text;
}

/* Nobody else's, and still the file of that name. */
static int is_ours(int fd)
{
	struct stat st, named;

	return !fstat(fd, &st) && !lstat(temporary, &named) &&
	       st.st_dev == named.st_dev && st.st_ino == named.st_ino &&
	       S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	       st.st_uid == geteuid();
}

/**
 * textfile_open - begin to write a file
 * @path: the file
 *
 * What is written is removed if the program ends before textfile_publish().
 * Ends the program, with an explanation, if it cannot be written.
 *
 * Return: what is written into.
 */
FILE *textfile_open(const char *path)
{
	int fd;

	refuse_others(path);
	temporary = xasprintf("%s.tmp", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK |
		  O_CLOEXEC, 0600);
	if (fd < 0)
		err(1, "%s", temporary);
	/* The lock goes with the file, so that two runs never share one. */
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK)
			errx(1, "%s: another shmstat is writing it", temporary);
		err(1, "%s", temporary);
	}
	if (!is_ours(fd))
		errx(1, "%s: is not a file of ours; remove it", temporary);
	if (ftruncate(fd, 0))
		err(1, "%s", temporary);
	atexit(remove_temporary);
	return xfdopen(fd, "w");
}

/* Puts what was written in the place of the old file. */
void textfile_publish(FILE *out, const char *path)
{
	if (fflush(out) || ferror(out) || fchmod(fileno(out), 0644) ||
	    fsync(fileno(out)) || rename(temporary, path))
		err(1, "%s", path);
	free(temporary);
	temporary = NULL;
	fclose(out);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Stands between the command and what it asks, by LD_PRELOAD:
 *	NO_CACHED	openat2(2) as before Linux 5.12, without RESOLVE_CACHED
 *	ASKED=FILE	a byte into the file for each user or group asked for
 *	SLOW		half a second for each of them
 *	NAMES		each user has a name, in ISO-8859-1
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

long syscall(long number, ...)
{
	long (*next)(long number, ...) = dlsym(RTLD_NEXT, "syscall");
	long argument[6];
	va_list arguments;
	int i;

	va_start(arguments, number);
	for (i = 0; i < 6; i++)
		argument[i] = va_arg(arguments, long);
	va_end(arguments);
	if (number == SYS_openat2 && getenv("NO_CACHED")) {
		const struct open_how *how = (void *)argument[2];

		if (how->resolve & RESOLVE_CACHED) {
			errno = EINVAL;
			return -1;
		}
	}
	return next(number, argument[0], argument[1], argument[2], argument[3],
		    argument[4], argument[5]);
}

static void ask(void)
{
	const char *path = getenv("ASKED");
	int fd;

	if (getenv("SLOW"))
		usleep(500000);
	if (!path)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1)
		abort();
	close(fd);
}

struct passwd *getpwuid(uid_t uid)
{
	static struct passwd user;

	ask();
	user.pw_uid = uid;
	user.pw_name = "j\374rgen\"\\\t";
	return getenv("NAMES") ? &user : NULL;
}

struct group *getgrgid(gid_t gid)
{
	(void)gid;
	ask();
	return NULL;
}

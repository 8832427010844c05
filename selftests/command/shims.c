// SPDX-License-Identifier: GPL-2.0
/*
 * Stands between the command and what it asks, by LD_PRELOAD:
 *	NO_CACHED	openat2(2) as before Linux 5.12, without RESOLVE_CACHED
 *	ASKED=FILE	a byte into the file for each user or group asked for
 *	SLOW		half a second for each of them
 *	NAMES		each user has a name, in ISO-8859-1
 *	LOOPS		ioctl(2) of a loop device: "MAJOR MINOR INODE" is in the file
 *	CLOCK=FILE	so many seconds more than it is, as the file says
 *	SHARING		kcmp(2): processes whose numbers end alike share all
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/loop.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
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
	if (number == SYS_kcmp && getenv("SHARING"))
		return argument[0] % 10 != argument[1] % 10;
	return next(number, argument[0], argument[1], argument[2], argument[3],
		    argument[4], argument[5]);
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*next)(int fd, unsigned long request, ...);
	struct loop_info64 *info;
	unsigned int major, minor;
	unsigned long long inode;
	char text[100] = "";
	va_list arguments;

	next = dlsym(RTLD_NEXT, "ioctl");
	va_start(arguments, request);
	info = va_arg(arguments, void *);
	va_end(arguments);
	if (request != LOOP_GET_STATUS64 || !getenv("LOOPS"))
		return next(fd, request, info);
	if (read(fd, text, sizeof(text) - 1) < 0 ||
	    sscanf(text, "%u %u %llu", &major, &minor, &inode) != 3) {
		errno = ENXIO;
		return -1;
	}
	memset(info, 0, sizeof(*info));
	info->lo_device = makedev(major, minor);
	info->lo_inode = inode;
	return 0;
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

int clock_gettime(clockid_t clock, struct timespec *time)
{
	int (*next)(clockid_t clock, struct timespec *time);
	const char *path = getenv("CLOCK");
	FILE *file = path && clock == CLOCK_REALTIME ? fopen(path, "r") : NULL;
	long more = 0;

	if (file && fscanf(file, "%ld", &more) != 1)
		more = 0;
	if (file)
		fclose(file);
	next = dlsym(RTLD_NEXT, "clock_gettime");
	if (next(clock, time))
		return -1;
	time->tv_sec += more;
	return 0;
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

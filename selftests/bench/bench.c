// SPDX-License-Identifier: GPL-2.0
/*
 * Sets up what is measured and measures it: reads of shmstat's files and of what
 * one would use instead.
 *	bench time RUNS NAME [ARGUMENT]...	how long each run takes, in ns
 *	bench rate SECONDS NAME DIRECTORY	operations per second
 *	bench file PATH BYTES			a file without holes
 *	bench files DIRECTORY NUMBER		empty files
 * and, until they are killed:
 *	bench reader MILLISECONDS FILE		reads it, with pauses
 *	bench wakeups MICROSECONDS -		sleeps, at real-time priority
 *	bench holders PROCESSES DESCRIPTORS	first prints "ready"
 *	bench crowd PROCESSES OBJECTS		the same; each has all of these open
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_cachestat
#define SYS_cachestat	451
#endif

static char buf[1 << 20];

static unsigned long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static int must_open(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

/* What is measured */

static void read_whole(char **args)
{
	int fd = must_open(args[0], O_RDONLY);
	ssize_t got;

	do
		got = read(fd, buf, sizeof(buf));
	while (got > 0);
	if (got < 0)
		err(1, "%s", args[0]);
	close(fd);
}

static void read_snapshot(char **args)
{
	int fd = must_open(args[0], O_RDWR);
	ssize_t got = strlen(args[1]);

	if (write(fd, args[1], got) != got)
		err(1, "%s: %s", args[0], args[1]);
	do
		got = read(fd, buf, sizeof(buf));
	while (got > 0);
	if (got < 0)
		err(1, "%s", args[0]);
	close(fd);
}

static void ask_cachestat(char **args)
{
	int fd = must_open(args[0], O_RDONLY);
	/* From offset 0 to the end of the file. */
	unsigned long long range[2] = { 0, 0 }, answer[5];

	if (syscall(SYS_cachestat, fd, range, answer, 0))
		err(1, "cachestat");
	close(fd);
}

static void ask_mincore(char **args)
{
	int fd = must_open(args[0], O_RDONLY);
	struct stat st;
	void *p;

	fstat(fd, &st);
	p = mmap(NULL, st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED || st.st_size / 4096 > sizeof(buf) ||
	    mincore(p, st.st_size, (unsigned char *)buf))
		err(1, "mincore");
	munmap(p, st.st_size);
	close(fd);
}

static const char *next_process(DIR *proc)
{
	struct dirent *entry;

	while ((entry = readdir(proc)))
		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
			return entry->d_name;
	closedir(proc);
	return NULL;
}

static void stat_descriptors(const char *pid)
{
	struct dirent *entry;
	struct stat st;
	char path[300];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return;
	/* A descriptor may have been closed by now. */
	while ((entry = readdir(dir)))
		if (fstatat(dirfd(dir), entry->d_name, &st, 0))
			continue;
	closedir(dir);
}

static void read_mappings(const char *pid)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	while (read(fd, buf, sizeof(buf)) > 0)
		;
	close(fd);
}

static void scan_descriptors(char **args)
{
	DIR *proc = opendir("/proc");
	const char *pid;

	while ((pid = next_process(proc)))
		stat_descriptors(pid);
}

static void scan_mappings(char **args)
{
	DIR *proc = opendir("/proc");
	const char *pid;

	while ((pid = next_process(proc)))
		read_mappings(pid);
}

static void run_program(char **args)
{
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		dup2(must_open("/dev/null", O_WRONLY), 1);
		execvp(args[0], args);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) == 127)
		errx(1, "%s did not run", args[0]);
}

static const struct {
	const char *name;
	void (*fn)(char **args);
} measured[] = {
	{ "read",		read_whole },
	{ "snapshot",		read_snapshot },
	{ "cachestat",		ask_cachestat },
	{ "mincore",		ask_mincore },
	{ "descriptors",	scan_descriptors },
	{ "mappings",		scan_mappings },
	{ "run",		run_program },
	{ }
};

static void time_it(int runs, const char *name, char **args)
{
	unsigned long long start, took;
	int i, run;

	for (i = 0; strcmp(measured[i].name, name); i++)
		if (!measured[i + 1].name)
			errx(2, "nothing to measure is called '%s'", name);
	/* The first of several fills caches and page tables; it is not counted. */
	for (run = runs > 1 ? -1 : 0; run < runs; run++) {
		start = now();
		measured[i].fn(args);
		took = now() - start;
		if (run >= 0)
			printf("%llu ", took);
	}
	putchar('\n');
}

/* What a reader may disturb */

static void create_and_unlink(const char *directory)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s/rate-%d", directory, getpid());
	fd = must_open(path, O_CREAT | O_RDWR);
	if (write(fd, buf, 4096) != 4096)
		err(1, "%s", path);
	unlink(path);
	close(fd);
}

static void make_memfd(const char *directory)
{
	close(memfd_create("rate", 0));
}

/* 1,024 minor faults: the pages are in memory, but not mapped. */
static void fault_in(const char *directory)
{
	static int fd = -1;
	size_t size = 1024 * 4096, at;
	volatile char *p;

	if (fd < 0) {
		fd = memfd_create("faults", 0);
		if (ftruncate(fd, size))
			err(1, "faults");
	}
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		err(1, "faults");
	for (at = 0; at < size; at += 4096)
		p[at] = 1;
	munmap((void *)p, size);
}

static const struct {
	const char *name;
	void (*fn)(const char *directory);
	int operations;
} disturbed[] = {
	{ "create",	create_and_unlink,	1 },
	{ "memfd",	make_memfd,		1 },
	{ "fault",	fault_in,		1024 },
	{ }
};

static void rate(int seconds, const char *name, const char *directory)
{
	unsigned long long start, end, done = 0;
	int i;

	for (i = 0; strcmp(disturbed[i].name, name); i++)
		if (!disturbed[i + 1].name)
			errx(2, "no rate is called '%s'", name);
	disturbed[i].fn(directory);
	start = now();
	do {
		disturbed[i].fn(directory);
		done += disturbed[i].operations;
		end = now();
	} while (end - start < seconds * 1000000000ULL);
	printf("%.0f\n", done * 1e9 / (end - start));
}

/* What is set up */

static void make_file(const char *path, unsigned long long bytes)
{
	int fd = must_open(path, O_CREAT | O_RDWR);
	size_t chunk;

	memset(buf, 'x', sizeof(buf));
	while (bytes) {
		chunk = bytes < sizeof(buf) ? bytes : sizeof(buf);
		if (write(fd, buf, chunk) != chunk)
			err(1, "%s", path);
		bytes -= chunk;
	}
}

static void make_files(const char *directory, int number)
{
	int dir = must_open(directory, O_RDONLY), i;
	char name[32];

	for (i = 0; i < number; i++) {
		snprintf(name, sizeof(name), "object-%08d", i);
		if (mknodat(dir, name, S_IFREG | 0600, 0))
			err(1, "%s/%s", directory, name);
	}
}

/* Each process maps an object of its own and holds descriptors of more. */
static void hold(int descriptors)
{
	int fd = -1, i;

	for (i = 0; i < descriptors; i++) {
		if (i % 10 == 0)
			fd = memfd_create("bench", 0);
		else
			dup(fd);
	}
	if (fd < 0 || ftruncate(fd, 4096) ||
	    mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED)
		_exit(1);
}

/* A memfd of a page each, open until the process ends. */
static void open_objects(int objects)
{
	struct rlimit limit = { objects + 64, objects + 64 };
	char name[32];
	int i, fd;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		err(1, "%d descriptors", objects);
	for (i = 0; i < objects; i++) {
		snprintf(name, sizeof(name), "object-%08d", i);
		fd = memfd_create(name, 0);
		if (fd < 0 || write(fd, buf, 4096) != 4096)
			err(1, "memfd");
	}
}

/* The copies of the first process have its descriptors. */
static void make_crowd(int processes, int objects)
{
	open_objects(objects);
	while (--processes) {
		if (fork())
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	puts("ready");
	fflush(stdout);
	pause();
}

static void make_holders(int processes, int descriptors)
{
	int each = descriptors / processes, ready[2], i;
	char byte;

	if (pipe(ready))
		err(1, "pipe");
	for (i = 0; i < processes; i++) {
		if (fork())
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		hold(each);
		write(ready[1], "x", 1);
		pause();
		_exit(0);
	}
	for (i = 0; i < processes; i++)
		if (read(ready[0], &byte, 1) != 1)
			err(1, "a holder ended");
	puts("ready");
	fflush(stdout);
	pause();
}

static void keep_reading(int rest, char **args)
{
	for (;;) {
		read_whole(args);
		usleep(rest * 1000);
	}
}

static void keep_waking(int rest)
{
	struct sched_param param = { .sched_priority = 50 };

	if (sched_setscheduler(0, SCHED_FIFO, &param) || mlockall(MCL_CURRENT))
		err(1, "real-time priority");
	for (;;)
		usleep(rest);
}

int main(int argc, char **argv)
{
	const char *what = argc > 3 ? argv[1] : "";

	if (!strcmp(what, "time") && atoi(argv[2]) > 0)
		time_it(atoi(argv[2]), argv[3], argv + 4);
	else if (!strcmp(what, "rate") && argc > 4 && atoi(argv[2]) > 0)
		rate(atoi(argv[2]), argv[3], argv[4]);
	else if (!strcmp(what, "file"))
		make_file(argv[2], strtoull(argv[3], NULL, 10));
	else if (!strcmp(what, "files"))
		make_files(argv[2], atoi(argv[3]));
	else if (!strcmp(what, "reader"))
		keep_reading(atoi(argv[2]), argv + 3);
	else if (!strcmp(what, "wakeups"))
		keep_waking(atoi(argv[2]));
	else if (!strcmp(what, "holders") && atoi(argv[2]) > 0)
		make_holders(atoi(argv[2]), atoi(argv[3]));
	else if (!strcmp(what, "crowd") && atoi(argv[2]) > 0)
		make_crowd(atoi(argv[2]), atoi(argv[3]));
	else
		errx(2, "give time, rate, file, files, reader, wakeups, holders or crowd");
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What has to come back once everything was read and what was read about is
 * gone: a reference that each read leaves behind keeps a task, a mount, a
 * namespace or memory for ever.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers/table.h"

/* Only for the time limits, which the slow kernels need. */
FIXTURE(leaks) {
};

FIXTURE_SETUP(leaks)
{
}

FIXTURE_TEARDOWN(leaks)
{
}

#define PROCESSES	300

static const char * const files[] = {
	REPORT, PROC "summary", PROC "objects", PROC "superblocks",
	PROC "pages", PROC "maps", PROC "holders", PROC "cgroups", PROC "sysv",
};

static void read_everything(struct __test_metadata *_metadata)
{
	char *text;
	int i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		text = read_file(files[i]);
		EXPECT_NE(NULL, text);
		free(text);
	}
}

/* Objects in use of a slab cache, without those that only wait on a CPU. */
static long in_use(const char *cache)
{
	char path[128], *text, *line, start[64];
	long count = -1;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache);
	write_file(path, "1");
	text = read_file("/proc/slabinfo");
	snprintf(start, sizeof(start), "\n%s ", cache);
	line = text ? strstr(text, start) : NULL;
	if (line)
		count = strtol(line + strlen(start), NULL, 10);
	free(text);
	return count;
}

static void start_processes(pid_t *pid)
{
	int i;

	for (i = 0; i < PROCESSES; i++) {
		pid[i] = fork_child();
		if (!pid[i])
			for (;;)
				pause();
	}
}

static void stop_processes(pid_t *pid)
{
	int i;

	for (i = 0; i < PROCESSES; i++)
		kill(pid[i], SIGKILL);
	for (i = 0; i < PROCESSES; i++)
		waitpid(pid[i], NULL, 0);
}

/* Waits for what the kernel puts off: until a count is low, or for 5 s. */
static long settled(long (*count)(const void *arg), const void *arg, long low)
{
	long is = 0;
	int try;

	for (try = 0; try < 50; try++) {
		is = count(arg);
		if (is <= low)
			break;
		usleep(100000);
	}
	return is;
}

static long count_slab(const void *cache)
{
	return in_use(cache);
}

TEST_F(leaks, processes)
{
	static const char * const caches[] = { "task_struct", "mm_struct" };
	pid_t *pid = calloc(PROCESSES, sizeof(*pid));
	int fd = memfd_create("held by many", 0), i;
	long before[2], after;

	ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	read_everything(_metadata);
	for (i = 0; i < 2; i++)
		before[i] = in_use(caches[i]);
	if (before[0] < 0)
		SKIP(return, "no counts of slabs in this kernel");
	start_processes(pid);
	EXPECT_LE(before[0] + PROCESSES, in_use(caches[0]));
	read_everything(_metadata);
	stop_processes(pid);
	for (i = 0; i < 2; i++) {
		after = settled(count_slab, caches[i],
				before[i] + PROCESSES / 10);
		EXPECT_GE(before[i] + PROCESSES / 10, after);
	}
	free(pid);
}

/* A mark in the names of objects, and how many have it. */
static long count_names(const void *mark)
{
	struct table *t = table_read("objects");
	long count = 0;
	int row;

	for (row = 0; t && row < t->rows; row++)
		count += !!strstr(cell(t, row, "name"), mark);
	table_free(t);
	return count;
}

static void live_apart(void *arg)
{
	const char *dir = arg;
	char path[64];
	int fd;

	if (own_mounts() || unshare(CLONE_NEWIPC))
		_exit(1);
	if (*dir) {
		/* As a container: the root is a tmpfs of its own. */
		if (mount("root", "/mnt", "tmpfs", 0, NULL) ||
		    mkdir("/mnt/dev", 0755) || mkdir("/mnt/dev/shm", 0755) ||
		    chroot("/mnt"))
			_exit(1);
	}
	if (mount("shm", "/dev/shm", "tmpfs", 0, NULL))
		_exit(1);
	snprintf(path, sizeof(path), "/dev/shm/apart-%d", getpid());
	fd = open(path, O_CREAT | O_RDWR, 0600);
	if (write(fd, "x", 1) != 1 || shmget(0x4c45414b, 8192, IPC_CREAT | 0600) < 0)
		_exit(1);
}

/* The mounts and the segments go with the namespaces, and these with them. */
TEST_F(leaks, namespaces)
{
	pid_t pid[20];
	int i;

	for (i = 0; i < 20; i++) {
		pid[i] = start_child(live_apart, i % 2 ? "/mnt" : "");
		ASSERT_LT(0, pid[i]);
	}
	EXPECT_EQ(20, count_names("/apart-"));
	EXPECT_EQ(20, count_names("SYSV4c45414b"));
	read_everything(_metadata);
	for (i = 0; i < 20; i++)
		stop_child(pid[i]);
	EXPECT_EQ(0, settled(count_names, "/apart-", 0));
	EXPECT_EQ(0, settled(count_names, "SYSV4c45414b", 0));
}

static long count_devices(const void *arg)
{
	struct table *t = table_read("superblocks");
	long count = 0;
	int row = -1;

	while ((row = row_with(t, row + 1, "options", arg)) >= 0)
		count++;
	table_free(t);
	return count;
}

/* The row of a file system goes with its last mount. */
TEST_F(leaks, superblocks)
{
	const char *dir = own_tmpfs("size=1228800,nr_inodes=4711");
	struct table *t = table_read("superblocks");
	char options[256] = "";
	int row;

	ASSERT_NE(NULL, dir);
	for (row = 0; row < t->rows; row++)
		if (strstr(cell(t, row, "options"), "nr_inodes=4711"))
			snprintf(options, sizeof(options), "%s",
				 cell(t, row, "options"));
	table_free(t);
	ASSERT_STRNE("", options);
	read_everything(_metadata);
	EXPECT_EQ(1, count_devices(options));
	ASSERT_EQ(0, umount(dir));
	EXPECT_EQ(0, settled(count_devices, options, 0));
}

/*
 * KASAN delays frees in a quarantine of up to 1/32 of RAM, which SUnreclaim
 * counts. Shrinking a cache takes its objects out of it.
 */
static void drain_quarantine(void)
{
	DIR *caches = opendir("/sys/kernel/slab");
	struct dirent *entry;
	char path[512];

	while (caches && (entry = readdir(caches))) {
		/* Links are merged caches, which stand here as well. */
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink",
			 entry->d_name);
		write_file(path, "1");
	}
	if (caches)
		closedir(caches);
}

static long unreclaimable(const void *arg)
{
	(void)arg;
	drain_quarantine();
	return meminfo("SUnreclaim") + meminfo("VmallocUsed");
}

#define OBJECTS		5000
#define READS		30

/* What a read took: each takes some MB here, and all of it is given back. */
TEST_F_TIMEOUT(leaks, memory, 120)
{
	int fd = memfd_create("one of many", 0), i;
	const char *dir = own_tmpfs("nr_inodes=0");
	long before, after;
	char path[128];

	ASSERT_LE(0, fd);
	ASSERT_NE(NULL, dir);
	for (i = 0; i < OBJECTS; i++) {
		snprintf(path, sizeof(path), "%s/%d", dir, i);
		close(open(path, O_CREAT | O_RDWR, 0600));
	}
	read_everything(_metadata);
	read_everything(_metadata);
	before = unreclaimable(NULL);
	for (i = 0; i < READS; i++)
		read_everything(_metadata);
	/* The system's own come and go by some hundreds of kB. */
	after = settled(unreclaimable, NULL, before + 4096);
	TH_LOG("%ld kB before, %ld kB after", before, after);
	EXPECT_GE(before + 4096, after);
}

#define MANY		40000

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

#define KILLS		9

/*
 * A reader that is killed among very many objects ends then, not when it is
 * through: of those killed after a fifth to three fifths of a whole read, half
 * end within a quarter more. If it went on, none would.
 */
TEST_F_TIMEOUT(leaks, killed_readers_end, 120)
{
	const char *dir = own_tmpfs("nr_inodes=0");
	double whole, from, took[KILLS];
	char path[128], byte;
	int i, fd;
	pid_t pid;

	ASSERT_NE(NULL, dir);
	for (i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), "%s/%d", dir, i);
		fd = open(path, O_CREAT | O_RDWR, 0600);
		ASSERT_LE(0, fd);
		close(fd);
	}
	fd = open(PROC "objects", O_RDONLY);
	/* One byte needs the whole scan. */
	from = now();
	ASSERT_EQ(1, read(fd, &byte, 1));
	whole = now() - from;
	for (i = 0; i < KILLS; i++) {
		pid = fork_child();
		if (!pid) {
			for (;;) {
				lseek(fd, 0, SEEK_SET);
				(void)!read(fd, &byte, 1);
			}
		}
		usleep(whole * 1e6 * (1 + i % 3) / 5);
		from = now();
		kill(pid, SIGKILL);
		ASSERT_EQ(pid, waitpid(pid, NULL, 0));
		took[i] = now() - from;
	}
	qsort(took, KILLS, sizeof(took[0]), ascending);
	TH_LOG("a whole read takes %.3f s, a killed reader %.3f s, at most %.3f s",
	       whole, took[KILLS / 2], took[KILLS - 1]);
	EXPECT_GT(whole / 4, took[KILLS / 2]);
}

TEST_HARNESS_MAIN

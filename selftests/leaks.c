// SPDX-License-Identifier: GPL-2.0
/*
 * Reads leave nothing behind: a reference that they keep would keep a task, a
 * mount, a namespace or memory for ever.
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/process.h"
#include "helpers/table.h"

/* The harness has time limits only for tests of a fixture. */
FIXTURE(leaks) {
};

FIXTURE_SETUP(leaks)
{
}

FIXTURE_TEARDOWN(leaks)
{
}

#define PROCESSES	300

static void read_everything(struct __test_metadata *_metadata)
{
	struct files files = plain_files();
	int i;

	for (i = 0; i < files.count; i++)
		EXPECT_EQ(0, skip_file(files.path[i]));
}

/* Objects in use of a slab cache, without those that only wait on a CPU. */
static long in_use(const char *cache)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache);
	write_file(path, "1");
	return figure("/proc/slabinfo", cache);
}

/* Seconds for what the kernel frees later. */
#define SETTLE	10

TEST_F(leaks, processes)
{
	static const char * const caches[] = { "task_struct", "mm_struct" };
	pid_t *pid = calloc(PROCESSES, sizeof(*pid));
	int fd = memfd_create("held by many", 0), i;
	long before[2];

	ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	read_everything(_metadata);
	for (i = 0; i < 2; i++)
		before[i] = in_use(caches[i]);
	if (before[0] < 0)
		SKIP(return, "no counts of slabs in this kernel");
	ASSERT_EQ(PROCESSES, start_sleepers(pid, PROCESSES));
	EXPECT_LE(before[0] + PROCESSES, in_use(caches[0]));
	read_everything(_metadata);
	stop_children(pid, PROCESSES);
	for (i = 0; i < 2; i++) {
		EXPECT_TRUE(wait_until(in_use(caches[i]) <=
				       before[i] + PROCESSES / 10, SETTLE)) {
			TH_LOG("%s: %ld before, %ld after", caches[i],
			       before[i], in_use(caches[i]));
		}
	}
	free(pid);
}

/* How many objects have this in their name. */
static int count_names(const char *part)
{
	struct table *t = table_read("objects");
	int row, count = 0;

	for (row = 0; t && row < t->rows; row++)
		count += !!strstr(cell(t, row, "name"), part);
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
		/* As in a container: the root is a tmpfs of its own. */
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

/* Namespaces that have ended are freed, and their mounts and segments as well. */
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
	stop_children(pid, 20);
	EXPECT_TRUE(wait_until(!count_names("/apart-"), SETTLE));
	EXPECT_TRUE(wait_until(!count_names("SYSV4c45414b"), SETTLE));
}

static int count_mounts_with(const char *options)
{
	struct table *t = table_read("superblocks");
	int count = count_with(t, "options", options);

	table_free(t);
	return count;
}

/* A file system is freed with its last mount, and then has no row. */
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
	EXPECT_EQ(1, count_mounts_with(options));
	ASSERT_EQ(0, umount(dir));
	EXPECT_TRUE(wait_until(!count_mounts_with(options), SETTLE));
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
		/* Links are other names of caches that are listed as well. */
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink",
			 entry->d_name);
		write_file(path, "1");
	}
	if (caches)
		closedir(caches);
}

static long unreclaimable(void)
{
	drain_quarantine();
	return meminfo("SUnreclaim") + meminfo("VmallocUsed");
}

#define OBJECTS		5000
#define READS		30

/* Each read takes some MB here, and gives all of it back. */
TEST_F_TIMEOUT(leaks, memory, 120)
{
	const char *dir = own_tmpfs("nr_inodes=0");
	long before, after;
	int i;

	ASSERT_LE(0, memfd_create("held by a descriptor", 0));
	ASSERT_NE(NULL, dir);
	ASSERT_EQ(OBJECTS, make_files(dir, OBJECTS));
	read_everything(_metadata);
	read_everything(_metadata);
	before = unreclaimable();
	for (i = 0; i < READS; i++)
		read_everything(_metadata);
	/* The rest of the system changes it by some hundreds of kB. */
	wait_until((after = unreclaimable()) <= before + 4096, SETTLE);
	TH_LOG("%ld kB before, %ld kB after", before, after);
	EXPECT_GE(before + 4096, after);
}

/* kB that the kernel cannot reclaim, page tables included. */
static long kept(void)
{
	write_file("/proc/sys/vm/drop_caches", "2");
	return unreclaimable() + meminfo("PageTables");
}

TEST_F_TIMEOUT(leaks, opened_ten_thousand_times, 200)
{
	struct files files = plain_files();
	int opens = debug_kernel() ? 1000 : 10000, i, fd;
	int references = module_references();
	long kb = 0;
	char byte;

	make_one_of_each();
	for (i = 0; i < opens; i++) {
		/* Once what is allocated only once is there. */
		if (i == 100)
			kb = kept();
		fd = open(files.path[i % files.count], O_RDONLY);
		ASSERT_LE(0, fd);
		if (i % 10 < 3)
			ASSERT_EQ(1, read(fd, &byte, 1));
		close(fd);
	}
	/* 1 kB for each would be 10,000. */
	EXPECT_GT(2000, kept() - kb);
	EXPECT_EQ(references, module_references());
}

#define MANY		40000

#define KILLS		9

/*
 * A reader that is killed in the walk of very many objects ends then, not at the
 * end of the walk. They are killed after a fifth to three fifths of the time of a
 * whole read, and half of them have to end within a quarter more: if the walk
 * went on to its end, none would.
 */
TEST_F_TIMEOUT(leaks, killed_readers_end, 120)
{
	const char *dir = own_tmpfs("nr_inodes=0");
	double whole, from, half, took[KILLS];
	char byte;
	int i, fd;
	pid_t pid;

	ASSERT_NE(NULL, dir);
	ASSERT_EQ(MANY, make_files(dir, MANY));
	fd = open(PROC "objects", O_RDONLY);
	/* One byte needs the whole walk. */
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
	half = median(took, KILLS);
	TH_LOG("a whole read takes %.3f s, a killed reader %.3f s, at most %.3f s",
	       whole, half, took[KILLS - 1]);
	EXPECT_GT(whole / 4, half);
}

TEST_HARNESS_MAIN

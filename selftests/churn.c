// SPDX-License-Identifier: GPL-2.0
/*
 * Objects that come and go while they are read, and very many of them.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers/table.h"

#define SECONDS	5

static void make_memfds(void)
{
	int fd = memfd_create("churn", 0);
	char *p;

	if (ftruncate(fd, 1 << 20))
		abort();
	p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset(p, 1, 1 << 18);
	if (ftruncate(fd, 4096))
		abort();
	munmap(p, 1 << 20);
	close(fd);
}

static void make_segments(void)
{
	int shmid = shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600);
	char *p = shmat(shmid, NULL, 0);

	p[0] = 1;
	shmctl(shmid, IPC_RMID, NULL);
	shmdt(p);
}

static void make_files(void)
{
	char from[64], to[64];
	int fd;

	snprintf(from, sizeof(from), "/dev/shm/from-%d", getpid());
	snprintf(to, sizeof(to), "/dev/shm/to-%d", getpid());
	fd = open(from, O_CREAT | O_RDWR, 0600);
	if (write(fd, "x", 1) != 1 || rename(from, to) || unlink(to))
		abort();
	close(fd);
}

/* Unmounted while a file on it is open, and while it is read about. */
static void make_mounts(void)
{
	char path[128];
	int fd;

	if (mount("churn", "/mnt", "tmpfs", 0, NULL))
		abort();
	snprintf(path, sizeof(path), "/mnt/file");
	fd = open(path, O_CREAT | O_RDWR, 0600);
	if (write(fd, "x", 1) != 1 || umount2("/mnt", MNT_DETACH))
		abort();
	close(fd);
	if (mount("churn", "/mnt", "tmpfs", 0, NULL) || umount("/mnt"))
		abort();
}

static void make_namespaces(void)
{
	pid_t pid = fork();

	if (!pid) {
		if (unshare(CLONE_NEWIPC | CLONE_NEWNS))
			_exit(1);
		make_segments();
		shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static const char * const tables[] = {
	"summary", "objects", "superblocks", "pages", "maps", "holders",
	"cgroups", "sysv",
};

/* Every table stays whole: table_read() refuses a row that is not. */
static void read_tables(struct __test_metadata *_metadata)
{
	time_t end = time(NULL) + SECONDS;
	struct table *t;
	int i, count = 0;

	while (time(NULL) < end) {
		for (i = 0; i < 8; i++) {
			t = table_read(tables[i]);
			ASSERT_NE(NULL, t);
			table_free(t);
		}
		free(read_file(REPORT));
		count++;
	}
	TH_LOG("read %d times", count);
}

FIXTURE(churn)
{
	char *refcnt;
	pid_t pid[2];
};

FIXTURE_VARIANT(churn)
{
	void (*fn)(void);
};

FIXTURE_VARIANT_ADD(churn, memfds)
{
	.fn = make_memfds,
};

FIXTURE_VARIANT_ADD(churn, segments)
{
	.fn = make_segments,
};

FIXTURE_VARIANT_ADD(churn, files)
{
	.fn = make_files,
};

FIXTURE_VARIANT_ADD(churn, mounts)
{
	.fn = make_mounts,
};

FIXTURE_VARIANT_ADD(churn, namespaces)
{
	.fn = make_namespaces,
};

FIXTURE_SETUP(churn)
{
	int i;

	self->refcnt = read_file("/sys/module/shmstat/refcnt");
	for (i = 0; i < 2; i++) {
		self->pid[i] = fork();
		if (self->pid[i])
			continue;
		if (own_mounts())
			_exit(1);
		for (;;)
			variant->fn();
	}
}

FIXTURE_TEARDOWN(churn)
{
	char *now;
	int i;

	for (i = 0; i < 2; i++)
		stop_child(self->pid[i]);
	now = read_file("/sys/module/shmstat/refcnt");
	EXPECT_STREQ(self->refcnt, now);
	free(now);
	free(self->refcnt);
}

TEST_F(churn, while_it_is_read)
{
	int i;

	read_tables(_metadata);
	/* They are still at it: nothing of ours made them fail. */
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, waitpid(self->pid[i], NULL, WNOHANG));
}

#define MANY	20000

TEST(twenty_thousand_objects)
{
	const char *dir = own_tmpfs("nr_inodes=0");
	unsigned long long resident = 0, shmem = 1;
	char *seen = calloc(1, MANY);
	char path[128], prefix[32];
	struct table *t = NULL;
	struct stat st;
	int i, fd, row, try, count = 0;

	ASSERT_NE(NULL, dir);
	for (i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), "%s/%d", dir, i);
		fd = open(path, O_CREAT | O_RDWR, 0600);
		ASSERT_LE(0, fd);
		if (i % 4 == 0)
			ASSERT_EQ(1, pwrite(fd, "x", 1, 0));
		close(fd);
	}
	ASSERT_EQ(0, stat(dir, &st));
	snprintf(prefix, sizeof(prefix), "%u:%u:", major(st.st_dev),
		 minor(st.st_dev));
	for (try = 0; try < 10 && resident != shmem; try++) {
		table_free(t);
		t = table_read("objects");
		shmem = meminfo("Shmem") << 10;
		resident = table_sum(t, "resident");
	}
	EXPECT_EQ(shmem, resident);
	for (row = 0; row < t->rows; row++) {
		if (strncmp(prefix, cell(t, row, "id"), strlen(prefix)))
			continue;
		i = atoi(cell(t, row, "name") + 1);
		ASSERT_GT(MANY, i);
		EXPECT_EQ(0, seen[i]++);
		EXPECT_EQ(i % 4 ? 0 : 4096, number(t, row, "resident"));
		count++;
	}
	EXPECT_EQ(MANY, count);
	table_free(t);
	free(seen);
}

/* Inodes in use, as df -i says; the tmpfs has room for as many as it likes. */
static unsigned long inodes_of(const char *dir)
{
	struct statvfs st;

	return statvfs(dir, &st) ? 0 : st.f_files - st.f_ffree;
}

/* Removed from under a reader that has begun: it ends well all the same. */
TEST(unlinked_while_they_are_read)
{
	const char *dir = own_tmpfs(NULL);
	char path[128];
	struct table *t;
	pid_t pid;
	int i;

	ASSERT_NE(NULL, dir);
	pid = fork();
	if (!pid) {
		for (;;) {
			for (i = 0; i < 500; i++) {
				snprintf(path, sizeof(path), "%s/%d", dir, i);
				close(open(path, O_CREAT | O_RDWR, 0600));
			}
			for (i = 0; i < 500; i++) {
				snprintf(path, sizeof(path), "%s/%d", dir, i);
				unlink(path);
			}
		}
	}
	for (i = 0; i < 100; i++) {
		t = table_read("objects");
		ASSERT_NE(NULL, t);
		table_free(t);
	}
	stop_child(pid);
	for (i = 0; i < 500; i++) {
		snprintf(path, sizeof(path), "%s/%d", dir, i);
		unlink(path);
	}
	/* No reference was left behind: the root alone is in use. */
	EXPECT_EQ(1, inodes_of(dir));
	EXPECT_EQ(0, umount(dir));
}

TEST_HARNESS_MAIN

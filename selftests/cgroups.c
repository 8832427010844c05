// SPDX-License-Identifier: GPL-2.0
/*
 * Who pays, against memory.stat and stat(2) of the cgroup.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers/table.h"

#define ROOT	"/sys/fs/cgroup"
#define MB	(1UL << 20)

FIXTURE(cgroups)
{
	struct table *t;
	char dir[64];
	char id[80];
	int fd;
};

FIXTURE_SETUP(cgroups)
{
	self->t = NULL;
	if (write_file(ROOT "/cgroup.subtree_control", "+memory"))
		SKIP(return, "no memory controller at " ROOT);
	snprintf(self->dir, sizeof(self->dir), ROOT "/shmstat test %d",
		 getpid());
	ASSERT_EQ(0, mkdir(self->dir, 0755));
	self->fd = memfd_create("paid for", 0);
	ASSERT_EQ(0, ftruncate(self->fd, 8 * MB));
	id_of_fd(self->fd, self->id);
}

FIXTURE_TEARDOWN(cgroups)
{
	table_free(self->t);
	rmdir(self->dir);
}

/* A child of the cgroup writes to the memfd, and so its cgroup pays. */
static void write_in(const char *dir, int fd, size_t from, size_t len)
{
	char path[128], *block = calloc(1, len);
	int status;
	pid_t pid = fork();

	if (!pid) {
		snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
		if (write_file(path, "0") ||
		    pwrite(fd, block, len, from) != len)
			_exit(1);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	free(block);
	if (status)
		abort();
}

static unsigned long long memory_stat(const char *dir, const char *field)
{
	unsigned long long value = 0;
	char path[128], *text, *line, key[32];

	snprintf(path, sizeof(path), "%s/memory.stat", dir);
	text = read_file(path);
	snprintf(key, sizeof(key), "\n%s ", field);
	line = text ? strstr(text, key) : NULL;
	if (line)
		value = strtoull(line + strlen(key), NULL, 10);
	free(text);
	return value;
}

/* The row of this object and cgroup; -1 if there is none. */
static int find(FIXTURE_DATA(cgroups) *self, unsigned long long ino)
{
	int row = -1;

	table_free(self->t);
	self->t = table_read("cgroups");
	while ((row = row_with(self->t, row + 1, "id", self->id)) >= 0)
		if (strcmp("-", cell(self->t, row, "cgroup")) &&
		    number(self->t, row, "cgroup") == ino)
			return row;
	return -1;
}

/* To cgroups within it, which have to have no process beside them. */
static void pass_memory_on(struct __test_metadata *_metadata,
			   FIXTURE_DATA(cgroups) *self)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", self->dir);
	ASSERT_EQ(0, write_file(path, "+memory"));
}

TEST_F(cgroups, one_that_pays)
{
	struct utsname uts;
	char path[128];
	struct stat st;
	int row;

	write_in(self->dir, self->fd, 0, 3 * MB);
	ASSERT_EQ(0, stat(self->dir, &st));
	row = find(self, st.st_ino);
	ASSERT_LE(0, row);
	EXPECT_EQ(3 * MB, number(self->t, row, "resident"));
	/* Before, CPUs kept some of it to themselves. */
	if (!uname(&uts) && atoi(uts.release) >= 6)
		EXPECT_EQ(memory_stat(self->dir, "shmem"),
			  number(self->t, row, "resident"));
	snprintf(path, sizeof(path), "/shmstat\\040test\\040%d",
		 atoi(strrchr(self->dir, ' ')));
	EXPECT_STREQ(path, cell(self->t, row, "path"));
}

TEST_F(cgroups, two_that_share)
{
	unsigned long long paid = 0;
	char other[80];
	struct stat st;
	int row;

	snprintf(other, sizeof(other), "%s/sub", self->dir);
	ASSERT_EQ(0, mkdir(other, 0755));
	pass_memory_on(_metadata, self);
	write_in(other, self->fd, 0, 3 * MB);
	write_in(ROOT, self->fd, 3 * MB, 2 * MB);
	/* Whoever touches a page first pays for it. */
	write_in(ROOT, self->fd, 0, 3 * MB);

	ASSERT_EQ(0, stat(other, &st));
	row = find(self, st.st_ino);
	ASSERT_LE(0, row);
	EXPECT_EQ(3 * MB, number(self->t, row, "resident"));
	for (row = 0; row < self->t->rows; row++)
		if (!strcmp(self->id, cell(self->t, row, "id")))
			paid += number(self->t, row, "resident");
	EXPECT_EQ(5 * MB, paid);
	rmdir(other);
}

TEST_F(cgroups, removed_ones_are_named_as_such)
{
	const char *path;
	struct stat st;
	int row;

	write_in(self->dir, self->fd, 0, 2 * MB);
	ASSERT_EQ(0, stat(self->dir, &st));
	ASSERT_EQ(0, rmdir(self->dir));
	row = find(self, st.st_ino);
	/* v7.0 and later charge the parent of a cgroup that is removed. */
	if (row < 0)
		SKIP(return, "this kernel hands the pages on to the parent");
	EXPECT_EQ(2 * MB, number(self->t, row, "resident"));
	path = cell(self->t, row, "path");
	EXPECT_NE(NULL, strstr(path, "\\040(deleted)"));
}

TEST_F(cgroups, add_up_to_objects)
{
	unsigned long long objects = 0, cgroups = 1;
	struct table *t;
	int i, row;

	write_in(self->dir, self->fd, 0, MB);
	for (i = 0; i < 10 && objects != cgroups; i++) {
		t = table_read("objects");
		objects = table_sum(t, "resident");
		table_free(t);
		t = table_read("cgroups");
		cgroups = table_sum(t, "resident");
		for (row = 0; row < t->rows; row++)
			EXPECT_NE(0, number(t, row, "resident"));
		table_free(t);
	}
	EXPECT_EQ(objects, cgroups);
}

TEST_F(cgroups, many_for_one_object)
{
	char sub[96];
	int i, row, count = 0;

	pass_memory_on(_metadata, self);
	ASSERT_EQ(0, ftruncate(self->fd, 100 * 4096));
	for (i = 0; i < 100; i++) {
		snprintf(sub, sizeof(sub), "%s/%d", self->dir, i);
		ASSERT_EQ(0, mkdir(sub, 0755));
		write_in(sub, self->fd, i * 4096, 4096);
	}
	find(self, 0);
	for (row = 0; row < self->t->rows; row++)
		if (!strcmp(self->id, cell(self->t, row, "id"))) {
			EXPECT_EQ(4096, number(self->t, row, "resident"));
			count++;
		}
	EXPECT_EQ(100, count);
	for (i = 0; i < 100; i++) {
		snprintf(sub, sizeof(sub), "%s/%d", self->dir, i);
		rmdir(sub);
	}
}

/* A child of the cgroup takes a snapshot; its wait status. */
static int read_in(const char *dir)
{
	char path[128], byte;
	int status;
	pid_t pid = fork();

	if (!pid) {
		snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
		if (write_file(path, "0"))
			_exit(2);
		_exit(read(open(PROC "objects", O_RDONLY), &byte, 1) != 1);
	}
	waitpid(pid, &status, 0);
	return status;
}

/* One that runs out of memory over the table does so at its own cost. */
TEST_F(cgroups, reader_pays_for_its_snapshot)
{
	struct rlimit limit = { 30000, 30000 };
	char path[128];
	int i, status;

	/* Some 2 MB of snapshot. */
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	for (i = 0; i < 20000; i++)
		ASSERT_LE(0, memfd_create("an object with quite a name", 0));
	EXPECT_EQ(0, read_in(self->dir));
	snprintf(path, sizeof(path), "%s/memory.max", self->dir);
	ASSERT_EQ(0, write_file(path, "1M"));
	snprintf(path, sizeof(path), "%s/memory.swap.max", self->dir);
	write_file(path, "0");
	/* ENOMEM or killed, as the kernel sees fit, but not served. */
	status = read_in(self->dir);
	EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 1);
	/* And everybody else is. */
	self->t = table_read("objects");
	ASSERT_NE(NULL, self->t);
	EXPECT_LT(20000, self->t->rows);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * Which cgroup is charged, against memory.stat and stat(2) of the cgroup, and
 * readers in cgroups with too little memory for a table.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/page.h"
#include "helpers/process.h"
#include "helpers/table.h"

#define ROOT	"/sys/fs/cgroup"
#define MB	(1UL << 20)

FIXTURE(cgroups)
{
	struct table *t;
	char dir[64];
	char id[ID_SIZE];
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

/* A child in the cgroup writes to the memfd, so that the cgroup is charged. */
static void write_in(const char *dir, int fd, size_t from, size_t len)
{
	char *block = calloc(1, len);
	int status;
	pid_t pid = fork_child();

	if (!pid)
		_exit(enter_cgroup(dir) || pwrite(fd, block, len, from) != len);
	waitpid(pid, &status, 0);
	free(block);
	if (status)
		abort();
}

/* The row of this object and cgroup; -1 if there is none. */
static int find(FIXTURE_DATA(cgroups) *self, unsigned long long ino)
{
	int row;

	table_free(self->t);
	self->t = table_read("cgroups");
	for_each_row_with(row, self->t, "id", self->id)
		if (strcmp("-", cell(self->t, row, "cgroup")) &&
		    number(self->t, row, "cgroup") == ino)
			return row;
	return -1;
}

/* Lets cgroups below it have the memory controller. */
static void delegate_memory(struct __test_metadata *_metadata,
			    FIXTURE_DATA(cgroups) *self)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", self->dir);
	ASSERT_EQ(0, write_file(path, "+memory"));
}

TEST_F(cgroups, one_that_is_charged)
{
	char path[128];
	struct stat st;
	int row;

	write_in(self->dir, self->fd, 0, 3 * MB);
	ASSERT_EQ(0, stat(self->dir, &st));
	row = find(self, st.st_ino);
	ASSERT_LE(0, row);
	EXPECT_EQ(3 * MB, number(self->t, row, "resident"));
	/* Before v6.0 memory.stat lacks what each CPU has not added yet. */
	if (kernel_since(6, 0)) {
		snprintf(path, sizeof(path), "%s/memory.stat", self->dir);
		EXPECT_EQ(figure(path, "shmem"),
			  number(self->t, row, "resident"));
	}
	snprintf(path, sizeof(path), "/shmstat\\040test\\040%d",
		 atoi(strrchr(self->dir, ' ')));
	EXPECT_STREQ(path, cell(self->t, row, "path"));
}

/* A huge page is charged as a whole, and to one, whoever writes to the rest of it. */
TEST_F(cgroups, huge_pages)
{
	char path[128], was[MAX_ENABLED];
	struct stat st;
	int row;

	if (set_shmem_enabled("force", was))
		SKIP(return, "shmem_enabled cannot be forced");
	write_in(self->dir, self->fd, 0, 1);
	write_in(self->dir, self->fd, 4 * MB, 1);
	write_in(ROOT, self->fd, 0, 3 * MB);
	set_shmem_enabled(was, NULL);

	ASSERT_EQ(0, stat(self->dir, &st));
	row = find(self, st.st_ino);
	ASSERT_LE(0, row);
	EXPECT_EQ(4 * MB, number(self->t, row, "resident"));
	if (kernel_since(6, 0)) {
		snprintf(path, sizeof(path), "%s/memory.stat", self->dir);
		EXPECT_EQ(figure(path, "shmem"),
			  number(self->t, row, "resident"));
		EXPECT_EQ(figure(path, "shmem_thp"),
			  number(self->t, row, "resident"));
	}
	EXPECT_EQ(6 * MB, sum_with(self->t, "resident", "id", self->id));
}

/* What is in swap is charged to nobody here, and is not resident. */
TEST_F(cgroups, swapped)
{
	unsigned long long swapped;
	char path[128], *p;
	struct stat st;
	size_t at;
	int row;

	if (need_swap())
		SKIP(return, "no swap: this kernel has no zram");
	write_in(self->dir, self->fd, 0, 8 * MB);
	p = mmap(NULL, 8 * MB, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	/* Only what is mapped is written out. */
	for (at = 0; at < 8 * MB; at += 4096)
		(void)*(volatile char *)(p + at);
	ASSERT_EQ(0, madvise(p, 5 * MB, MADV_PAGEOUT));
	swapped = smaps(p, "Swap");
	ASSERT_LT(0, swapped);
	ASSERT_EQ(0, stat(self->dir, &st));
	row = find(self, st.st_ino);
	ASSERT_LE(0, row);
	EXPECT_EQ(8 * MB - swapped, number(self->t, row, "resident"));
	if (kernel_since(6, 0)) {
		snprintf(path, sizeof(path), "%s/memory.stat", self->dir);
		EXPECT_EQ(figure(path, "shmem"),
			  number(self->t, row, "resident"));
	}
}

/* Each object has a row of its own. */
TEST_F(cgroups, charged_for_two_objects)
{
	int other = memfd_create("paid for, too", 0), row;
	char id[ID_SIZE], path[128];
	struct stat st;

	write_in(self->dir, self->fd, 0, 3 * MB);
	write_in(self->dir, other, 0, 2 * MB);
	id_of_fd(other, id);
	ASSERT_EQ(0, stat(self->dir, &st));
	row = find(self, st.st_ino);
	ASSERT_LE(0, row);
	EXPECT_EQ(3 * MB, number(self->t, row, "resident"));
	EXPECT_EQ(1, count_with(self->t, "id", id));
	row = row_with(self->t, 0, "id", id);
	ASSERT_LE(0, row);
	EXPECT_EQ(st.st_ino, number(self->t, row, "cgroup"));
	EXPECT_EQ(2 * MB, number(self->t, row, "resident"));
	if (kernel_since(6, 0)) {
		snprintf(path, sizeof(path), "%s/memory.stat", self->dir);
		EXPECT_EQ(5 * MB, figure(path, "shmem"));
	}
}

TEST_F(cgroups, two_that_share)
{
	char other[80];
	struct stat st;
	int row;

	snprintf(other, sizeof(other), "%s/sub", self->dir);
	ASSERT_EQ(0, mkdir(other, 0755));
	delegate_memory(_metadata, self);
	write_in(other, self->fd, 0, 3 * MB);
	write_in(ROOT, self->fd, 3 * MB, 2 * MB);
	/* The cgroup that touches a page first is charged for it. */
	write_in(ROOT, self->fd, 0, 3 * MB);

	ASSERT_EQ(0, stat(other, &st));
	row = find(self, st.st_ino);
	ASSERT_LE(0, row);
	EXPECT_EQ(3 * MB, number(self->t, row, "resident"));
	EXPECT_EQ(5 * MB, sum_with(self->t, "resident", "id", self->id));
	rmdir(other);
}

TEST_F(cgroups, removed_ones_are_marked)
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
		SKIP(return, "this kernel charges the parent of a removed cgroup");
	EXPECT_EQ(2 * MB, number(self->t, row, "resident"));
	path = cell(self->t, row, "path");
	EXPECT_NE(NULL, strstr(path, "\\040(deleted)"));
}

TEST_F(cgroups, add_up_to_shmem)
{
	unsigned long long shmem = 0, cgroups = 1;
	struct table *t;
	int i, row;

	write_in(self->dir, self->fd, 0, MB);
	for (i = 0; i < 10 && shmem != cgroups; i++) {
		shmem = meminfo("Shmem") << 10;
		t = table_read("cgroups");
		cgroups = table_sum(t, "resident");
		for (row = 0; row < t->rows; row++)
			EXPECT_NE(0, number(t, row, "resident"));
		table_free(t);
	}
	EXPECT_EQ(shmem, cgroups);
}

TEST_F(cgroups, many_for_one_object)
{
	char sub[96];
	int i, row;

	delegate_memory(_metadata, self);
	ASSERT_EQ(0, ftruncate(self->fd, 100 * 4096));
	for (i = 0; i < 100; i++) {
		snprintf(sub, sizeof(sub), "%s/%d", self->dir, i);
		ASSERT_EQ(0, mkdir(sub, 0755));
		write_in(sub, self->fd, i * 4096, 4096);
	}
	find(self, 0);
	for_each_row_with(row, self->t, "id", self->id)
		EXPECT_EQ(4096, number(self->t, row, "resident"));
	EXPECT_EQ(100, count_with(self->t, "id", self->id));
	for (i = 0; i < 100; i++) {
		snprintf(sub, sizeof(sub), "%s/%d", self->dir, i);
		rmdir(sub);
	}
}

/* A process in the cgroup with this limit reads a file to its end. */
struct limited_read {
	const char *cgroup;
	const char *limit;
	const char *file;
};

/* The exit status: 0, 1 for ENOMEM, 2 for another errno, 3 for no such limit. */
static int read_within(const void *arg)
{
	const struct limited_read *how = arg;
	char path[160];
	int err;

	snprintf(path, sizeof(path), "%s/memory.max", how->cgroup);
	if (write_file(path, how->limit) || enter_cgroup(how->cgroup))
		return 3;
	snprintf(path, sizeof(path), "%s/memory.swap.max", how->cgroup);
	write_file(path, strcmp(how->limit, "max") ? "0" : "max");
	err = skip_file(how->file);
	return err ? err == ENOMEM ? 1 : 2 : 0;
}

static int read_in(const char *cgroup, const char *limit, const char *file)
{
	struct limited_read how = { cgroup, limit, file };

	return run_child(read_within, &how);
}

/* A reader's cgroup is charged for its snapshot, and fails alone. */
TEST_F(cgroups, reader_is_charged_for_its_snapshot)
{
	int status;

	/* Some 2 MB of snapshot. */
	ASSERT_EQ(20000, make_memfds(20000, "an object with quite a name"));
	EXPECT_EQ(0, read_in(self->dir, "max", PROC "objects"));
	/* ENOMEM or killed, as the kernel decides, but not served. */
	status = read_in(self->dir, "1M", PROC "objects");
	EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 1);
	/* Readers elsewhere are served. */
	self->t = table_read("objects");
	ASSERT_NE(NULL, self->t);
	EXPECT_LT(20000, self->t->rows);
}

#define MILLION	1000000

TEST_F_TIMEOUT(cgroups, million_objects_in_a_small_cgroup, 280)
{
	const char *root;
	struct table *t;
	int status;

	if (debug_kernel())
		SKIP(return, "a debug kernel takes many minutes for it");
	if (meminfo("MemAvailable") < 2400000)
		SKIP(return, "a million inodes need 2.4 GB of memory");
	root = own_tmpfs("nr_inodes=0,size=10m");
	ASSERT_NE(NULL, root);
	ASSERT_EQ(MILLION, make_files(root, MILLION));
	/* Some 100 MB of snapshot: ENOMEM, and no process is killed for it. */
	status = read_in(self->dir, "32M", PROC "objects");
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	/* The report needs 32 bytes an object. */
	EXPECT_EQ(0, read_in(self->dir, "32M", REPORT));
	/* Readers elsewhere, and in the same cgroup with enough, are served. */
	t = table_read("summary");
	ASSERT_NE(NULL, t);
	EXPECT_LE(MILLION, number(t, row_with(t, 0, "kind", "total"), "objects"));
	table_free(t);
	EXPECT_EQ(0, read_in(self->dir, "max", PROC "objects"));
	EXPECT_EQ(0, rmdir(self->dir));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * Objects that are made and removed while they are read, and very many of them.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/process.h"
#include "helpers/table.h"

#define SECONDS	5

static void churn_memfds(void)
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

static void churn_segments(void)
{
	int shmid = shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600);
	char *p = shmat(shmid, NULL, 0);

	p[0] = 1;
	shmctl(shmid, IPC_RMID, NULL);
	shmdt(p);
}

static void churn_files(void)
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

/* Unmounted while a file on it is open, and while readers walk it. */
static void churn_mounts(void)
{
	int fd;

	if (mount("churn", "/mnt", "tmpfs", 0, NULL))
		abort();
	fd = open("/mnt/file", O_CREAT | O_RDWR, 0600);
	if (write(fd, "x", 1) != 1 || umount2("/mnt", MNT_DETACH))
		abort();
	close(fd);
	if (mount("churn", "/mnt", "tmpfs", 0, NULL) || umount("/mnt"))
		abort();
}

static void churn_namespaces(void)
{
	pid_t pid = fork_child();

	if (!pid) {
		if (unshare(CLONE_NEWIPC | CLONE_NEWNS))
			_exit(1);
		churn_segments();
		shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

/* Every row of every table is whole: table_parse() refuses others. */
static void read_tables(struct __test_metadata *_metadata)
{
	struct files files = plain_tables();
	double end = now() + SECONDS;
	struct table *t;
	int i, count = 0;

	while (now() < end) {
		for (i = 0; i < files.count; i++) {
			t = table_read(name_of(files.path[i]));
			ASSERT_NE(NULL, t);
			table_free(t);
		}
		EXPECT_EQ(0, skip_file(REPORT));
		count++;
	}
	TH_LOG("read %d times", count);
}

FIXTURE(churn)
{
	int references;
	pid_t pid[2];
};

FIXTURE_VARIANT(churn)
{
	void (*fn)(void);
};

FIXTURE_VARIANT_ADD(churn, memfds)
{
	.fn = churn_memfds,
};

FIXTURE_VARIANT_ADD(churn, segments)
{
	.fn = churn_segments,
};

FIXTURE_VARIANT_ADD(churn, files)
{
	.fn = churn_files,
};

FIXTURE_VARIANT_ADD(churn, mounts)
{
	.fn = churn_mounts,
};

FIXTURE_VARIANT_ADD(churn, namespaces)
{
	.fn = churn_namespaces,
};

FIXTURE_SETUP(churn)
{
	int i;

	self->references = module_references();
	for (i = 0; i < 2; i++) {
		self->pid[i] = fork_child();
		if (self->pid[i])
			continue;
		/* A segment outlives a child that is killed, its namespace does not. */
		if (own_mounts() || unshare(CLONE_NEWIPC))
			_exit(1);
		for (;;)
			variant->fn();
	}
}

FIXTURE_TEARDOWN(churn)
{
	stop_children(self->pid, 2);
	EXPECT_EQ(self->references, module_references());
}

TEST_F(churn, while_it_is_read)
{
	int i;

	read_tables(_metadata);
	/* Both still run: no reader made them fail. */
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
	int i, row, try, count = 0;

	ASSERT_NE(NULL, dir);
	ASSERT_EQ(MANY, make_files(dir, MANY));
	for (i = 0; i < MANY; i += 4) {
		snprintf(path, sizeof(path), "%s/%d", dir, i);
		ASSERT_EQ(0, write_file(path, "x"));
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

/* Files removed while a reader walks them do not make it fail. */
TEST(unlinked_while_they_are_read)
{
	const char *dir = own_tmpfs(NULL);
	struct table *t;
	pid_t pid;
	int i;

	ASSERT_NE(NULL, dir);
	pid = fork_child();
	if (!pid) {
		for (;;) {
			make_files(dir, 500);
			remove_files(dir, 500);
		}
	}
	for (i = 0; i < 100; i++) {
		t = table_read("objects");
		ASSERT_NE(NULL, t);
		table_free(t);
	}
	stop_child(pid);
	remove_files(dir, 500);
	/* No reference was left behind: only the root is in use. */
	EXPECT_EQ(1, inodes_of(dir));
	EXPECT_EQ(0, umount(dir));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * What careful people try before they let a module in: other roots, addresses
 * in the output, very many reads, and tables larger than the reader may have.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers/table.h"

static const char * const files[] = {
	REPORT, PROC "summary", PROC "objects", PROC "superblocks",
	PROC "pages", PROC "maps", PROC "holders", PROC "cgroups", PROC "sysv",
};

/* The same file systems, mounted alike; what they hold changes all the time. */
static bool same_superblocks(const struct table *a, const struct table *b)
{
	static const char * const columns[] = {
		"dev", "type", "internal", "options",
	};
	int row, i;

	if (!a || !b || a->rows != b->rows)
		return false;
	for (row = 0; row < a->rows; row++)
		for (i = 0; i < ARRAY_SIZE(columns); i++)
			if (strcmp(cell(a, row, columns[i]),
				   cell(b, row, columns[i])))
				return false;
	return true;
}

/* A reader's root changes neither what there is nor what it is called. */
TEST(reader_in_a_chroot)
{
	const char *root = own_tmpfs("size=10m"), *name;
	char path[128];
	int fd, status, row;
	struct table *t, *ours;
	struct stat st;
	pid_t pid;

	ASSERT_NE(NULL, root);
	fd = open("/dev/shm/outside of it", O_CREAT | O_RDWR, 0600);
	ASSERT_LE(0, fd);
	unlink("/dev/shm/outside of it");
	ASSERT_EQ(0, ftruncate(fd, 8192));
	ASSERT_EQ(1, write(fd, "x", 1));
	ASSERT_EQ(0, fstat(fd, &st));
	snprintf(path, sizeof(path), "%s/proc", root);
	ASSERT_EQ(0, mkdir(path, 0700));
	ASSERT_EQ(0, mount("proc", path, "proc", 0, NULL));
	ours = table_read("superblocks");
	pid = fork();
	if (!pid) {
		if (chroot(root) || chdir("/"))
			_exit(2);
		t = table_read("objects");
		row = t ? row_of_inode(t, st.st_dev, st.st_ino, NULL) : -1;
		if (row < 0)
			_exit(3);
		name = cell(t, row, "name");
		if (strcmp(name, "/outside\\040of\\040it") ||
		    number(t, row, "size") != 8192 ||
		    number(t, row, "resident") != 4096)
			_exit(4);
		_exit(!same_superblocks(ours, table_read("superblocks")));
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	snprintf(path, sizeof(path), "%s/proc", root);
	umount2(path, MNT_DETACH);
}

/* One of everything, so that every column has something to say. */
static void make_one_of_each(void)
{
	unsigned long long offset;
	int fd, shmid, drm;
	void *p;

	fd = memfd_create("each", 0);
	if (ftruncate(fd, 1 << 20) || write(fd, "x", 1) != 1)
		abort();
	mmap(NULL, 1 << 20, PROT_READ, MAP_SHARED, fd, 0);
	p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*(char *)p = 1;
	shmid = shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600);
	p = shmat(shmid, NULL, 0);
	*(char *)p = 1;
	shmctl(shmid, IPC_RMID, NULL);
	memfd_create("each", MFD_HUGETLB);
	drm = open_vgem();
	if (drm >= 0)
		vgem_buffer(drm, 1 << 20, &offset);
}

/* Kernel addresses start at 0xffff800000000000, here and in decimal. */
static bool is_kernel_address(const char *word, size_t len)
{
	char text[32], *end;

	if (len != 16 && len != 20)
		return false;
	memcpy(text, word, len);
	text[len] = 0;
	return strtoull(text, &end, len == 16 ? 16 : 10) >> 47 == 0x1ffff &&
	       !*end;
}

TEST(no_kernel_address_in_any_output)
{
	char *text, *p, id[80];
	int i, fd;
	size_t len;

	make_one_of_each();
	for (i = 0; i <= ARRAY_SIZE(files); i++) {
		if (i < ARRAY_SIZE(files)) {
			text = read_file(files[i]);
		} else {
			id_of_fd(memfd_create("asked for", 0), id);
			fd = open(PROC "extents", O_RDWR);
			ASSERT_EQ(strlen(id), write(fd, id, strlen(id)));
			text = calloc(1, 1 << 20);
			ASSERT_LT(0, read(fd, text, (1 << 20) - 1));
			close(fd);
		}
		ASSERT_NE(NULL, text);
		for (p = text; *p; p += len ?: 1) {
			for (len = 0; isalnum(p[len]); )
				len++;
			EXPECT_FALSE(is_kernel_address(p, len)) {
				TH_LOG("%s: %.*s", files[i % 9], (int)len, p);
			}
		}
		free(text);
	}
}

/* The test can fail. */
TEST(kernel_address_would_be_seen)
{
	EXPECT_TRUE(is_kernel_address("ffff888012345678", 16));
	EXPECT_TRUE(is_kernel_address("18446612682070652928", 20));
	EXPECT_FALSE(is_kernel_address("7fab638d3000", 12));
	EXPECT_FALSE(is_kernel_address("9223372036854771712", 19));
}

/* kB that the kernel keeps for itself and cannot take back. */
static long long kept(void)
{
	write_file("/proc/sys/vm/drop_caches", "2");
	return meminfo("SUnreclaim") + meminfo("VmallocUsed") +
	       meminfo("PageTables");
}

/* The harness has a time limit for tests of a fixture alone. */
FIXTURE(doors)
{
};

FIXTURE_SETUP(doors)
{
}

FIXTURE_TEARDOWN(doors)
{
}

TEST_F_TIMEOUT(doors, opened_ten_thousand_times, 200)
{
	char *before = read_file("/sys/module/shmstat/refcnt"), *after, byte;
	long long kb;
	int opens = debug_kernel() ? 1000 : 10000, i, fd;

	make_one_of_each();
	for (i = 0, kb = 0; i < opens; i++) {
		/* Once everything that stays has come. */
		if (i == 100)
			kb = kept();
		fd = open(files[i % ARRAY_SIZE(files)], O_RDONLY);
		ASSERT_LE(0, fd);
		if (i % 10 < 3)
			ASSERT_EQ(1, read(fd, &byte, 1));
		close(fd);
	}
	/* 1 kB for each would be 10,000. KASAN keeps what is freed for a while. */
	if (!debug_kernel())
		EXPECT_GT(2000, kept() - kb);
	after = read_file("/sys/module/shmstat/refcnt");
	EXPECT_STREQ(before, after);
	free(before);
	free(after);
}

#define MILLION	1000000

/* A process in a group with this limit reads a file to its end; wait status. */
static int read_in_group(const char *group, const char *limit, const char *file)
{
	static char buf[1 << 16];
	char path[160], pid_text[16];
	int fd, status;
	ssize_t got;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/memory.max", group);
	if (write_file(path, limit))
		return -1;
	pid = fork();
	if (!pid) {
		snprintf(path, sizeof(path), "%s/cgroup.procs", group);
		snprintf(pid_text, sizeof(pid_text), "%d", getpid());
		if (write_file(path, pid_text))
			_exit(3);
		fd = open(file, O_RDONLY);
		do
			got = read(fd, buf, sizeof(buf));
		while (got > 0);
		_exit(got < 0 ? errno == ENOMEM ? 1 : 2 : 0);
	}
	waitpid(pid, &status, 0);
	return status;
}

TEST_F_TIMEOUT(doors, million_objects_in_a_small_group, 280)
{
	const char *group = "/sys/fs/cgroup/doors", *root;
	int i, status, dir;
	struct table *t;
	char name[32];

	if (debug_kernel())
		SKIP(return, "a debug kernel takes many minutes for it");
	if (meminfo("MemAvailable") < 2400000)
		SKIP(return, "a million inodes want 2.4 GB of memory");
	if (mkdir(group, 0700))
		SKIP(return, "no cgroup2: %s", strerror(errno));
	root = own_tmpfs("nr_inodes=0,size=10m");
	ASSERT_NE(NULL, root);
	dir = open(root, O_RDONLY);
	for (i = 0; i < MILLION; i++) {
		snprintf(name, sizeof(name), "file-%07d", i);
		ASSERT_EQ(0, mknodat(dir, name, S_IFREG | 0600, 0));
	}
	/* Some 100 MB of snapshot: ENOMEM, and nobody is killed for it. */
	status = read_in_group(group, "32M", PROC "objects");
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	/* The report does with 32 bytes an object. */
	EXPECT_EQ(0, read_in_group(group, "32M", REPORT));
	/* Others, and the same group with enough, are served. */
	t = table_read("summary");
	ASSERT_NE(NULL, t);
	EXPECT_LE(MILLION, number(t, row_with(t, 0, "kind", "total"), "objects"));
	EXPECT_EQ(0, read_in_group(group, "max", PROC "objects"));
	EXPECT_EQ(0, rmdir(group));
}

TEST_HARNESS_MAIN

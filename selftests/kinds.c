// SPDX-License-Identifier: GPL-2.0
/*
 * An object of each kind: whether it is listed, as which kind, and with the
 * kernel's own figures.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/drm.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/table.h"

#define MB	(1UL << 20)

FIXTURE(kinds)
{
	struct table *t;
	size_t page;
};

FIXTURE_SETUP(kinds)
{
	self->t = NULL;
	self->page = sysconf(_SC_PAGESIZE);
}

FIXTURE_TEARDOWN(kinds)
{
	table_free(self->t);
}

/* What all page-sized objects have in common. */
#define EXPECT_OBJECT(row, kind_, size_, resident_, truncate_) do {	\
	ASSERT_LE(0, row);						\
	EXPECT_STREQ(kind_, cell(self->t, row, "kind"));		\
	EXPECT_EQ(self->page, number(self->t, row, "pagesize"));	\
	EXPECT_EQ(size_, number(self->t, row, "size"));			\
	EXPECT_EQ(resident_, number(self->t, row, "resident"));		\
	EXPECT_EQ(0, number(self->t, row, "swapped"));			\
	EXPECT_STREQ(truncate_, cell(self->t, row, "truncate"));	\
} while (0)

TEST_F(kinds, sysv)
{
	char name[16], id[ID_SIZE];
	int shmid, row;
	char *p;

	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	shmid = shmget(0x12ab, 3 * MB, IPC_CREAT | 0640);
	ASSERT_LE(0, shmid);
	p = shmat(shmid, NULL, 0);
	memset(p, 1, MB);

	id_of_segment(shmid, id);
	self->t = table_read("objects");
	row = row_with(self->t, 0, "id", id);
	EXPECT_OBJECT(row, "sysv", sysvipc(shmid, "size"),
		      sysvipc(shmid, "rss"), "never");
	EXPECT_EQ(MB, number(self->t, row, "resident"));
	EXPECT_EQ(sysvipc(shmid, "swap"), number(self->t, row, "swapped"));
	EXPECT_STREQ("mapped", cell(self->t, row, "flags"));
	snprintf(name, sizeof(name), "SYSV%08x", 0x12ab);
	EXPECT_STREQ(name, cell(self->t, row, "name"));
}

TEST_F(kinds, sysv_not_attached)
{
	char id[ID_SIZE];
	int shmid, row;
	char *p;

	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	shmid = shmget(IPC_PRIVATE, 64 * self->page, IPC_CREAT | 0600);
	p = shmat(shmid, NULL, 0);
	p[5 * self->page] = 1;
	shmdt(p);

	id_of_segment(shmid, id);
	self->t = table_read("objects");
	row = row_with(self->t, 0, "id", id);
	EXPECT_OBJECT(row, "sysv", 64 * self->page, sysvipc(shmid, "rss"),
		      "never");
	EXPECT_STREQ("-", cell(self->t, row, "flags"));
}

TEST_F(kinds, posix)
{
	struct stat st;
	int fd, row;

	ASSERT_EQ(0, own_mounts());
	fd = shm_open("/shmstat-test", O_CREAT | O_RDWR, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, MB));
	ASSERT_EQ(5, pwrite(fd, "hello", 5, 0));
	ASSERT_EQ(0, fchown(fd, 1234, 5678));
	ASSERT_EQ(0, fchmod(fd, 04640));
	ASSERT_EQ(0, link("/dev/shm/shmstat-test", "/dev/shm/shmstat-link"));
	ASSERT_EQ(0, fstat(fd, &st));

	self->t = table_read("objects");
	unlink("/dev/shm/shmstat-link");
	unlink("/dev/shm/shmstat-test");
	row = row_of_fd(self->t, fd);
	EXPECT_OBJECT(row, "posix", st.st_size, st.st_blocks * 512,
		      "possible");
	EXPECT_EQ(04640, number(self->t, row, "mode"));
	EXPECT_EQ(1234, number(self->t, row, "uid"));
	EXPECT_EQ(5678, number(self->t, row, "gid"));
	EXPECT_EQ(2, number(self->t, row, "nlink"));
	EXPECT_STREQ("-", cell(self->t, row, "flags"));
	EXPECT_EQ(0, strncmp("/shmstat-", cell(self->t, row, "name"), 9));
}

TEST_F(kinds, anon)
{
	char *p = mmap(NULL, MB, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int row;

	memset(p, 1, MB / 2);
	self->t = table_read("objects");
	row = row_of_mapping(self->t, p);
	EXPECT_OBJECT(row, "anon", MB, incore(p, MB), "never");
	EXPECT_EQ(MB / 2, number(self->t, row, "resident"));
	EXPECT_STREQ("mapped", cell(self->t, row, "flags"));
	EXPECT_STREQ("dev/zero", cell(self->t, row, "name"));
}

TEST_F(kinds, dev_zero)
{
	int fd = open("/dev/zero", O_RDWR), row;
	char *p = mmap(NULL, MB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	ASSERT_NE(MAP_FAILED, p);
	p[0] = 1;
	self->t = table_read("objects");
	row = row_of_mapping(self->t, p);
	EXPECT_OBJECT(row, "anon", MB, incore(p, MB), "never");
}

TEST_F(kinds, memfd)
{
	int fd = memfd_create("shmstat test", 0), row;
	struct stat st;

	ASSERT_EQ(0, ftruncate(fd, MB));
	ASSERT_EQ(1, pwrite(fd, "x", 1, MB / 2));
	ASSERT_EQ(0, fstat(fd, &st));
	self->t = table_read("objects");
	row = row_of_fd(self->t, fd);
	EXPECT_OBJECT(row, "memfd", st.st_size, st.st_blocks * 512,
		      "possible");
	EXPECT_EQ(0777, number(self->t, row, "mode"));
	EXPECT_EQ(st.st_nlink, number(self->t, row, "nlink"));
	EXPECT_STREQ("memfd:shmstat\\040test", cell(self->t, row, "name"));
}

TEST_F(kinds, gpu)
{
	unsigned long long offset, before;
	int fd = open_vgem(), row, found = -1;
	char *p;

	if (fd < 0)
		SKIP(return, "no vgem: this kernel has no DRM node without a GPU");
	before = meminfo("Shmem");
	ASSERT_NE(0, vgem_buffer(fd, 8 * MB, &offset));
	p = mmap(NULL, 8 * MB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
	ASSERT_NE(MAP_FAILED, p);
	memset(p, 1, 8 * MB);

	self->t = table_read("objects");
	for_each_row_with(row, self->t, "name", "drm\\040mm\\040object")
		if (number(self->t, row, "size") == 8 * MB)
			found = row;
	EXPECT_OBJECT(found, "gpu", 8 * MB,
		      (meminfo("Shmem") - before) << 10, "never");
}

TEST_F(kinds, tmpfs)
{
	const char *dir = own_tmpfs("size=10m");
	char path[128];
	struct stat st;
	int fd, row;

	ASSERT_NE(NULL, dir);
	snprintf(path, sizeof(path), "%s/sub", dir);
	ASSERT_EQ(0, mkdir(path, 0700));
	snprintf(path, sizeof(path), "%s/sub/file", dir);
	fd = open(path, O_CREAT | O_RDWR, 0604);
	ASSERT_EQ(0, ftruncate(fd, MB));
	ASSERT_EQ(1, pwrite(fd, "x", 1, 100 * self->page));
	ASSERT_EQ(0, fstat(fd, &st));
	self->t = table_read("objects");
	row = row_of_fd(self->t, fd);
	EXPECT_OBJECT(row, "tmpfs", st.st_size, st.st_blocks * 512,
		      "possible");
	EXPECT_EQ(0604, number(self->t, row, "mode"));
	EXPECT_EQ(1, number(self->t, row, "nlink"));
	EXPECT_STREQ("/sub/file", cell(self->t, row, "name"));
}

TEST_F(kinds, devtmpfs)
{
	int fd = open("/dev/shmstat-test", O_CREAT | O_RDWR, 0600), row;
	struct stat st;

	ASSERT_LE(0, fd);
	ASSERT_EQ(1, pwrite(fd, "x", 1, 0));
	ASSERT_EQ(0, fstat(fd, &st));
	self->t = table_read("objects");
	unlink("/dev/shmstat-test");
	row = row_of_fd(self->t, fd);
	EXPECT_OBJECT(row, "tmpfs", 1, st.st_blocks * 512, "possible");
	EXPECT_STREQ("/shmstat-test", cell(self->t, row, "name"));
}

TEST_F(kinds, long_symlink_holds_a_page)
{
	const char *dir = own_tmpfs(NULL);
	char path[128], target[2001];
	struct stat st;
	int row;

	ASSERT_NE(NULL, dir);
	memset(target, 'a', sizeof(target) - 1);
	target[sizeof(target) - 1] = '\0';
	snprintf(path, sizeof(path), "%s/link", dir);
	ASSERT_EQ(0, symlink(target, path));
	ASSERT_EQ(0, lstat(path, &st));
	self->t = table_read("objects");
	row = row_of_inode(self->t, st.st_dev, st.st_ino, NULL);
	EXPECT_OBJECT(row, "tmpfs", 2000, self->page, "never");
	EXPECT_STREQ("/link", cell(self->t, row, "name"));
}

TEST_F(kinds, short_symlink_and_directory_are_no_objects)
{
	const char *dir = own_tmpfs(NULL);
	char path[128];
	struct stat st;

	ASSERT_NE(NULL, dir);
	snprintf(path, sizeof(path), "%s/link", dir);
	ASSERT_EQ(0, symlink("short", path));
	ASSERT_EQ(0, lstat(path, &st));
	self->t = table_read("objects");
	EXPECT_EQ(-1, row_of_inode(self->t, st.st_dev, st.st_ino, NULL));
	ASSERT_EQ(0, stat(dir, &st));
	EXPECT_EQ(-1, row_of_inode(self->t, st.st_dev, st.st_ino, NULL));
}

/* Its inode may lead to the pages of the device, which are not shared memory. */
TEST_F(kinds, open_block_device_is_no_object)
{
	struct stat st;
	char buf[4096];
	int fd;

	if (need_swap())
		SKIP(return, "no zram: this kernel has no block device here");
	fd = open("/dev/zram0", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(sizeof(buf), read(fd, buf, sizeof(buf)));
	ASSERT_EQ(0, fstat(fd, &st));
	self->t = table_read("objects");
	EXPECT_EQ(-1, row_of_inode(self->t, st.st_dev, st.st_ino, NULL));
}

TEST_F(kinds, kernel)
{
	static char payload[1 << 19];
	int row, found = -1, key;

	/* The kernel keeps keys that large in a file without a name. */
	key = syscall(SYS_add_key, "big_key", "shmstat-test", payload,
		      sizeof(payload), -3);
	if (key < 0)
		SKIP(return, "no big_key (%s): the kernel keeps no file here",
		     strerror(errno));
	self->t = table_read("objects");
	for_each_row_with(row, self->t, "kind", "kernel")
		if (number(self->t, row, "size") >= sizeof(payload))
			found = row;
	ASSERT_LE(0, found);
	EXPECT_STREQ("-", cell(self->t, found, "name"));
	EXPECT_STREQ("never", cell(self->t, found, "truncate"));
}

/* A process can only choose what follows "memfd:" in the name. */
TEST_F(kinds, memfd_cannot_pass_for_another)
{
	static const char * const names[] = {
		"SYSV00000001", "dev/zero", "drm mm object", "",
	};
	int fd[4], i;

	for (i = 0; i < 4; i++)
		fd[i] = memfd_create(names[i], 0);
	self->t = table_read("objects");
	for (i = 0; i < 4; i++) {
		ASSERT_LE(0, row_of_fd(self->t, fd[i]));
		EXPECT_STREQ("memfd", cell(self->t, row_of_fd(self->t, fd[i]),
					   "kind"));
	}
}

TEST_F(kinds, one_more_of_several)
{
	static const char * const made[] = {
		"sysv", "posix", "memfd", "tmpfs", "anon",
	};
	struct table *before, *after;
	int row, shmid, i;

	ASSERT_EQ(0, own_mounts());
	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	before = table_read("summary");
	shmid = shmget(IPC_PRIVATE, MB, IPC_CREAT | 0600);
	ASSERT_LE(0, shmid);
	ASSERT_LE(0, shm_open("/shmstat-all", O_CREAT | O_RDWR, 0600));
	ASSERT_LE(0, memfd_create("all", 0));
	ASSERT_EQ(0, mount("all", "/mnt", "tmpfs", 0, NULL));
	ASSERT_LE(0, open("/mnt/shmstat-all", O_CREAT | O_RDWR, 0600));
	ASSERT_NE(MAP_FAILED, mmap(NULL, MB, PROT_READ,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	after = table_read("summary");
	shm_unlink("/shmstat-all");

	for (i = 0; i < ARRAY_SIZE(made); i++) {
		row = row_with(after, 0, "kind", made[i]);
		EXPECT_EQ(1, number(after, row, "objects") -
			     number(before, row, "objects"));
	}
	table_free(before);
	table_free(after);
}

TEST_F(kinds, ids_are_unique)
{
	int a, b;

	self->t = table_read("objects");
	for (a = 0; a < self->t->rows; a++)
		for (b = a + 1; b < self->t->rows; b++)
			EXPECT_STRNE(cell(self->t, a, "id"),
				     cell(self->t, b, "id"));
}

TEST_F(kinds, id_stays_while_the_object_lives)
{
	int fd = memfd_create("stays", 0);
	char before[ID_SIZE], after[ID_SIZE];

	id_of_fd(fd, before);
	ASSERT_EQ(0, ftruncate(fd, MB));
	ASSERT_EQ(1, pwrite(fd, "x", 1, 0));
	id_of_fd(fd, after);
	EXPECT_STRNE("", before);
	EXPECT_STREQ(before, after);
}

TEST_HARNESS_MAIN

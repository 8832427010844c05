// SPDX-License-Identifier: GPL-2.0
/*
 * An object of each kind: whether it is listed, as which kind, and with the
 * kernel's own figures.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/drm.h"
#include "helpers/keeper.h"
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
	/* It is loaded only if a case failed. */
	unload_keeper();
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

/* The row of the kernel's own file, which is told by its size. */
static int row_of_size(struct table *t, unsigned long long size)
{
	int row;

	for (row = 0; row < t->rows; row++)
		if (number(t, row, "size") == size)
			return row;
	return -1;
}

TEST_F(kinds, kernel)
{
	int fd = memfd_create("on the same mount", 0), row;
	unsigned long long shmem = meminfo("Shmem") << 10;
	struct table *holders;
	char dev[32], id[ID_SIZE];
	struct stat st;

	ASSERT_EQ(0, fstat(fd, &st));
	snprintf(dev, sizeof(dev), "%u:%u:", major(st.st_dev),
		 minor(st.st_dev));
	ASSERT_EQ(0, load_keeper("name=\"kept by us\" size=1048577 pages=3"));
	self->t = table_read("objects");
	row = row_of_size(self->t, MB + 1);
	EXPECT_OBJECT(row, "kernel", MB + 1, 3 * self->page, "never");
	EXPECT_EQ(meminfo("Shmem") << 10, shmem + 3 * self->page);
	EXPECT_EQ(0, strncmp(dev, cell(self->t, row, "id"), strlen(dev)));
	EXPECT_STREQ("kept\\040by\\040us", cell(self->t, row, "name"));
	EXPECT_STREQ("-", cell(self->t, row, "flags"));
	EXPECT_EQ(0777, number(self->t, row, "mode"));
	EXPECT_EQ(0, number(self->t, row, "nlink"));

	/* Nothing that a holder can be leads to it. */
	snprintf(id, sizeof(id), "%s", cell(self->t, row, "id"));
	holders = table_read("holders");
	EXPECT_EQ(1, count_with(holders, "id", id));
	row = row_with(holders, 0, "id", id);
	ASSERT_LE(0, row);
	EXPECT_STREQ("-", cell(holders, row, "pid"));
	table_free(holders);

	ASSERT_EQ(0, unload_keeper());
	table_free(self->t);
	self->t = table_read("objects");
	EXPECT_EQ(-1, row_of_size(self->t, MB + 1));
	EXPECT_EQ(shmem, meminfo("Shmem") << 10);
}

/* The names of segments, shared mappings and buffers, and names beside them. */
TEST_F(kinds, kernel_names)
{
	static const struct {
		const char *name;
		int private;
		const char *kind;
	} files[] = {
		{ "", 0, "kernel" },
		{ "memfd", 1, "kernel" },
		{ "SYSV0012abcd", 1, "sysv" },
		{ "SYSV0012abcd", 0, "kernel" },
		{ "SYSV0012abcg", 1, "kernel" },
		{ "SYSVg012abcd", 1, "kernel" },
		{ "SYSV0012abc", 1, "kernel" },
		{ "SYSV0012abcd0", 1, "kernel" },
		{ "dev/zero", 1, "anon" },
		{ "dev/zero", 0, "kernel" },
		{ "dev/zer", 1, "kernel" },
		{ "drm mm object", 0, "gpu" },
		{ "drm mm objects", 0, "kernel" },
		{ "i915", 0, "gpu" },
		{ "i915-shmem-tt", 0, "gpu" },
		{ "ttm swap", 0, "gpu" },
		{ "ttm shmem backup", 0, "gpu" },
		{ "ttm", 0, "kernel" },
	};
	char parameters[1200], shown[32], name[1001];
	int i, row;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(parameters, sizeof(parameters),
			 "name=\"%s\" private=%d size=1048577", files[i].name,
			 files[i].private);
		ASSERT_EQ(0, load_keeper(parameters));
		table_free(self->t);
		self->t = table_read("objects");
		ASSERT_EQ(0, unload_keeper());
		row = row_of_size(self->t, MB + 1);
		EXPECT_OBJECT(row, files[i].kind, MB + 1, 0, "never");
		snprintf(shown, sizeof(shown), "%s",
			 cell(self->t, row, "name"));
		EXPECT_STREQ(*files[i].name ? files[i].name : "-",
			     unescape(shown));
	}

	/* Longer than any name in a directory. */
	memset(name, 'n', 1000);
	name[1000] = '\0';
	snprintf(parameters, sizeof(parameters), "name=%s size=1048577", name);
	ASSERT_EQ(0, load_keeper(parameters));
	table_free(self->t);
	self->t = table_read("objects");
	ASSERT_EQ(0, unload_keeper());
	row = row_of_size(self->t, MB + 1);
	EXPECT_OBJECT(row, "kernel", MB + 1, 0, "never");
	EXPECT_STREQ(name, cell(self->t, row, "name"));
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

/* "summary" grows by what is made of each kind. */
TEST_F(kinds, one_more_of_several)
{
	static const struct {
		const char *kind;
		size_t size;
		int pages;
	} made[] = {
		{ "sysv", MB, 1 }, { "posix", 2 * MB, 2 },
		{ "memfd", 3 * MB, 3 }, { "tmpfs", 4 * MB, 4 },
		{ "anon", 5 * MB, 5 }, { "kernel", 6 * MB, 6 },
		{ "total", 21 * MB, 21 },
	};
	struct table *before, *after;
	int row, shmid, fd, i;
	char *p;

	ASSERT_EQ(0, own_mounts());
	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	ASSERT_EQ(0, mount("all", "/mnt", "tmpfs", 0, NULL));
	before = table_read("summary");
	shmid = shmget(IPC_PRIVATE, MB, IPC_CREAT | 0600);
	ASSERT_LE(0, shmid);
	memset(shmat(shmid, NULL, 0), 1, self->page);
	for (i = 1; i < 4; i++) {
		fd = i == 1 ? shm_open("/shmstat-all", O_CREAT | O_RDWR, 0600) :
		     i == 2 ? memfd_create("all", 0) :
			      open("/mnt/all", O_CREAT | O_RDWR, 0600);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, posix_fallocate(fd, 0, made[i].pages * self->page));
		ASSERT_EQ(0, ftruncate(fd, made[i].size));
	}
	p = mmap(NULL, 5 * MB, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, p);
	memset(p, 1, 5 * self->page);
	ASSERT_EQ(0, load_keeper("size=6291456 pages=6"));
	after = table_read("summary");
	unload_keeper();
	shm_unlink("/shmstat-all");

	for (i = 0; i < ARRAY_SIZE(made); i++) {
		row = row_with(after, 0, "kind", made[i].kind);
		EXPECT_EQ(strcmp("total", made[i].kind) ? 1 : 6,
			  number(after, row, "objects") -
			  number(before, row, "objects"));
		EXPECT_EQ(made[i].size, number(after, row, "size") -
					number(before, row, "size"));
		EXPECT_EQ(made[i].pages * self->page,
			  number(after, row, "resident") -
			  number(before, row, "resident"));
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

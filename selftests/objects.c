// SPDX-License-Identifier: GPL-2.0
/*
 * Objects in all states, and what the table says of them: size and resident as
 * stat(2) has them, flags and truncate.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/falloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/table.h"

#define MB	(1UL << 20)

FIXTURE(objects)
{
	struct table *t;
	size_t page;
	int fd;
	int row;
};

FIXTURE_SETUP(objects)
{
	self->t = NULL;
	self->page = sysconf(_SC_PAGESIZE);
	self->fd = memfd_create("objects", MFD_ALLOW_SEALING);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(objects)
{
	table_free(self->t);
}

static void read_row(struct __test_metadata *_metadata,
		     FIXTURE_DATA(objects) *self)
{
	table_free(self->t);
	self->t = table_read("objects");
	ASSERT_NE(NULL, self->t);
	self->row = row_of_fd(self->t, self->fd);
	ASSERT_LE(0, self->row);
}

/* Size and pages as fstat(2) has them, and as the test has made them. */
static void expect_pages(struct __test_metadata *_metadata,
			 FIXTURE_DATA(objects) *self, unsigned long long pages)
{
	struct stat st;

	read_row(_metadata, self);
	ASSERT_EQ(0, fstat(self->fd, &st));
	EXPECT_EQ(st.st_size, number(self->t, self->row, "size"));
	EXPECT_EQ(st.st_blocks * 512, number(self->t, self->row, "resident"));
	EXPECT_EQ(pages * self->page, number(self->t, self->row, "resident"));
}

static void expect_text(struct __test_metadata *_metadata,
			FIXTURE_DATA(objects) *self, const char *column,
			const char *text)
{
	read_row(_metadata, self);
	EXPECT_STREQ(text, cell(self->t, self->row, column));
}

TEST_F(objects, empty)
{
	expect_pages(_metadata, self, 0);
}

TEST_F(objects, one_byte)
{
	ASSERT_EQ(1, pwrite(self->fd, "x", 1, 0));
	expect_pages(_metadata, self, 1);
}

TEST_F(objects, sparse)
{
	ASSERT_EQ(0, ftruncate(self->fd, 64 * MB));
	ASSERT_EQ(1, pwrite(self->fd, "x", 1, 0));
	ASSERT_EQ(1, pwrite(self->fd, "x", 1, 33 * MB));
	ASSERT_EQ(1, pwrite(self->fd, "x", 1, 64 * MB - 1));
	expect_pages(_metadata, self, 3);
}

TEST_F(objects, larger_than_4_gib)
{
	ASSERT_EQ(0, ftruncate(self->fd, 5UL << 30));
	ASSERT_EQ(1, pwrite(self->fd, "x", 1, (5UL << 30) - 1));
	expect_pages(_metadata, self, 1);
}

TEST_F(objects, truncated_down_and_up)
{
	ASSERT_EQ(0, posix_fallocate(self->fd, 0, 16 * self->page));
	expect_pages(_metadata, self, 16);
	ASSERT_EQ(0, ftruncate(self->fd, 5 * self->page + 1));
	expect_pages(_metadata, self, 6);
	ASSERT_EQ(0, ftruncate(self->fd, 32 * self->page));
	expect_pages(_metadata, self, 6);
	ASSERT_EQ(0, ftruncate(self->fd, 0));
	expect_pages(_metadata, self, 0);
}

TEST_F(objects, hole_punched)
{
	ASSERT_EQ(0, posix_fallocate(self->fd, 0, 16 * self->page));
	ASSERT_EQ(0, fallocate(self->fd,
			       FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			       4 * self->page, 5 * self->page));
	expect_pages(_metadata, self, 11);
}

TEST_F(objects, fallocated_past_the_end)
{
	ASSERT_EQ(0, fallocate(self->fd, FALLOC_FL_KEEP_SIZE, 0,
			       16 * self->page));
	expect_pages(_metadata, self, 16);
	EXPECT_EQ(0, number(self->t, self->row, "size"));
}

TEST_F(objects, mapped_and_not)
{
	void *p;

	ASSERT_EQ(0, ftruncate(self->fd, MB));
	expect_text(_metadata, self, "flags", "-");
	p = mmap(NULL, MB, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	expect_text(_metadata, self, "flags", "mapped");
	munmap(p, MB);
	expect_text(_metadata, self, "flags", "-");
}

TEST_F(objects, mapped_privately)
{
	ASSERT_EQ(0, ftruncate(self->fd, MB));
	ASSERT_NE(MAP_FAILED, mmap(NULL, MB, PROT_READ, MAP_PRIVATE, self->fd,
				   0));
	expect_text(_metadata, self, "flags", "mapped");
}

TEST_F(objects, sealed)
{
	expect_text(_metadata, self, "truncate", "possible");
	ASSERT_EQ(0, fcntl(self->fd, F_ADD_SEALS, F_SEAL_GROW));
	expect_text(_metadata, self, "truncate", "possible");
	ASSERT_EQ(0, fcntl(self->fd, F_ADD_SEALS, F_SEAL_SHRINK));
	expect_text(_metadata, self, "truncate", "sealed");
	/* An empty file cannot shrink, and this is allowed. */
	ASSERT_EQ(0, ftruncate(self->fd, 0));
}

TEST_F(objects, unlinked_but_open)
{
	char path[128];

	self->fd = own_tmpfs_file(NULL, path);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(1, pwrite(self->fd, "x", 1, 0));
	expect_text(_metadata, self, "flags", "-");
	ASSERT_EQ(0, unlink(path));
	expect_pages(_metadata, self, 1);
	expect_text(_metadata, self, "flags", "unlinked");
	EXPECT_EQ(0, number(self->t, self->row, "nlink"));
	EXPECT_STREQ("/file", cell(self->t, self->row, "name"));
}

TEST_F(objects, without_a_name_from_the_start)
{
	const char *dir = own_tmpfs(NULL);

	ASSERT_NE(NULL, dir);
	self->fd = open(dir, O_TMPFILE | O_RDWR, 0600);
	ASSERT_LE(0, self->fd);
	expect_text(_metadata, self, "flags", "unlinked");
}

TEST_F(objects, on_an_unmounted_tmpfs)
{
	const char *dir = own_tmpfs(NULL);
	char path[128];

	ASSERT_NE(NULL, dir);
	snprintf(path, sizeof(path), "%s/file", dir);
	self->fd = open(path, O_CREAT | O_RDWR, 0600);
	ASSERT_EQ(1, pwrite(self->fd, "x", 1, 0));
	ASSERT_EQ(0, umount2(dir, MNT_DETACH));
	expect_pages(_metadata, self, 1);
	expect_text(_metadata, self, "kind", "tmpfs");
}

TEST_F(objects, noswap)
{
	char path[128];

	self->fd = own_tmpfs_file("noswap", path);
	if (self->fd < 0)
		SKIP(return, "no tmpfs mounted noswap before v6.4");
	ASSERT_LE(0, self->fd);
	expect_text(_metadata, self, "flags", "noswap");
}

static void expect_segment(struct __test_metadata *_metadata,
			   FIXTURE_DATA(objects) *self, int shmid,
			   const char *flags)
{
	char id[ID_SIZE];

	id_of_segment(shmid, id);
	table_free(self->t);
	self->t = table_read("objects");
	self->row = row_with(self->t, 0, "id", id);
	ASSERT_LE(0, self->row);
	EXPECT_STREQ(flags, cell(self->t, self->row, "flags"));
	EXPECT_STREQ("never", cell(self->t, self->row, "truncate"));
	EXPECT_EQ(sysvipc(shmid, "rss"),
		  number(self->t, self->row, "resident"));
}

TEST_F(objects, segment_locked)
{
	int shmid;
	char *p;

	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	shmid = shmget(IPC_PRIVATE, MB, IPC_CREAT | 0600);
	p = shmat(shmid, NULL, 0);
	p[0] = 1;
	shmdt(p);
	expect_segment(_metadata, self, shmid, "-");
	ASSERT_EQ(0, shmctl(shmid, SHM_LOCK, NULL));
	expect_segment(_metadata, self, shmid, "locked");
	ASSERT_EQ(0, shmctl(shmid, SHM_UNLOCK, NULL));
	expect_segment(_metadata, self, shmid, "-");
}

TEST_F(objects, segment_marked_for_destruction)
{
	int shmid;
	char *p;

	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	shmid = shmget(0x77, MB, IPC_CREAT | 0600);
	p = shmat(shmid, NULL, 0);
	p[0] = 1;
	expect_segment(_metadata, self, shmid, "mapped");
	ASSERT_EQ(0, shmctl(shmid, IPC_RMID, NULL));
	expect_segment(_metadata, self, shmid, "mapped,dest");
}

TEST_F(objects, not_listed_after_the_last_close)
{
	char id[ID_SIZE];

	id_of_fd(self->fd, id);
	ASSERT_STRNE("", id);
	close(self->fd);
	self->t = table_read("objects");
	EXPECT_EQ(-1, row_with(self->t, 0, "id", id));
}

static void expect_times(struct __test_metadata *_metadata,
			 FIXTURE_DATA(objects) *self)
{
	struct statx st;
	char btime[24];

	read_row(_metadata, self);
	ASSERT_EQ(0, statx(self->fd, "", AT_EMPTY_PATH,
			   STATX_BASIC_STATS | STATX_BTIME, &st));
	/* Before 1970 a time is negative. */
	EXPECT_EQ(st.stx_mtime.tv_sec,
		  strtoll(cell(self->t, self->row, "mtime"), NULL, 10));
	EXPECT_EQ(st.stx_ctime.tv_sec,
		  number(self->t, self->row, "ctime"));
	snprintf(btime, sizeof(btime), "%lld",
		 (long long)st.stx_btime.tv_sec);
	EXPECT_STREQ(st.stx_mask & STATX_BTIME ? btime : "-",
		     cell(self->t, self->row, "btime"));
}

/* Each later than the one before by a second, or set to another time. */
TEST_F(objects, times)
{
	struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 86400 } };
	struct statx st;

	close(self->fd);
	self->fd = own_tmpfs_file(NULL, (char[128]) {});
	ASSERT_LE(0, self->fd);
	expect_times(_metadata, self);
	sleep_ms(1100);
	ASSERT_EQ(1, write(self->fd, "x", 1));
	expect_times(_metadata, self);
	sleep_ms(1100);
	ASSERT_EQ(0, fchmod(self->fd, 0600));
	expect_times(_metadata, self);
	ASSERT_EQ(0, statx(self->fd, "", AT_EMPTY_PATH,
			   STATX_BASIC_STATS | STATX_BTIME, &st));
	EXPECT_LT(st.stx_mtime.tv_sec, st.stx_ctime.tv_sec);
	ASSERT_EQ(0, futimens(self->fd, times));
	expect_times(_metadata, self);
	times[1].tv_sec = -86400;
	ASSERT_EQ(0, futimens(self->fd, times));
	expect_times(_metadata, self);
	EXPECT_STREQ("-86400", cell(self->t, self->row, "mtime"));
}

TEST_F(objects, times_of_a_memfd)
{
	expect_times(_metadata, self);
	sleep_ms(1100);
	ASSERT_EQ(0, posix_fallocate(self->fd, 0, self->page));
	expect_times(_metadata, self);
}

/* From 5.18 on the kernel keeps the time when a file was made, but for hugetlbfs. */
TEST_F(objects, time_of_birth)
{
	read_row(_metadata, self);
	EXPECT_EQ(kernel_since(5, 18),
		  !!strcmp("-", cell(self->t, self->row, "btime")));
	self->fd = memfd_create("huge", MFD_HUGETLB);
	if (self->fd < 0)
		SKIP(return, "no hugetlb in this kernel");
	expect_times(_metadata, self);
	EXPECT_STREQ("-", cell(self->t, self->row, "btime"));
}

TEST_HARNESS_MAIN

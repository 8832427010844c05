// SPDX-License-Identifier: GPL-2.0
/*
 * Who may open the files, and how they may be read.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers/table.h"

static const char * const files[] = {
	REPORT, PROC "summary", PROC "objects", PROC "superblocks",
	PROC "pages", PROC "maps", PROC "holders", PROC "cgroups",
	PROC "sysv", PROC "extents",
};

#define NR_FILES	ARRAY_SIZE(files)

TEST(owner_and_mode)
{
	struct stat st;
	int i;

	for (i = 0; i < NR_FILES; i++) {
		ASSERT_EQ(0, stat(files[i], &st));
		EXPECT_EQ(0, st.st_uid);
		EXPECT_EQ(0, st.st_gid);
		EXPECT_EQ(S_IFREG | (i == NR_FILES - 1 ? 0600 : 0400),
			  st.st_mode);
	}
}

static int drop_cap_sys_admin(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -1;
	data[0].effective &= ~(1U << CAP_SYS_ADMIN);
	data[0].permitted &= ~(1U << CAP_SYS_ADMIN);
	return syscall(SYS_capset, &header, data);
}

TEST(root_without_the_capability)
{
	int i;

	ASSERT_EQ(0, drop_cap_sys_admin());
	for (i = 0; i < NR_FILES; i++) {
		EXPECT_EQ(-1, open(files[i], O_RDONLY));
		EXPECT_EQ(EPERM, errno);
	}
}

TEST(root_of_a_user_namespace)
{
	int i;

	if (unshare(CLONE_NEWUSER))
		SKIP(return, "no user namespaces: %s", strerror(errno));
	write_file("/proc/self/setgroups", "deny");
	ASSERT_EQ(0, write_file("/proc/self/uid_map", "0 0 1"));
	for (i = 0; i < NR_FILES; i++) {
		EXPECT_EQ(-1, open(files[i], O_RDONLY));
		EXPECT_EQ(EPERM, errno);
	}
}

TEST(user)
{
	int i;

	ASSERT_EQ(0, setgroups(0, NULL));
	ASSERT_EQ(0, setgid(65534));
	ASSERT_EQ(0, setuid(65534));
	for (i = 0; i < NR_FILES; i++) {
		EXPECT_EQ(-1, open(files[i], O_RDONLY));
		EXPECT_EQ(EACCES, errno);
	}
}

TEST(nobody_can_write_but_to_extents)
{
	int i, fd;

	for (i = 0; i < NR_FILES - 1; i++) {
		/* Root may open it all the same, and then it is no use. */
		fd = open(files[i], O_RDWR);
		ASSERT_LE(0, fd);
		EXPECT_EQ(-1, write(fd, "x", 1));
		EXPECT_TRUE(errno == EIO || errno == EINVAL);
		close(fd);
	}
}

/* One file's snapshot, once by one large read and again in another way. */
FIXTURE(reading)
{
	char *whole;
	char *again;
	size_t len;
	int fd;
};

FIXTURE_VARIANT(reading)
{
	const char *path;
};

FIXTURE_VARIANT_ADD(reading, report)
{
	.path = REPORT,
};

FIXTURE_VARIANT_ADD(reading, objects)
{
	.path = PROC "objects",
};

FIXTURE_VARIANT_ADD(reading, maps)
{
	.path = PROC "maps",
};

#define ROOM	(1 << 22)

static size_t read_all(int fd, char *to, size_t step)
{
	size_t len = 0;
	ssize_t got;

	while ((got = read(fd, to + len, step)) > 0)
		len += got;
	return len;
}

FIXTURE_SETUP(reading)
{
	int i;

	/* More than fits into one page. */
	for (i = 0; i < 200; i++) {
		int fd = memfd_create("something to read about", MFD_CLOEXEC);

		ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED,
					   fd, 0));
	}
	self->whole = malloc(ROOM);
	self->again = malloc(ROOM);
	self->fd = open(variant->path, O_RDONLY);
	ASSERT_LE(0, self->fd);
	self->len = read_all(self->fd, self->whole, ROOM);
	ASSERT_LT(4096, self->len);
}

FIXTURE_TEARDOWN(reading)
{
	close(self->fd);
	free(self->whole);
	free(self->again);
}

#define EXPECT_SAME(from, count) do {					\
	EXPECT_EQ(self->len - (from), count);				\
	EXPECT_EQ(0, memcmp(self->whole + (from), self->again, count));	\
} while (0)

/*
 * Reading on from where offset 0 was passed stays in that snapshot, whatever
 * is made meanwhile: nothing here takes a new one but for the first case.
 */
TEST_F(reading, byte_by_byte)
{
	size_t len;

	memfd_create("new", 0);
	/* From 1: that goes on in the snapshot that the fixture has read. */
	ASSERT_EQ(1, lseek(self->fd, 1, SEEK_SET));
	len = read_all(self->fd, self->again, 1);
	EXPECT_SAME(1, len);
}

TEST_F(reading, in_odd_steps)
{
	size_t len;

	memfd_create("new", 0);
	ASSERT_EQ(3, lseek(self->fd, 3, SEEK_SET));
	len = read_all(self->fd, self->again, 4099);
	EXPECT_SAME(3, len);
}

TEST_F(reading, by_pread_backwards)
{
	size_t at = self->len;

	memfd_create("new", 0);
	while (at > 1) {
		size_t step = at - 1 < 1000 ? at - 1 : 1000;

		at -= step;
		ASSERT_EQ(step, pread(self->fd, self->again + at - 1, step,
				      at));
	}
	EXPECT_SAME(1, self->len - 1);
}

TEST_F(reading, by_splice)
{
	size_t len = 0;
	ssize_t got;
	int p[2];

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(2, lseek(self->fd, 2, SEEK_SET));
	while ((got = splice(self->fd, NULL, p[1], NULL, 3000, 0)) > 0) {
		ASSERT_EQ(got, read(p[0], self->again + len, got));
		len += got;
	}
	EXPECT_EQ(0, got);
	EXPECT_SAME(2, len);
}

TEST_F(reading, past_the_end)
{
	EXPECT_EQ(0, read(self->fd, self->again, 10));
	EXPECT_EQ(0, pread(self->fd, self->again, 10, self->len + 100000));
	EXPECT_EQ(-1, lseek(self->fd, 0, SEEK_END));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, lseek(self->fd, -1, SEEK_SET));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, read(self->fd, self->again, 0));
}

/* Two that are open at once each have their own. */
TEST_F(reading, from_two_descriptors_at_once)
{
	int other = open(variant->path, O_RDONLY), i;
	char *second = malloc(ROOM);
	size_t len = 1, more = 0;
	ssize_t got = 1;

	ASSERT_EQ(1, lseek(self->fd, 1, SEEK_SET));
	for (i = 0; i < 3; i++)
		memfd_create("only the second sees this one", 0);
	for (len = 0; got; ) {
		got = read(self->fd, self->again + len, 777);
		ASSERT_LE(0, got);
		len += got;
		more += read(other, second + more, 555);
	}
	EXPECT_SAME(1, len);
	more += read_all(other, second + more, 555);
	second[more] = '\0';
	if (strcmp(variant->path, PROC "maps") && strcmp(variant->path, REPORT))
		EXPECT_NE(NULL, strstr(second, "only\\040the\\040second"));
	free(second);
	close(other);
}

TEST(seeking_back_gives_fresh_figures)
{
	static char buf[ROOM];
	int fd = open(PROC "objects", O_RDONLY);
	size_t len;

	read_all(fd, buf, ROOM);
	memfd_create("appeared later", 0);
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	len = read_all(fd, buf, ROOM - 1);
	buf[len] = '\0';
	EXPECT_NE(NULL, strstr(buf, "appeared\\040later"));
}

TEST(seeking_before_the_first_read)
{
	char first[64], second[64];
	int fd = open(PROC "summary", O_RDONLY);

	/* The header does not change. */
	ASSERT_EQ(5, lseek(fd, 5, SEEK_SET));
	ASSERT_EQ(20, read(fd, first, 20));
	ASSERT_EQ(25, pread(fd, second, 25, 0));
	EXPECT_EQ(0, memcmp(first, second + 5, 20));
}

TEST(module_stays_while_a_file_is_open)
{
	int fd, i;

	for (i = 0; i < NR_FILES; i++) {
		fd = open(files[i], O_RDONLY);
		ASSERT_LE(0, fd);
		EXPECT_EQ(-1, syscall(SYS_delete_module, "shmstat",
				      O_NONBLOCK));
		EXPECT_EQ(EWOULDBLOCK, errno);
		close(fd);
	}
}

TEST(references_are_given_back)
{
	char *before = read_file("/sys/module/shmstat/refcnt"), *after;
	char byte;
	int i, fd;

	for (i = 0; i < 1000; i++) {
		fd = open(files[i % NR_FILES], O_RDONLY);
		ASSERT_LE(0, fd);
		if (i % 3)
			(void)!read(fd, &byte, 1);
		close(fd);
	}
	after = read_file("/sys/module/shmstat/refcnt");
	EXPECT_STREQ(before, after);
}

TEST(buffer_that_is_not_there)
{
	int fd = open(PROC "objects", O_RDONLY);
	char *volatile nowhere = (char *)1;
	char byte;

	EXPECT_EQ(-1, read(fd, nowhere, 100));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(1, read(fd, &byte, 1));
	EXPECT_EQ('i', byte);
}

TEST_HARNESS_MAIN

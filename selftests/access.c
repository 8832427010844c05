// SPDX-License-Identifier: GPL-2.0
/*
 * Who may open the files, how they may be read, and that no kernel address is
 * in them.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/object.h"
#include "helpers/process.h"
#include "helpers/table.h"

/* The one list of the tables: what shmstat(5) promises. */
static const struct {
	const char *name;
	mode_t mode;
} promised[] = {
	{ "cgroups", 0400 }, { "extents", 0600 }, { "holders", 0400 },
	{ "maps", 0400 }, { "objects", 0400 }, { "pages", 0400 },
	{ "snapshot", 0600 }, { "summary", 0400 }, { "superblocks", 0400 },
	{ "sysv", 0400 },
};

TEST(promised_files_owner_and_mode)
{
	struct files files = all_files();
	struct stat st;
	int i;

	ASSERT_EQ(1 + ARRAY_SIZE(promised), files.count);
	for (i = 0; i < files.count; i++) {
		ASSERT_EQ(0, stat(files.path[i], &st));
		EXPECT_EQ(0, st.st_uid);
		EXPECT_EQ(0, st.st_gid);
		if (!i) {
			EXPECT_STREQ(REPORT, files.path[i]);
			EXPECT_EQ(S_IFREG | 0400, st.st_mode);
			continue;
		}
		EXPECT_STREQ(promised[i - 1].name, name_of(files.path[i]));
		EXPECT_EQ(S_IFREG | promised[i - 1].mode, st.st_mode);
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

static void expect_refused(struct __test_metadata *_metadata, int err)
{
	struct files files = all_files();
	int i;

	for (i = 0; i < files.count; i++) {
		EXPECT_EQ(-1, open(files.path[i], O_RDONLY));
		EXPECT_EQ(err, errno);
	}
}

TEST(root_without_the_capability)
{
	ASSERT_EQ(0, drop_cap_sys_admin());
	expect_refused(_metadata, EPERM);
}

TEST(root_of_a_user_namespace)
{
	if (unshare(CLONE_NEWUSER))
		SKIP(return, "no user namespaces: %s", strerror(errno));
	ASSERT_EQ(0, map_root_to(0));
	expect_refused(_metadata, EPERM);
}

TEST(user)
{
	ASSERT_EQ(0, setgroups(0, NULL));
	ASSERT_EQ(0, setgid(NOBODY));
	ASSERT_EQ(0, setuid(NOBODY));
	expect_refused(_metadata, EACCES);
}

TEST(files_without_a_question_cannot_be_written)
{
	struct files files = plain_files();
	int i, fd;

	for (i = 0; i < files.count; i++) {
		/* Root may open them for writing in spite of the mode. */
		fd = open(files.path[i], O_RDWR);
		ASSERT_LE(0, fd);
		EXPECT_EQ(-1, write(fd, "x", 1));
		/* procfs refuses it in a way of its own. */
		EXPECT_EQ(strcmp(files.path[i], REPORT) ? EIO : EINVAL, errno);
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

FIXTURE_VARIANT_ADD(reading, snapshot)
{
	.path = PROC "snapshot",
};

#define BUFFER_SIZE	(1 << 22)

static size_t read_by_steps(int fd, char *to, size_t step)
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
	self->whole = malloc(BUFFER_SIZE);
	self->again = malloc(BUFFER_SIZE);
	self->fd = open_and_ask(variant->path, NULL);
	ASSERT_LE(0, self->fd);
	self->len = read_by_steps(self->fd, self->whole, BUFFER_SIZE);
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
 * Only a read from offset 0 takes a new snapshot, so these cases start behind it
 * and have to get the fixture's snapshot, without the object made meanwhile.
 */
TEST_F(reading, byte_by_byte)
{
	size_t len;

	memfd_create("new", 0);
	ASSERT_EQ(1, lseek(self->fd, 1, SEEK_SET));
	len = read_by_steps(self->fd, self->again, 1);
	EXPECT_SAME(1, len);
}

TEST_F(reading, in_odd_steps)
{
	size_t len;

	memfd_create("new", 0);
	ASSERT_EQ(3, lseek(self->fd, 3, SEEK_SET));
	len = read_by_steps(self->fd, self->again, 4099);
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

/* Two descriptors that are open at once have a snapshot each. */
TEST_F(reading, from_two_descriptors_at_once)
{
	int other = open_and_ask(variant->path, NULL), i;
	char *second = malloc(BUFFER_SIZE);
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
	more += read_by_steps(other, second + more, 555);
	second[more] = '\0';
	if (strcmp(variant->path, PROC "maps") && strcmp(variant->path, REPORT))
		EXPECT_NE(NULL, strstr(second, "only\\040the\\040second"));
	free(second);
	close(other);
}

TEST(seeking_back_gives_fresh_figures)
{
	static char buf[BUFFER_SIZE];
	int fd = open(PROC "objects", O_RDONLY);
	size_t len;

	read_by_steps(fd, buf, BUFFER_SIZE);
	memfd_create("appeared later", 0);
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	len = read_by_steps(fd, buf, BUFFER_SIZE - 1);
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
	struct files files = all_files();
	int fd, i;

	for (i = 0; i < files.count; i++) {
		fd = open(files.path[i], O_RDONLY);
		ASSERT_LE(0, fd);
		EXPECT_EQ(-1, syscall(SYS_delete_module, "shmstat",
				      O_NONBLOCK));
		EXPECT_EQ(EWOULDBLOCK, errno);
		close(fd);
	}
}

TEST(references_are_given_back)
{
	struct files files = all_files();
	int before = module_references(), i, fd;
	char byte;

	for (i = 0; i < 1000; i++) {
		fd = open(files.path[i % files.count], O_RDONLY);
		ASSERT_LE(0, fd);
		if (i % 3)
			(void)!read(fd, &byte, 1);
		close(fd);
	}
	EXPECT_EQ(before, module_references());
}

TEST(buffer_at_a_bad_address)
{
	int fd = open(PROC "objects", O_RDONLY);
	char *volatile nowhere = (char *)1;
	char byte;

	EXPECT_EQ(-1, read(fd, nowhere, 100));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(1, read(fd, &byte, 1));
	EXPECT_EQ('i', byte);
}

/* Whether it is 0xffff800000000000 or above, in hexadecimal or decimal. */
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
	struct files files = all_files();
	char *text, *p, id[ID_SIZE];
	int i, fd;
	size_t len;

	make_one_of_each();
	id_of_fd(memfd_create("asked for", 0), id);
	for (i = 0; i < files.count; i++) {
		fd = open_and_ask(files.path[i], id);
		ASSERT_LE(0, fd);
		text = read_rest(fd);
		ASSERT_NE(NULL, text);
		close(fd);
		for (p = text; *p; p += len ?: 1) {
			for (len = 0; isalnum(p[len]); )
				len++;
			EXPECT_FALSE(is_kernel_address(p, len)) {
				TH_LOG("%s: %.*s", files.path[i], (int)len, p);
			}
		}
		free(text);
	}
}

/* The check above can fail. */
TEST(kernel_address_is_recognised)
{
	EXPECT_TRUE(is_kernel_address("ffff888012345678", 16));
	EXPECT_TRUE(is_kernel_address("18446612682070652928", 20));
	EXPECT_FALSE(is_kernel_address("7fab638d3000", 12));
	EXPECT_FALSE(is_kernel_address("9223372036854771712", 19));
}

TEST_HARNESS_MAIN

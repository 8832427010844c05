// SPDX-License-Identifier: GPL-2.0
/*
 * Objects swapped out and in again, against the kernel's own word on it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/swap.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers/table.h"

#define MB	(1UL << 20)
#define SIZE	(4 * MB)

FIXTURE(swap)
{
	char *p;
};

FIXTURE_SETUP(swap)
{
	if (need_swap())
		SKIP(return, "no swap: this kernel has no zram");
}

FIXTURE_TEARDOWN(swap)
{
}

static void read_pages(const char *p)
{
	volatile char sum = 0;
	size_t i;

	for (i = 0; i < SIZE; i += 4096)
		sum += p[i];
}

/*
 * Reclaim may leave a page behind that somebody looks at just then, so how
 * much is out is for the kernel to say; that something is, for us.
 */
static void page_out(struct __test_metadata *_metadata, char *p)
{
	int i;

	for (i = 0; i < 50 && smaps(p, "Swap") < SIZE; i++)
		ASSERT_EQ(0, madvise(p, SIZE, MADV_PAGEOUT));
	ASSERT_LE(SIZE / 2, smaps(p, "Swap"));
}

static void expect_swapped(struct __test_metadata *_metadata, char *p,
			   const char *kind)
{
	struct table *t = table_read("objects");
	int row = row_of_mapping(t, p);

	ASSERT_LE(0, row);
	EXPECT_STREQ(kind, cell(t, row, "kind"));
	EXPECT_EQ(smaps(p, "Swap"), number(t, row, "swapped"));
	EXPECT_EQ(SIZE - smaps(p, "Swap"), number(t, row, "resident"));
	table_free(t);
}

static void out_and_in(struct __test_metadata *_metadata, char *p,
		       const char *kind)
{
	ASSERT_NE(MAP_FAILED, p);
	memset(p, 0x5a, SIZE);
	expect_swapped(_metadata, p, kind);
	page_out(_metadata, p);
	expect_swapped(_metadata, p, kind);
	read_pages(p);
	EXPECT_EQ(0, smaps(p, "Swap"));
	expect_swapped(_metadata, p, kind);
}

TEST_F(swap, memfd)
{
	int fd = memfd_create("swap", 0);

	ASSERT_EQ(0, ftruncate(fd, SIZE));
	out_and_in(_metadata, mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
				   MAP_SHARED, fd, 0), "memfd");
}

TEST_F(swap, anon)
{
	out_and_in(_metadata, mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0), "anon");
}

TEST_F(swap, tmpfs)
{
	const char *dir = own_tmpfs(NULL);
	char path[128];
	int fd;

	ASSERT_NE(NULL, dir);
	snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	ASSERT_EQ(0, ftruncate(fd, SIZE));
	out_and_in(_metadata, mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
				   MAP_SHARED, fd, 0), "tmpfs");
}

TEST_F(swap, sysv)
{
	struct table *t;
	int shmid, row;
	char id[80];
	char *p;

	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	shmid = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
	p = shmat(shmid, NULL, 0);
	memset(p, 0x5a, SIZE);
	page_out(_metadata, p);

	id_of_segment(shmid, id);
	t = table_read("objects");
	row = row_with(t, 0, "id", id);
	ASSERT_LE(0, row);
	EXPECT_EQ(sysvipc(shmid, "swap"), number(t, row, "swapped"));
	EXPECT_EQ(sysvipc(shmid, "rss"), number(t, row, "resident"));
	EXPECT_NE(0, number(t, row, "swapped"));
	table_free(t);
}

TEST_F(swap, dropped_by_truncation)
{
	int fd = memfd_create("swap", 0), row;
	struct table *t;
	char *p;

	ASSERT_EQ(0, ftruncate(fd, SIZE));
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset(p, 0x5a, SIZE);
	page_out(_metadata, p);
	ASSERT_EQ(0, ftruncate(fd, 0));
	t = table_read("objects");
	row = row_of_fd(t, fd);
	EXPECT_EQ(0, number(t, row, "swapped"));
	EXPECT_EQ(0, number(t, row, "resident"));
	table_free(t);
}

/* Bytes of an object in a swap device, as "extents" has them; -1 for holes. */
static unsigned long long extents_of(const char *id, int type)
{
	unsigned long long bytes = 0;
	struct table *t;
	char text[16];
	char *buf = calloc(1, MB);
	int fd = open(PROC "extents", O_RDWR), row;
	size_t len = 0;
	ssize_t got;

	if (write(fd, id, strlen(id)) < 0)
		abort();
	while ((got = read(fd, buf + len, MB - 1 - len)) > 0)
		len += got;
	close(fd);
	t = table_parse(buf);
	snprintf(text, sizeof(text), "%d", type);
	for (row = 0; row < t->rows; row++)
		if (!strcmp("swapped", cell(t, row, "state")) &&
		    !strcmp(text, cell(t, row, "swap")))
			bytes += number(t, row, "length");
	table_free(t);
	return bytes;
}

/* Its place in /proc/swaps is a device's type while none was turned off. */
static int type_of(const char *device)
{
	char *text = read_file("/proc/swaps"), *line, *rest = text;
	int type;

	/* The first line names the columns. */
	for (type = -1; (line = strsep(&rest, "\n")); type++)
		if (!strncmp(line, device, strlen(device)))
			break;
	free(text);
	return line ? type : -1;
}

static char *paged_out(struct __test_metadata *_metadata, char id[80])
{
	int fd = memfd_create("swap", 0);
	char *p;

	ASSERT_EQ(0, ftruncate(fd, SIZE));
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset(p, 0x5a, SIZE);
	page_out(_metadata, p);
	id_of_fd(fd, id);
	return p;
}

static void expect_type(struct __test_metadata *_metadata, const char *p,
			const char *id, int type)
{
	struct table *t = table_read("pages");
	int row = row_with(t, 0, "id", id);
	char want[64];

	ASSERT_LE(0, row);
	EXPECT_EQ(smaps(p, "Swap"), number(t, row, "swapped"));
	snprintf(want, sizeof(want), "%d=%llu", type, smaps(p, "Swap"));
	EXPECT_STREQ(want, cell(t, row, "swap"));
	table_free(t);
	EXPECT_EQ(smaps(p, "Swap"), extents_of(id, type));
}

/* In "pages" and "extents" alike, on one device and then on another as well. */
TEST_F(swap, of_which_type)
{
	char id[2][80], device[32], command[64], want[64], *p[2], *text;
	unsigned long long there;
	struct table *t;
	int type;

	p[0] = paged_out(_metadata, id[0]);
	expect_type(_metadata, p[0], id[0], 0);

	text = read_file("/sys/class/zram-control/hot_add");
	if (!text)
		SKIP(return, "one swap device alone: no second zram");
	snprintf(device, sizeof(device), "/dev/zram%d", atoi(text));
	snprintf(command, sizeof(command), "/sys/block/zram%d/disksize",
		 atoi(text));
	ASSERT_EQ(0, write_file(command, "64M"));
	snprintf(command, sizeof(command), "mkswap %s >/dev/null 2>&1", device);
	ASSERT_EQ(0, system(command));
	/* Before the other one, so that all goes here. */
	ASSERT_EQ(0, swapon(device, SWAP_FLAG_PREFER | 100));
	type = type_of(device);
	EXPECT_EQ(1, type);
	p[1] = paged_out(_metadata, id[1]);
	/* A CPU may first fill the cluster that it has on the other one. */
	there = extents_of(id[1], type);
	EXPECT_LT(0, there);
	EXPECT_EQ(smaps(p[1], "Swap"), there + extents_of(id[1], 0));
	t = table_read("pages");
	snprintf(want, sizeof(want), "%d=%llu", type, there);
	EXPECT_NE(NULL, strstr(cell(t, row_with(t, 0, "id", id[1]), "swap"),
			       want));
	table_free(t);
	expect_type(_metadata, p[0], id[0], 0);
	munmap(p[1], SIZE);
	EXPECT_EQ(0, swapoff(device));
	write_file("/sys/class/zram-control/hot_remove", text);
	free(text);
}

TEST_HARNESS_MAIN

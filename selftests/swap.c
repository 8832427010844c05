// SPDX-License-Identifier: GPL-2.0
/*
 * Objects swapped out and in again, against smaps and /proc/sysvipc/shm.
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

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
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
 * Reclaim may leave pages that are in use just then: so how much is in swap is
 * taken from smaps, but it has to be half.
 */
static void page_out_most(struct __test_metadata *_metadata, char *p)
{
	page_out(p, SIZE, SIZE);
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
	page_out_most(_metadata, p);
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
	char path[128];
	int fd;

	fd = own_tmpfs_file(NULL, path);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, SIZE));
	out_and_in(_metadata, mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
				   MAP_SHARED, fd, 0), "tmpfs");
}

TEST_F(swap, sysv)
{
	struct table *t;
	int shmid, row;
	char id[ID_SIZE];
	char *p;

	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	shmid = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
	p = shmat(shmid, NULL, 0);
	memset(p, 0x5a, SIZE);
	page_out_most(_metadata, p);

	id_of_segment(shmid, id);
	t = table_read("objects");
	row = row_with(t, 0, "id", id);
	ASSERT_LE(0, row);
	EXPECT_EQ(sysvipc(shmid, "swap"), number(t, row, "swapped"));
	EXPECT_EQ(sysvipc(shmid, "rss"), number(t, row, "resident"));
	EXPECT_NE(0, number(t, row, "swapped"));
	table_free(t);
}

static char *paged_out_memfd(struct __test_metadata *_metadata, int *fd)
{
	char *p;

	*fd = memfd_create("swap", 0);
	ASSERT_EQ(0, ftruncate(*fd, SIZE));
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	memset(p, 0x5a, SIZE);
	page_out_most(_metadata, p);
	return p;
}

TEST_F(swap, dropped_by_truncation)
{
	struct table *t;
	int fd, row;

	paged_out_memfd(_metadata, &fd);
	ASSERT_EQ(0, ftruncate(fd, 0));
	t = table_read("objects");
	row = row_of_fd(t, fd);
	EXPECT_EQ(0, number(t, row, "swapped"));
	EXPECT_EQ(0, number(t, row, "resident"));
	table_free(t);
}

/* Bytes of an object on a swap device, as "extents" has them. */
static unsigned long long extents_of(const char *id, int type)
{
	int fd = open_and_ask(PROC "extents", id);
	struct table *t = table_parse(read_rest(fd));
	unsigned long long bytes;
	char text[16];

	close(fd);
	snprintf(text, sizeof(text), "%d", type);
	/* Only runs in swap have a device. */
	bytes = sum_with(t, "length", "swap", text);
	table_free(t);
	return bytes;
}

/* A device's type is its place in /proc/swaps, unless one was turned off. */
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

static char *paged_out_object(struct __test_metadata *_metadata,
			      char id[ID_SIZE])
{
	int fd;
	char *p = paged_out_memfd(_metadata, &fd);

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

/* In "pages" and "extents", on one device and then on a second one. */
TEST_F(swap, of_which_type)
{
	char id[2][ID_SIZE], device[32], command[64], want[64], *p[2], *text;
	unsigned long long there;
	struct table *t;
	int type;

	p[0] = paged_out_object(_metadata, id[0]);
	expect_type(_metadata, p[0], id[0], 0);

	text = read_file("/sys/class/zram-control/hot_add");
	if (!text)
		SKIP(return, "no second zram for another swap device");
	snprintf(device, sizeof(device), "/dev/zram%d", atoi(text));
	snprintf(command, sizeof(command), "/sys/block/zram%d/disksize",
		 atoi(text));
	ASSERT_EQ(0, write_file(command, "64M"));
	snprintf(command, sizeof(command), "mkswap %s >/dev/null 2>&1", device);
	ASSERT_EQ(0, system(command));
	/* Its priority is higher, so that the next pages go there. */
	ASSERT_EQ(0, swapon(device, SWAP_FLAG_PREFER | 100));
	type = type_of(device);
	EXPECT_EQ(1, type);
	p[1] = paged_out_object(_metadata, id[1]);
	/* But a CPU may first fill its cluster on the other one. */
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

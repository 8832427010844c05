// SPDX-License-Identifier: GPL-2.0
/*
 * Objects swapped out and in again, against smaps, /proc/sysvipc/shm, and what the
 * kernel counts of large folios.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/statvfs.h>
#include <sys/swap.h>
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

/* Bytes of an object in extents with a value in a column. */
static unsigned long long extents_with(const char *id, const char *column,
				       const char *value)
{
	int fd = open_and_ask(PROC "extents", id);
	struct table *t = table_parse(read_rest(fd));
	unsigned long long bytes;

	close(fd);
	bytes = sum_with(t, "length", column, value);
	table_free(t);
	return bytes;
}

/* Bytes of an object on a swap device, as "extents" has them. */
static unsigned long long extents_of(const char *id, int type)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", type);
	/* Only runs in swap have a device. */
	return extents_with(id, "swap", text);
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
	EXPECT_STREQ(smaps(p, "Swap") ? want : "-", cell(t, row, "swap"));
	table_free(t);
	EXPECT_EQ(smaps(p, "Swap"), extents_of(id, type));
}

/* Another zram, in use before the first one: its name; NULL if there is none. */
static const char *second_device(struct __test_metadata *_metadata,
				 char nr[16])
{
	static char device[32];
	char command[64], *text;

	text = read_file("/sys/class/zram-control/hot_add");
	if (!text)
		return NULL;
	snprintf(nr, 16, "%d", atoi(text));
	free(text);
	snprintf(device, sizeof(device), "/dev/zram%s", nr);
	snprintf(command, sizeof(command), "/sys/block/zram%s/disksize", nr);
	ASSERT_EQ(0, write_file(command, "256M"));
	snprintf(command, sizeof(command), "mkswap %s >/dev/null 2>&1", device);
	ASSERT_EQ(0, system(command));
	ASSERT_EQ(0, swapon(device, SWAP_FLAG_PREFER | 100));
	return device;
}

/*
 * Each CPU goes on with the slots of the device that it took some of before. Pages
 * of no importance get what is left of them.
 */
static void use_up_slots(struct __test_metadata *_metadata)
{
	int cpu, cpus = sysconf(_SC_NPROCESSORS_CONF);
	cpu_set_t set;
	char *p;

	for (cpu = 0; cpu < cpus; cpu++) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		if (sched_setaffinity(0, sizeof(set), &set))
			continue;
		/* They stay in swap, or their slots would be used again. */
		p = map_shared(2 * SIZE);
		memset(p, 1, 2 * SIZE);
		page_out(p, 2 * SIZE, 2 * SIZE);
	}
}

/* In "pages" and "extents", on one device and then on a second one. */
TEST_F(swap, of_which_type)
{
	char id[2][ID_SIZE], nr[16], *p[2];
	const char *device;
	int type;

	p[0] = paged_out_object(_metadata, id[0]);
	expect_type(_metadata, p[0], id[0], 0);
	device = second_device(_metadata, nr);
	if (!device)
		SKIP(return, "no second zram for another swap device");
	type = type_of(device);
	EXPECT_EQ(1, type);
	use_up_slots(_metadata);
	p[1] = paged_out_object(_metadata, id[1]);
	expect_type(_metadata, p[1], id[1], type);
	expect_type(_metadata, p[0], id[0], 0);
	munmap(p[1], SIZE);
	EXPECT_EQ(0, swapoff(device));
	write_file("/sys/class/zram-control/hot_remove", nr);
}

/* One object, of which the first half is on one device and the rest on another. */
TEST_F(swap, of_two_types)
{
	unsigned long long first, rest;
	char id[ID_SIZE], nr[16], want[64];
	const char *device;
	struct table *t;
	int fd, file, row, last = 0;
	char *p;

	fd = memfd_create("two", 0);
	ASSERT_EQ(0, ftruncate(fd, SIZE));
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset(p, 0x5a, SIZE);
	id_of_fd(fd, id);
	ASSERT_EQ(0, madvise(p, SIZE / 2, MADV_PAGEOUT));
	first = smaps(p, "Swap");
	ASSERT_LT(0, first);
	device = second_device(_metadata, nr);
	if (!device)
		SKIP(return, "no second zram for another swap device");
	use_up_slots(_metadata);
	ASSERT_EQ(0, madvise(p + SIZE / 2, SIZE / 2, MADV_PAGEOUT));
	rest = smaps(p, "Swap") - first;
	ASSERT_LT(0, rest);

	snprintf(want, sizeof(want), "0=%llu,1=%llu", first, rest);
	t = table_read("pages");
	row = row_with(t, 0, "id", id);
	ASSERT_LE(0, row);
	EXPECT_STREQ(want, cell(t, row, "swap"));
	table_free(t);
	EXPECT_EQ(first, extents_of(id, 0));
	EXPECT_EQ(rest, extents_of(id, 1));
	/* In file order: none of the first half is behind one of the second. */
	file = open_and_ask(PROC "extents", id);
	t = table_parse(read_rest(file));
	for_each_row_with(row, t, "state", "swapped") {
		EXPECT_LE(last, number(t, row, "swap"));
		last = number(t, row, "swap");
		EXPECT_EQ(last, number(t, row, "start") >= SIZE / 2);
	}
	table_free(t);
	close(file);
	munmap(p, SIZE);
	close(fd);
	EXPECT_EQ(0, swapoff(device));
	write_file("/sys/class/zram-control/hot_remove", nr);
}

/* A swap device over another zram, of which the pages can be made unreadable. */
static const char lossy[] = "/dev/mapper/shmstat-lossy";

static bool dm(const char *command)
{
	char line[256];

	snprintf(line, sizeof(line), "DM_DISABLE_UDEV=1 dmsetup %s >/dev/null 2>&1",
		 command);
	return !system(line);
}

static bool lossy_target(const char *verb, const char *target)
{
	char command[128];

	snprintf(command, sizeof(command),
		 "%s shmstat-lossy --table '0 524288 %s'", verb, target);
	return dm(command);
}

static bool change_lossy(const char *target)
{
	return lossy_target("load", target) &&
	       dm("suspend --noflush shmstat-lossy") &&
	       dm("resume shmstat-lossy");
}

/* The first page of some that a child dies of; -1 if it can read them all. */
static int lose_a_page(char *p, int count)
{
	int nr, status;
	pid_t pid;

	for (nr = 0; nr < count; nr++) {
		pid = fork_child();
		if (!pid)
			_exit(((volatile char *)p)[nr * 4096L] != 0x5a);
		waitpid(pid, &status, 0);
		if (WIFSIGNALED(status))
			return nr;
	}
	return -1;
}

/*
 * A page that swap does not give back leaves a marker in its place, which is no
 * swap any more. The file's blocks and smaps still count it.
 */
TEST_F(swap, lost_to_an_error)
{
	static const char * const tables[] = { "pages", "objects" };
	char id[ID_SIZE], linear[64], nr[16];
	const char *device;
	struct table *t;
	int fd, row, i;
	char *p;

	if (!kernel_since(6, 1))
		SKIP(return, "before v6.1, a page that is lost stays in swap");
	device = second_device(_metadata, nr);
	if (!device)
		SKIP(return, "no second zram");
	ASSERT_EQ(0, swapoff(device));
	system("modprobe -q dm-mod");
	snprintf(linear, sizeof(linear), "linear %s 0", device);
	if (!lossy_target("create", linear)) {
		write_file("/sys/class/zram-control/hot_remove", nr);
		SKIP(return, "no device mapper");
	}
	ASSERT_EQ(0, system("mkswap /dev/mapper/shmstat-lossy >/dev/null 2>&1"));
	ASSERT_EQ(0, swapon(lossy, SWAP_FLAG_PREFER | 200));
	use_up_slots(_metadata);
	fd = memfd_create("lost", 0);
	ASSERT_EQ(0, ftruncate(fd, SIZE));
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset(p, 0x5a, SIZE);
	page_out_most(_metadata, p);
	id_of_fd(fd, id);

	ASSERT_TRUE(change_lossy("error"));
	EXPECT_LE(0, lose_a_page(p, SIZE / 4096));
	ASSERT_TRUE(change_lossy(linear));

	for (i = 0; i < 2; i++) {
		t = table_read(tables[i]);
		row = row_with(t, 0, "id", id);
		ASSERT_LE(0, row);
		EXPECT_EQ(SIZE - 4096, number(t, row, "resident") +
			  number(t, row, "swapped"));
		table_free(t);
	}
	EXPECT_EQ(SIZE - 4096, extents_with(id, "state", "resident") +
		  extents_with(id, "state", "swapped"));
	munmap(p, SIZE);
	close(fd);
	EXPECT_EQ(0, swapoff(lossy));
	EXPECT_TRUE(dm("remove shmstat-lossy"));
	write_file("/sys/class/zram-control/hot_remove", nr);
}

/* The only object of its file system, whose own count has what is in swap, too. */
TEST_F(swap, superblock)
{
	unsigned long long swapped, before[2];
	static const char * const rows[] = { "tmpfs", "total" };
	struct statvfs vfs;
	char path[128];
	struct table *t;
	int fd, row, i;
	char *p;

	fd = own_tmpfs_file("size=20m", path);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, SIZE));
	t = table_read("summary");
	for (i = 0; i < 2; i++)
		before[i] = number(t, row_with(t, 0, "kind", rows[i]), "swapped");
	table_free(t);
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset(p, 0x5a, SIZE);
	page_out_most(_metadata, p);
	swapped = smaps(p, "Swap");

	t = table_read("superblocks");
	row = row_of_superblock(t, path);
	ASSERT_LE(0, row);
	EXPECT_EQ(swapped, number(t, row, "swapped"));
	EXPECT_EQ(SIZE - swapped, number(t, row, "resident"));
	ASSERT_EQ(0, statvfs(path, &vfs));
	EXPECT_EQ(SIZE, (vfs.f_blocks - vfs.f_bfree) * vfs.f_frsize);
	EXPECT_EQ(SIZE, number(t, row, "bytes_used"));
	table_free(t);
	t = table_read("summary");
	for (i = 0; i < 2; i++)
		EXPECT_EQ(before[i] + swapped,
			  number(t, row_with(t, 0, "kind", rows[i]), "swapped"));
	table_free(t);
}

/* Bytes of an object in swap entries of an order, as "extents" has them. */
static unsigned long long swapped_in_order(const char *id, unsigned int order)
{
	int fd = open_and_ask(PROC "extents", id), row;
	struct table *t = table_parse(read_rest(fd));
	unsigned long long bytes = 0;

	close(fd);
	for_each_row_with(row, t, "state", "swapped")
		if (number(t, row, "order") == order)
			bytes += number(t, row, "length");
	table_free(t);
	return bytes;
}

static void expect_swap(struct __test_metadata *_metadata, char *p,
			const char *id)
{
	unsigned long long swapped = smaps(p, "Swap");
	struct table *t = table_read("objects");
	int row = row_with(t, 0, "id", id);

	ASSERT_LE(0, row);
	EXPECT_EQ(swapped, number(t, row, "swapped"));
	EXPECT_EQ(SIZE - swapped, number(t, row, "resident"));
	table_free(t);
	expect_type(_metadata, p, id, 0);
}

/*
 * An object of folios of an order. The write that allows them starts khugepaged,
 * which puts the first ones it finds into a huge page; later ones are left alone.
 */
static char *make_folios(struct __test_metadata *_metadata, unsigned int order,
			 int *fd)
{
	unsigned int got, tries = 10;
	struct page *pages;
	char *p;

	for (;;) {
		*fd = memfd_create("large", 0);
		ASSERT_EQ(0, ftruncate(*fd, SIZE));
		p = map_aligned(*fd, SIZE);
		memset(p, 0x5a, SIZE);
		pages = pages_at(p, SIZE / 4096);
		got = pages[0].order;
		free(pages);
		if (got == order || !--tries)
			break;
		munmap(p, SIZE);
		close(*fd);
	}
	EXPECT_EQ(order, got);
	return p;
}

/*
 * Folios of an order are swapped out; from v6.12 on each gets one swap entry. A
 * mapping has the parts that lie in it, and the entry of a page that is swapped in
 * again is split.
 */
static void swap_folios(struct __test_metadata *_metadata, unsigned int order)
{
	size_t size = 4096UL << order, first = size / 2, len = size * 5 / 4;
	long long whole = swapped_out_whole(order);
	char *p, *part, id[ID_SIZE];
	struct table *t;
	int fd, row;

	p = make_folios(_metadata, order, &fd);
	id_of_fd(fd, id);
	page_out_most(_metadata, p);
	expect_swap(_metadata, p, id);
	if (whole >= 0) {
		whole = swapped_out_whole(order) - whole;
		EXPECT_EQ(whole * size, swapped_in_order(id, order));
		TH_LOG("%lld of %lu folios of order %u as a whole", whole,
		       SIZE / size, order);
		if (kernel_since(6, 12))
			EXPECT_LT(0, whole);
	} else {
		EXPECT_EQ(smaps(p, "Swap"), swapped_in_order(id, 0));
	}

	/* From the middle of an entry to three quarters of the next, and no more. */
	ASSERT_EQ(0, munmap(p, SIZE));
	part = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, first);
	t = table_read("maps");
	row = row_with(t, 0, "id", id);
	ASSERT_LE(0, row);
	EXPECT_EQ(len - incore(part, len), number(t, row, "swapped"));
	EXPECT_EQ(incore(part, len), number(t, row, "resident"));
	table_free(t);

	p = map_aligned(fd, SIZE);
	(void)*(volatile char *)(p + size + 3 * 4096);
	EXPECT_GT(SIZE, smaps(p, "Swap"));
	expect_swap(_metadata, p, id);
	read_pages(p);
	EXPECT_EQ(0, smaps(p, "Swap"));
	expect_swap(_metadata, p, id);
}

TEST_F(swap, folios_of_64_kb)
{
	if (set_shmem_order(4, "always"))
		SKIP(return, "no folios between a page and a huge page before v6.11");
	swap_folios(_metadata, 4);
	set_shmem_order(4, "never");
}

TEST_F(swap, huge_pages)
{
	char was[MAX_ENABLED];

	if (set_shmem_enabled("force", was))
		SKIP(return, "shmem_enabled cannot be forced");
	swap_folios(_metadata, 9);
	set_shmem_enabled(was, NULL);
}

TEST_HARNESS_MAIN

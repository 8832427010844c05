// SPDX-License-Identifier: GPL-2.0
/*
 * Sums: every table adds up to the kernel's own counter, to the byte.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/table.h"

#define MB	(1UL << 20)

/* The one list of the kinds: what shmstat(5) promises, in this order. */
static const char * const promised_kinds[] = {
	"sysv", "posix", "anon", "memfd", "gpu", "tmpfs", "kernel",
};

TEST(promised_kinds_in_their_order)
{
	struct table *t = table_read("summary");
	int row;

	ASSERT_EQ(ARRAY_SIZE(promised_kinds), count_kinds(t));
	for (row = 0; row < ARRAY_SIZE(promised_kinds); row++)
		EXPECT_STREQ(promised_kinds[row], cell(t, row, "kind"));
	table_free(t);
}

/* Of page-sized objects of a kind, or of all: their number, or a column's sum. */
static unsigned long long sum_where(const struct table *t, const char *column,
				    const char *kind, bool objects)
{
	unsigned long page = sysconf(_SC_PAGESIZE), sum = 0;
	int row;

	for (row = 0; row < t->rows; row++)
		if (number(t, row, "pagesize") == page &&
		    (!kind || !strcmp(cell(t, row, "kind"), kind)))
			sum += objects ? 1 : number(t, row, column);
	return sum;
}

static void make_some_of_each(void)
{
	char *p = mmap(NULL, 3 * MB, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = memfd_create("some", 0);
	int shmid = shmget(IPC_PRIVATE, MB, IPC_CREAT | 0600);

	memset(p, 1, 3 * MB);
	memset(shmat(shmid, NULL, 0), 1, MB);
	shmctl(shmid, IPC_RMID, NULL);
	if (posix_fallocate(fd, 0, 5 * MB))
		abort();
}

/* The rest of the guest may change something between two reads. */
#define TRIES	10

static void expect_shmem(struct __test_metadata *_metadata, const char *table,
			 unsigned long long (*add_up)(const struct table *t))
{
	unsigned long long sum = 0, shmem = 1;
	struct table *t;
	int i;

	make_some_of_each();
	for (i = 0; i < TRIES && sum != shmem; i++) {
		t = table_read(table);
		shmem = meminfo("Shmem") << 10;
		sum = add_up(t);
		table_free(t);
	}
	EXPECT_EQ(shmem, sum);
	EXPECT_LT(9 * MB, sum);
}

static unsigned long long sum_of_objects(const struct table *t)
{
	return sum_where(t, "resident", NULL, false);
}

TEST(objects_add_up_to_shmem)
{
	expect_shmem(_metadata, "objects", sum_of_objects);
}

static unsigned long long sum_of_pages(const struct table *t)
{
	return table_sum(t, "resident");
}

TEST(pages_add_up_to_shmem)
{
	expect_shmem(_metadata, "pages", sum_of_pages);
}

static unsigned long long sum_of_superblocks(const struct table *t)
{
	return table_sum(t, "resident") -
	       sum_with(t, "resident", "type", "hugetlbfs");
}

TEST(superblocks_add_up_to_shmem)
{
	expect_shmem(_metadata, "superblocks", sum_of_superblocks);
}

TEST(summary_is_the_sum_of_objects)
{
	struct table *summary, *objects;
	static const char * const columns[] = { "size", "resident", "swapped" };
	const char *kind;
	bool same = false;
	int i, j, row;

	make_some_of_each();
	for (i = 0; i < TRIES && !same; i++) {
		objects = table_read("objects");
		summary = table_read("summary");
		same = true;
		ASSERT_LE(count_kinds(summary) + 2, summary->rows);
		for (row = 0; row < count_kinds(summary); row++) {
			kind = cell(summary, row, "kind");
			same &= number(summary, row, "objects") ==
				sum_where(objects, NULL, kind, true);
			for (j = 0; j < 3; j++)
				same &= number(summary, row, columns[j]) ==
					sum_where(objects, columns[j], kind,
						  false);
		}
		row = row_with(summary, 0, "kind", "total");
		ASSERT_EQ(summary->rows - 2, row);
		for (j = 0; j < 3; j++)
			same &= number(summary, row, columns[j]) ==
				sum_where(objects, columns[j], NULL, false);
		table_free(objects);
		table_free(summary);
	}
	EXPECT_TRUE(same);
}

TEST(nr_shmem_is_the_kernels_counter)
{
	unsigned long long shmem = 0, counter = 1;
	struct table *t;
	int i, row;

	for (i = 0; i < TRIES && shmem != counter; i++) {
		shmem = meminfo("Shmem") << 10;
		t = table_read("summary");
		row = row_with(t, 0, "kind", "nr_shmem");
		ASSERT_EQ(t->rows - 1, row);
		counter = number(t, row, "resident");
		EXPECT_STREQ("-", cell(t, row, "objects"));
		EXPECT_STREQ("-", cell(t, row, "size"));
		EXPECT_STREQ("-", cell(t, row, "swapped"));
		table_free(t);
	}
	EXPECT_EQ(shmem, counter);
}

TEST(superblock_says_what_statvfs_says)
{
	struct statvfs vfs;
	struct table *t;
	char path[128];
	int fd, row;

	fd = own_tmpfs_file("size=7m,nr_inodes=100,mode=750,uid=12", path);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, posix_fallocate(fd, 0, 2 * MB + 1));
	ASSERT_EQ(0, statvfs(path, &vfs));

	t = table_read("superblocks");
	row = row_of_superblock(t, path);
	ASSERT_LE(0, row);
	EXPECT_STREQ("tmpfs", cell(t, row, "type"));
	EXPECT_STREQ("no", cell(t, row, "internal"));
	EXPECT_EQ(1, number(t, row, "objects"));
	EXPECT_EQ(vfs.f_blocks * vfs.f_frsize, number(t, row, "bytes_limit"));
	EXPECT_EQ((vfs.f_blocks - vfs.f_bfree) * vfs.f_frsize,
		  number(t, row, "bytes_used"));
	EXPECT_EQ((vfs.f_blocks - vfs.f_bfree) * vfs.f_frsize,
		  number(t, row, "resident"));
	EXPECT_EQ(vfs.f_files, number(t, row, "inodes_limit"));
	EXPECT_EQ(vfs.f_files - vfs.f_ffree, number(t, row, "inodes_used"));
	EXPECT_NE(NULL, strstr(cell(t, row, "options"),
			       "rw,size=7168k,nr_inodes=100,mode=750,uid=12"));
	table_free(t);
}

/* The options of the superblock of the mount at a path, from mountinfo. */
static void options_at(const char *path, char options[256])
{
	FILE *f = fopen("/proc/self/mountinfo", "r");
	char line[1024], at[256], *tail;

	options[0] = '\0';
	while (f && fgets(line, sizeof(line), f)) {
		tail = strstr(line, " - ");
		if (tail && sscanf(line, "%*d %*d %*s %*s %255s", at) == 1 &&
		    !strcmp(at, path))
			sscanf(tail, " - %*s %*s %255s", options);
	}
	if (f)
		fclose(f);
}

static void expect_options(struct __test_metadata *_metadata, const char *path,
			   const char *start)
{
	struct table *t = table_read("superblocks");
	int row = row_of_superblock(t, path);
	char options[256];

	ASSERT_LE(0, row);
	options_at(path, options);
	ASSERT_EQ(0, strncmp(start, options, strlen(start)));
	EXPECT_STREQ(options, cell(t, row, "options"));
	table_free(t);
}

TEST(options_of_a_read_only_tmpfs)
{
	const char *dir = own_tmpfs("size=1m,mode=700");

	ASSERT_NE(NULL, dir);
	expect_options(_metadata, dir, "rw,size=1024k");
	ASSERT_EQ(0, mount(NULL, dir, NULL, MS_REMOUNT | MS_RDONLY,
			   "size=1m"));
	expect_options(_metadata, dir, "ro,size=1024k");
}

/* The file system can be written to by other mounts of it. */
TEST(options_of_a_read_only_mount)
{
	const char *dir = own_tmpfs("size=2m");

	ASSERT_NE(NULL, dir);
	ASSERT_EQ(0, mount(NULL, dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY,
			   NULL));
	expect_options(_metadata, dir, "rw,size=2048k");
}

/* As statvfs(2) says of it; a limit of -1 is none. */
static void expect_usage(struct __test_metadata *_metadata, const char *path)
{
	struct table *t = table_read("superblocks");
	int row = row_of_superblock(t, path);
	struct statvfs vfs;

	ASSERT_LE(0, row);
	ASSERT_EQ(0, statvfs(path, &vfs));
	if ((long)vfs.f_blocks > 0) {
		EXPECT_EQ(vfs.f_blocks * vfs.f_bsize,
			  number(t, row, "bytes_limit"));
		EXPECT_EQ((vfs.f_blocks - vfs.f_bfree) * vfs.f_bsize,
			  number(t, row, "bytes_used"));
	} else {
		EXPECT_STREQ("-", cell(t, row, "bytes_limit"));
		EXPECT_STREQ("-", cell(t, row, "bytes_used"));
	}
	if ((long)vfs.f_files > 0) {
		EXPECT_EQ(vfs.f_files, number(t, row, "inodes_limit"));
		EXPECT_EQ(vfs.f_files - vfs.f_ffree,
			  number(t, row, "inodes_used"));
	} else {
		EXPECT_STREQ("-", cell(t, row, "inodes_limit"));
		EXPECT_STREQ("-", cell(t, row, "inodes_used"));
	}
	table_free(t);
}

#define NR_HUGE	"/proc/sys/vm/nr_hugepages"

FIXTURE(hugetlbfs)
{
	long long before;
};

FIXTURE_SETUP(hugetlbfs)
{
	self->before = file_number(NR_HUGE);
	if (self->before < 0)
		SKIP(return, "no hugetlb in this kernel");
	write_number(NR_HUGE, 8);
	if (file_number(NR_HUGE) < 8)
		SKIP(return, "8 huge pages are not available");
	ASSERT_EQ(0, own_mounts());
}

FIXTURE_TEARDOWN(hugetlbfs)
{
	umount2("/mnt", MNT_DETACH);
	if (self->before >= 0)
		write_number(NR_HUGE, self->before);
}

/* Mounts it with these options and writes into one of its pages. */
static void use_hugetlbfs(struct __test_metadata *_metadata,
			  const char *options)
{
	size_t size = meminfo("Hugepagesize") << 10;
	char *p;
	int fd;

	ASSERT_EQ(0, mount("none", "/mnt", "hugetlbfs", 0, options));
	fd = open("/mnt/file", O_CREAT | O_RDWR, 0600);
	ASSERT_LE(0, fd);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	*p = 1;
	close(fd);
	expect_usage(_metadata, "/mnt");
}

TEST_F(hugetlbfs, without_limits)
{
	use_hugetlbfs(_metadata, NULL);
	expect_options(_metadata, "/mnt", "rw");
}

TEST_F(hugetlbfs, with_a_size)
{
	use_hugetlbfs(_metadata, "size=8M,nr_inodes=100");
	expect_options(_metadata, "/mnt", "rw");
}

/* Pages are set aside for it, but there is no limit. */
TEST_F(hugetlbfs, with_a_minimum)
{
	use_hugetlbfs(_metadata, "min_size=4M");
	expect_options(_metadata, "/mnt", "rw");
}

TEST_F(hugetlbfs, with_a_minimum_and_a_size)
{
	use_hugetlbfs(_metadata, "min_size=4M,size=8M");
	expect_options(_metadata, "/mnt", "rw");
}

#define MOUNTS	100

/* More than the module or the report keep of anything else. */
TEST_F(hugetlbfs, many_of_them)
{
	struct table *t;
	char path[64];
	int i, row;

	ASSERT_EQ(0, mount("many", "/mnt", "tmpfs", 0, NULL));
	for (i = 0; i < MOUNTS; i++) {
		snprintf(path, sizeof(path), "/mnt/%d", i);
		ASSERT_EQ(0, mkdir(path, 0755));
		ASSERT_EQ(0, mount("many", path, "hugetlbfs", 0, "size=4M"));
	}
	t = table_read("superblocks");
	for (i = 0; i < MOUNTS; i++) {
		snprintf(path, sizeof(path), "/mnt/%d", i);
		row = row_of_superblock(t, path);
		ASSERT_LE(0, row);
		EXPECT_STREQ("hugetlbfs", cell(t, row, "type"));
	}
	table_free(t);
}

TEST(superblock_without_limits)
{
	const char *dir = own_tmpfs("size=0,nr_inodes=0");
	struct table *t;
	int row;

	ASSERT_NE(NULL, dir);
	t = table_read("superblocks");
	row = row_of_superblock(t, dir);
	ASSERT_LE(0, row);
	EXPECT_STREQ("-", cell(t, row, "bytes_used"));
	EXPECT_STREQ("-", cell(t, row, "bytes_limit"));
	EXPECT_STREQ("-", cell(t, row, "inodes_used"));
	EXPECT_STREQ("-", cell(t, row, "inodes_limit"));
	table_free(t);
}

TEST(every_mounted_tmpfs_is_there)
{
	struct table *t = table_read("superblocks");
	FILE *f = fopen("/proc/self/mountinfo", "r");
	char line[1024], dev[32], *type;
	int seen = 0;

	ASSERT_NE(NULL, f);
	while (fgets(line, sizeof(line), f)) {
		type = strstr(line, " - ");
		if (!type || sscanf(line, "%*d %*d %31s", dev) != 1)
			continue;
		if (strncmp(type + 3, "tmpfs ", 6) &&
		    strncmp(type + 3, "devtmpfs ", 9))
			continue;
		EXPECT_LE(0, row_with(t, 0, "dev", dev));
		seen++;
	}
	EXPECT_LT(1, seen);
	/* The internal mount, to which no path leads, and the initial root. */
	EXPECT_LE(0, row_with(t, 0, "internal", "yes"));
	/* Since v7.0 that is an empty file system of another type. */
	if (!kernel_since(7, 0))
		EXPECT_LE(0, row_with(t, 0, "type", "rootfs"));
	fclose(f);
	table_free(t);
}

TEST_HARNESS_MAIN

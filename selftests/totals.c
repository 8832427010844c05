// SPDX-License-Identifier: GPL-2.0
/*
 * The measure of honesty: everything adds up, to the byte.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers/table.h"

#define MB	(1UL << 20)

static const char * const kinds[] = {
	"sysv", "posix", "anon", "memfd", "gpu", "tmpfs", "kernel",
};

#define NR_KINDS	ARRAY_SIZE(kinds)

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

/* Something else may be under way in the guest, so a few tries are fair. */
#define TRIES	10

TEST(objects_add_up_to_shmem)
{
	unsigned long long objects = 0, shmem = 1;
	struct table *t;
	int i;

	make_some_of_each();
	for (i = 0; i < TRIES && objects != shmem; i++) {
		t = table_read("objects");
		shmem = meminfo("Shmem") << 10;
		objects = sum_where(t, "resident", NULL, false);
		table_free(t);
	}
	EXPECT_EQ(shmem, objects);
	EXPECT_LT(9 * MB, objects);
}

TEST(pages_add_up_to_shmem)
{
	unsigned long long pages = 0, shmem = 1;
	struct table *t;
	int i;

	make_some_of_each();
	for (i = 0; i < TRIES && pages != shmem; i++) {
		t = table_read("pages");
		shmem = meminfo("Shmem") << 10;
		pages = table_sum(t, "resident");
		table_free(t);
	}
	EXPECT_EQ(shmem, pages);
}

TEST(superblocks_add_up_to_shmem)
{
	unsigned long long supers = 0, shmem = 1;
	struct table *t;
	int i, row;

	make_some_of_each();
	for (i = 0; i < TRIES && supers != shmem; i++) {
		t = table_read("superblocks");
		shmem = meminfo("Shmem") << 10;
		for (row = 0, supers = 0; row < t->rows; row++)
			if (strcmp(cell(t, row, "type"), "hugetlbfs"))
				supers += number(t, row, "resident");
		table_free(t);
	}
	EXPECT_EQ(shmem, supers);
}

TEST(summary_is_the_sum_of_objects)
{
	struct table *summary, *objects;
	static const char * const columns[] = { "size", "resident", "swapped" };
	bool same = false;
	int i, j, row;

	make_some_of_each();
	for (i = 0; i < TRIES && !same; i++) {
		objects = table_read("objects");
		summary = table_read("summary");
		same = true;
		ASSERT_LE(NR_KINDS + 2, summary->rows);
		for (row = 0; row < NR_KINDS; row++) {
			EXPECT_STREQ(kinds[row], cell(summary, row, "kind"));
			same &= number(summary, row, "objects") ==
				sum_where(objects, NULL, kinds[row], true);
			for (j = 0; j < 3; j++)
				same &= number(summary, row, columns[j]) ==
					sum_where(objects, columns[j],
						  kinds[row], false);
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
	const char *dir = own_tmpfs("size=7m,nr_inodes=100,mode=750,uid=12");
	struct statvfs vfs;
	struct table *t;
	struct stat st;
	char path[128], dev[32];
	int fd, row;

	ASSERT_NE(NULL, dir);
	snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	ASSERT_EQ(0, posix_fallocate(fd, 0, 2 * MB + 1));
	ASSERT_EQ(0, stat(dir, &st));
	ASSERT_EQ(0, statvfs(dir, &vfs));

	t = table_read("superblocks");
	snprintf(dev, sizeof(dev), "%u:%u", major(st.st_dev),
		 minor(st.st_dev));
	row = row_with(t, 0, "dev", dev);
	ASSERT_LE(0, row);
	EXPECT_STREQ("tmpfs", cell(t, row, "type"));
	EXPECT_STREQ("no", cell(t, row, "internal"));
	EXPECT_EQ(1, number(t, row, "objects"));
	EXPECT_EQ(vfs.f_blocks * vfs.f_frsize, number(t, row, "bytes_limit"));
	EXPECT_EQ((vfs.f_blocks - vfs.f_bfree) * vfs.f_frsize,
		  number(t, row, "bytes_used"));
	EXPECT_EQ(number(t, row, "bytes_used"), number(t, row, "resident"));
	EXPECT_EQ(vfs.f_files, number(t, row, "inodes_limit"));
	EXPECT_EQ(vfs.f_files - vfs.f_ffree, number(t, row, "inodes_used"));
	EXPECT_NE(NULL, strstr(cell(t, row, "options"),
			       "rw,size=7168k,nr_inodes=100,mode=750,uid=12"));
	table_free(t);
}

TEST(superblock_without_limits)
{
	const char *dir = own_tmpfs("size=0,nr_inodes=0");
	struct table *t;
	struct stat st;
	char dev[32];
	int row;

	ASSERT_NE(NULL, dir);
	ASSERT_EQ(0, stat(dir, &st));
	t = table_read("superblocks");
	snprintf(dev, sizeof(dev), "%u:%u", major(st.st_dev),
		 minor(st.st_dev));
	row = row_with(t, 0, "dev", dev);
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
	struct utsname uts;
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
	/* And what no path leads to, and the first root of all. */
	EXPECT_LE(0, row_with(t, 0, "internal", "yes"));
	/* v7.0 puts an empty file system of another type there. */
	if (uname(&uts) || atoi(uts.release) < 7)
		EXPECT_LE(0, row_with(t, 0, "type", "rootfs"));
	fclose(f);
	table_free(t);
}

TEST_HARNESS_MAIN

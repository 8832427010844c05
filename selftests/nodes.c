// SPDX-License-Identifier: GPL-2.0
/*
 * The nodes that pages are on, put there by mbind(2), against numa_maps and
 * move_pages(2).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/falloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/page.h"
#include "helpers/table.h"

#define PAGE	4096UL
#define PAGES	512UL
#define SIZE	(PAGES * PAGE)
#define HUGE	(2UL << 20)

FIXTURE(nodes)
{
	char id[ID_SIZE];
	char *p;
	int fd;
};

FIXTURE_SETUP(nodes)
{
	if (count_nodes() < 2)
		SKIP(return, "one node: this kernel finds no other");
	self->fd = memfd_create("nodes", 0);
	ASSERT_EQ(0, ftruncate(self->fd, SIZE));
	self->p = map_aligned(self->fd, SIZE);
	id_of_fd(self->fd, self->id);
}

FIXTURE_TEARDOWN(nodes)
{
}

/* The object's pages, which are all mapped, are as the kernel has them. */
static void expect_nodes(struct __test_metadata *_metadata, const char *p,
			 size_t count, const char *id)
{
	char *list = nodes_in_numa_maps(p);
	struct page *pages = pages_at(p, count);
	struct table *t = table_read("pages");
	int row = row_with(t, 0, "id", id);

	ASSERT_LE(0, row);
	EXPECT_STREQ(list, cell(t, row, "nodes"));
	EXPECT_TRUE(extents_have(id, pages, count));
	table_free(t);
	free(pages);
	free(list);
}

/* In turn, and then in runs of many lengths; the flags are the same. */
TEST_F(nodes, page_by_page)
{
	unsigned long count[2] = {};
	char *whole, want[64];
	struct table *t;
	size_t i;
	int node;

	for (i = 0; i < PAGES; i++) {
		node = i < 64 ? i & 1 : i * i / 500 & 1;
		ASSERT_EQ(0, bind_mapping(self->p + i * PAGE, PAGE, node));
		self->p[i * PAGE] = 1;
		count[node]++;
	}
	/* A policy splits a mapping: another one has all of them in a line. */
	whole = map_aligned(self->fd, SIZE);
	for (i = 0; i < PAGES; i++)
		whole[i * PAGE] = 1;
	expect_nodes(_metadata, whole, PAGES, self->id);
	t = table_read("pages");
	snprintf(want, sizeof(want), "0=%lu,1=%lu", count[0] * PAGE,
		 count[1] * PAGE);
	EXPECT_STREQ(want, cell(t, row_with(t, 0, "id", self->id), "nodes"));
	table_free(t);
}

/* An object of each node: neither has what was counted for the other. */
TEST_F(nodes, an_object_on_each)
{
	int other = memfd_create("other", 0);
	char want[32], id[ID_SIZE];
	struct table *t;
	char *p;

	ASSERT_EQ(0, ftruncate(other, SIZE));
	p = map_aligned(other, SIZE);
	ASSERT_EQ(0, bind_mapping(p, SIZE, 0));
	ASSERT_EQ(0, bind_mapping(self->p, SIZE, 1));
	memset(p, 1, SIZE);
	memset(self->p, 1, SIZE / 2);
	id_of_fd(other, id);
	expect_nodes(_metadata, p, PAGES, id);
	expect_nodes(_metadata, self->p, PAGES, self->id);
	t = table_read("pages");
	snprintf(want, sizeof(want), "0=%lu", SIZE);
	EXPECT_STREQ(want, cell(t, row_with(t, 0, "id", id), "nodes"));
	snprintf(want, sizeof(want), "1=%lu", SIZE / 2);
	EXPECT_STREQ(want, cell(t, row_with(t, 0, "id", self->id), "nodes"));
	table_free(t);
}

/* The policy of a mount. */
TEST_F(nodes, of_a_mount)
{
	char path[128], id[ID_SIZE], want[32];
	struct table *t;
	int fd;

	fd = own_tmpfs_file("mpol=bind:1", path);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, posix_fallocate(fd, 0, 7 * PAGE));
	id_of_fd(fd, id);
	t = table_read("pages");
	snprintf(want, sizeof(want), "1=%lu", 7 * PAGE);
	EXPECT_STREQ(want, cell(t, row_with(t, 0, "id", id), "nodes"));
	table_free(t);
}

/* A huge page of the second node, and single pages of both. */
TEST_F(nodes, huge_page)
{
	int fd = memfd_create("huge", 0), i;
	char id[ID_SIZE], was[MAX_ENABLED];
	char *p;

	if (set_shmem_enabled("force", was))
		SKIP(return, "shmem_enabled cannot be forced");
	ASSERT_EQ(0, ftruncate(fd, 2 * HUGE));
	p = map_aligned(fd, 2 * HUGE);
	ASSERT_EQ(0, bind_mapping(p, 2 * HUGE, 1));
	p[0] = 1;
	ASSERT_EQ(0, set_shmem_enabled("never", NULL));
	p[HUGE] = 1;
	ASSERT_EQ(0, bind_mapping(p, 2 * HUGE, 0));
	p[HUGE + 2 * PAGE] = 1;
	set_shmem_enabled(was, NULL);
	munmap(p, 2 * HUGE);
	p = map_aligned(fd, 2 * HUGE);
	for (i = 0; i < PAGES; i++)
		p[i * PAGE] = 1;
	p[HUGE] = 1;
	p[HUGE + 2 * PAGE] = 1;
	id_of_fd(fd, id);
	expect_nodes(_metadata, p, 2 * PAGES, id);
}

#define NR_HUGE	"/sys/devices/system/node/node1/hugepages/" \
		"hugepages-2048kB/nr_hugepages"

TEST_F(nodes, hugetlb)
{
	int fd = memfd_create("huge", MFD_HUGETLB), row;
	long long before = file_number(NR_HUGE);
	char id[ID_SIZE], *list, *p;
	struct table *t;

	if (fd < 0 || before < 0)
		SKIP(return, "no hugetlb in this kernel");
	write_number(NR_HUGE, before + 2);
	if (file_number(NR_HUGE) != before + 2)
		SKIP(return, "no huge pages are available on the second node");
	ASSERT_EQ(0, ftruncate(fd, 2 * HUGE));
	p = mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	ASSERT_EQ(0, bind_mapping(p, 2 * HUGE, 1));
	p[HUGE] = 1;
	list = nodes_in_numa_maps(p);
	EXPECT_STREQ("1=2097152", list);
	id_of_fd(fd, id);
	t = table_read("pages");
	row = row_with(t, 0, "id", id);
	EXPECT_STREQ(list, cell(t, row, "nodes"));
	table_free(t);
	free(list);
	munmap(p, 2 * HUGE);
	close(fd);
	write_number(NR_HUGE, before);
}

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	/* Elsewhere if that CPU is not there. */
	sched_setaffinity(0, sizeof(set), &set);
}

#define FEW	5UL
/* Pages of both nodes, in kB. */
#define BOTH	(2 * FEW * PAGE >> 10)

/* What the report says that Shmem lacks, or has too much of; 0 if nothing. */
static unsigned long long lag_in(const char *report, const char *which)
{
	const char *start = strstr(report, "; Shmem is ");
	unsigned long long kb = 0;
	char word[8] = "";

	if (!start ||
	    sscanf(start, "; Shmem is %llu kB too %7s", &kb, word) != 2)
		return 0;
	return strcmp(word, which) ? 0 : kb;
}

/* Its first CPU takes or frees pages of the first node, the other one of the other. */
static void change_pages(struct __test_metadata *_metadata,
			 FIXTURE_DATA(nodes) *self, int mode)
{
	int node;

	for (node = 0; node < 2; node++) {
		run_on(node);
		ASSERT_EQ(0, bind_mapping(self->p, SIZE, node));
		ASSERT_EQ(0, fallocate(self->fd, mode, node * FEW * PAGE,
				       FEW * PAGE));
	}
}

/* The report right after that; there are some tries, as counts are added meanwhile. */
static void expect_lag(struct __test_metadata *_metadata,
		       FIXTURE_DATA(nodes) *self, int mode, const char *which)
{
	const int undo = mode ? 0 : FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	unsigned long long shmem, accounted, before, lag = 0;
	char *text = NULL, *changed = NULL;
	int try;

	for (try = 0; try < 100 && (lag != BOTH || changed); try++) {
		change_pages(_metadata, self, undo);
		before = meminfo("Shmem");
		change_pages(_metadata, self, mode);
		free(text);
		text = read_file(REPORT);
		ASSERT_EQ(2, sscanf(text, "Shmem: %llu kB\nAccounted: %llu kB",
				    &shmem, &accounted));
		lag = lag_in(text, which);
		changed = strstr(text, "\nChanged:");
	}
	ASSERT_EQ(BOTH, lag);
	EXPECT_EQ(NULL, changed);
	free(text);
	EXPECT_EQ(before, shmem);
	EXPECT_EQ(mode ? before - BOTH : before + BOTH, accounted);
	EXPECT_EQ(accounted, meminfo("Shmem"));
}

/*
 * Each CPU adds its count of a node to the kernel's counter when it is large, or
 * once a second. The report knows what is missing, of both CPUs and nodes, and so
 * finds no change.
 */
TEST_F(nodes, counts_that_cpus_have_not_added)
{
	expect_lag(_metadata, self, 0, "low");
	expect_lag(_metadata, self, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		   "high");
}

TEST_HARNESS_MAIN

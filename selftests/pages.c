// SPDX-License-Identifier: GPL-2.0
/*
 * The states of pages, recounted page by page from /proc/self/pagemap and
 * /proc/kpageflags.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/keeper.h"
#include "helpers/kernel.h"
#include "helpers/object.h"
#include "helpers/page.h"
#include "helpers/table.h"

#define PAGE	4096UL
#define PAGES	512UL
#define SIZE	(PAGES * PAGE)

/* Not for user space to rely on, as the kernel says, but for tests. */
#define KPF_MLOCKED	33

FIXTURE(pages)
{
	struct table *t;
	char id[ID_SIZE];
	char *p;
	int fd;
	int row;
};

FIXTURE_SETUP(pages)
{
	self->t = NULL;
	self->fd = memfd_create("pages", 0);
	ASSERT_EQ(0, ftruncate(self->fd, SIZE));
	self->p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->p);
	id_of_fd(self->fd, self->id);
	ASSERT_STRNE("", self->id);
}

FIXTURE_TEARDOWN(pages)
{
	/* It is loaded only if a case failed. */
	unload_keeper();
	table_free(self->t);
}

static void read_row(struct __test_metadata *_metadata,
		     FIXTURE_DATA(pages) *self)
{
	table_free(self->t);
	self->t = table_read("pages");
	ASSERT_NE(NULL, self->t);
	self->row = row_with(self->t, 0, "id", self->id);
	ASSERT_LE(0, self->row);
}

static unsigned long long recount(const char *p, int flag)
{
	unsigned long long bytes = 0;
	unsigned long pfn;
	size_t i;

	for (i = 0; i < PAGES; i++) {
		pfn = pfn_at(p + i * PAGE);
		if (pfn && flags_of_pfn(pfn) & 1ULL << flag)
			bytes += PAGE;
	}
	return bytes;
}

static const struct {
	const char *column;
	int flag;
} states[] = {
	{ "dirty", KPF_DIRTY },
	{ "writeback", KPF_WRITEBACK },
	{ "referenced", KPF_REFERENCED },
	{ "active", KPF_ACTIVE },
	{ "unevictable", KPF_UNEVICTABLE },
	{ "mlocked", KPF_MLOCKED },
	{ "mapped", KPF_MMAP },
};

#define NR_STATES	ARRAY_SIZE(states)

/*
 * Pages stay on a list of each CPU before they become active or unevictable, and
 * the recount is a moment later: so there are some tries until both agree.
 */
static void expect_states(struct __test_metadata *_metadata,
			  FIXTURE_DATA(pages) *self)
{
	unsigned long long want[NR_STATES];
	int i, try, wrong = 1;

	for (try = 0; try < 20 && wrong; try++) {
		read_row(_metadata, self);
		for (i = 0, wrong = 0; i < NR_STATES; i++) {
			want[i] = recount(self->p, states[i].flag);
			wrong += want[i] != number(self->t, self->row,
						   states[i].column);
		}
	}
	for (i = 0; i < NR_STATES; i++) {
		EXPECT_EQ(want[i],
			  number(self->t, self->row, states[i].column)) {
			TH_LOG("%s", states[i].column);
		}
	}
}

TEST_F(pages, written)
{
	memset(self->p, 1, SIZE);
	expect_states(_metadata, self);
	EXPECT_EQ(SIZE, number(self->t, self->row, "resident"));
	EXPECT_EQ(SIZE, number(self->t, self->row, "dirty"));
	EXPECT_EQ(SIZE, number(self->t, self->row, "mapped"));
	EXPECT_EQ(0, number(self->t, self->row, "huge"));
	EXPECT_STREQ("-", cell(self->t, self->row, "swap"));
}

TEST_F(pages, only_some_and_only_read)
{
	volatile char sum = 0;
	size_t i;

	for (i = 0; i < SIZE; i += 7 * PAGE)
		sum += self->p[i];
	expect_states(_metadata, self);
	EXPECT_EQ(incore(self->p, SIZE),
		  number(self->t, self->row, "resident"));
}

TEST_F(pages, resident_and_not_mapped)
{
	char *p;

	memset(self->p, 1, SIZE);
	ASSERT_EQ(0, munmap(self->p, SIZE));
	read_row(_metadata, self);
	EXPECT_EQ(SIZE, number(self->t, self->row, "resident"));
	EXPECT_EQ(0, number(self->t, self->row, "mapped"));
	p = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, self->fd, 0);
	(void)*(volatile char *)p;
	/* The kernel also maps pages around the one that is touched. */
	read_row(_metadata, self);
	EXPECT_EQ(recount(p, KPF_MMAP),
		  number(self->t, self->row, "mapped"));
	EXPECT_LE(PAGE, number(self->t, self->row, "mapped"));
}

TEST_F(pages, locked_into_memory)
{
	memset(self->p, 1, SIZE);
	ASSERT_EQ(0, mlock(self->p, SIZE / 2));
	expect_states(_metadata, self);
	EXPECT_EQ(SIZE / 2, number(self->t, self->row, "mlocked"));
}

/*
 * shmem itself waits for the end of writeback before it puts a page into an object,
 * so another module starts it here.
 */
TEST_F(pages, in_writeback)
{
	char parameters[64];

	memset(self->p, 1, SIZE);
	snprintf(parameters, sizeof(parameters), "fd=%d writeback=5", self->fd);
	ASSERT_EQ(0, load_keeper(parameters));
	expect_states(_metadata, self);
	EXPECT_EQ(5 * PAGE, number(self->t, self->row, "writeback"));
	ASSERT_EQ(0, unload_keeper());
	expect_states(_metadata, self);
	EXPECT_EQ(0, number(self->t, self->row, "writeback"));
}

TEST_F(pages, used_again_and_again)
{
	char buf[64];
	size_t i;

	memset(self->p, 1, SIZE);
	for (i = 0; i < SIZE / 2; i += PAGE) {
		ASSERT_EQ(64, pread(self->fd, buf, 64, i));
		ASSERT_EQ(64, pread(self->fd, buf, 64, i));
	}
	expect_states(_metadata, self);
	EXPECT_LT(0, number(self->t, self->row, "referenced") +
		     number(self->t, self->row, "active"));
}

/* The sum of the bytes in "NR=BYTES,...". */
static unsigned long long sum_list(const char *list)
{
	unsigned long long sum = 0;

	for (; list && *list != '-'; list = strchr(list, ',')) {
		if (*list == ',')
			list++;
		sum += strtoull(strchr(list, '=') + 1, NULL, 10);
	}
	return sum;
}

TEST_F(pages, lists_add_up)
{
	int row;

	bind_task(0);
	memset(self->p, 1, SIZE / 2);
	read_row(_metadata, self);
	for (row = 0; row < self->t->rows; row++) {
		EXPECT_EQ(number(self->t, row, "resident"),
			  sum_list(cell(self->t, row, "orders")));
		EXPECT_EQ(number(self->t, row, "resident"),
			  sum_list(cell(self->t, row, "nodes")));
		EXPECT_EQ(number(self->t, row, "swapped"),
			  sum_list(cell(self->t, row, "swap")));
	}
	EXPECT_STREQ("0=1048576", cell(self->t, self->row, "orders"));
	EXPECT_STREQ("0=1048576", cell(self->t, self->row, "nodes"));
}

TEST_F(pages, agree_with_objects)
{
	struct table *objects;
	int row, at, same = 0, try;

	memset(self->p, 1, SIZE / 2);
	/* Other processes may change something between the two reads. */
	for (try = 0; try < 10 && !same; try++) {
		read_row(_metadata, self);
		objects = table_read("objects");
		same = self->t->rows == objects->rows;
		for (row = 0; same && row < self->t->rows; row++) {
			at = row_with(objects, 0, "id",
				      cell(self->t, row, "id"));
			same = at >= 0 &&
			       number(objects, at, "resident") ==
			       number(self->t, row, "resident") &&
			       number(objects, at, "swapped") ==
			       number(self->t, row, "swapped");
		}
		table_free(objects);
	}
	EXPECT_EQ(1, same);
}

TEST_F(pages, agree_with_numa_maps)
{
	char *list;

	if (!count_nodes())
		SKIP(return, "no NUMA in this kernel");
	memset(self->p, 1, SIZE / 2);
	list = nodes_in_numa_maps(self->p);
	read_row(_metadata, self);
	EXPECT_STREQ(list, cell(self->t, self->row, "nodes"));
	free(list);
}

struct cachestat_range {
	uint64_t off;
	uint64_t len;
};

struct cachestat {
	uint64_t nr_cache, nr_dirty, nr_writeback, nr_evicted;
	uint64_t nr_recently_evicted;
};

TEST_F(pages, agree_with_cachestat)
{
	struct cachestat_range range = { .len = SIZE };
	struct cachestat cs;

	memset(self->p, 1, SIZE / 4);
	if (syscall(451, self->fd, &range, &cs, 0))
		SKIP(return, "no cachestat(2) before v6.5");
	read_row(_metadata, self);
	EXPECT_EQ(cs.nr_cache * PAGE,
		  number(self->t, self->row, "resident"));
}

/* Collapsed into one huge page while it is mapped, where the kernel can. */
TEST_F(pages, collapsed)
{
	char *p = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	p = (char *)(((uintptr_t)p + SIZE - 1) & -SIZE);
	p = mmap(p, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 self->fd, 0);
	memset(p, 1, SIZE);
	if (madvise(p, SIZE, MADV_COLLAPSE))
		SKIP(return, "MADV_COLLAPSE does not work on shared memory here");
	read_row(_metadata, self);
	EXPECT_EQ(SIZE, number(self->t, self->row, "resident"));
	EXPECT_EQ(SIZE, number(self->t, self->row, "huge"));
	EXPECT_STREQ("9=2097152", cell(self->t, self->row, "orders"));
}

TEST_HARNESS_MAIN

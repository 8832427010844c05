// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings, against /proc/PID/maps, mincore(2) and where SIGBUS comes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/process.h"
#include "helpers/table.h"

#define PAGE	4096UL

FIXTURE(maps)
{
	struct table *t;
	char id[ID_SIZE];
	int fd;
};

FIXTURE_SETUP(maps)
{
	self->t = NULL;
	self->fd = memfd_create("maps", 0);
	ASSERT_EQ(0, ftruncate(self->fd, 64 * PAGE));
	id_of_fd(self->fd, self->id);
	ASSERT_STRNE("", self->id);
}

FIXTURE_TEARDOWN(maps)
{
	table_free(self->t);
}

static void read_maps(struct __test_metadata *_metadata,
		      FIXTURE_DATA(maps) *self)
{
	table_free(self->t);
	self->t = table_read("maps");
	ASSERT_NE(NULL, self->t);
}

/* The row of the mapping that starts there; -1 if there is none. */
static int row_at(FIXTURE_DATA(maps) *self, const void *start)
{
	int row;

	for_each_row_with(row, self->t, "id", self->id)
		if (number(self->t, row, "start") == (unsigned long)start)
			break;
	return row;
}

/* Reads the table for it. */
static int read_row_at(struct __test_metadata *_metadata,
		       FIXTURE_DATA(maps) *self, const void *start)
{
	read_maps(_metadata, self);
	return row_at(self, start);
}

TEST_F(maps, every_line_of_proc_maps)
{
	static const struct {
		int prot, flags;
	} kinds[] = {
		{ PROT_READ | PROT_WRITE, MAP_SHARED },
		{ PROT_READ, MAP_SHARED },
		{ PROT_READ | PROT_WRITE, MAP_PRIVATE },
		{ PROT_READ | PROT_EXEC, MAP_PRIVATE },
		{ PROT_NONE, MAP_SHARED },
	};
	unsigned long start, end;
	unsigned long long offset;
	char line[512], perms[8];
	int i, row, seen = 0;
	FILE *f;

	for (i = 0; i < 5; i++)
		ASSERT_NE(MAP_FAILED, mmap(NULL, (i + 2) * PAGE, kinds[i].prot,
					   kinds[i].flags, self->fd,
					   i * 3 * PAGE));
	f = fopen("/proc/self/maps", "r");
	ASSERT_NE(NULL, f);
	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, "memfd:maps"))
			continue;
		ASSERT_EQ(4, sscanf(line, "%lx-%lx %7s %llx", &start, &end,
				    perms, &offset));
		row = read_row_at(_metadata, self, (void *)start);
		ASSERT_LE(0, row);
		EXPECT_EQ(end, number(self->t, row, "end"));
		EXPECT_EQ(offset, number(self->t, row, "offset"));
		EXPECT_STREQ(perms, cell(self->t, row, "perms"));
		EXPECT_EQ(getpid(), number(self->t, row, "pid"));
		EXPECT_STREQ("maps", cell(self->t, row, "comm"));
		EXPECT_EQ(0, number(self->t, row, "uid"));
		seen++;
	}
	fclose(f);
	EXPECT_EQ(5, seen);
}

/* As /proc/PID/maps has it: "r--s", though the kernel keeps it as a private one. */
TEST_F(maps, shared_by_a_descriptor_for_reading)
{
	unsigned long long start;
	char perms[8], line[256], want[8] = "";
	FILE *f;
	int fd, row;
	void *p;

	fd = open_again(self->fd, O_RDONLY);
	ASSERT_LE(0, fd);
	p = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	close(fd);
	f = fopen("/proc/self/maps", "r");
	ASSERT_NE(NULL, f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%llx-%*x %7s", &start, perms) == 2 &&
		    start == (unsigned long)p)
			strcpy(want, perms);
	fclose(f);
	EXPECT_STREQ("r--s", want);
	row = read_row_at(_metadata, self, p);
	ASSERT_LE(0, row);
	EXPECT_STREQ(want, cell(self->t, row, "perms"));
}

TEST_F(maps, pages_in_the_mapped_range)
{
	char *whole = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			   self->fd, 0);
	char *part = mmap(NULL, 16 * PAGE, PROT_READ, MAP_SHARED, self->fd,
			  8 * PAGE);
	int row, i;

	for (i = 0; i < 64; i += 3)
		whole[i * PAGE] = 1;
	row = read_row_at(_metadata, self, whole);
	ASSERT_LE(0, row);
	EXPECT_EQ(incore(whole, 64 * PAGE),
		  number(self->t, row, "resident"));
	row = read_row_at(_metadata, self, part);
	ASSERT_LE(0, row);
	EXPECT_EQ(incore(part, 16 * PAGE), number(self->t, row, "resident"));
	EXPECT_EQ(0, number(self->t, row, "swapped"));
}

TEST_F(maps, swapped_in_the_mapped_range)
{
	char *p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       self->fd, 0);
	int row;

	if (need_swap())
		SKIP(return, "no swap: this kernel has no zram");
	memset(p, 1, 64 * PAGE);
	page_out(p, 64 * PAGE, 32 * PAGE);
	row = read_row_at(_metadata, self, p);
	ASSERT_LE(0, row);
	EXPECT_EQ(smaps(p, "Swap"), number(self->t, row, "swapped"));
	EXPECT_EQ(64 * PAGE - smaps(p, "Swap"),
		  number(self->t, row, "resident"));
}

/* Neither pages nor bytes there fit into 32 bits. */
TEST_F(maps, beyond_16_terabytes)
{
	const size_t far = (1UL << 32) + 3;
	char *p;
	int row;

	ASSERT_EQ(0, ftruncate(self->fd, (far + 2) * PAGE));
	p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd,
		 (far - 1) * PAGE);
	ASSERT_NE(MAP_FAILED, p);
	p[PAGE] = 1;
	/* Where a position of 32 bits would be. */
	ASSERT_EQ(1, pwrite(self->fd, "x", 1, 2 * PAGE));
	ASSERT_EQ(1, pwrite(self->fd, "x", 1, 4 * PAGE));
	row = read_row_at(_metadata, self, p);
	ASSERT_LE(0, row);
	EXPECT_EQ((far - 1) * PAGE, number(self->t, row, "offset"));
	EXPECT_EQ(PAGE, number(self->t, row, "resident"));
	EXPECT_EQ(PAGE, number(self->t, row, "past_eof"));
}

static volatile char *touched;

/* The signal that a child gets for reading there; 0 if none. */
static int signal_at(const char *address)
{
	int status;
	pid_t pid = fork_child();

	if (!pid) {
		signal(SIGBUS, SIG_DFL);
		touched = (volatile char *)address;
		_exit(*touched);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* The file is truncated under a mapping: SIGBUS comes where the table says. */
TEST_F(maps, past_the_end)
{
	char *p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       self->fd, 0);
	unsigned long past;
	int row;

	row = read_row_at(_metadata, self, p);
	EXPECT_EQ(0, number(self->t, row, "past_eof"));
	ASSERT_EQ(0, ftruncate(self->fd, 20 * PAGE + 1));
	row = read_row_at(_metadata, self, p);
	past = number(self->t, row, "past_eof");
	EXPECT_EQ(43 * PAGE, past);
	EXPECT_EQ(SIGBUS, signal_at(p + 64 * PAGE - past));
	EXPECT_EQ(0, signal_at(p + 64 * PAGE - past - 1));
}

TEST_F(maps, wholly_past_the_end)
{
	char *p = mmap(NULL, 8 * PAGE, PROT_READ, MAP_SHARED, self->fd,
		       200 * PAGE);
	int row = read_row_at(_metadata, self, p);

	ASSERT_LE(0, row);
	EXPECT_EQ(8 * PAGE, number(self->t, row, "past_eof"));
}

/* A mapping larger than the object, as those of segments are, by rounding up. */
TEST_F(maps, last_page_is_not_past_the_end)
{
	char *p;
	int row;

	ASSERT_EQ(0, ftruncate(self->fd, 100));
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	row = read_row_at(_metadata, self, p);
	ASSERT_LE(0, row);
	EXPECT_EQ(0, number(self->t, row, "past_eof"));
}

/* Each process has one row of the object, and the right name. */
static void expect_each_once(struct __test_metadata *_metadata,
			     const struct table *t, const char *id,
			     const pid_t *pids, int count)
{
	int *rows = calloc(count, sizeof(*rows)), row, i;

	for_each_row_with(row, t, "id", id) {
		for (i = 0; i < count; i++)
			rows[i] += number(t, row, "pid") == pids[i];
		EXPECT_STREQ("maps", cell(t, row, "comm"));
	}
	for (i = 0; i < count; i++)
		EXPECT_EQ(1, rows[i]);
	free(rows);
}

TEST_F(maps, mapped_by_a_thousand_processes)
{
	char *p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       self->fd, 0);
	pid_t *pid = calloc(1000, sizeof(pid_t));
	struct table *holders;
	int row;

	memset(p, 1, 10 * PAGE);
	ASSERT_EQ(1000, start_sleepers(pid, 1000));
	read_maps(_metadata, self);
	for_each_row_with(row, self->t, "id", self->id) {
		EXPECT_EQ((unsigned long)p, number(self->t, row, "start"));
		EXPECT_EQ(10 * PAGE, number(self->t, row, "resident"));
	}
	EXPECT_EQ(1001, count_with(self->t, "id", self->id));
	expect_each_once(_metadata, self->t, self->id, pid, 1000);

	holders = table_read("holders");
	for_each_row_with(row, holders, "id", self->id) {
		EXPECT_EQ(1, number(holders, row, "maps"));
		EXPECT_EQ(1, number(holders, row, "fds"));
	}
	EXPECT_EQ(1001, count_with(holders, "id", self->id));
	expect_each_once(_metadata, holders, self->id, pid, 1000);
	table_free(holders);
	stop_children(pid, 1000);
	free(pid);
}

#define MAPPINGS	400
#define LARGE	(128UL << 20)

static double seconds_of_a_read(void)
{
	double from = now();

	return skip_file(PROC "maps") ? -1 : now() - from;
}

/*
 * The same number of mappings of one object, first all of one range, then each of
 * a range of its own: as many rows, and as many bytes. The module has to visit
 * each page once, not once for each mapping, so that the second table takes about
 * as long as the first, and not a hundred times as long. Times are the shortest of
 * three reads.
 */
TEST_F(maps, cost_of_different_ranges)
{
	double seconds[2] = { 1e9, 1e9 }, once;
	unsigned long long sum[2] = {};
	int i, kind, try;
	char *whole;

	ASSERT_EQ(0, ftruncate(self->fd, LARGE));
	whole = mmap(NULL, LARGE, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd,
		     0);
	ASSERT_NE(MAP_FAILED, whole);
	/* Without holes, and not in huge pages, so that the walk is long. */
	madvise(whole, LARGE, MADV_NOHUGEPAGE);
	for (i = 0; i < LARGE / PAGE; i++)
		whole[i * PAGE] = 1;
	ASSERT_EQ(0, munmap(whole, LARGE));
	for (kind = 0; kind < 2; kind++) {
		char *at[MAPPINGS];

		for (i = 0; i < MAPPINGS; i++) {
			at[i] = mmap(NULL, LARGE - MAPPINGS * PAGE, PROT_READ,
				     MAP_SHARED, self->fd, kind * i * PAGE);
			ASSERT_NE(MAP_FAILED, at[i]);
		}
		for (try = 0; try < 3; try++) {
			once = seconds_of_a_read();
			ASSERT_LE(0, once);
			if (once < seconds[kind])
				seconds[kind] = once;
		}
		read_maps(_metadata, self);
		sum[kind] = sum_with(self->t, "resident", "id", self->id);
		EXPECT_EQ(MAPPINGS, count_with(self->t, "id", self->id));
		for (i = 0; i < MAPPINGS; i++)
			ASSERT_EQ(0, munmap(at[i], LARGE - MAPPINGS * PAGE));
	}
	TH_LOG("%d mappings: %.3f s of one range, %.3f s of different ones",
	       MAPPINGS, seconds[0], seconds[1]);
	EXPECT_EQ(MAPPINGS * (LARGE - MAPPINGS * PAGE), sum[0]);
	EXPECT_EQ(sum[0], sum[1]);
	EXPECT_GT(10 * seconds[0], seconds[1]);
}

/*
 * Mappings of many lengths and offsets over pages and holes, with starts and ends
 * that coincide: each against the sum of its pages as mincore(2) has them.
 */
TEST_F(maps, ranges_that_overlap)
{
	char *whole = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			   self->fd, 0);
	struct { char *at; int first, pages; } range[300];
	unsigned char state[64] = {};
	int i, j, row, expected;

	srand(1);
	for (i = 0; i < 64; i++)
		if (rand() % 3)
			whole[i * PAGE] = 1;
	ASSERT_EQ(0, mincore(whole, 64 * PAGE, state));
	for (i = 0; i < 300; i++) {
		range[i].first = i % 10 ? rand() % 64 : 0;
		range[i].pages = i % 7 ? 1 + rand() % 70 :
				  64 - range[i].first;
		range[i].at = mmap(NULL, range[i].pages * PAGE, PROT_READ,
				   i % 2 ? MAP_SHARED : MAP_PRIVATE, self->fd,
				   range[i].first * PAGE);
		ASSERT_NE(MAP_FAILED, range[i].at);
		/* A hole in the address space keeps neighbours from merging. */
		mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	read_maps(_metadata, self);
	for (i = 0; i < 300; i++) {
		expected = 0;
		for (j = 0; j < range[i].pages; j++)
			expected += range[i].first + j < 64 &&
				    state[range[i].first + j] & 1;
		row = row_at(self, range[i].at);
		ASSERT_LE(0, row);
		EXPECT_EQ(expected * PAGE, number(self->t, row, "resident"));
	}
}

/* They begin together and end one after the other, in whatever order. */
TEST_F(maps, same_offset_with_different_lengths)
{
	static const int lengths[] = { 1, 64, 3, 2, 40, 63, 64, 41, 70, 1 };
	char *whole = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			   self->fd, 0);
	char *at[2 * ARRAY_SIZE(lengths)];
	int i, row, pages, past;

	for (i = 0; i < 64; i += 2)
		whole[i * PAGE] = 1;
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		/* From the first page, which is there, and from a hole. */
		at[i] = mmap(NULL, lengths[i / 2] * PAGE, PROT_READ, MAP_SHARED,
			     self->fd, i % 2 * 21 * PAGE);
		ASSERT_NE(MAP_FAILED, at[i]);
		mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	read_maps(_metadata, self);
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		row = row_at(self, at[i]);
		ASSERT_LE(0, row);
		pages = lengths[i / 2];
		EXPECT_EQ(incore(at[i], pages * PAGE),
			  number(self->t, row, "resident"));
		past = i % 2 * 21 + pages - 64;
		EXPECT_EQ((past > 0 ? past : 0) * PAGE,
			  number(self->t, row, "past_eof"));
	}
}

#define HUGE	512

/* Windows that begin, end, or begin and end inside a huge page. */
TEST_F(maps, parts_of_a_huge_page)
{
	static const struct {
		int first, pages;
	} window[] = {
		{ 0, HUGE + 200 }, { HUGE + 200, HUGE }, { HUGE + 7, 100 },
		{ HUGE - 1, 2 }, { 2 * HUGE - 1, 2 }, { 0, HUGE },
		{ HUGE, HUGE }, { 2 * HUGE, HUGE }, { 0, 3 * HUGE },
	};
	static char block[HUGE * PAGE];
	unsigned long long huge = meminfo("ShmemHugePages");
	char path[128], *at;
	int i, row;

	self->fd = own_tmpfs_file("huge=always", path);
	if (self->fd < 0)
		SKIP(return, "no transparent huge pages in this kernel");
	/* A hole, a huge page, and a hole behind it. */
	ASSERT_EQ(0, ftruncate(self->fd, 3 * HUGE * PAGE));
	ASSERT_EQ(sizeof(block), pwrite(self->fd, block, sizeof(block),
					HUGE * PAGE));
	ASSERT_EQ(huge + HUGE * PAGE / 1024, meminfo("ShmemHugePages"));
	id_of_fd(self->fd, self->id);
	for (i = 0; i < ARRAY_SIZE(window); i++) {
		at = mmap(NULL, window[i].pages * PAGE, PROT_READ, MAP_SHARED,
			  self->fd, window[i].first * PAGE);
		ASSERT_NE(MAP_FAILED, at);
		row = read_row_at(_metadata, self, at);
		ASSERT_LE(0, row);
		EXPECT_EQ(incore(at, window[i].pages * PAGE),
			  number(self->t, row, "resident"));
	}
}

/* A process that ends during the walk does not make the read fail. */
TEST_F(maps, of_processes_that_end)
{
	struct table *t;
	pid_t pid;
	int i;

	ASSERT_NE(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd,
				   0));
	for (i = 0; i < 50; i++) {
		pid = fork_child();
		if (!pid) {
			usleep(i * 200);
			_exit(0);
		}
		t = table_read("maps");
		EXPECT_NE(NULL, t);
		table_free(t);
		t = table_read("holders");
		EXPECT_NE(NULL, t);
		table_free(t);
		waitpid(pid, NULL, 0);
	}
}

TEST_HARNESS_MAIN

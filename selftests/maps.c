// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings, against /proc/PID/maps, and what they promise about SIGBUS.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers/table.h"

#define PAGE	4096UL

FIXTURE(maps)
{
	struct table *t;
	char id[80];
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

static int look(struct __test_metadata *_metadata, FIXTURE_DATA(maps) *self,
		unsigned long start)
{
	int row = -1;

	table_free(self->t);
	self->t = table_read("maps");
	ASSERT_NE(NULL, self->t);
	do {
		row = row_with(self->t, row + 1, "id", self->id);
	} while (row >= 0 && number(self->t, row, "start") != start);
	return row;
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
		row = look(_metadata, self, start);
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

TEST_F(maps, pages_in_the_mapped_range)
{
	char *whole = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			   self->fd, 0);
	char *part = mmap(NULL, 16 * PAGE, PROT_READ, MAP_SHARED, self->fd,
			  8 * PAGE);
	int row, i;

	for (i = 0; i < 64; i += 3)
		whole[i * PAGE] = 1;
	row = look(_metadata, self, (unsigned long)whole);
	ASSERT_LE(0, row);
	EXPECT_EQ(incore(whole, 64 * PAGE),
		  number(self->t, row, "resident"));
	row = look(_metadata, self, (unsigned long)part);
	ASSERT_LE(0, row);
	EXPECT_EQ(incore(part, 16 * PAGE), number(self->t, row, "resident"));
	EXPECT_EQ(0, number(self->t, row, "swapped"));
}

TEST_F(maps, swapped_in_the_mapped_range)
{
	char *p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       self->fd, 0);
	int row, i;

	if (need_swap())
		SKIP(return, "no swap: this kernel has no zram");
	memset(p, 1, 64 * PAGE);
	for (i = 0; i < 50 && smaps(p, "Swap") < 32 * PAGE; i++)
		ASSERT_EQ(0, madvise(p, 64 * PAGE, MADV_PAGEOUT));
	row = look(_metadata, self, (unsigned long)p);
	ASSERT_LE(0, row);
	EXPECT_EQ(smaps(p, "Swap"), number(self->t, row, "swapped"));
	EXPECT_EQ(64 * PAGE - smaps(p, "Swap"),
		  number(self->t, row, "resident"));
}

static volatile char *touched;

static int dies_of(const char *address)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		signal(SIGBUS, SIG_DFL);
		touched = (volatile char *)address;
		_exit(*touched);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* The size is cut under a mapping: the table says where SIGBUS is, and it is. */
TEST_F(maps, past_the_end)
{
	char *p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       self->fd, 0);
	unsigned long past;
	int row;

	row = look(_metadata, self, (unsigned long)p);
	EXPECT_EQ(0, number(self->t, row, "past_eof"));
	ASSERT_EQ(0, ftruncate(self->fd, 20 * PAGE + 1));
	row = look(_metadata, self, (unsigned long)p);
	past = number(self->t, row, "past_eof");
	EXPECT_EQ(43 * PAGE, past);
	EXPECT_EQ(SIGBUS, dies_of(p + 64 * PAGE - past));
	EXPECT_EQ(0, dies_of(p + 64 * PAGE - past - 1));
}

TEST_F(maps, wholly_past_the_end)
{
	char *p = mmap(NULL, 8 * PAGE, PROT_READ, MAP_SHARED, self->fd,
		       200 * PAGE);
	int row = look(_metadata, self, (unsigned long)p);

	ASSERT_LE(0, row);
	EXPECT_EQ(8 * PAGE, number(self->t, row, "past_eof"));
}

/* A mapping larger than the object, as SysV segments have it when rounded. */
TEST_F(maps, last_page_is_not_past_the_end)
{
	char *p;
	int row;

	ASSERT_EQ(0, ftruncate(self->fd, 100));
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	row = look(_metadata, self, (unsigned long)p);
	ASSERT_LE(0, row);
	EXPECT_EQ(0, number(self->t, row, "past_eof"));
}

TEST_F(maps, mapped_by_a_thousand_processes)
{
	char *p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       self->fd, 0);
	pid_t *pid = calloc(1000, sizeof(pid_t));
	struct table *holders;
	int i, row, count = 0;

	memset(p, 1, 10 * PAGE);
	for (i = 0; i < 1000; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			pause();
			_exit(0);
		}
		ASSERT_LT(0, pid[i]);
	}
	look(_metadata, self, 0);
	for (row = 0; row < self->t->rows; row++) {
		if (strcmp(self->id, cell(self->t, row, "id")))
			continue;
		EXPECT_EQ((unsigned long)p, number(self->t, row, "start"));
		EXPECT_EQ(10 * PAGE, number(self->t, row, "resident"));
		count++;
	}
	EXPECT_EQ(1001, count);

	holders = table_read("holders");
	for (row = 0, count = 0; row < holders->rows; row++)
		if (!strcmp(self->id, cell(holders, row, "id"))) {
			EXPECT_EQ(1, number(holders, row, "maps"));
			EXPECT_EQ(1, number(holders, row, "fds"));
			count++;
		}
	EXPECT_EQ(1001, count);
	table_free(holders);
	for (i = 0; i < 1000; i++)
		kill(pid[i], SIGKILL);
	for (i = 0; i < 1000; i++)
		waitpid(pid[i], NULL, 0);
}

#define WINDOWS	400
#define LARGE	(128UL << 20)

static double seconds_of_a_read(void)
{
	struct timespec from, to;
	char *text;

	clock_gettime(CLOCK_MONOTONIC, &from);
	text = read_file(PROC "maps");
	clock_gettime(CLOCK_MONOTONIC, &to);
	free(text);
	return text ? to.tv_sec - from.tv_sec +
		      (to.tv_nsec - from.tv_nsec) / 1e9 : -1;
}

/*
 * As many windows on one object, all alike and then each of its own: as many
 * rows, and the same pages. Each page is to be looked at once, not once for
 * each window, so the second reads take about as long as the first; without
 * that they take a hundred times as long. The least of three reads each.
 */
TEST_F(maps, cost_of_windows_that_differ)
{
	double seconds[2] = { 1e9, 1e9 }, once;
	unsigned long long sum[2] = {};
	int i, kind, try, row, count;
	char *whole;

	ASSERT_EQ(0, ftruncate(self->fd, LARGE));
	whole = mmap(NULL, LARGE, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd,
		     0);
	ASSERT_NE(MAP_FAILED, whole);
	/* Without holes, and not in huge pages: many entries to walk. */
	madvise(whole, LARGE, MADV_NOHUGEPAGE);
	for (i = 0; i < LARGE / PAGE; i++)
		whole[i * PAGE] = 1;
	ASSERT_EQ(0, munmap(whole, LARGE));
	for (kind = 0; kind < 2; kind++) {
		char *at[WINDOWS];

		for (i = 0; i < WINDOWS; i++) {
			at[i] = mmap(NULL, LARGE - WINDOWS * PAGE, PROT_READ,
				     MAP_SHARED, self->fd, kind * i * PAGE);
			ASSERT_NE(MAP_FAILED, at[i]);
		}
		for (try = 0; try < 3; try++) {
			once = seconds_of_a_read();
			ASSERT_LE(0, once);
			if (once < seconds[kind])
				seconds[kind] = once;
		}
		look(_metadata, self, 0);
		for (row = 0, count = 0; row < self->t->rows; row++) {
			if (strcmp(self->id, cell(self->t, row, "id")))
				continue;
			sum[kind] += number(self->t, row, "resident");
			count++;
		}
		EXPECT_EQ(WINDOWS, count);
		for (i = 0; i < WINDOWS; i++)
			ASSERT_EQ(0, munmap(at[i], LARGE - WINDOWS * PAGE));
	}
	TH_LOG("%d windows: %.3f s alike, %.3f s different", WINDOWS,
	       seconds[0], seconds[1]);
	EXPECT_EQ(WINDOWS * (LARGE - WINDOWS * PAGE), sum[0]);
	EXPECT_EQ(sum[0], sum[1]);
	EXPECT_GT(10 * seconds[0], seconds[1]);
}

/*
 * Windows of every length and offset over pages, swap and holes, with starts
 * and ends that coincide: each against mincore(2) and against a sum of its
 * pages one by one.
 */
TEST_F(maps, windows_of_every_shape)
{
	char *whole = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			   self->fd, 0);
	struct { char *at; int first, pages; } window[300];
	unsigned char state[64] = {};
	int i, j, row, expected;

	srand(1);
	for (i = 0; i < 64; i++)
		if (rand() % 3)
			whole[i * PAGE] = 1;
	ASSERT_EQ(0, mincore(whole, 64 * PAGE, state));
	for (i = 0; i < 300; i++) {
		window[i].first = i % 10 ? rand() % 64 : 0;
		window[i].pages = i % 7 ? 1 + rand() % 70 :
				  64 - window[i].first;
		window[i].at = mmap(NULL, window[i].pages * PAGE, PROT_READ,
				    i % 2 ? MAP_SHARED : MAP_PRIVATE, self->fd,
				    window[i].first * PAGE);
		ASSERT_NE(MAP_FAILED, window[i].at);
		/* A hole in the address space keeps neighbours from merging. */
		mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	look(_metadata, self, 0);
	for (i = 0; i < 300; i++) {
		expected = 0;
		for (j = 0; j < window[i].pages; j++)
			expected += window[i].first + j < 64 &&
				    state[window[i].first + j] & 1;
		for (row = 0; row < self->t->rows; row++)
			if (!strcmp(self->id, cell(self->t, row, "id")) &&
			    number(self->t, row, "start") ==
			    (unsigned long)window[i].at)
				break;
		ASSERT_GT(self->t->rows, row);
		EXPECT_EQ(expected * PAGE, number(self->t, row, "resident"));
	}
}

/* One that dies just then must not upset the rest. */
TEST_F(maps, of_processes_that_die)
{
	struct table *t;
	pid_t pid;
	int i;

	ASSERT_NE(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd,
				   0));
	for (i = 0; i < 50; i++) {
		pid = fork();
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

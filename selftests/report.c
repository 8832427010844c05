// SPDX-License-Identifier: GPL-2.0
/*
 * The report for people, and its parameter.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/process.h"
#include "helpers/socket.h"
#include "helpers/table.h"

#define ROWS	MODULE "parameters/rows"
#define MB	(1UL << 20)

FIXTURE(report)
{
	char *text;
	char *was;
};

FIXTURE_SETUP(report)
{
	self->was = read_file(ROWS);
	ASSERT_NE(NULL, self->was);
	self->text = read_file(REPORT);
	ASSERT_NE(NULL, self->text);
}

FIXTURE_TEARDOWN(report)
{
	write_file(ROWS, self->was);
	free(self->text);
}

static void read_again(FIXTURE_DATA(report) *self)
{
	free(self->text);
	self->text = read_file(REPORT);
}

/* The line with a word, after the start of a part of the report. */
static char *line_of(FIXTURE_DATA(report) *self, const char *part,
		     const char *word)
{
	char *line = strstr(self->text, part);

	line = line ? strstr(line, word) : NULL;
	while (line && line > self->text && line[-1] != '\n')
		line--;
	return line;
}

TEST_F(report, counter_and_account)
{
	unsigned long long shmem = 0, counter = 1, accounted = 0, objects = 0;
	unsigned int percent, tenths = 1;
	struct table *t;
	int i;

	for (i = 0; i < 10 && (shmem != counter || shmem != accounted); i++) {
		shmem = meminfo("Shmem");
		read_again(self);
		ASSERT_EQ(5, sscanf(self->text,
				    "Shmem: %llu kB\nAccounted: %llu kB (%u.%u%%) in %llu objects",
				    &counter, &accounted, &percent, &tenths,
				    &objects));
	}
	EXPECT_EQ(shmem, counter);
	EXPECT_EQ(shmem, accounted);
	EXPECT_EQ(100, percent);
	EXPECT_EQ(0, tenths);
	t = table_read("summary");
	EXPECT_EQ(number(t, row_with(t, 0, "kind", "total"), "objects"),
		  objects);
	table_free(t);
}

TEST_F(report, a_line_for_each_kind)
{
	char *line = strstr(self->text, "\nKIND ");
	unsigned long long objects, size, resident, swapped;
	struct table *t = table_read("summary");
	int kinds = count_kinds(t), i;
	char word[16];

	ASSERT_NE(NULL, line);
	ASSERT_LT(0, kinds);
	for (i = 0; i <= kinds; i++) {
		line = strchr(line + 1, '\n');
		ASSERT_EQ(5, sscanf(line, "%15s %llu %llu %llu %llu", word,
				    &objects, &size, &resident, &swapped));
		EXPECT_STREQ(i < kinds ? cell(t, i, "kind") : "total", word);
		if (i == kinds)
			break;
		EXPECT_EQ(number(t, i, "objects"), objects);
		EXPECT_EQ(number(t, i, "size") >> 10, size);
		EXPECT_EQ(number(t, i, "resident") >> 10, resident);
		EXPECT_EQ(number(t, i, "swapped") >> 10, swapped);
	}
	table_free(t);
}

#define PAGED_OUT	(48 * MB)

/* The order is by memory and swap together. */
TEST_F(report, swapped_objects_are_large_too)
{
	int fd = memfd_create("out", 0), small = memfd_create("in", 0);
	unsigned long long resident, swapped, before;
	char *p, *out, *in;
	struct table *t;

	if (need_swap())
		SKIP(return, "no swap: this kernel has no zram");
	t = table_read("summary");
	before = number(t, row_with(t, 0, "kind", "memfd"), "swapped");
	table_free(t);
	ASSERT_EQ(0, posix_fallocate(small, 0, PAGED_OUT / 2));
	ASSERT_EQ(0, ftruncate(fd, PAGED_OUT));
	p = mmap(NULL, PAGED_OUT, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset(p, 1, PAGED_OUT);
	page_out(p, PAGED_OUT, PAGED_OUT * 3 / 4);
	read_again(self);
	out = line_of(self, "\nLargest", "memfd:out\n");
	in = line_of(self, "\nLargest", "memfd:in\n");
	ASSERT_NE(NULL, out);
	ASSERT_NE(NULL, in);
	EXPECT_LT(out, in);
	ASSERT_EQ(2, sscanf(out, "%llu %llu", &resident, &swapped));
	EXPECT_EQ(smaps(p, "Swap") >> 10, swapped);
	EXPECT_EQ(PAGED_OUT >> 10, resident + swapped);
	/* The sums include it. */
	t = table_read("summary");
	EXPECT_LE(before + smaps(p, "Swap"),
		  number(t, row_with(t, 0, "kind", "memfd"), "swapped"));
	EXPECT_LE(smaps(p, "Swap"),
		  number(t, row_with(t, 0, "kind", "total"), "swapped"));
	table_free(t);
}

TEST_F(report, a_line_for_each_superblock)
{
	struct table *t = table_read("superblocks");
	char start[64];
	int row;

	for (row = 0; row < t->rows; row++) {
		snprintf(start, sizeof(start), "\n%s ", cell(t, row, "dev"));
		EXPECT_NE(NULL, strstr(self->text, start));
	}
	table_free(t);
}

TEST_F(report, largest_first_with_a_holder)
{
	unsigned long long resident, swapped, size;
	int fd[2], i;
	char *line[2], want[64];

	for (i = 0; i < 2; i++) {
		fd[i] = memfd_create(i ? "smaller" : "larger", 0);
		ASSERT_EQ(0, posix_fallocate(fd[i], 0, (30 - i) * MB));
	}
	read_again(self);
	line[0] = line_of(self, "\nLargest", "memfd:larger\n");
	line[1] = line_of(self, "\nLargest", "memfd:smaller\n");
	ASSERT_NE(NULL, line[0]);
	ASSERT_NE(NULL, line[1]);
	EXPECT_LT(line[0], line[1]);
	ASSERT_EQ(3, sscanf(line[0], "%llu %llu %llu memfd possible",
			    &resident, &swapped, &size));
	EXPECT_EQ(30 * 1024, resident);
	EXPECT_EQ(0, swapped);
	EXPECT_EQ(30 * 1024, size);
	*strchr(line[0], '\n') = '\0';
	snprintf(want, sizeof(want), " %d/report ", getpid());
	EXPECT_NE(NULL, strstr(line[0], want));
}

TEST_F(report, what_nothing_holds)
{
	int shmid = shmget(IPC_PRIVATE, 3 * MB, IPC_CREAT | 0600);
	char id[ID_SIZE], *line, *end;
	void *p = shmat(shmid, NULL, 0);

	memset(p, 1, 3 * MB);
	shmdt(p);
	id_of_segment(shmid, id);
	read_again(self);
	shmctl(shmid, IPC_RMID, NULL);

	line = line_of(self, "\nHeld by no process", id);
	end = strstr(self->text, "\nLargest");
	ASSERT_NE(NULL, line);
	EXPECT_LT(line, end);
	read_again(self);
	end = strstr(self->text, "\nLargest");
	line = line_of(self, "\nHeld by no process", id);
	EXPECT_TRUE(!line || line > end);
}

TEST_F(report, what_a_descriptor_holds)
{
	int fd = memfd_create("held", 0);
	char id[ID_SIZE], *start, *line;

	ASSERT_EQ(0, posix_fallocate(fd, 0, 3 * MB));
	id_of_fd(fd, id);
	read_again(self);
	start = strstr(self->text, "\nHeld by no process");
	line = line_of(self, "\nHeld by no process", id);
	ASSERT_NE(NULL, start);
	ASSERT_NE(NULL, line);
	/* It is only among the largest. */
	EXPECT_LT(strstr(self->text, "\nLargest"), line);
}

/* Nothing but its place in a queue: a socket is told, and it is not unknown. */
TEST_F(report, what_a_socket_holds)
{
	int fd = memfd_create("sent", 0), pair[2];
	char id[ID_SIZE], want[40], *line;
	struct stat st;

	ASSERT_EQ(0, posix_fallocate(fd, 0, 3 * MB));
	id_of_fd(fd, id);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_EQ(0, send_fds(pair[0], &fd, 1, 0));
	close(fd);
	ASSERT_EQ(0, fstat(pair[1], &st));
	snprintf(want, sizeof(want), " socket/%lu ", st.st_ino);
	read_again(self);
	line = line_of(self, "\nHeld by no process", id);
	ASSERT_NE(NULL, line);
	EXPECT_LT(strstr(self->text, "\nLargest"), line);
	*strchr(line, '\n') = '\0';
	EXPECT_NE(NULL, strstr(line, want));
}

/* The walk meets a mapped file twice, and counts it once. */
TEST_F(report, superblock_of_a_mapped_file)
{
	unsigned long long objects, resident, swapped, used;
	char path[128], start[64], *line;
	struct stat st;
	void *p;
	int fd;

	fd = own_tmpfs_file("size=20m", path);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, posix_fallocate(fd, 0, 5 * MB));
	p = mmap(NULL, 5 * MB, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	ASSERT_EQ(0, fstat(fd, &st));
	snprintf(start, sizeof(start), "\n%u:%u ", major(st.st_dev),
		 minor(st.st_dev));
	read_again(self);
	line = strstr(self->text, start);
	ASSERT_NE(NULL, line);
	ASSERT_EQ(4, sscanf(line + 1, "%*s tmpfs no %llu %llu %llu %llu",
			    &objects, &resident, &swapped, &used));
	EXPECT_EQ(1, objects);
	EXPECT_EQ(used, resident);
	EXPECT_EQ(5 * 1024, resident);
}

#define CROWD	470

/* The report keeps a bounded number of holders, fewer than some objects have. */
TEST_F_TIMEOUT(report, many_holders_hide_no_other, 120)
{
	static char block[1 << 16];
	pid_t pid[CROWD];
	char *line;
	int i, fd;

	for (i = 0; i < 36; i++) {
		fd = memfd_create("crowded", MFD_CLOEXEC);
		ASSERT_EQ(sizeof(block), write(fd, block, sizeof(block)));
	}
	ASSERT_EQ(CROWD, start_sleepers(pid, CROWD));
	/* Held by the test alone, and the last one of the walk. */
	fd = memfd_create("lonely", 0);
	ASSERT_EQ(0, posix_fallocate(fd, 0, MB));
	read_again(self);
	stop_children(pid, CROWD);

	line = line_of(self, "\nLargest", "memfd:lonely\n");
	ASSERT_NE(NULL, line);
	*strchr(line, '\n') = '\0';
	EXPECT_NE(NULL, strstr(line, "/report"));
}

TEST_F(report, rows_bound_the_tables)
{
	int i, count = 0;
	char *line;

	for (i = 0; i < 10; i++)
		ASSERT_EQ(0, ftruncate(memfd_create("many", 0), MB));
	ASSERT_EQ(0, write_file(ROWS, "3\n"));
	read_again(self);
	line = strstr(self->text, "\nLargest");
	ASSERT_NE(NULL, line);
	/* The heading, the columns, and then the objects. */
	line = strchr(strchr(line + 1, '\n') + 1, '\n');
	while (strncmp(line + 1, "and ", 4) && line[1]) {
		line = strchr(line + 1, '\n');
		count++;
	}
	EXPECT_EQ(3, count);
	EXPECT_NE(NULL, strstr(line, " more, all listed in /proc/shmstat/objects"));
}

/* The tables are empty, and the rest, with the number of objects, is there. */
TEST_F(report, no_rows)
{
	unsigned long long more = 0, objects = 0;
	struct table *t;
	char *line;

	memfd_create("not shown", 0);
	ASSERT_EQ(0, write_file(ROWS, "0"));
	read_again(self);
	ASSERT_NE(NULL, self->text);
	EXPECT_EQ(NULL, strstr(self->text, "memfd:not\\040shown"));
	EXPECT_NE(NULL, strstr(self->text, "Accounted:"));
	line = strstr(self->text, "\nLargest");
	ASSERT_NE(NULL, line);
	line = strstr(line, "\nand ");
	ASSERT_NE(NULL, line);
	ASSERT_EQ(1, sscanf(line, "\nand %llu more", &more));
	t = table_read("objects");
	objects = t->rows;
	table_free(t);
	EXPECT_EQ(objects, more);
}

TEST_F(report, rows_refuses_what_is_not_a_number)
{
	static const char * const bad[] = {
		"-1", "abc", "1001", " ", "4294967296", "3 4",
	};
	static const char mark[] = "selftest: rows is not a number";
	char *after, *log;
	int i;

	ASSERT_EQ(0, mark_log(mark));
	for (i = 0; i < 6; i++) {
		int fd = open(ROWS, O_WRONLY);

		EXPECT_EQ(-1, write(fd, bad[i], strlen(bad[i])));
		EXPECT_EQ(EINVAL, errno);
		close(fd);
	}
	log = log_since(mark);
	ASSERT_NE(NULL, log);
	EXPECT_NE(NULL, strstr(log, "'abc' is not a number from 0 to 1000"));
	after = read_file(ROWS);
	EXPECT_STREQ(self->was, after);
	free(after);
	free(log);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * The report for people, and its parameter.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/keeper.h"
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
	/* It is loaded only if a case failed. */
	unload_keeper();
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
	unsigned long long shmem = 0, counter = 1, accounted = 0, objects, more;
	unsigned int percent, tenths = 1;
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
	for (i = 0; i < 7; i++)
		ASSERT_LE(0, memfd_create("one more", 0));
	read_again(self);
	ASSERT_EQ(1, sscanf(strstr(self->text, "Accounted:"),
			    "Accounted: %*u kB (%*u.%*u%%) in %llu objects",
			    &more));
	EXPECT_EQ(objects + 7, more);
}

/* The figures of a line of the table by kind, in kB. */
struct kind_line {
	unsigned long long objects, size, resident, swapped;
};

static struct kind_line kind_line(struct __test_metadata *_metadata,
				  FIXTURE_DATA(report) *self, const char *kind)
{
	struct kind_line figures = {};
	char start[16], *line;

	snprintf(start, sizeof(start), "\n%s ", kind);
	line = strstr(self->text, "\nKIND ");
	line = line ? strstr(line, start) : NULL;
	ASSERT_NE(NULL, line);
	ASSERT_EQ(4, sscanf(line, "%*s %llu %llu %llu %llu", &figures.objects,
			    &figures.size, &figures.resident,
			    &figures.swapped));
	return figures;
}

static const char * const kinds[] = {
	"sysv", "posix", "anon", "memfd", "tmpfs", "kernel", "total",
};

/* An object of the kind, of nr + 1 MB, with nr + 1 pages in memory. */
static void make_kind(struct __test_metadata *_metadata, int nr)
{
	size_t size = (nr + 1) * MB, used = (nr + 1) * 4096;
	char parameters[64];
	int fd = -1;

	switch (nr) {
	case 0:
		memset(shmat(shmget(IPC_PRIVATE, size, IPC_CREAT | 0600), NULL,
			     0), 1, used);
		break;
	case 1:
		fd = shm_open("/shmstat-report", O_CREAT | O_RDWR, 0600);
		break;
	case 2:
		memset(mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0), 1, used);
		break;
	case 3:
		fd = memfd_create("report", 0);
		break;
	case 4:
		fd = open("/mnt/file", O_CREAT | O_RDWR, 0600);
		break;
	default:
		snprintf(parameters, sizeof(parameters), "size=%zu pages=%d",
			 size, nr + 1);
		ASSERT_EQ(0, load_keeper(parameters));
	}
	if (fd < 0)
		return;
	ASSERT_EQ(0, posix_fallocate(fd, 0, used));
	ASSERT_EQ(0, ftruncate(fd, size));
}

TEST_F(report, a_line_for_each_kind)
{
	struct kind_line before[7], after;
	int i, sum;

	ASSERT_EQ(0, own_mounts());
	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	ASSERT_EQ(0, mount("report", "/mnt", "tmpfs", 0, NULL));
	read_again(self);
	for (i = 0; i < 7; i++)
		before[i] = kind_line(_metadata, self, kinds[i]);
	for (i = 0; i < 6; i++)
		make_kind(_metadata, i);
	read_again(self);
	unload_keeper();
	shm_unlink("/shmstat-report");
	for (i = 0; i < 7; i++) {
		after = kind_line(_metadata, self, kinds[i]);
		sum = i < 6 ? i + 1 : 1 + 2 + 3 + 4 + 5 + 6;
		EXPECT_EQ(before[i].objects + (i < 6 ? 1 : 6), after.objects);
		EXPECT_EQ(before[i].size + sum * 1024, after.size);
		EXPECT_EQ(before[i].resident + sum * 4, after.resident);
		EXPECT_EQ(before[i].swapped, after.swapped);
	}
}

#define PAGED_OUT	(48 * MB)

/* The order is by memory and swap together. */
TEST_F(report, swapped_objects_are_large_too)
{
	int fd = memfd_create("out", 0), small = memfd_create("in", 0);
	unsigned long long resident, swapped;
	char *p, *out, *in, *line;
	struct kind_line kind, total;

	if (need_swap())
		SKIP(return, "no swap: this kernel has no zram");
	read_again(self);
	kind = kind_line(_metadata, self, "memfd");
	total = kind_line(_metadata, self, "total");
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
	/* It is the first one, behind the heading and the names of the columns. */
	line = strchr(strstr(self->text, "\nLargest") + 1, '\n');
	EXPECT_EQ(out, strchr(line + 1, '\n') + 1);
	ASSERT_EQ(2, sscanf(out, "%llu %llu", &resident, &swapped));
	EXPECT_EQ(smaps(p, "Swap") >> 10, swapped);
	EXPECT_EQ(PAGED_OUT >> 10, resident + swapped);
	/* The sums include it. */
	EXPECT_EQ(kind.swapped + (smaps(p, "Swap") >> 10),
		  kind_line(_metadata, self, "memfd").swapped);
	EXPECT_EQ(total.swapped + (smaps(p, "Swap") >> 10),
		  kind_line(_metadata, self, "total").swapped);
}

/* "Held by no process" has the same order. */
TEST_F(report, swapped_objects_that_nothing_holds)
{
	int out = shmget(IPC_PRIVATE, PAGED_OUT, IPC_CREAT | 0600);
	int in = shmget(IPC_PRIVATE, PAGED_OUT / 2, IPC_CREAT | 0600);
	unsigned long long resident, swapped, want[2];
	char id[2][ID_SIZE], *p, *line[2], *largest;

	if (need_swap())
		SKIP(return, "no swap: this kernel has no zram");
	p = shmat(in, NULL, 0);
	memset(p, 1, PAGED_OUT / 2);
	shmdt(p);
	p = shmat(out, NULL, 0);
	memset(p, 1, PAGED_OUT);
	page_out(p, PAGED_OUT, PAGED_OUT * 3 / 4);
	want[0] = sysvipc(out, "rss") >> 10;
	want[1] = sysvipc(out, "swap") >> 10;
	shmdt(p);
	id_of_segment(out, id[0]);
	id_of_segment(in, id[1]);
	read_again(self);
	shmctl(out, IPC_RMID, NULL);
	shmctl(in, IPC_RMID, NULL);

	largest = strstr(self->text, "\nLargest");
	line[0] = line_of(self, "\nHeld by no process", id[0]);
	line[1] = line_of(self, "\nHeld by no process", id[1]);
	ASSERT_NE(NULL, line[0]);
	ASSERT_NE(NULL, line[1]);
	EXPECT_LT(line[0], line[1]);
	EXPECT_LT(line[1], largest);
	ASSERT_EQ(2, sscanf(line[0], "%llu %llu", &resident, &swapped));
	EXPECT_EQ(want[0], resident);
	EXPECT_EQ(want[1], swapped);
}

/* A file of a tmpfs, in the tables of kinds and of file systems. */
TEST_F(report, swapped_in_the_sums)
{
	unsigned long long resident, swapped, before[2], after[2], used;
	static const char * const kinds[] = { "\ntmpfs ", "\ntotal " };
	char path[128], start[64], *line, *p;
	struct stat st;
	int fd, i;

	if (need_swap())
		SKIP(return, "no swap: this kernel has no zram");
	for (i = 0; i < 2; i++)
		ASSERT_EQ(1, sscanf(strstr(self->text, kinds[i]) + 7,
				    "%*u %*u %*u %llu", &before[i]));
	fd = own_tmpfs_file("size=20m", path);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, 5 * MB));
	p = mmap(NULL, 5 * MB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset(p, 1, 5 * MB);
	ASSERT_TRUE(page_out(p, 5 * MB, 3 * MB));
	read_again(self);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(1, sscanf(strstr(self->text, kinds[i]) + 7,
				    "%*u %*u %*u %llu", &after[i]));
		EXPECT_EQ(before[i] + (smaps(p, "Swap") >> 10), after[i]);
	}
	ASSERT_EQ(0, fstat(fd, &st));
	snprintf(start, sizeof(start), "\n%u:%u ", major(st.st_dev),
		 minor(st.st_dev));
	line = strstr(self->text, start);
	ASSERT_NE(NULL, line);
	ASSERT_EQ(3, sscanf(line + 1, "%*s tmpfs no %*u %llu %llu %llu",
			    &resident, &swapped, &used));
	EXPECT_EQ(smaps(p, "Swap") >> 10, swapped);
	EXPECT_EQ(5 * 1024, resident + swapped);
	EXPECT_EQ(5 * 1024, used);
}

/* Those of this mount namespace, as mountinfo has them. */
TEST_F(report, a_line_for_each_superblock)
{
	FILE *f = fopen("/proc/self/mountinfo", "r");
	char line[1024], dev[32], start[64];
	int seen = 0;

	ASSERT_NE(NULL, f);
	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, " - tmpfs ") ||
		    sscanf(line, "%*d %*d %31s", dev) != 1)
			continue;
		snprintf(start, sizeof(start), "\n%s ", dev);
		EXPECT_NE(NULL, strstr(self->text, start));
		seen++;
	}
	EXPECT_LT(1, seen);
	fclose(f);
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

/* What stands between the flags and the id. */
static void expect_holders(struct __test_metadata *_metadata,
			   FIXTURE_DATA(report) *self, int others)
{
	char want[16], *line, pid[32], comm[32], more[32];

	read_again(self);
	line = line_of(self, "\nLargest", "memfd:crowded\n");
	ASSERT_NE(NULL, line);
	ASSERT_EQ(3, sscanf(line,
			    "%*u %*u %*u memfd possible %*s %31[0-9]/%31s %31s",
			    pid, comm, more));
	EXPECT_EQ(getpid(), atoi(pid));
	EXPECT_STREQ("report", comm);
	/* If there are no others, the id is next. */
	if (strchr(more, ':'))
		strcpy(more, "+0");
	snprintf(want, sizeof(want), "+%d", others);
	EXPECT_STREQ(want, more);
}

/* One process, and how many more, by however many descriptors and mappings each. */
TEST_F(report, number_of_holders)
{
	int fd = memfd_create("crowded", 0);
	pid_t pid[3];

	ASSERT_EQ(0, posix_fallocate(fd, 0, 40 * MB));
	expect_holders(_metadata, self, 0);
	ASSERT_NE(MAP_FAILED, mmap(NULL, MB, PROT_READ, MAP_SHARED, fd, 0));
	ASSERT_LE(0, dup(fd));
	expect_holders(_metadata, self, 0);
	ASSERT_EQ(1, start_sleepers(pid, 1));
	expect_holders(_metadata, self, 1);
	ASSERT_EQ(2, start_sleepers(pid + 1, 2));
	expect_holders(_metadata, self, 3);
	stop_children(pid, 3);
	expect_holders(_metadata, self, 0);
}

#define TURNS	8200

static void map_every_other(void *arg)
{
	const int *at = arg;
	int i;

	for (i = 0; i < TURNS; i++)
		if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, at[0],
			 (2L * i + at[1]) * 4096) == MAP_FAILED)
			_exit(1);
}

/* It reads so many mappings that take turns, and says that there may be more. */
TEST_F_TIMEOUT(report, mappings_that_take_turns, 120)
{
	int fd = memfd_create("crowded", 0), i;
	char *line, *end;
	pid_t pid[2];

	ASSERT_EQ(0, ftruncate(fd, 2L * TURNS * 4096));
	ASSERT_EQ(0, posix_fallocate(fd, 0, 40 * MB));
	for (i = 0; i < 2; i++) {
		int at[2] = { fd, i };

		pid[i] = start_child(map_every_other, at);
	}
	close(fd);
	read_again(self);
	stop_children(pid, 2);
	line = line_of(self, "\nLargest", "memfd:crowded\n");
	ASSERT_NE(NULL, line);
	end = strchr(line, '\n');
	*end = '\0';
	EXPECT_NE(NULL, strstr(line, "/report +1 or more "));
}

/* The walk meets a mapped file twice, and counts it once. */
static void expect_superblock(struct __test_metadata *_metadata,
			      FIXTURE_DATA(report) *self, int fd,
			      const void *mapping)
{
	unsigned long long objects, resident, swapped, used, limit;
	unsigned long long out = smaps(mapping, "Swap");
	char start[64], options[64], *line;
	struct statvfs vfs;
	struct stat st;

	ASSERT_EQ(0, fstat(fd, &st));
	ASSERT_EQ(0, fstatvfs(fd, &vfs));
	snprintf(start, sizeof(start), "\n%u:%u ", major(st.st_dev),
		 minor(st.st_dev));
	read_again(self);
	line = strstr(self->text, start);
	ASSERT_NE(NULL, line);
	ASSERT_EQ(6, sscanf(line + 1, "%*s tmpfs no %llu %llu %llu %llu %llu %63s",
			    &objects, &resident, &swapped, &used, &limit,
			    options));
	EXPECT_EQ(1, objects);
	EXPECT_EQ((5 * MB - out) >> 10, resident);
	EXPECT_EQ(out >> 10, swapped);
	EXPECT_EQ((vfs.f_blocks - vfs.f_bfree) * vfs.f_bsize >> 10, used);
	EXPECT_EQ(vfs.f_blocks * vfs.f_bsize >> 10, limit);
	EXPECT_EQ(0, strncmp("rw,size=20480k", options, 14));
}

TEST_F(report, superblock_of_a_mapped_file)
{
	char path[128], *p;
	int fd = own_tmpfs_file("size=20m", path);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, posix_fallocate(fd, 0, 5 * MB));
	p = mmap(NULL, 5 * MB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	expect_superblock(_metadata, self, fd, p);
	if (need_swap())
		SKIP(return, "no swap: this kernel has no zram");
	memset(p, 1, 5 * MB);
	ASSERT_TRUE(page_out(p, 5 * MB, 4 * MB));
	expect_superblock(_metadata, self, fd, p);
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

#define SIZES	37

/* For each number of rows the largest ones, in their order. */
TEST_F(report, order_of_the_largest)
{
	char rows[16], word[16];
	int i, nr, shown;
	char *line;

	for (i = 0; i < SIZES; i++) {
		nr = i * 16 % SIZES + 1;
		snprintf(word, sizeof(word), "order-%d", nr);
		ASSERT_EQ(0, posix_fallocate(memfd_create(word, 0), 0,
					     4 * MB + nr * 65536));
	}
	for (i = 1; i <= SIZES; i++) {
		snprintf(rows, sizeof(rows), "%d", i);
		ASSERT_EQ(0, write_file(ROWS, rows));
		read_again(self);
		line = strstr(self->text, "\nLargest");
		ASSERT_NE(NULL, line);
		for (shown = 0; (line = strstr(line, "memfd:order-")); shown++) {
			EXPECT_EQ(SIZES - shown, atoi(line + 12));
			while (line[-1] != '\n')
				line--;
			EXPECT_EQ(4096 + (SIZES - shown) * 64,
				  strtoull(line, NULL, 10));
			line = strchr(line, '\n');
		}
		/* Nothing else of that size is in the machine. */
		EXPECT_EQ(i, shown);
	}
}

/* What the last line of the largest objects says is not shown. */
static unsigned long long not_shown(struct __test_metadata *_metadata,
				    FIXTURE_DATA(report) *self)
{
	unsigned long long more = 0;
	char *line;

	read_again(self);
	ASSERT_NE(NULL, self->text);
	line = line_of(self, "\nLargest", " more, all listed");
	ASSERT_NE(NULL, line);
	ASSERT_EQ(1, sscanf(line, "and %llu more", &more));
	return more;
}

/* The tables are empty, and the rest, with the number of objects, is there. */
TEST_F(report, no_rows)
{
	unsigned long long more;
	int i, shmid;
	char *line;

	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	shmid = shmget(IPC_PRIVATE, MB, IPC_CREAT | 0600);
	ASSERT_LE(0, shmid);
	ASSERT_EQ(0, write_file(ROWS, "0"));
	more = not_shown(_metadata, self);
	for (i = 0; i < 5; i++)
		ASSERT_LE(0, memfd_create("not shown", 0));
	EXPECT_EQ(more + 5, not_shown(_metadata, self));
	EXPECT_EQ(NULL, strstr(self->text, "memfd:not\\040shown"));
	EXPECT_NE(NULL, strstr(self->text, "Accounted:"));
	/* The segment is among those that no process holds. */
	EXPECT_EQ(NULL, strstr(self->text, "SYSV00000000\n"));
	line = line_of(self, "\nHeld by no process", " more: segments ");
	EXPECT_NE(NULL, line);
	EXPECT_GT(strstr(self->text, "\nLargest"), line);
	/* One is shown, and the others counted. */
	ASSERT_EQ(0, write_file(ROWS, "1"));
	EXPECT_EQ(more + 4, not_shown(_metadata, self));
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
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
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

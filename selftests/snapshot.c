// SPDX-License-Identifier: GPL-2.0
/*
 * Several tables of one walk: they agree, whatever happens meanwhile.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/process.h"
#include "helpers/socket.h"
#include "helpers/table.h"

#define SNAPSHOT	PROC "snapshot"
#define MB		(1UL << 20)

enum {
	SUMMARY, OBJECTS, SUPERBLOCKS, PAGES, MAPS, HOLDERS, CGROUPS, SYSV,
	NR_TABLES
};

#define ALL	"summary objects superblocks pages maps holders cgroups sysv"

/* Created, filled, mapped, sent, truncated, swapped for another and removed. */
static void churn(void)
{
	char path[64];
	int fd, pair[2], shmid;
	char *p;

	snprintf(path, sizeof(path), "/dev/shm/churn-%d", getpid());
	for (;;) {
		fd = memfd_create("churn", 0);
		if (ftruncate(fd, MB))
			abort();
		p = mmap(NULL, MB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		memset(p, 1, MB / 4);
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
			abort();
		send_fds(pair[0], &fd, 1, MSG_DONTWAIT);
		close(fd);
		munmap(p, MB);
		close(pair[0]);
		close(pair[1]);

		shmid = shmget(IPC_PRIVATE, MB, IPC_CREAT | 0600);
		p = shmat(shmid, NULL, 0);
		memset(p, 1, MB / 4);
		shmctl(shmid, IPC_RMID, NULL);
		shmdt(p);

		fd = open(path, O_CREAT | O_RDWR, 0600);
		if (write(fd, path, sizeof(path)) < 0 || unlink(path))
			abort();
		close(fd);
	}
}

FIXTURE(snapshot)
{
	struct table *t[NR_TABLES];
};

FIXTURE_SETUP(snapshot)
{
	memset(self->t, 0, sizeof(self->t));
}

static void free_tables(FIXTURE_DATA(snapshot) *self)
{
	int i;

	for (i = 0; i < NR_TABLES; i++) {
		table_free(self->t[i]);
		self->t[i] = NULL;
	}
}

FIXTURE_TEARDOWN(snapshot)
{
	free_tables(self);
}

/* The ids of objects, sorted. */
static char **ids_of(const struct table *objects)
{
	char **ids = calloc(objects->rows + 1, sizeof(*ids));
	int row;

	for (row = 0; row < objects->rows; row++)
		ids[row] = (char *)cell(objects, row, "id");
	return ids;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* How many rows of a table are about no object. */
static int strangers(const struct table *t, char **ids, int count)
{
	int row, found = 0;

	for (row = 0; row < t->rows; row++) {
		const char *id = cell(t, row, "id");

		if (strcmp(id, "-") &&
		    !bsearch(&id, ids, count, sizeof(*ids), compare))
			found++;
	}
	return found;
}

/* What the objects of a kind and page size add up to. */
static unsigned long long sum_of(const struct table *objects, const char *kind,
				 const char *pagesize, const char *column)
{
	unsigned long long sum = 0;
	int row;

	for_each_row_with(row, objects, "kind", kind) {
		if (strcmp(cell(objects, row, "pagesize"), pagesize))
			continue;
		sum += column ? number(objects, row, column) : 1;
	}
	return sum;
}

static void expect_sums(struct __test_metadata *_metadata,
			const struct table *summary,
			const struct table *objects)
{
	static const char *const columns[] = { "size", "resident", "swapped" };
	unsigned int i;
	int row;

	for (row = 0; row < summary->rows; row++) {
		const char *kind = cell(summary, row, "kind");
		const char *pagesize = cell(summary, row, "pagesize");

		if (!strcmp(kind, "total") || !strcmp(kind, "nr_shmem"))
			continue;
		EXPECT_EQ(sum_of(objects, kind, pagesize, NULL),
			  number(summary, row, "objects"));
		for (i = 0; i < ARRAY_SIZE(columns); i++)
			EXPECT_EQ(sum_of(objects, kind, pagesize, columns[i]),
				  number(summary, row, columns[i]));
	}
}

static void expect_superblocks(struct __test_metadata *_metadata,
			       const struct table *superblocks,
			       const struct table *objects)
{
	EXPECT_EQ(objects->rows, table_sum(superblocks, "objects"));
	EXPECT_EQ(table_sum(objects, "resident"),
		  table_sum(superblocks, "resident"));
	EXPECT_EQ(table_sum(objects, "swapped"),
		  table_sum(superblocks, "swapped"));
}

static void expect_segments(struct __test_metadata *_metadata,
			    const struct table *sysv,
			    const struct table *objects)
{
	int row, at;

	for (row = 0; row < sysv->rows; row++) {
		if (!strcmp(cell(sysv, row, "id"), "-"))
			continue;
		at = row_with(objects, 0, "id", cell(sysv, row, "id"));
		ASSERT_LE(0, at);
		EXPECT_STREQ("sysv", cell(objects, at, "kind"));
		EXPECT_EQ(number(objects, at, "resident"),
			  number(sysv, row, "resident"));
	}
}

TEST_F_TIMEOUT(snapshot, agrees_while_all_changes, 240)
{
	int i, table, round, objects;
	pid_t pid[3];
	char **ids;

	for (i = 0; i < 3; i++) {
		pid[i] = fork_child();
		if (!pid[i])
			churn();
	}
	for (round = 0; round < 30; round++) {
		ASSERT_EQ(0, snapshot_read(ALL, self->t, NR_TABLES));
		ids = ids_of(self->t[OBJECTS]);
		objects = self->t[OBJECTS]->rows;
		qsort(ids, objects, sizeof(*ids), compare);
		for (table = PAGES; table < NR_TABLES; table++)
			EXPECT_EQ(0, strangers(self->t[table], ids, objects));
		expect_sums(_metadata, self->t[SUMMARY], self->t[OBJECTS]);
		expect_superblocks(_metadata, self->t[SUPERBLOCKS],
				   self->t[OBJECTS]);
		expect_segments(_metadata, self->t[SYSV], self->t[OBJECTS]);
		free(ids);
		free_tables(self);
	}
	stop_children(pid, 3);
}

/* One object in all tables, with the figures that the kernel has for it. */
TEST_F(snapshot, of_one_object)
{
	char id[ID_SIZE], ino[24];
	struct stat st;
	int fd, row;
	char *p;

	fd = memfd_create("one", 0);
	ASSERT_EQ(0, ftruncate(fd, 4 * MB));
	p = mmap(NULL, 4 * MB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	memset(p, 1, 3 * MB);
	ASSERT_EQ(0, fstat(fd, &st));
	snprintf(ino, sizeof(ino), ":%lu:", st.st_ino);

	ASSERT_EQ(0, snapshot_read(ALL, self->t, NR_TABLES));
	row = row_of_fd(self->t[OBJECTS], fd);
	ASSERT_LE(0, row);
	strcpy(id, cell(self->t[OBJECTS], row, "id"));
	EXPECT_NE(NULL, strstr(id, ino));
	EXPECT_EQ(st.st_size, number(self->t[OBJECTS], row, "size"));
	EXPECT_EQ(st.st_blocks * 512,
		  number(self->t[OBJECTS], row, "resident"));
	row = row_with(self->t[PAGES], 0, "id", id);
	EXPECT_EQ(st.st_blocks * 512, number(self->t[PAGES], row, "resident"));
	row = row_with(self->t[MAPS], 0, "id", id);
	EXPECT_EQ(getpid(), number(self->t[MAPS], row, "pid"));
	EXPECT_EQ((unsigned long)p, number(self->t[MAPS], row, "start"));
	row = row_with(self->t[HOLDERS], 0, "id", id);
	EXPECT_EQ(getpid(), number(self->t[HOLDERS], row, "pid"));
	EXPECT_EQ(1, number(self->t[HOLDERS], row, "fds"));
	EXPECT_EQ(1, number(self->t[HOLDERS], row, "maps"));
	EXPECT_EQ(st.st_blocks * 512,
		  sum_with(self->t[CGROUPS], "resident", "id", id));
}

/* What it shows of a table is what the table's own file shows. */
TEST_F(snapshot, has_the_columns_of_each_table)
{
	struct files files = plain_tables();
	char names[256] = "";
	struct table *t;
	int i, column;

	for (i = 0; i < files.count; i++) {
		strcat(names, " ");
		strcat(names, name_of(files.path[i]));
	}
	ASSERT_EQ(NR_TABLES, files.count);
	ASSERT_EQ(0, snapshot_read(names, self->t, NR_TABLES));
	for (i = 0; i < files.count; i++) {
		t = table_read(name_of(files.path[i]));
		ASSERT_EQ(t->columns, self->t[i]->columns);
		for (column = 0; column < t->columns; column++)
			EXPECT_STREQ(t->name[column],
				     self->t[i]->name[column]);
		table_free(t);
	}
}

TEST_F(snapshot, of_a_segment)
{
	int shmid = shmget(IPC_PRIVATE, MB, IPC_CREAT | 0600), row;
	char text[16], *p = shmat(shmid, NULL, 0);

	ASSERT_NE(MAP_FAILED, (void *)p);
	memset(p, 1, MB / 4);
	snprintf(text, sizeof(text), "%d", shmid);
	ASSERT_EQ(0, snapshot_read("objects sysv", self->t, 2));
	row = row_with(self->t[1], 0, "shmid", text);
	ASSERT_LE(0, row);
	EXPECT_EQ(sysvipc(shmid, "rss"), number(self->t[1], row, "resident"));
	EXPECT_EQ(sysvipc(shmid, "swap"), number(self->t[1], row, "swapped"));
	row = row_with(self->t[0], 0, "id", cell(self->t[1], row, "id"));
	ASSERT_LE(0, row);
	EXPECT_STREQ("sysv", cell(self->t[0], row, "kind"));
	shmctl(shmid, IPC_RMID, NULL);
	shmdt(p);
	free_tables(self);
	ASSERT_EQ(0, snapshot_read("objects sysv", self->t, 2));
	EXPECT_EQ(-1, row_with(self->t[1], 0, "shmid", text));
}

TEST_F(snapshot, in_the_order_that_was_written)
{
	EXPECT_EQ(0, snapshot_read("sysv", self->t, 1));
	free_tables(self);
	EXPECT_EQ(0, snapshot_read("sysv\tobjects\n", self->t, 2));
	free_tables(self);
	EXPECT_EQ(0, snapshot_read("\n holders   summary \t\n", self->t, 2));
	EXPECT_TRUE(has_column(self->t[0], "by"));
	EXPECT_TRUE(has_column(self->t[1], "kind"));
}

static int ask(int fd, const char *text, size_t len)
{
	ssize_t got = write(fd, text, len);

	return got == len ? 0 : got < 0 ? errno : -1;
}

TEST_F(snapshot, refuses_all_else)
{
	static const char *const bad[] = {
		"", " ", "\n", "object", "objects2", "objects,holders",
		"objects unknown", "extents", "snapshot", "objects extents",
		"objects objects", ALL " objects", "Objects", "../objects",
		"/proc/shmstat/objects", "objects\\040holders", "0:1:2:3",
		"objects\v", "objects\rholders", "\xff\xfe",
	};
	static char large[4096];
	char byte, line[10];
	unsigned int i;
	int fd = open(SNAPSHOT, O_RDWR);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, read(fd, &byte, 1));
	EXPECT_EQ(EINVAL, errno);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		/* A write of nothing is not one. */
		if (*bad[i])
			EXPECT_EQ(EINVAL, ask(fd, bad[i], strlen(bad[i])));
	}
	EXPECT_EQ(-1, read(fd, &byte, 1));
	EXPECT_EQ(EINVAL, errno);

	ASSERT_EQ(0, ask(fd, "sysv", 4));
	/* What was refused leaves the question as it was. */
	EXPECT_EQ(EINVAL, ask(fd, "objects\0holders", 15));
	EXPECT_EQ(EINVAL, ask(fd, "objects\0", 8));
	memset(large, ' ', sizeof(large));
	memcpy(large, "objects", 7);
	EXPECT_EQ(EINVAL, ask(fd, large, sizeof(large)));
	memset(large, 'x', sizeof(large));
	EXPECT_EQ(EINVAL, ask(fd, large, sizeof(large)));
	EXPECT_EQ(EFAULT, ask(fd, (char *)-4096L, 20));
	ASSERT_EQ(7, read(fd, line, 7));
	EXPECT_EQ(0, memcmp(line, "# sysv\n", 7));
	close(fd);
}

/* A write starts anew, with another question or the same. */
TEST_F(snapshot, asked_again)
{
	char line[16] = "";
	int fd = open(SNAPSHOT, O_RDWR);

	ASSERT_EQ(0, ask(fd, "summary objects", 15));
	ASSERT_EQ(10, read(fd, line, 10));
	EXPECT_STREQ("# summary\n", line);
	ASSERT_EQ(0, ask(fd, "sysv", 4));
	memset(line, 0, sizeof(line));
	ASSERT_EQ(7, read(fd, line, 7));
	EXPECT_STREQ("# sysv\n", line);
	close(fd);
}

/* What is left of the first answer is no part of the second one. */
TEST_F(snapshot, asked_again_and_read_further)
{
	char text[30] = "", again[30] = "";
	int fd = open(SNAPSHOT, O_RDWR);

	ASSERT_EQ(0, ask(fd, "summary objects", 15));
	ASSERT_EQ(10, read(fd, text, 10));
	ASSERT_EQ(0, ask(fd, "superblocks", 11));
	ASSERT_EQ(20, pread(fd, again, 20, 10));
	ASSERT_EQ(30, pread(fd, text, 30, 0));
	EXPECT_EQ(0, memcmp(text, "# superblocks\ndev ", 18));
	EXPECT_EQ(0, memcmp(text + 10, again, 20));
	close(fd);
}

TEST_F(snapshot, seeking_back_gives_fresh_figures)
{
	int fd = open(SNAPSHOT, O_RDWR);
	char *text;

	ASSERT_EQ(0, ask(fd, "objects holders", 15));
	text = read_rest(fd);
	EXPECT_EQ(NULL, strstr(text, "later"));
	free(text);
	memfd_create("later", 0);
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	text = read_rest(fd);
	EXPECT_NE(NULL, strstr(text, "memfd:later"));
	free(text);
	close(fd);
}

/* A name that a user has chosen begins no line. */
TEST_F(snapshot, headings_cannot_be_forged)
{
	int fd = memfd_create("x\n# holders\nid", 0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, snapshot_read("objects holders", self->t, 2));
	EXPECT_LE(0, row_of_fd(self->t[0], fd));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * The runs of one object in file order, against SEEK_HOLE and smaps, and what
 * may be written to ask for them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/object.h"
#include "helpers/page.h"
#include "helpers/table.h"

#define PAGE	4096UL

FIXTURE(extents)
{
	struct table *t;
	char id[ID_SIZE];
	int file;
	int fd;
};

FIXTURE_SETUP(extents)
{
	self->t = NULL;
	/* A run is of one node. */
	bind_task(0);
	self->file = open(PROC "extents", O_RDWR);
	ASSERT_LE(0, self->file);
	self->fd = memfd_create("extents", 0);
	ASSERT_EQ(0, ftruncate(self->fd, 100 * PAGE));
	id_of_fd(self->fd, self->id);
	ASSERT_STRNE("", self->id);
}

FIXTURE_TEARDOWN(extents)
{
	table_free(self->t);
	close(self->file);
}

static void ask(struct __test_metadata *_metadata, FIXTURE_DATA(extents) *self)
{
	char *text;

	ASSERT_EQ(strlen(self->id),
		  write(self->file, self->id, strlen(self->id)));
	ASSERT_EQ(0, lseek(self->file, 0, SEEK_CUR));
	text = read_rest(self->file);
	ASSERT_NE(NULL, text);
	table_free(self->t);
	self->t = table_parse(text);
	ASSERT_NE(NULL, self->t);
}

static void expect_run(struct __test_metadata *_metadata,
		       FIXTURE_DATA(extents) *self, int row, size_t start,
		       size_t pages, const char *state)
{
	ASSERT_GT(self->t->rows, row);
	EXPECT_EQ(start * PAGE, number(self->t, row, "start"));
	EXPECT_EQ(pages * PAGE, number(self->t, row, "length"));
	EXPECT_STREQ(state, cell(self->t, row, "state"));
	EXPECT_STREQ(strcmp(state, "hole") ? "0" : "-",
		     cell(self->t, row, "order"));
	EXPECT_STREQ(strcmp(state, "resident") ? "-" : "0",
		     cell(self->t, row, "node"));
	EXPECT_STREQ(strcmp(state, "swapped") ? "-" : "0",
		     cell(self->t, row, "swap"));
}

TEST_F(extents, nothing_but_a_hole)
{
	ask(_metadata, self);
	EXPECT_EQ(1, self->t->rows);
	expect_run(_metadata, self, 0, 0, 100, "hole");
}

TEST_F(extents, empty_object)
{
	ASSERT_EQ(0, ftruncate(self->fd, 0));
	ask(_metadata, self);
	EXPECT_EQ(0, self->t->rows);
}

TEST_F(extents, one_page_and_a_bit)
{
	ASSERT_EQ(0, ftruncate(self->fd, 0));
	ASSERT_EQ(1, pwrite(self->fd, "x", 1, PAGE));
	ask(_metadata, self);
	EXPECT_EQ(2, self->t->rows);
	expect_run(_metadata, self, 0, 0, 1, "hole");
	expect_run(_metadata, self, 1, 1, 1, "resident");
}

TEST_F(extents, runs_and_holes)
{
	ASSERT_EQ(0, posix_fallocate(self->fd, 10 * PAGE, 20 * PAGE));
	ASSERT_EQ(0, posix_fallocate(self->fd, 50 * PAGE, 50 * PAGE));
	ASSERT_EQ(0, fallocate(self->fd,
			       FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			       60 * PAGE, PAGE));
	ask(_metadata, self);
	EXPECT_EQ(6, self->t->rows);
	expect_run(_metadata, self, 0, 0, 10, "hole");
	expect_run(_metadata, self, 1, 10, 20, "resident");
	expect_run(_metadata, self, 2, 30, 20, "hole");
	expect_run(_metadata, self, 3, 50, 10, "resident");
	expect_run(_metadata, self, 4, 60, 1, "hole");
	expect_run(_metadata, self, 5, 61, 39, "resident");
}

TEST_F(extents, past_the_end)
{
	ASSERT_EQ(0, fallocate(self->fd, FALLOC_FL_KEEP_SIZE, 110 * PAGE,
			       10 * PAGE));
	ask(_metadata, self);
	EXPECT_EQ(2, self->t->rows);
	expect_run(_metadata, self, 0, 0, 110, "hole");
	expect_run(_metadata, self, 1, 110, 10, "resident");
}

TEST_F(extents, as_the_kernel_seeks)
{
	off_t data = 0, hole;
	int row = 0, i;

	for (i = 0; i < 100; i += 1 + i % 7)
		ASSERT_EQ(1, pwrite(self->fd, "x", 1, i * PAGE));
	ask(_metadata, self);
	while ((data = lseek(self->fd, data, SEEK_DATA)) >= 0) {
		hole = lseek(self->fd, data, SEEK_HOLE);
		while (row < self->t->rows &&
		       strcmp("resident", cell(self->t, row, "state")))
			row++;
		ASSERT_GT(self->t->rows, row);
		EXPECT_EQ(data, number(self->t, row, "start"));
		EXPECT_EQ(hole - data, number(self->t, row, "length"));
		row++;
		data = hole;
	}
}

TEST_F(extents, swapped)
{
	char *p = mmap(NULL, 100 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       self->fd, 0);
	int row;

	if (need_swap())
		SKIP(return, "no swap: this kernel has no zram");
	memset(p, 1, 100 * PAGE);
	page_out(p, 100 * PAGE, 50 * PAGE);
	ask(_metadata, self);
	EXPECT_EQ(smaps(p, "Swap"),
		  sum_with(self->t, "length", "state", "swapped"));
	EXPECT_EQ(100 * PAGE, table_sum(self->t, "length"));
	for_each_row_with(row, self->t, "state", "swapped") {
		EXPECT_STREQ("0", cell(self->t, row, "swap"));
		EXPECT_STREQ("-", cell(self->t, row, "node"));
	}
}

/* Neither pages nor bytes there fit into 32 bits. */
TEST_F(extents, beyond_16_terabytes)
{
	const size_t far = (1UL << 32) + 3;

	ASSERT_EQ(0, ftruncate(self->fd, (far + 10) * PAGE));
	ASSERT_EQ(1, pwrite(self->fd, "x", 1, far * PAGE));
	ask(_metadata, self);
	EXPECT_EQ(3, self->t->rows);
	expect_run(_metadata, self, 0, 0, far, "hole");
	expect_run(_metadata, self, 1, far, 1, "resident");
	expect_run(_metadata, self, 2, far + 1, 9, "hole");
}

/* More runs than the module keeps at a time: each is reported, and once. */
TEST_F(extents, more_than_a_window)
{
	const int runs = 70000;
	int row, i;

	ASSERT_EQ(0, ftruncate(self->fd, 2UL * runs * PAGE));
	for (i = 0; i < runs; i++)
		ASSERT_EQ(1, pwrite(self->fd, "x", 1, 2UL * i * PAGE));
	ask(_metadata, self);
	ASSERT_EQ(2 * runs, self->t->rows);
	for (row = 0; row < self->t->rows; row++)
		if (number(self->t, row, "start") != row * PAGE ||
		    number(self->t, row, "length") != PAGE)
			break;
	EXPECT_EQ(2 * runs, row);
}

/* A part in the last window, and then others before it. */
TEST_F(extents, windows_read_backwards)
{
	const int runs = 70000, part = 1000;
	char *whole, again[1000];
	size_t len, at;
	int i;

	ASSERT_EQ(0, ftruncate(self->fd, 2UL * runs * PAGE));
	for (i = 0; i < runs; i++)
		ASSERT_EQ(1, pwrite(self->fd, "x", 1, 2UL * i * PAGE));
	ASSERT_EQ(strlen(self->id),
		  write(self->file, self->id, strlen(self->id)));
	whole = read_rest(self->file);
	ASSERT_NE(NULL, whole);
	len = strlen(whole);
	for (i = 6; i > 0; i--) {
		at = len / 7 * i;
		ASSERT_EQ(part, pread(self->file, again, part, at));
		EXPECT_EQ(0, memcmp(whole + at, again, part));
	}
	free(whole);
}

/*
 * A hole before each run and behind the last one, so that numbers of rows are odd
 * where the module's array of them is full.
 */
TEST_F(extents, as_many_as_fit)
{
	int runs, row, i;

	for (runs = 1; runs < 530; runs++) {
		ASSERT_EQ(0, ftruncate(self->fd, (2 * runs + 1) * PAGE));
		i = 2 * runs - 1;
		ASSERT_EQ(1, pwrite(self->fd, "x", 1, i * PAGE));
		if (runs % 256 > 3 && runs % 256 < 253)
			continue;
		ask(_metadata, self);
		ASSERT_EQ(2 * runs + 1, self->t->rows);
		for (row = 0; row < self->t->rows; row++) {
			ASSERT_EQ(row * PAGE, number(self->t, row, "start"));
			ASSERT_EQ(PAGE, number(self->t, row, "length"));
			ASSERT_STREQ(row % 2 ? "resident" : "hole",
				     cell(self->t, row, "state"));
		}
	}
}

TEST_F(extents, newline_after_the_id)
{
	strcat(self->id, "\n");
	ask(_metadata, self);
	EXPECT_EQ(1, self->t->rows);
}

TEST_F(extents, fresh_figures_from_the_start)
{
	char text[256] = "";

	ask(_metadata, self);
	ASSERT_EQ(1, pwrite(self->fd, "x", 1, 0));
	ASSERT_LT(0, pread(self->file, text, sizeof(text) - 1, 0));
	EXPECT_NE(NULL, strstr(text, "\n0 4096 resident 0 0 -\n"));
}

TEST_F(extents, unknown_id)
{
	static const char * const unknown[] = {
		"1:2:3:4", "0:1:99999999:1", "4294967295:0:1:1",
	};
	int i;

	for (i = 0; i < 3; i++) {
		EXPECT_EQ(-1, write(self->file, unknown[i],
				    strlen(unknown[i])));
		EXPECT_EQ(ENOENT, errno);
	}
}

TEST_F(extents, wrong_generation)
{
	char *colon = strrchr(self->id, ':');

	snprintf(colon, 16, ":%u", (unsigned int)strtoul(colon + 1, NULL, 10) + 1);
	EXPECT_EQ(-1, write(self->file, self->id, strlen(self->id)));
	EXPECT_EQ(ENOENT, errno);
}

TEST_F(extents, no_id)
{
	static const char * const bad[] = {
		"x", "\n", "1", "1:2", "1:2:3", "1:2:3:4:5", "1:2:3:4 ",
		" 1:2:3:4", "1:2:3:-4", "+1:2:3:4", "01:2:3:4", "0x1:2:3:4",
		"1:2:3:4\n\n", "1:2:3:4\n1:2:3:4", "1:2:3:99999999999",
		"%s%n",
	};
	char byte;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-1, write(self->file, bad[i], strlen(bad[i])));
		EXPECT_EQ(EINVAL, errno) {
			TH_LOG("'%s' was written", bad[i]);
		}
	}
	EXPECT_EQ(-1, write(self->file, "1:2:3:4\0x", 9));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(self->file, "", 0));
	EXPECT_EQ(EINVAL, errno);
	/* No id was written yet. */
	EXPECT_EQ(-1, read(self->file, &byte, 1));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(extents, a_megabyte)
{
	char *text = malloc(1 << 20);
	int i;

	memset(text, '1', 1 << 20);
	/* About as long as what the module takes in. */
	for (i = 60; i < 70; i++) {
		EXPECT_EQ(-1, write(self->file, text, i));
		EXPECT_EQ(EINVAL, errno);
	}
	EXPECT_EQ(-1, write(self->file, text, 1 << 20));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(self->file, (void *)-4096L, 10));
	EXPECT_EQ(EFAULT, errno);
	free(text);
}

/* The rest of the first answer is dropped. */
TEST_F(extents, second_id_on_the_descriptor)
{
	int other = memfd_create("other", 0);
	char first[ID_SIZE], byte[20];

	ASSERT_EQ(0, ftruncate(other, 7 * PAGE));
	ASSERT_EQ(1, pwrite(other, "x", 1, 3 * PAGE));
	ask(_metadata, self);
	strcpy(first, self->id);
	ASSERT_EQ(0, lseek(self->file, 0, SEEK_SET));
	ASSERT_EQ(sizeof(byte), read(self->file, byte, sizeof(byte)));
	id_of_fd(other, self->id);
	ask(_metadata, self);
	EXPECT_EQ(3, self->t->rows);
	expect_run(_metadata, self, 0, 0, 3, "hole");
	expect_run(_metadata, self, 1, 3, 1, "resident");
	expect_run(_metadata, self, 2, 4, 3, "hole");
	strcpy(self->id, first);
	ask(_metadata, self);
	EXPECT_EQ(1, self->t->rows);
	expect_run(_metadata, self, 0, 0, 100, "hole");
}

/* The second answer is of the time when it was asked for. */
TEST_F(extents, same_id_twice_on_the_descriptor)
{
	char byte[20];

	ask(_metadata, self);
	ASSERT_EQ(0, lseek(self->file, 0, SEEK_SET));
	ASSERT_EQ(sizeof(byte), read(self->file, byte, sizeof(byte)));
	ASSERT_EQ(1, pwrite(self->fd, "x", 1, 99 * PAGE));
	ask(_metadata, self);
	EXPECT_EQ(2, self->t->rows);
	expect_run(_metadata, self, 0, 0, 99, "hole");
	expect_run(_metadata, self, 1, 99, 1, "resident");
	ask(_metadata, self);
	EXPECT_EQ(2, self->t->rows);
}

/* A write that fails keeps the id that was written before. */
TEST_F(extents, bad_write_after_a_good_one)
{
	char text[64] = "";

	ask(_metadata, self);
	EXPECT_EQ(-1, write(self->file, "nonsense", 8));
	ASSERT_EQ(0, lseek(self->file, 0, SEEK_SET));
	ASSERT_LT(0, read(self->file, text, sizeof(text) - 1));
	EXPECT_EQ(0, strncmp("start ", text, 6));
}

TEST_F(extents, object_that_was_freed)
{
	char byte;

	ask(_metadata, self);
	close(self->fd);
	EXPECT_EQ(-1, pread(self->file, &byte, 1, 0));
	EXPECT_EQ(ENOENT, errno);
}

TEST_F(extents, two_descriptors_ask_for_two_objects)
{
	int other = memfd_create("other", 0), file, first;
	char id[ID_SIZE], text[256] = "";

	ASSERT_EQ(1, pwrite(other, "x", 1, 0));
	id_of_fd(other, id);
	file = open(PROC "extents", O_RDWR);
	ASSERT_EQ(strlen(id), write(file, id, strlen(id)));
	ask(_metadata, self);
	first = self->t->rows;
	ASSERT_LT(0, read(file, text, sizeof(text) - 1));
	EXPECT_EQ(1, first);
	EXPECT_NE(NULL, strstr(text, "0 4096 resident"));
	close(file);
}

TEST_HARNESS_MAIN

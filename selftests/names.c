// SPDX-License-Identifier: GPL-2.0
/*
 * Names are chosen by users: none can forge a row or control a terminal.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/table.h"

#define ROWS	MODULE "parameters/rows"

static const char * const hostile[] = {
	"two words",
	"line\nline",
	"\n0:1:2:3 sysv 4096 0 0 0 0600 0 0 0 - never forged\n",
	"tab\tand\rreturn",
	"\033[31mred\033[0m \033]0;title\007",
	"back\\slash\\040",
	"gr\303\274\303\237e \342\202\254",
	"\377\376\200\001\177",
	"-",
	" ",
};

#define NR_HOSTILE	ARRAY_SIZE(hostile)

FIXTURE(names)
{
	const char *dir;
	struct table *t;
};

FIXTURE_SETUP(names)
{
	self->dir = own_tmpfs(NULL);
	ASSERT_NE(NULL, self->dir);
	ASSERT_EQ(0, chdir(self->dir));
	self->t = NULL;
}

FIXTURE_TEARDOWN(names)
{
	table_free(self->t);
}

/* The name in the file's row is printable, and stands for this one. */
static void expect_name(struct __test_metadata *_metadata,
			FIXTURE_DATA(names) *self, int fd, const char *name)
{
	const char *shown;
	struct stat st;
	int row;

	table_free(self->t);
	self->t = table_read("objects");
	ASSERT_NE(NULL, self->t);
	ASSERT_EQ(0, fstat(fd, &st));
	row = row_of_inode(self->t, st.st_dev, st.st_ino, name);
	ASSERT_LE(0, row);
	for (shown = cell(self->t, row, "name"); *shown; shown++)
		ASSERT_TRUE(isgraph((unsigned char)*shown));
}

TEST_F(names, files)
{
	char path[300];
	int fd, i;

	for (i = 0; i < NR_HOSTILE; i++) {
		fd = open(hostile[i], O_CREAT | O_RDWR, 0600);
		ASSERT_LE(0, fd);
		snprintf(path, sizeof(path), "/%s", hostile[i]);
		expect_name(_metadata, self, fd, path);
	}
}

TEST_F(names, memfds)
{
	char name[300];
	int fd, i;

	for (i = 0; i < NR_HOSTILE; i++) {
		fd = memfd_create(hostile[i], 0);
		ASSERT_LE(0, fd);
		snprintf(name, sizeof(name), "memfd:%s", hostile[i]);
		expect_name(_metadata, self, fd, name);
	}
}

/* A file here with the longest name there can be, which is shown behind @dir. */
static void expect_longest(struct __test_metadata *_metadata,
			   FIXTURE_DATA(names) *self, const char *dir,
			   char name[256])
{
	char path[300];
	int fd;

	memset(name, '\n', 255);
	name[255] = '\0';
	fd = open(name, O_CREAT | O_RDWR, 0600);
	ASSERT_LE(0, fd);
	snprintf(path, sizeof(path), "%s%s", dir, name);
	expect_name(_metadata, self, fd, path);
}

TEST_F(names, as_long_as_they_get)
{
	char name[256], path[300];
	int fd;

	expect_longest(_metadata, self, "/", name);
	name[249] = '\0';
	fd = memfd_create(name, 0);
	ASSERT_LE(0, fd);
	snprintf(path, sizeof(path), "memfd:%s", name);
	expect_name(_metadata, self, fd, path);
}

TEST_F(names, deeper_than_any_path)
{
	char name[201], longest[256];
	int fd, i;

	memset(name, 'd', 200);
	name[200] = '\0';
	for (i = 0; i < 30; i++) {
		ASSERT_EQ(0, mkdir(name, 0700));
		ASSERT_EQ(0, chdir(name));
	}
	fd = open("deep one", O_CREAT | O_RDWR, 0600);
	ASSERT_LE(0, fd);
	expect_name(_metadata, self, fd, "//.../deep one");
	expect_longest(_metadata, self, "//.../", longest);
}

/* Up to PATH_MAX, with the zero at the end, a path is shown whole. */
TEST_F(names, about_as_long_as_any_path)
{
	char name[256], path[4200], whole[4200];
	int fd, i;

	memset(name, 'd', 255);
	name[255] = '\0';
	path[0] = '\0';
	for (i = 0; i < 15; i++) {
		ASSERT_EQ(0, mkdir(name, 0700));
		ASSERT_EQ(0, chdir(name));
		snprintf(path + strlen(path), 257, "/%s", name);
	}
	/* Of PATH_MAX are left 256 bytes, of which are a slash and a zero. */
	for (i = 250; i < 255; i++) {
		name[i] = '\0';
		fd = open(name, O_CREAT | O_RDWR, 0600);
		ASSERT_LE(0, fd);
		snprintf(whole, sizeof(whole), "%.3900s/%.255s", path, name);
		expect_name(_metadata, self, fd, whole);
		close(fd);
		name[i] = 'd';
	}
	fd = open(name, O_CREAT | O_RDWR, 0600);
	ASSERT_LE(0, fd);
	/* One byte more. */
	snprintf(whole, sizeof(whole), "//.../%s", name);
	expect_name(_metadata, self, fd, whole);
}

TEST_F(names, renamed)
{
	int fd = open("before", O_CREAT | O_RDWR, 0600);

	ASSERT_EQ(0, mkdir("dir", 0700));
	expect_name(_metadata, self, fd, "/before");
	ASSERT_EQ(0, rename("before", "dir/after"));
	expect_name(_metadata, self, fd, "/dir/after");
}

/*
 * Two names of one file: one is removed but open, so that the inode keeps both,
 * with the later one first.
 */
static void expect_the_other(struct __test_metadata *_metadata,
			     FIXTURE_DATA(names) *self, const char *removed,
			     const char *left)
{
	int fd[2];
	char path[64];

	fd[0] = open("first", O_CREAT | O_RDWR, 0600);
	ASSERT_LE(0, fd[0]);
	ASSERT_EQ(0, link("first", "second"));
	fd[1] = open("second", O_RDWR);
	ASSERT_LE(0, fd[1]);
	ASSERT_EQ(0, unlink(removed));
	snprintf(path, sizeof(path), "/%s", left);
	expect_name(_metadata, self, fd[0], path);
	EXPECT_EQ(1, number(self->t, row_of_fd(self->t, fd[0]), "nlink"));
	EXPECT_STREQ("-", cell(self->t, row_of_fd(self->t, fd[0]), "flags"));
}

TEST_F(names, removed_beside_a_later_one)
{
	expect_the_other(_metadata, self, "first", "second");
}

TEST_F(names, removed_beside_an_earlier_one)
{
	expect_the_other(_metadata, self, "second", "first");
}

/* As many as the module looks at for one that was not removed. */
TEST_F(names, behind_many_removed_ones)
{
	int fd = open("first", O_CREAT | O_RDWR, 0600), i;
	char name[16];

	ASSERT_LE(0, fd);
	for (i = 0; i < 31; i++) {
		snprintf(name, sizeof(name), "%d", i);
		ASSERT_EQ(0, link("first", name));
		ASSERT_LE(0, open(name, O_RDWR));
		ASSERT_EQ(0, unlink(name));
	}
	expect_name(_metadata, self, fd, "/first");
}

TEST_F(names, one_of_several_links_is_left)
{
	int fd = open("first", O_CREAT | O_RDWR, 0600);

	ASSERT_EQ(0, link("first", "second"));
	ASSERT_EQ(0, unlink("first"));
	expect_name(_metadata, self, fd, "/second");
}

/* In every table, with a hostile name of a process as well. */
TEST_F(names, forge_no_row_in_any_table)
{
	struct files files = plain_tables();
	struct table *t;
	int fd, i;

	fd = memfd_create(hostile[2], 0);
	ASSERT_EQ(0, ftruncate(fd, 4096));
	ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	ASSERT_EQ(0, prctl(PR_SET_NAME, "a b\nc\\ \033[1m"));
	for (i = 0; i < files.count; i++) {
		t = table_read(name_of(files.path[i]));
		EXPECT_NE(NULL, t);
		table_free(t);
	}
	t = table_read("holders");
	EXPECT_LE(0, row_with(t, 0, "comm", "a\\040b\\012c\\134\\040\\033[1m"));
	table_free(t);
	prctl(PR_SET_NAME, "names");
}

TEST_F(names, control_no_terminal_from_the_report)
{
	char *text, *byte;
	int i;

	ASSERT_EQ(0, write_file(ROWS, "1000"));
	for (i = 0; i < NR_HOSTILE; i++)
		ASSERT_LE(0, open(hostile[i], O_CREAT | O_RDWR, 0600));
	prctl(PR_SET_NAME, "\033[5mx");
	text = read_file(REPORT);
	prctl(PR_SET_NAME, "names");
	write_file(ROWS, "40");
	ASSERT_NE(NULL, text);
	EXPECT_NE(NULL, strstr(text, "/two\\040words"));
	for (byte = text; *byte; byte++)
		ASSERT_TRUE(*byte == '\n' || *byte == ' ' ||
			    isgraph((unsigned char)*byte));
	free(text);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "table.h"

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static struct files list_files(bool report, bool questions)
{
	struct dirent **entries;
	struct files files = {};
	int count = scandir(PROC, &entries, is_visible, compare_names), i;
	struct stat st;
	char *path;

	if (count < 1 || count >= MAX_FILES)
		die("no table, or too many", PROC);
	if (report)
		files.path[files.count++] = strdup(REPORT);
	for (i = 0; i < count; i++) {
		if (asprintf(&path, PROC "%s", entries[i]->d_name) < 0 ||
		    stat(path, &st))
			die("cannot stat", entries[i]->d_name);
		free(entries[i]);
		if (questions || !(st.st_mode & 0222))
			files.path[files.count++] = path;
		else
			free(path);
	}
	free(entries);
	return files;
}

struct files plain_tables(void)
{
	return list_files(false, false);
}

struct files plain_files(void)
{
	return list_files(true, false);
}

struct files all_files(void)
{
	return list_files(true, true);
}

const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

int open_and_ask(const char *path, const char *id)
{
	const char *question = NULL;
	int fd, err;

	if (!strcmp(path, PROC "extents"))
		question = id;
	else if (!strcmp(path, PROC "snapshot"))
		question = "objects holders maps";
	fd = open(path, question ? O_RDWR : O_RDONLY);
	if (fd < 0 || !question)
		return fd;
	if (write(fd, question, strlen(question)) == strlen(question))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

/* Splits a line at single spaces; the fields point into it. */
static int split(char *line, char ***fields)
{
	int count = 0;
	char *end;

	*fields = NULL;
	do {
		end = strchr(line, ' ');
		if (end)
			*end = '\0';
		*fields = realloc(*fields, (count + 1) * sizeof(char *));
		(*fields)[count++] = line;
		if (!*line)
			return -1;
		line = end + 1;
	} while (end);
	return count;
}

struct table *table_parse(char *text)
{
	struct table *t = calloc(1, sizeof(*t));
	char *line = text, *end;
	int size = 0;

	t->text = text;
	while (*line) {
		char **fields;
		int count;

		end = strchr(line, '\n');
		if (!end)
			goto bad;
		*end = '\0';
		count = split(line, &fields);
		if (!t->name) {
			t->name = fields;
			t->columns = count;
		} else {
			if (t->rows == size) {
				size = size ? 2 * size : 64;
				t->cell = realloc(t->cell,
						  size * sizeof(*t->cell));
			}
			t->cell[t->rows++] = fields;
		}
		if (count < 0 || count != t->columns) {
			printf("# line %d has %d fields: %s\n", t->rows, count,
			       line);
			goto bad;
		}
		line = end + 1;
	}
	return t;
bad:
	table_free(t);
	errno = EBADMSG;
	return NULL;
}

struct table *table_read(const char *name)
{
	char path[128];
	char *text;

	snprintf(path, sizeof(path), PROC "%s", name);
	text = read_file(path);
	return text ? table_parse(text) : NULL;
}

/* Takes the next name from a list of them. */
static void next_name(const char **names, char name[32])
{
	int len;

	if (sscanf(*names, " %31s%n", name, &len) != 1)
		die("too few names of tables", *names);
	*names += len;
}

static int split_snapshot(char *text, const char *names, struct table **tables,
			  int count)
{
	char name[32], heading[40], *end;
	int i;

	for (i = 0; i < count; i++) {
		next_name(&names, name);
		snprintf(heading, sizeof(heading), "# %s\n", name);
		if (strncmp(text, heading, strlen(heading)))
			return -1;
		text += strlen(heading);
		end = strstr(text, "\n# ");
		if (!end == (i < count - 1))
			return -1;
		end = end ? end + 1 : text + strlen(text);
		tables[i] = table_parse(strndup(text, end - text));
		if (!tables[i])
			return -1;
		text = end;
	}
	return *text ? -1 : 0;
}

int snapshot_read(const char *names, struct table **tables, int count)
{
	int fd = open(PROC "snapshot", O_RDWR), ret = -1;
	char *text;

	if (fd < 0)
		return -1;
	if (write(fd, names, strlen(names)) == strlen(names)) {
		text = read_rest(fd);
		ret = text ? split_snapshot(text, names, tables, count) : -1;
		free(text);
	}
	close(fd);
	return ret;
}

void table_free(struct table *t)
{
	int row;

	if (!t)
		return;
	for (row = 0; row < t->rows; row++)
		free(t->cell[row]);
	free(t->cell);
	free(t->name);
	free(t->text);
	free(t);
}

static int find_column(const struct table *t, const char *column)
{
	int i;

	for (i = 0; i < t->columns; i++)
		if (!strcmp(t->name[i], column))
			return i;
	return -1;
}

bool has_column(const struct table *t, const char *column)
{
	return find_column(t, column) >= 0;
}

static int column_of(const struct table *t, const char *column)
{
	int i = find_column(t, column);

	if (i < 0)
		die("no such column", column);
	return i;
}

const char *cell(const struct table *t, int row, const char *column)
{
	if (row < 0 || row >= t->rows)
		die("no such row for column", column);
	return t->cell[row][column_of(t, column)];
}

unsigned long long number(const struct table *t, int row, const char *column)
{
	const char *text = cell(t, row, column);
	int base = strcmp(column, "mode") ? 10 : 8;
	unsigned long long value;
	char *end;

	if (!strcmp(t->name[0], "id") && (!strcmp(column, "start") ||
					  !strcmp(column, "end")))
		base = 16;
	value = strtoull(text, &end, base);
	if (!isxdigit((unsigned char)*text) || *end)
		die("no number", text);
	return value;
}

int row_with(const struct table *t, int from, const char *column,
	     const char *value)
{
	int i = column_of(t, column);

	for (; from < t->rows; from++)
		if (!strcmp(t->cell[from][i], value))
			return from;
	return -1;
}

int count_with(const struct table *t, const char *column, const char *value)
{
	int row, count = 0;

	for_each_row_with(row, t, column, value)
		count++;
	return count;
}

unsigned long long sum_with(const struct table *t, const char *summand,
			    const char *column, const char *value)
{
	unsigned long long sum = 0;
	int row;

	for_each_row_with(row, t, column, value)
		sum += number(t, row, summand);
	return sum;
}

unsigned long long table_sum(const struct table *t, const char *column)
{
	unsigned long long sum = 0;
	int row;

	for (row = 0; row < t->rows; row++)
		sum += number(t, row, column);
	return sum;
}

/* Rows of hugetlb and the total follow them. */
int count_kinds(const struct table *summary)
{
	unsigned long page = sysconf(_SC_PAGESIZE);
	int row;

	for (row = 0; row < summary->rows; row++)
		if (!strcmp(cell(summary, row, "kind"), "total") ||
		    number(summary, row, "pagesize") != page)
			break;
	return row;
}

char *unescape(char *text)
{
	char *from = text, *to = text;

	while (*from) {
		if (*from == '\\') {
			*to++ = (from[1] - '0') << 6 | (from[2] - '0') << 3 |
				(from[3] - '0');
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	return text;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Readers of all files, whose every answer is checked.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "hostile.h"
#include "../helpers/kernel.h"
#include "../helpers/living.h"
#include "../helpers/process.h"
#include "../helpers/table.h"

static struct files files;

static bool is_table(const char *path, const char *name)
{
	return !strcmp(path + strlen(PROC), name) && strcmp(path, REPORT);
}

/* A read may only fail with an errno that shmstat(5) names for this file. */
static void note_error(const char *path, int err)
{
	bool summary = !strcmp(path, REPORT) || is_table(path, "summary");

	if (err == EAGAIN && !kernel_since(6, 8)) {
		count(shared->again);
	} else if (err == ENOMEM && !summary) {
		count(shared->nomem);
	} else if (err == ENOENT && is_table(path, "extents")) {
		count(shared->enoent);
	} else {
		if (err == ENOMEM)
			count(shared->nomem_summary);
		count(shared->errors);
		shared->last_error = err;
		snprintf(shared->last_file, sizeof(shared->last_file), "%s",
			 strrchr(path, '/') + 1);
	}
}

struct text {
	char *at;
	size_t len, size;
};

/* A whole file, into a buffer that is used again; 0 or the errno. */
static int read_whole(const char *path, const char *id, struct text *text)
{
	int fd = open_and_ask(path, id), err = 0;
	ssize_t got;

	if (fd < 0)
		return errno;
	for (text->len = 0;; text->len += got) {
		if (text->size - text->len < (1 << 16) + 1) {
			text->size = text->size ? 2 * text->size : 1 << 20;
			text->at = realloc(text->at, text->size);
			if (!text->at)
				_exit(1);
		}
		got = read(fd, text->at + text->len,
			   text->size - text->len - 1);
		if (got <= 0)
			break;
	}
	if (got < 0)
		err = errno;
	text->at[text->len] = '\0';
	close(fd);
	return err;
}

static void check_objects(const char *text)
{
	unsigned long rows = 0;
	const char *p;
	int i;

	for (p = text; (p = strchr(p, '\n')); p++)
		rows++;
	if (rows > shared->max_rows)
		shared->max_rows = rows;
	for (i = 0; i < NR_LIVING; i++)
		if (living.id[i][0] && !has_row_of(text, living.id[i]))
			count(shared->missing[i]);
}

/* Reads whole files, and checks each of them. */
static void read_and_check(int nr)
{
	struct text text = {};
	const char *id;
	int err;

	seed_random(1000, nr);
	for (;;) {
		const char *path = files.path[pick(files.count)];

		/* These two are checked most, so they are read most often. */
		if (!pick(3))
			path = PROC "objects";
		else if (!pick(3))
			path = PROC "extents";
		id = living.id[pick(NR_LIVING)];
		if (!*id)
			continue;
		err = read_whole(path, id, &text);
		if (is_table(path, "extents"))
			count(shared->extents);
		if (err) {
			note_error(path, err);
			continue;
		}
		count(shared->reads);
		if (!text.len || text.at[text.len - 1] != '\n')
			count(shared->torn);
		if (is_table(path, "objects"))
			check_objects(text.at);
	}
}

/* Reads in pieces, not to the end, and again from the start. */
static void read_badly(int nr)
{
	static char buf[1 << 16];
	ssize_t got;
	int fd, i;

	seed_random(2000, nr);
	for (;;) {
		const char *path = files.path[pick(files.count)];

		fd = open_and_ask(path, living.id[MEMFD]);
		if (fd < 0) {
			note_error(path, errno);
			continue;
		}
		for (i = pick(100); i >= 0; i--) {
			got = read(fd, buf, 1 + pick(sizeof(buf)));
			if (got < 0)
				note_error(path, errno);
			if (got <= 0)
				break;
			if (!pick(20))
				lseek(fd, 0, SEEK_SET);
		}
		count(shared->reads);
		close(fd);
	}
}

/* Readers that get SIGKILL have to end soon. */
static void kill_readers(int nr)
{
	struct text text = {};
	double from, took;
	pid_t pid;

	seed_random(3000, nr);
	for (;;) {
		const char *path = files.path[pick(files.count)];

		pid = fork_child();
		if (!pid) {
			for (;;)
				read_whole(path, living.id[MEMFD], &text);
		}
		sleep_ms(pick(400));
		from = now();
		stop_child(pid);
		took = now() - from;
		count(shared->kills);
		if (took > settings.bound)
			count(shared->slow_kills);
		if (took > shared->slowest_kill)
			shared->slowest_kill = took;
	}
}

static pid_t start(void (*fn)(int nr), int nr)
{
	pid_t pid = fork_child();

	if (!pid) {
		prctl(PR_SET_NAME, "adv-reader");
		fn(nr);
	}
	return pid;
}

int start_readers(pid_t *pids)
{
	int nr = 0;

	files = all_files();
	pids[nr++] = start(read_and_check, 0);
	pids[nr++] = start(read_and_check, 1);
	pids[nr++] = start(read_badly, 0);
	pids[nr++] = start(kill_readers, 0);
	return nr;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the object that a person means: an id, a path, shmid:N, PID:FD or
 * PID:ADDRESS. Ends the program, with an explanation, if there is none.
 */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "find.h"
#include "moment.h"
#include "path.h"
#include "process.h"
#include "text.h"
#include "xalloc.h"

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

/* Held as @column says (fds, maps or handles) by @pid. */
static bool holds(const struct objects *objects, const struct object *object,
		  const char *pid, const char *column)
{
	size_t nr;

	for (nr = 0; nr < object->in[HOLDERS].count; nr++)
		if (!strcmp(object_other(objects, object, HOLDERS, nr, "pid"),
			    pid))
			return strcmp(object_other(objects, object, HOLDERS,
						   nr, column), "0");
	return false;
}

/*
 * By what stat(2) says, which is not unique on the kernel's internal mount:
 * there, @pid has to have it open. NULL if it is not shared memory.
 */
static const struct object *find_inode(const struct objects *objects,
				       const struct statx *st, const char *what,
				       const char *pid)
{
	const struct object *found = NULL;
	size_t i;

	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		if (object->inode != st->stx_ino ||
		    object->major != st->stx_dev_major ||
		    object->minor != st->stx_dev_minor ||
		    (pid && !holds(objects, object, pid, "fds")))
			continue;
		if (found)
			errx(1, "%s: may be %s or %s; give one of these",
			     what, found->id, object->id);
		found = object;
	}
	return found;
}

static const struct object *find_path(const struct objects *objects,
				      const char *path)
{
	const struct object *object;
	struct statx st;

	if (moment_is_past()) {
		object = path_object(objects, path);
		if (!object)
			errx(1, "%s: no object had that path then, from the root",
			     path);
		return object;
	}
	if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_INO, &st))
		err(1, "%s", path);
	object = find_inode(objects, &st, path, NULL);
	if (!object)
		errx(1, "%s: not shared memory: no object of a tmpfs", path);
	return object;
}

/* Our own IPC namespace, or that of the program that recorded the past. */
static uint64_t own_ipc(void)
{
	struct process self;
	uint64_t ipc = 0;

	if (!process_open(&self, "self"))
		return 0;
	process_namespace(&self, "ns/ipc", &ipc);
	process_close(&self);
	return ipc;
}

static const struct object *find_shmid(const struct objects *objects,
				       const char *what, const char *shmid)
{
	const struct table *table = &objects->others[SEGMENTS];
	int shmids = table_column(table, "shmid");
	int namespaces = table_column(table, "ipcns");
	const struct object *object = NULL;
	const char *where = NULL;
	size_t i, nr;
	char *own;

	if (!is_number(shmid))
		errx(2, "%s: a number goes behind shmid:, as ipcs -m shows it",
		     what);
	own = xasprintf("%llu", (unsigned long long)own_ipc());
	for (i = 0; i < objects->count; i++)
		for (nr = 0; nr < objects->list[i].in[SEGMENTS].count; nr++) {
			size_t row = object_row(objects, &objects->list[i],
						SEGMENTS, nr).nr;
			const char *ns = table_cell(table, row, namespaces);

			if (strcmp(table_cell(table, row, shmids), shmid))
				continue;
			/* Our own namespace's comes before that of another. */
			if (where && !strcmp(where, own))
				continue;
			if (object && strcmp(ns, own))
				errx(1, "%s: IPC namespaces %s and %s have one each; give an id",
				     what, where, ns);
			object = &objects->list[i];
			where = ns;
		}
	if (!object)
		errx(1, "%s: no such segment; see ipcs -m", what);
	free(own);
	return object;
}

static const struct object *find_address(const struct objects *objects,
					 const char *what, const char *pid,
					 uint64_t address)
{
	size_t i, nr;

	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		for (nr = 0; nr < object->in[MAPS].count; nr++) {
			const char *start, *end;

			if (strcmp(object_other(objects, object, MAPS, nr,
						"pid"), pid))
				continue;
			start = object_other(objects, object, MAPS, nr,
					     "start");
			end = object_other(objects, object, MAPS, nr, "end");
			if (address >= strtoull(start, NULL, 16) &&
			    address < strtoull(end, NULL, 16))
				return object;
		}
	}
	errx(1, "%s: process %s has %sno shared memory at address %llx", what,
	     pid, is_number(strchr(what, ':') + 1) ?
	     "no such descriptor, and " : "", (unsigned long long)address);
}

/* What a descriptor that is not shared memory is; a path is others' choice. */
static void __attribute__((noreturn)) explain(const char *what,
					      const struct process *process,
					      const char *fd)
{
	char link[PATH_MAX], *escaped;
	ssize_t length = readlinkat(process->dir, fd, link, sizeof(link));

	escaped = escape_text(link, length < 0 ? 0 : length);
	errx(1, "%s: not shared memory, but %s", what,
	     length > 0 ? name_text(escaped) : "a descriptor that is closed by now");
}

/* By what the kernel says of a descriptor since Linux 5.14. */
static const struct object *find_recorded(const struct objects *objects,
					  const struct process *process,
					  const char *what, const char *nr)
{
	char *path = xasprintf("fdinfo/%s", nr), line[200];
	FILE *file = process_file(process, path);
	unsigned long long inode = 0;
	const struct object *found = NULL;
	size_t i;

	free(path);
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "ino: %llu", &inode) == 1)
			break;
	if (file)
		fclose(file);
	for (i = 0; inode && i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		if (object->inode != inode ||
		    !holds(objects, object, process->pid, "fds"))
			continue;
		if (found)
			errx(1, "%s: may be %s or %s; give one of these", what,
			     found->id, object->id);
		found = object;
	}
	return found;
}

/* A process's descriptor; NULL if it has none of that number. */
static const struct object *find_descriptor(const struct objects *objects,
					    const struct process *process,
					    const char *what, const char *pid,
					    const char *nr)
{
	const struct object *object = NULL;
	char *fd = xasprintf("fd/%s", nr);
	struct statx st;

	if (moment_is_past()) {
		free(fd);
		return find_recorded(objects, process, what, nr);
	}
	if (!statx(process->dir, fd, AT_STATX_DONT_SYNC, STATX_INO, &st) &&
	    process_is_same(process)) {
		object = find_inode(objects, &st, what, pid);
		if (!object)
			explain(what, process, fd);
	}
	free(fd);
	return object;
}

/* PID:FD or, if there is no such descriptor, PID:ADDRESS. */
static const struct object *find_in_process(const struct objects *objects,
					    const char *what)
{
	const char *rest = strchr(what, ':') + 1;
	char *pid = xstrndup(what, rest - what - 1), *end;
	const struct object *object = NULL;
	struct process process;
	uint64_t address;

	address = strtoull(rest, &end, 16);
	if (!*rest || *end)
		errx(2, "%s: behind PID: goes a descriptor, or an address as in /proc/%s/maps",
		     what, pid);
	/* It may have been given the number since the tables were read. */
	if (!process_open(&process, pid) ||
	    process.start > objects->others[HOLDERS].ticks)
		errx(1, "%s: there is no process %s", what, pid);
	if (is_number(rest) && strlen(rest) < 9)
		object = find_descriptor(objects, &process, what, pid, rest);
	process_close(&process);
	if (!object)
		object = find_address(objects, what, pid, address);
	free(pid);
	return object;
}

static int colons(const char *text)
{
	int count = 0;

	for (; *text && (isxdigit(*text) || *text == ':' || *text == 'x');
	     text++)
		count += *text == ':';
	return *text ? -1 : count;
}

/**
 * find_object - find an object
 * @objects: all of them, WITH_HOLDERS and WITH_MAPS
 * @what: what a person calls it
 *
 * Return: the object; ends the program, with an explanation, if there is none.
 */
const struct object *find_object(const struct objects *objects,
				 const char *what)
{
	const struct object *object;

	if (strchr(what, '/'))
		return find_path(objects, what);
	if (!strncmp(what, "shmid:", 6))
		return find_shmid(objects, what, what + 6);
	switch (colons(what)) {
	case 3:
		object = objects_find(objects, what);
		if (!object)
			errx(1, "%s: no object has this id", what);
		return object;
	case 1:
		if (isdigit(*what))
			return find_in_process(objects, what);
	}
	if (strchr(what, ':'))
		errx(2, "%s: neither an id, a path, shmid:N, PID:FD nor PID:ADDRESS",
		     what);
	return find_path(objects, what);
}

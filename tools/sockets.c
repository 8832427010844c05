// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors that were sent over a socket and not received yet. What they lead
 * to lives on, although no process holds it. The kernel tells how many there
 * are (scm_fds in /proc/PID/fdinfo, since 5.11), not what they lead to.
 */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sockets.h"
#include "table.h"
#include "text.h"

/**
 * struct waiting - a socket with descriptors in it that nobody has received
 * @pid: a process that could receive them
 * @fd: by this descriptor
 * @count: how many there are
 * @comm: the process's name, as the kernel's tables write names
 */
struct waiting {
	int pid;
	int fd;
	int count;
	char *comm;
};

static int read_count(int pid, const char *fd)
{
	char path[PATH_MAX], line[200];
	int count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%d/fdinfo/%s", proc_folder, pid, fd);
	file = fopen(path, "r");
	while (file && !count && fgets(line, sizeof(line), file))
		sscanf(line, "scm_fds: %d", &count);
	if (file)
		fclose(file);
	return count;
}

static char *read_comm(int pid)
{
	char path[PATH_MAX], name[16];
	size_t length = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%d/comm", proc_folder, pid);
	file = fopen(path, "r");
	if (file) {
		length = fread(name, 1, sizeof(name), file);
		fclose(file);
	}
	if (length && name[length - 1] == '\n')
		length--;
	return escape_text(name, length);
}

static void add_process(int pid, struct waiting **list, size_t *count)
{
	struct dirent *entry;
	char path[PATH_MAX];
	DIR *folder;

	snprintf(path, sizeof(path), "%s/%d/fdinfo", proc_folder, pid);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		struct waiting waiting = {
			.pid = pid,
			.fd = atoi(entry->d_name),
		};

		if (!isdigit(*entry->d_name))
			continue;
		waiting.count = read_count(pid, entry->d_name);
		if (!waiting.count)
			continue;
		waiting.comm = read_comm(pid);
		*list = reallocarray(*list, *count + 1, sizeof(**list));
		if (!*list)
			err(1, "sockets");
		(*list)[(*count)++] = waiting;
	}
	if (folder)
		closedir(folder);
}

static struct waiting *find_waiting(size_t *count)
{
	struct waiting *list = NULL;
	struct dirent *entry;
	DIR *proc = opendir(proc_folder);

	*count = 0;
	while (proc && (entry = readdir(proc)))
		if (isdigit(*entry->d_name))
			add_process(atoi(entry->d_name), &list, count);
	if (proc)
		closedir(proc);
	return list;
}

COLUMN_GET(waiting, count, output_number(waiting->count))
COLUMN_GET(waiting, pid, output_number(waiting->pid))
COLUMN_GET(waiting, fd, output_number(waiting->fd))
COLUMN_GET(waiting, comm, waiting->comm)

static const struct column columns[] = {
	{ "WAITING", "descriptors nobody received", NUMBER, 0, true,
	  get_count },
	{ "PID", "process that could", NUMBER, 0, true, get_pid },
	{ "FD", "its socket", NUMBER, 0, true, get_fd },
	{ "COMMAND", "its name", NAME, 0, true, get_comm },
	{}
};

/* Writes them, if there are any, or if it is a program that reads. */
void sockets_print(struct output *output)
{
	struct waiting *list;
	const void **things;
	size_t count, i;

	list = find_waiting(&count);
	things = calloc(count + 1, sizeof(*things));
	if (!things)
		err(1, "sockets");
	for (i = 0; i < count; i++)
		things[i] = &list[i];
	output->all = columns;
	output->list = NULL;
	output_choose(output);
	if (count && output->form == FOR_PEOPLE)
		puts("\nSent over a socket and not received; it may be these that keep it:");
	if (count || output->form != FOR_PEOPLE)
		output_print(output, "sockets", NULL, things, count);
	for (i = 0; i < count; i++)
		free(list[i].comm);
	free(things);
	free(list);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors that were sent over a socket and not received yet. What they lead
 * to lives on, although no process holds it. The kernel tells how many there
 * are (scm_fds in /proc/PID/fdinfo, since 5.11), not what they lead to.
 *
 * What else fdinfo tells can be long, and is up to the users: only that of
 * sockets is read, once each.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "note.h"
#include "process.h"
#include "set.h"
#include "sockets.h"
#include "xalloc.h"

/* Sockets that are read. */
#define MAX_SOCKETS	1000000

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

/**
 * struct search - what was found so far
 * @list: the sockets with descriptors in them
 * @count: how many
 * @room: how many there is room for
 * @seen: inode numbers of all sockets
 */
struct search {
	struct waiting *list;
	size_t count;
	size_t room;
	struct set seen;
};

/* Whether a descriptor is a socket, and of which inode. */
static bool is_socket(int dir, const char *fd, uint64_t *inode)
{
	char link[64];
	ssize_t length = readlinkat(dir, fd, link, sizeof(link) - 1);

	if (length < 0)
		return false;
	link[length] = '\0';
	if (strncmp(link, "socket:[", 8))
		return false;
	*inode = strtoull(link + 8, NULL, 10);
	return true;
}

static int read_count(const struct process *process, const char *fd)
{
	char *name = xasprintf("fdinfo/%s", fd), line[200];
	FILE *file = process_file(process, name);
	int count = 0;

	free(name);
	while (file && !count && fgets(line, sizeof(line), file))
		sscanf(line, "scm_fds: %d", &count);
	if (file)
		fclose(file);
	return count;
}

static void note_socket(const struct process *process, const char *fd,
			uint64_t inode, int count)
{
	char *link, *text;

	if (!note_record)
		return;
	link = xasprintf("socket:[%" PRIu64 "]", inode);
	text = xasprintf("scm_fds: %d\n", count);
	process_note_fd(process, fd, link, text);
	free(text);
	free(link);
}

static bool add_socket(void *context, const struct process *process, int dir,
		       const char *fd)
{
	struct search *search = context;
	uint64_t inode;
	int count;

	if (search->seen.count >= MAX_SOCKETS)
		return false;
	if (!is_socket(dir, fd, &inode) || !set_add(&search->seen, inode))
		return true;
	count = read_count(process, fd);
	if (count <= 0)
		return true;
	note_socket(process, fd, inode, count);
	search->list = xgrow(search->list, search->count, &search->room,
			     sizeof(*search->list));
	search->list[search->count++] = (struct waiting){
		.pid = atoi(process->pid),
		.fd = atoi(fd),
		.count = count,
	};
	return true;
}

static void add_process(void *context, const char *pid)
{
	struct search *search = context;
	size_t before = search->count, i;
	struct process process;

	if (!process_open(&process, pid))
		return;
	process_each_fd(&process, add_socket, search);
	for (i = before; i < search->count; i++)
		search->list[i].comm = process_comm(&process);
	process_close(&process);
}

COLUMN_GET(waiting, count, number, waiting->count)
COLUMN_GET(waiting, pid, number, waiting->pid)
COLUMN_GET(waiting, fd, number, waiting->fd)
COLUMN_GET(waiting, comm, text, waiting->comm)

static const struct column columns[] = {
	{ "WAITING", "descriptors nobody received", NUMBER, get_count },
	{ "PID", "process that could", NUMBER, get_pid },
	{ "FD", "its socket", NUMBER, get_fd },
	{ "COMMAND", "its name", NAME, get_comm },
	{}
};

static void free_search(struct search *search)
{
	size_t i;

	for (i = 0; i < search->count; i++)
		free(search->list[i].comm);
	free(search->list);
	set_free(&search->seen);
}

/* Reads them, so that they are recorded. */
void sockets_note(void)
{
	struct search search = {};

	process_each(add_process, &search);
	free_search(&search);
}

/* Writes them; as a table, only if there are any. */
void sockets_print(const struct output *output)
{
	struct search search = {};

	process_each(add_process, &search);
	if (search.seen.count == MAX_SOCKETS)
		warnx("there are more than %d sockets; the others were not read",
		      MAX_SOCKETS);
	if (search.count && output->form == AS_TABLE)
		puts("\nSent over a socket and not received; such descriptors may be the holders:");
	if (search.count || output->form != AS_TABLE)
		output_array(output, "sockets", columns, search.list,
			     search.count, sizeof(*search.list));
	free_search(&search);
}

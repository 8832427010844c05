// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors that were sent over a socket and not received yet. What they lead
 * to lives on, although no process holds it. The kernel tells how many there
 * are (scm_fds in /proc/PID/fdinfo, since 5.11), not what they lead to.
 *
 * What else fdinfo tells can be long, and is up to the users: only that of
 * sockets is read, once each.
 */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hash.h"
#include "process.h"
#include "sockets.h"
#include "table.h"
#include "xalloc.h"

/* Sockets that are looked at. */
#define MOST_SOCKETS	1000000

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
 * @inodes: of all sockets
 * @seen: how many of these
 * @room: for how many there is room
 * @hash: finds them
 */
struct search {
	struct waiting *list;
	size_t count;
	uint64_t *inodes;
	uint32_t seen;
	uint32_t room;
	struct hash hash;
};

/* Whether it is seen for the first time. */
static bool is_new(struct search *search, uint64_t inode)
{
	uint32_t key = hash_mix(inode), nr;
	size_t at;

	for (at = hash_first(&search->hash, key); hash_used(&search->hash, at);
	     at = hash_next(&search->hash, at))
		if (hash_nr(&search->hash, at, key, &nr) &&
		    search->inodes[nr] == inode)
			return false;
	if (search->seen == search->room) {
		search->room = 2 * search->room + 64;
		search->inodes = xreallocarray(search->inodes, search->room,
					       sizeof(*search->inodes));
	}
	search->inodes[search->seen] = inode;
	hash_add(&search->hash, key, search->seen++);
	return true;
}

/* Whether a descriptor is a socket, and of which inode. */
static bool is_socket(int folder, const char *fd, uint64_t *inode)
{
	char link[64];
	ssize_t length = readlinkat(folder, fd, link, sizeof(link) - 1);

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
	char name[40], line[200];
	int count = 0;
	FILE *file;

	snprintf(name, sizeof(name), "fdinfo/%.20s", fd);
	file = process_file(process, name);
	while (file && !count && fgets(line, sizeof(line), file))
		sscanf(line, "scm_fds: %d", &count);
	if (file)
		fclose(file);
	return count;
}

static void add_process(struct search *search, const char *pid)
{
	struct process process;
	struct dirent *entry;
	size_t before = search->count, i;
	DIR *folder = NULL;
	uint64_t inode;
	int fd;

	if (!process_open(&process, pid))
		return;
	fd = openat(process.folder, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		folder = fdopendir(fd);
	while (folder && search->seen < MOST_SOCKETS &&
	       (entry = readdir(folder))) {
		int count;

		if (!isdigit(*entry->d_name) ||
		    !is_socket(fd, entry->d_name, &inode) ||
		    !is_new(search, inode))
			continue;
		count = read_count(&process, entry->d_name);
		if (count <= 0)
			continue;
		search->list = xreallocarray(search->list, search->count + 1,
					     sizeof(*search->list));
		search->list[search->count++] = (struct waiting){
			.pid = atoi(pid),
			.fd = atoi(entry->d_name),
			.count = count,
		};
	}
	if (folder)
		closedir(folder);
	for (i = before; i < search->count; i++)
		search->list[i].comm = process_comm(&process);
	process_close(&process);
}

static void find_waiting(struct search *search)
{
	struct dirent *entry;
	DIR *proc = opendir(proc_folder);

	while (proc && (entry = readdir(proc)))
		if (isdigit(*entry->d_name))
			add_process(search, entry->d_name);
	if (proc)
		closedir(proc);
	if (search->seen == MOST_SOCKETS)
		warnx("there are more than %d sockets; the others were not looked at",
		      MOST_SOCKETS);
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
	struct search search = {};
	const void **things;
	size_t i;

	find_waiting(&search);
	things = xcalloc(search.count, sizeof(*things));
	for (i = 0; i < search.count; i++)
		things[i] = &search.list[i];
	output->all = columns;
	output->list = NULL;
	output_choose(output);
	if (search.count && output->form == FOR_PEOPLE)
		puts("\nSent over a socket and not received; it may be these that keep it:");
	if (search.count || output->form != FOR_PEOPLE)
		output_print(output, "sockets", NULL, things, search.count);
	for (i = 0; i < search.count; i++)
		free(search.list[i].comm);
	free(things);
	free(search.list);
	free(search.inodes);
	hash_free(&search.hash);
}

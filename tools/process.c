// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what /proc says of a process. It is believed only of one that started
 * when it is said to have started before and after, so that all of it is of one
 * process; and, if a table named it, not later than that table was read.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "process.h"
#include "text.h"
#include "xalloc.h"

const char *proc_dir = PROC_DIR;

/* The 22nd field of stat, the 20th behind the name; 0 if it has gone. */
static uint64_t read_start(const struct process *process)
{
	FILE *file = process_file(process, "stat");
	char text[1024], *at;
	int field;

	if (!file)
		return 0;
	/* The name stands in it as it is, and may have an end of a line. */
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	at = strrchr(text, ')');
	fclose(file);
	for (field = 0; at && field < 20; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at + 1, NULL, 10) : 0;
}

/* Calls a function for each process that /proc lists. */
void process_each(void (*visit)(void *context, const char *pid), void *context)
{
	DIR *dir = opendir(proc_dir);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (isdigit(*entry->d_name))
			visit(context, entry->d_name);
	if (dir)
		closedir(dir);
}

/**
 * process_each_fd - call a function for each descriptor of a process
 * @process: the process
 * @visit: the function; @dir is where the link @fd is; false ends it
 * @context: handed to @visit
 */
void process_each_fd(const struct process *process,
		     bool (*visit)(void *context, const struct process *process,
				   int dir, const char *fd),
		     void *context)
{
	int fd = openat(process->dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return;
	dir = xcheck(fdopendir(fd));
	while ((entry = readdir(dir)))
		if (isdigit(*entry->d_name) &&
		    !visit(context, process, fd, entry->d_name))
			break;
	closedir(dir);
}

/**
 * process_open - find a process in /proc
 * @process: what is filled; process_close() it
 * @pid: its process id, kept as long as @process
 *
 * Return: whether there is one.
 */
bool process_open(struct process *process, const char *pid)
{
	char *path = xasprintf("%s/%s", proc_dir, pid);

	process->pid = pid;
	process->dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(path);
	if (process->dir < 0)
		return false;
	process->start = read_start(process);
	/* Our own number is not given to another. */
	if (process->start || !strcmp(pid, "self"))
		return true;
	process_close(process);
	return false;
}

/* Whether all that was read meanwhile was of this process. */
bool process_is_same(const struct process *process)
{
	return read_start(process) == process->start;
}

void process_close(struct process *process)
{
	close(process->dir);
	process->dir = -1;
}

/* NULL if there is none, or the process has gone. */
FILE *process_file(const struct process *process, const char *name)
{
	int fd = openat(process->dir, name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? NULL : xfdopen(fd, "r");
}

/* Its name, as tables have names; to be freed. */
char *process_comm(const struct process *process)
{
	FILE *file = process_file(process, "comm");
	size_t length = 0;
	char name[64];

	if (file) {
		length = fread(name, 1, sizeof(name), file);
		fclose(file);
	}
	if (length && name[length - 1] == '\n')
		length--;
	return escape_text(name, length);
}

/*
 * The path of its cgroup, of version 2 or of the memory controller, as tables
 * have names; to be freed. NULL if it has none.
 */
char *process_cgroup(const struct process *process)
{
	FILE *file = process_file(process, "cgroup");
	char *line = NULL, *found = NULL;
	size_t room = 0;

	while (file && !found && xgetline(&line, &room, file) > 0) {
		char *controllers = strchr(line, ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!path || (strncmp(controllers, "::", 2) &&
			      strncmp(controllers, ":memory:", 8)))
			continue;
		path++;
		found = escape_text(path, strcspn(path, "\n"));
	}
	free(line);
	if (file)
		fclose(file);
	return found;
}

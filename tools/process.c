// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what /proc says of a process. It is believed only of one that started
 * when it is said to have started before and after, so that all of it is of one
 * process; and, if a table named it, not later than that table was read.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "note.h"
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

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/*
 * The names in a directory that are numbers, in their order, which is that of the
 * kernel's /proc but not that of a copy; to be freed.
 */
static uint64_t *list_numbers(DIR *dir, size_t *count)
{
	struct dirent *entry;
	uint64_t *list = NULL;
	size_t room = 0;

	*count = 0;
	while (dir && (entry = readdir(dir))) {
		if (!isdigit(*entry->d_name))
			continue;
		list = xgrow(list, *count, &room, sizeof(*list));
		list[(*count)++] = strtoull(entry->d_name, NULL, 10);
	}
	if (*count)
		qsort(list, *count, sizeof(*list), by_number);
	return list;
}

/* Calls a function for each process that /proc lists. */
void process_each(void (*visit)(void *context, const char *pid), void *context)
{
	DIR *dir = opendir(proc_dir);
	size_t count, i;
	uint64_t *list = list_numbers(dir, &count);
	char pid[24];

	if (dir)
		closedir(dir);
	for (i = 0; i < count; i++) {
		snprintf(pid, sizeof(pid), "%" PRIu64, list[i]);
		visit(context, pid);
	}
	free(list);
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
	uint64_t *list;
	size_t count, i;
	char name[24];
	DIR *dir;

	if (fd < 0)
		return;
	dir = xcheck(fdopendir(fd));
	list = list_numbers(dir, &count);
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%" PRIu64, list[i]);
		if (!visit(context, process, fd, name))
			break;
	}
	free(list);
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

/**
 * process_namespace - the number of a namespace that a process is in
 * @process: the process
 * @name: such as "ns/ipc"
 * @inode: the number
 *
 * Return: whether it is known. A link says it, which can be recorded.
 */
bool process_namespace(const struct process *process, const char *name,
		       uint64_t *inode)
{
	char link[64] = "";
	struct stat st;

	if (readlinkat(process->dir, name, link, sizeof(link) - 1) > 0)
		return sscanf(link, "%*[a-z]:[%" SCNu64 "]", inode) == 1;
	if (fstatat(process->dir, name, &st, 0))
		return false;
	*inode = st.st_ino;
	return true;
}

/*
 * What tells apart what processes see of a mount namespace, whose number is given:
 * what the root of each is called.
 */
uint64_t process_view(const struct process *process, uint64_t mnt)
{
	char link[PATH_MAX];
	ssize_t length = readlinkat(process->dir, "root", link, sizeof(link));

	return length < 0 ? mnt : hash_long(mnt, link, length);
}

/* What is used of a descriptor, if that is to be recorded. */
void process_note_fd(const struct process *process, const char *fd,
		     const char *link, const char *info)
{
	char *path;

	if (!note_record)
		return;
	path = xasprintf("proc/%s/fd/%s", process->pid, fd);
	note_record(path, link, strlen(link), true);
	free(path);
	path = xasprintf("proc/%s/fdinfo/%s", process->pid, fd);
	note_text(path, info);
	free(path);
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

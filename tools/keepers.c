// SPDX-License-Identifier: GPL-2.0
/*
 * Asks loop devices which file they are on, which is exact, and io_urings, in
 * /proc/PID/fdinfo, what their registered files are called, which is all that
 * the kernel tells of them. Each is asked once, when the first object may need it.
 *
 * How many rings, files and names there are is up to the users.
 */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "beside.h"
#include "hash.h"
#include "keepers.h"
#include "moment.h"
#include "note.h"
#include "pool.h"
#include "process.h"
#include "text.h"
#include "xalloc.h"

/* What a descriptor of an io_uring is called. */
#define RING		"anon_inode:[io_uring]"

/* Registered files that are read, and bytes of fdinfo. */
#define MAX_FILES	500000
#define MAX_BYTES	(64U << 20)

/**
 * struct loop - a loop device on a file
 * @device: such as /dev/loop0
 * @major: of the device of the file's file system
 * @minor: of the same
 * @inode: the file's inode number
 */
struct loop {
	char *device;
	uint32_t major;
	uint32_t minor;
	uint64_t inode;
};

static struct loop *loops;
static size_t loop_count, loop_room;

/* In the past, a file that is in the device's place says it. */
static bool read_loop(int fd, uint32_t *major, uint32_t *minor,
		      uint64_t *inode)
{
	unsigned long long number;
	char text[80] = "";

	if (read(fd, text, sizeof(text) - 1) < 1 ||
	    sscanf(text, "%u:%u:%llu", major, minor, &number) != 3)
		return false;
	*inode = number;
	return true;
}

static bool ask_loop(int fd, uint32_t *major, uint32_t *minor, uint64_t *inode)
{
	struct loop_info64 info = {};

	if (ioctl(fd, LOOP_GET_STATUS64, &info))
		return false;
	*major = major(info.lo_device);
	*minor = minor(info.lo_device);
	*inode = info.lo_inode;
	return true;
}

/**
 * loop_file - what a loop device is on
 * @name: the device's, such as loop0
 * @major: of the file's device
 * @minor: of the file's device
 * @inode: the file's
 *
 * Return: whether that is known.
 */
bool loop_file(const char *name, uint32_t *major, uint32_t *minor,
	       uint64_t *inode)
{
	char *device = xasprintf("dev/%s", name), *path = beside_path(device);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	bool known;

	free(path);
	free(device);
	if (fd < 0)
		return false;
	known = moment_is_past() ? read_loop(fd, major, minor, inode) :
				   ask_loop(fd, major, minor, inode);
	close(fd);
	return known;
}

/* Recorded as loop_file() finds it in the past. */
static void note_loop(const char *name, const struct loop *loop)
{
	char *path, *text;

	if (!note_record)
		return;
	path = xasprintf("sys/block/%s/loop/", name);
	note_text(path, "");
	free(path);
	path = xasprintf("dev/%s", name);
	text = xasprintf("%" PRIu32 ":%" PRIu32 ":%" PRIu64 "\n", loop->major,
			 loop->minor, loop->inode);
	note_text(path, text);
	free(text);
	free(path);
}

static void add_loop(const char *name)
{
	struct loop loop;

	if (!loop_file(name, &loop.major, &loop.minor, &loop.inode))
		return;
	note_loop(name, &loop);
	loop.device = xasprintf("/dev/%s", name);
	loops = xgrow(loops, loop_count, &loop_room, sizeof(*loops));
	loops[loop_count++] = loop;
}

/* Those that are on a file; others are not opened. */
static void find_loops(void)
{
	char *path = beside_path("sys/block");
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char *used;

		if (strncmp(entry->d_name, "loop", 4) ||
		    !isdigit(entry->d_name[4]))
			continue;
		used = xasprintf("%s/%s/loop", path, entry->d_name);
		if (!access(used, F_OK))
			add_loop(entry->d_name);
		free(used);
	}
	if (dir)
		closedir(dir);
	free(path);
}

/* The loop device that is on an object; NULL if none is. */
const char *object_loop(const struct object *object)
{
	static bool known;
	size_t i;

	if (!known)
		find_loops();
	known = true;
	for (i = 0; i < loop_count; i++)
		if (loops[i].inode == object->inode &&
		    loops[i].major == object->major &&
		    loops[i].minor == object->minor)
			return loops[i].device;
	return NULL;
}

/* Names of registered files, and of processes. */
static struct pool pool;
/* The rings by the names of their files, which are texts of the pool. */
static struct hash by_name;
static struct ring **rings;
static uint32_t *names;
static size_t name_count, name_room, ring_room;
static size_t file_count, bytes_read;

/* NULL if no ring has a file of this name. */
static struct ring **find_rings(const char *name)
{
	uint32_t key = hash_bytes(name, strlen(name)), nr;
	size_t at;

	for (at = hash_first(&by_name, key); hash_used(&by_name, at);
	     at = hash_next(&by_name, at))
		if (hash_nr(&by_name, at, key, &nr) &&
		    !strcmp(pool_text(&pool, names[nr]), name))
			return &rings[nr];
	return NULL;
}

static struct ring **add_name(const char *name)
{
	size_t length = strlen(name);
	uint32_t nr = name_count++;

	names = xgrow(names, nr, &name_room, sizeof(*names));
	rings = xgrow(rings, nr, &ring_room, sizeof(*rings));
	names[nr] = pool_append(&pool, name, length);
	rings[nr] = NULL;
	hash_add(&by_name, hash_bytes(name, length), nr);
	return &rings[nr];
}

/* What is behind the last slash, which is all that older kernels tell. */
static const char *last_part(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

static void add_file(char *name, const char *pid, const char *comm)
{
	struct ring **first, *ring;
	char *text;

	/* A path is escaped, and says whether it leads there. */
	if (*name == '/')
		unescape_text(name);
	text = escape_text(last_part(name), strlen(last_part(name)));
	if (*name == '/')
		text[stem_length(text, strlen(text), "\\040(deleted)")] = '\0';
	first = find_rings(text) ?: add_name(text);
	free(text);
	if (*first && (*first)->pid == pid)
		return;
	ring = xmalloc(sizeof(*ring));
	*ring = (struct ring){ pid, comm, *first };
	*first = ring;
	file_count++;
}

static const char *keep(const char *text)
{
	return pool_text(&pool, pool_add(&pool, text, strlen(text)));
}

/* What is behind the number that a line starts with; NULL if it has none. */
static char *behind_number(char *line)
{
	size_t blanks = strspn(line, " ");
	size_t end = blanks + strspn(line + blanks, "0123456789");

	return end > blanks && !strncmp(line + end, ": ", 2) ? line + end + 2 :
							       NULL;
}

/* Reads on to what is behind "UserFiles:" and before "UserBufs:". */
static void read_ring(const struct process *process, const char *fd,
		      const char *pid, const char *comm)
{
	char *name = xasprintf("fdinfo/%s", fd), line[4096];
	FILE *file = process_file(process, name), *used;
	bool inside = false;
	size_t length;
	char *text;

	free(name);
	used = note_record ? xmemstream(&text, &length) : NULL;
	while (file && bytes_read < MAX_BYTES && file_count < MAX_FILES &&
	       fgets(line, sizeof(line), file)) {
		char *behind;

		bytes_read += strlen(line);
		if (used && (inside || !strncmp(line, "UserFiles:", 10)))
			fputs(line, used);
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "UserBufs:", 9))
			break;
		behind = inside ? behind_number(line) : NULL;
		if (behind)
			add_file(behind, pid, comm);
		else if (!strncmp(line, "UserFiles:", 10))
			inside = true;
	}
	if (used) {
		xfclose(used);
		process_note_fd(process, fd, RING, text);
		free(text);
	}
	if (file)
		fclose(file);
}

/**
 * struct owner - a process whose rings are read
 * @pid: its id, kept; NULL until it has one
 * @comm: its name, kept
 */
struct owner {
	const char *pid;
	const char *comm;
};

static bool add_ring(void *context, const struct process *process, int dir,
		     const char *fd)
{
	struct owner *owner = context;
	char link[64] = "", *name;

	if (readlinkat(dir, fd, link, sizeof(link) - 1) < 0 ||
	    strcmp(link, RING))
		return true;
	if (!owner->pid) {
		owner->pid = keep(process->pid);
		name = process_comm(process);
		owner->comm = keep(name);
		free(name);
	}
	read_ring(process, fd, owner->pid, owner->comm);
	return true;
}

static void add_process(void *context, const char *pid)
{
	struct owner owner = {};
	struct process process;

	(void)context;
	if (!process_open(&process, pid))
		return;
	process_each_fd(&process, add_ring, &owner);
	process_close(&process);
}

/**
 * object_rings - processes that are likely to have registered a file
 * @name: the file's, as objects has it
 *
 * Return: the first process whose io_uring has a file of this name.
 */
const struct ring *object_rings(const char *name)
{
	struct ring **first;
	static bool known;

	if (!known) {
		process_each(add_process, NULL);
		if (bytes_read >= MAX_BYTES || file_count >= MAX_FILES)
			warnx("io_urings have more than %d files; the others were not read",
			      MAX_FILES);
	}
	known = true;
	first = find_rings(last_part(name));
	return first ? *first : NULL;
}

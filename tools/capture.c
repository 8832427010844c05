// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what a sample has beside the tables.
 *
 * What is needed follows from the tables. A child reads it, by the same functions by
 * which the commands do, and hands on what these read: so nothing that they keep in
 * memory is left over for the next sample, and where a file does not answer, or
 * there is no memory for a child, the sample is made without.
 *
 * Of each file, only what is used is kept, in one form, so that what did not change
 * is the same, and passwords that a container has in its environment are not in it.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "beside.h"
#include "capture.h"
#include "cgroup.h"
#include "clock.h"
#include "container.h"
#include "elsewhere.h"
#include "keepers.h"
#include "mounts.h"
#include "note.h"
#include "path.h"
#include "pool.h"
#include "process.h"
#include "set.h"
#include "sockets.h"
#include "text.h"
#include "users.h"
#include "xalloc.h"

/* Files whose paths are looked for, and bytes of a file. */
#define MAX_FILES	20000
#define MAX_BYTES	(64U << 20)

#ifndef SYS_close_range
#define SYS_close_range	436
#endif

/**
 * struct named - an object with a path in its file system
 * @id: its id, a number of a text
 * @name: the path, another one
 */
struct named {
	uint32_t id;
	uint32_t name;
};

/* Columns of tables that say what is needed. */
enum {
	AT_ID, AT_NAME, AT_NLINK, AT_BY, AT_PID, AT_DETAIL, AT_UID, AT_GID,
	AT_CUID, AT_CGID, AT_PATH, AT_DEV, AT_TYPE, COLUMNS
};

static const char *const column_names[COLUMNS] = {
	"id", "name", "nlink", "by", "pid", "detail", "uid", "gid", "cuid",
	"cgid", "path", "dev", "type"
};

/**
 * struct wanted - what is needed for a sample
 * @table: the name of the table whose rows come
 * @at: for each of the columns above, which it is there, or -1
 * @pids: processes that tables name
 * @sockets: inode numbers of sockets with descriptors in flight
 * @uids: users
 * @gids: groups
 * @devices: of file systems that objects are on
 * @texts: ids, names and paths of cgroups
 * @cgroups: these, as numbers of texts
 * @held: hashes of ids of what is held
 * @files: objects with a path
 * @count: how many
 * @room: how many there is room for
 * @unknown: whether something has a holder that nobody knows
 * @child: the one of the last sample that has not ended, or 0
 */
struct wanted {
	const char *table;
	int at[COLUMNS];
	struct set pids;
	struct set sockets;
	struct set uids;
	struct set gids;
	struct set devices;
	struct pool texts;
	struct set cgroups;
	struct set held;
	struct named *files;
	size_t count;
	size_t room;
	bool unknown;
	pid_t child;
};

struct wanted *wanted_new(void)
{
	return xcalloc(1, sizeof(struct wanted));
}

/* Forgets what the last sample needed. */
void wanted_begin(struct wanted *wanted)
{
	set_free(&wanted->pids);
	set_free(&wanted->sockets);
	set_free(&wanted->uids);
	set_free(&wanted->gids);
	set_free(&wanted->devices);
	set_free(&wanted->cgroups);
	set_free(&wanted->held);
	pool_free(&wanted->texts);
	wanted->count = 0;
	wanted->unknown = false;
}

void wanted_free(struct wanted *wanted)
{
	wanted_begin(wanted);
	free(wanted->files);
	free(wanted);
}

/* The rows that come are of this table. */
void wanted_table(struct wanted *wanted, const struct table *table)
{
	size_t i, column;

	wanted->table = table->name;
	for (i = 0; i < COLUMNS; i++) {
		wanted->at[i] = -1;
		for (column = 0; column < table->columns; column++)
			if (!strcmp(pool_text(table->pool,
					      table->names[column]),
				    column_names[i]))
				wanted->at[i] = column;
	}
}

static const struct cell *find(const struct wanted *wanted,
			       const struct cell *cells, int column)
{
	static const struct cell none = { "-", 1 };

	return wanted->at[column] < 0 ? &none : &cells[wanted->at[column]];
}

/* Nothing for what is no number. */
static void add_number(struct set *set, const struct cell *cell)
{
	char text[24];

	if (cell->length >= sizeof(text) || cell_is(cell, "-"))
		return;
	memcpy(text, cell->text, cell->length);
	text[cell->length] = '\0';
	set_add(set, strtoull(text, NULL, 10));
}

static uint64_t hash_cell(const struct cell *cell)
{
	return hash_long(0, cell->text, cell->length);
}

static uint32_t keep(struct wanted *wanted, const struct cell *cell)
{
	return pool_add(&wanted->texts, cell->text, cell->length);
}

/* MAJOR:MINOR, and whatever comes behind that. */
static void add_device(struct wanted *wanted, const struct cell *cell)
{
	unsigned int major, minor;
	char text[40];

	snprintf(text, sizeof(text), "%.*s", (int)cell->length, cell->text);
	if (sscanf(text, "%u:%u", &major, &minor) == 2)
		set_add(&wanted->devices, makedev(major, minor));
}

static void add_object(struct wanted *wanted, const struct cell *cells)
{
	const struct cell *name = find(wanted, cells, AT_NAME);

	add_number(&wanted->uids, find(wanted, cells, AT_UID));
	add_number(&wanted->gids, find(wanted, cells, AT_GID));
	if (*name->text != '/' || cell_is(find(wanted, cells, AT_NLINK), "0") ||
	    wanted->count == MAX_FILES)
		return;
	add_device(wanted, find(wanted, cells, AT_ID));
	wanted->files = xgrow(wanted->files, wanted->count, &wanted->room,
			      sizeof(*wanted->files));
	wanted->files[wanted->count++] = (struct named){
		keep(wanted, find(wanted, cells, AT_ID)), keep(wanted, name)
	};
}

static void add_holder(struct wanted *wanted, const struct cell *cells)
{
	const struct cell *by = find(wanted, cells, AT_BY);

	add_number(&wanted->pids, find(wanted, cells, AT_PID));
	add_number(&wanted->uids, find(wanted, cells, AT_UID));
	if (cell_is(by, "unknown")) {
		wanted->unknown = true;
		return;
	}
	set_add(&wanted->held, hash_cell(find(wanted, cells, AT_ID)));
	if (cell_is(by, "socket"))
		add_number(&wanted->sockets, find(wanted, cells, AT_DETAIL));
}

static void add_superblock(struct wanted *wanted, const struct cell *cells)
{
	const struct cell *type = find(wanted, cells, AT_TYPE);

	if (cell_is(type, "tmpfs") || cell_is(type, "hugetlbfs"))
		add_device(wanted, find(wanted, cells, AT_DEV));
}

/* A row of the table that wanted_table() was told of. */
void wanted_row(struct wanted *wanted, const struct cell *cells)
{
	if (!strcmp(wanted->table, "objects")) {
		add_object(wanted, cells);
	} else if (!strcmp(wanted->table, "holders")) {
		add_holder(wanted, cells);
	} else if (!strcmp(wanted->table, "maps")) {
		add_number(&wanted->pids, find(wanted, cells, AT_PID));
		add_number(&wanted->uids, find(wanted, cells, AT_UID));
	} else if (!strcmp(wanted->table, "sysv")) {
		add_number(&wanted->uids, find(wanted, cells, AT_UID));
		add_number(&wanted->uids, find(wanted, cells, AT_CUID));
		add_number(&wanted->gids, find(wanted, cells, AT_GID));
		add_number(&wanted->gids, find(wanted, cells, AT_CGID));
	} else if (!strcmp(wanted->table, "cgroups")) {
		set_add(&wanted->cgroups,
			keep(wanted, find(wanted, cells, AT_PATH)));
	} else if (!strcmp(wanted->table, "superblocks")) {
		add_superblock(wanted, cells);
	}
}

/* Of the table of places. */
#define PLACE_COLUMNS	6

/* What the child hands on. */
enum part { A_FILE, A_LINK, A_PLACE, THE_END };

/**
 * struct head - what comes before each part
 * @part: what it is
 * @path: bytes of its path
 * @content: bytes behind that
 */
struct head {
	uint32_t part;
	uint32_t path;
	uint32_t content;
};

/* In the child: where to, what went there, and the processes that are of it. */
static FILE *out;
static struct set sent;
static struct set of_processes;

static void send_part(enum part part, const char *path, const void *content,
		      size_t length)
{
	struct head head = { part, strlen(path), length };

	fwrite(&head, sizeof(head), 1, out);
	fwrite(path, 1, head.path, out);
	fwrite(content, 1, length, out);
}

/* Each once, as it was first. */
static void send_file(const char *path, const void *content, size_t length,
		      bool link)
{
	unsigned long long pid;

	if (length > MAX_BYTES ||
	    !set_add(&sent, hash_long(0, path, strlen(path))))
		return;
	if (sscanf(path, "proc/%llu/", &pid) == 1)
		set_add(&of_processes, pid);
	send_part(link ? A_LINK : A_FILE, path, content, length);
}

static void send_text(const char *pid, const char *name, const char *text)
{
	char *path = xasprintf("proc/%s/%s", pid, name);

	send_file(path, text, strlen(text), false);
	free(path);
}

static void send_link(const char *pid, const char *name, const char *to)
{
	char *path = xasprintf("proc/%s/%s", pid, name);

	send_file(path, to, strlen(to), true);
	free(path);
}

/* What is in a file of a process; NULL if it has none. To be freed. */
static char *read_file(const struct process *process, const char *name,
		       size_t *length)
{
	FILE *file = process_file(process, name), *to;
	char block[4096], *text;
	size_t got;

	if (!file)
		return NULL;
	to = xmemstream(&text, length);
	while ((got = fread(block, 1, sizeof(block), file)))
		fwrite(block, 1, got, to);
	xfclose(to);
	fclose(file);
	return text;
}

/* No more than when it started is used. */
static void send_stat(const struct process *process, const char *comm)
{
	static const char others[] = "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0";
	char *text = xasprintf("%s (%.*s) S %s %" PRIu64 "\n",
			       process->pid, (int)strcspn(comm, "\n"), comm,
			       others, process->start);

	send_text(process->pid, "stat", text);
	free(text);
}

/* The line that process_cgroup() takes. */
static void send_cgroup(const struct process *process)
{
	char *path = process_cgroup(process), *text;

	if (!path)
		return;
	text = xasprintf("0::%s\n", unescape_text(path));
	send_text(process->pid, "cgroup", text);
	free(text);
	free(path);
}

static void send_namespace(const struct process *process, const char *kind)
{
	char *name = xasprintf("ns/%s", kind), *to;
	uint64_t inode;

	if (process_namespace(process, name, &inode)) {
		to = xasprintf("%s:[%" PRIu64 "]", kind, inode);
		send_link(process->pid, name, to);
		free(to);
	}
	free(name);
}

static void send_own_link(const struct process *process, const char *name)
{
	char to[PATH_MAX];
	ssize_t length = readlinkat(process->dir, name, to, sizeof(to) - 1);

	if (length < 0)
		return;
	to[length] = '\0';
	send_link(process->pid, name, to);
}

/* ID PARENT MAJOR:MINOR ROOT TARGET, and the type: options are not used. */
static void add_mount(FILE *to, char *line)
{
	char *type = strstr(line, " - "), *end = line;
	int field;

	for (field = 0; end && field < 5; field++)
		end = strchr(end + 1, ' ');
	if (!type || !end)
		return;
	type += 3;
	fprintf(to, "%.*s rw - %.*s none rw\n", (int)(end - line), line,
		(int)strcspn(type, " "), type);
}

static void send_mounts(const struct process *process)
{
	FILE *file = process_file(process, "mountinfo"), *to;
	char *line = NULL, *text;
	size_t room = 0, length;

	if (!file)
		return;
	to = xmemstream(&text, &length);
	while (xgetline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		add_mount(to, line);
	}
	xfclose(to);
	fclose(file);
	if (length)
		send_text(process->pid, "mountinfo", text);
	free(text);
	free(line);
}

/* What every command asks of a process. */
static void send_process(const struct process *process)
{
	size_t length;
	char *comm = read_file(process, "comm", &length);

	send_stat(process, comm ?: "");
	if (comm)
		send_text(process->pid, "comm", comm);
	send_cgroup(process);
	send_namespace(process, "mnt");
	send_namespace(process, "ipc");
	send_own_link(process, "root");
	send_own_link(process, "cwd");
	free(comm);
}

/**
 * struct walk - all processes are gone through
 * @wanted: what is needed
 * @seen: mount namespaces, with the roots of processes in them
 * @others: what others than those that tables name are in: namespaces and cgroups
 * @common: devices that are mounted in our own mount namespace
 */
struct walk {
	const struct wanted *wanted;
	struct set seen;
	struct set others;
	struct set common;
};

static void add_common(void *context, struct libmnt_fs *fs)
{
	struct walk *walk = context;

	set_add(&walk->common, mnt_fs_get_devno(fs));
}

/* The mount namespace of whoever records is looked at first. */
static void send_self(struct walk *walk)
{
	struct process process;

	if (!process_open(&process, "self"))
		return;
	send_namespace(&process, "mnt");
	send_namespace(&process, "ipc");
	send_own_link(&process, "root");
	send_mounts(&process);
	mounts_each(&process, add_common, walk);
	process_close(&process);
}

/*
 * Which file system something of a process is on, if objects may be on that and it
 * is not mounted where we are; where it is, whoever is in our namespace keeps it.
 */
static bool send_device(const struct walk *walk, const struct process *process,
			int dir, const char *name)
{
	struct statx st;
	uint64_t dev;
	char *path, *text;

	if (statx(dir, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_INO,
		  &st))
		return false;
	dev = makedev(st.stx_dev_major, st.stx_dev_minor);
	if (!set_has(&walk->wanted->devices, dev) ||
	    set_has(&walk->common, dev))
		return false;
	path = xasprintf("fdinfo/%s", name);
	text = xasprintf("device: %u:%u\n", st.stx_dev_major,
			 st.stx_dev_minor);
	send_text(process->pid, path, text);
	free(text);
	free(path);
	return true;
}

/*
 * Descriptors that keep sockets, namespaces, or file systems which are not mounted
 * where we are.
 */
static bool send_descriptor(void *context, const struct process *process,
			    int dir, const char *fd)
{
	const struct walk *walk = context;
	char link[PATH_MAX], *path;
	unsigned long long inode;
	ssize_t length;

	length = readlinkat(dir, fd, link, sizeof(link) - 1);
	if (length < 0)
		return true;
	link[length] = '\0';
	path = xasprintf("fd/%s", fd);
	if (sscanf(link, "socket:[%llu]", &inode) == 1) {
		if (set_has(&walk->wanted->sockets, inode))
			send_link(process->pid, path, link);
	} else if (!strncmp(link, "mnt:[", 5) || !strncmp(link, "ipc:[", 5)) {
		send_link(process->pid, path, link);
	} else if (*link == '/' && send_device(walk, process, dir, fd)) {
		send_link(process->pid, path, link);
	}
	free(path);
	return true;
}

/*
 * Namespaces live on as long as somebody is in them: of each, and each cgroup, who
 * is in it beside those that tables name. Returns whether this is the first.
 */
static bool is_first_other(struct walk *walk, const struct process *process,
			   uint64_t mnt)
{
	char *cgroup = process_cgroup(process);
	uint64_t ipc = 0, key;

	process_namespace(process, "ns/ipc", &ipc);
	key = hash_long(hash_mix(hash_mix(mnt) + ipc), cgroup ?: "",
			strlen(cgroup ?: ""));
	free(cgroup);
	return set_add(&walk->others, key);
}

static void walk_process(void *context, const char *pid)
{
	struct walk *walk = context;
	struct process process;
	bool needed, first = false;
	uint64_t mnt = 0;

	if (!process_open(&process, pid))
		return;
	if (process_namespace(&process, "ns/mnt", &mnt))
		first = set_add(&walk->seen, process_view(&process, mnt));
	process_each_fd(&process, send_descriptor, walk);
	needed = set_has(&walk->wanted->pids, strtoull(pid, NULL, 10)) ||
		 is_first_other(walk, &process, mnt);
	if (first)
		send_mounts(&process);
	if (first || needed ||
	    set_has(&of_processes, strtoull(pid, NULL, 10))) {
		send_device(walk, &process, process.dir, "root");
		send_device(walk, &process, process.dir, "cwd");
		send_process(&process);
	}
	process_close(&process);
}

/* What orphans are found by: where a path leads to them, and when it was read. */
static void send_place(const struct wanted *wanted, const struct named *named)
{
	const char *id = pool_text(&wanted->texts, named->id);
	struct place_found found = {};
	struct object object = { .id = id };
	char *line;
	bool known;

	if (sscanf(id, "%" SCNu32 ":%" SCNu32 ":%" SCNu64, &object.major,
		   &object.minor, &object.inode) != 3)
		return;
	known = object_place(&object, pool_text(&wanted->texts, named->name),
			     &found);
	line = xasprintf("%s %s %s %s %" PRIu64 " %s", id,
			 known && found.pid ? found.pid : "-",
			 known ? found.path : "-",
			 !known || !found.mount ? "-" : found.mount,
			 known && found.atime > 0 ? (uint64_t)found.atime : 0,
			 found.asks ? "yes" : "no");
	send_part(A_PLACE, line, "", 0);
	free(line);
	if (known)
		free(found.path);
}

static bool is_held(const struct wanted *wanted, const struct named *named)
{
	const char *id = pool_text(&wanted->texts, named->id);

	return set_has(&wanted->held, hash_long(0, id, strlen(id)));
}

static void send_mount_of(uint64_t device)
{
	const char *pid, *path = mount_path(device, &pid);

	if (path && !pid)
		container_of_mount(path);
}

static void send_containers(const struct wanted *wanted)
{
	struct process process;
	size_t i;

	for (i = 0; i < wanted->cgroups.count; i++) {
		const char *cgroup = pool_text(&wanted->texts,
					       wanted->cgroups.list[i]);

		container_group(cgroup);
		cgroup_exists(cgroup);
	}
	for (i = 0; i < of_processes.count; i++) {
		char pid[24], *cgroup;

		snprintf(pid, sizeof(pid), "%" PRIu64, of_processes.list[i]);
		if (!process_open(&process, pid))
			continue;
		cgroup = process_cgroup(&process);
		process_close(&process);
		if (cgroup) {
			container_group(cgroup);
			cgroup_exists(cgroup);
		}
		free(cgroup);
	}
}

static void send_flag(const char *path)
{
	char *full = xasprintf("%s/%s", proc_dir, path), text[20], *name;
	FILE *file = fopen(full, "re");

	if (file && fgets(text, sizeof(text), file)) {
		name = xasprintf("proc/%s", path);
		note_text(name, text);
		free(name);
	}
	if (file)
		fclose(file);
	free(full);
}

static void send_version(void)
{
	FILE *file = beside_file("sys/module/shmstat/version");
	char text[40];

	if (file && fgets(text, sizeof(text), file))
		note_text("sys/module/shmstat/version", text);
	if (file)
		fclose(file);
}

static void send_all(struct wanted *wanted)
{
	struct walk walk = { .wanted = wanted };
	struct object nothing = {};
	size_t processes, i;

	send_flag("sys/kernel/shm_rmid_forced");
	send_version();
	object_loop(&nothing);
	object_rings("");
	elsewhere_find(&processes);
	if (wanted->unknown)
		sockets_note();
	send_self(&walk);
	process_each(walk_process, &walk);
	for (i = 0; i < wanted->devices.count; i++)
		send_mount_of(wanted->devices.list[i]);
	for (i = 0; i < wanted->count; i++)
		if (!is_held(wanted, &wanted->files[i]))
			send_place(wanted, &wanted->files[i]);
	send_containers(wanted);
	users_note(&wanted->uids, &wanted->gids);
	send_part(THE_END, "", "", 0);
}

static void offer_to_oom(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "1000", 4) != 4)
		warn("oom_score_adj");
	if (fd >= 0)
		close(fd);
}

/* Ends with the recorder, says nothing, and has nothing open that is of it. */
static void __attribute__((noreturn)) run_child(struct wanted *wanted, int fd,
						pid_t parent)
{
	int nothing = open("/dev/null", O_RDWR);

	/* Users decide how much there is to read: it is killed, not the recorder. */
	offer_to_oom();
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || nothing < 0)
		_exit(1);
	dup2(nothing, STDOUT_FILENO);
	dup2(nothing, STDERR_FILENO);
	if (dup2(fd, 3) < 0)
		_exit(1);
	syscall(SYS_close_range, 4, ~0U, 0);
	out = xfdopen(3, "w");
	note_record = send_file;
	send_all(wanted);
	_exit(fflush(out) || ferror(out));
}

/**
 * struct incoming - what the child hands on
 * @fd: where from
 * @until: when it is waited for no longer
 * @stop: whether the recorder is to end
 * @buffer: what came and was not taken yet
 * @used: bytes of it
 * @room: bytes there is room for
 * @ended: whether all of it came
 */
struct incoming {
	int fd;
	double until;
	const volatile int *stop;
	char *buffer;
	size_t used;
	size_t room;
	bool ended;
};

static bool receive(struct incoming *incoming)
{
	struct pollfd ready = { .fd = incoming->fd, .events = POLLIN };
	double left = incoming->until - clock_now();
	struct timespec timeout = { .tv_sec = left };
	sigset_t none;
	ssize_t got;

	if (*incoming->stop || left <= 0)
		return false;
	timeout.tv_nsec = (left - timeout.tv_sec) * 1e9;
	/* Signals may be blocked but while something is waited for. */
	sigemptyset(&none);
	if (ppoll(&ready, 1, &timeout, &none) < 0)
		return errno == EINTR;
	if (!ready.revents)
		return false;
	if (incoming->room - incoming->used < 65536) {
		incoming->room = 2 * incoming->room + 65536;
		incoming->buffer = xreallocarray(incoming->buffer,
						 incoming->room, 1);
	}
	got = read(incoming->fd, incoming->buffer + incoming->used,
		   incoming->room - incoming->used);
	if (got > 0)
		incoming->used += got;
	return got > 0;
}

/* A line of places, as cells. */
static void write_place(struct writer *writer, char *line)
{
	struct cell cells[PLACE_COLUMNS];
	size_t i;

	for (i = 0; i < PLACE_COLUMNS; i++) {
		cells[i] = (struct cell){ line, strcspn(line, " ") };
		line += cells[i].length + (line[cells[i].length] == ' ');
	}
	writer_row(writer, cells);
}

/* Names are written as tables have them. */
static void write_file(struct writer *writer, const char *path,
		       const char *content, size_t length, bool link)
{
	char *escaped = escape_text(path, strlen(path));

	writer_file(writer, escaped, content, length, link);
	free(escaped);
}

static void take(struct incoming *incoming, struct writer *writer)
{
	size_t at = 0, size;
	struct head head;
	char *path;

	while (incoming->used - at >= sizeof(head)) {
		memcpy(&head, incoming->buffer + at, sizeof(head));
		size = sizeof(head) + head.path + head.content;
		if (incoming->used - at < size)
			break;
		path = xstrndup(incoming->buffer + at + sizeof(head),
				head.path);
		if (head.part == A_PLACE)
			write_place(writer, path);
		else if (head.part != THE_END)
			write_file(writer, path, incoming->buffer + at +
				   sizeof(head) + head.path, head.content,
				   head.part == A_LINK);
		else
			incoming->ended = true;
		free(path);
		at += size;
	}
	if (at)
		memmove(incoming->buffer, incoming->buffer + at,
			incoming->used - at);
	incoming->used -= at;
}

/* Also one that could not be ended, as it waits for something in the kernel. */
static bool is_gone(struct wanted *wanted)
{
	if (wanted->child > 0 && !waitpid(wanted->child, NULL, WNOHANG))
		return false;
	wanted->child = 0;
	return true;
}

static void end_child(struct wanted *wanted, bool ended)
{
	if (!ended) {
		kill(wanted->child, SIGKILL);
		is_gone(wanted);
		return;
	}
	while (waitpid(wanted->child, NULL, 0) < 0 && errno == EINTR)
		;
	wanted->child = 0;
}

/**
 * capture - record what a sample has beside the tables
 * @wanted: what is needed, by the tables
 * @writer: where it is recorded
 * @seconds: how long to wait for it
 * @stop: is set where the recorder is to end
 *
 * Return: whether all of it is; if not, the sample is to have what the last one had.
 */
bool capture(struct wanted *wanted, struct writer *writer, double seconds,
	     const volatile int *stop)
{
	static const struct cell columns[PLACE_COLUMNS] = {
		{ "id", 2 }, { "pid", 3 }, { "path", 4 }, { "mount", 5 },
		{ "atime", 5 }, { "asks", 4 },
	};
	struct incoming incoming = {
		.until = clock_now() + seconds, .stop = stop,
	};
	pid_t parent = getpid();
	int ends[2];

	writer_table(writer, PLACES, columns, PLACE_COLUMNS);
	if (!is_gone(wanted) || pipe2(ends, O_CLOEXEC))
		return false;
	wanted->child = fork();
	if (!wanted->child)
		run_child(wanted, ends[1], parent);
	close(ends[1]);
	incoming.fd = ends[0];
	while (wanted->child > 0 && !incoming.ended && receive(&incoming))
		take(&incoming, writer);
	close(ends[0]);
	if (wanted->child > 0)
		end_child(wanted, incoming.ended);
	else
		wanted->child = 0;
	free(incoming.buffer);
	return incoming.ended;
}

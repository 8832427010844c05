// SPDX-License-Identifier: GPL-2.0
/*
 * Looks at the past: writes the tables and files of a sample into a directory of
 * our own, which then is where the machine is looked for.
 *
 * The file may come from somebody else, who chose the names in it: nothing is
 * written outside the directory, and nothing in it leads out of it.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "moment.h"
#include "path.h"
#include "process.h"
#include "replay.h"
#include "store.h"
#include "when.h"
#include "xalloc.h"

/* The one that is shown and its neighbours. */
#define MAX_KEPT	3

static struct store *store;
static const char *file;

static struct sample current;

/* Those that are wanted, and whether files are. */
static const char *const all_tables[] = {
	"objects", "summary", "superblocks", "holders", "cgroups", "sysv",
	"pages", "maps", PLACES, NULL
};

static const char *const *tables = all_tables;
static bool only_tables;

/* Where samples are, each in a directory that its number names. */
static char *top;
static int64_t kept[MAX_KEPT];

/* Who removes it when we are gone, and what keeps them waiting. */
static pid_t remover;
static int alive = -1;

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

static void remove_all(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Removes the directory once this program has ended, by whatever signal. */
static void start_remover(void)
{
	int ends[2];
	char c;

	if (pipe2(ends, O_CLOEXEC))
		err(1, "pipe");
	remover = fork();
	if (remover < 0)
		err(1, "fork");
	if (remover) {
		close(ends[0]);
		alive = ends[1];
		return;
	}
	setsid();
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	close(ends[1]);
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	while (read(ends[0], &c, 1) < 0 && errno == EINTR)
		;
	remove_all(top);
	_exit(0);
}

static void end(void)
{
	close(alive);
	while (waitpid(remover, NULL, 0) < 0 && errno == EINTR)
		;
}

static void make_top(void)
{
	const char *where = getenv("TMPDIR");

	top = xasprintf("%s/shmstat.XXXXXX", where && *where ? where : "/tmp");
	if (!mkdtemp(top))
		err(1, "%s", top);
	start_remover();
	atexit(end);
}

/* Whether a recorded path stays below where it is put. */
static bool is_plain(const char *path)
{
	size_t length;

	if (!*path)
		return false;
	for (; *path; path += length + (path[length] == '/')) {
		length = strcspn(path, "/");
		if (!length || (length == 1 && *path == '.') ||
		    (length == 2 && !memcmp(path, "..", 2)))
			return false;
	}
	return true;
}

/* Of a process: what only readlink(2) is asked for, wherever it leads. */
static bool may_be_link(const char *path)
{
	static const char *const links[] = {
		"root", "cwd", "exe", "ns/", "fd/", NULL
	};
	const char *behind;
	size_t i;

	if (strncmp(path, "proc/", 5))
		return false;
	behind = strchr(path + 5, '/');
	for (i = 0; behind && links[i]; i++) {
		size_t length = strlen(links[i]);

		if (!strncmp(behind + 1, links[i], length))
			return links[i][length - 1] == '/' ?
			       !strchr(behind + 1 + length, '/') :
			       !behind[1 + length];
	}
	return false;
}

/**
 * struct target - where a sample is put
 * @path: the directory
 * @fd: the same, opened
 */
struct target {
	const char *path;
	int fd;
};

/*
 * The directories above a path, made where they are missing. Fails where a file or
 * a link is one of them: a recorded link may lead anywhere.
 */
static bool make_parents(const struct target *target, const char *path)
{
	int dir = dup(target->fd), below;
	const char *slash;
	bool made = dir >= 0;

	for (; made && (slash = strchr(path, '/')); path = slash + 1) {
		char *name = xstrndup(path, slash - path);

		below = mkdirat(dir, name, 0700) && errno != EEXIST ? -1 :
			openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW |
			       O_CLOEXEC);
		free(name);
		close(dir);
		dir = below;
		made = dir >= 0;
	}
	if (dir >= 0)
		close(dir);
	return made;
}

/* Without a link on the way. */
static int create(const struct target *target, const char *path)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		.mode = 0600,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};

	return syscall(SYS_openat2, target->fd, path, &how, sizeof(how));
}

static void no_room(const char *path, int error)
{
	if (error == ENOSPC || error == EDQUOT)
		errx(1, "%s: %s; TMPDIR says where there is more room", path,
		     strerror(error));
}

static void write_all(const struct target *target, int fd,
		      const char *content, size_t length)
{
	while (length) {
		ssize_t done = write(fd, content, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0) {
			no_room(target->path, errno);
			err(1, "%s", target->path);
		}
		content += done;
		length -= done;
	}
}

/* A path that is not ours to make is left out: no program recorded it. */
static void put_file(void *context, const char *path, const void *content,
		     size_t length, bool link)
{
	const struct target *target = context;
	int fd;

	/* One that ends in a slash is a directory. */
	if (!is_plain(path) || (link && !may_be_link(path)) ||
	    !make_parents(target, path) || path[strlen(path) - 1] == '/')
		return;
	if (link) {
		char *to = xstrndup(content, length);

		if (symlinkat(to, target->fd, path))
			no_room(target->path, errno);
		free(to);
		return;
	}
	/* Where it leads to was not recorded, and a link is not followed. */
	fd = create(target, path);
	if (fd < 0) {
		no_room(target->path, errno);
		return;
	}
	write_all(target, fd, content, length);
	close(fd);
}

static void put_table(const struct target *target, const char *table)
{
	char *path = xasprintf("%s/proc/shmstat/%s", target->path, table);
	FILE *out = fopen(path, "wxe");
	bool there;

	if (!out)
		err(1, "%s", path);
	there = store_put_table(store, &current, table, out);
	if (fflush(out) || ferror(out)) {
		no_room(path, errno);
		err(1, "%s", path);
	}
	fclose(out);
	if (!there)
		unlink(path);
	free(path);
}

static void put_sample(const char *path)
{
	struct target target = { .path = path };
	size_t i;

	if (mkdir(path, 0700))
		err(1, "%s", path);
	target.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (target.fd < 0 || mkdirat(target.fd, "proc", 0700) ||
	    mkdirat(target.fd, "proc/shmstat", 0700))
		err(1, "%s", path);
	for (i = 0; tables[i]; i++)
		put_table(&target, tables[i]);
	if (!only_tables)
		store_files(store, &current, put_file, &target);
	close(target.fd);
}

static char *path_of(int64_t nr)
{
	return xasprintf("%s/%lld", top, (long long)nr);
}

/* Whether it is there already; if not, the one that is farthest away goes. */
static bool keep(int64_t nr)
{
	size_t farthest = 0, i;
	char *path;

	for (i = 0; i < MAX_KEPT; i++) {
		if (kept[i] == nr)
			return true;
		if (!kept[farthest])
			continue;
		if (!kept[i] ||
		    llabs(kept[i] - nr) > llabs(kept[farthest] - nr))
			farthest = i;
	}
	if (kept[farthest]) {
		path = path_of(kept[farthest]);
		remove_all(path);
		free(path);
	}
	kept[farthest] = nr;
	return false;
}

/* From here on, the machine is as in the current sample. */
static void go(void)
{
	static char *proc, *root;
	struct moment moment = {
		.time = current.time,
		.uptime = current.uptime,
		.hertz = current.hertz,
		.pagesize = current.pagesize,
	};

	if (!top)
		make_top();
	free(proc);
	free(root);
	root = path_of(current.nr);
	proc = xasprintf("%s/proc", root);
	if (!keep(current.nr))
		put_sample(root);
	proc_dir = proc;
	root_dir = root;
	snprintf(moment.boot, sizeof(moment.boot), "%s", current.boot);
	moment_set(&moment);
	store_rest(store);
}

/**
 * replay_open - open a file of samples
 * @path: the file
 *
 * Ends the program, with an explanation, if it cannot be read or is none.
 */
void replay_open(const char *path)
{
	file = path;
	store = store_open(path);
}

static void __attribute__((noreturn)) nothing_at(int64_t time)
{
	char *asked, *first;

	if (!store_step(store, 0, 1, &current))
		errx(1, "%s: the file has no sample", file);
	asked = when_text(time);
	first = when_text(current.time);
	errx(1, "there is no sample of %s or before: the first one is of %s",
	     asked, first);
}

/* The number of the last sample that was made at a time or before; 0 for none. */
int64_t replay_find(int64_t time)
{
	struct sample found;
	bool there = store_at(store, time, &found);

	store_rest(store);
	return there ? found.nr : 0;
}

/**
 * replay_at - look at a moment of the past
 * @time: in microseconds since 1970; INT64_MAX for the last sample
 *
 * The sample is the last one that was made then or before. Ends the program, with
 * an explanation, if there is none.
 */
void replay_at(int64_t time)
{
	if (!store_at(store, time, &current))
		nothing_at(time);
	go();
}

/**
 * replay_tables - look at nothing but some tables of a sample
 * @nr: the first number it may have
 * @names: the tables, up to NULL
 *
 * As are the samples that replay_step() finds from there. Ends the program, with an
 * explanation, if there is none.
 */
void replay_tables(int64_t nr, const char *const *names)
{
	tables = names;
	only_tables = true;
	if (!store_step(store, nr - 1, 1, &current))
		errx(1, "%s: the file has no sample", file);
	go();
}

/**
 * replay_step - look at the next sample
 * @direction: 1 for the one behind the current one, -1 for the one before it
 *
 * Return: whether there is one; if not, the current one stays.
 */
bool replay_step(int direction)
{
	struct sample next;

	if (!store_step(store, current.nr, direction, &next)) {
		store_rest(store);
		return false;
	}
	current = next;
	go();
	return true;
}

/* The current sample's number, which grows with each. */
int64_t replay_nr(void)
{
	return current.nr;
}

/* Of which moment people are shown something, in a few words; to be freed. */
char *replay_text(void)
{
	char *time = when_text(current.time), *age = when_age(current.time);
	char *text = xasprintf("%s, %s", time, age);

	free(time);
	free(age);
	return text;
}

/* When the current sample was made, in microseconds since 1970. */
int64_t replay_time(void)
{
	return current.time;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Paths of objects, from where their file systems are mounted, as libmount
 * reads it: in our own mount namespace, else in that of any process, which
 * /proc/PID/root leads into.
 *
 * What is mounted there is up to the users of containers: a server that does not
 * answer, links out of the container, thousands of mounts. A path is only walked
 * as far as the kernel has it in memory, without links, below the process's root,
 * and each object has so many tries.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "files.h"
#include "moment.h"
#include "mounts.h"
#include "path.h"
#include "process.h"
#include "set.h"
#include "table.h"
#include "text.h"
#include "tree.h"
#include "xalloc.h"

/* Of Linux 5.12; older headers do not have it. */
#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED	0x20
#endif

/* Places tried for an object. */
#define MAX_TRIES	16

#define NONE		UINT32_MAX

/**
 * struct namespace - a mount namespace
 * @pid: a process in it, or "self"
 * @start: when that started
 * @tree: what is mounted there; of the past alone
 */
struct namespace {
	char *pid;
	uint64_t start;
	struct tree tree;
};

/**
 * struct place - where a part of a file system is mounted
 * @dev: the file system's device
 * @root: which of its directories, "" for its root
 * @ns: which namespace, our own first
 * @target: where it is mounted there, "" for its root
 * @next: the next place of the same directory, or NONE
 * @last: the last one, if this is the first
 */
struct place {
	dev_t dev;
	char *root;
	uint32_t ns;
	char *target;
	uint32_t next;
	uint32_t last;
};

/**
 * struct server - a mount point that may ask a server when it is walked
 * @ns: in which namespace
 * @target: where
 */
struct server {
	uint32_t ns;
	char *target;
};

static struct namespace *namespaces;
static size_t namespace_count, namespace_room;
static struct place *places;
static size_t place_count, place_room;
static struct hash by_dir;
static struct server *servers;
static size_t server_count, server_room;
static struct hash by_server;

/* A key that grows with each byte of a path. */
static uint64_t grow(uint64_t key, char c)
{
	return (key ^ (unsigned char)c) * 0x100000001b3;
}

static uint64_t grown(uint64_t key, const char *text)
{
	for (; *text; text++)
		key = grow(key, *text);
	return key;
}

static uint32_t find_dir(dev_t dev, const char *root, size_t length,
			 uint64_t key)
{
	uint32_t nr, short_key = hash_mix(key);
	size_t at;

	for (at = hash_first(&by_dir, short_key); hash_used(&by_dir, at);
	     at = hash_next(&by_dir, at))
		if (hash_nr(&by_dir, at, short_key, &nr) &&
		    places[nr].dev == dev &&
		    !strncmp(places[nr].root, root, length) &&
		    !places[nr].root[length])
			return nr;
	return NONE;
}

static void add_place(dev_t dev, char *root, char *target)
{
	uint64_t key = grown(hash_mix(dev), root);
	uint32_t nr = place_count, first;

	places = xgrow(places, nr, &place_room, sizeof(*places));
	places[nr] = (struct place){
		.dev = dev,
		.root = root,
		.ns = namespace_count,
		.target = target,
		.next = NONE,
		.last = nr,
	};
	place_count++;
	first = find_dir(dev, root, strlen(root), key);
	if (first == NONE) {
		hash_add(&by_dir, hash_mix(key), nr);
	} else {
		places[places[first].last].next = nr;
		places[first].last = nr;
	}
}

static bool is_server(uint32_t ns, const char *path, size_t length,
		      uint64_t key)
{
	uint32_t nr, short_key = hash_mix(key);
	size_t at;

	for (at = hash_first(&by_server, short_key); hash_used(&by_server, at);
	     at = hash_next(&by_server, at)) {
		const struct server *server;

		if (!hash_nr(&by_server, at, short_key, &nr))
			continue;
		server = &servers[nr];
		if (server->ns == ns &&
		    !strncmp(server->target, path, length) &&
		    !server->target[length])
			return true;
	}
	return false;
}

static void add_server(const char *target)
{
	uint64_t key = grown(hash_mix(namespace_count), target);

	if (is_server(namespace_count, target, strlen(target), key))
		return;
	servers = xgrow(servers, server_count, &server_room, sizeof(*servers));
	servers[server_count] = (struct server){
		namespace_count, xstrdup(target)
	};
	hash_add(&by_server, hash_mix(key), server_count++);
}

/* As the kernel's tables have names; nothing for "/", as more follows. */
static char *escape(const char *path)
{
	return escape_text(path, strcmp(path, "/") ? strlen(path) : 0);
}

static void add_mount(void *context, struct libmnt_fs *fs)
{
	const char *type = mnt_fs_get_fstype(fs) ?: "";
	const char *root = mnt_fs_get_root(fs) ?: "/";
	char *target = escape(mnt_fs_get_target(fs) ?: "/");

	(void)context;
	if (!is_local_type(type))
		add_server(target);
	if (mounts_is_shared(type))
		add_place(mnt_fs_get_devno(fs), escape(root), target);
	else
		free(target);
}

/* Inode numbers of the namespaces whose mounts were read. */
static struct set seen;

static bool is_own(const struct namespace *ns)
{
	return !strcmp(ns->pid, "self");
}

/*
 * What is read of a process that ends meanwhile leads nowhere. Its namespace may
 * be another's as well, and is not done with.
 */
static void add_namespace(void *context, const char *pid)
{
	struct process process;
	bool found, known;
	uint64_t mnt = 0;

	(void)context;
	if (!process_open(&process, pid))
		return;
	known = process_namespace(&process, "ns/mnt", &mnt);
	if (!known || !set_has(&seen, mnt)) {
		found = mounts_each(&process, add_mount, NULL);
		if (found && known && process_is_same(&process))
			set_add(&seen, mnt);
		namespaces = xgrow(namespaces, namespace_count, &namespace_room,
				   sizeof(*namespaces));
		namespaces[namespace_count] = (struct namespace){
			xstrdup(pid), process.start
		};
		if (moment_is_past())
			tree_read(&namespaces[namespace_count].tree, &process);
		namespace_count++;
	}
	process_close(&process);
}

static void find_places_once(void)
{
	static bool found;

	if (found)
		return;
	found = true;
	add_namespace(NULL, "self");
	process_each(add_namespace, NULL);
}

/* The root of a process in a namespace, until the next call; -1 if it is gone. */
static int open_root(uint32_t nr)
{
	const struct namespace *ns = &namespaces[nr];
	static uint32_t last = NONE;
	static int root = -1;
	struct process process;

	if (nr == last)
		return root;
	if (root >= 0)
		close(root);
	last = nr;
	root = -1;
	if (is_own(ns)) {
		root = open(*root_dir ? root_dir : "/",
			    O_PATH | O_DIRECTORY | O_CLOEXEC);
		return root;
	}
	/* Even to open a root may ask the server that it is on. */
	if (is_server(nr, "", 0, hash_mix(nr)) ||
	    !process_open(&process, ns->pid))
		return -1;
	if (process.start == ns->start)
		root = openat(process.dir, "root",
			      O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root >= 0 && !process_is_same(&process)) {
		close(root);
		root = -1;
	}
	process_close(&process);
	return root;
}

/* Whether a server may be asked on the way, by a path as tables have it. */
static bool passes_server(uint32_t ns, const char *path)
{
	uint64_t key = hash_mix(ns);
	size_t length;

	for (length = 0; ; length++) {
		if ((path[length] == '/' || !path[length]) &&
		    is_server(ns, path, length, key))
			return true;
		if (!path[length])
			return false;
		key = grow(key, path[length]);
	}
}

/*
 * Opens what a path leads to, if the kernel has all of it in memory, so that no
 * server is waited for. Linux before 5.12 has no flag for that; there, no server
 * may be on the way.
 */
static int open_path(uint32_t ns, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS | RESOLVE_CACHED,
	};
	int root = open_root(ns), fd, tries = 3;
	char *name;

	if (root < 0)
		return -1;
	name = unescape_text(xstrdup(path));
	/* EAGAIN is also what a rename or a mount elsewhere gives. */
	do {
		fd = syscall(SYS_openat2, root, *name ? name : "/", &how,
			     sizeof(how));
	} while (fd < 0 && errno == EAGAIN && --tries);
	if (fd < 0 && errno == EINVAL && !passes_server(ns, path)) {
		how.resolve &= ~RESOLVE_CACHED;
		fd = syscall(SYS_openat2, root, *name ? name : "/", &how,
			     sizeof(how));
	}
	free(name);
	return fd;
}

/* Returns whether there is something that can be looked at without a server. */
static bool stat_path(uint32_t ns, const char *path, struct statx *st)
{
	int fd = open_path(ns, path);
	bool found;

	if (fd < 0)
		return false;
	found = !statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		       STATX_INO | STATX_ATIME, st);
	close(fd);
	return found;
}

/* Whether a path leads to a file system, which another mount may cover. */
static bool leads_to_mount(uint32_t ns, const char *path, dev_t dev)
{
	struct statx st;

	if (moment_is_past()) {
		const struct mounted *mount = tree_find(&namespaces[ns].tree,
							path);

		return mount && mount->dev == dev;
	}
	return stat_path(ns, path, &st) &&
	       makedev(st.stx_dev_major, st.stx_dev_minor) == dev;
}

/* The same of the past, where it has that name. */
static bool led_to(uint32_t ns, const char *path, const struct object *object,
		   const char *name)
{
	const struct mounted *mount = tree_find(&namespaces[ns].tree, path);
	size_t length;

	if (!mount || mount->dev != makedev(object->major, object->minor))
		return false;
	length = strlen(mount->root);
	return !strncmp(name, mount->root, length) &&
	       !strcmp(name + length, path + strlen(mount->target));
}

/* It may be covered by another mount, or have no name any more. */
static bool leads_to(uint32_t ns, const char *path,
		     const struct object *object, const char *name,
		     int64_t *atime)
{
	struct statx st;

	*atime = 0;
	if (moment_is_past())
		return led_to(ns, path, object, name);
	if (!stat_path(ns, path, &st) || st.stx_dev_major != object->major ||
	    st.stx_dev_minor != object->minor || st.stx_ino != object->inode)
		return false;
	*atime = st.stx_atime.tv_sec;
	return true;
}

/* Adds those that were found first, which may be without end. */
static size_t add_tries(uint32_t *tries, size_t count, uint32_t nr)
{
	size_t found;

	for (found = 0; nr != NONE && found < MAX_TRIES; found++) {
		size_t at = count < MAX_TRIES ? count++ : MAX_TRIES;

		for (; at && tries[at - 1] > nr; at--)
			if (at < MAX_TRIES)
				tries[at] = tries[at - 1];
		if (at < MAX_TRIES)
			tries[at] = nr;
		nr = places[nr].next;
	}
	return count;
}

/* The places where a file may be seen: those of each directory it is in. */
static size_t find_tries(uint32_t *tries, dev_t dev, const char *name)
{
	uint64_t key = hash_mix(dev);
	size_t count = 0, length;

	for (length = 0; ; length++) {
		/* It may be mounted itself. */
		if (name[length] == '/' || !name[length])
			count = add_tries(tries, count,
					  find_dir(dev, name, length, key));
		if (!name[length])
			return count;
		key = grow(key, name[length]);
	}
}

/* As people see it: where a process elsewhere sees it, by /proc; to be freed. */
char *seen_path(const char *pid, const char *inside)
{
	return pid ? xasprintf("/proc/%s/root%s", pid, inside) :
		     xstrdup(inside);
}

/* Which mount namespace a path is in, by /proc/PID/root; NONE if none is known. */
static uint32_t namespace_of(const char **path)
{
	static const char proc[] = "/proc/", root[] = "/root";
	const char *pid = *path + strlen(proc);
	size_t length = strspn(pid, "0123456789");
	uint32_t nr;

	if (strncmp(*path, proc, strlen(proc)) || !length ||
	    strncmp(pid + length, root, strlen(root)))
		return namespace_count ? 0 : NONE;
	for (nr = 0; nr < namespace_count; nr++)
		if (!strncmp(namespaces[nr].pid, pid, length) &&
		    !namespaces[nr].pid[length])
			break;
	*path = pid + length + strlen(root);
	return nr < namespace_count ? nr : NONE;
}

/**
 * path_mount - find the mount that a path of the past leads to
 * @path: the path, as people give it
 * @inside: is set to that path in its mount namespace, as tables have it; to be freed
 *
 * Return: the mount; NULL if there is none, and nothing to be freed.
 */
const struct mounted *path_mount(const char *path, char **inside)
{
	const struct mounted *mount;
	size_t length;
	uint32_t ns;

	if (*path != '/')
		return NULL;
	find_places_once();
	ns = namespace_of(&path);
	if (ns == NONE)
		return NULL;
	for (length = strlen(path); length && path[length - 1] == '/'; )
		length--;
	*inside = escape_text(path, length);
	mount = tree_find(&namespaces[ns].tree, *inside);
	if (!mount)
		free(*inside);
	return mount;
}

/* The object that a path of the past leads to; NULL if there is none. */
const struct object *path_object(const struct objects *objects,
				 const char *path)
{
	const struct object *found = NULL;
	const struct mounted *mount;
	char *inside, *name;
	size_t i;

	mount = path_mount(path, &inside);
	if (!mount)
		return NULL;
	name = xasprintf("%s%s", mount->root, inside + strlen(mount->target));
	for (i = 0; !found && i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		if (mount->dev == makedev(object->major, object->minor) &&
		    !strcmp(object_cell(objects, object, "name"), name))
			found = object;
	}
	free(name);
	free(inside);
	return found;
}

/* What was found of those that the recorder looked for, by their ids. */
static struct table recorded;
static struct hash by_recorded;
static int recorded_id, recorded_pid, recorded_path, recorded_mount,
	   recorded_atime, recorded_asks;

static void load_recorded(void)
{
	static bool loaded;
	char *path;
	size_t row;

	if (loaded)
		return;
	loaded = true;
	path = xasprintf("%s/shmstat/" PLACES, proc_dir);
	if (moment_is_past() && !access(path, F_OK)) {
		table_load(&recorded, PLACES);
		recorded_id = table_column(&recorded, "id");
		recorded_pid = table_column(&recorded, "pid");
		recorded_path = table_column(&recorded, "path");
		recorded_mount = table_column(&recorded, "mount");
		recorded_atime = table_column(&recorded, "atime");
		recorded_asks = table_column(&recorded, "asks");
	}
	free(path);
	for (row = 0; row < recorded.rows; row++) {
		const char *id = table_cell(&recorded, row, recorded_id);

		hash_add(&by_recorded, hash_bytes(id, strlen(id)), row);
	}
}

/* Its row; NONE if it was not looked for. */
static uint32_t find_recorded(const struct object *object)
{
	uint32_t key = hash_bytes(object->id, strlen(object->id)), nr;
	size_t at;

	load_recorded();
	for (at = hash_first(&by_recorded, key); hash_used(&by_recorded, at);
	     at = hash_next(&by_recorded, at))
		if (hash_nr(&by_recorded, at, key, &nr) &&
		    !strcmp(table_cell(&recorded, nr, recorded_id), object->id))
			return nr;
	return NONE;
}

static bool take_recorded(uint32_t row, struct place_found *found)
{
	const char *path = table_value(table_cell(&recorded, row,
						  recorded_path));

	found->asks = !strcmp(table_cell(&recorded, row, recorded_asks), "yes");
	if (!path)
		return false;
	found->path = xstrdup(path);
	found->mount = table_value(table_cell(&recorded, row, recorded_mount));
	found->pid = table_value(table_cell(&recorded, row, recorded_pid));
	found->atime = table_number(&recorded, row, recorded_atime);
	return true;
}

/**
 * object_place - find where an object can be seen
 * @object: the object, which has a name there
 * @name: its name inside its file system, as the kernel writes it
 * @found: what is filled
 *
 * Return: whether a path is found that leads to it; if not, only @asks is filled.
 */
bool object_place(const struct object *object, const char *name,
		  struct place_found *found)
{
	uint32_t tries[MAX_TRIES], row;
	size_t count, i;

	found->asks = false;
	if (*name != '/')
		return false;
	row = find_recorded(object);
	if (row != NONE)
		return take_recorded(row, found);
	find_places_once();
	count = find_tries(tries, makedev(object->major, object->minor), name);
	for (i = 0; i < count; i++) {
		const struct place *place = &places[tries[i]];
		const struct namespace *ns = &namespaces[place->ns];

		found->path = xasprintf("%s%s", place->target,
					name + strlen(place->root));
		found->mount = *place->root ? NULL :
			       *place->target ? place->target : "/";
		found->pid = is_own(ns) ? NULL : ns->pid;
		if (leads_to(place->ns, found->path, object, name,
			     &found->atime))
			return true;
		found->asks |= passes_server(place->ns, found->path);
		free(found->path);
	}
	return false;
}

/**
 * object_path - a path that leads to an object
 * @object: the object, which has a name there
 * @name: its name inside its file system, as the kernel writes it
 *
 * Return: the path, with the kernel's "\ooo" in it, until the next call; NULL
 *	if none is found.
 */
const char *object_path(const struct object *object, const char *name)
{
	struct place_found found;
	static char *path;

	if (!object_place(object, name, &found))
		return NULL;
	free(path);
	path = seen_path(found.pid, found.path);
	free(found.path);
	return path;
}

/**
 * mount_path - where a file system is mounted
 * @dev: its device
 * @pid: is set to a process in whose mount namespace that is; NULL for our own
 *
 * Return: the path, with the kernel's "\ooo" in it, until the next call; NULL
 *	if its root is mounted nowhere, or is covered.
 */
const char *mount_path(uint64_t dev, const char **pid)
{
	static char *path;
	size_t tries = MAX_TRIES;
	uint32_t nr;

	find_places_once();
	for (nr = find_dir(dev, "", 0, hash_mix(dev)); nr != NONE && tries--;
	     nr = places[nr].next) {
		const struct namespace *ns = &namespaces[places[nr].ns];
		const char *inside = places[nr].target;

		if (!leads_to_mount(places[nr].ns, inside, dev))
			continue;
		free(path);
		*pid = is_own(ns) ? NULL : ns->pid;
		path = seen_path(*pid, *inside ? inside : "/");
		return path;
	}
	return NULL;
}

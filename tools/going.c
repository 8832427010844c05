// SPDX-License-Identifier: GPL-2.0
/*
 * Finds out what goes with some processes and names, and what that leaves of an
 * object's holders. A descriptor in flight goes with the last process that has the
 * socket. A mount namespace goes with its last process, and a tmpfs with the last
 * namespace it is mounted in; so do an IPC namespace and its segments.
 *
 * All of /proc is read after the tables, and only what is needed.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cgroup.h"
#include "container.h"
#include "going.h"
#include "keepers.h"
#include "moment.h"
#include "mounts.h"
#include "path.h"
#include "process.h"
#include "text.h"
#include "xalloc.h"

static uint64_t device_key(uint32_t major, uint32_t minor)
{
	return (uint64_t)major << 32 | minor;
}

static bool add_number(struct going *going, const char *pid)
{
	return set_add(&going->pids, strtoull(pid, NULL, 10));
}

/* The process that a thread belongs to; 0 if that is not known. */
static uint64_t thread_group(const struct process *process)
{
	FILE *file = process_file(process, "status");
	unsigned long long tgid = 0;
	char line[200];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Tgid: %llu", &tgid) == 1)
			break;
	if (file)
		fclose(file);
	return tgid;
}

/**
 * going_add_pid - a process goes
 * @going: what goes
 * @pid: its process id
 *
 * Ends the program, with an explanation, if there is none.
 */
void going_add_pid(struct going *going, const char *pid)
{
	struct process process;
	uint64_t tgid;

	if (!*pid || pid[strspn(pid, "0123456789")])
		errx(2, "--pid wants a number, not '%s'", pid);
	if (!process_open(&process, pid))
		errx(1, "--pid: there is no process %s", pid);
	tgid = thread_group(&process);
	process_close(&process);
	if (tgid && tgid != strtoull(pid, NULL, 10))
		errx(1, "--pid: %s is a thread of process %llu", pid,
		     (unsigned long long)tgid);
	add_number(going, pid);
}

/**
 * struct members - a search for processes by their cgroups or names
 * @going: what they are added to
 * @text: the path of a process's cgroup or its name, to be freed; or NULL
 * @matches: whether that is wanted
 * @wanted: handed to @matches
 * @found: whether there was one
 */
struct members {
	struct going *going;
	char *(*text)(const struct process *process);
	bool (*matches)(const char *text, const char *wanted);
	const char *wanted;
	bool found;
};

static void add_member(void *context, const char *pid)
{
	struct members *members = context;
	struct process process;
	char *text;

	if (!process_open(&process, pid))
		return;
	text = members->text(&process);
	if (text && members->matches(text, members->wanted) &&
	    process_is_same(&process)) {
		add_number(members->going, pid);
		members->found = true;
	}
	free(text);
	process_close(&process);
}

static bool add_members(struct going *going, const char *wanted,
			char *(*text)(const struct process *process),
			bool (*matches)(const char *text, const char *wanted))
{
	struct members members = {
		.going = going,
		.text = text,
		.matches = matches,
		.wanted = wanted,
	};

	process_each(add_member, &members);
	return members.found;
}

/**
 * going_add_cgroup - all processes of a cgroup go, and of those below it
 * @going: what goes
 * @cgroup: its path, or the name that the overview shows
 *
 * Ends the program, with an explanation, if there is none.
 */
void going_add_cgroup(struct going *going, const char *cgroup)
{
	char *wanted = escape_more(cgroup);

	if (!*wanted)
		errx(2, "--cgroup wants a path or a name");
	if (!add_members(going, wanted, process_cgroup, cgroup_is) &&
	    !cgroup_exists(wanted))
		errx(1, "--cgroup: no process is in a cgroup '%s'%s", wanted,
		     *wanted == '/' ? ", nor is there one" : "");
	free(wanted);
}

/* Whether a part of a cgroup's path is the name of a unit, or list calls it that. */
static bool is_of_unit(const char *path, const char *unit)
{
	const char *called = cgroup_unit(path);
	size_t length = strlen(unit);

	if (called && !strcmp(called, unit))
		return true;
	for (; path; path = strchr(path, '/')) {
		path += *path == '/';
		if (!strncmp(path, unit, length) &&
		    (!path[length] || path[length] == '/'))
			return true;
	}
	return false;
}

/**
 * going_add_unit - all processes of a unit of systemd go
 * @going: what goes
 * @unit: its name, also as list has it; a service's may do without the end
 *
 * Ends the program, with an explanation, if no process is in one.
 */
void going_add_unit(struct going *going, const char *unit)
{
	char *name = escape_more(unit), *wanted;

	if (!*name || *name == '/')
		errx(2,
		     "--unit wants the name of a unit, such as cron.service, not '%s'; names of containers and paths of cgroups go with --cgroup",
		     name);
	wanted = xasprintf("%s%s", name, strchr(name, '.') ? "" : ".service");
	if (!add_members(going, wanted, process_cgroup, is_of_unit))
		errx(1,
		     "--unit: no process is in a unit '%s'; names of containers and paths of cgroups go with --cgroup",
		     wanted);
	free(wanted);
	free(name);
}

static bool is_same_text(const char *a, const char *b)
{
	return !strcmp(a, b);
}

/**
 * going_add_comm - all processes of a name go
 * @going: what goes
 * @comm: the name, as it is or as tables have it
 *
 * Ends the program, with an explanation, if there is none.
 */
void going_add_comm(struct going *going, const char *comm)
{
	char *wanted = escape_more(comm);

	if (!*wanted)
		errx(2, "--comm wants the name of a program");
	if (!add_members(going, wanted, process_comm, is_same_text))
		errx(1,
		     "--comm: no process is called '%s'; names have 15 characters at most, see ps -eo comm",
		     wanted);
	free(wanted);
}

static void stat_path(const char *option, const char *path, struct statx *st)
{
	if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC | AT_SYMLINK_NOFOLLOW,
		  STATX_TYPE | STATX_INO, st))
		err(1, "%s: %s", option, path);
}

static void add_name(struct going *going, const struct name_entry *entry)
{
	going->names = xgrow(going->names, going->count, &going->room,
			     sizeof(*going->names));
	going->names[going->count++] = *entry;
}

/* Of the past, there is one name of each. */
static void add_recorded(struct going *going, const char *path)
{
	const struct object *object = path_object(going->objects, path);

	if (!object)
		errx(1, "--path: %s: no object had that path then, from the root",
		     path);
	add_name(going, &(struct name_entry){
		.path = path,
		.major = object->major,
		.minor = object->minor,
		.inode = object->inode,
		.base = xstrdup(""),
	});
}

/**
 * going_add_path - a name goes
 * @going: what goes
 * @path: of a file
 *
 * Ends the program, with an explanation, if there is none.
 */
void going_add_path(struct going *going, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct statx st, parent;
	char *dir;

	if (moment_is_past()) {
		add_recorded(going, path);
		return;
	}
	stat_path("--path", path, &st);
	if (S_ISDIR(st.stx_mode))
		errx(1, "--path: %s: is a directory; name its files, or use --mount",
		     path);
	dir = slash ? xstrndup(path, slash - path + 1) : xstrdup(".");
	if (statx(AT_FDCWD, dir, AT_STATX_DONT_SYNC, STATX_INO, &parent))
		err(1, "--path: %s", dir);
	free(dir);
	add_name(going, &(struct name_entry){
		.path = path,
		.major = st.stx_dev_major,
		.minor = st.stx_dev_minor,
		.inode = st.stx_ino,
		.parent = parent.stx_ino,
		.base = xstrdup(slash ? slash + 1 : path),
	});
}

static void add_mount_point(struct going *going, const char *path)
{
	const struct mounted *mount;
	char *inside;

	mount = path_mount(path, &inside);
	if (!mount || strcmp(inside, mount->target))
		errx(1, "--mount: %s: nothing was mounted there", path);
	if (strcmp(mount->type, "tmpfs") && strcmp(mount->type, "hugetlbfs"))
		errx(1, "--mount: %s: neither a tmpfs nor hugetlbfs", path);
	set_add(&going->devices, device_key(major(mount->dev),
					    minor(mount->dev)));
	free(inside);
}

/**
 * going_add_mount - all names of a file system go
 * @going: what goes
 * @path: where it is mounted
 *
 * Ends the program, with an explanation, if no tmpfs or hugetlbfs is mounted there.
 */
void going_add_mount(struct going *going, const char *path)
{
	struct statfs fs;
	struct statx st;
	int fd;

	if (moment_is_past()) {
		add_mount_point(going, path);
		return;
	}
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstatfs(fd, &fs) ||
	    statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &st))
		err(1, "--mount: %s", path);
	close(fd);
	if (fs.f_type != TMPFS_MAGIC && fs.f_type != HUGETLBFS_MAGIC)
		errx(1, "--mount: %s: neither a tmpfs nor hugetlbfs", path);
	if ((st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) &&
	    !(st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		errx(1, "--mount: %s: nothing is mounted there", path);
	set_add(&going->devices, device_key(st.stx_dev_major,
					    st.stx_dev_minor));
}

static int compare_files(const struct name_entry *x, const struct name_entry *y)
{
	return (x->major > y->major) - (x->major < y->major) ?:
	       (x->minor > y->minor) - (x->minor < y->minor) ?:
	       (x->inode > y->inode) - (x->inode < y->inode);
}

static int compare_names(const void *a, const void *b)
{
	const struct name_entry *x = a, *y = b;

	return compare_files(x, y) ?:
	       (x->parent > y->parent) - (x->parent < y->parent) ?:
	       strcmp(x->base, y->base);
}

/* Each name once, however it was spelt. */
static void sort_names(struct going *going)
{
	size_t count = 0, i;

	if (!going->count)
		return;
	qsort(going->names, going->count, sizeof(*going->names), compare_names);
	for (i = 0; i < going->count; i++) {
		if (count && !compare_names(&going->names[count - 1],
					    &going->names[i]))
			free(going->names[i].base);
		else
			going->names[count++] = going->names[i];
	}
	going->count = count;
}

/* How many single names of an object go; they are together. */
static size_t names_of(const struct going *going, const struct object *object)
{
	struct name_entry key = {
		.major = object->major, .minor = object->minor,
		.inode = object->inode,
	};
	size_t low = 0, high = going->count, first;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_files(&going->names[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (first = low; low < going->count &&
	     !compare_files(&going->names[low], &key); low++)
		going->names[low].found = true;
	return low - first;
}

/* Whether an object is on the kernel's internal mount, where no path leads. */
static bool is_internal(const struct objects *objects,
			const struct object *object)
{
	return *object_cell(objects, object, "name") != '/';
}

static void check_names(const struct going *going)
{
	size_t i;

	for (i = 0; going->count && i < going->objects->count; i++)
		if (!is_internal(going->objects, &going->objects->list[i]))
			names_of(going, &going->objects->list[i]);
	for (i = 0; i < going->count; i++)
		if (!going->names[i].found)
			errx(1, "--path: %s: not shared memory: no object of a tmpfs",
			     going->names[i].path);
}

/**
 * struct mount - something that is mounted in a mount namespace
 * @namespace: the namespace's inode number
 * @what: a file system that may hold objects, or the file of a namespace
 * @of: its device, or that namespace's inode number
 */
struct mount {
	uint64_t namespace;
	enum { FILES, MNT_FILE, IPC_FILE } what;
	uint64_t of;
};

/**
 * struct world - what there is beside the tables
 * @going: what goes
 * @mounts: what is mounted in all mount namespaces
 * @mount_count: how many of them
 * @mount_room: how many there is room for
 * @roots: mount namespaces together with roots of processes that were read
 * @mnt_living: mount namespaces that stay
 * @mnt_going: those that a process is in that goes
 * @ipc_living: the same of IPC namespaces
 * @ipc_going: the same of IPC namespaces
 * @pinned: devices of what processes that stay have open, or are in
 */
struct world {
	struct going *going;
	struct mount *mounts;
	size_t mount_count;
	size_t mount_room;
	struct set roots;
	struct set mnt_living;
	struct set mnt_going;
	struct set ipc_living;
	struct set ipc_going;
	struct set pinned;
};

static bool stays(const struct world *world, const char *pid)
{
	return !set_has(&world->going->pids, strtoull(pid, NULL, 10));
}

static bool stat_at(int dir, const char *name, struct statx *st)
{
	return !statx(dir, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT,
		      STATX_INO, st);
}

/**
 * struct reading - a mount namespace whose mounts are read
 * @world: what they are added to
 * @namespace: its inode number
 */
struct reading {
	struct world *world;
	uint64_t namespace;
};

static void keep_mount(const struct reading *reading, int what, uint64_t of)
{
	struct world *world = reading->world;

	world->mounts = xgrow(world->mounts, world->mount_count,
			      &world->mount_room, sizeof(*world->mounts));
	world->mounts[world->mount_count++] = (struct mount){
		reading->namespace, what, of
	};
}

/* The kernel has a devtmpfs and a rootfs mounted itself. */
static void add_mount(void *context, struct libmnt_fs *fs)
{
	const struct reading *reading = context;
	const char *type = mnt_fs_get_fstype(fs) ?: "";
	const char *root = mnt_fs_get_root(fs) ?: "";
	dev_t dev = mnt_fs_get_devno(fs);
	unsigned long long inode;

	if (!strcmp(type, "tmpfs") || !strcmp(type, "hugetlbfs"))
		keep_mount(reading, FILES, device_key(major(dev), minor(dev)));
	else if (!strcmp(type, "nsfs") && sscanf(root, "mnt:[%llu]", &inode) == 1)
		keep_mount(reading, MNT_FILE, inode);
	else if (!strcmp(type, "nsfs") && sscanf(root, "ipc:[%llu]", &inode) == 1)
		keep_mount(reading, IPC_FILE, inode);
}

/* A process sees what is mounted below its root. */
static void add_namespaces(void *context, const char *pid)
{
	struct world *world = context;
	struct process process;
	uint64_t mnt, ipc;
	struct statx root;
	bool living = stays(world, pid);

	if (!process_open(&process, pid))
		return;
	if (process_namespace(&process, "ns/ipc", &ipc))
		set_add(living ? &world->ipc_living : &world->ipc_going, ipc);
	if (process_namespace(&process, "ns/mnt", &mnt)) {
		struct reading reading = { world, mnt };
		uint64_t key = mnt;

		/* Of the past, roots have no numbers. */
		if (moment_is_past())
			key = process_view(&process, key);
		else if (stat_at(process.dir, "root", &root))
			key = hash_mix(hash_mix(key) ^ root.stx_ino) ^
			      device_key(root.stx_dev_major,
					 root.stx_dev_minor);
		set_add(living ? &world->mnt_living : &world->mnt_going, mnt);
		if (!set_has(&world->roots, key) &&
		    mounts_each(&process, add_mount, &reading) &&
		    process_is_same(&process))
			set_add(&world->roots, key);
	}
	process_close(&process);
}

/* A process that stays has the last of the sockets that do. */
static void keep_owner(struct going *going, const struct process *process)
{
	char *comm = process_comm(process);

	going->owners = xgrow(going->owners, going->stay.count - 1,
			      &going->owner_room, sizeof(*going->owners));
	going->owners[going->stay.count - 1] = xasprintf("%s/%s", process->pid,
							 comm);
	free(comm);
}

/* The same as device_at() says now, where it was recorded. */
static bool device_then(const struct process *process, const char *name,
			uint64_t *device)
{
	char *path = xasprintf("fdinfo/%s", name), line[80] = "";
	FILE *file = process_file(process, path);
	unsigned int major, minor;
	bool known;

	free(path);
	known = file && fgets(line, sizeof(line), file) &&
		sscanf(line, "device: %u:%u", &major, &minor) == 2;
	if (known)
		*device = device_key(major, minor);
	if (file)
		fclose(file);
	return known;
}

/* Which file system something of a process is on. */
static bool device_at(const struct process *process, int dir,
		      const char *name, uint64_t *device)
{
	struct statx st;

	if (moment_is_past())
		return device_then(process, name, device);
	if (!stat_at(dir, name, &st))
		return false;
	*device = device_key(st.stx_dev_major, st.stx_dev_minor);
	return true;
}

/* What a descriptor of a process that stays leads to. */
static bool add_descriptor(void *context, const struct process *process,
			   int dir, const char *fd)
{
	struct world *world = context;
	struct going *going = world->going;
	unsigned long long inode;
	char link[64] = "";
	uint64_t device;

	if (readlinkat(dir, fd, link, sizeof(link) - 1) < 0)
		return true;
	if (sscanf(link, "socket:[%llu]", &inode) == 1) {
		if (set_has(&going->sockets, inode) &&
		    set_add(&going->stay, inode))
			keep_owner(going, process);
	} else if (sscanf(link, "mnt:[%llu]", &inode) == 1) {
		set_add(&world->mnt_living, inode);
	} else if (sscanf(link, "ipc:[%llu]", &inode) == 1) {
		set_add(&world->ipc_living, inode);
	} else if (*link == '/' && device_at(process, dir, fd, &device)) {
		set_add(&world->pinned, device);
	}
	return true;
}

static void add_descriptors(void *context, const char *pid)
{
	static const char *const places[] = { "root", "cwd" };
	struct world *world = context;
	struct process process;
	uint64_t device;
	size_t i;

	if (!stays(world, pid) || !process_open(&process, pid))
		return;
	for (i = 0; i < 2; i++)
		if (device_at(&process, process.dir, places[i], &device))
			set_add(&world->pinned, device);
	process_each_fd(&process, add_descriptor, world);
	process_close(&process);
}

/* Whether the nr-th of an object's holders is, or is told of, a process that goes. */
static bool is_of_going(const struct going *going, const struct object *object,
			size_t nr)
{
	return set_has(&going->words,
			object_other_word(going->objects, object, HOLDERS, nr,
					  "pid"));
}

/* The socket that is the nr-th of an object's holders. */
static uint64_t socket_of(const struct going *going,
			  const struct object *object, size_t nr)
{
	return object_other_number(going->objects, object, HOLDERS, nr,
				   "detail");
}

/* The sockets with something in flight that the processes that go have. */
static void find_sockets(struct going *going)
{
	const struct objects *objects = going->objects;
	size_t i, nr;

	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		for (nr = 0; nr < object->in[HOLDERS].count; nr++)
			if (!strcmp(object_other(objects, object, HOLDERS, nr,
						 "by"), "socket") &&
			    is_of_going(going, object, nr))
				set_add(&going->sockets,
					socket_of(going, object, nr));
	}
}

/* Whether two processes share their descriptors; of the past, that is not known. */
static bool share(uint64_t one, uint64_t other)
{
	return !moment_is_past() &&
	       !syscall(SYS_kcmp, one, other, KCMP_FILES, 0, 0);
}

/* Whether all processes that share descriptors with one of them go, too. */
static bool all_go(const struct going *going, const char *pid, uint64_t sharing)
{
	uint64_t count = 1, own = strtoull(pid, NULL, 10);
	size_t i;

	for (i = 0; i < going->pids.count && count < sharing; i++)
		if (going->pids.list[i] != own &&
		    share(own, going->pids.list[i]))
			count++;
	return count >= sharing;
}

/* The processes whose descriptors stay, as others share them. */
static void find_shared(struct going *going)
{
	const struct objects *objects = going->objects;
	struct set known = {};
	size_t i, nr;

	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		for (nr = 0; nr < object->in[HOLDERS].count; nr++) {
			uint64_t sharing;
			uint32_t pid;

			if (!object_is_process(objects, object, nr) ||
			    !is_of_going(going, object, nr))
				continue;
			pid = object_other_word(objects, object, HOLDERS, nr,
						"pid");
			sharing = object_sharing(objects, object, nr);
			if (sharing > 1 && set_add(&known, pid) &&
			    !all_go(going, pool_text(objects->pool, pid),
				    sharing))
				set_add(&going->shared, pid);
		}
	}
	set_free(&known);
}

static bool any_ends(const struct set *in, const struct set *living)
{
	size_t i;

	for (i = 0; i < in->count; i++)
		if (!set_has(living, in->list[i]))
			return true;
	return false;
}

/* Namespaces live on as files that are mounted in one that does. */
static void find_living(struct world *world)
{
	size_t i, nr;

	for (nr = 0; nr < world->mnt_living.count; nr++)
		for (i = 0; i < world->mount_count; i++) {
			const struct mount *mount = &world->mounts[i];

			if (mount->namespace != world->mnt_living.list[nr])
				continue;
			if (mount->what == MNT_FILE)
				set_add(&world->mnt_living, mount->of);
			else if (mount->what == IPC_FILE)
				set_add(&world->ipc_living, mount->of);
		}
}

/* What stays of an object's holders besides names; NULL for nothing. */
static char *holder_left(const struct going *going,
			 const struct object *object);

/* A file system stays as well where something on it does. */
static void find_devices(struct world *world)
{
	struct going *going = world->going;
	const struct objects *objects = going->objects;
	struct set living = {};
	size_t i;

	for (i = 0; i < world->mount_count; i++)
		if (world->mounts[i].what == FILES &&
		    set_has(&world->mnt_living, world->mounts[i].namespace))
			set_add(&living, world->mounts[i].of);
	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];
		uint64_t device = device_key(object->major, object->minor);
		char *left;

		if (is_internal(objects, object) || set_has(&living, device))
			continue;
		left = holder_left(going, object);
		if (left)
			set_add(&living, device);
		free(left);
	}
	for (i = 0; i < world->mount_count; i++)
		if (world->mounts[i].what == FILES &&
		    !set_has(&living, world->mounts[i].of) &&
		    !set_has(&world->pinned, world->mounts[i].of))
			set_add(&going->devices, world->mounts[i].of);
	set_free(&living);
}

static void find_namespaces(struct world *world)
{
	struct going *going = world->going;
	size_t i;

	for (i = 0; i < world->ipc_going.count; i++)
		if (!set_has(&world->ipc_living, world->ipc_going.list[i]))
			set_add(&going->ipcs, world->ipc_going.list[i]);
	if (any_ends(&world->mnt_going, &world->mnt_living))
		find_devices(world);
}

/* Where the kernel removes segments that nobody has attached any more. */
static void find_forced(struct going *going)
{
	char *path = xasprintf("%s/sys/kernel/shm_rmid_forced", proc_dir);
	FILE *file = fopen(path, "r");
	struct process self;

	free(path);
	if (!file)
		return;
	if (fgetc(file) == '1' && process_open(&self, "self")) {
		process_namespace(&self, "ns/ipc", &going->forced);
		process_close(&self);
	}
	fclose(file);
}

/**
 * going_find - find what goes with what was added
 * @going: what goes
 *
 * Ends the program, with an explanation, if a name is not that of an object.
 */
void going_find(struct going *going)
{
	struct world world = { .going = going };
	size_t i;

	sort_names(going);
	check_names(going);
	for (i = 0; i < going->pids.count; i++) {
		char text[24];

		snprintf(text, sizeof(text), "%llu",
			 (unsigned long long)going->pids.list[i]);
		set_add(&going->words, pool_add(going->objects->pool, text,
						strlen(text)));
	}
	if (!going->pids.count)
		return;
	find_sockets(going);
	find_shared(going);
	find_forced(going);
	process_each(add_namespaces, &world);
	/* Not all that were in the namespaces of the recorder are recorded. */
	if (moment_is_past())
		add_namespaces(&world, "self");
	if (going->sockets.count ||
	    any_ends(&world.mnt_going, &world.mnt_living) ||
	    any_ends(&world.ipc_going, &world.ipc_living))
		process_each(add_descriptors, &world);
	find_living(&world);
	find_namespaces(&world);
	free(world.mounts);
	set_free(&world.roots);
	set_free(&world.mnt_living);
	set_free(&world.mnt_going);
	set_free(&world.ipc_living);
	set_free(&world.ipc_going);
	set_free(&world.pinned);
}

/* Whether the nr-th of an object's rows in holders goes. */
static bool row_goes(const struct going *going, const struct object *object,
		     size_t nr)
{
	const struct objects *objects = going->objects;

	if (!is_of_going(going, object, nr))
		return false;
	if (object_is_process(objects, object, nr))
		return !set_has(&going->shared,
				 object_other_word(objects, object, HOLDERS, nr,
						   "pid")) ||
		       !object_other_number(objects, object, HOLDERS, nr,
					    "fds");
	return !set_has(&going->stay, socket_of(going, object, nr));
}

/* How many names, of files or of a segment, go and stay. */
struct names {
	uint64_t go;
	uint64_t stay;
};

/* Whether a process that goes has an object, by whatever. */
static bool any_goes(const struct going *going, const struct object *object)
{
	size_t nr;

	for (nr = 0; nr < object->in[HOLDERS].count; nr++)
		if (is_of_going(going, object, nr))
			return true;
	return false;
}

static struct names count_names(const struct going *going,
				const struct object *object)
{
	const struct objects *objects = going->objects;
	uint64_t count, namespace, named = 0;

	if (!object_named(objects, object))
		return (struct names){};
	if (object_is_segment(objects, object)) {
		if (!object->in[SEGMENTS].count)
			return (struct names){ 0, 1 };
		namespace = object_other_number(objects, object, SEGMENTS, 0,
						"ipcns");
		count = set_has(&going->ipcs, namespace) ||
			(namespace == going->forced &&
			 any_goes(going, object));
		return (struct names){ count, !count };
	}
	count = table_number(&objects->table, object->row,
			     table_column(&objects->table, "nlink"));
	if (set_has(&going->devices, device_key(object->major, object->minor)))
		return (struct names){ count, 0 };
	if (!is_internal(objects, object))
		named = names_of(going, object);
	if (named > count)
		named = count;
	return (struct names){ named, count - named };
}

/*
 * Whether a process has an object of this name itself, or there is one that
 * nothing else explains: then its io_uring is likely to have that one.
 */
static bool has_another(const struct objects *objects,
			const struct object *object, const char *pid)
{
	const char *name = object_cell(objects, object, "name");
	size_t i, nr;

	for (i = 0; i < objects->count; i++) {
		const struct object *other = &objects->list[i];

		if (other == object ||
		    strcmp(object_cell(objects, other, "name"), name))
			continue;
		if (object_holder_unknown(objects, other))
			return true;
		for (nr = 0; nr < other->in[HOLDERS].count; nr++)
			if (!strcmp(object_other(objects, other, HOLDERS, nr,
						 "pid"), pid))
				return true;
	}
	return false;
}

/* The first io_uring that stays and is likely to have an object. */
static const struct ring *ring_left(const struct going *going,
				    const struct object *object,
				    const struct ring *ring)
{
	for (; ring; ring = ring->next)
		if (!set_has(&going->pids, strtoull(ring->pid, NULL, 10)) &&
		    (object_holder_unknown(going->objects, object) ||
		     !has_another(going->objects, object, ring->pid)))
			break;
	return ring;
}

/* A holder that stays, although a process that goes has it, too. */
static char *row_text(const struct going *going, const struct object *object,
		      size_t nr)
{
	const struct objects *objects = going->objects;
	uint64_t socket;
	char *text, *more;

	text = holder_text(objects, object, nr);
	if (!is_of_going(going, object, nr))
		return text;
	if (object_is_process(objects, object, nr)) {
		more = xasprintf("%s, which shares its descriptors", text);
	} else {
		socket = socket_of(going, object, nr);
		more = xasprintf("socket %llu of %s", (unsigned long long)socket,
				 going->owners[set_find(&going->stay, socket)]);
	}
	free(text);
	return more;
}

static char *holder_left(const struct going *going,
			 const struct object *object)
{
	const struct objects *objects = going->objects;
	bool unknown = object_holder_unknown(objects, object);
	const struct ring *rings, *left;
	const char *loop;
	size_t nr;

	for (nr = 0; !unknown && nr < object->in[HOLDERS].count; nr++)
		if (!row_goes(going, object, nr))
			return row_text(going, object, nr);
	loop = object_keeper(objects, object, &rings);
	if (loop)
		return xasprintf("loop %s", loop);
	left = ring_left(going, object, rings);
	if (left)
		return ring_text(left);
	return unknown && !rings ? xstrdup("unknown") : NULL;
}

/* Whether something of an object goes, after going_find(). */
bool going_has(const struct going *going, const struct object *object)
{
	const struct ring *ring;

	if (count_names(going, object).go || any_goes(going, object))
		return true;
	if (!going->pids.count ||
	    !object_holder_unknown(going->objects, object) ||
	    object_keeper(going->objects, object, &ring))
		return false;
	for (; ring; ring = ring->next)
		if (set_has(&going->pids, strtoull(ring->pid, NULL, 10)))
			return true;
	return false;
}

/**
 * going_keeper - what still keeps an object
 * @going: what goes, after going_find()
 * @object: the object
 *
 * Return: one holder that stays, to be freed; NULL if there is none.
 */
char *going_keeper(const struct going *going, const struct object *object)
{
	char *text = holder_left(going, object);

	if (text || !count_names(going, object).stay)
		return text;
	return xasprintf("name %s",
			 object_cell(going->objects, object, "name"));
}

void going_free(struct going *going)
{
	size_t i;

	for (i = 0; i < going->count; i++)
		free(going->names[i].base);
	free(going->names);
	for (i = 0; i < going->stay.count; i++)
		free(going->owners[i]);
	free(going->owners);
	set_free(&going->pids);
	set_free(&going->words);
	set_free(&going->devices);
	set_free(&going->ipcs);
	set_free(&going->sockets);
	set_free(&going->stay);
	set_free(&going->shared);
	*going = (struct going){};
}

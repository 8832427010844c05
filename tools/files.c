// SPDX-License-Identifier: GPL-2.0
/*
 * Reads files that other programs and other users wrote.
 *
 * A directory is opened only where no mount on the way may ask a server, such as
 * that of NFS, FUSE or autofs, and only kept if it is on no such mount itself.
 * Below it, neither symbolic links nor mount points are followed, which the
 * kernel sees to: so a user may mount what they like on their directories at any
 * moment. Only regular files are read, whose owner is the expected one, without
 * waiting for a lease, and no more of them than so many bytes.
 */
#include <dirent.h>
#include <fcntl.h>
#include <libmount.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"
#include "moment.h"
#include "note.h"
#include "process.h"
#include "text.h"
#include "xalloc.h"

/* Names in a directory. */
#define MAX_NAMES	100000

/* Of Linux 5.8; older headers do not have it. */
#ifndef STATX_MNT_ID
#define STATX_MNT_ID	0x1000
#endif

const char *root_dir = "";

/* Those that answer from memory or a disk of this machine. */
bool is_local_type(const char *type)
{
	static const char *const local[] = {
		"bdev", "bpf", "btrfs", "cgroup", "cgroup2", "configfs",
		"debugfs", "devpts", "devtmpfs", "efivarfs", "erofs", "exfat",
		"ext2", "ext3", "ext4", "f2fs", "fusectl", "hugetlbfs",
		"iso9660", "mqueue", "nsfs", "overlay", "proc", "pstore",
		"ramfs", "rootfs", "securityfs", "selinuxfs", "squashfs",
		"sysfs", "tmpfs", "tracefs", "udf", "vfat", "xfs", "zfs", NULL
	};

	return is_one_of(type, local);
}

/* Who owns what the machine's administrator made: root, but in tests. */
uid_t root_owner(void)
{
	struct stat st;

	return *root_dir && !moment_is_past() && !stat(root_dir, &st) ?
	       st.st_uid : 0;
}

/* The mounts of our own namespace, as they are now. NULL if unknown. */
static struct libmnt_table *read_mounts(void)
{
	struct libmnt_table *table = xcheck(mnt_new_table());

	if (!mnt_table_parse_file(table, PROC_DIR "/self/mountinfo"))
		return table;
	mnt_unref_table(table);
	return NULL;
}

/* Read once: what is mounted on the way to what root made is not users' choice. */
static struct libmnt_table *mounts(void)
{
	static struct libmnt_table *table;
	static bool known;

	if (!known)
		table = read_mounts();
	known = true;
	return table;
}

static bool is_below(const char *path, const char *mount)
{
	size_t length = strlen(mount);

	if (length && mount[length - 1] == '/')
		length--;
	return !strncmp(path, mount, length) &&
	       (path[length] == '/' || !path[length]);
}

/* Whether no mount on the way to a path may ask a server. */
static bool is_way_local(const char *path)
{
	struct libmnt_iter *iter;
	struct libmnt_fs *fs;
	bool local = mounts();

	if (!local)
		return false;
	iter = xcheck(mnt_new_iter(MNT_ITER_FORWARD));
	while (local && !mnt_table_next_fs(mounts(), iter, &fs))
		local = !is_below(path, mnt_fs_get_target(fs) ?: "/") ||
			is_local_type(mnt_fs_get_fstype(fs) ?: "");
	mnt_free_iter(iter);
	return local;
}

/* Whether what was opened is on a mount that asks nobody; asks nobody. */
static bool is_mount_local(int fd, struct libmnt_table *table)
{
	struct libmnt_iter *iter;
	struct libmnt_fs *fs;
	bool local = false;
	struct statx st;

	if (!table ||
	    statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID,
		  &st) || !(st.stx_mask & STATX_MNT_ID))
		return false;
	iter = xcheck(mnt_new_iter(MNT_ITER_FORWARD));
	while (!local && !mnt_table_next_fs(table, iter, &fs))
		local = (uint64_t)mnt_fs_get_id(fs) == st.stx_mnt_id &&
			is_local_type(mnt_fs_get_fstype(fs) ?: "");
	mnt_free_iter(iter);
	return local;
}

/* Paths of what is open, by descriptor, where what is read is recorded. */
static char **open_paths;
static size_t open_count;

static void keep_path(int fd, const char *path)
{
	if (!note_record || fd < 0)
		return;
	while ((size_t)fd >= open_count) {
		open_paths = xreallocarray(open_paths, open_count + 1,
					   sizeof(*open_paths));
		open_paths[open_count++] = NULL;
	}
	free(open_paths[fd]);
	open_paths[fd] = xstrdup(path);
}

/**
 * files_note - what is used of a file, if that is to be recorded
 * @dir: from files_open()
 * @path: below that
 * @content: what is used of it
 */
void files_note(int dir, const char *path, const char *content)
{
	char *whole;

	if (!note_record || (size_t)dir >= open_count || !open_paths[dir])
		return;
	whole = xasprintf("%s/%s", open_paths[dir] + 1, path);
	note_text(whole, content);
	free(whole);
}

static int open_beneath(int dir, const char *path, int flags,
			uint64_t resolve)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = resolve | RESOLVE_NO_MAGICLINKS,
	};

	return syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

/**
 * files_open - open a directory below which files are read
 * @path: the directory
 * @others: whether others than root may mount there, or replace it by a link
 *
 * Return: a descriptor for files_read(); -1 if there is no such directory, or one
 *	that may have to ask a server.
 */
int files_open(const char *path, bool others)
{
	char *full = xasprintf("%s%s", root_dir, path);
	struct libmnt_table *table;
	int fd = -1;

	/* Files of our own. */
	if (moment_is_past()) {
		fd = open_beneath(AT_FDCWD, full, O_PATH | O_DIRECTORY, 0);
		free(full);
		return fd;
	}
	if (is_way_local(full))
		fd = open_beneath(AT_FDCWD, full, O_PATH | O_DIRECTORY,
				  others ? RESOLVE_NO_SYMLINKS : 0);
	free(full);
	if (fd < 0)
		return -1;
	keep_path(fd, path);
	/* While it is open, its mount's number is not given to another one. */
	table = others ? read_mounts() : mounts();
	if (!is_mount_local(fd, table)) {
		close(fd);
		fd = -1;
	}
	if (others && table)
		mnt_unref_table(table);
	return fd;
}

static char *read_all(int fd, size_t max, size_t *length)
{
	char *text = xmalloc(max + 1);
	ssize_t got;

	*length = 0;
	while ((got = read(fd, text + *length, max + 1 - *length)) > 0)
		*length += got;
	if (!got && *length && *length <= max)
		return text;
	free(text);
	return NULL;
}

/**
 * files_read - read a file
 * @dir: from files_open()
 * @path: below that
 * @owner: who has to own it
 * @max: bytes it may have
 * @length: how many it has
 *
 * Return: what is in it, to be freed; NULL if there is no such file.
 */
char *files_read(int dir, const char *path, uid_t owner, size_t max,
		 size_t *length)
{
	char *text = NULL;
	struct stat st;
	int fd;

	fd = open_beneath(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY |
			  O_NOFOLLOW, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			  RESOLVE_NO_XDEV);
	if (fd < 0)
		return NULL;
	/* Whose it was, the recorder has seen to. */
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    (st.st_uid == owner || moment_is_past()) &&
	    st.st_size > 0 && (uint64_t)st.st_size <= max)
		text = read_all(fd, st.st_size, length);
	close(fd);
	return text;
}

/* Of what is in a directory, no more than the name is used. */
static void note_name(const char *path, const char *name)
{
	char *whole;

	if (!note_record)
		return;
	whole = xasprintf("%s/%s/", path + 1, name);
	note_text(whole, "");
	free(whole);
}

/* Calls a function for each name in a directory that root made. */
void files_each(const char *path,
		void (*visit)(void *context, const char *name), void *context)
{
	int base = files_open(path, false), fd;
	size_t count = 0;
	struct dirent *entry;
	DIR *dir;

	if (base < 0)
		return;
	fd = openat(base, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(base);
	if (fd < 0)
		return;
	dir = xcheck(fdopendir(fd));
	while (count++ < MAX_NAMES && (entry = readdir(dir)))
		if (*entry->d_name != '.') {
			note_name(path, entry->d_name);
			visit(context, entry->d_name);
		}
	closedir(dir);
}

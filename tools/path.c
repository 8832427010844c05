// SPDX-License-Identifier: GPL-2.0
/*
 * Paths of objects, from where their file systems are mounted, as libmount
 * reads it: in our own mount namespace, else in that of any process, which
 * /proc/PID/root leads into.
 */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <libmount.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "path.h"
#include "table.h"
#include "text.h"

/**
 * struct place - where a part of a file system is mounted
 * @dev: the file system's device
 * @nr: the how many-th it was found as, our own namespace first
 * @through: what leads into the mount namespace; empty for our own
 * @target: where it is mounted there
 * @root: which of its folders, "" for all of it
 */
struct place {
	dev_t dev;
	size_t nr;
	char *through;
	char *target;
	char *root;
};

/* Ordered by device, then as they were found. */
static struct place *places;
static size_t count;

static char *copy(const char *text)
{
	char *result = strdup(text);

	if (!result)
		err(1, "mounts");
	return result;
}

/* As the kernel's tables have names; nothing for "/", as more follows. */
static char *escape(const char *path)
{
	return escape_text(path, strcmp(path, "/") ? strlen(path) : 0);
}

static void add_mounts(const char *mountinfo, const char *through)
{
	struct libmnt_table *table = mnt_new_table_from_file(mountinfo);
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;

	/* A process may end meanwhile. */
	while (table && iter && !mnt_table_next_fs(table, iter, &fs)) {
		const char *target = mnt_fs_get_target(fs);
		const char *root = mnt_fs_get_root(fs);

		places = reallocarray(places, count + 1, sizeof(*places));
		if (!places)
			err(1, "mounts");
		places[count] = (struct place) {
			.dev = mnt_fs_get_devno(fs),
			.nr = count,
			.through = copy(through),
			.target = escape(target),
			.root = escape(root ?: "/"),
		};
		count++;
	}
	mnt_free_iter(iter);
	mnt_unref_table(table);
}

/* Inode numbers of namespaces that were seen. */
static ino_t *seen;
static size_t seen_count;

static int is_new(ino_t ns)
{
	size_t i;

	for (i = 0; i < seen_count; i++)
		if (seen[i] == ns)
			return 0;
	seen = reallocarray(seen, seen_count + 1, sizeof(*seen));
	if (!seen)
		err(1, "mounts");
	seen[seen_count++] = ns;
	return 1;
}

static int by_device(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->dev > y->dev) - (x->dev < y->dev) ?:
	       (x->nr > y->nr) - (x->nr < y->nr);
}

/* The first of those on a device; a host of containers has many thousands. */
static size_t first_place(dev_t dev)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (places[middle].dev < dev)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void find_places(void)
{
	struct dirent *entry;
	char path[PATH_MAX];
	struct stat st;
	DIR *proc;

	snprintf(path, sizeof(path), "%s/self/ns/mnt", proc_folder);
	if (!stat(path, &st))
		is_new(st.st_ino);
	snprintf(path, sizeof(path), "%s/self/mountinfo", proc_folder);
	add_mounts(path, "");
	proc = opendir(proc_folder);
	while (proc && (entry = readdir(proc))) {
		char through[300];

		if (!isdigit(*entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%s/ns/mnt", proc_folder,
			 entry->d_name);
		if (stat(path, &st) || !is_new(st.st_ino))
			continue;
		snprintf(path, sizeof(path), "%s/%s/mountinfo", proc_folder,
			 entry->d_name);
		snprintf(through, sizeof(through), "/proc/%s/root",
			 entry->d_name);
		add_mounts(path, through);
	}
	if (proc)
		closedir(proc);
	if (count)
		qsort(places, count, sizeof(*places), by_device);
}

/* Undoes the kernel's "\ooo". */
static void decode(char *text)
{
	char *out = text;

	while (*text) {
		int byte = octal_byte(text);

		if (byte >= 0) {
			*out++ = byte;
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	*out = '\0';
}

/* It may be covered by another mount, or have no name any more. */
static bool leads_to(const char *path, const char *id)
{
	char *name = copy(path), start[64];
	struct stat st;
	bool gone;

	decode(name);
	gone = lstat(name, &st);
	free(name);
	if (gone)
		return false;
	snprintf(start, sizeof(start), "%u:%u:%ju:", major(st.st_dev),
		 minor(st.st_dev), (uintmax_t)st.st_ino);
	return !strncmp(id, start, strlen(start));
}

/**
 * object_path - a path that leads to an object
 * @id: the object's id
 * @name: its name inside its file system, as the kernel writes it
 *
 * Return: the path, with the kernel's "\ooo" in it, until the next call; NULL
 *	if there is none.
 */
const char *object_path(const char *id, const char *name)
{
	static char *path;
	unsigned int maj, min;
	dev_t dev;
	size_t i;

	if (*name != '/' || sscanf(id, "%u:%u:", &maj, &min) != 2)
		return NULL;
	if (!places)
		find_places();
	dev = makedev(maj, min);
	for (i = first_place(dev); i < count && places[i].dev == dev; i++) {
		struct place *place = &places[i];
		size_t length = strlen(place->root);

		/* It may be mounted itself. */
		if (strncmp(name, place->root, length) ||
		    (name[length] && name[length] != '/'))
			continue;
		free(path);
		if (asprintf(&path, "%s%s%s", place->through, place->target,
			     name + length) < 0)
			err(1, "path");
		if (leads_to(path, id))
			return path;
	}
	return NULL;
}
